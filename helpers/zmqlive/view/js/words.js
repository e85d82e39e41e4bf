// What is going on, in words: for everyone under the picture, and for those who do not see it.
import { num, seconds } from "./palette.js";
import { condition } from "./boxes.js";
import { wordsOf } from "./chips.js";
import { programWords } from "./programs.js";
import { askedWords } from "./story.js";
import { doorOf, placesOf, queueOf } from "./waiting.js";

const list = names =>
  names.length < 2
    ? names.join("")
    : names.length > 3
      ? `${names.slice(0, 2).join(", ")} and ${names.length - 2} more`
      : `${names.slice(0, -1).join(", ")} and ${names[names.length - 1]}`;
const is = names => (names.length > 1 || /^(?!1 )\d+ of the /.test(names[0]) ? "are" : "is");

export function edgeName(view, edge) {
  const r = view.graph.edges.find(e => e.id === edge.id) || edge,
    label = id => (view.graph.nodes.find(n => n.id === id) || { label: "?" }).label;
  return `${label(r.from)} → ${label(r.to)}`;
}

/** What waits on a route, in full. */
export function queueWords(view, route) {
  const edge = view.current(route),
    [ahead, back] = [0, 1].map(dir => queueOf(view, route, dir)),
    of = q => `${num(q.n)} waiting${q.mark === null ? "" : " of " + num(q.mark)}${q.full ? ", full" : ""}`;
  return `${edgeName(view, edge)} (${edge.transport || "?"}): ${of(ahead)}${route.duplex ? `; back: ${of(back)}` : ""}`;
}

/** {text, bad, rests}: the one sentence that matters most now; `rests` says what there is none of, where it says that. */
export function sentence(view) {
  if (view.over()) return { text: `Ended: ${num(view.state.totals().waiting)} still waiting.`, bad: false };
  const by = kind =>
    [...view.geo.boxes.values()].flatMap(b => {
      const c = condition(view, b);
      return c.kind !== kind ? [] : [b.node.members ? `${c.count} of the ${b.node.label}` : b.node.label];
    });
  for (const b of view.geo.boxes.values()) {
    const c = condition(view, b);
    if (c.kind === "failed") return { text: `${b.node.members ? `${c.count} of the ${b.node.label}` : b.node.label} failed.`, bad: true };
  }
  const blocked = by("blocked");
  if (blocked.length)
    return {
      text: `${list(blocked)} ${is(blocked)} blocked: ${blocked.length > 1 || / of the /.test(blocked[0]) ? "there is no room where they send to" : reason(view, blocked[0])}.`,
      bad: true,
    };
  const killed = by("killed"),
    frozen = by("frozen");
  if (killed.length) return { text: `${list(killed)} ${killed.length > 1 ? "were" : "was"} killed.`, bad: true };
  if (view.T - view.state.lastDrop < 1500)
    return { text: `Messages are being dropped: ${num(view.state.totals().drop)} so far.`, bad: true };
  const cut = view.graph.edges.filter(e => view.store.alive("e" + e.id, view.T) && view.store.trouble(e, view.T));
  if (cut.length)
    return {
      text: `${[...new Set(cut.map(e => (e.via ? `The link ${e.via}` : edgeName(view, e))))].join(" and ")} is ${view.store.trouble(cut[0], view.T)}.`,
      bad: true,
    };
  if (frozen.length) return { text: `${list(frozen)} ${is(frozen)} frozen: alive, but doing nothing.`, bad: true };
  const asked = askedWords(view);
  if (asked) return { text: asked, bad: false };
  const full = view.graph.routes.filter(r => [0, 1].some(dir => queueOf(view, r, dir).full));
  if (full.length)
    return {
      text:
        full.length > 3
          ? `${full.length} queues are full.`
          : `The queue${full.length > 1 ? "s" : ""} ${list(full.map(r => edgeName(view, view.current(r))))} ${is(full)} full.`,
      bad: false,
    };
  const sum = view.state.totals();
  if (!view.graph.nodes.length) return { text: "No socket yet.", bad: false, rests: "no socket" };
  if (!sum.sent && !sum.recv && !sum.waiting) return { text: "Ready: no message has been sent yet.", bad: false, rests: "no message" };
  if (view.T - view.state.lastMove > 1500)
    return { text: `Nothing moves now: ${num(sum.waiting)} waiting${inHand(view)}${atDoors(view)}.`, bad: false, rests: "no move" };
  return { text: `Flowing: no queue is full${atDoors(view, "; ")}.`, bad: false };
}

/** Who works on something for so long that nothing else moves. */
function inHand(view) {
  const busy = [...view.state.sockets].filter(([, s]) => s.work.size).map(([id]) => (view.graph.sockets.get(id) || { role: "somebody" }).role);
  return busy.length ? `, ${list([...new Set(busy)])} at work` : "";
}

/** Who has messages for somebody who is not there yet. */
function atDoors(view, before = ", ") {
  const at = [...view.state.doors.keys()].map(id => doorOf(view, id)).filter(Boolean);
  if (!at.length) return "";
  const said = at.slice(0, 2).map(d => `${num(d.n)} at the door of ${(view.graph.sockets.get(d.socket) || { role: "a socket" }).role}`);
  return `${before}${list(said)}${at.length > 2 ? " and others" : ""}: nobody is there yet to take ${at.length > 1 || at[0].n > 1 ? "them" : "it"}`;
}

/** Why it is blocked, by the queues as they are now. */
function reason(view, label) {
  const node = view.graph.nodes.find(n => n.label === label),
    stuck = new Set(node.sockets.filter(id => (view.state.sockets.get(id) || { blocked: null }).blocked !== null)),
    doors = [...stuck].map(id => doorOf(view, id)).filter(Boolean);
  const ways = view.graph.routes
    .filter(r => view.store.alive("e" + view.current(r).id, view.T) && view.current(r).up !== false)
    .flatMap(r => {
      const { a, b } = view.current(r);
      return [stuck.has(a) && [r, 0], stuck.has(b) && r.duplex && [r, 1]].filter(Boolean);
    });
  if (!ways.length) {
    const [door] = doors;
    return !door
      ? "it has nobody to send to"
      : `nobody is there yet to take the ${num(door.n)}${door.mark ? " of " + num(door.mark) : ""} that wait at its door`;
  }
  const queues = ways.map(([r, dir]) => (dir === 0 && placesOf(view, r)?.[0]) || queueOf(view, r, dir)),
    open = queues.filter(q => q.mark && !q.full);
  // A full queue opens again when about half of it has been read: it holds less than it could, and is closed.
  if (open.length)
    return ways.length > 1
      ? "the queues it sends to were full, and open again when about half has been read"
      : `its queue was full, holds ${num(open[0].n)} of ${num(open[0].mark)} now, and opens again when about half has been read`;
  const [q] = queues,
    how = queues.length === 1 && q.mark ? ` (${num(q.n)} of ${num(q.mark)})` : "";
  return `there is no room in the queue${queues.length > 1 ? "s" : ""} it sends to${how}`;
}

/** One event, as said when stepping. */
export function eventWords(view, e) {
  const [t, kind, where] = e,
    at = `${seconds(t)}: `;
  const role = id => (view.graph.sockets.get(id) || { role: "socket " + id }).role;
  const edge = id => {
    const x = view.graph.edges.find(o => o.id === id);
    return x ? edgeName(view, x) : "an edge not known yet";
  };
  if (kind === "s")
    return `${at}${role(e[5])} sends message ${e[4]}${where >= 0 ? ` (${edge(where)})` : ": nobody is there yet to take it"}.`;
  if (kind === "h") return `${at}message ${e[4]} has somewhere to go (${edge(where)}).`;
  if (kind === "r") return `${at}${role(e[5])} receives message ${e[4]} (${edge(where)}).`;
  if (kind === "d") return `${at}${role(where)} has finished with message ${e[3]}.`;
  if (kind === "x") return `${at}message ${e[4]} is dropped (${edge(where)}).`;
  if (kind === "b") return `${at}${role(where)} blocks in send.`;
  if (kind === "u") return `${at}${role(where)} can send again.`;
  if (kind === "k") return `${at}${where} is ${e[3]}${e[4] ? ": " + e[4] : ""}.`;
  if (kind === "l") return `${at}${where} says: ${e[3]}.`;
  return kind === "m" ? `${at}${where}.` : "";
}

/** The whole picture as text, for screen readers. */
export function describe(view) {
  const sum = view.state.totals(),
    there = view.graph.routes.filter(r => r.edges.some(e => view.store.alive("e" + e.id, view.T))),
    queues = there.slice(0, 12).map(r => {
      const [ahead, back] = [0, 1].map(dir => queueOf(view, r, dir));
      return `${edgeName(view, view.current(r))} ${ahead.n + back.n}${ahead.mark === null ? "" : " of " + ahead.mark}`;
    });
  const more = there.length - queues.length,
    boxes = view.graph.nodes.slice(0, 24).map(n => `${n.label} (${wordsOf(n.types).join(", ") || "no socket"})`);
  return `${view.title}: ${sum.sent} sent, ${sum.recv} received, ${sum.waiting} waiting, ${sum.drop} dropped. Waiting in ${queues.join("; ") || "no queue"}${more > 0 ? ` and ${more} more` : ""}${atDoors(view, "; ")}. Sockets of ${boxes.join("; ") || "nobody"}.${programWords(view.graph.nodes)}`;
}
