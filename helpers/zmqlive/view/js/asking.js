// The message that is asked for: which one it is, where it stands in the picture, and its mark there. What is asked for is
// followed: through a broker it is the next hop that carries the mark.
import { along } from "./paths.js";
import { box, fit, font, textWidth } from "./palette.js";
import { briefly } from "./book.js";
import { ringAt } from "./boxes.js";
import { doorAt } from "./doors.js";
import { hopAt, standing } from "./story.js";

const NEAR = 5, // px beside a dot that still mean it: a line on which many fly is to be reached, too
  STAYS = 2600; // ms that the mark of one that has arrived stays
const spot = [0, 0];

/** Ask for a message, or (null) for none. `by`: "reader" or "author". */
export function ask(view, id, by = "reader") {
  view.asked = id === null ? null : { id, by };
}

/** The author's wish: the newest message of this role is followed, unless the reader has asked for another. */
export function followNewest(view) {
  const { asked, left, T } = view;
  if (!view.follows || (asked && asked.by === "reader")) return;
  const page = asked && view.store.book.pages.get(asked.id);
  let newest = page && page.sent <= T ? { id: page.id, ts: page.sent } : null;
  for (const m of view.state.msgs.values()) {
    if (m.many || m.ts > T || (m.ts <= left && T >= left)) continue; // the reader has had enough of those before
    if ((view.graph.sockets.get(m.from) || {}).role === view.follows && (!newest || m.ts > newest.ts)) newest = m;
  }
  if (!asked || !newest || newest.id !== asked.id) ask(view, newest ? newest.id : null, "author");
}

/** {x, y, r} in the picture (of a box {x, y, r, w}: half its height and width), or null: where this hop of a message is to be seen now. */
export function whereabouts(view, page) {
  const { state, T } = view,
    m = state.msgs.get(`${page.id}/${page.edge}`) || state.msgs.get(page.id),
    r = view.geo.dot + 3,
    way = view.geoOf(page.edge),
    under = !!way && way.labels && !way.vertical && !way.xray && way.lanes.length === 1; // its number stands above the tube
  if (m && m.flown === view.drawnFrame) return { x: m.flownX, y: m.flownY, r, under };
  if (m && m.seen === view.drawnFrame) return { x: m.x, y: m.y, r, under };
  for (const b of view.geo.boxes.values())
    for (const socket of b.node.sockets)
      if ((state.sockets.get(socket) || { work: new Map() }).work.has(page.id)) {
        const [x, y, ring] = ringAt(b);
        return { x, y, r: ring + 3 };
      }
  if (page.received !== null && page.received <= T) {
    const b = view.boxOfSocket(page.to);
    return b && { x: b.x + b.w / 2, y: b.y + b.h / 2, r: b.h / 2 + 3, w: b.w / 2 + 3 };
  }
  const geo = view.geoOf(page.edge);
  if (page.came === null || page.came > T || !geo) {
    const b = view.boxOfSocket(page.from),
      d = b && doorAt(b);
    return d && { x: d.x + d.w / 2, y: d.y + d.h / 2, r: d.h / 2 + 3 };
  }
  const l = geo.lanes[page.dir] || geo.lanes[0];
  along(l.pts, m && m.f !== undefined ? m.f : l.q ? l.q[0] : 0.5, spot);
  return { x: spot[0], y: spot[1], r, under };
}

/** The messages that are in the picture now, in the order in which they were sent. */
export function present(view) {
  const ids = new Set();
  for (const m of view.state.msgs.values()) if (!m.many && m.tr === undefined && m.ts <= view.T) ids.add(m.id);
  for (const s of view.state.sockets.values()) for (const id of s.work.keys()) ids.add(id);
  return [...ids].filter(id => view.store.book.pages.has(id)).sort((a, b) => a - b);
}

/** The message under a point of the picture: a dot, a streak, or what is in work; null when there is none. */
export function messageAt(view, x, y) {
  let best = null,
    near = NEAR;
  const look = (id, px, py, r = 0) => {
    const d = Math.max(0, Math.hypot(px - x, py - y) - r);
    if (d < near && view.store.book.pages.has(id)) {
      near = d;
      best = id;
    }
  };
  for (const m of view.state.msgs.values()) if (!m.many && m.seen === view.drawnFrame) look(m.id, m.x, m.y, view.geo.dot);
  for (const b of view.geo.boxes.values()) {
    const held = b.node.sockets.flatMap(id => [...(view.state.sockets.get(id) || { work: new Map() }).work.keys()]);
    if (held.length) look(held[held.length - 1], ...ringAt(b));
  }
  return best;
}

/** Its ring and its tag. Returns 1 while it moves. */
export function drawAsked(g, view) {
  const page = view.asked && hopAt(view, view.asked.id, view.T);
  if (!page) return 0;
  const how = standing(view, view.asked.id, view.T),
    ended = page.dropped ?? page.done ?? page.received;
  if (how.over && view.asked.by === "author" && view.T - ended > STAYS) return 0;
  const at = whereabouts(view, page);
  view.mark = at;
  if (!at) return 0;
  g.globalAlpha = 1;
  g.lineWidth = 2.5;
  g.strokeStyle = view.pal.ink;
  g.beginPath();
  if (at.w) g.roundRect(at.x - at.w, at.y - at.r, 2 * at.w, 2 * at.r, 12);
  else g.arc(at.x, at.y, at.r, 0, 7);
  g.stroke();
  tag(g, view, at, briefly(page, 22) || `message ${page.id}`, how.short);
  return how.over ? 0 : 1;
}

/** What it carries and how it stands, above it; below where something stands there, or no room is. */
function tag(g, view, { x, y, r, under }, said, how) {
  const small = font(11, 500),
    bold = font(12, 650);
  g.font = bold;
  const name = fit(g, said, 170),
    w1 = textWidth(g, name);
  g.font = small;
  const w = w1 + (how ? textWidth(g, how) + 8 : 0) + 16,
    h = 22,
    up = !under && y - r - h - 8 > 2,
    left = Math.min(Math.max(3, x - w / 2), view.geo.W - w - 3),
    top = up ? y - r - h - 6 : y + r + 6;
  box(g, left, top, w, h, 6);
  g.fillStyle = view.pal.ink;
  g.fill();
  g.beginPath();
  g.moveTo(x - 5, up ? top + h - 0.5 : top + 0.5);
  g.lineTo(x + 5, up ? top + h - 0.5 : top + 0.5);
  g.lineTo(x, up ? top + h + 5 : top - 5);
  g.fill();
  g.textAlign = "left";
  g.fillStyle = view.pal.bg;
  g.font = bold;
  g.fillText(name, left + 8, top + h / 2 + 0.5);
  g.font = small;
  if (how) g.fillText(how, left + 16 + w1, top + h / 2 + 0.5);
}
