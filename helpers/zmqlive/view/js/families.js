// A large system: roles of one kind ("worker 1", "worker 2" …) are one box, which opens to show each. Pure.

const CROWD = 24, // boxes from which on families are drawn together
  LEAST = 5; // members that make a family

const stemOf = label => label.replace(/[\s_#-]*\d+$/, "");
const plural = stem => (/[^aeiou]y$/.test(stem) ? stem.replace(/y$/, "ies") : /(s|x|ch|sh)$/.test(stem) ? stem + "es" : stem + "s");

/** {nodes, families: [{stem, name, open, many}]}: the nodes with each family that is not in `open` as one of them. */
export function gathered(nodes, open) {
  const kin = new Map();
  for (const n of nodes) {
    const stem = stemOf(n.label);
    if (stem === n.label || !stem) continue;
    const key = `${stem} ${n.types.join()}`;
    kin.set(key, [...(kin.get(key) || []), n]);
  }
  const families = [],
    gone = new Set(),
    instead = new Map(); // the first of a family → the family's box
  if (nodes.length < CROWD) return { nodes, families };
  for (const members of kin.values()) {
    if (members.length < LEAST) continue;
    const stem = stemOf(members[0].label),
      family = { stem, name: `${members.length} ${plural(stem)}`, open: open.has(stem), many: members.length };
    families.push(family);
    if (family.open) continue;
    for (const n of members) gone.add(n);
    instead.set(members[0], {
      ...members[0],
      id: `${stem} *`,
      label: family.name,
      short: members[0].program && `${members.length} ${plural(stemOf(members[0].short))}`,
      family: stem,
      members,
      sockets: members.flatMap(n => n.sockets),
      ended: members.every(n => n.ended),
    });
  }
  return { nodes: nodes.flatMap(n => (instead.has(n) ? [instead.get(n)] : gone.has(n) ? [] : [n])), families };
}
