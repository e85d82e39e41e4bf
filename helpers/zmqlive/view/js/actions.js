// "Try": buttons for what the stage offers. Few: all shown, grouped by role. Many: choose a role first.
import { el } from "./dom.js";

const INLINE = 9;

export function actionBar(root, act) {
  let actions = [],
    chosen = null,
    shown = "";

  function groups() {
    const by = new Map();
    for (const a of actions) {
      const key = a.role || "";
      by.set(key, [...(by.get(key) || []), a]);
    }
    return by;
  }

  function press(a) {
    const b = el("button", "zl-act", {
      type: "button",
      text: a.label,
      title: a.title || a.label,
      "aria-label": a.role ? `${a.label} ${a.role}` : a.label,
    });
    b.disabled = a.enabled === false;
    if (a.pressed !== undefined) b.setAttribute("aria-pressed", String(a.pressed));
    b.dataset.act = a.id;
    b.onclick = () => act(a.id);
    return b;
  }

  function render() {
    const by = groups(),
      focus = root.contains(document.activeElement) ? document.activeElement.dataset.act : null;
    root.hidden = !actions.length;
    const roles = [...by.keys()].filter(Boolean);
    const kids = [el("span", "zl-actions-title", { text: "Try" })];
    if (actions.length <= INLINE) for (const role of roles) kids.push(group(role, by.get(role)));
    else if (roles.length) {
      if (!roles.includes(chosen)) chosen = roles[0];
      const pick = el(
        "select",
        "",
        { "aria-label": "Role to break" },
        roles.map(r => el("option", "", { value: r, text: r, selected: r === chosen })),
      );
      pick.onchange = () => {
        chosen = pick.value;
        render();
      };
      kids.push(el("span", "zl-group", {}, [pick, ...by.get(chosen).map(press)]));
    }
    if (by.has("")) kids.push(el("span", "zl-group", {}, by.get("").map(press)));
    root.replaceChildren(...kids);
    if (focus) {
      const again = root.querySelector(`[data-act="${CSS.escape(focus)}"]`);
      if (again) again.focus();
    }
  }

  const group = (role, list) =>
    el("span", "zl-group", {}, [el("span", "zl-group-name", { text: role }), ...list.map(press)]);

  return {
    set(list) {
      const text = JSON.stringify(list);
      if (text === shown) return;
      shown = text;
      actions = list;
      render();
    },
    choose(role) {
      if (actions.length <= INLINE || !groups().has(role) || role === chosen) return;
      chosen = role;
      render();
    },
    /** Buttons for what can be done to a role, and to the family that it is of. */
    buttons: role => actions.filter(a => a.role && (a.role === role || a.role === role.replace(/ \d+$/, ""))).map(press),
    off() {
      actions = [];
      for (const b of root.querySelectorAll("button")) b.disabled = true;
    },
  };
}
