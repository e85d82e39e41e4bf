// Search: "/" or the button opens it. What is looked through comes with the first search; nothing is asked of anybody.
const MOST = 12,
  AROUND = 60; // characters of text before the word that was found

const opener = document.querySelector(".find"),
  dialog = document.querySelector(".search"),
  field = dialog.querySelector("input"),
  list = dialog.querySelector("ol"),
  said = dialog.querySelector("[role=status]");
let index = null;

function load() {
  index ??= new Promise((done, failed) => {
    const script = document.createElement("script");
    script.src = "search.js";
    script.onload = () => done(globalThis.zmqSearch.map(row => ({ row, low: row.slice(2).map(t => t.toLowerCase()) })));
    script.onerror = () => failed(new Error("no index"));
    document.head.append(script);
  });
  return index;
}

/** Where a word of the text begins with this one, -1 where none does. */
function begins(text, word) {
  for (let i = text.indexOf(word); i >= 0; i = text.indexOf(word, i + 1)) if (!i || !/[\p{L}\p{N}_]/u.test(text[i - 1])) return i;
  return -1;
}

/** How well it fits: 0 when a word is missing. A title counts more than text, a whole title most. */
function score({ row, low: [title, text] }, words) {
  let sum = title === words.join(" ") ? 60 : 0;
  for (const word of words) {
    const inTitle = begins(title, word) >= 0,
      inText = begins(text, word) >= 0;
    if (!inTitle && !inText) return 0;
    sum += (inTitle ? 12 : 0) + Math.min(6, inText ? text.split(word).length - 1 : 0);
  }
  return sum + (row[0].startsWith("glossary") ? 3 : 0);
}

const make = (tag, values) => Object.assign(document.createElement(tag), values);

/** The text around the first word, with all of them marked. */
function around({ row, low }, words) {
  const places = words.map(word => begins(low[1], word)).filter(i => i >= 0),
    at = places.length ? Math.max(0, Math.min(...places) - AROUND) : 0,
    from = at ? row[3].indexOf(" ", at) + 1 : 0,
    found = make("span", { className: "around" }),
    plain = words.map(word => word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  if (from) found.append("… ");
  const pieces = row[3].slice(from, from + 3 * AROUND).split(new RegExp(`(${plain.join("|")})`, "iu"));
  for (const [i, piece] of pieces.entries()) found.append(i % 2 ? make("mark", { textContent: piece }) : piece);
  return found;
}

function entry(item, words) {
  const [address, where, title] = item.row,
    link = make("a", { href: address }),
    li = make("li", {});
  link.append(make("b", { textContent: title }), make("small", { textContent: where }), around(item, words));
  li.append(link);
  return li;
}

async function look() {
  let all;
  try {
    all = await load();
  } catch {
    said.textContent = "The index of this site is not there.";
    return;
  }
  const words = field.value.toLowerCase().split(/\s+/).filter(Boolean),
    found = words.length ? all.map(item => [score(item, words), item]).filter(([n]) => n) : [];
  found.sort(([a], [b]) => b - a);
  list.replaceChildren(...found.slice(0, MOST).map(([, item]) => entry(item, words)));
  const many = found.length > MOST ? `${found.length} found, the first ${MOST} of them` : `${found.length} found`;
  said.textContent = !words.length ? "" : found.length ? many : "Nothing has all of these words.";
}

function open() {
  dialog.showModal();
  field.select();
  load().catch(() => {});
}

opener.hidden = false;
opener.addEventListener("click", open);
field.addEventListener("input", look);
addEventListener("keydown", e => {
  const writes = e.target.matches?.("input, select, textarea, [contenteditable]");
  if (e.key !== "/" || writes || dialog.open || e.ctrlKey || e.metaKey || e.altKey) return;
  e.preventDefault();
  open();
});
dialog.addEventListener("keydown", e => {
  const stops = [field, ...list.querySelectorAll("a")],
    at = stops.indexOf(document.activeElement);
  if (e.key === "Escape") {
    e.preventDefault(); // else a search field first empties itself
    dialog.close();
  }
  if (e.key === "Enter" && at === 0 && stops[1]) {
    e.preventDefault();
    stops[1].click();
  }
  if (e.key !== "ArrowDown" && e.key !== "ArrowUp") return;
  e.preventDefault();
  stops[Math.min(stops.length - 1, Math.max(0, at + (e.key === "ArrowDown" ? 1 : -1)))].focus();
});
dialog.addEventListener("click", e => {
  if (e.target === dialog || e.target.closest("a, button")) dialog.close();
});
