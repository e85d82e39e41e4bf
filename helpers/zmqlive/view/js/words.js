// What is going on, in words: for everyone under the picture, and for those who do not see it.
import { num, seconds } from "./palette.js";
import { condition } from "./boxes.js";
import { capacity, isFull } from "./tube.js";

const list = names =>
  names.length < 2
    ? names.join("")
    : names.length > 3
      ? `${names.slice(0, 2).join(", ")} and ${names.length - 2} more`
      : `${names.slice(0, -1).join(", ")} and ${names[names.length - 1]}`;
const is = names => (names.length > 1 ? "are" : "is");

export function edgeName(view, edge) {
  const r = view.graph.edges.find(e => e.id === edge.id) || edge,
    label = id => (view.graph.nodes.find(n => n.id === id) || { label: "?" }).label;
  return `${label(r.from)} → ${label(r.to)}`;
}

/** {text, bad}: the one sentence that matters most now. */
export function sentence(view) {
  if (view.over()) return { text: `Ended: ${num(view.state.totals().waiting)} still waiting.`, bad: false };
  const by = kind => [...view.geo.boxes.values()].filter(b => condition(view, b).kind === kind).map(b => b.node.label);
  for (const b of view.geo.boxes.values()) {
    const c = condition(view, b);
    if (c.kind === "failed") return { text: `${b.node.label} failed.`, bad: true };
  }
  const blocked = by("blocked");
  if (blocked.length)
    return {
      text: `${list(blocked)} ${is(blocked)} blocked: ${blocked.length > 1 ? "there is no room in the queues they send to" : reason(view, blocked[0])}.`,
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
  const full = view.graph.edges.filter(e => isFull(capacity(view, e, 0), view.state.edge(e.id).depth[0]));
  if (full.length)
    return {
      text:
        full.length > 3
          ? `${full.length} queues are full.`
          : `The queue${full.length > 1 ? "s" : ""} ${list(full.map(e => edgeName(view, e)))} ${is(full)} full.`,
      bad: false,
    };
  const sum = view.state.totals();
  if (!view.graph.nodes.length) return { text: "No socket yet.", bad: false };
  if (!sum.sent && !sum.recv) return { text: "Ready: no message has been sent yet.", bad: false };
  if (view.T - view.state.lastMove > 1500)
    return { text: `Nothing moves now: ${num(sum.waiting)} waiting.`, bad: false };
  return { text: "Flowing: no queue is full.", bad: false };
}

function reason(view, label) {
  const node = view.graph.nodes.find(n => n.label === label);
  const edges = view.graph.edges.filter(
    e => (e.from === node.id || e.to === node.id) && view.store.alive("e" + e.id, view.T) && e.up !== false,
  );
  if (!edges.length) return "it has nobody to send to";
  const out = edges.filter(e => e.from === node.id);
  // A full queue opens again when about half of it has been read: it may hold less than it could, and be closed.
  return `there is no room in the queue${out.length > 1 ? "s" : ""} it sends to`;
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
  if (kind === "s") return `${at}${role(e[5])} sends message ${e[4]}${where >= 0 ? ` (${edge(where)})` : ""}.`;
  if (kind === "r") return `${at}${role(e[5])} receives message ${e[4]} (${edge(where)}).`;
  if (kind === "d") return `${at}${role(where)} has finished with message ${e[3]}.`;
  if (kind === "x") return `${at}message ${e[4]} is dropped (${edge(where)}).`;
  if (kind === "b") return `${at}${role(where)} blocks in send.`;
  if (kind === "u") return `${at}${role(where)} can send again.`;
  if (kind === "k") return `${at}${where} is ${e[3]}${e[4] ? ": " + e[4] : ""}.`;
  return kind === "m" ? `${at}${where}.` : "";
}

/** The whole picture as text, for screen readers. */
export function describe(view) {
  const sum = view.state.totals();
  const queues = view.graph.edges
    .filter(e => view.store.alive("e" + e.id, view.T))
    .slice(0, 12)
    .map(e => {
      const depth = view.state.edge(e.id).depth,
        cap = capacity(view, e, 0);
      return `${edgeName(view, e)} ${depth[0] + depth[1]}${cap === null ? "" : " of " + cap}`;
    });
  const more = view.graph.edges.length - queues.length;
  return `${view.title}: ${sum.sent} sent, ${sum.recv} received, ${sum.waiting} waiting, ${sum.drop} dropped. Waiting in ${queues.join("; ") || "no queue"}${more > 0 ? ` and ${more} more` : ""}.`;
}
