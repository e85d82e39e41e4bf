// What the tools do: colours, x-ray, find, save, keep in sight, fill the screen.
import { save } from "./save.js";

export function wireTools({ view, dom, source, end, changed, card, rearrange }) {
  dom.colour.value = view.colours.by;
  dom.colour.onchange = () => {
    view.colours.choose(dom.colour.value);
    changed();
  };
  dom.edges.onchange = () => {
    view.chosen = dom.edges.value === "" ? null : +dom.edges.value;
    view.closed = view.chosen === null;
    changed();
  };
  dom.find.onclick = () => {
    dom.find.setAttribute("aria-expanded", String(card.find()));
    changed();
  };
  dom.save.onchange = () => {
    const kind = dom.save.value;
    dom.save.value = "";
    if (kind) save(kind, view, source, end());
  };
  dom.full.onclick = () => {
    if (document.fullscreenElement === dom.root) document.exitFullscreen();
    else dom.root.requestFullscreen().catch(() => {});
  };
  dom.root.addEventListener("fullscreenchange", () => {
    const on = document.fullscreenElement === dom.root;
    dom.full.setAttribute("aria-pressed", String(on));
    view.stage.W = 0; // its height begins anew
    view.tall = on ? Math.max(200, screen.height - (dom.root.scrollHeight - view.stage.H)) : undefined;
    rearrange();
  });
  dom.pin.onclick = () => {
    const on = dom.pin.getAttribute("aria-pressed") !== "true";
    dom.pin.setAttribute("aria-pressed", String(on));
    if (on) {
      dom.root.popover = "manual"; // above all else, wherever its place in the page has gone
      dom.root.showPopover();
    } else {
      dom.root.hidePopover();
      dom.root.removeAttribute("popover");
    }
    view.stage.W = 0;
    rearrange();
  };
}
