// Which column each box goes to, and in which order within it: the first half of a layered drawing. Pure.
// Boxes of one program stand together. A layout edge is {id, from, to, route}; `flip` says that it runs against the natural flow (a cycle had to be cut).
import { together } from "./programs.js";

/** Groups of boxes that are joined, or of one program, in the order of their first box; all lonely boxes make one group at the end. */
export function components(nodes, routes) {
  const near = new Map(nodes.map(n => [n.id, []]));
  for (const r of routes)
    if (r.from !== r.to) {
      near.get(r.from).push(r.to);
      near.get(r.to).push(r.from);
    }
  const kin = new Map(); // program → a box of it
  for (const n of nodes) {
    if (kin.has(n.program)) {
      near.get(n.id).push(kin.get(n.program));
      near.get(kin.get(n.program)).push(n.id);
    } else if (n.program) kin.set(n.program, n.id);
  }
  const seen = new Set(),
    groups = [],
    lonely = [];
  for (const n of nodes) {
    if (seen.has(n.id)) continue;
    if (!near.get(n.id).length) {
      lonely.push(n.id);
      seen.add(n.id);
      continue;
    }
    const group = new Set(),
      todo = [n.id];
    while (todo.length) {
      const id = todo.pop();
      if (seen.has(id)) continue;
      seen.add(id);
      group.add(id);
      todo.push(...near.get(id));
    }
    groups.push(nodes.filter(m => group.has(m.id)));
  }
  if (lonely.length) groups.push(nodes.filter(n => lonely.includes(n.id)));
  return groups.map(members => ({ nodes: members, routes: routes.filter(r => members.some(n => n.id === r.from)) }));
}

/** Edges for one group, turned so that they have no cycle. */
export function acyclic(nodes, routes) {
  const edges = routes
    .filter(r => r.from !== r.to)
    .map(r => ({ id: r.id, from: r.from, to: r.to, flip: false, route: r }));
  turnBackends(nodes, edges);
  const out = new Map(nodes.map(n => [n.id, []]));
  for (const e of edges) out.get(e.from).push(e);
  const fed = new Set(edges.map(e => e.to)),
    mark = new Map();
  const visit = id => {
    mark.set(id, 1);
    for (const e of out.get(id)) {
      if (mark.get(e.to) === 1) e.cut = true;
      else if (!mark.get(e.to)) visit(e.to);
    }
    mark.set(id, 2);
  };
  for (const n of [...nodes.filter(m => !fed.has(m.id)), ...nodes]) if (!mark.get(n.id)) visit(n.id);
  for (const e of edges) if (e.cut) turn(e);
  return edges;
}

function turn(e) {
  [e.from, e.to] = [e.to, e.from];
  e.flip = !e.flip;
  delete e.cut;
}

/** A broker with two ROUTERs is all inflow; its later sockets are its back: their peers belong on the other side. */
function turnBackends(nodes, edges) {
  for (const n of nodes) {
    if (n.sockets.length < 2 || edges.some(e => e.from === n.id)) continue;
    const used = [...new Set(edges.filter(e => e.to === n.id).map(e => e.route.b))];
    if (used.length < 2 || !edges.filter(e => e.to === n.id).every(e => e.route.duplex)) continue;
    const front = n.sockets.find(s => used.includes(s));
    for (const e of edges) if (e.to === n.id && e.route.b !== front) turn(e);
  }
}

const SENDERS = new Set(["PUSH", "PUB", "REQ", "CLIENT", "RADIO", "SCATTER", "DEALER", "XPUB"]);

/** Column of each box: longest path from the sources; a source then moves up to just before what it feeds. */
export function ranks(nodes, edges) {
  const rank = new Map(nodes.map(n => [n.id, 0]));
  if (!edges.length) {
    for (const n of nodes) rank.set(n.id, n.types.length && !n.types.some(t => SENDERS.has(t)) ? 1 : 0);
    const low = Math.min(...rank.values());
    for (const [id, r] of rank) rank.set(id, r - low);
    return rank;
  }
  for (let round = 0; round < nodes.length; round++) {
    let moved = false;
    for (const e of edges)
      if (rank.get(e.to) < rank.get(e.from) + 1) {
        rank.set(e.to, rank.get(e.from) + 1);
        moved = true;
      }
    if (!moved) break;
  }
  for (const n of nodes) {
    const outs = edges.filter(e => e.from === n.id);
    if (outs.length && !edges.some(e => e.to === n.id)) rank.set(n.id, Math.min(...outs.map(e => rank.get(e.to))) - 1);
  }
  for (const n of nodes) {
    const joins = id => edges.some(e => e.from === id || e.to === id),
      other = n.program && !joins(n.id) && nodes.find(o => o.program === n.program && joins(o.id));
    if (other) rank.set(n.id, rank.get(other.id));
  }
  const low = Math.min(...rank.values());
  for (const [id, r] of rank) rank.set(id, r - low);
  return rank;
}

/** Layers of items, ordered to cross little. An edge over several layers gets a placeholder in each one between. */
export function layersOf(nodes, edges) {
  const rank = ranks(nodes, edges);
  const layers = Array.from({ length: Math.max(...rank.values()) + 1 }, () => []);
  for (const n of nodes) layers[rank.get(n.id)].push({ id: n.id, node: n, rank: rank.get(n.id) });
  const links = [];
  for (const e of edges) {
    let last = e.from;
    e.via = [];
    for (let r = rank.get(e.from) + 1; r < rank.get(e.to); r++) {
      const id = `~${e.id}.${r}`;
      layers[r].push({ id, node: null, rank: r });
      e.via.push(id);
      links.push([last, id]);
      last = id;
    }
    links.push([last, e.to]);
  }
  return { layers: leastCrossings(layers, links).map(together), links };
}

function leastCrossings(layers, links) {
  const before = new Map(),
    after = new Map();
  for (const [p, q] of links) {
    after.set(p, [...(after.get(p) || []), q]);
    before.set(q, [...(before.get(q) || []), p]);
  }
  let best = layers.map(l => l.slice()),
    fewest = crossings(best, links);
  let now = best.map(l => l.slice());
  for (let sweep = 0; sweep < 8 && fewest > 0; sweep++) {
    const down = sweep % 2 === 0;
    const order = [...now.keys()];
    if (!down) order.reverse();
    for (const i of order) now[i] = byBarycentre(now[i], down ? before : after, placesIn(now));
    const n = crossings(now, links);
    if (n < fewest) {
      fewest = n;
      best = now.map(l => l.slice());
    }
  }
  return best;
}

const placesIn = layers => new Map(layers.flatMap(l => l.map((it, i) => [it.id, (i + 0.5) / l.length])));

function byBarycentre(layer, near, place) {
  const key = new Map(
    layer.map(it => {
      const ids = near.get(it.id) || [];
      return [it.id, ids.length ? ids.reduce((sum, id) => sum + place.get(id), 0) / ids.length : place.get(it.id)];
    }),
  );
  return layer
    .map((it, i) => [it, i])
    .sort((p, q) => key.get(p[0].id) - key.get(q[0].id) || p[1] - q[1])
    .map(p => p[0]);
}

function crossings(layers, links) {
  const rank = new Map(),
    at = new Map();
  layers.forEach((l, r) =>
    l.forEach((it, i) => {
      rank.set(it.id, r);
      at.set(it.id, i);
    }),
  );
  let n = 0;
  for (let i = 0; i < links.length; i++)
    for (let j = i + 1; j < links.length; j++) {
      const [p, q] = links[i],
        [s, t] = links[j];
      if (rank.get(p) === rank.get(s) && (at.get(p) - at.get(s)) * (at.get(q) - at.get(t)) < 0) n++;
    }
  return n;
}
