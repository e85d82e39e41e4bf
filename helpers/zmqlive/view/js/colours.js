// What the colour of a dot says: which line it is on, who sent it first, its topic, who takes it, or what it carries. A
// colour never says it alone: each has a shape of its own, and both stand in the legend.
import { lane } from "./palette.js";
import { textOf } from "./book.js";

/** What can be told apart, and the reader's words for it. */
export const BY = { line: "line", sender: "sender", topic: "topic", worker: "receiver", content: "content" };
const APART = 6; // as many as have a colour and a shape; all further ones are alike
const LINE = { shape: 0, name: "" };

export class Colours {
  constructor(by) {
    this.by = by in BY ? by : "line";
    this.names = new Map(); // key → its place in the legend, in the order in which they were first sent
    this.read = 0; // pages of the book that have been given a place
    this.known = new Map(); // message → its place
    this.version = 0;
  }

  choose(by) {
    Object.assign(this, new Colours(by), { version: this.version + 1 });
  }

  /** Another record is shown: its messages are others, what they are told apart by keeps its colour. */
  forget() {
    this.known.clear();
    this.read = 0;
  }

  /** {colour, shape} of a message that is on this line now. */
  of(view, id, geo) {
    if (this.by === "line" || id === undefined) return { ...LINE, colour: lane(view.pal, view.colour.get(geo.id)) };
    const place = this.place(view, id);
    return place >= APART || place < 0 ? { shape: 0, colour: view.pal.dim } : { shape: place, colour: lane(view.pal, place) };
  }

  place(view, id) {
    const known = this.known.get(id);
    if (known !== undefined) return known;
    const page = view.store.book.pages.get(id),
      key = page ? this.key(view, page) : null;
    if (key === null) return -1;
    if (!this.names.has(key)) {
      this.names.set(key, this.names.size);
      this.version++;
    }
    const place = this.names.get(key);
    // Who takes a message is a guess until it is taken.
    if (this.by !== "worker" || page.to !== null) this.known.set(id, place);
    if (this.known.size > 20000) this.known.clear();
    return place;
  }

  /** Gives all that have been sent their places, so that they do not depend on where in time one looks first. */
  learn(view) {
    const { book } = view.store;
    if (this.by === "line" || this.read === book.version) return;
    this.read = book.version;
    for (const id of book.pages.keys()) if (!this.known.has(id)) this.place(view, id);
  }

  key(view, page) {
    const role = socket => (view.graph.sockets.get(socket) || {}).role ?? null;
    if (this.by === "sender") return role(view.store.book.first(page).from);
    if (this.by === "topic") return page.frames ? textOf(page.frames[0]).split(/[\s:;,]/)[0].slice(0, 24) : null;
    if (this.by === "content") return page.frames ? textOf(page.frames[page.frames.length - 1]).slice(0, 24) : null;
    if (page.to !== null) return role(page.to);
    const edge = view.graph.edges.find(e => e.id === page.edge);
    return edge ? role(edge.a === page.from ? edge.b : edge.a) : null;
  }

  /** [{name, colour, shape}], the last of them for all that are too many to be told apart. */
  legend(view) {
    const shown = [...this.names].slice(0, APART).map(([name, place]) => ({ name: name || "(empty)", shape: place, colour: lane(view.pal, place) }));
    if (this.names.size > APART) shown.push({ name: `${this.names.size - APART} more`, shape: 0, colour: view.pal.dim });
    return shown;
  }
}

/** The outline of a shape around 0, 0; for a canvas and for the legend alike. */
export function outline(g, shape, r) {
  if (shape === 0) {
    g.arc(0, 0, r, 0, 7);
    return;
  }
  const [corners, turn, size] = SHAPES[shape];
  for (let k = 0; k < corners; k++) {
    const a = turn + (k * 2 * Math.PI) / corners,
      x = Math.cos(a) * r * size,
      y = Math.sin(a) * r * size;
    if (k) g.lineTo(x, y);
    else g.moveTo(x, y);
  }
  g.closePath();
}

// corners, the direction of the first, and the size at which it looks as large as a circle
const SHAPES = [
  [],
  [4, Math.PI / 4, 1.2], // square
  [3, -Math.PI / 2, 1.32], // triangle
  [4, 0, 1.3], // diamond
  [3, Math.PI / 2, 1.32], // triangle on its tip
  [6, 0, 1.12], // hexagon
];
