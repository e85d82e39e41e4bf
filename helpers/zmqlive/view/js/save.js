// Save as: the whole replay in one page that needs nothing else, or a moving picture.
import { movingSvg, stretch } from "./film.js";

const CLOSE = `<${"/"}script`; // written out, it would end the element that holds this module
const END = `export ${"default"} { render };`; // the module's last line, not written out here

/** What was seen so far, as a replay. */
export function replayOf(view, end) {
  const { store } = view,
    { topo } = store;
  const lives = (kind, item) => ({ ...item, born: store.born.get(kind + item.id) ?? 0, gone: store.gone.get(kind + item.id) ?? null });
  return {
    v: 1,
    title: view.title,
    dur: end,
    topo: {
      roles: topo.roles || [],
      sockets: (topo.sockets || []).map(s => lives("s", s)),
      edges: (topo.edges || []).map(e => lives("e", e)),
    },
    ev: store.ev.map(e => [...e]),
    note: "",
    options: { colour: view.colours.by, follow: view.follows, xray: view.xrayOpen },
  };
}

/** The view's own module and style sheet: a widget is handed them, a page holds them. */
function codeOf(source) {
  if (source.code) return source.code;
  const find = (tag, holds) => [...document.querySelectorAll(tag)].map(e => e.textContent).find(text => text.includes(holds)) || "";
  return { module: find("script[type=module]", END), style: find("style", ".zl-stage") };
}

export function pageOf(view, source, end) {
  const { module, style } = codeOf(source),
    code = module.slice(0, module.lastIndexOf(END) + END.length).replaceAll(CLOSE, `<\\${CLOSE.slice(1)}`),
    data = JSON.stringify(replayOf(view, end)).replaceAll("<", "\\u003c"),
    name = view.title.replace(/[&<>"]/g, c => `&#${c.charCodeAt(0)};`);
  return (
    `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">` +
    `<link rel="icon" href="data:,"><title>${name}</title><style>:root{color-scheme:light dark}` +
    `body{margin:clamp(6px,2vw,24px);background:Canvas;color:CanvasText;font-family:system-ui,sans-serif}${style}</style></head>` +
    `<body><div data-zmqlive="replay"></div><script type="application/json" id="replay">${data}${CLOSE}>` +
    `<script type="module">${code}\nmountAll();${CLOSE}></body></html>`
  );
}

export function save(kind, view, source, end) {
  const text = kind === "svg" ? movingSvg(view, stretch(view.T, end)) : pageOf(view, source, end),
    type = kind === "svg" ? "image/svg+xml" : "text/html",
    url = URL.createObjectURL(new Blob([text], { type })),
    link = document.createElement("a");
  link.href = url;
  link.download = `${view.title.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-|-$/g, "") || "zeromq"}.${kind}`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60000);
}
