// Depth of all queues over time, blocked spans shaded, marks as flags, the play head.
import { font, num, seconds } from "./palette.js";

export const TL_HEIGHT = 40;
const CAPTION = 13; // room for the words above the curve

export function drawTimeline(g, view, width, from, to) {
  const { store, pal, T } = view,
    h = TL_HEIGHT,
    span = Math.max(1, to - from),
    X = t => ((t - from) / span) * width;
  const base = h - 2,
    room = h - CAPTION - 6,
    { t, d } = store.series;
  g.clearRect(0, 0, width, h);
  let most = 1;
  for (let i = 0; i < d.length; i++) if (t[i] <= to && d[i] > most) most = d[i];
  const blocked = shade(g, view, X, from, to, width, h);
  g.beginPath();
  g.moveTo(0, base);
  let last = 0,
    x = 0;
  for (let i = 0; i < t.length && t[i] <= to; i++) {
    x = Math.max(0, X(t[i]));
    g.lineTo(x, base - (room * last) / most);
    last = d[i];
    g.lineTo(x, base - (room * last) / most);
  }
  g.lineTo(Math.min(width, X(Math.min(to, Math.max(store.now, T)))), base - (room * last) / most);
  g.lineTo(Math.min(width, X(Math.min(to, Math.max(store.now, T)))), base);
  g.closePath();
  g.globalAlpha = 0.35;
  g.fillStyle = pal.ok;
  g.fill();
  g.globalAlpha = 1;
  g.font = font(10.5);
  g.fillStyle = pal.dim;
  g.textAlign = "left";
  g.textBaseline = "top";
  g.fillText(
    `messages waiting, at most ${num(most === 1 && !d.some(v => v) ? 0 : most)}${blocked ? "   ▨ blocked" : ""}`,
    2,
    1,
  );
  g.textBaseline = "middle";
  const flags = drawFlags(g, view, X, from, to);
  const head = Math.min(width - 1, Math.max(1, X(T)));
  g.fillStyle = pal.ink;
  g.fillRect(head - 1, CAPTION - 2, 2, h);
  return flags;
}

/** Spans in which some socket was blocked; stripes as well as colour. */
function shade(g, view, X, from, to, width, h) {
  let any = false;
  const columns = new Uint8Array(Math.ceil(width) + 1);
  for (const s of view.store.spans) {
    const end = Math.min(to, s.to === Infinity ? view.store.now : s.to);
    if (end < from || s.from > to) continue;
    any = true;
    columns.fill(1, Math.max(0, Math.floor(X(s.from))), Math.min(columns.length, Math.ceil(X(end)) + 1));
  }
  g.fillStyle = view.pal.bad;
  for (let x = 0; x < columns.length; x++) {
    if (!columns[x]) continue;
    let n = x;
    while (n < columns.length && columns[n]) n++;
    g.globalAlpha = 0.22;
    g.fillRect(x, CAPTION, n - x, h - CAPTION);
    g.globalAlpha = 0.8;
    g.fillRect(x, h - 3, n - x, 3);
    x = n;
  }
  g.globalAlpha = 1;
  return any;
}

function drawFlags(g, view, X, from, to) {
  const flags = [];
  for (const m of view.store.marks) {
    if (m.t < from || m.t > to) continue;
    const x = X(m.t);
    g.fillStyle = view.pal.dim;
    g.globalAlpha = 0.7;
    g.fillRect(x - 0.5, CAPTION, 1, TL_HEIGHT - CAPTION);
    g.globalAlpha = 1;
    g.beginPath();
    g.moveTo(x, CAPTION);
    g.lineTo(x + 9, CAPTION + 4);
    g.lineTo(x, CAPTION + 8);
    g.fill();
    flags.push({ x, text: `${seconds(m.t)}: ${m.text}` });
  }
  return flags;
}
