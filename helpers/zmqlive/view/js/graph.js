// From the topology that a feed sends to what a layout needs: boxes (nodes) and the edges between them. Pure.
import { gathered } from "./families.js";
import { programsOf, within } from "./programs.js";

/**
 * A box is a role, unless two sockets of the role talk to each other: then every socket gets a box of its own. In a large
 * system a family of roles is one box; those in `open` are not.
 */
export function graphOf(topo, open = new Set(), limit = 64) {
  const sockets = new Map((topo.sockets || []).map(s => [s.id, s]));
  const roles = (topo.roles || []).map(r => ({ ...r, sockets: (r.sockets || []).filter(id => sockets.has(id)) }));
  const usable = (topo.edges || []).filter(e => sockets.has(e.a) && sockets.has(e.b));
  const talksToItself = new Set(
    usable.filter(e => sockets.get(e.a).role === sockets.get(e.b).role).map(e => sockets.get(e.a).role),
  );

  const programs = programsOf(roles.map(r => r.id));
  const node = (id, role, label, sockets) => nodeOf(id, role, label, sockets, programs.get(role.id));
  let nodes = [];
  for (const role of roles) {
    if (programs.get(role.id) === role.id && !role.sockets.length) continue; // its frame stands for it
    const current = withoutReplaced(role.sockets.map(id => sockets.get(id)));
    if (talksToItself.has(role.id)) {
      for (const s of current) nodes.push(node(`${role.id}#${s.id}`, role, s.name || role.id, [s]));
    } else nodes.push(node(role.id, role, role.id, current));
  }
  const gathering = gathered(nodes, open),
    { families } = gathering;
  nodes = gathering.nodes;
  const hidden = dropEnded(nodes, limit);
  nodes = nodes.filter(n => !hidden.has(n.id));

  const home = new Map();
  for (const n of nodes) for (const id of n.sockets) home.set(id, n.id);
  // A socket that was replaced has no box of its own; what waits on its connections belongs to its role all the same.
  const own = new Set(home.keys());
  for (const role of roles)
    for (const n of nodes) if (n.id === role.id || n.members?.some(m => m.id === role.id)) for (const id of role.sockets) if (!home.has(id)) home.set(id, n.id);
  const edges = usable
    .filter(e => home.has(e.a) && home.has(e.b))
    .map(e => ({
      ...e,
      replaced: !own.has(e.a) || !own.has(e.b),
      from: home.get(e.a),
      to: home.get(e.b),
      cap: e.cap || [null, null],
    }));
  const many = new Set(nodes.filter(n => n.members).map(n => n.id));
  return { nodes, edges, routes: routesOf(edges, many), hidden: hidden.size, sockets, families };
}

/** In a program of several boxes each has its `program`, and is called `short` there. */
const nodeOf = (id, role, label, sockets, program) => ({
  id,
  role: role.id,
  label,
  program,
  short: within(label, program),
  sockets: sockets.map(s => s.id),
  types: sockets.map(s => s.type),
  ended: sockets.length > 0 && sockets.every(s => s.closed),
  order: 0,
});

/** After a restart a role has closed sockets and open ones: the open ones are the role. */
function withoutReplaced(sockets) {
  const open = sockets.filter(s => !s.closed);
  return open.length ? open : sockets;
}

/** Beyond `limit` boxes those that have ended make room, oldest first. */
function dropEnded(nodes, limit) {
  const hidden = new Set();
  for (const n of nodes) if (nodes.length - hidden.size > limit && n.ended) hidden.add(n.id);
  return hidden;
}

/**
 * Edges that join the same two boxes one after the other (a worker restarted) share one route, and so do all of a family:
 * that one is `many` queues.
 */
function routesOf(edges, families) {
  const routes = [],
    byKey = new Map();
  for (const e of edges) {
    const key = `${e.from}>${e.to}`;
    const free = (byKey.get(key) || []).find(r => r.many || r.edges.every(o => apart(o, e)));
    if (free) {
      free.edges.push(e);
      if (!free.many) [free.a, free.b] = [e.a, e.b];
      else free.total = free.total && e.cap_total ? free.total + e.cap_total : null;
      free.duplex = free.duplex || e.duplex;
      continue;
    }
    const route = {
      id: e.id,
      from: e.from,
      to: e.to,
      a: e.a,
      b: e.b,
      duplex: !!e.duplex,
      cap: e.cap,
      total: e.cap_total,
      transport: e.transport,
      edges: [e],
      many: families.has(e.from) || families.has(e.to),
    };
    routes.push(route);
    byKey.set(key, [...(byKey.get(key) || []), route]);
  }
  return routes;
}

/** Live, an edge does not say when it was gone; that of a replaced socket was before any other. */
const before = (p, q) => (p.gone ?? (p.replaced ? 0 : Infinity)) <= (q.born ?? 0);
const apart = (p, q) => before(p, q) || before(q, p);
