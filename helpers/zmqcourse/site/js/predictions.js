// Predictions are kept in the reader's own browser, and shown again beside what happened.
const KEY = "zmqcourse.prediction.";
const said = new Map(); // also here, where the browser keeps nothing

function kept(id) {
  try {
    return localStorage.getItem(KEY + id) || said.get(id);
  } catch {
    return said.get(id);
  }
}

function keep(id, answer) {
  said.set(id, answer);
  try {
    localStorage.setItem(KEY + id, answer);
  } catch {
    /* kept until the page is left */
  }
}

const place = (kind, id) => document.getElementById(`${kind}-${id}`);

/** A link to another part of the page. */
function link(words, kind, id) {
  const a = document.createElement("a");
  a.href = `#${kind}-${id}`;
  a.textContent = words;
  return a;
}

function show(id) {
  const answer = kept(id),
    question = place("predict", id),
    outcome = place("recall", id);
  if (question && answer) {
    const note = question.querySelector(".predict-said");
    note.textContent = "Noted. Read on, or ";
    if (outcome) note.append(link("see what happened", "recall", id), ".");
  }
  if (!outcome) return;
  outcome.dataset.waits = answer || outcome.dataset.open ? "" : "1";
  if (answer) outcome.querySelector("[data-said]").textContent = answer;
}

for (const question of document.querySelectorAll("[data-predict]")) {
  const id = question.dataset.predict,
    answer = kept(id);
  for (const field of question.querySelectorAll("input")) {
    if (field.type === "radio") field.checked = field.value === answer;
    else if (answer) field.value = answer;
    field.addEventListener("change", () => {
      if (!field.value) return;
      keep(id, field.value);
      show(id);
    });
  }
}
for (const outcome of document.querySelectorAll("[data-recall]")) {
  const open = document.createElement("button");
  open.type = "button";
  open.textContent = "Show it anyway";
  open.className = "recall-open";
  open.addEventListener("click", () => {
    outcome.dataset.open = "1";
    show(outcome.dataset.recall);
  });
  outcome.querySelector("[data-happened]").after(open);
  show(outcome.dataset.recall);
}
