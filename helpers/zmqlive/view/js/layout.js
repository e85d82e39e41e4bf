// A picture of any topology: chooses direction and box size so that all fits the width, then places and routes. Pure.
import { acyclic, components, layersOf } from "./layers.js";
import { fold, need, place } from "./place.js";
import { growth, ports } from "./paths.js";
import { lanesOf } from "./route.js";
import { chipRows } from "./chips.js";
import { ASIDE, BESIDE } from "./programs.js";

const PAD = 16;
// w: least and greatest width of a box; gap: least room between columns; rows: boxes in a column before it is folded.
const SIZES = {
  l: {
    w: [122, 158],
    h: 68,
    gap: 176,
    row: 32,
    rows: 5,
    tube: 130,
    slot: 19,
    thick: 24,
    stub: 12,
    pitch: 50,
    dot: 6.5,
  },
  m: { w: [112, 140], h: 54, gap: 112, row: 18, rows: 8, tube: 92, slot: 14, thick: 18, stub: 9, pitch: 42, dot: 5 },
  n: { w: [80, 120], h: 66, gap: 68, row: 24, rows: 6, tube: 64, slot: 12, thick: 18, stub: 7, pitch: 42, dot: 5 },
  s: { w: [84, 104], h: 36, gap: 74, row: 12, rows: 12, tube: 56, slot: 10, thick: 11, stub: 6, pitch: 28, dot: 3.8 },
};
const DOWN = {
  // top to bottom: gap and pitch differ, labels stand beside the tube
  l: { ...SIZES.l, gap: 118, row: 34, tube: 62, slot: 11, thick: 20, pitch: 74 },
  m: { ...SIZES.m, gap: 92, row: 16, tube: 48, slot: 9, thick: 16, pitch: 62 },
  s: { ...SIZES.s, gap: 66, row: 12, tube: 34, slot: 7, thick: 11, pitch: 30 },
};

/** {W, H, vertical, size, boxes: Map(id → {x, y, w, h, …}), edges: Map(route id → {lanes, labels, …})} */
export function layout(graph, W, { xray = true, tallest = 620 } = {}) {
  const groups = components(graph.nodes, graph.routes).map(g => {
    const edges = acyclic(g.nodes, g.routes);
    return { ...g, edges, ...layersOf(g.nodes, edges) };
  });
  let best = null;
  for (const [vertical, size, limit] of choices(W, tallest)) {
    const plan = arrange(groups, W, vertical, size, xray);
    if (!plan) continue;
    if (!best || plan.H < best.H) best = plan;
    if (plan.H <= limit) {
      best = plan;
      break;
    }
  }
  best = best || { boxes: new Map(), edges: new Map(), H: 120, vertical: false, size: "l" };
  loops(graph, best);
  return { W, dot: SIZES[best.size].dot, ...best };
}

function choices(W, tallest) {
  const across = [
    [false, "l", tallest],
    [false, "m", tallest],
    [false, "n", tallest],
    [false, "s", Math.max(tallest, 760)],
  ];
  const down = [
    [true, "l", 640],
    [true, "m", 720],
    [true, "s", 1e9],
  ];
  if (W >= 560) return [...across, ...down];
  return [across[0], across[1], down[0], down[1], across[3], down[2]];
}

function arrange(groups, W, vertical, size, xray) {
  const boxes = new Map(),
    edges = new Map();
  let y = PAD;
  for (const g of groups) {
    if (framed(g)) y += ASIDE;
    const style = styleFor(g, W, vertical, size, xray);
    if (!style) return null;
    const forPorts = growth(g.edges, style),
      room = node => (vertical ? 0 : style.C + chipRows(node.types, size, style.M).extra),
      grow = node => Math.max(forPorts(node), room(node)),
      placed = place(g.layers, g.links, style.folds, style, grow);
    ports(g.edges, placed.at, style);
    const main = vertical ? y : PAD + (W - 2 * PAD - placed.main) / 2,
      cross = vertical ? (W - placed.cross) / 2 : y;
    for (const p of placed.at.values()) if (p.node) boxes.set(p.id, boxOf(p, main, cross, vertical, size));
    for (const e of g.edges) edges.set(e.route.id, edgeOf(e, placed.at, style, main, cross, vertical));
    y += (vertical ? placed.main : placed.cross) + style.row + 10;
  }
  const H = Math.ceil(y - 10 + (size === "s" ? 4 : 12));
  return { boxes, edges, H: Math.max(vertical ? 0 : 120, H), vertical, size };
}

const framed = group => group.nodes.some(n => n.program);

/** Box and gap sizes that use the width well; null when the group does not fit. */
function styleFor(g, W, vertical, size, xray) {
  const plain = vertical ? DOWN[size] : SIZES[size],
    z = framed(g) ? { ...plain, row: plain.row + ASIDE } : plain,
    room = W - 2 * PAD;
  const base = { ...z, xray: xray && !vertical, lines: size === "s" ? 5 : 12, tallest: 420 };
  if (vertical) {
    const style = {
      ...base,
      M: z.h,
      C: z.w[0],
      gapM: z.gap,
      gapC: (size === "s" ? 14 : 22) + (framed(g) ? BESIDE : 0),
      gapSub: z.row,
      rows: 99,
      roomC: room,
      tallest: room,
    };
    style.folds = fold(g.layers, style);
    const busiest = Math.max(
      ...style.folds.map((f, i) => (f.wrapped ? f.fit : g.layers[i].filter(it => it.node).length)),
    );
    style.C = Math.max(z.w[0], Math.min(z.w[1], (room - (busiest - 1) * style.gapC) / busiest));
    style.folds = fold(g.layers, style);
    style.M += Math.max(0, ...g.nodes.map(n => chipRows(n.types, size, style.C).extra));
    return size !== "s" && style.folds.some(f => f.wrapped) ? null : style;
  }
  const style = { ...base, M: z.w[0], C: z.h, gapM: z.gap, gapC: z.row, gapSub: 20, rows: z.rows, roomC: 0 };
  style.folds = fold(g.layers, style);
  if (size !== "s" && style.folds.some(f => f.wrapped)) return null;
  const spare = room - need(style.folds, style);
  if (spare < 0) return null;
  const count = style.folds.reduce((n, f) => n + f.subs, 0);
  style.M = Math.min(z.w[1], z.w[0] + (spare * 0.35) / count);
  if (g.layers.length > 1) style.gapM = (room - need(style.folds, style, style.M, 0)) / (g.layers.length - 1);
  const folded = style.folds.flatMap((f, i) => (f.wrapped ? g.layers[i].filter(it => it.node) : []));
  style.C += Math.max(0, ...folded.map(it => chipRows(it.node.types, size, style.M).extra));
  return style;
}

function boxOf(p, main, cross, vertical, size) {
  const m = p.m + main,
    c = p.c - p.C / 2 + cross;
  const rect = vertical ? { x: c, y: m, w: p.C, h: p.M } : { x: m, y: c, w: p.M, h: p.C };
  return { id: p.id, node: p.node, size, ...rect };
}

function edgeOf(e, at, style, main, cross, vertical) {
  const { lanes, labels, xray } = lanesOf(e, at, style);
  for (const l of lanes) {
    for (let k = 0; k < l.pts.length; k += 2) {
      const m = l.pts[k] + main,
        c = l.pts[k + 1] + cross;
      l.pts[k] = vertical ? c : m;
      l.pts[k + 1] = vertical ? m : c;
    }
    if (l.rect) {
      const m = l.rect.m + main,
        c = l.rect.c + cross;
      l.rect = vertical ? { x: c, y: m, w: l.rect.C, h: l.rect.M } : { x: m, y: c, w: l.rect.M, h: l.rect.C };
    }
  }
  const inBox = e.tubeAt === "box" ? leaf(e, at) : null;
  if (inBox)
    lanes.forEach((l, dir) => {
      l.q = (inBox === e.route.from) === (dir === 0) ? [0, 0] : [1, 1];
    });
  return { id: e.route.id, route: e.route, lanes, labels, xray, flip: e.flip, vertical, inBox };
}

/** Without room for a tube the queue is a bar in the box that has fewer edges. */
function leaf(e, at) {
  return at.get(e.from).wrapped && !at.get(e.to).wrapped ? e.from : e.to;
}

/** A socket joined to itself: a small arc over its box. */
function loops(graph, plan) {
  for (const r of graph.routes) {
    if (r.from !== r.to || !plan.boxes.has(r.from)) continue;
    const b = plan.boxes.get(r.from),
      pts = new Float64Array(96);
    for (let k = 0; k < 48; k++) {
      const a = Math.PI * (k / 47);
      pts[2 * k] = b.x + b.w / 2 - Math.cos(a) * b.w * 0.3;
      pts[2 * k + 1] = b.y - Math.sin(a) * 10;
    }
    plan.edges.set(r.id, {
      id: r.id,
      route: r,
      lanes: [{ pts, whole: 120, thick: 6, q: [1, 1], rect: null, turned: false }],
      labels: false,
      xray: false,
      flip: false,
      vertical: false,
      inBox: r.from,
    });
  }
}
