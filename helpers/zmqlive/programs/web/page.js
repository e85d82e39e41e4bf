// The page of `python -m zmqlive`: the same view as in a notebook, fed by the process that collects.
import { mount } from "./flow.js";

const place = document.getElementById("picture"),
  name = Math.random().toString(36).slice(2);
const say = message =>
  fetch("say", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(message) });

const what = await (await fetch("what.json")).json();
document.title = `${what.title} – zmqlive`;

function watch() {
  const view = mount(place, {
    title: what.title,
    live: true,
    replay: { topo: {}, ev: [], dur: 0 },
    act: id => say({ act: id }),
    ask: () => say({ ask: "history", view: name }),
    look: on => say({ look: on, view: name }).catch(() => {}),
  });
  const events = new EventSource(`events?view=${name}`);
  events.onmessage = ({ data }) => {
    const message = JSON.parse(data);
    if (message.history) view.load(message.history);
    else if (message.error && message.now === undefined) view.error(message.error);
    else view.push(message);
    if (message.ended || (message.history && message.history.ended)) {
      events.close();
      report();
    }
  };
}

async function report() {
  const when = document.getElementById("when");
  when.textContent = "counting …";
  try {
    const said = await (await fetch("report.json")).json();
    document.getElementById("ledger").textContent = said.ledger;
    const list = document.getElementById("diagnosis");
    list.replaceChildren(
      ...said.diagnosis.map(({ sentence, evidence, lesson }) => {
        const item = document.createElement("li"),
          more = document.createElement("span");
        item.textContent = sentence;
        more.className = "evidence";
        more.textContent = [evidence, lesson].filter(Boolean).join(" ");
        item.append(more);
        return item;
      }),
    );
    if (!said.diagnosis.length) list.textContent = "Nothing to say: no fault is known in what was recorded.";
    when.textContent = `as of ${said.seconds} s`;
  } catch {
    when.textContent = "The process that collects is gone; its terminal has the last word.";
  }
}

document.getElementById("again").addEventListener("click", report);
if (what.live) watch();
else {
  mount(place, { title: what.title, live: false, replay: await (await fetch("replay.json")).json() });
  report();
}
