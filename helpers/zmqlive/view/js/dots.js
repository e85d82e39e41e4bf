// The moving layer: what waits, as dots and bars where it stands; rings for what is in work; what falls. A message is in
// one place. Streaks are not messages: they show, slowly enough to be seen, which way one went that is there already.
import { along } from "./paths.js";
import { box, lane } from "./palette.js";
import { drawAsked, followNewest } from "./asking.js";
import { outline } from "./colours.js";
import { doorAt } from "./doors.js";
import { fill } from "./fill.js";
import { doorOfBox, queueOf } from "./waiting.js";
import { cellsOf, inside } from "./tube.js";
import { falls, rings } from "./rings.js";

const spot = [0, 0],
  tail = [0, 0],
  GLIDE = 75, // ms: how fast a waiting dot moves up
  TAIL = 20, // px
  BEAT = 0.5; // a heartbeat's size
const ease = p => (p < 0.5 ? 2 * p * p : 1 - (2 - 2 * p) ** 2 / 2);

/** Times of a lane, in ms: a streak's to the queue, and from it. Long ways take longer, but not in proportion. */
const toQueue = l => 110 + 340 * l.q[0];
const fromQueue = l => 120 + 340 * (1 - l.q[1]);

const sprites = new Map();
function sprite(pal, colour, shape, r, hollow, dpr) {
  const key = `${pal.name}${colour}${shape}/${r}${hollow}${dpr}`;
  if (sprites.has(key)) return sprites.get(key);
  const c = document.createElement("canvas"),
    size = Math.ceil((r * 1.32 + 2) * 2 * dpr);
  c.width = c.height = size;
  const q = c.getContext("2d");
  q.scale(dpr, dpr);
  q.translate(size / dpr / 2, size / dpr / 2);
  paint(q, pal, colour, shape, r, hollow);
  if (sprites.size > 200) sprites.clear();
  sprites.set(key, c);
  return c;
}

/** One dot around 0, 0. */
function paint(q, pal, colour, shape, r, hollow) {
  q.beginPath();
  outline(q, shape, hollow ? r - 1 : r);
  q.fillStyle = hollow ? pal.bg : colour;
  q.fill();
  q.lineWidth = hollow ? Math.max(2, r * 0.45) : 1.3;
  q.strokeStyle = hollow ? colour : pal.bg;
  q.stroke();
}

export function drawDots(g, view, dt, snap) {
  const { state, pal, T } = view,
    moving = { n: 0 },
    queues = new Map(); // route and direction → its messages that are known one by one, in their order; those on a link
  view.drawn = { waiting: 0, flying: 0 };
  view.shown = 0;
  view.drawnFrame++;
  view.colours.learn(view);
  followNewest(view);
  const pen = { g, view, dt, snap, moving };
  for (const m of state.msgs.values()) {
    if (T < m.ts || m.edge < 0) continue;
    const geo = view.geoOf(m.edge);
    if (!geo) continue;
    const l = geo.lanes[m.dir] || geo.lanes[0],
      key = geo.id * 2 + (geo.lanes[m.dir] ? m.dir : 0),
      arrive = m.ts + toQueue(l);
    if (!queues.has(key)) queues.set(key, { here: [], away: [] });
    const onLink = view.current(geo.route).via && !m.many && m.tr === undefined && T < arrive;
    if (onLink) {
      queues.get(key).away.push(m);
      m.f = l.q[0] * ease((T - m.ts) / (arrive - m.ts));
      moving.n++;
    } else if (m.tr === undefined && !m.many) queues.get(key).here.push(m);
    if (!view.calm && !view.still) moving.n += streak(pen, geo, l, m, arrive, onLink);
  }
  for (const geo of view.geo.edges.values())
    for (let dir = 0; dir < geo.lanes.length; dir++) drawQueue(pen, geo, dir, queues.get(geo.id * 2 + dir));
  for (const b of view.geo.boxes.values()) drawDoor(pen, b);
  moving.n += rings(g, view);
  moving.n += falls(g, view);
  moving.n += drawAsked(g, view);
  g.globalAlpha = 1;
  return moving.n;
}

function stamp({ g, view }, x, y, { colour, shape }, hollow, alpha, r) {
  g.globalAlpha = alpha;
  view.shown++;
  if (g.stamp) {
    g.stamp(x, y, q => paint(q, view.pal, colour, shape, r, hollow));    // a pen that writes, and has no pictures
    return;
  }
  const s = sprite(view.pal, colour, shape, r, hollow, view.dpr * view.cam.k),
    size = s.width / (view.dpr * view.cam.k);
  g.drawImage(s, x - size / 2, y - size / 2, size, size);
}

/** How a message that has arrived came, or how one that was received went on: a small dot with a tail. */
function streak(pen, geo, l, m, arrive, onLink) {
  const { g, view } = pen,
    { T } = view,
    went = m.tr !== undefined && T >= Math.max(m.tr, arrive);
  let f = 0,
    alpha = 1;
  if (went) {
    const p = (T - Math.max(m.tr, arrive)) / fromQueue(l);
    if (p >= 1) return 0;
    const from = m.tr > arrive ? l.q[1] : l.q[0];
    f = from + (1 - from) * ease(p);
    alpha = p > 0.8 ? 1 - (p - 0.8) * 4 : 1;
  } else if (T < arrive && !onLink) f = l.q[0] * ease((T - m.ts) / (arrive - m.ts));
  else return 0;
  along(l.pts, f, spot);
  if (m.bend) straighten(m, T);
  along(l.pts, Math.max(0, f - TAIL / l.whole), tail);
  m.x = m.flownX = spot[0];
  m.y = m.flownY = spot[1];
  m.seen = m.flown = view.drawnFrame;
  const hue = view.colours.of(view, m.many ? undefined : m.id, geo),
    { colour } = hue,
    r = Math.max(1.5, Math.round(1.4 * sizeOf(m) * Math.min(view.geo.dot, l.thick * 0.42 + 0.8)) / 2);
  if (!m.bend) {
    g.globalAlpha = 0.4 * alpha;
    g.strokeStyle = colour;
    g.lineWidth = 1.5 * r;
    g.beginPath();
    g.moveTo(tail[0], tail[1]);
    g.lineTo(spot[0], spot[1]);
    g.stroke();
  }
  stamp(pen, spot[0], spot[1], hue, m.dir === 1, alpha, r);
  return 1;
}

const sizeOf = m => (m?.small ? BEAT : 1);

/** What waits on one lane: as many as its queue counts, whether they are known one by one or not. */
function drawQueue(pen, geo, dir, { here = [], away = [] } = {}) {
  const { view } = pen,
    l = geo.lanes[dir],
    colour = view.colours.by === "line" ? lane(view.pal, view.colour.get(geo.id)) : view.pal.dim,
    cells = cellsOf(view, geo, dir, away.length);
  for (const m of away) {
    along(l.pts, m.f, spot);
    m.x = spot[0];
    m.y = spot[1];
    m.seen = view.drawnFrame;
    stamp(pen, spot[0], spot[1], view.colours.of(view, m.id, geo), dir === 1, 1, sizeOf(m) * Math.min(view.geo.dot, l.thick * 0.42 + 0.8));
    view.drawn.flying++;
  }
  if (!l.rect) view.drawn.waiting += queueOf(view, geo.route, dir).n; // a bar in a box (doors.js)
  let k = 0;
  for (const cell of cells) {
    const at = d => along(l.pts, l.q[1] - (cell.out + d) / l.whole, spot);
    const mine = here.slice(k, k + cell.here);
    k += cell.here;
    const hue = i => (mine[i] && (!cell.full || view.colours.by !== "line") ? view.colours.of(view, mine[i].id, geo) : null);
    const looks = { ...cell, thick: l.thick, hollow: dir === 1 };
    drawFilling(pen, looks, cell.full ? view.pal.bad : colour, at, i => glide(pen, l, cell, mine[i], i), hue, i => sizeOf(mine[i]));
    for (const m of mine.slice(cell.filling.dots)) m.f = l.q[1] - (cell.out + cell.filling.length) / l.whole; // in the bar
  }
  if (cells.length === 1 && cells[0].n && !geo.labels) inside(pen.g, view, geo, l, cells[0]);
}

/** px that the dot in place `i` still has to move up. While its streak is on the way, it is pale. */
function glide({ view, dt, snap, moving }, l, cell, m, i) {
  if (!m) return [0, 1];
  const to = l.q[1] - (cell.out + cell.filling.first + i * cell.filling.pitch) / l.whole,
    step = snap || view.calm || m.f === undefined ? 1 : 1 - Math.exp(-dt / GLIDE);
  m.f = (m.f ?? to) + (to - (m.f ?? to)) * step;
  const off = (to - m.f) * l.whole,
    coming = !view.calm && !view.still && view.T < m.ts + toQueue(l);
  if (Math.abs(off) > 0.4) moving.n++;
  along(l.pts, m.f, spot);
  m.x = spot[0];
  m.y = spot[1];
  m.seen = view.drawnFrame;
  return [off, coming ? 0.45 : 1];
}

/**
 * The dots and the bar of a filling; `at(d)` puts a point, `d` px from the way out, into `spot`. `hue(i)` is a dot's own
 * colour and shape, where it has one; `scale(i)` how large it is.
 */
function drawFilling(pen, { filling, thick, hollow, here }, colour, at, moved, hue = () => null, scale = () => 1) {
  const { g, view } = pen,
    { dots, first, pitch, length, bar, places } = filling;
  view.drawn.waiting += here;
  if (bar > 0) {
    at(length - bar);
    const [x0, y0] = spot,
      h = Math.max(2, thick - 5);
    at(length);
    const flat = Math.abs(spot[1] - y0) < Math.abs(spot[0] - x0);
    g.globalAlpha = 0.85;
    g.fillStyle = colour;
    const x = Math.min(x0, spot[0]),
      y = Math.min(y0, spot[1]);
    if (flat) box(g, x, y - h / 2, Math.abs(spot[0] - x0), h, 3);
    else box(g, x - h / 2, y, h, Math.abs(spot[1] - y0), 3);
    g.fill();
  }
  const r = Math.round(2 * Math.min(view.geo.dot, thick * 0.42 + 0.8, places ? pitch / 2 : Infinity)) / 2;
  for (let i = dots - 1; i >= 0; i--) {
    const [off, alpha] = moved ? moved(i) : [0, 1];
    at(first + i * pitch + off);
    stamp(pen, spot[0], spot[1], hue(i) || { colour, shape: 0 }, hollow, alpha, r * scale(i));
  }
}

/** What waits at the doors of a box: nobody is there yet whom it could go to. */
function drawDoor(pen, b) {
  const door = doorOfBox(pen.view, b.node);
  if (!door) return;
  const r = doorAt(b),
    size = 2 * Math.min(pen.view.geo.dot, r.h * 0.36) + 1,
    filling = fill(door.n, door.mark, r.w - 6, size),
    at = d => {
      spot[0] = r.x + r.w - 3 - d;
      spot[1] = r.y + r.h / 2;
    };
  drawFilling(pen, { filling, thick: r.h * 0.8, hollow: false, here: door.n }, door.full ? pen.view.pal.bad : pen.view.pal.dim, at);
}

/** A corrected message's streak begins where it was drawn before. */
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
