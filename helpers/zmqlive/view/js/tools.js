// The small tools beside the sentence: what colours mean, where messages wait, find, keep, larger.
import { el } from "./dom.js";
import { BY, outline } from "./colours.js";

const PATHS = {
  find: "M10.5 10.5 14 14M11.5 7a4.5 4.5 0 1 1-9 0 4.5 4.5 0 0 1 9 0Z",
  save: "M8 2v8M4.5 7 8 10.5 11.5 7M2.5 13.5h11",
  full: "M2.5 6V2.5H6M10 2.5h3.5V6M13.5 10v3.5H10M6 13.5H2.5V10",
  pin: "M6 2.5h4l-.5 4 2.5 2.5H4l2.5-2.5ZM8 9v5",
};

function iconButton(kind, label) {
  const b = el("button", `zl-icon zl-to-${kind}`, { type: "button", "aria-label": label, title: label });
  b.innerHTML = `<svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true"><path d="${PATHS[kind]}" fill="none" stroke="currentColor" stroke-width="1.7" stroke-linecap="round" stroke-linejoin="round"/></svg>`;
  return b;
}

/** Adds the tools to `dom`: colour, edges, find, save (a menu), pin, full; without what this browser cannot do. */
export function buildTools(dom) {
  dom.colour = el(
    "select",
    "zl-colour",
    { "aria-label": "What colours and shapes tell apart", title: "What colours and shapes tell apart" },
    Object.entries(BY).map(([value, word]) => el("option", "", { value, text: `by ${word}` })),
  );
  dom.edges = el("select", "zl-edges", {
    "aria-label": "Queue x-ray of an edge",
    title: "Queue x-ray: where the messages of an edge wait",
  });
  dom.find = iconButton("find", "Find a message");
  dom.find.setAttribute("aria-expanded", "false");
  dom.save = el("select", "zl-save", { "aria-label": "Save as a file", title: "Save what the view has seen as a file" }, [
    el("option", "", { value: "", text: "Save" }),
    el("option", "", { value: "html", text: "replay, one page (.html)" }),
    el("option", "", { value: "svg", text: "moving picture (.svg)" }),
  ]);
  dom.pin = iconButton("pin", "Keep in sight while you scroll");
  dom.pin.hidden = typeof HTMLElement.prototype.showPopover !== "function";
  dom.full = iconButton("full", "Fill the screen");
  dom.full.hidden = !document.fullscreenEnabled;
  for (const b of [dom.pin, dom.full]) b.setAttribute("aria-pressed", "false");
  dom.tools = el("div", "zl-tools", { role: "group", "aria-label": "Look closer" }, [dom.colour, dom.edges, dom.find, dom.save, dom.pin, dom.full]);
  dom.families = el("div", "zl-families", { role: "group", "aria-label": "Families of roles" });
  dom.families.hidden = true;
  dom.foot = el("div", "zl-foot", {}, [dom.say, dom.tools]);
}

/** A button for each family of roles: to show each of them, or all as one. */
export function drawFamilies(dom, view, toggle) {
  const { families = [] } = view.graph;
  dom.families.hidden = !families.length;
  dom.families.replaceChildren(
    ...families.map(f => {
      const b = el("button", "zl-small", { type: "button", text: `${f.open ? "Together" : "Open"}: ${f.name}`, "aria-expanded": String(f.open) });
      b.onclick = () => toggle(f.stem);
      return b;
    }),
  );
}

/** The legend: a shape, its colour, its meaning. Returns what was drawn, to compare. */
export function drawLegend(dom, view, before) {
  const items = view.colours.by === "line" ? [] : view.colours.legend(view),
    text = JSON.stringify([items, view.pal.name]);
  if (text === before) return text;
  dom.legend.hidden = !items.length;
  dom.legend.replaceChildren(
    ...items.map(({ name, colour, shape }) => {
      const item = el("li", "", {}, [el("span", "", { text: name })]);
      item.insertAdjacentHTML(
        "afterbegin",
        `<svg viewBox="-8 -8 16 16" width="16" height="16" aria-hidden="true"><path d="${pathOf(shape, 6)}" fill="${colour}"/></svg>`,
      );
      return item;
    }),
  );
  return text;
}

/** The outline of a shape as an SVG path. */
function pathOf(shape, r) {
  let d = "";
  const pen = {
    arc: (x, y, radius) => (d += `M${-radius} 0a${radius} ${radius} 0 1 0 ${2 * radius} 0a${radius} ${radius} 0 1 0 ${-2 * radius} 0Z`),
    moveTo: (x, y) => (d += `M${x.toFixed(2)} ${y.toFixed(2)}`),
    lineTo: (x, y) => (d += `L${x.toFixed(2)} ${y.toFixed(2)}`),
    closePath: () => (d += "Z"),
  };
  outline(pen, shape, r);
  return d;
}
