// Edges and the tubes in which messages wait, drawn against the high-water mark: the still part of it (frames, numbers),
// and where in a tube its messages stand, for the moving layer.
import { bytes, box, firstFit, font, lane, num, shortNum, textWidth } from "./palette.js";
import { along } from "./paths.js";
import { fill, LEAST, SLOTS } from "./fill.js";
import { placesOf, queueOf } from "./waiting.js";

const spot = [0, 0];

/** px that a waiting dot of this lane takes, with its air. */
const dotSize = (view, l) => 2 * Math.min(view.geo.dot, l.thick * 0.42 + 0.8) + 2;

/**
 * The parts of a tube, from the way out on: [{name, n, mark, full, width, out, filling}]; the sender's queue, the kernel
 * and the receiver's queue where they are known, else the one queue. `out` is how far (px) its own way out is from the
 * tube's. `flying` messages of the queue are still on a link: they are drawn there, and not here.
 */
export function cellsOf(view, geo, dir, flying = 0) {
  const l = geo.lanes[dir];
  if (!l.rect) return [];
  const whole = Math.max(l.rect.w, l.rect.h),
    places = geo.xray && dir === 0 ? placesOf(view, geo.route) : null,
    parts = places ? [...places].reverse() : [queueOf(view, geo.route, dir)],
    each = whole / parts.length;
  let away = flying; // those on a link are not in the queue yet: the last ones
  for (const part of [...parts].reverse()) {
    const less = Math.min(part.n, away);
    part.here = part.n - less;
    away -= less;
  }
  return parts.map((part, i) => {
    const slotted = part.mark && part.mark <= SLOTS && each / part.mark >= LEAST,
      air = slotted && !places ? 0 : 3;
    const width = each - 2 * air,
      filling = fill(part.here, part.mark, width, dotSize(view, l));
    return { ...part, width, out: i * each + air, each, filling };
  });
}

export function drawEdge(g, view, geo, index) {
  const edge = view.current(geo.route),
    live = view.store.alive("e" + edge.id, view.T);
  // What waits stays to be seen when its connection has ended.
  if (!live && !view.store.alive("e" + edge.id, view.T - 300) && !geo.lanes.some((_, dir) => queueOf(view, geo.route, dir).n)) return;
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
    if (l.rect) drawTube(g, view, geo, dir);
  }
  if (down) badge(g, view, geo, thin || !edge.via ? [down] : [`${edge.via}: ${down}`, down], pal.bad, pal.bg, thin ? 11 : 16);
  else if (edge.via) badge(g, view, geo, [edge.via], pal.chip, pal.ink, thin ? 11 : 16);
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

/** The first of the texts that finds room between the boxes, or the last. `off`: beside the line, clear of messages. */
function badge(g, view, geo, texts, back, ink, off = 0) {
  const l = geo.lanes[0],
    [x, y] = along(l.pts, midway(l), spot);
  g.font = font(view.geo.size === "s" ? 9.5 : 11, 650);
  const ends = [along(l.pts, 0, [0, 0])[0], along(l.pts, 1, [0, 0])[0]],
    room = geo.vertical ? Infinity : Math.abs(ends[0] - ends[1]),
    text = texts.find(t => textWidth(g, t) + 12 <= room) ?? texts[texts.length - 1],
    w = textWidth(g, text) + 12,
    least = Math.min(...ends) + w / 2,
    most = Math.max(...ends) - w / 2,
    cx = geo.vertical ? x + (off ? w / 2 + 8 : 0) : least < most ? Math.min(Math.max(x, least), most) : x,
    cy = y - (geo.vertical ? 0 : off);
  box(g, cx - w / 2, cy - 9, w, 18, 9);
  g.fillStyle = back;
  g.fill();
  g.fillStyle = ink;
  g.textAlign = "center";
  g.fillText(text, cx, cy + 0.5);
}

function drawTube(g, view, geo, dir) {
  const l = geo.lanes[dir],
    { pal } = view,
    { x, y, w, h } = l.rect,
    cells = cellsOf(view, geo, dir),
    thick = Math.min(w, h),
    frame = (x0, w0, full) => {
      box(g, x0, y, w0, h, 6);
      g.fillStyle = pal.panel;
      g.fill();
      g.lineWidth = full ? Math.min(3, 1 + thick / 8) : 1.3;
      g.strokeStyle = full ? pal.bad : pal.line;
      g.stroke();
    };
  if (cells.length > 1) {
    xrayFrames(g, view, l, cells, frame);
    return;
  }
  const [q] = cells;
  frame(x, w, q.full);
  if (q.filling.places) slots(g, pal, l.rect, geo.vertical, q.filling.pitch, q.mark);
  if (dir === 1 && !q.n && geo.lanes.length > 1) return;
  if (geo.labels) label(g, view, geo, l, dir, depthWords({ ...q, queues: geo.route.many ? geo.route.edges.length : 1 }), q.full);
}

/** The places of a queue with a small mark. */
function slots(g, pal, { x, y, w, h }, vertical, step, cap) {
  g.strokeStyle = pal.faint;
  g.lineWidth = 1;
  g.beginPath();
  for (let k = 1; k < cap; k++) {
    if (vertical) {
      g.moveTo(x + 3, y + k * step);
      g.lineTo(x + w - 3, y + k * step);
    } else {
      g.moveTo(x + k * step, y + 3);
      g.lineTo(x + k * step, y + h - 3);
    }
  }
  g.stroke();
}

function depthWords({ n, mark, full, queues }) {
  if (queues > 1) return [`${num(n)} waiting in ${queues} queues`, `${num(n)} in ${queues} queues`, shortNum(n)];
  if (mark === null) return n ? [`${num(n)} waiting`, shortNum(n)] : [""];
  const short = `${shortNum(n)}/${shortNum(mark)}`;
  return full ? [`${num(n)} / ${num(mark)}  full`, `${short} full`, short] : [`${num(n)} / ${num(mark)}`, short];
}

/** Without room beside a tube its number stands within, at the end that fills last (drawn over what waits there). */
export function inside(g, view, geo, l, q) {
  const { x, y, w, h } = l.rect,
    size = Math.min(10, Math.min(w, h) - 1);
  if (size < 6) return;
  g.font = font(size, 700);
  const text = firstFit(g, [num(q.n), shortNum(q.n)], Math.max(w, h)),
    [x0, y0] = along(l.pts, l.q[0], spot);
  g.lineWidth = 3;
  g.strokeStyle = view.pal.panel;
  g.fillStyle = q.full ? view.pal.bad : view.pal.ink;
  g.textAlign = geo.vertical ? "center" : x0 < x + w / 2 ? "left" : "right";
  const tx = geo.vertical ? x + w / 2 : x0 < x + w / 2 ? x + 3 : x + w - 3,
    ty = geo.vertical ? (y0 < y + h / 2 ? y + size / 2 + 2 : y + h - size / 2 - 2) : y + h / 2 + 0.5;
  g.strokeText(text, tx, ty);
  g.fillText(text, tx, ty);
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
function xrayFrames(g, view, l, cells, frame) {
  const { pal } = view,
    { x, y, w, h } = l.rect,
    forward = l.pts[94] > l.pts[0];
  cells.forEach((c, i) => {
    const x0 = forward ? x + w - (i + 1) * c.each : x + i * c.each,
      third = c.each - 4;
    frame(x0 + 1, c.each - 2, c.full);
    g.font = font(10.5, c.full ? 700 : 500);
    g.fillStyle = c.full ? pal.bad : pal.dim;
    g.textAlign = "left";
    g.fillText(firstFit(g, [c.name], third), x0 + 2, y - 9);
    const texts = c.mark ? [`${num(c.n)} / ${num(c.mark)}`] : c.bytes ? [`${num(c.n)} · ${bytes(c.bytes)}`, num(c.n)] : [num(c.n)];
    g.fillText(firstFit(g, [...texts, shortNum(c.n)], third), x0 + 2, y + h + 10);
  });
}
