// How full a queue looks. The one rule for the tubes, the x-ray and the bars in boxes; ../filling.py is the same rule
// for the still picture. Pure.
//
// More waiting never looks like less, and only a full queue looks full. Whoever is next stands at the way out, one by
// one; those behind them are a bar. It grows with the root of their number, so that a few in front of a mark of a
// thousand are seen.

export const SLOTS = 24, // up to this mark each place in the queue is drawn
  LEAST = 6.5; // px a place needs; with less room there are none
const HEAD = 0.5, // share of the queue in which messages stand one by one
  ABREAST = 6, // how many of them there are room for
  CLOSE = 4, // px from one to the next, at least
  GAP = 0.08, // share that stays empty as long as there is room
  SLIVER = 1.5, // px: the least bar that is seen
  HALF = 12; // without a mark: half of the bar's room at so many squared

/**
 * `n` messages before a `mark` (null: none, or not known) in `width` px, a dot being `size` px wide with its air.
 * {dots, first, pitch}: that many dots, the middle of the first so far from the way out, each next one `pitch` further;
 * {length, bar}: how much is filled, of which the last part is a bar; {full, places}.
 */
export function fill(n, mark, width, size) {
  const full = !!mark && n >= mark;
  if (mark && mark <= SLOTS && size > 0 && width / mark >= LEAST) {
    const pitch = width / mark,
      dots = Math.min(n, mark);
    return { dots, first: pitch / 2, pitch, length: dots * pitch, bar: 0, full, places: true };
  }
  const pitch = Math.min(size, Math.max(CLOSE, (width * HEAD - size) / (ABREAST - 1)));
  let most = size > 0 && size <= width * HEAD ? Math.floor((width * HEAD - size) / pitch) + 1 : 0;
  if (mark) most = Math.min(most, mark - 1);
  const dots = Math.min(n, most),
    head = dots ? size + (dots - 1) * pitch : 0;
  let bar = 0;
  if (full) bar = width - head;
  else if (n > most) {
    const more = n - most,
      root = Math.sqrt(more),
      share = mark ? Math.sqrt(more / (mark - most)) : root / (root + HALF);
    bar = SLIVER + share * Math.max(0, width * (1 - GAP) - head - SLIVER);
  }
  return { dots, first: size / 2, pitch, length: head + bar, bar, full, places: false };
}
