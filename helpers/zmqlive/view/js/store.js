// Everything that was heard, in order of time and in bounded memory. Older history keeps its snapshots and states only.
import { Book } from "./book.js";

const CAP = 60000,
  KEEP = 40000,
  OLD_CAP = 12000,
  SERIES_CAP = 3000;
const LASTING = new Set(["n", "k", "l", "m", "b", "u"]);

/** Is it known where the messages of an edge wait? (In work is known without it.) */
export const placesKnown = x => !!x && x.slice(0, 3).some(v => v !== null && v !== undefined);

/** Where a sent message waits by its event: on an edge, or at its socket's door. */
const place = s => (s[2] >= 0 ? s[2] : "d" + s[5]);

export class Store {
  constructor(topo) {
    this.ev = [];
    this.topo = { roles: [], sockets: [], edges: [] };
    this.topoVersion = 0;
    this.born = new Map(); // "s3" / "e5" → ms; what a replay says, or when a live view first heard of it
    this.gone = new Map();
    this.down = new Map(); // edge id → [[from, to], …]: spans in which the edge was not up
    this.weather = []; // {link, what, from, to}: what was done to a link, from its marks
    this.series = new Series();
    this.marks = []; // {t, text}
    this.spans = []; // blocked: {socket, from, to}
    this.now = 0;
    this.floor = 0; // events before this index are drawn already: late ones go after it
    this.sends = new Map(); // message id → its "s" event, to correct a predicted edge before it is drawn
    this.depth = new Map(); // edge id, or "d" and the socket whose door it is → messages waiting
    this.compacted = 0;
    this.book = new Book();
    this.xray = new Set(); // edges for which queue x-ray data came
    if (topo) this.setTopo(topo, 0);
  }

  setTopo(topo, now) {
    this.topo = topo;
    this.topoVersion++;
    const first = this.topoVersion === 1;
    const note = (key, item) => {
      if (item.born !== undefined) this.born.set(key, item.born);
      else if (!this.born.has(key)) this.born.set(key, first ? 0 : now);
      if (item.gone !== undefined && item.gone !== null) this.gone.set(key, item.gone);
      else if (item.closed && !this.gone.has(key)) this.gone.set(key, now);
      else if (!item.closed && item.gone === undefined) this.gone.delete(key);
    };
    for (const s of topo.sockets || []) note("s" + s.id, s);
    for (const e of topo.edges || []) {
      note("e" + e.id, { born: e.born, gone: e.gone });
      const spans = this.down.get(e.id) || [],
        last = spans[spans.length - 1];
      if (e.up === false && !(last && last[1] === Infinity)) spans.push([now, Infinity]);
      if (e.up !== false && last && last[1] === Infinity) last[1] = now;
      this.down.set(e.id, spans);
    }
  }

  alive(key, t) {
    return t >= (this.born.get(key) ?? 0) && t < (this.gone.get(key) ?? Infinity);
  }

  /** "cut", "half-open"… or "" when messages can pass over the edge at t. */
  trouble(edge, t) {
    const w = edge.via && this.weather.find(s => s.link === edge.via && t >= s.from && t < s.to);
    if (w) return w.what;
    // A closed socket takes its edges along: that is an end, not a cut.
    const whole = this.alive("s" + edge.a, t) && this.alive("s" + edge.b, t);
    return whole && (this.down.get(edge.id) || []).some(([a, b]) => t >= a && t < b) ? "cut" : "";
  }

  mark(t, text) {
    this.marks.push({ t, text });
    const [, what, link] = text.match(/^(cut|half-open|half_open|hold|mend|release|reset) (.+)$/) || [];
    if (!what) return;
    for (const s of this.weather) if (s.link === link && s.to === Infinity) s.to = t;
    if (what !== "mend" && what !== "release")
      this.weather.push({ link, what: what.replace("_", "-"), from: t, to: what === "reset" ? t + 600 : Infinity });
  }

  /** Takes a live batch (or a whole replay as one). Returns true when the topology changed. */
  push(batch) {
    const changed = !!batch.topo;
    if (batch.topo) this.setTopo(batch.topo, batch.now);
    for (const e of batch.ev || []) this.add(e);
    if (batch.n) this.add([batch.now, "n", batch.n]);
    if (batch.now !== undefined) this.now = Math.max(this.now, batch.now);
    if (this.ev.length > CAP) this.compact();
    return changed;
  }

  add(e) {
    const ev = this.ev,
      t = e[0];
    let i = ev.length;
    while (i > this.floor && ev[i - 1][0] > t) i--;
    if (i === ev.length) ev.push(e);
    else ev.splice(i, 0, e);
    this.learn(e);
  }

  learn(e) {
    const [t, kind, where] = e;
    this.book.note(e);
    if (kind === "s") {
      this.sends.set(e[4], e);
      if (this.sends.size > 4000)
        for (const id of this.sends.keys()) {
          this.sends.delete(id);
          if (this.sends.size <= 3000) break;
        }
      this.bump(t, place(e), 1);
    } else if (kind === "h") {
      const s = this.sends.get(e[4]);
      if (s && !s.sure) {
        this.bump(t, place(s), -1);
        this.bump(t, where, 1);
        s.way = where;
      }
    } else if (kind === "r" || kind === "x") {
      const s = this.sends.get(e[4]);
      if (s && (s.way ?? s[2]) !== where && !s.sure) {
        // the prediction was wrong, or there was none
        this.bump(t, s.way ?? place(s), -1);
        this.bump(t, where, 1);
        if (this.alive("e" + where, s[0])) {
          s[2] = where;
          s[3] = e[3];
        }
      }
      if (s) s.sure = true;
      this.bump(t, where >= 0 || !s ? where : place(s), -1);
      if (kind === "r" && s) s.got = e;
    } else if (kind === "d") {
      const s = this.sends.get(e[3]);
      if (s && s.got) {
        s.got.done = t;
        this.sends.delete(e[3]);
      }
    } else if (kind === "b") this.spans.push({ socket: where, from: t, to: Infinity });
    else if (kind === "u") {
      for (let i = this.spans.length - 1; i >= 0; i--)
        if (this.spans[i].socket === where) {
          this.spans[i].to = Math.min(this.spans[i].to, t);
          break;
        }
    } else if (kind === "m") this.mark(t, String(where));
    else if (kind === "k") {
      if (e[3] !== "running" && e[3] !== "ended" && e[3] !== "stopped")
        this.marks.push({ t, text: `${where} ${e[3]}` });
    } else if (kind === "n") this.snapshot(t, e[2]);
    if (this.spans.length > 2000) this.spans.splice(0, 500);
    if (this.marks.length > 400) this.marks.splice(0, 100);
    this.now = Math.max(this.now, t);
  }

  bump(t, edge, by) {
    this.depth.set(edge, Math.max(0, (this.depth.get(edge) || 0) + by));
    this.series.put(t, this.total());
  }

  snapshot(t, n) {
    if (n.door) {
      for (const key of this.depth.keys()) if (typeof key === "string") this.depth.delete(key);
      for (const id in n.door) this.depth.set("d" + id, n.door[id]);
    }
    for (const id in n.e || {}) this.depth.set(+id, (n.e[id][2] || 0) + (n.e[id][6] || 0));
    for (const id in n.x || {}) if (placesKnown(n.x[id])) this.xray.add(+id);
    this.series.put(t, this.total());
  }

  total() {
    let sum = 0;
    for (const d of this.depth.values()) sum += d;
    return sum;
  }

  /** Drops single messages of the older part; snapshots there become sparser each time. */
  compact() {
    const cut = this.ev.length - KEEP,
      head = [];
    let lastN = -Infinity;
    for (let i = 0; i < cut; i++) {
      const e = this.ev[i];
      if (!LASTING.has(e[1])) continue;
      if (e[1] === "n") {
        if (e[0] - lastN < 200) continue;
        lastN = e[0];
      }
      head.push(e);
    }
    const thin = head.length > OLD_CAP ? head.filter((e, i) => "klm".includes(e[1]) || i % 2 === 0) : head;
    const removed = cut - thin.length;
    this.ev = thin.concat(this.ev.slice(cut));
    this.floor = Math.max(0, this.floor - removed);
    this.compacted += removed;
  }

  start() {
    return this.ev.length ? Math.min(0, this.ev[0][0]) : 0;
  }
}

/** Depth of all queues over time: points closer than a grain are one (the deepest); the grain doubles when full. */
export class Series {
  constructor() {
    this.t = [];
    this.d = [];
    this.grain = 20;
  }
  put(t, depth) {
    const n = this.t.length;
    if (n && t - this.t[n - 1] < this.grain) {
      this.d[n - 1] = t >= this.t[n - 1] && this.grain <= 40 ? depth : Math.max(this.d[n - 1], depth);
      return;
    }
    if (n && this.d[n - 1] === depth && n > 1 && this.d[n - 2] === depth) {
      this.t[n - 1] = t;
      return;
    }
    this.t.push(t);
    this.d.push(depth);
    if (n < SERIES_CAP) return;
    this.grain *= 2;
    const T = this.t,
      D = this.d;
    this.t = [];
    this.d = [];
    for (let i = 0; i < T.length; i += 2) {
      this.t.push(T[i]);
      this.d.push(Math.max(D[i], D[i + 1] ?? 0));
    }
  }
}
