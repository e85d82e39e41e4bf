// A program and its threads: the roles "crew" and "crew/desk" are boxes in one frame, which has the program's name.
import { box, fit, font } from "./palette.js";

const AIR = 8, // px between a box and its frame
  TITLE = 15, // px above the first boxes for the program's name
  JOINT = 24; // px that a frame is wide at least where it goes from one column to the next
/** px that the boxes of different programs need between each other on top of what boxes need. */
export const ASIDE = AIR + TITLE;
/** px that they need more where they stand beside each other in a row. */
export const BESIDE = 6;

/** Map(role → its program), for the roles of programs of which a thread (or a child of multiprocessing) is a role too. */
export function programsOf(ids) {
  const found = new Map();
  for (const id of ids) {
    const program = id.slice(0, Math.max(0, id.indexOf("/")));
    if (program) found.set(id, program).set(program, program);
  }
  return found;
}

/** What a box within its program's frame is called. */
export const within = (label, program) =>
  program === undefined ? undefined : label === program ? "main" : label.startsWith(`${program}/`) ? label.slice(program.length + 1) : label;

/** What belongs to one program stands together in a layer, about where it stood. */
export function together(layer) {
  const groups = new Map(), // program, or the box itself → where its boxes stand
    key = it => it.node?.program ?? it.id,
    mean = at => at.reduce((sum, i) => sum + i, 0) / at.length;
  layer.forEach((it, i) => groups.set(key(it), [...(groups.get(key(it)) || []), i]));
  return [...groups.values()].sort((p, q) => mean(p) - mean(q) || p[0] - q[0]).flatMap(at => at.map(i => layer[i]));
}

/**
 * [{program, rects, part, parts}]: the frames around the boxes; `rects` overlap and make one shape, the first has the
 * name. A program between whose boxes stand those of others has several.
 */
export function framesOf(boxes, vertical) {
  const all = boxes.map(b => (vertical ? { m: b.y, M: b.h, c: b.x, C: b.w } : { m: b.x, M: b.w, c: b.y, C: b.h })),
    names = boxes.map(b => b.node.program);
  return [...new Set(names)].filter(Boolean).flatMap(program => {
    const foreign = all.filter((_, i) => names[i] !== program),
      shapes = joined(columns(all.filter((_, i) => names[i] === program), foreign), foreign);
    return shapes.map((rects, i) => ({ program, part: i + 1, parts: shapes.length, rects: rects.map(r => upright(r, vertical)) }));
  });
}

const meets = (p, q) => p.m < q.m + q.M && q.m < p.m + p.M && p.c < q.c + q.C && q.c < p.c + p.C;

/** One rectangle around the boxes of a column, or several where somebody else's stands between. */
function columns(own, foreign) {
  const found = [];
  for (const b of own.sort((p, q) => p.m - q.m || p.c - q.c)) {
    const last = found[found.length - 1],
      both = last && { m: last.m, M: Math.max(last.M, b.M), c: last.c, C: b.c + b.C - last.c };
    if (last && Math.abs(last.m - b.m) < 1 && !foreign.some(f => meets(both, f))) Object.assign(last, both);
    else found.push({ ...b });
  }
  return found;
}

/** The columns' rectangles as shapes: two are one where a bridge between them crosses nobody's box. */
function joined(runs, foreign) {
  const shapes = runs.map(run => [run]);
  for (const a of runs) {
    const next = Math.min(...runs.filter(b => b.m > a.m + 1).map(b => b.m));
    for (const b of runs.filter(b => b.m - next < 1 && b.m > a.m + 1)) {
      const from = Math.max(a.c, b.c),
        to = Math.min(a.c + a.C, b.c + b.C),
        c = Math.min(from, to - JOINT),
        C = Math.max(to, from + JOINT) - c,
        bridge = { m: a.m + a.M, M: b.m - a.m - a.M, c: c - AIR, C: C + 2 * AIR, bridge: true };
      const [p, q] = [a, b].map(run => shapes.findIndex(shape => shape.includes(run)));
      if (p === q || foreign.some(f => meets(bridge, f))) continue;
      const [lower, higher] = [Math.min(p, q), Math.max(p, q)];
      shapes[lower].push(...shapes[higher], bridge);
      shapes.splice(higher, 1);
    }
  }
  return shapes;
}

/** With air around boxes, and above them room for the name. A bridge reaches into that at both of its ends. */
function upright(r, vertical) {
  const { x, y, w, h } = vertical ? { x: r.c, y: r.m, w: r.C, h: r.M } : { x: r.m, y: r.c, w: r.M, h: r.C };
  if (r.bridge) return { x, y, w, h };
  return { x: x - AIR, y: y - AIR - TITLE, w: w + 2 * AIR, h: h + 2 * AIR + TITLE };
}

export function drawPrograms(g, view) {
  const { pal, geo } = view;
  view.programs = framesOf([...geo.boxes.values()], geo.vertical);
  for (const { program, rects, part, parts } of view.programs) {
    g.lineWidth = 3; // of which the outer half remains
    g.strokeStyle = pal.line;
    for (const r of rects) {
      box(g, r.x, r.y, r.w, r.h, 12);
      g.stroke();
    }
    g.fillStyle = pal.frame;
    for (const r of rects) {
      box(g, r.x, r.y, r.w, r.h, 12);
      g.fill();
    }
    const failed = (view.state.roles.get(program) || {}).state === "failed",
      text = program + (failed ? ": failed" : "") + (parts > 1 ? ` (${part} of ${parts})` : "");
    g.font = font(11.5, 650);
    g.textAlign = "left";
    g.fillStyle = failed ? pal.bad : pal.dim;
    g.fillText(fit(g, text, rects[0].w - 2 * AIR), rects[0].x + AIR + 2, rects[0].y + TITLE * 0.8);
  }
}

/** For screen readers: "Within crew: main, desk." */
export function programWords(nodes) {
  const inside = new Map();
  for (const n of nodes) if (n.program) inside.set(n.program, [...(inside.get(n.program) || []), n.short]);
  return [...inside].map(([program, parts]) => ` Within the program ${program}: ${[...new Set(parts)].join(", ")}.`).join("");
}
