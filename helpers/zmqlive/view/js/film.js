// A stretch of the record as a moving picture: each frame is drawn by what draws the view, with a pen that writes SVG. What
// stays from one frame to the next is written once.
import { State } from "./state.js";
import { aim } from "./camera.js";
import { drawMoving, drawScene } from "./picture.js";
import { SvgPen } from "./svgpen.js";
import { DARK, LIGHT, seconds } from "./palette.js";

const FPS = 12,
  LONGEST = 8000, // ms
  BEFORE = 1500; // ms that a flight or a fall takes at most: so much earlier the first frame's state begins

/** {from, to} in ms: what is shown of a record that has been seen up to `end`, around T. */
export function stretch(T, end, longest = LONGEST) {
  if (end <= longest) return { from: 0, to: end };
  const from = Math.min(end - longest, Math.max(0, T - longest / 2));
  return { from, to: from + longest };
}

/** The SVG of what happens from `from` to `to`; it moves by itself, over and over, unless less motion is wanted. */
export function movingSvg(view, { from, to }, fps = FPS) {
  const floor = view.store.floor,
    film = { ...view, state: new State(view.store), zoom: { z: 1, x: 0, y: 0 }, cam: {}, dpr: 1, calm: false, still: false, hover: null, chosen: null };
  aim(film);
  const count = Math.max(2, Math.round(((to - from) / 1000) * fps)),
    spans = new Map(), // layer and element → where it is open
    closed = [],
    defs = new Map();
  let sawMost = -1,
    still = 0;
  for (let t = Math.max(0, from - BEFORE); t < from; t += 1000 / fps) draw(film, t, null);
  for (let i = 0; i < count; i++) {
    const drawn = draw(film, from + (i * (to - from)) / count, defs);
    const now = new Set();
    for (const [layer, pen] of drawn.entries())
      for (const { key, text } of pen.out) {
        const id = layer + text;
        now.add(id);
        if (!spans.has(id)) spans.set(id, { key: layer * 1e9 + key, text, from: i });
      }
    for (const [id, span] of spans)
      if (!now.has(id)) {
        closed.push({ ...span, to: i });
        spans.delete(id);
      }
    const waits = film.drawn.waiting + film.drawn.flying + (film.asked ? 1000 : 0);
    if (waits >= sawMost) [sawMost, still] = [waits, i];
  }
  for (const span of spans.values()) closed.push({ ...span, to: count });
  view.store.floor = floor;
  return written(view, closed.sort((a, b) => a.key - b.key || a.from - b.from), { count, ms: to - from, still, defs });
}

/** Both layers at one moment, [still, moving]. */
function draw(film, t, defs) {
  film.T = t;
  film.state.advance(t);
  const pens = [new SvgPen(), new SvgPen()];
  drawScene(pens[0], film);
  drawMoving(pens[1], film, 1000 / FPS, false);
  if (defs) for (const [id, text] of pens[0].defs) defs.set(id, text);
  return pens;
}

function written(view, spans, { count, ms, still, defs }) {
  const { W, H } = view.stage,
    { pal } = view,
    head = 34,
    frames = new Map(), // "from-to" → its class
    body = [];
  const classOf = ({ from, to }) => {
    const id = `${from}-${to}`;
    if (!frames.has(id)) frames.set(id, { name: `f${frames.size}`, from, to });
    return frames.get(id).name;
  };
  for (let i = 0; i < spans.length;) {
    const span = spans[i];
    let j = i;
    while (j < spans.length && spans[j].from === span.from && spans[j].to === span.to) j++;
    const inside = spans.slice(i, j).map(s => s.text).join("");
    body.push(span.from === 0 && span.to === count ? inside : `<g class="f ${classOf(span)}${span.from <= still && still < span.to ? " s" : ""}">${inside}</g>`);
    i = j;
  }
  const part = i => `${((100 * i) / count).toFixed(2).replace(/\.?0+$/, "")}%`;
  const keys = [...frames.values()].map(({ name, from, to }) => {
    const shown = [from ? `0%{visibility:hidden}` : "", `${part(from)}{visibility:visible}`, to < count ? `${part(to)}{visibility:hidden}` : ""].join("");
    return `@keyframes ${name}{${shown}}.${name}{animation-name:${name}}`;
  });
  const [look, shown] = themed(pal, `<rect x=".75" y=".75" width="${W - 1.5}" height="${H + head - 1.5}" rx="10" fill="${pal.bg}" stroke="${pal.line}" stroke-width="1.5"/>` +
    `<text x="14" y="23" font-size="15" font-weight="650" fill="${pal.ink}">${escaped(view.title)}</text>` +
    `<defs>${[...defs.values()].join("")}</defs><g transform="translate(0 ${head})">${body.join("")}</g>`);
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${W} ${H + head}" width="${W}" height="${H + head}" role="img" style="max-width:100%;height:auto">` +
    `<title>${escaped(`${view.title}: ${seconds(ms)} of a recorded run of real sockets`)}</title>` +
    `<style>${look}text{font-family:system-ui,-apple-system,'Segoe UI','Noto Sans','DejaVu Sans',sans-serif}.f{visibility:hidden;animation:${(ms / 1000).toFixed(2)}s step-end infinite}${keys.join("")}` +
    `@media (prefers-reduced-motion:reduce){.f{animation:none}.s{visibility:visible}}</style>${shown}</svg>`
  );
}

/** [style, svg] in which the colours are the reader's: light or dark, wherever the picture is shown. */
function themed(pal, svg) {
  const flat = p => [...Object.entries(p).filter(([, v]) => v[0] === "#"), ...p.lanes.map((v, i) => [`l${i}`, v])],
    here = flat(pal),
    names = new Map(here.map(([name, colour]) => [colour, name]).reverse()); // of one colour's names, the first
  const used = new Set(),
    shown = svg.replace(/"(#[0-9a-fA-F]{6})"/g, (whole, colour) => {
      if (!names.has(colour)) return whole;
      used.add(names.get(colour));
      return `"var(--${names.get(colour)})"`;
    });
  const vars = p => flat(p).filter(([name]) => used.has(name)).map(([name, colour]) => `--${name}:${colour}`).join(";");
  return [`svg{${vars(LIGHT)}}@media (prefers-color-scheme:dark){svg{${vars(DARK)}}}`, shown];
}

const escaped = text => text.replace(/[&<>"]/g, c => `&#${c.charCodeAt(0)};`);
