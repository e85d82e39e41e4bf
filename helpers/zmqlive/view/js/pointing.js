// Mouse and keys in the picture: ask a message, open an edge, a box in full; zoom and move.
import { hit } from "./picture.js";
import { condition } from "./boxes.js";
import { briefly } from "./book.js";
import { messageAt } from "./asking.js";
import { pan, toPicture, whole, zoomAt } from "./camera.js";
import { doorOf } from "./waiting.js";
import { queueWords } from "./words.js";

const CLICK = 5, // px that the mouse may move in a click
  LARGER = 1.25;

export function wirePicture({ view, dom, changed, bar, menu, card, toggle }) {
  const at = e => {
    const r = dom.dots.getBoundingClientRect(),
      [x, y] = toPicture(view, e.clientX - r.left, e.clientY - r.top),
      id = messageAt(view, x, y);
    return id !== null ? { message: id } : hit(view, x, y);
  };
  let drag = null;
  dom.dots.addEventListener("pointerdown", e => {
    drag = { x: e.clientX, y: e.clientY, far: false };
    if (view.zoom.z > 1) dom.dots.setPointerCapture(e.pointerId);
  });
  dom.dots.addEventListener("pointerup", () => {
    if (drag && !drag.far) drag = null;
  });
  dom.dots.addEventListener("pointermove", e => {
    if (drag && e.buttons && view.zoom.z > 1) {
      const [dx, dy] = [e.clientX - drag.x, e.clientY - drag.y];
      if (!drag.far && Math.hypot(dx, dy) < CLICK) return;
      drag = { x: e.clientX, y: e.clientY, far: true };
      pan(view, dx, dy);
      changed();
      return;
    }
    const over = at(e),
      id = over && over.box ? over.box.id : null;
    dom.dots.style.cursor = over ? "pointer" : view.zoom.z > 1 ? "grab" : "";
    dom.dots.title = titleOf(view, over);
    if (id !== view.hover) {
      view.hover = id;
      changed();
    }
  });
  dom.dots.addEventListener("pointerleave", () => {
    if (view.hover) {
      view.hover = null;
      changed();
    }
  });
  dom.dots.addEventListener("click", e => {
    const moved = drag && drag.far;
    drag = null;
    if (moved) return;
    const over = at(e);
    if (over && over.message !== undefined) card.choose(over.message);
    else if (over && over.edge) {
      view.chosen = view.chosen === over.edge.id ? null : over.edge.id;
      view.closed = view.chosen === null;
      dom.edges.value = view.chosen === null ? "" : String(view.chosen);
    } else if (over && over.box && over.box.node.family) toggle(over.box.node.family);
    else if (over && over.box) bar.choose(over.box.node.role);
    if (over && over.box && !over.box.node.family) menu.open(over.box);
    else menu.close();
    changed();
  });
  // With Ctrl, as for a page: without, a page that is scrolled must not stop at a picture.
  dom.dots.addEventListener(
    "wheel",
    e => {
      if (!e.ctrlKey && !e.metaKey) return;
      e.preventDefault();
      const r = dom.dots.getBoundingClientRect();
      zoomAt(view, Math.exp(-e.deltaY / 200), e.clientX - r.left, e.clientY - r.top);
      changed();
    },
    { passive: false },
  );
  dom.whole.onclick = () => {
    whole(view);
    dom.dots.focus();
    changed();
  };
  const keys = {
    ArrowRight: () => card.step(1),
    ArrowDown: () => card.step(1),
    ArrowLeft: () => card.step(-1),
    ArrowUp: () => card.step(-1),
    Enter: () => card.step(1),
    "+": () => zoomAt(view, LARGER),
    "-": () => zoomAt(view, 1 / LARGER),
    0: () => whole(view),
  };
  dom.dots.addEventListener("keydown", e => {
    if (!(e.key in keys) || e.ctrlKey || e.metaKey || e.altKey) return;
    e.preventDefault();
    e.stopPropagation();
    keys[e.key]();
    changed();
  });
}

function titleOf(view, over) {
  if (!over) return "";
  if (over.edge) return `${queueWords(view, over.edge.route)}\nClick: where do its messages wait?`;
  if (over.box) return details(view, over.box);
  return `Message ${over.message}: ${briefly(view.store.book.pages.get(over.message), 60) || "empty"}\nClick: follow it`;
}

/** All that a box says, and what had no room in it. */
function details(view, b) {
  const { text, detail } = condition(view, b),
    state = text ? [`${b.node.label}: ${[text, detail].filter(Boolean).join(": ")}`] : [],
    doors = b.node.sockets.map(id => doorOf(view, id)).filter(Boolean);
  const waits = doors.map(d => `${d.n} waiting at its ${view.graph.sockets.get(d.socket).type}'s door: nobody is there yet`);
  if (b.node.members) return [`${b.node.label}: ${b.node.types.join(", ")} each`, ...state, "Click: show each of them"].join("\n");
  return [...state, ...sockets(view, b), ...waits].join("\n");
}

function sockets(view, b) {
  return b.node.sockets.map(id => {
    const s = view.graph.sockets.get(id),
      c = view.state.sockets.get(id) || { sent: 0, recv: 0 };
    return `${b.node.label}: ${s.type}${s.endpoint ? " " + s.endpoint : ""}\nsent ${c.sent}, received ${c.recv}; SNDHWM ${s.sndhwm ?? "?"}, RCVHWM ${s.rcvhwm ?? "?"}`;
  });
}
