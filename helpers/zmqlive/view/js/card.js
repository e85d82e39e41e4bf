// The card of the message that is asked for: its frames, its size and age, and where it has been. And the way to it by
// content. Plain HTML, so that it can be read aloud and copied.
import { briefly, hexOf, shortened, textOf } from "./book.js";
import { ask, present } from "./asking.js";
import { el } from "./dom.js";
import { bytes } from "./palette.js";
import { hopAt, rowsOf, span, standing } from "./story.js";

const FRAMES = 6, // frames shown; there may be many
  FOUND = 40;
const KIND = { door: "at a door", way: "waiting", work: "in hand", dropped: "dropped" };

export function messageCard(view, { changed, seek, live, say }) {
  const title = el("b"),
    said = el("span", "zl-card-said"),
    state = el("span", "zl-card-state"),
    frames = el("ol", "zl-frames"),
    places = el("table", "zl-been");
  const button = (text, label, act) => {
    const b = el("button", "zl-small", { type: "button", text, "aria-label": label, title: label });
    b.onclick = act;
    return b;
  };
  const close = el("button", "zl-mini", { type: "button", text: "×", "aria-label": "Ask no longer for this message" });
  close.onclick = () => leave();
  const way = el("div", "zl-card-go", {}, [
    button("‹", "The message before it", () => step(-1)),
    button("›", "The message after it", () => step(1)),
  ]);
  const root = el("section", "zl-card", { "aria-label": "The message that is asked for" }, [
    el("div", "zl-card-head", {}, [title, said, state, way, close]),
    el("div", "zl-card-body", {}, [frames, places]),
  ]);
  root.hidden = true;
  const field = el("input", "", { type: "search", placeholder: "content, or number", "aria-label": "Find a message by its content or its number" }),
    list = el("ol", "zl-found"),
    none = el("span", "zl-none", { role: "status" }),
    finder = el("section", "zl-finder", { "aria-label": "Find a message" }, [field, none, list]);
  finder.hidden = true;
  field.oninput = () => search();
  let drawn = "";

  function leave() {
    ask(view, null);
    view.left = view.T; // the author's wish holds again with the next message
    changed();
  }

  /** Ask for a message, and go to when it is there if it is not now. */
  function choose(id, speak = true) {
    ask(view, id);
    const page = view.store.book.pages.get(id);
    if (page && !live() && (view.T < page.sent || standing(view, id, view.T).over)) seek(Math.max(page.came ?? page.sent, page.sent) + 1);
    if (root.hidden) requestAnimationFrame(() => requestAnimationFrame(() => root.scrollIntoView({ block: "nearest" })));
    if (speak && page) say(`Message ${id}${briefly(page) ? `, “${briefly(page)}”,` : ""} ${standing(view, id, Math.max(view.T, page.sent)).text}.`);
    changed();
  }

  /** To the next of those that are in the picture, or of all where it is not among them. */
  function step(by) {
    const here = present(view),
      all = here.length ? here : [...view.store.book.pages.keys()];
    if (!all.length) {
      say("There is no message in the picture now.");
      return;
    }
    const at = view.asked ? hopAt(view, view.asked.id, view.T)?.id ?? view.asked.id : by > 0 ? -Infinity : Infinity;
    const next = by > 0 ? all.find(id => id > at) : all.findLast(id => id < at);
    choose(next ?? (by > 0 ? all[0] : all[all.length - 1]));
  }

  function search() {
    const found = view.store.book.find(field.value, FOUND);
    none.textContent = field.value.trim() ? (found.length ? `${found.length === FOUND ? "the newest " : ""}${found.length} found` : "nothing found") : "";
    list.replaceChildren(
      ...found.map(page => {
        const item = el("button", "zl-small", { type: "button", text: `${page.id} · ${briefly(page, 40) || "empty"}` });
        item.onclick = () => choose(page.id);
        return el("li", "", {}, [item]);
      }),
    );
  }

  return {
    root,
    finder,
    choose,
    step,
    leave,
    find(on = finder.hidden) {
      finder.hidden = !on;
      if (on) {
        search();
        field.focus();
      }
      return on;
    },
    update() {
      const page = view.asked && view.asked.by === "reader" && (hopAt(view, view.asked.id, view.T) || view.store.book.pages.get(view.asked.id));
      root.hidden = !page;
      if (!page) return;
      const rows = rowsOf(view, view.asked.id, view.T),
        how = standing(view, view.asked.id, view.T),
        age = rows.length ? (rows[rows.length - 1].to ?? view.T) - rows[0].from : 0,
        told = JSON.stringify([page.id, rows, Math.round(age / 100), page.got && page.received <= view.T]);
      if (told === drawn) return;
      drawn = told;
      title.textContent = `Message ${page.id}`;
      said.textContent = briefly(page, 60);
      state.textContent = `${how.text}${rows.length ? ` · ${how.over ? "took" : "age"} ${span(age)}` : ""}`;
      const got = page.got && page.received <= view.T ? page.got : null;
      frames.replaceChildren(...framesOf(page.frames, page.size, ""), ...framesOf(got, null, "as received: "));
      places.replaceChildren(el("caption", "", { text: "Where it has been" }), ...rows.map(r => row(r, view.T, age)));
    },
  };
}

function framesOf(frames, size, lead) {
  if (!frames) return [];
  const items = frames.slice(0, FRAMES).map((frame, i) => {
    const text = textOf(frame),
      hex = hexOf(frame),
      head = `${lead}frame ${i + 1}, ${shortened(frame) ? "over 64 bytes, its two ends" : bytes(frame.length)}`;
    return el("li", "", {}, [
      el("span", "zl-frame-head", { text: head }),
      el("code", "", { text: text || "(empty)", title: hex && hex !== text && !shortened(frame) ? hex : null }),
    ]);
  });
  if (frames.length > FRAMES) items.push(el("li", "", { text: `and ${frames.length - FRAMES} more` }));
  if (size !== null && frames.length) items.push(el("li", "zl-frame-head", { text: `${bytes(size)} in all` }));
  return items;
}

function row(r, T, whole) {
  const took = (r.to ?? T) - r.from,
    share = whole > 0 ? Math.max(0.01, took / whole) : 1,
    bar = el("i", `zl-bar-${r.what}`, { style: `inline-size:${(100 * share).toFixed(1)}%` });
  return el("tr", "", {}, [
    el("th", "", { scope: "row", text: r.name }),
    el("td", "", { text: KIND[r.what] }),
    el("td", "zl-took", { text: r.what === "dropped" ? "" : `${span(took)}${r.to === null ? " so far" : ""}` }),
    el("td", "zl-share", { "aria-hidden": "true" }, [bar]),
  ]);
}
