// The queue x-ray: where the messages of one edge are. Plain HTML, so that it can be read aloud and copied.
import { bytes, num } from "./palette.js";
import { el } from "./dom.js";
import { capacity } from "./tube.js";
import { placesKnown } from "./store.js";
import { edgeName } from "./words.js";

const PLACES = ["Sender's queue", "Kernel", "Receiver's queue", "In work"];

export function xrayPanel(onClose) {
  const title = el("span", "zl-xray-title"),
    note = el("span", "zl-xray-note");
  const close = el("button", "zl-mini", { type: "button", text: "×", "aria-label": "Close the queue x-ray" });
  close.onclick = onClose;
  const places = PLACES.map(name => {
    const fill = el("i"),
      count = el("b", "", { text: "0" }),
      more = el("span");
    const label = el("div", "zl-place-name", { text: name });
    return {
      fill,
      count,
      more,
      name: label,
      node: el("div", "zl-place", {}, [
        label,
        el("div", "zl-meter", {}, [fill]),
        el("div", "zl-place-count", {}, [count, more]),
      ]),
    };
  });
  const root = el("section", "zl-xray", { "aria-label": "Queue x-ray" }, [
    el("div", "zl-xray-head", {}, [el("b", "", { text: "Queue x-ray" }), title, note, close]),
    el(
      "div",
      "zl-places",
      {},
      places.map(p => p.node),
    ),
  ]);
  root.hidden = true;
  const set = (node, text) => {
    if (node.textContent !== text) node.textContent = text;
  };

  return {
    root,
    update(view, edge) {
      root.hidden = !edge;
      if (!edge) return;
      const c = view.state.edge(edge.id),
        x = c.x || [null, null, null, null, null],
        total = capacity(view, edge, 0);
      const inproc = edge.transport === "inproc";
      set(title, edgeName(view, edge));
      set(
        note,
        `${edge.transport || ""}${edge.via ? " over the link " + edge.via : ""} · ${num(c.depth[0])} waiting${total === null ? "" : " of " + num(total)}${inproc ? " · one queue in this process, no kernel" : ""}`,
      );
      const known = !inproc && placesKnown(x),
        work = x[3] ?? workOf(view, edge);
      const values = known ? [x[0], x[1], x[2]] : inproc ? [null, null, c.depth[0]] : [null, null, null];
      const caps = [edge.cap[0], null, inproc && !known ? total : edge.cap[1], null];
      [...values, work].forEach((n, i) => {
        if (i === 2) set(places[2].name, inproc ? "The one queue" : PLACES[2]);
        const p = places[i],
          cap = caps[i],
          none = n === null || n === undefined;
        const f = none ? 0 : cap ? Math.min(1, n / cap) : n / (n + (i === 3 ? 1 : 60));
        p.fill.style.inlineSize = `${(100 * f).toFixed(1)}%`;
        p.node.classList.toggle("zl-full", !!cap && n >= cap);
        const away = inproc && i < 2;
        set(p.count, none ? (i === 1 && x[4] ? bytes(x[4]) : away ? "–" : "?") : num(n));
        set(
          p.more,
          none
            ? away
              ? ""
              : i === 1 && x[4]
                ? ""
                : " cannot be seen here"
            : i === 1 && x[4]
              ? ` ≈ ${bytes(x[4])}`
              : cap
                ? ` / ${num(cap)}${n >= cap ? " full" : ""}`
                : "",
        );
      });
    },
  };
}

function workOf(view, edge) {
  let n = 0;
  for (const s of view.state.sockets.values())
    for (const w of s.work.values()) if (w.edge === edge.id && w.dir === 0) n++;
  return n;
}
