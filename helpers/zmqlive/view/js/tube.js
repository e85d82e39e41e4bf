// Edges and the tubes in which messages wait, drawn against the high-water mark. Part of the still layer.
import { bytes, box, firstFit, font, lane, num, shortNum, textWidth } from "./palette.js";
import { along } from "./paths.js";
import { placesKnown } from "./store.js";

export const LEAST = 6.5; // px: with less room a place, a queue is a bar
const SLOTS = 24,
  spot = [0, 0];

/** Capacity of one direction of an edge in messages; null when unlimited or unknown. */
export function capacity(view, edge, dir) {
  if (dir === 0) return edge.cap_total ?? null;
  const a = view.graph.sockets.get(edge.a),
    b = view.graph.sockets.get(edge.b);
  return a && b && a.rcvhwm && b.sndhwm && edge.transport === "inproc" ? a.rcvhwm + b.sndhwm : null;
}

/** Few enough to be told apart, side by side or half hidden, in a tube of `room` px that has no places marked. */
export function asDots(view, n, room) {
  return n > 0 && view.state.stride <= 1 && pitch(view, n, room) >= 4;
}

/** px from one of `n` such dots to the next. */
export const pitch = (view, n, room) => Math.min(2 * view.geo.dot + 2, (room - 4) / n);

export function isFull(cap, depth) {
  return cap !== null && cap > 0 && depth >= cap;
}

export function drawEdge(g, view, geo, index) {
  const edge = view.current(geo.route),
    live = view.store.alive("e" + edge.id, view.T);
  if (!live && !view.store.alive("e" + edge.id, view.T - 300)) return;
  const down = live && view.store.trouble(edge, view.T),
    chosen = view.chosen === geo.id;
  const { pal } = view,
    thin = view.geo.size === "s";
  g.globalAlpha = (live ? 1 : 0.4) * (geo.alpha ?? 1);
  for (let dir = 0; dir < geo.lanes.length; dir++) {
    const l = geo.lanes[dir];
    g.strokeStyle = down ? pal.bad : chosen ? lane(pal, index) : pal.line;
    g.lineWidth = (thin ? 1.3 : 2) + (chosen ? 1 : 0);
    if (down) g.setLineDash([5, 5]);
    curve(g, l, down);
    g.setLineDash([]);
    if (!geo.inBox || dir === 0) arrow(g, l, view, down ? pal.bad : chosen ? lane(pal, index) : pal.line, thin);
    if (l.rect) drawTube(g, view, geo, edge, dir, index);
  }
  if (down) badge(g, view, geo, thin || !edge.via ? down : `${edge.via}: ${down}`, pal.bad, pal.bg, thin ? 11 : 16);
  else if (edge.via) badge(g, view, geo, edge.via, pal.chip, pal.ink, thin ? 11 : 16);
  g.globalAlpha = 1;
}

/** Two pieces: before and behind the tube; a cut edge has a hole in its middle. */
function curve(g, l, down) {
  const hole = down ? midway(l) : -1,
    last = 47;
  g.beginPath();
  let pen = false;
  for (let k = 0; k <= last; k++) {
    const f = k / last;
    if ((l.rect && f > l.q[0] + 0.004 && f < l.q[1] - 0.004) || (hole >= 0 && Math.abs(f - hole) * l.whole < 13)) {
      if (pen && l.rect && f > l.q[0]) {
        along(l.pts, l.q[0], spot);
        g.lineTo(spot[0], spot[1]);
      }
      pen = false;
      continue;
    }
    if (!pen) {
      if (k && l.rect && f >= l.q[1] - 0.004) {
        along(l.pts, l.q[1], spot);
        g.moveTo(spot[0], spot[1]);
        g.lineTo(l.pts[2 * k], l.pts[2 * k + 1]);
      } else g.moveTo(l.pts[2 * k], l.pts[2 * k + 1]);
      pen = true;
    } else g.lineTo(l.pts[2 * k], l.pts[2 * k + 1]);
  }
  g.stroke();
}

/** Middle of the free part of a lane: where badges stand and a cut shows. */
function midway(l) {
  if (!l.rect) return 0.5;
  return l.q[0] > 1 - l.q[1] ? l.q[0] / 2 : (1 + l.q[1]) / 2;
}

function arrow(g, l, view, colour, thin) {
  const [x1, y1] = along(l.pts, 1, spot),
    [x0, y0] = along(l.pts, Math.max(0, 1 - 8 / l.whole), [0, 0]);
  const a = Math.atan2(y1 - y0, x1 - x0),
    r = thin ? 5 : 7;
  g.fillStyle = colour;
  g.beginPath();
  g.moveTo(x1, y1);
  g.lineTo(x1 - r * Math.cos(a - 0.45), y1 - r * Math.sin(a - 0.45));
  g.lineTo(x1 - r * Math.cos(a + 0.45), y1 - r * Math.sin(a + 0.45));
  g.fill();
}

/** `off`: beside the line, so that messages do not cover it. */
function badge(g, view, geo, text, back, ink, off = 0) {
  const l = geo.lanes[0],
    [x, y] = along(l.pts, midway(l), spot);
  g.font = font(view.geo.size === "s" ? 9.5 : 11, 650);
  const w = textWidth(g, text) + 12,
    cx = x + (geo.vertical && off ? w / 2 + 8 : 0),
    cy = y - (geo.vertical ? 0 : off);
  box(g, cx - w / 2, cy - 9, w, 18, 9);
  g.fillStyle = back;
  g.fill();
  g.fillStyle = ink;
  g.textAlign = "center";
  g.fillText(text, cx, cy + 0.5);
}

function drawTube(g, view, geo, edge, dir, index) {
  const l = geo.lanes[dir],
    { pal } = view,
    c = view.state.edge(edge.id),
    depth = c.depth[dir];
  const cap = capacity(view, edge, dir),
    full = isFull(cap, depth),
    { x, y, w, h } = l.rect;
  const colour = lane(pal, index),
    thick = Math.min(w, h),
    quiet = dir === 1 && depth === 0;
  if (geo.xray && dir === 0 && placesKnown(c.x)) {
    xrayTube(g, view, geo, edge, c, colour);
    return;
  }
  box(g, x, y, w, h, 6);
  g.fillStyle = pal.panel;
  g.fill();
  if (cap === null || cap > SLOTS || Math.max(w, h) / cap < LEAST) {
    const f = cap ? Math.min(1, depth / cap) : depth / (depth + 60);
    if (!asDots(view, depth, Math.max(w, h))) fillEnd(g, l, f, geo.vertical, full ? pal.bad : colour);
  } else {
    const step = Math.max(w, h) / cap;
    g.strokeStyle = pal.faint;
    g.lineWidth = 1;
    g.beginPath();
    for (let k = 1; k < cap; k++) {
      if (geo.vertical) {
        g.moveTo(x + 3, y + k * step);
        g.lineTo(x + w - 3, y + k * step);
      } else {
        g.moveTo(x + k * step, y + 3);
        g.lineTo(x + k * step, y + h - 3);
      }
    }
    g.stroke();
  }
  box(g, x, y, w, h, 6);
  g.lineWidth = full ? Math.min(3, 1 + thick / 8) : 1.3;
  g.strokeStyle = full ? pal.bad : pal.line;
  g.stroke();
  if (quiet && geo.lanes.length > 1) return;
  if (geo.labels) label(g, view, geo, l, dir, depthWords(depth, cap, full), full);
}

/** Fills a tube from the end where messages leave. */
function fillEnd(g, l, f, vertical, colour) {
  if (f <= 0) return;
  const { x, y, w, h } = l.rect,
    first = l.pts,
    inwards = vertical ? first[95] > first[1] : first[94] > first[0];
  g.fillStyle = colour;
  g.globalAlpha *= 0.85;
  if (vertical) box(g, x + 2, inwards ? y + (h - 2) * (1 - f) + 1 : y + 1, w - 4, (h - 2) * f, 4);
  else box(g, inwards ? x + (w - 2) * (1 - f) + 1 : x + 1, y + 2, (w - 2) * f, h - 4, 4);
  g.fill();
  g.globalAlpha /= 0.85;
}

function depthWords(depth, cap, full) {
  if (cap === null) return depth ? [`${num(depth)} waiting`, shortNum(depth)] : [""];
  const short = `${shortNum(depth)}/${shortNum(cap)}`;
  return full ? [`${num(depth)} / ${num(cap)}  full`, `${short} full`, short] : [`${num(depth)} / ${num(cap)}`, short];
}

function label(g, view, geo, l, dir, texts, full) {
  const { x, y, w, h } = l.rect,
    small = view.geo.size === "s";
  g.font = font(small ? 9.5 : 11.5, full ? 700 : 500);
  g.fillStyle = full ? view.pal.bad : view.pal.dim;
  g.textAlign = "left";
  if (geo.vertical) {
    const right = geo.lanes.length < 2 || x > geo.lanes[1 - dir].rect.x;
    g.textAlign = right ? "left" : "right";
    g.fillText(firstFit(g, texts.slice().reverse(), 60), right ? x + w + 4 : x - 4, y + h / 2);
    return;
  }
  const above = geo.lanes.length < 2 || y < geo.lanes[1 - dir].rect.y;
  // A text longer than its tube goes on over the edge, never over the box.
  const text = firstFit(g, texts, w + 34),
    long = textWidth(g, text) > w,
    atEnd = l.q[0] > 1 - l.q[1] === l.pts[94] > l.pts[0];
  if (long && atEnd) g.textAlign = "right";
  g.fillText(text, long && atEnd ? x + w : x + 1, above ? y - (small ? 6 : 9) : y + h + (small ? 6 : 10));
}

/** Three places in one tube: sender's queue | kernel | receiver's queue. */
function xrayTube(g, view, geo, edge, c, colour) {
  const { pal } = view,
    l = geo.lanes[0],
    { x, y, w, h } = l.rect,
    [inS, inK, inR, , kernel] = c.x;
  const forward = l.pts[94] > l.pts[0],
    third = w / 3;
  const cells = [
    ["sender", inS, edge.cap[0]],
    ["kernel", inK, null],
    ["receiver", inR, edge.cap[1]],
  ];
  cells.forEach(([name, n, cap], i) => {
    const x0 = x + (forward ? i : 2 - i) * third,
      full = isFull(cap, n || 0);
    box(g, x0 + 1, y, third - 2, h, 5);
    g.fillStyle = pal.panel;
    g.fill();
    if (n !== null && n > 0 && !asDots(view, n, third)) {
      const f = cap ? Math.min(1, n / cap) : n / (n + 60);
      const drawn = (third - 4) * f;
      box(g, forward ? x0 + third - 2 - drawn : x0 + 2, y + 2, drawn, h - 4, 4);
      g.globalAlpha *= 0.8;
      g.fillStyle = full ? pal.bad : colour;
      g.fill();
      g.globalAlpha /= 0.8;
    }
    box(g, x0 + 1, y, third - 2, h, 5);
    g.lineWidth = full ? 3 : 1.3;
    g.strokeStyle = full ? pal.bad : pal.line;
    g.stroke();
    g.font = font(10.5, full ? 700 : 500);
    g.fillStyle = full ? pal.bad : pal.dim;
    g.textAlign = "left";
    g.fillText(firstFit(g, [name], third - 4), x0 + 2, y - 9);
    const count =
      n === null
        ? name === "kernel" && kernel !== null
          ? bytes(kernel)
          : "unknown"
        : cap
          ? `${num(n)} / ${num(cap)}`
          : kernel && name === "kernel"
            ? `${num(n)} · ${bytes(kernel)}`
            : num(n);
    g.fillText(firstFit(g, [count, n === null ? "?" : shortNum(n)], third - 4), x0 + 2, y + h + 10);
  });
}
