// The boxes of roles: name, socket types, counters, and states that cannot be missed. Part of the still layer.
import { box, firstFit, fit, font, num, pattern, seconds, shortNum, textWidth, under } from "./palette.js";
import { chipRows, SPEC, wordsOf } from "./chips.js";
import { drawDoor, queueBar } from "./doors.js";
import { queueOf } from "./waiting.js";

const WARM = new Set(["blocked", "failed"]);

/** What a box is in: {kind, text, since}. One state is shown: the worst; of one that just runs, what it says it is. */
export function condition(view, b) {
  if (b.node.members) return ofFamily(view, b.node.members);
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
  if (view.over()) return { kind: "ended", text: "stopped" };
  if (!b.node.sockets.some(id => view.store.alive("s" + id, view.T)))
    return {
      kind: b.node.sockets.some(id => view.store.born.get("s" + id) <= view.T) ? "ended" : "unborn",
      text: "closed",
    };
  return { kind: "running", text: view.state.labels.get(b.node.role) || "" };
}

/** The worst that any of a family is in, and how many are. */
function ofFamily(view, members) {
  const all = members.map(node => condition(view, { node })),
    there = all.filter(c => c.kind !== "unborn");
  for (const kind of ["failed", "killed", "frozen", "blocked"]) {
    const n = all.filter(c => c.kind === kind).length;
    if (n) return { ...all.find(c => c.kind === kind), text: `${n} ${kind}`, short: `${n}`, detail: "", count: n };
  }
  if (!there.length) return { kind: "unborn", text: "" };
  return there.every(c => c.kind === "ended") ? { kind: "ended", text: "all ended" } : { kind: "running", text: "" };
}

export function drawBox(g, view, b) {
  const { pal } = view,
    spec = SPEC[b.size],
    state = condition(view, b);
  if (state.kind === "unborn") return;
  g.globalAlpha = (b.alpha ?? 1) * (state.kind === "ended" ? 0.75 : 1);
  const bad = WARM.has(state.kind),
    edge = bad ? pal.bad : state.kind === "frozen" ? pal.ice : state.kind === "killed" ? pal.grey : pal.line;
  if (b.node.members) behind(g, view, b);
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
  const more = chipRows(b.node.types, b.size, b.w),
    top = topOf(b, more),
    ring = receives(view, b) ? { s: 14, n: 19 }[b.size] || 26 : 0;
  name(g, view, b, spec, top, ring, state);
  if (b.size === "s") smallLine(g, view, b, spec, top, state, more);
  else {
    chips(g, view, b, spec, top, more);
    const last = top + spec.rows[2] + more.extra;
    const low = b.size === "l" && b.h < 90 + more.extra; // the state hangs at its foot
    if (state.text)
      pill(
        g,
        view,
        b,
        state,
        low ? b.y + b.h + 4 : last,
        b.size === "l" ? 22 : 16,
      );
    if (!state.text || low) counters(g, view, b, spec, last - (state.text ? 4 : 0));
  }
  if (state.kind === "killed") cross(g, b, pal);
  if (b.size === "s") queueBar(g, view, b);
  drawDoor(g, view, b);
  g.globalAlpha = 1;
}

/** A family is a pile of boxes. */
function behind(g, view, b) {
  g.lineWidth = 1.2;
  g.strokeStyle = view.pal.line;
  g.fillStyle = view.pal.panel;
  for (const off of [6, 3]) {
    box(g, b.x + off, b.y - off, b.w, b.h, 9);
    g.fill();
    g.stroke();
  }
}

export function receives(view, b) {
  return b.node.sockets.some(id => (view.state.sockets.get(id) || {}).recv > 0);
}

/** Where the block of a box's text begins. */
const topOf = (b, more) => b.y + (b.h - SPEC[b.size].block - more.extra) / 2;

/** Where the "in work" ring of a box is. */
export function ringAt(b) {
  const top = topOf(b, chipRows(b.node.types, b.size, b.w));
  return b.size === "s"
    ? [b.x + b.w - 11, top + 7, 5]
    : [b.x + b.w - (b.size === "l" ? 18 : 14), top + SPEC[b.size].rows[0] - 1, b.size === "l" ? 9 : 7];
}

function name(g, view, b, spec, top, ring, state) {
  g.textAlign = "left";
  const text = fitName(g, b.node.short ?? b.node.label, spec.name, b.w - 2 * spec.pad - ring),
    clear = halo(view, state);
  if (clear) under(g, view.pal, b.x + spec.pad, top + spec.rows[0], textWidth(g, text), spec.name);
  g.fillStyle = state.kind === "killed" ? view.pal.dim : view.pal.ink;
  g.fillText(text, b.x + spec.pad, top + spec.rows[0]);
}

/** A long name first gets smaller, then loses letters in its middle: "subscri… 12" keeps its number. */
function fitName(g, label, size, room) {
  for (const s of [size, size - 1, size - 2, size - 3]) {
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

/** Socket types as chips: those that take in on the left, those that give out on the right; or in several rows. */
function chips(g, view, b, spec, top, { rows, step }) {
  if (rows.length > 1) {
    rows.forEach((words, i) => chipRow(g, view, words, b.x + spec.pad, top + spec.rows[1] + i * step, spec, spec.small - 1, 1));
    return;
  }
  const own = b.node.members ? b.node.members[0].sockets : b.node.sockets, // of a family, those that each has
    alive = own.filter(id => view.store.alive("s" + id, view.T)),
    sides = { in: [], out: [] };
  for (const id of alive.length ? alive : own)
    sides[view.sides.get(id) || "in"].push(view.graph.sockets.get(id).type);
  const both = sides.in.length && sides.out.length,
    all = [...wordsOf(sides.in), ...wordsOf(sides.out)],
    room = b.w - 2 * spec.pad - (both ? 4 : 0);
  g.font = font(spec.small, 600);
  const fits = all.reduce((sum, word) => sum + textWidth(g, word) + 14, -4) <= room,
    size = fits ? spec.small : spec.small - 1,
    y = top + spec.rows[1];
  chipRow(g, view, wordsOf(sides.in), b.x + spec.pad, y, spec, size, 1);
  chipRow(g, view, wordsOf(sides.out), both ? b.x + b.w - spec.pad : b.x + spec.pad, y, spec, size, both ? -1 : 1);
}

/** A row of chips from `x` on, to the right or (-1) to the left. */
function chipRow(g, view, words, x, y, spec, size, towards) {
  g.font = font(size, 600);
  g.textAlign = "left";
  for (const word of words) {
    const w = textWidth(g, word) + 10,
      x0 = towards > 0 ? x : x - w;
    box(g, x0, y - spec.chip / 2, w, spec.chip, 4);
    g.fillStyle = view.pal.chip;
    g.fill();
    g.fillStyle = view.pal.ink;
    g.fillText(word, x0 + 5, y + 0.5);
    x += towards * (w + 4);
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
  const round = n => (n < 1000 ? num(n) : n < 1e6 ? `${(n / 1e3).toFixed(n < 1e4 ? 1 : 0)}k` : shortNum(n)),
    tight = [takes && `↓${round(recv)}`, gives && `↑${round(sent)}`].filter(Boolean).join(" ");
  const text = firstFit(g, [long, brief, tight], b.w - 2 * spec.pad),
    state = condition(view, b);
  if (halo(view, state)) under(g, view.pal, b.x + spec.pad, y, textWidth(g, text), spec.small);
  g.fillStyle = view.pal.dim;
  g.textAlign = "left";
  g.fillText(text, b.x + spec.pad, y);
}

function smallLine(g, view, b, spec, top, state, { rows, step, extra }) {
  const y = top + spec.rows[1];
  if (state.text && state.kind !== "ended") {
    pill(g, view, b, state, y + extra + (extra ? 3 : 0), 14);
    if (!extra) return;
  }
  const [sent, recv] = tally(view, b),
    waits = (view.inBox.get(b.id) || []).reduce((n, geo) => n + queueOf(view, geo.route, 0).n + queueOf(view, geo.route, 1).n, 0);
  g.font = font(spec.small, 500);
  g.fillStyle = view.pal.dim;
  g.textAlign = "left";
  rows.forEach((words, i) => g.fillText(words.join(" "), b.x + spec.pad, y + i * step));
  if (state.text && state.kind !== "ended") return;
  g.textAlign = "right";
  const room = extra ? b.w - 2 * spec.pad : b.w - 2 * spec.pad - textWidth(g, rows[0]?.join(" ") || "") - 5,
    count = shortNum(Math.max(sent, recv)),
    texts = waits ? [`${shortNum(waits)} waiting`, `${shortNum(waits)} wait`, shortNum(waits)] : [count];
  g.fillText(firstFit(g, texts, room), b.x + b.w - spec.pad, y + extra);
}

function pill(g, view, b, state, y, h) {
  const { pal } = view,
    colour = WARM.has(state.kind) ? pal.bad : state.kind === "frozen" ? pal.ice : state.kind === "running" ? pal.ok : pal.dim;
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
