// The way of messages: from box to box, through the tube in which they wait. Pure.

export const N = 48; // points of a path, equally far apart: half way is point 23.5

/** N points, equally spaced, along straight lines and S-curves through `knots` [[m, c, straight?], …]. */
export function trace(knots) {
  const raw = [[knots[0][0], knots[0][1]]];
  for (let i = 1; i < knots.length; i++) {
    const [m0, c0] = knots[i - 1],
      [m1, c1, straight] = knots[i];
    if (straight || Math.abs(c1 - c0) < 0.5) {
      raw.push([m1, c1]);
      continue;
    }
    const mid = (m0 + m1) / 2;
    for (let k = 1; k <= 20; k++) {
      const t = k / 20,
        u = 1 - t;
      raw.push([
        u * u * u * m0 + 3 * u * t * mid * (u + t) + t * t * t * m1,
        c0 * (u * u * u + 3 * u * u * t) + c1 * (3 * u * t * t + t * t * t),
      ]);
    }
  }
  return even(raw);
}

function even(raw) {
  const sum = [0];
  for (let i = 1; i < raw.length; i++)
    sum.push(sum[i - 1] + Math.hypot(raw[i][0] - raw[i - 1][0], raw[i][1] - raw[i - 1][1]));
  const length = sum[sum.length - 1] || 1,
    pts = new Float64Array(2 * N);
  for (let k = 0, i = 1; k < N; k++) {
    const want = (length * k) / (N - 1);
    while (i < raw.length - 1 && sum[i] < want) i++;
    const f = Math.min(1, Math.max(0, (want - sum[i - 1]) / (sum[i] - sum[i - 1] || 1)));
    pts[2 * k] = raw[i - 1][0] + (raw[i][0] - raw[i - 1][0]) * f;
    pts[2 * k + 1] = raw[i - 1][1] + (raw[i][1] - raw[i - 1][1]) * f;
  }
  return { pts, length };
}

export function reversed(pts) {
  const out = new Float64Array(pts.length);
  for (let k = 0; k < N; k++) {
    out[2 * k] = pts[2 * (N - 1 - k)];
    out[2 * k + 1] = pts[2 * (N - 1 - k) + 1];
  }
  return out;
}

/** Point at fraction f of a path, written into `out` (no garbage in the drawing loop). */
export function along(pts, f, out) {
  const x = Math.min(N - 1, Math.max(0, f * (N - 1))),
    i = Math.min(N - 2, Math.floor(x)),
    r = x - i;
  out[0] = pts[2 * i] + (pts[2 * i + 2] - pts[2 * i]) * r;
  out[1] = pts[2 * i + 1] + (pts[2 * i + 3] - pts[2 * i + 1]) * r;
  return out;
}

/** Where the ports of each side of each box are. A side is "in" (towards the sources) or "out". */
export function ports(edges, at, style) {
  const sides = new Map();
  const list = key => {
    if (!sides.has(key)) sides.set(key, []);
    return sides.get(key);
  };
  for (const e of edges) {
    list(`${e.from}|out`).push(e);
    list(`${e.to}|in`).push(e);
  }
  for (const e of edges) {
    // messages wait at the end that has fewer edges: there is room for a tube
    const outs = list(`${e.from}|out`).length,
      ins = list(`${e.to}|in`).length;
    e.tubeAt = at.get(e.to).wrapped
      ? at.get(e.from).wrapped
        ? "box"
        : ins > 1
          ? "from"
          : "box"
      : ins > outs
        ? "from"
        : "to";
    if (e.tubeAt === "from" && at.get(e.from).wrapped) e.tubeAt = "box";
  }
  for (const [key, here] of sides) {
    const bar = key.lastIndexOf("|"),
      box = at.get(key.slice(0, bar)),
      out = key.slice(bar + 1) === "out";
    const other = e => (e.via.length ? at.get(e.via[out ? 0 : e.via.length - 1]) : at.get(out ? e.to : e.from));
    here.sort((p, q) => other(p).c - other(q).c || other(p).m - other(q).m || p.id - q.id);
    const tubes = here.some(e => e.tubeAt === (out ? "from" : "to"));
    const step = Math.min(
      tubes ? style.pitch : style.lines,
      (box.C - 12) / Math.max(1, here.length - 1) || Infinity,
      here.length > 1 ? Infinity : 0,
    );
    here.forEach((e, i) => {
      e[out ? "portA" : "portB"] = box.c + (i - (here.length - 1) / 2) * step;
      e[out ? "stepA" : "stepB"] = here.length > 1 ? step : box.C + style.gapC;
    });
  }
  return sides;
}

/** Cross size a box needs so that tubes on one side have room for their labels. */
export function growth(edges, style) {
  const ins = new Map(),
    outs = new Map();
  for (const e of edges) {
    outs.set(e.from, (outs.get(e.from) || 0) + 1);
    ins.set(e.to, (ins.get(e.to) || 0) + 1);
  }
  return node => {
    const here = edges.filter(
      e =>
        (e.to === node.id && ins.get(e.to) <= outs.get(e.from)) ||
        (e.from === node.id && ins.get(e.to) > outs.get(e.from)),
    );
    const side = Math.max(here.filter(e => e.to === node.id).length, here.filter(e => e.from === node.id).length);
    const lines = Math.max(ins.get(node.id) || 0, outs.get(node.id) || 0);
    const tubes = side > 1 ? side * (side <= 4 ? style.pitch : style.pitch * 0.55) + 6 : 0;
    return Math.min(style.tallest, Math.max(tubes, lines > 3 ? Math.min(lines * 7 + 12, style.C * 2.4) : 0));
  };
}
