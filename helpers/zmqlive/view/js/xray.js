// The queue x-ray: where the messages of one edge are. Plain HTML, so that it can be read aloud and copied.
import { bytes, num } from "./palette.js";
import { el } from "./dom.js";
import { fill } from "./fill.js";
import { inWork, placesOf, queueOf } from "./waiting.js";
import { edgeName } from "./words.js";

const METER = 150; // px, before it has been laid out
const PLACES = ["Sender's queue", "Kernel", "Receiver's queue", "In work"];

export function xrayPanel(onClose) {
  const title = el("span", "zl-xray-title"),
    note = el("span", "zl-xray-note");
  const close = el("button", "zl-mini", { type: "button", text: "×", "aria-label": "Close the queue x-ray" });
  close.onclick = onClose;
  const places = PLACES.map(name => {
    const level = el("i"),
      count = el("b", "", { text: "0" }),
      more = el("span"),
      meter = el("div", "zl-meter", {}, [level]);
    const label = el("div", "zl-place-name", { text: name });
    return {
      fill: level,
      meter,
      count,
      more,
      name: label,
      node: el("div", "zl-place", {}, [
        label,
        meter,
        el("div", "zl-place-count", {}, [count, more]),
      ]),
    };
  });
  const root = el("section", "zl-xray", { "aria-label": "Queue x-ray" }, [
    el("div", "zl-xray-head", {}, [el("b", "", { text: "Queue x-ray" }), title, note, close]),
    el(
      "div",
      "zl-places",
      {},
      places.map(p => p.node),
    ),
  ]);
  root.hidden = true;
  const set = (node, text) => {
    if (node.textContent !== text) node.textContent = text;
  };

  return {
    root,
    update(view, route) {
      root.hidden = !route;
      if (!route) return;
      const edge = view.current(route),
        queue = queueOf(view, route, 0),
        inproc = edge.transport === "inproc",
        known = placesOf(view, route),
        work = inWork(view, route),
        octets = (view.state.edge(edge.id).x || [])[4];
      set(title, edgeName(view, edge));
      set(
        note,
        `${edge.transport || ""}${edge.via ? " over the link " + edge.via : ""} · ${num(queue.n)} waiting${queue.mark === null ? "" : " of " + num(queue.mark)}${inproc ? " · one queue in this process, no kernel" : ""}`,
      );
      set(places[2].name, inproc ? "The one queue" : PLACES[2]);
      const queues = [...(known || [null, null, inproc ? queue : null]), work === null ? null : { n: work, mark: null }];
      queues.forEach((q, i) => {
        const p = places[i],
          width = p.meter.clientWidth || METER,
          away = inproc && i < 2;
        // Work is not a queue: one in hand is all there is, so that fills its meter.
        const length = !q ? 0 : i === 3 ? width * Math.min(1, q.n) : fill(q.n, q.mark, width, 0).length;
        p.fill.style.inlineSize = `${length.toFixed(1)}px`;
        p.node.classList.toggle("zl-full", !!q && !!q.full);
        set(p.count, q ? num(q.n) : i === 1 && octets ? bytes(octets) : away ? "–" : "?");
        set(p.more, q ? after(i, q, octets) : away || (i === 1 && octets) ? "" : i === 3 ? " too fast to tell" : " cannot be seen here");
      });
    },
  };
}

const after = (i, q, octets) =>
  i === 1 && octets ? ` ≈ ${bytes(octets)}` : q.mark ? ` / ${num(q.mark)}${q.full ? " full" : ""}` : "";
