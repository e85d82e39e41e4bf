// The parts of a view that are HTML: top line, buttons, time line. Only builds them; view.js makes them work.

export function el(tag, cls = "", attrs = {}, kids = []) {
  const e = document.createElement(tag);
  if (cls) e.className = cls;
  for (const [k, v] of Object.entries(attrs)) {
    if (k === "text") e.textContent = v;
    else if (v !== null && v !== undefined && v !== false) e.setAttribute(k, v === true ? "" : v);
  }
  e.append(...kids);
  return e;
}

const STATS = [
  ["sent", "sent"],
  ["recv", "received"],
  ["waiting", "waiting"],
  ["drop", "dropped"],
  ["rate", "msg/s"],
];
const SPEEDS = [0.1, 0.25, 0.5, 1, 2, 4];

export function build(title, live, id) {
  const d = { stat: {} };
  d.title = el("div", "zl-title", { text: title });
  const stats = STATS.map(([key, word]) => {
    d.stat[key] = el("b", "", { text: "0" });
    return el("span", `zl-stat zl-${key}`, {}, [word + " ", d.stat[key]]);
  });
  d.scene = el("canvas", "zl-scene", { "aria-hidden": "true" });
  d.dots = el("canvas", "zl-dots", { role: "application", "aria-roledescription": "picture", tabindex: "0", "aria-describedby": id + "say" });
  d.banner = el("div", "zl-banner", { role: "alert" });
  d.banner.hidden = true;
  d.tip = el("div", "zl-tip", { "aria-hidden": "true" });
  d.tip.hidden = true;
  d.whole = button("The whole picture", "Show the whole picture again");
  d.whole.className = "zl-whole zl-small";
  d.whole.hidden = true;
  d.stage = el("div", "zl-stage", {}, [d.scene, d.dots, d.whole]);
  d.say = el("div", "zl-say", { role: "status", "aria-live": "polite", id: id + "say" });
  d.legend = el("ul", "zl-legend", { "aria-label": "What the colours and shapes mean" });
  d.legend.hidden = true;
  d.slot = el("div", "zl-slot"); // a learner's own sliders
  timeBar(d, live);
  d.root = el(
    "div",
    "zl",
    {
      role: "group",
      tabindex: "0",
      "data-lm-suppress-shortcuts": "true",
      "aria-label": `${title}. Space: play or pause. Period: one event. Left and right arrow: move in time.${live ? " L: live." : ""} In the picture, arrows: from message to message.`,
    },
    [el("div", "zl-top", {}, [d.title, el("div", "zl-stats", {}, stats)]), d.banner, d.stage],
  );
  return d;
}

/** Buttons for time, and the time line. */
function timeBar(d, live) {
  d.play = button("Pause", "Pause");
  d.play.className = "zl-play";
  d.step = button("Step", "Step to the next event");
  d.again = button("Replay", "Replay from the start");
  d.loop = button("Loop", "Begin again at the end");
  d.loop.hidden = live;
  d.live = button("Live", "Back to live");
  d.live.className = "zl-live";
  d.live.hidden = !live;
  d.speed = el(
    "select",
    "",
    { "aria-label": "Speed of replay", title: "Speed of replay" },
    SPEEDS.map(v => el("option", "", { value: v, text: v + "×", selected: v === 1 })),
  );
  d.time = el("span", "zl-time");
  d.bar = el("div", "zl-bar", {}, [d.play, d.step, d.again, d.loop, d.live, d.speed]);
  d.tl = el("canvas", "zl-tl", { "aria-hidden": "true" });
  d.range = el("input", "", { type: "range", min: 0, max: 1000, value: 0, step: 1, "aria-label": "Time line" });
  d.actions = el("div", "zl-actions", { role: "group", "aria-label": "Try" });
  d.actions.hidden = true;
  d.note = el("div", "zl-note");
  d.note.hidden = true;
  d.tail = el("div", "zl-tail", {}, [
    el("div", "zl-row", {}, [d.bar, d.actions, d.time]),
    el("div", "zl-scrub", {}, [d.tl, d.range]),
    d.note,
  ]);
}

export function button(text, label) {
  return el("button", "", { type: "button", text, "aria-label": label, title: label });
}
