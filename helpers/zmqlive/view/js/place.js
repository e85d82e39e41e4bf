// Where each box of a group stands: the second half of a layered drawing. Pure.
// Along the flow positions are called m (main), across it c (cross): left to right m is x, top to bottom m is y.

const THREAD = 6; // room that a passing edge takes within a layer

/** How many boxes fit beside each other, so how many sub-columns each layer is folded into. */
export function fold(layers, style) {
  return layers.map(items => {
    const real = items.filter(it => it.node).length;
    const wide = extent(
      items.map(it => (it.node ? style.C : THREAD)),
      items,
      style,
    );
    const wrapped = real > style.rows || (style.roomC > 0 && wide > style.roomC);
    const fit =
      style.roomC > 0 ? Math.max(1, Math.floor((style.roomC + style.gapC) / (style.C + style.gapC))) : style.rows;
    return wrapped ? { wrapped, subs: Math.max(1, Math.ceil(real / fit)), fit } : { wrapped, subs: 1, fit: real };
  });
}

/** Main room that the folded layers need at least. */
export function need(folds, style, M = style.M, gap = style.gapM) {
  return folds.reduce((sum, f) => sum + f.subs * M + (f.subs - 1) * style.gapSub, 0) + (folds.length - 1) * gap;
}

/** Places a group. `sizes` are M and gapM as finally chosen; `grow(node)` is the cross size that a box needs for its ports. */
export function place(layers, links, folds, style, grow) {
  const at = new Map();
  let m = 0;
  layers.forEach((items, i) => {
    const { wrapped, subs } = folds[i],
      width = subs * style.M + (subs - 1) * style.gapSub;
    const real = items.filter(it => it.node),
      rows = Math.ceil(real.length / subs);
    items.forEach(it =>
      at.set(it.id, {
        id: it.id,
        node: it.node,
        layer: i,
        wrapped,
        m,
        M: it.node ? style.M : width,
        start: m,
        end: m + width,
        C: it.node ? (wrapped ? style.C : Math.max(style.C, grow(it.node))) : THREAD,
        c: 0,
        sub: 0,
        row: 0,
      }),
    );
    // Row by row, so that neighbours in the order stay neighbours on the picture.
    real.forEach((it, k) => {
      const p = at.get(it.id);
      if (!wrapped) return;
      p.sub = subs > 1 ? Math.floor(k / rows) : 0;
      p.row = k - p.sub * rows;
      p.m = m + p.sub * (style.M + style.gapSub);
    });
    m += width + style.gapM;
  });
  const lanes = layers.map(items => items.map(it => at.get(it.id)));
  lanes.forEach((items, i) => (folds[i].wrapped ? grid(items, style) : stack(items, style)));
  settle(lanes, links, at, folds, style);
  const cs = [...at.values()].filter(p => p.node).flatMap(p => [p.c - p.C / 2, p.c + p.C / 2]);
  const top = Math.min(...cs),
    cross = Math.max(...cs) - top;
  for (const p of at.values()) {
    p.c -= top;
    if (p.gutter !== undefined) p.gutter -= top;
  }
  return { at, main: m - style.gapM, cross };
}

function separation(p, q, style) {
  const both = (p.node === undefined || p.node) && (q.node === undefined || q.node);
  return (p.C + q.C) / 2 + (both ? style.gapC : Math.max(8, style.gapC / 2));
}

function extent(sizes, items, style) {
  let sum = 0;
  sizes.forEach((C, i) => {
    sum += C;
    if (i) sum += items[i - 1].node && items[i].node ? style.gapC : Math.max(8, style.gapC / 2);
  });
  return sum;
}

function stack(items, style) {
  const whole = extent(
    items.map(p => p.C),
    items,
    style,
  );
  let c = -whole / 2;
  items.forEach((p, i) => {
    c = i ? items[i - 1].c + separation(items[i - 1], p, style) : c + p.C / 2;
    p.c = c;
  });
}

/** A folded layer: a regular grid around the middle; the gutters between its rows are where edges pass. */
function grid(items, style) {
  const real = items.filter(p => p.node),
    rows = Math.max(...real.map(p => p.row)) + 1,
    pitch = style.C + style.gapC;
  const top = -((rows - 1) * pitch) / 2;
  for (const p of real) {
    p.c = top + p.row * pitch;
    p.gutter = p.c - pitch / 2;
  }
  const passing = items.filter(p => !p.node);
  passing.forEach((p, k) => {
    p.c = top + (Math.round(((k + 0.5) * rows) / passing.length) - 0.5) * pitch;
  });
}

/** Sweeps that pull each box towards the middle of its neighbours without changing the order or coming too close. */
function settle(lanes, links, at, folds, style) {
  const near = new Map();
  for (const [p, q] of links) {
    near.set(p, [...(near.get(p) || []), at.get(q)]);
    near.set(q, [...(near.get(q) || []), at.get(p)]);
  }
  for (let sweep = 0; sweep < 6; sweep++) {
    const order = [...lanes.keys()];
    if (sweep % 2) order.reverse();
    for (const i of order) {
      if (folds[i].wrapped || !lanes[i].length) continue;
      const side = sweep < 4 ? (sweep % 2 ? 1 : -1) : 0;
      const wish = lanes[i].map(p => {
        const all = near.get(p.id) || [],
          some = all.filter(q => side === 0 || (q.layer - p.layer) * side > 0);
        const use = some.length ? some : all;
        return use.length ? use.reduce((sum, q) => sum + q.c, 0) / use.length : p.c;
      });
      isotone(lanes[i], wish, style);
    }
  }
}

/** Least squares with fixed order and least distances (pool adjacent violators). */
function isotone(items, wish, style) {
  const offset = [0];
  for (let i = 1; i < items.length; i++) offset.push(offset[i - 1] + separation(items[i - 1], items[i], style));
  const pools = [];
  items.forEach((p, i) => {
    pools.push({ sum: wish[i] - offset[i], n: 1 });
    while (pools.length > 1) {
      const b = pools[pools.length - 1],
        a = pools[pools.length - 2];
      if (a.sum / a.n <= b.sum / b.n) break;
      pools.pop();
      a.sum += b.sum;
      a.n += b.n;
    }
  });
  let i = 0;
  for (const pool of pools) for (let k = 0; k < pool.n; k++, i++) items[i].c = pool.sum / pool.n + offset[i];
  if (style.roomC > 0) keepWithin(items, offset, style.roomC);
}

/** Top to bottom the width is limited: keep every box within it (a middle at 0). */
function keepWithin(items, offset, room) {
  const last = items.length - 1,
    lo0 = -room / 2 + items[0].C / 2,
    hi0 = room / 2 - items[last].C / 2;
  items.forEach((p, i) => {
    const lo = lo0 + offset[i],
      hi = hi0 - (offset[last] - offset[i]);
    p.c = hi < lo ? lo : Math.min(hi, Math.max(lo, p.c));
  });
}
