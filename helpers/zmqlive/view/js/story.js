// Where a message has been up to a moment, how long at each place, and where it is: as rows, and in words.
import { briefly } from "./book.js";
import { num } from "./palette.js";

/** A span as a reader takes it in. */
export const span = ms => (ms < 10 ? `${ms.toFixed(1)} ms` : ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`);

const roleOf = (view, socket) => (view.graph.sockets.get(socket) || { role: "somebody" }).role;

/** The hop of this message that is under way at T: the last one that has been sent. */
export function hopAt(view, id, T) {
  const hops = view.store.book.chain(id).filter(p => p.sent <= T);
  return hops[hops.length - 1] || null;
}

/** [{what: "door" | "way" | "work" | "dropped", name, from, to}], `to` null while it is still there. */
export function rowsOf(view, id, T) {
  const hops = view.store.book.chain(id).filter(p => p.sent <= T),
    rows = [];
  const upTo = t => (t !== null && t <= T ? t : null);
  hops.forEach((p, i) => {
    const after = hops[i + 1],
      came = p.came === null ? null : upTo(p.came),
      left = upTo(p.received) ?? upTo(p.dropped);
    if (came === null || came > p.sent)
      rows.push({ what: "door", name: `the door of ${roleOf(view, p.from)}`, from: p.sent, to: came ?? upTo(p.dropped) });
    if (came !== null && !(upTo(p.dropped) !== null && p.dropped === came))
      rows.push({ what: "way", name: wayName(view, p), from: came, to: left });
    if (upTo(p.dropped) !== null) rows.push({ what: "dropped", name: "dropped", from: p.dropped, to: p.dropped });
    else if (upTo(p.received) !== null)
      rows.push({ what: "work", name: roleOf(view, p.to), from: p.received, to: after ? Math.max(after.sent, p.received) : upTo(p.done) });
  });
  return rows;
}

function wayName(view, p) {
  const edge = view.graph.edges.find(e => e.id === p.edge),
    other = edge && (edge.a === p.from ? edge.b : edge.a);
  return `${roleOf(view, p.from)} → ${p.to !== null ? roleOf(view, p.to) : edge ? roleOf(view, other) : "?"}`;
}

/** How many wait before it on its connection. */
export function before(view, page) {
  let n = 0;
  for (const m of view.state.msgs.values())
    if (m.edge === page.edge && m.dir === page.dir && m.tr === undefined && (m.ts < page.sent || (m.ts === page.sent && m.id < page.id))) n++;
  return n;
}

/** {text, short, over}: how it stands with a message at T. */
export function standing(view, id, T) {
  const rows = rowsOf(view, id, T),
    last = rows[rows.length - 1],
    hop = hopAt(view, id, T);
  if (!last) return { text: "has not been sent yet", short: "", over: false };
  const since = span(T - rows[0].from),
    waited = span(last.from - rows[0].from);
  if (last.what === "dropped") return { text: "was dropped", short: "dropped", over: true };
  if (last.what === "door") return { text: `waits ${last.name} since ${since}: nobody is there yet`.replace("waits the", "waits at the"), short: "nobody there", over: false };
  if (last.what === "way") {
    const n = before(view, hop);
    return { text: `waits on ${last.name}, ${n ? `${num(n)} before it` : "the first in line"}`, short: n ? `${num(n)} before it` : "first in line", over: false };
  }
  if (last.to === null) return { text: `is in the hands of ${last.name}`, short: `with ${last.name}`, over: false };
  return { text: `arrived: ${last.name} had it ${waited} after it was sent, and is done with it`, short: `arrived after ${waited}`, over: true };
}

/** One sentence on the message that is asked for. */
export function askedWords(view) {
  const page = view.asked && hopAt(view, view.asked.id, view.T);
  if (!page) return "";
  const said = briefly(page);
  return `${said ? `“${said}”` : `Message ${page.id}`} ${standing(view, view.asked.id, view.T).text}.`;
}
