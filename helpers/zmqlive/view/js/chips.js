// The rows of a box: its name, the types of its sockets, its counts. As many rows as its sockets need, so that none is
// left out. Pure: layout makes room for what drawing will need, so widths of text are estimates here.

export const SPEC = {
  // name size, chip height, rows from the top of the block, height of the block
  l: { name: 14, chip: 17, small: 11.5, rows: [12, 31, 50], block: 60, pad: 12 },
  m: { name: 12.5, chip: 14, small: 10.5, rows: [8, 23, 38], block: 46, pad: 9 },
  n: { name: 12.5, chip: 15, small: 10.5, rows: [10, 28, 46], block: 56, pad: 7 },
  s: { name: 11, chip: 0, small: 9.5, rows: [7, 21, 21], block: 27, pad: 6 },
};
const LETTER = 0.74, // of the font's size: capitals, bold
  AIR = 10, // px around the letters of a chip
  BETWEEN = 4,
  COUNT = 34; // px that a count beside the types takes in the smallest box

/** "PUSH ×2" for each type, in the order of the sockets. */
export function wordsOf(types) {
  const many = new Map();
  for (const type of types) many.set(type, (many.get(type) || 0) + 1);
  return [...many].map(([type, n]) => (n > 1 ? `${type} ×${n}` : type));
}

/** The words in rows that are no wider than `room` px. */
function rowsOf(words, room, size, air = AIR) {
  const rows = [];
  let left = 0;
  for (const word of words) {
    const need = word.length * size * LETTER + air;
    if (!rows.length || need > left) {
      rows.push([]);
      left = room;
    }
    rows[rows.length - 1].push(word);
    left -= need + BETWEEN;
  }
  return rows;
}

/** The rows of chips in a box of this size and width, and the px that they need beyond one row. */
export function chipRows(types, size, width) {
  const spec = SPEC[size],
    words = wordsOf(types),
    room = width - 2 * spec.pad;
  if (size === "s") {
    const beside = rowsOf(words, room - COUNT, spec.small, 3),
      rows = beside.length > 1 ? rowsOf(words, room, spec.small, 3) : beside;
    return { rows, step: 11, extra: beside.length > 1 ? 11 * rows.length : 0 };
  }
  const rows = rowsOf(words, room, spec.small - 1),
    step = spec.chip + 3;
  return { rows, step, extra: step * Math.max(0, rows.length - 1) };
}
