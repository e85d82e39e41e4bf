// The two canvases: a still layer (boxes, edges, tubes; drawn when something changed) and the moving dots above it.
import { graphOf } from "./graph.js";
import { layout } from "./layout.js";
import { along } from "./paths.js";
import { drawBox } from "./boxes.js";
import { drawPrograms } from "./programs.js";
import { drawEdge } from "./tube.js";
import { drawDots } from "./dots.js";
import { aim, apply, largest, least } from "./camera.js";
import { font } from "./palette.js";

const TWEEN = 380; // ms in which boxes move to their new places

/** Prepares what drawing needs of a topology at this width; boxes move there smoothly from where they were. */
export function arrangeView(view, W, now) {
  const graph = graphOf(view.store.topo, view.opened);
  for (const r of graph.routes) r.xray = (view.xrayOpen || view.chosen === r.id) && r.transport !== "inproc" && r.edges.some(e => view.store.xray.has(e.id));
  const limit = view.tallest ? { tallest: view.tallest } : {},
    { geo, size } = largest(k => layout(graph, W / k, limit), W, view.tall);
  geo.scale = size;
  view.graph = graph;
  view.colour = new Map(graph.routes.map((r, i) => [r.id, i]));
  view.routeOf = new Map(graph.routes.flatMap(r => r.edges.map(e => [e.id, r])));
  view.home = new Map(graph.nodes.flatMap(n => n.sockets.map(s => [s, n.id])));
  view.sides = new Map();
  view.inBox = new Map();
  for (const r of graph.routes) {
    const g = geo.edges.get(r.id);
    if (!g) continue;
    for (const e of r.edges) {
      view.sides.set(e.a, g.flip ? "in" : "out");
      view.sides.set(e.b, g.flip ? "out" : "in");
    }
    if (g.inBox) view.inBox.set(g.inBox, [...(view.inBox.get(g.inBox) || []), g]);
  }
  const same = view.target && view.stage.W === W;
  const H = Math.max(least(W), Math.ceil(geo.H * size));
  view.stage = { W, H: same ? Math.max(H, view.stage.H) : H }; // the page must not jump: it never gets shorter
  view.tween = same && !view.calm && view.target.boxes.size ? { from: view.geo, at: now } : null;
  view.target = geo;
  view.geo = view.tween ? between(view.tween.from, geo, 0) : geo;
  aim(view);
}

/** One step of the way from the old layout to the new one. */
export function moveOn(view, now) {
  if (!view.tween) return false;
  const p = Math.min(1, (now - view.tween.at) / TWEEN),
    k = 1 - (1 - p) ** 3;
  view.geo = p < 1 ? between(view.tween.from, view.target, k) : view.target;
  if (p >= 1) view.tween = null;
  aim(view);
  return true;
}

const mix = (a, b, k) => a + (b - a) * k;
const mixRect = (a, b, k) =>
  a && b ? { x: mix(a.x, b.x, k), y: mix(a.y, b.y, k), w: mix(a.w, b.w, k), h: mix(a.h, b.h, k) } : b;

function between(from, to, k) {
  const boxes = new Map(),
    edges = new Map();
  for (const [id, b] of to.boxes) {
    const a = from.boxes.get(id);
    boxes.set(id, a ? { ...b, ...mixRect(a, b, k) } : { ...b, alpha: k });
  }
  for (const [id, e] of to.edges) {
    const a = from.edges.get(id);
    if (!a || a.lanes.length !== e.lanes.length) {
      edges.set(id, { ...e, alpha: k });
      continue;
    }
    edges.set(id, {
      ...e,
      lanes: e.lanes.map((l, i) => ({
        ...l,
        rect: mixRect(a.lanes[i].rect, l.rect, k),
        pts: l.pts.map((v, j) => mix(a.lanes[i].pts[j], v, k)),
        q: a.lanes[i].q && l.q ? [mix(a.lanes[i].q[0], l.q[0], k), mix(a.lanes[i].q[1], l.q[1], k)] : l.q,
      })),
    });
  }
  const [W, H, scale] = ["W", "H", "scale"].map(key => mix(from[key], to[key], k));
  return { ...to, W, H, scale, boxes, edges };
}

/** Gives a canvas its size in device pixels; returns true when that emptied it. */
export function resize(canvas, w, h, dpr) {
  const W = Math.round(w * dpr),
    H = Math.round(h * dpr);
  if (canvas.width === W && canvas.height === H) return false;
  canvas.width = W;
  canvas.height = H;
  canvas.style.width = w + "px";
  canvas.style.height = h + "px";
  return true;
}

export function drawScene(g, view) {
  start(g, view);
  let i = 0;
  const part = () => g.begin && g.begin(); // a pen that writes
  part();
  drawPrograms(g, view);
  for (const geo of view.geo.edges.values()) {
    part();
    drawEdge(g, view, geo, view.colour.get(geo.id) ?? i++);
  }
  for (const b of view.geo.boxes.values()) {
    part();
    drawBox(g, view, b);
  }
  part();
  g.setTransform(view.dpr, 0, 0, view.dpr, 0, 0);
  g.textAlign = "left";
  g.font = font(12, 600);
  g.fillStyle = view.pal.dim;
  const notes = [];
  if (view.state.stride > 1) notes.push(`1 moving dot = ${view.state.stride} messages`);
  if (view.graph.hidden) notes.push(`${view.graph.hidden} ended roles are not shown`);
  if (notes.length) g.fillText(notes.join(" · "), 12, view.stage.H - 10);
}

export function drawMoving(g, view, dt, snap) {
  start(g, view);
  return drawDots(g, view, dt, snap);
}

function start(g, view) {
  g.setTransform(view.dpr, 0, 0, view.dpr, 0, 0);
  g.clearRect(0, 0, view.stage.W, view.stage.H);
  apply(g, view);
  g.textBaseline = "middle";
  g.lineJoin = g.lineCap = "round";
}

/** What is under the mouse: {box} or {edge} or null. */
export function hit(view, x, y) {
  for (const b of view.geo.boxes.values())
    if (x >= b.x && x <= b.x + b.w && y >= b.y && y <= b.y + b.h) return { box: b };
  let best = null,
    near = 12;
  for (const e of view.geo.edges.values())
    for (const l of e.lanes) {
      if (
        l.rect &&
        x >= l.rect.x - 3 &&
        x <= l.rect.x + l.rect.w + 3 &&
        y >= l.rect.y - (e.labels && !e.vertical ? 16 : 4) && // its number stands above it
        y <= l.rect.y + l.rect.h + 4
      )
        return { edge: e };
      for (let k = 0; k <= 60; k++) {
        const p = along(l.pts, k / 60, [0, 0]),
          d = Math.hypot(p[0] - x, p[1] - y);
        if (d < near) {
          near = d;
          best = e;
        }
      }
    }
  return best ? { edge: best } : null;
}
