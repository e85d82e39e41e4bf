// Colours, fonts and text that fits. Lane colours are told apart by the colour-blind; replies are hollow as well.

export const LIGHT = {
  name: "light",
  bg: "#ffffff",
  panel: "#f6f8fa",
  chip: "#e4e9ee",
  ink: "#1f2328",
  dim: "#57606a",
  line: "#b8c1cb",
  faint: "#e3e8ed",
  lanes: ["#0072B2", "#B87000", "#008A67", "#9A4F85", "#6B6F00", "#5460A8"],
  bad: "#B94700",
  badbg: "#fdf0e7",
  ok: "#0072B2",
  ice: "#2F7FB5",
  icebg: "#e3f2fc",
  grey: "#8b949e",
  frame: "#eef2f6",
};
export const DARK = {
  name: "dark",
  bg: "#111418",
  panel: "#1b2026",
  chip: "#303944",
  ink: "#e8edf2",
  dim: "#a3afbb",
  line: "#46515d",
  faint: "#252c34",
  lanes: ["#56B4E9", "#F0B429", "#2CC79A", "#D694C1", "#C9CC5A", "#A3B0F5"],
  bad: "#FF8A4C",
  badbg: "#33200f",
  ok: "#56B4E9",
  ice: "#8FD0FA",
  icebg: "#16303f",
  grey: "#768390",
  frame: "#21272e",
};

export const lane = (pal, i) => pal.lanes[((i % pal.lanes.length) + pal.lanes.length) % pal.lanes.length];

/** Dark or light is what the page really shows; a theme that has not been painted yet says so by attribute. */
export function isDark(node) {
  for (let n = node; n; n = n.parentElement) {
    const m = (getComputedStyle(n).backgroundColor || "").match(/[\d.]+/g);
    if (m && !(m.length > 3 && +m[3] === 0)) return (0.2126 * m[0] + 0.7152 * m[1] + 0.0722 * m[2]) / 255 < 0.45;
  }
  const attr = document.body && document.body.getAttribute("data-jp-theme-light");
  if (attr) return attr === "false";
  return matchMedia("(prefers-color-scheme: dark)").matches;
}

/** Gives a view's HTML the palette's colours. */
export function paintRoot(root, pal) {
  root.dataset.theme = pal.name;
  for (const key of ["ink", "dim", "panel", "line", "ok", "bg", "bad", "chip", "faint", "badbg"])
    root.style.setProperty("--zl-" + key, pal[key]);
}

const FAMILY = 'system-ui, -apple-system, "Segoe UI", "Noto Sans", "DejaVu Sans", sans-serif';
export const font = (size, weight = 400) => `${weight} ${size}px ${FAMILY}`;

const widths = new Map();
export function textWidth(g, text) {
  const key = g.font + "|" + text;
  let w = widths.get(key);
  if (w === undefined) {
    if (widths.size > 4000) widths.clear();
    widths.set(key, (w = g.measureText(text).width));
  }
  return w;
}

/** The text, shortened with … to the width. */
export function fit(g, text, width) {
  if (textWidth(g, text) <= width) return text;
  let lo = 0,
    hi = text.length;
  while (lo < hi) {
    const mid = (lo + hi + 1) >> 1;
    if (textWidth(g, text.slice(0, mid) + "…") <= width) lo = mid;
    else hi = mid - 1;
  }
  return lo ? text.slice(0, lo).trimEnd() + "…" : "";
}

/** The first of several wordings that fits the width; the last one is shortened. */
export function firstFit(g, texts, width) {
  return texts.find(t => textWidth(g, t) <= width) ?? fit(g, texts[texts.length - 1], width);
}

export function num(n) {
  const s = String(Math.round(n));
  return s.length <= 3 ? s : s.replace(/\B(?=(\d{3})+$)/g, ",");
}

/** Short enough for a small box: 12.3k, 4.5M. */
export function shortNum(n) {
  if (n < 10000) return num(n);
  if (n < 1e6) return (n / 1e3).toFixed(n < 1e5 ? 1 : 0) + "k";
  return (n / 1e6).toFixed(n < 1e8 ? 1 : 0) + "M";
}

export function bytes(n) {
  if (n === null || n === undefined) return "?";
  return n < 1000 ? `${n} B` : n < 1e6 ? `${(n / 1e3).toFixed(n < 1e5 ? 1 : 0)} kB` : `${(n / 1e6).toFixed(1)} MB`;
}

/** Seconds as a learner reads them; beyond a minute without tenths. */
export const seconds = ms => (ms < 60000 ? (ms / 1000).toFixed(1) : Math.round(ms / 1000)) + " s";

export function box(g, x, y, w, h, r) {
  g.beginPath();
  g.roundRect(x, y, Math.max(0, w), Math.max(0, h), Math.max(0, Math.min(r, w / 2, h / 2)));
}

/** A plain patch on which text keeps its contrast. */
export function under(g, pal, x, y, w, size) {
  const a = g.globalAlpha;
  g.globalAlpha = a * 0.82;
  g.fillStyle = pal.bg;
  box(g, x - 3, y - size * 0.66, w + 6, size * 1.32, 4);
  g.fill();
  g.globalAlpha = a;
}

const patterns = new Map();
/** Hatching (blocked) or crystals (frozen): seen without colour, too. */
export function pattern(g, pal, kind) {
  if (g.texture) return g.texture(pal, kind);
  const key = pal.name + kind;
  if (patterns.has(key)) return patterns.get(key);
  const c = document.createElement("canvas");
  c.width = c.height = kind === "ice" ? 14 : 10;
  const q = c.getContext("2d"),
    ice = kind === "ice";
  q.fillStyle = ice ? pal.icebg : pal.badbg;
  q.fillRect(0, 0, 14, 14);
  q.strokeStyle = ice ? pal.ice : pal.bad;
  q.globalAlpha = 0.32;
  q.lineWidth = ice ? 1 : 2;
  q.beginPath();
  if (ice) {
    for (const [dx, dy] of [
      [3, 0],
      [1.5, 2.6],
      [1.5, -2.6],
    ]) {
      q.moveTo(7 - dx, 7 - dy);
      q.lineTo(7 + dx, 7 + dy);
    }
  } else {
    q.moveTo(-2, 12);
    q.lineTo(12, -2);
    q.moveTo(-7, 7);
    q.lineTo(7, -7);
    q.moveTo(3, 17);
    q.lineTo(17, 3);
  }
  q.stroke();
  const p = g.createPattern(c, "repeat");
  patterns.set(key, p);
  return p;
}
