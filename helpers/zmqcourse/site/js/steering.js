// Steering: a slider or a button chooses among runs of the same scene that were recorded. The picture stays where it is,
// and so does its time: it is a cut to another run.

const packed = async text => {
  const bytes = Uint8Array.from(atob(text), c => c.charCodeAt(0));
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).json();
};
const BEFORE = 300; // ms before a button is pressed, from where its run is shown
const BACK = { id: "", label: "As it was", role: null, title: "Back to the run in which nothing was pressed" };

class Steering {
  constructor(figure, { view, source, record }, told) {
    Object.assign(this, { view, record, told });
    this.at = told.own;
    this.act = "";
    this.turn = 0;
    this.said = figure.querySelector(".steer-said");
    this.fields = [...figure.querySelectorAll("[data-knob]")];
    for (const field of this.fields) {
      field.disabled = false;
      field.addEventListener("input", () => this.moved(field));
    }
    this.presses = [...figure.querySelectorAll("[data-act]")];
    for (const button of this.presses) {
      button.disabled = false;
      button.addEventListener("click", () => this.choose({ act: button.dataset.act }));
    }
    source.act = id => (id ? this.choose({ act: id }) : this.choose({ at: told.own }));
    this.offer();
  }

  /** The run with this slider moved and the others as they are; as they were in the lesson, where that was not recorded. */
  moved(field) {
    const k = +field.dataset.knob,
      { own, knobs } = this.told,
      i = field.tagName === "SELECT" ? +field.value : knobs[k].open[field.value],
      to = from => from.map((o, j) => (j === k ? i : o));
    this.choose({ at: this.number({ at: to(this.at) }) === undefined ? to(own) : to(this.at) });
  }

  /** Which of the runs it is: -1 for the lesson's own, undefined for none. */
  number({ at, act }) {
    const same = list => !!list && list.join() === at.join();
    if (at && same(this.told.own)) return -1;
    const found = this.told.runs.findIndex(run => (act ? run.act === act : same(run.at)));
    return found < 0 ? undefined : found;
  }

  async choose(wanted) {
    const number = this.number(wanted),
      turn = ++this.turn;
    if (number === undefined) return;
    this.at = wanted.at || this.told.own;
    this.act = wanted.act || "";
    this.show(number);
    if (number >= 0) this.runs ??= packed(this.told.packed);
    const replay = number < 0 ? this.record : (await this.runs)[number];
    if (turn !== this.turn) return; // another one was chosen meanwhile
    const { press } = this.told.runs[number] || {};
    this.view.change(replay, press === undefined ? undefined : Math.max(0, press - BEFORE));
  }

  /** Sliders, buttons and the sentence as they are in this run. */
  show(number) {
    for (const field of this.fields) {
      const k = +field.dataset.knob,
        { open, values } = this.told.knobs[k],
        value = values[this.at[k]];
      field.value = field.tagName === "SELECT" ? this.at[k] : open.indexOf(this.at[k]);
      field.setAttribute("aria-valuetext", value);
      if (field.nextElementSibling) field.nextElementSibling.textContent = value;
    }
    const { press } = this.told.runs[number] || {},
      changed = this.told.knobs.map(({ name, values }, k) => (this.at[k] === this.told.own[k] ? "" : `${name} ${values[this.at[k]]}`)).filter(Boolean);
    const button = [...this.told.buttons, ...this.told.own_buttons].find(b => b.id === this.act);
    if (button) this.said.textContent = `“${[button.label, button.role].filter(Boolean).join(" ")}” was pressed after ${(press / 1000).toFixed(1)} s.`;
    else this.said.textContent = changed.length ? `The run with ${changed.join(", ")}.` : "The lesson’s own run.";
    this.offer();
  }

  offer() {
    const buttons = this.told.buttons.map(b => ({ ...b, pressed: b.id === this.act }));
    for (const button of this.presses) button.setAttribute("aria-pressed", String(button.dataset.act === this.act));
    const any = buttons.length || this.presses.length; // the way back is always there, so that nothing below moves
    this.view.offer(any ? [...buttons, { ...BACK, enabled: !!this.act }] : []);
  }
}

document.addEventListener("flow:mounted", ({ target, detail }) => {
  const told = document.getElementById(`${target.id}-runs`);
  if (told && typeof DecompressionStream === "function") new Steering(target, detail, JSON.parse(told.textContent));
});
