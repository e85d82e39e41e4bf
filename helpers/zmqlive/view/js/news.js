// What comes from the kernel: batches, the history after a reload, errors, silence.
import { Store } from "./store.js";
import { State } from "./state.js";
import { el } from "./dom.js";
import { edgeName } from "./words.js";

const SILENCE = 4000,
  PATIENCE = 1500; // ms without a heartbeat; ms to wait for the history

export class News {
  constructor(parts) {
    Object.assign(this, parts);
    this.held = null; // batches that came before the history
    this.known = 0; // batches up to this number are in the history
    this.problem = "";
    this.listed = "";
  }

  begin() {
    const { source } = this;
    if (!source.live) {
      this.renew();
      return;
    }
    if (!source.ask) return;
    this.held = [];
    source.ask();
    setTimeout(() => {
      if (this.held) this.release();
    }, PATIENCE);
  }

  /** A replay's record, whole: the first one, or another one in its place. */
  renew() {
    const { view, source } = this,
      { topo, ev, dur, note } = source.replay;
    view.store = new Store();
    view.state = new State(view.store);
    view.colours.forget();
    view.store.push({ topo, ev: ev.map(e => e.slice()), now: dur || 0 });
    this.remark(note || "");
    this.rearrange();
  }

  push(batch) {
    this.clock.hear(batch.now);
    this.quiet(false);
    if (this.held) {
      this.held.push(batch);
      return;
    }
    if (!(batch.i <= this.known)) this.take(batch);
  }

  /** The whole history: after a page reload, or in a second display. */
  load(batch) {
    const { view } = this;
    view.store = new Store();
    view.state = new State(view.store);
    this.clock.hear(batch.now);
    this.known = batch.i || 0;
    this.take(batch, true);
    this.clock.T = Math.max(0, this.clock.target());
    this.release();
  }

  release() {
    const waiting = this.held || [];
    this.held = null;
    for (const b of waiting) this.push(b);
  }

  take(batch, whole = false) {
    const { view, bar, clock } = this,
      xrays = view.store.xray.size;
    const renewed = view.store.push(batch);
    if (renewed || view.store.xray.size !== xrays) this.rearrange();
    if (whole) view.state.floor = 0;
    if (batch.actions) bar.set(batch.actions);
    this.remark(batch.say || "");
    if (batch.error) this.error(batch.error);
    if (batch.ended) this.over();
    this.wake();
  }

  /** The flow has ended: nothing to press any more, but all of it can be replayed. */
  over() {
    this.clock.finished = true;
    this.bar.off();
    this.dom.live.disabled = true;
    this.dom.live.textContent = "Ended";
    this.showMode();
  }

  /** One sentence on how exact the record is. */
  remark(text) {
    if (this.dom.note.textContent !== text) this.dom.note.textContent = text;
    this.dom.note.hidden = !text;
  }

  error(text) {
    this.problem = text;
    this.show();
    clearTimeout(this.forget);
    this.forget = setTimeout(() => {
      this.problem = "";
      this.show();
    }, 8000);
  }

  check() {
    const { clock, source } = this;
    this.quiet(source.live && !clock.finished && performance.now() - clock.heard.at > SILENCE);
    this.failed = [...this.view.state.roles]
      .filter(([, r]) => r.state === "failed")
      .map(([role, r]) => (r.text.startsWith(role) ? r.text : `${role} failed${r.text ? ": " + r.text : "."}`));
    this.show();
  }

  quiet(silent) {
    this.silent = silent;
    if (!silent) this.show();
  }

  show() {
    const { banner } = this.dom,
      lines = [...(this.failed || [])];
    if (this.problem) lines.push(this.problem);
    if (this.silent)
      lines.push(
        "No news from the kernel: it was restarted, is very busy, or the view was closed. Run the cell again.",
      );
    const text = lines.join("\n");
    if (banner.textContent !== text) banner.textContent = text;
    banner.hidden = !text;
  }

  /** The choice of edges for the queue x-ray: the keyboard's way to what a click on an edge does. */
  listEdges(edges) {
    const { view, dom } = this,
      options = [["", "Queue x-ray …"]];
    const alive = new Set(edges.map(e => e.id));
    for (const r of view.graph.routes)
      if (r.edges.some(e => alive.has(e.id))) options.push([String(r.id), edgeName(view, r.edges[r.edges.length - 1])]);
    const text = JSON.stringify(options);
    if (text !== this.listed) {
      this.listed = text;
      dom.edges.replaceChildren(...options.map(([value, name]) => el("option", "", { value, text: name })));
    }
    dom.edges.value = view.chosen === null ? "" : String(view.chosen);
    dom.edges.hidden = options.length < 2;
  }
}
