// Buttons, keys and the time line's handle. What the mouse does in the picture: pointing.js.
import { wirePicture } from "./pointing.js";
import { wireTools } from "./toolwork.js";

export function wireControls(parts) {
  const { view, dom, clock, source, seek, setMode, showMode, step, end, card } = parts;
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
  // JupyterLab acts on single keys (d d deletes the cell): none may leave the view.
  dom.root.addEventListener("keydown", e => {
    e.stopPropagation();
    const tag = e.target.tagName;
    if (e.key === "Escape") parts.menu.close();
    if (e.key === "Escape" && (view.asked || !card.finder.hidden)) {
      card.leave();
      card.find(false);
      return;
    }
    const own = dom.slot.contains(e.target) || ["text", "search"].includes(e.target.type); // a learner's own, or a field to write in
    if (own || tag === "SELECT" || e.ctrlKey || e.metaKey || e.altKey) return;
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

  wirePicture(parts);
  wireTools(parts);

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
