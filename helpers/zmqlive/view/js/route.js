// One edge of a placed group: its lanes (there, and back where replies come), and the tube in which messages wait. Pure.
import { trace, reversed } from "./paths.js";
import { SLOTS } from "./fill.js";

/** Length along the flow that an edge's tube would like. */
export function tubeWish(route, style, xray) {
  const total = route.total ?? null;
  if (xray) return style.tube * 2.2;
  if (total === null || total > SLOTS) return style.tube;
  return Math.max(style.tube * 0.4, Math.min(style.tube * 1.6, total * style.slot));
}

/** Lanes of edge e: {pts, q: [from, to] fractions of the tube, rect} in main/cross coordinates. */
export function lanesOf(e, at, style) {
  const A = at.get(e.from),
    B = at.get(e.to),
    two = e.route.duplex;
  const free = Math.max(10, gapAround(e, A, B) - 2 * style.stub);
  const step = e.tubeAt === "to" ? e.stepB : e.stepA,
    xray = style.xray && e.route.xray && !two && free > 300 && step >= 42;
  const length = e.tubeAt === "box" ? 0 : Math.min(tubeWish(e.route, style, xray), free * (xray ? 0.72 : 0.6));
  const thick = Math.max(5, Math.min(style.thick, two ? (step - 30) / 2.2 : step - (step > 30 ? 18 : 5)));
  const labels = e.tubeAt !== "box" && step >= (two ? thick * 2 + 28 : thick + 14);
  const lanes = [lane(e, at, style, length, thick, two ? -1 : 0)];
  if (two) {
    const back = lane(e, at, style, length, thick, 1);
    lanes.push({ ...back, pts: reversed(back.pts), q: back.q && [1 - back.q[1], 1 - back.q[0]], turned: true });
  }
  if (e.flip) {
    // drawn against the flow: lane 0 still goes from a to b
    lanes.forEach(l => {
      l.pts = reversed(l.pts);
      l.q = l.q && [1 - l.q[1], 1 - l.q[0]];
      l.turned = !l.turned;
    });
  }
  return { lanes, labels, xray, step };
}

function gapAround(e, A, B) {
  return e.via.length || B.m - (A.m + A.M) < 0 ? 120 : Math.min(B.start, B.m) - Math.max(A.end, A.m + A.M);
}

function lane(e, at, style, length, thick, side) {
  const A = at.get(e.from),
    B = at.get(e.to);
  const tubeA = e.tubeAt === "from",
    tubeB = e.tubeAt === "to";
  const wide = (thick + 5) / 2,
    thin = w => Math.min(wide, Math.max(1.5, w / 4));
  const cA = e.portA + side * (tubeA ? wide : thin(e.stepA)),
    cB = e.portB + side * (tubeB ? wide : thin(e.stepB));
  const knots = [[A.m + A.M, cA]];
  if (A.wrapped && A.end > A.m + A.M + 1) {
    // out of a folded layer: along the gutter
    knots.push([A.m + A.M + style.gapSub - 3, A.gutter + side * 1.5], [A.end + 4, A.gutter + side * 1.5, true]);
  }
  if (tubeA) knots.push([A.m + A.M + style.stub + length + 6, cA, true]);
  for (const id of e.via) {
    const p = at.get(id);
    knots.push([p.start - 4, p.c + side * 3], [p.end + 4, p.c + side * 3, true]);
  }
  if (B.wrapped && B.sub > 0)
    knots.push([B.start - 4, B.gutter + side * 1.5], [B.m - style.gapSub + 3, B.gutter + side * 1.5, true]);
  if (tubeB) knots.push([B.m - style.stub - length - 6, cB]);
  knots.push([B.m, cB, tubeB]);
  const { pts, length: whole } = trace(knots);
  const out = { pts, whole, thick, q: null, rect: null, turned: false };
  if (tubeA || tubeB) {
    const m0 = tubeA ? A.m + A.M + style.stub : B.m - style.stub - length,
      c = tubeA ? cA : cB;
    out.rect = { m: m0, c: c - thick / 2, M: length, C: thick };
    out.q = tubeA
      ? [style.stub / whole, (style.stub + length) / whole]
      : [1 - (style.stub + length) / whole, 1 - style.stub / whole];
  }
  return out;
}
