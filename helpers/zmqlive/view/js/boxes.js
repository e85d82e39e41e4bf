// The boxes of roles: name, socket types, counters, and states that cannot be missed. Part of the still layer.
import { box, firstFit, fit, font, lane, num, pattern, seconds, shortNum, textWidth } from "./palette.js";
import { capacity, isFull } from "./tube.js";

const SPEC = {
  // name size, chip height, rows from the top of the block, height of the block
  l: { name: 14, chip: 17, small: 11.5, rows: [12, 31, 50], block: 60, pad: 12 },
  m: { name: 12.5, chip: 14, small: 10.5, rows: [8, 23, 38], block: 46, pad: 9 },
  n: { name: 12.5, chip: 15, small: 10.5, rows: [10, 28, 46], block: 56, pad: 7 },
  s: { name: 11, chip: 0, small: 9.5, rows: [7, 21, 21], block: 27, pad: 6 },
};
const WARM = new Set(["blocked", "failed"]);

/** What a box is in: {kind, text, since}. One state is shown: the worst. */
export function condition(view, b) {
  const role = view.state.roles.get(b.node.role),
    now = role ? role.state : "running";
  if (now === "failed") return { kind: "failed", text: "failed", detail: role.text };
  if (now === "killed") return { kind: "killed", text: "killed", icon: "cross" };
  if (now === "frozen") return { kind: "frozen", text: "frozen", icon: "flake" };
  let since = null;
  for (const id of b.node.sockets) {
    const s = view.state.sockets.get(id);
    if (s && s.blocked !== null && (since === null || s.blocked < since)) since = s.blocked;
  }
  if (since !== null && now === "running")
    return { kind: "blocked", text: `BLOCKED ${seconds(Math.max(0, view.T - since))}`, short: "BLOCKED", icon: "stop" };
  if (now === "ended" || now === "stopped") return { kind: "ended", text: now };
  if (!b.node.sockets.some(id => view.store.alive("s" + id, view.T)))
    return {
      kind: b.node.sockets.some(id => view.store.born.get("s" + id) <= view.T) ? "ended" : "unborn",
      text: "closed",
    };
  return { kind: "running", text: "" };
}

export function drawBox(g, view, b) {
  const { pal } = view,
    spec = SPEC[b.size],
    state = condition(view, b);
  if (state.kind === "unborn") return;
  g.globalAlpha = (b.alpha ?? 1) * (state.kind === "ended" ? 0.75 : 1);
  const bad = WARM.has(state.kind),
    edge = bad ? pal.bad : state.kind === "frozen" ? pal.ice : state.kind === "killed" ? pal.grey : pal.line;
  box(g, b.x, b.y, b.w, b.h, b.size === "s" ? 7 : 10);
  g.fillStyle = pal.bg;
  g.fill();
  g.fillStyle =
    state.kind === "blocked" || state.kind === "failed"
      ? pattern(g, pal, "hatch")
      : state.kind === "frozen"
        ? pattern(g, pal, "ice")
        : state.kind === "killed"
          ? pal.faint
          : pal.panel;
  g.fill();
  g.lineWidth = bad ? (b.size === "s" ? 2.2 : 3) : view.hover === b.id ? 2.2 : 1.5;
  g.strokeStyle = view.hover === b.id && !bad ? pal.ok : edge;
  g.stroke();
  const top = b.y + (b.h - spec.block) / 2,
    ring = receives(view, b) ? (b.size === "s" ? 14 : 26) : 0;
  name(g, view, b, spec, top, ring, state);
  if (b.size === "s") smallLine(g, view, b, spec, top, state);
  else {
    chips(g, view, b, spec, top);
    if (state.text)
      pill(
        g,
        view,
        b,
        state,
        b.size === "l" && b.h < 90 ? b.y + b.h + 4 : top + spec.rows[2],
        b.size === "l" ? 22 : 16,
      );
    if (!state.text || (b.size === "l" && b.h < 90))
      counters(g, view, b, spec, top + spec.rows[2] - (state.text ? 4 : 0));
  }
  if (state.kind === "killed") cross(g, b, pal);
  if (b.size === "s") queueBar(g, view, b);
  g.globalAlpha = 1;
}

export function receives(view, b) {
  return b.node.sockets.some(id => (view.state.sockets.get(id) || {}).recv > 0);
}

/** Where the "in work" ring of a box is. */
export function ringAt(b) {
  const top = b.y + (b.h - SPEC[b.size].block) / 2;
  return b.size === "s"
    ? [b.x + b.w - 11, top + 7, 5]
    : [b.x + b.w - (b.size === "l" ? 18 : 14), top + SPEC[b.size].rows[0] - 1, b.size === "l" ? 9 : 7];
}

function name(g, view, b, spec, top, ring, state) {
  g.textAlign = "left";
  const text = fitName(g, b.node.label, spec.name, b.w - 2 * spec.pad - ring),
    clear = halo(view, state);
  if (clear) under(g, view, b.x + spec.pad, top + spec.rows[0], textWidth(g, text), spec.name);
  g.fillStyle = state.kind === "killed" ? view.pal.dim : view.pal.ink;
  g.fillText(text, b.x + spec.pad, top + spec.rows[0]);
}

/** A long name first gets smaller, then loses letters in its middle: "subscri… 12" keeps its number. */
function fitName(g, label, size, room) {
  for (const s of [size, size - 1, size - 2]) {
    g.font = font(s, 650);
    if (textWidth(g, label) <= room) return label;
  }
  const tail = (label.match(/[\s_-]?\d+$/) || [""])[0];
  return fit(g, label.slice(0, label.length - tail.length), room - textWidth(g, tail)) + tail;
}

/** Text on a hatched box keeps its contrast by a plain patch beneath. */
function halo(view, state) {
  return state.kind === "blocked" || state.kind === "failed" || state.kind === "frozen";
}
function under(g, view, x, y, w, size) {
  const a = g.globalAlpha;
  g.globalAlpha = a * 0.82;
  g.fillStyle = view.pal.bg;
  box(g, x - 3, y - size * 0.66, w + 6, size * 1.32, 4);
  g.fill();
  g.globalAlpha = a;
}

/** Socket types as chips: those that take in on the left, those that give out on the right. */
function chips(g, view, b, spec, top) {
  const sides = { in: new Map(), out: new Map() };
  const alive = b.node.sockets.filter(id => view.store.alive("s" + id, view.T));
  for (const id of alive.length ? alive : b.node.sockets) {
    const type = view.graph.sockets.get(id).type,
      side = sides[view.sides.get(id) || "in"];
    side.set(type, (side.get(type) || 0) + 1);
  }
  const both = sides.in.size && sides.out.size,
    all = b.w - 2 * spec.pad - (both ? 4 : 0),
    words = Object.fromEntries(
      Object.entries(sides).map(([side, types]) => [side, [...types].map(([type, n]) => (n > 1 ? `${type} ×${n}` : type))]),
    ),
    need = side => words[side].reduce((sum, word) => sum + textWidth(g, word) + 2 * 2.5 + 4, -4);
  // Letters get smaller before they are left out; and a side takes what the other does not need.
  const fits = [1, 1.8, 2.6].some(less => {
    g.font = font(spec.small - less, 600);
    return Math.max(need("in"), 0) + Math.max(need("out"), 0) <= all;
  });
  if (!fits) g.font = font(spec.small - 1, 600);
  for (const side of Object.keys(sides)) {
    const room = !both ? all : fits ? all - need(side === "in" ? "out" : "in") : all / 2;
    let left = room,
      x = side === "in" || !both ? b.x + spec.pad : b.x + b.w - spec.pad;
    words[side].forEach((word, i) => {
      const rest = words[side].length - 1 - i;
      const last = !fits && rest > 0 && left < 2 * textWidth(g, word) + 24;
      const full = last ? `${word} +${rest}` : word,
        air = textWidth(g, full) + 10 > left || (fits && need(side) + 5 * words[side].length > room) ? 2.5 : 5;
      const text = fit(g, full, left - 2 * air + 0.1),
        w = textWidth(g, text) + 2 * air;
      if (left < 18) return;
      const x0 = side === "out" && both ? x - w : x;
      box(g, x0, top + spec.rows[1] - spec.chip / 2, w, spec.chip, 4);
      g.fillStyle = view.pal.chip;
      g.fill();
      g.fillStyle = view.pal.ink;
      g.textAlign = "left";
      g.fillText(text, x0 + air, top + spec.rows[1] + 0.5);
      left = last ? 0 : left - w - 4;
      x += side === "out" && both ? -(w + 4) : w + 4;
    });
  }
}

function tally(view, b) {
  let sent = 0,
    recv = 0;
  for (const id of b.node.sockets) {
    const s = view.state.sockets.get(id);
    if (s) {
      sent += s.sent;
      recv += s.recv;
    }
  }
  return [sent, recv];
}

function counters(g, view, b, spec, y) {
  const [sent, recv] = tally(view, b),
    gives = sent > 0 || !recv,
    takes = recv > 0;
  const long = [gives && `${num(sent)} sent`, takes && `${num(recv)} received`].filter(Boolean).join(" · ");
  const brief = [takes && `↓ ${shortNum(recv)}`, gives && `↑ ${shortNum(sent)}`].filter(Boolean).join("  ");
  g.font = font(spec.small);
  const text = firstFit(g, [long, brief], b.w - 2 * spec.pad),
    state = condition(view, b);
  if (halo(view, state)) under(g, view, b.x + spec.pad, y, textWidth(g, text), spec.small);
  g.fillStyle = view.pal.dim;
  g.textAlign = "left";
  g.fillText(text, b.x + spec.pad, y);
}

function smallLine(g, view, b, spec, top, state) {
  const y = top + spec.rows[1];
  if (state.text && state.kind !== "ended") {
    pill(g, view, b, state, y, 14);
    return;
  }
  const [sent, recv] = tally(view, b),
    types = [...new Set(b.node.types)].join(" ");
  g.font = font(spec.small, 500);
  g.fillStyle = view.pal.dim;
  g.textAlign = "right";
  const count = shortNum(Math.max(sent, recv)),
    w = textWidth(g, count);
  const roomy = b.h >= 60 && textWidth(g, types) + w + 5 > b.w - 2 * spec.pad; // a tall box has a line for each
  g.fillText(count, b.x + b.w - spec.pad, roomy ? y + 13 : y);
  g.textAlign = "left";
  g.fillText(fit(g, types, b.w - 2 * spec.pad - (roomy ? 0 : w + 5)), b.x + spec.pad, y);
}

function pill(g, view, b, state, y, h) {
  const { pal } = view,
    colour = WARM.has(state.kind) ? pal.bad : state.kind === "frozen" ? pal.ice : pal.dim;
  g.font = font(h > 18 ? 12 : h > 14 ? 10.5 : 9.5, 700);
  const mark = state.icon && textWidth(g, state.text) + h + 8 < b.w - 8 ? h * 0.72 : 0;
  const text = firstFit(g, [state.text, state.short || state.text], b.w - 12 - mark);
  const w = Math.min(b.w - 4, textWidth(g, text) + mark + (h > 18 ? 20 : 10)),
    x = b.x + (b.w - w) / 2;
  box(g, x, y - h / 2, w, h, h / 2);
  g.fillStyle = colour;
  g.fill();
  g.fillStyle = pal.bg;
  g.textAlign = "center";
  g.fillText(text, b.x + b.w / 2 + mark / 2, y + 0.5);
  if (mark) icon(g, state.icon, b.x + b.w / 2 - textWidth(g, text) / 2 - 1, y, h * 0.2);
}

/** Signs are drawn, not typed: not every font has them. */
function icon(g, kind, x, y, r) {
  if (kind === "stop") {
    g.fillRect(x - r, y - r, 2 * r, 2 * r);
    return;
  }
  g.strokeStyle = g.fillStyle;
  g.lineWidth = Math.max(1.2, r / 2.4);
  g.beginPath();
  const arms = kind === "flake" ? 3 : 2,
    turn = kind === "flake" ? Math.PI / 2 : Math.PI / 4;
  for (let k = 0; k < arms; k++) {
    const a = turn + (k * Math.PI) / arms,
      dx = Math.cos(a) * r * 1.25,
      dy = Math.sin(a) * r * 1.25;
    g.moveTo(x - dx, y - dy);
    g.lineTo(x + dx, y + dy);
  }
  g.stroke();
}

function cross(g, b, pal) {
  g.strokeStyle = pal.grey;
  g.lineWidth = 1.5;
  g.globalAlpha *= 0.5;
  g.beginPath();
  g.moveTo(b.x + 6, b.y + 6);
  g.lineTo(b.x + b.w - 6, b.y + b.h - 6);
  g.moveTo(b.x + b.w - 6, b.y + 6);
  g.lineTo(b.x + 6, b.y + b.h - 6);
  g.stroke();
  g.globalAlpha /= 0.5;
}

/** In a folded column a queue is a bar at the foot of its box. */
function queueBar(g, view, b) {
  const mine = view.inBox.get(b.id);
  if (!mine) return;
  let depth = 0,
    cap = 0;
  for (const geo of mine) {
    const edge = view.current(geo.route),
      c = view.state.edge(edge.id),
      most = capacity(view, edge, 0);
    depth += c.depth[0] + c.depth[1];
    cap = most === null ? cap : cap + most;
  }
  const f = cap ? Math.min(1, depth / cap) : depth / (depth + 30),
    full = isFull(cap || null, depth);
  const x = b.x + 6,
    w = b.w - 12,
    y = b.y + b.h - 5;
  box(g, x, y, w, 3, 1.5);
  g.fillStyle = view.pal.line;
  g.fill();
  if (!f) return;
  box(g, x + w * (1 - f), y, w * f, 3, 1.5);
  g.fillStyle = full ? view.pal.bad : lane(view.pal, view.colour.get(mine[0].id));
  g.fill();
}
