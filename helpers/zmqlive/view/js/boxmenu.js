// What can be done to a role, right at its box: a click on the box opens its buttons. For keys they stand under "Try".
import { el } from "./dom.js";

const GAP = 5; // px between the box and its buttons

/** {open(box), close()}; `buttons(role)` makes what can be done to it now. */
export function boxMenu(view, stage, buttons) {
  const root = el("div", "zl-menu", { role: "group" });
  root.hidden = true;
  stage.append(root);
  root.addEventListener("click", close);

  function open(box) {
    const offered = buttons(box.node.role);
    if (!offered.length || root.dataset.role === box.node.role) return close();
    root.replaceChildren(...offered);
    root.dataset.role = box.node.role;
    root.setAttribute("aria-label", `What can be done to ${box.node.label}`);
    root.hidden = false;
    place(box);
  }

  /** Below the box, or above where there is no room. */
  function place({ x, y, w, h }) {
    const { cam, stage: size } = view,
      { offsetWidth: width, offsetHeight: height } = root,
      left = (x + w / 2) * cam.k + cam.x - width / 2,
      below = (y + h) * cam.k + cam.y + GAP,
      above = y * cam.k + cam.y - height - GAP,
      top = below + height <= size.H || above < 0 ? Math.min(below, size.H - height) : above;
    root.style.left = `${Math.max(GAP, Math.min(size.W - width - GAP, left))}px`;
    root.style.top = `${Math.max(0, top)}px`;
  }

  function close() {
    root.hidden = true;
    root.dataset.role = "";
  }

  return { open, close };
}
