// What waits where at this moment: the one source for the numbers, the words and the drawing.
// A queue is {n, mark, full, …}; `mark` is null where there is none or it is not known.
import { placesKnown } from "./store.js";

const MANY = 20; // so many in the kernel are not just passing through (as in ../../picture.py)

/** Capacity of one direction of an edge in messages; null when unlimited or unknown. */
function capacity(view, edge, dir) {
  if (dir === 0) return edge.cap_total || null;
  const a = view.graph.sockets.get(edge.a),
    b = view.graph.sockets.get(edge.b);
  return a && b && a.rcvhwm && b.sndhwm && edge.transport === "inproc" ? a.rcvhwm + b.sndhwm : null;
}

/**
 * The queue of one direction of a route. A connection that came before (its worker was restarted) counts in. The queues
 * of a family are taken together: they are full when all are.
 */
export function queueOf(view, route, dir) {
  const mark = route.many ? together(view, route, dir) : capacity(view, view.current(route), dir);
  let n = 0;
  for (const e of route.edges) n += view.state.edge(e.id).depth[dir];
  return { n, mark, full: !!mark && n >= mark };
}

function together(view, route, dir) {
  let mark = 0;
  for (const e of route.edges) {
    if (!view.store.alive("e" + e.id, view.T)) continue;
    const own = capacity(view, e, dir);
    if (own === null) return null;
    mark += own;
  }
  return mark || null;
}

/**
 * The queue's three places over tcp: [sender's, kernel, receiver's], each a queue; null where they are not known.
 * They were looked at a moment ago; what came and went since is put where ZeroMQ puts it, so that they add up to the queue.
 */
export function placesOf(view, route) {
  const edge = view.current(route),
    x = view.state.edge(edge.id).x;
  if (route.many || edge.transport === "inproc" || !placesKnown(x)) return null; // there it is one queue
  const limits = [edge.cap[0] || Infinity, Infinity, edge.cap[1] || Infinity],
    held = x.slice(0, 3).map(v => v || 0);
  let change = queueOf(view, route, 0).n - held[0] - held[1] - held[2];
  // A message goes as far as there is room; one that is taken out is replaced by those behind it.
  const first = held[0] ? [0, 1, 2] : held[1] >= MANY ? [1, 2, 0] : [2, 1, 0];
  for (const i of change > 0 ? first : [0, 1, 2]) {
    const part = change > 0 ? Math.min(change, Math.max(0, limits[i] - held[i])) : Math.max(change, -held[i]);
    held[i] += part;
    change -= part;
  }
  return ["sender", "kernel", "receiver"].map((name, i) => {
    const mark = limits[i] === Infinity ? null : limits[i];
    return { name, n: held[i], mark, full: !!mark && held[i] >= mark, bytes: i === 1 ? x[4] : null };
  });
}

/** What waits at a socket's own door: nobody is there yet whom it could go to. Null when nothing does. */
export function doorOf(view, socket) {
  const n = view.state.doors.get(socket) || 0;
  if (!n) return null;
  const mark = (view.graph.sockets.get(socket) || {}).door || null;
  return { socket, n, mark, full: !!mark && n >= mark };
}

/** The doors of a box, as one: {n, mark, full}, or null. */
export function doorOfBox(view, node) {
  const doors = node.sockets.map(id => doorOf(view, id)).filter(Boolean);
  if (doors.length < 2) return doors[0] || null;
  return { n: doors.reduce((sum, d) => sum + d.n, 0), mark: null, full: doors.every(d => d.full) };
}

/** How many messages of a route are in work; null when it cannot be told (they come too fast to be followed). */
export function inWork(view, route) {
  if (view.state.stride > 1) return (view.state.edge(view.current(route).id).x || [])[3] ?? null;
  const mine = new Set(route.edges.map(e => e.id));
  let n = 0;
  for (const s of view.state.sockets.values()) for (const w of s.work.values()) if (mine.has(w.edge) && w.dir === 0) n++;
  return n;
}
