// The moving layer: every message a dot that leaves, travels, waits, enters, is in work; dropped ones fall.
import { FALL } from "./state.js";
import { along } from "./paths.js";
import { placesKnown } from "./store.js";
import { font, lane, num } from "./palette.js";
import { ringAt } from "./boxes.js";
import { asDots, capacity, LEAST, pitch } from "./tube.js";

const spot = [0, 0],
  GLIDE = 75; // ms: how fast a waiting dot moves up
const ease = p => (p < 0.5 ? 2 * p * p : 1 - (2 - 2 * p) ** 2 / 2);

/** Times of a lane: to the queue, and from it. Long ways take longer, but not in proportion. */
const toQueue = l => 110 + 340 * l.q[0];
const fromQueue = l => 120 + 340 * (1 - l.q[1]);

const sprites = new Map();
function sprite(pal, colour, r, hollow, dpr) {
  const key = `${pal.name}${colour}${r}${hollow}${dpr}`;
  if (sprites.has(key)) return sprites.get(key);
  const c = document.createElement("canvas"),
    size = Math.ceil((r + 2) * 2 * dpr);
  c.width = c.height = size;
  const q = c.getContext("2d");
  q.scale(dpr, dpr);
  q.translate(size / dpr / 2, size / dpr / 2);
  q.beginPath();
  q.arc(0, 0, hollow ? r - 1 : r, 0, 7);
  q.fillStyle = hollow ? pal.bg : colour;
  q.fill();
  q.lineWidth = hollow ? Math.max(2, r * 0.45) : 1.3;
  q.strokeStyle = hollow ? colour : pal.bg;
  q.stroke();
  if (sprites.size > 200) sprites.clear();
  sprites.set(key, c);
  return c;
}

export function drawDots(g, view, dt, snap) {
  const { state, pal, T } = view,
    waiting = new Map(),
    flying = new Map();
  let moving = 0,
    shown = 0;
  const stamp = (x, y, colour, hollow, alpha, r) => {
    const s = sprite(pal, colour, r, hollow, view.dpr),
      size = s.width / view.dpr;
    g.globalAlpha = alpha;
    g.drawImage(s, x - size / 2, y - size / 2, size, size);
    shown++;
  };
  for (const m of state.msgs.values()) {
    if (T < m.ts) continue;
    const geo = m.edge < 0 ? null : view.geoOf(m.edge);
    if (!geo) {
      moving += outlet(view, m, stamp, waiting);
      continue;
    }
    const l = geo.lanes[m.dir] || geo.lanes[0],
      key = m.edge * 2 + m.dir,
      arrive = m.ts + toQueue(l),
      calm = view.calm;
    let alpha = 1;
    if (m.tr !== undefined && T >= Math.max(m.tr, arrive)) {
      const p = (T - Math.max(m.tr, arrive)) / fromQueue(l);
      if (p >= 1 || calm) continue;
      if (m.f0 === undefined) m.f0 = m.f === undefined || snap ? l.q[1] : m.f;
      m.f = m.f0 + (1 - m.f0) * ease(p);
      alpha = p > 0.8 ? 1 - (p - 0.8) * 4 : 1;
      moving++;
    } else if (T < arrive && !calm) {
      m.f = l.q[0] * ease((T - m.ts) / (arrive - m.ts));
      flying.set(key, (flying.get(key) || 0) + 1);
      moving++;
    } else {
      const k = waiting.get(key) || 0;
      waiting.set(key, k + 1);
      const to = placeInQueue(view, geo, l, m, k);
      const step = snap || calm || m.f === undefined ? 1 : 1 - Math.exp(-dt / GLIDE);
      m.f = (m.f === undefined ? to.f : m.f) + (to.f - (m.f ?? to.f)) * step;
      if (Math.abs(to.f - m.f) * l.whole > 0.4) moving++;
      alpha = to.hidden ? Math.max(0, 1 - (T - arrive) / 160) : 1;
      if (alpha > 0 && to.hidden) moving++;
    }
    along(l.pts, m.f, spot);
    if (m.bend) straighten(m, T);
    m.x = spot[0];
    m.y = spot[1];
    if (alpha > 0.02)
      stamp(m.x, m.y, lane(pal, view.colour.get(geo.id)), m.dir === 1, alpha, radius(view, geo, l, m.dir));
  }
  fillers(view, waiting, flying, stamp);
  moving += rings(g, view);
  moving += falls(g, view);
  g.globalAlpha = 1;
  view.shown = shown;
  return moving;
}

/** Dots of a lane are small enough for their places in its queue to be told apart. */
function radius(view, geo, l, dir) {
  const cap = capacity(view, view.current(geo.route), dir),
    place = l.rect && cap && cap <= 24 ? ((l.q[1] - l.q[0]) * l.whole) / cap : Infinity;
  return Math.round(2 * Math.min(view.geo.dot, l.thick * 0.42 + 0.8, place < LEAST ? Infinity : place * 0.5)) / 2;
}

/** A corrected message glides from where it was drawn to its right edge. */
function straighten(m, T) {
  const p = (T - m.bend.t) / 260;
  if (p >= 1 || p < 0) {
    m.bend = null;
    return;
  }
  const k = ease(p);
  spot[0] = m.bend.x + (spot[0] - m.bend.x) * k;
  spot[1] = m.bend.y + (spot[1] - m.bend.y) * k;
}

/** How far from the exit the k-th of `n` stands, as a share of the lane. */
const stand = (view, l, k, n, room) => ((k + 0.5) * pitch(view, n, room) + 2) / l.whole;

/** Place k of a queue; `hidden` where the queue is drawn as a bar. */
function placeInQueue(view, geo, l, m, k) {
  const [q0, q1] = l.q;
  if (!l.rect) return { f: q1, hidden: true };
  const edge = view.current(geo.route),
    c = view.state.edge(m.edge);
  if (geo.xray && m.dir === 0 && placesKnown(c.x)) {
    const third = (q1 - q0) / 3,
      inR = c.x[2] || 0,
      inK = c.x[1] || 0,
      cell = k < inR ? 0 : k < inR + inK ? 1 : 2;
    const before = [0, inR, inR + inK][cell],
      n = [inR, inK, c.x[0] || 0][cell];
    if (asDots(view, n, third * l.whole))
      return { f: q1 - cell * third - stand(view, l, k - before, n, third * l.whole), hidden: k - before >= n };
    return { f: q1 - third * (cell + 0.5), hidden: true };
  }
  const cap = capacity(view, edge, m.dir);
  const size = cap && cap <= 24 ? (q1 - q0) / cap : 0;
  if (!size || size * l.whole < LEAST) {
    const depth = c.depth[m.dir],
      fill = cap ? Math.min(1, depth / cap) : depth / (depth + 60);
    const room = (q1 - q0) * l.whole;
    if (asDots(view, depth, room))
      return { f: Math.max(q0, q1 - stand(view, l, k, depth, room)), hidden: k >= depth };
    return { f: Math.max(q0, q1 - fill * (q1 - q0)), hidden: true };
  }
  return { f: Math.max(q0, q1 - (Math.min(k, cap - 1) + 0.5) * size), hidden: k >= cap };
}

/** Messages that wait but are not held one by one (after a jump into old history, or after thinning). */
function fillers(view, waiting, flying, stamp) {
  for (const [id, c] of view.state.edges) {
    const geo = view.geoOf(id);
    if (!geo) continue;
    for (let dir = 0; dir < geo.lanes.length; dir++) {
      const l = geo.lanes[dir],
        cap = capacity(view, view.current(geo.route), dir),
        key = id * 2 + dir;
      if (
        !l.rect ||
        !cap ||
        cap > 24 ||
        view.current(geo.route).id !== id ||
        (geo.xray && dir === 0 && placesKnown(c.x))
      )
        continue;
      const size = (l.q[1] - l.q[0]) / cap;
      if (size * l.whole < LEAST) continue;
      const from = waiting.get(key) || 0,
        to = Math.min(cap, c.depth[dir] - (flying.get(key) || 0));
      for (let k = from; k < to; k++) {
        along(l.pts, l.q[1] - (k + 0.5) * size, spot);
        stamp(spot[0], spot[1], lane(view.pal, view.colour.get(geo.id)), dir === 1, 1, radius(view, geo, l, dir));
      }
    }
  }
}

/** Which edge it took is not known yet: it stands at the sender's way out until a receiver has it. */
function outlet(view, m, stamp, waiting) {
  const b = view.boxOfSocket(m.from);
  if (!b) return 0;
  const k = waiting.get("out" + b.id) || 0,
    p = Math.min(1, (view.T - m.ts) / 160);
  waiting.set("out" + b.id, k + 1);
  if (k > 30) return 0;
  const r = view.geo.dot,
    out = 8 + (k % 3) * (2 * r + 1),
    side = (Math.floor(k / 3) - Math.floor(k / 6) * 2 ? 1 : -1) * Math.ceil(Math.floor(k / 3) / 2) * (2 * r + 1);
  const x = view.geo.vertical ? b.x + b.w / 2 + side : b.x + b.w + out * p,
    y = view.geo.vertical ? b.y + b.h + out * p : b.y + b.h / 2 + side;
  m.x = x;
  m.y = y;
  stamp(x, y, view.pal.dim, false, 0.9, r);
  return p < 1 ? 1 : 0;
}

/** A ring in the box of who works on a message; it closes when the message is done. */
function rings(g, view) {
  let turning = 0;
  for (const b of view.geo.boxes.values()) {
    let work = null,
      many = 0,
      mean = 0,
      seen = false;
    for (const id of b.node.sockets) {
      const s = view.state.sockets.get(id);
      if (!s) continue;
      seen = seen || s.recv > 0;
      for (const w of s.work.values()) {
        many++;
        if (!work || w.t > work.t) {
          work = w;
          mean = s.mean;
        }
      }
    }
    if (!seen) continue;
    const [x, y, r] = ringAt(b),
      geo = work && view.geoOf(work.edge);
    g.globalAlpha = 1;
    g.lineWidth = r > 8 ? 3 : 2;
    g.strokeStyle = view.pal.line;
    g.beginPath();
    g.arc(x, y, r, 0, 7);
    g.stroke();
    if (!work || view.T - work.t < 60 || !geo) continue;
    const past = view.T - work.t,
      p = work.until ? past / (work.until - work.t) : mean ? Math.min(0.96, past / mean) : 1 - Math.exp(-past / 800);
    const colour = lane(view.pal, view.colour.get(geo.id));
    g.strokeStyle = colour;
    g.beginPath();
    g.arc(x, y, r, -Math.PI / 2, -Math.PI / 2 + Math.PI * 2 * Math.min(1, Math.max(0.04, p)));
    g.stroke();
    g.fillStyle = colour;
    if (many > 1 && r > 8) {
      g.font = font(10.5, 700);
      g.textAlign = "center";
      g.fillText(many > 9 ? "9+" : num(many), x, y + 0.5);
    } else {
      g.beginPath();
      g.arc(x, y, r * 0.45, 0, 7);
      g.fill();
    }
    if (p < 0.95) turning++;
  }
  return turning;
}

/** Dropped messages fall off their edge as crosses. */
function falls(g, view) {
  for (const d of view.state.drops) {
    const geo = view.geoOf(d.edge),
      p = (view.T - d.t) / FALL;
    if (!geo || p < 0 || p > 1) continue;
    const l = geo.lanes[d.dir] || geo.lanes[0];
    if (d.from) {
      spot[0] = d.from[0];
      spot[1] = d.from[1];
    } else along(l.pts, l.q[0] * (l.rect ? 0.96 : 0.8), spot);
    const x = spot[0] + (d.k - 3) * 11 * p,
      y = spot[1] + (view.calm ? 8 : (geo.vertical || geo.inBox ? 16 : 44) * p * p),
      r = Math.max(3.2, view.geo.dot * 0.85);
    g.globalAlpha = 1 - p * p;
    g.strokeStyle = view.pal.bad;
    g.lineWidth = view.geo.dot > 5 ? 3 : 2.2;
    g.beginPath();
    g.moveTo(x - r, y - r);
    g.lineTo(x + r, y + r);
    g.moveTo(x + r, y - r);
    g.lineTo(x - r, y + r);
    g.stroke();
  }
  return view.state.drops.length;
}
