// Buttons, keys, mouse and the time line's handle.
import { hit } from "./picture.js";
import { condition } from "./boxes.js";
import { doorOf } from "./waiting.js";
import { queueWords } from "./words.js";

export function wireControls({ view, dom, clock, source, seek, setMode, showMode, step, end, changed, bar }) {
  dom.play.onclick = () => {
    if (clock.mode !== "pause") {
      setMode("pause");
      return;
    }
    if (clock.T >= end() - 1 && (!source.live || clock.finished)) seek(0);
    setMode("play");
  };
  dom.step.onclick = step;
  dom.again.onclick = () => {
    seek(0);
    setMode("play");
  };
  dom.loop.onclick = () => {
    clock.loop = !clock.loop;
    showMode();
  };
  dom.live.onclick = () => {
    if (!clock.finished) setMode("live");
  };
  dom.speed.onchange = () => {
    clock.speed = +dom.speed.value;
    if (clock.mode === "live" && clock.speed !== 1) setMode("play");
  };
  dom.range.oninput = () => {
    setMode("pause");
    seek((Math.max(1000, end()) * dom.range.value) / 1000);
  };
  dom.edges.onchange = () => {
    view.chosen = dom.edges.value === "" ? null : +dom.edges.value;
    view.closed = view.chosen === null;
    changed();
  };

  // JupyterLab acts on single keys (d d deletes the cell): none may leave the view.
  dom.root.addEventListener("keydown", e => {
    e.stopPropagation();
    const tag = e.target.tagName;
    if (tag === "SELECT" || e.ctrlKey || e.metaKey || e.altKey) return;
    if (e.key === " " && tag !== "BUTTON") {
      e.preventDefault();
      dom.play.click();
    } else if (e.key === ".") step();
    else if (e.key.toLowerCase() === "l" && source.live) dom.live.click();
    else if ((e.key === "ArrowLeft" || e.key === "ArrowRight") && tag !== "INPUT") {
      e.preventDefault();
      setMode("pause");
      seek(clock.T + (e.key === "ArrowLeft" ? -100 : 100) * (e.shiftKey ? 10 : 1));
    }
  });
  for (const kind of ["keyup", "keypress"]) dom.root.addEventListener(kind, e => e.stopPropagation());

  const at = e => {
    const r = dom.dots.getBoundingClientRect();
    return hit(view, e.clientX - r.left, e.clientY - r.top);
  };
  dom.dots.addEventListener("mousemove", e => {
    const over = at(e),
      id = over && over.box ? over.box.id : null;
    dom.dots.style.cursor = over ? "pointer" : "";
    dom.dots.title = !over ? "" : over.edge ? `${queueWords(view, over.edge.route)}\nClick: where do its messages wait?` : details(view, over.box);
    if (id !== view.hover) {
      view.hover = id;
      changed();
    }
  });
  dom.dots.addEventListener("mouseleave", () => {
    if (view.hover) {
      view.hover = null;
      changed();
    }
  });
  dom.dots.addEventListener("click", e => {
    const over = at(e);
    if (over && over.edge) {
      view.chosen = view.chosen === over.edge.id ? null : over.edge.id;
      view.closed = view.chosen === null;
      dom.edges.value = view.chosen === null ? "" : String(view.chosen);
    } else if (over && over.box) bar.choose(over.box.node.role);
    changed();
  });

  dom.tl.addEventListener("mousemove", e => {
    const box = dom.tl.getBoundingClientRect(),
      x = e.clientX - box.left;
    const flag = view.flags.filter(f => Math.abs(f.x + 4 - x) < 9).map(f => f.text);
    dom.tip.hidden = !flag.length;
    if (!flag.length) return;
    const root = dom.root.getBoundingClientRect();
    dom.tip.textContent = flag.slice(0, 3).join("\n");
    dom.tip.style.left = `${Math.min(root.width - 190, Math.max(8, e.clientX - root.left - 60))}px`;
    dom.tip.style.top = `${box.top - root.top - 30}px`;
  });
  dom.tl.addEventListener("mouseleave", () => {
    dom.tip.hidden = true;
  });
  dom.tl.addEventListener("click", e => {
    const box = dom.tl.getBoundingClientRect();
    setMode("pause");
    seek((Math.max(1000, end()) * (e.clientX - box.left)) / box.width);
  });
}

/** All that a box says, and what had no room in it. */
function details(view, b) {
  const { text, detail } = condition(view, b),
    state = text ? [`${b.node.label}: ${[text, detail].filter(Boolean).join(": ")}`] : [],
    doors = b.node.sockets.map(id => doorOf(view, id)).filter(Boolean);
  const waits = doors.map(d => `${d.n} waiting at its ${view.graph.sockets.get(d.socket).type}'s door: nobody is there yet`);
  return [...state, ...sockets(view, b), ...waits].join("\n");
}

function sockets(view, b) {
  return b.node.sockets
    .map(id => {
      const s = view.graph.sockets.get(id),
        c = view.state.sockets.get(id) || { sent: 0, recv: 0 };
      return `${b.node.label}: ${s.type}${s.endpoint ? " " + s.endpoint : ""}\nsent ${c.sent}, received ${c.recv}; SNDHWM ${s.sndhwm ?? "?"}, RCVHWM ${s.rcvhwm ?? "?"}`;
    });
}
