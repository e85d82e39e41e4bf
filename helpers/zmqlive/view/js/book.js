// What is known of each message: what it carried, when it was where, and which others it led to. Told by the events alone.

const MOST = 12000, // messages kept; of more, the oldest are forgotten
  FORGET = 2000,
  WHOLE = 64; // bytes up to which a frame is told as it is (../../trace/frame.py)

export class Book {
  constructor() {
    this.pages = new Map(); // message → {id, sent, from, edge, dir, came, received, to, done, dropped, size, frames, …}
    this.after = new Map(); // message → those that it led to
    this.version = 0;
  }

  note(e) {
    const [t, kind, where] = e,
      page = this.pages.get(kind === "d" ? e[3] : e[4]);
    if (kind === "s" && !page) this.open(e);
    else if (!page) return;
    else if (kind === "h") Object.assign(page, { came: t, edge: where, dir: e[3] });
    else if (kind === "r") Object.assign(page, { received: t, edge: where, dir: e[3], to: e[5], got: e[6] || null });
    else if (kind === "x") page.dropped = t;
    else if (kind === "d" && page.done === null) page.done = t;
  }

  open([t, , edge, dir, id, from, carried]) {
    const [size = null, frames = null, parent = null] = carried || [];
    const never = { received: null, to: null, done: null, dropped: null, got: null };
    this.pages.set(id, { id, sent: t, from, edge, dir, came: edge >= 0 ? t : null, size, frames, parent, ...never });
    this.version++;
    if (parent !== null) this.after.set(parent, [...(this.after.get(parent) || []), id]);
    if (this.pages.size > MOST) this.forget();
  }

  forget() {
    let left = FORGET;
    for (const id of this.pages.keys()) {
      if (!left--) break;
      this.pages.delete(id);
      this.after.delete(id);
    }
  }

  /** The hop after this one: that with the same content, else the first that it led to; undefined when there is none. */
  next(id) {
    const pages = (this.after.get(id) || []).map(n => this.pages.get(n)).filter(Boolean),
      mine = this.pages.get(id);
    return pages.find(p => payload(p) === payload(mine)) || pages[0];
  }

  /** Where a message comes from in the end: its first hop. */
  first(page) {
    const seen = new Set();
    while (page.parent !== null && !seen.has(page.id) && this.pages.has(page.parent)) {
      seen.add(page.id);
      page = this.pages.get(page.parent);
    }
    return page;
  }

  /** All hops of a message, first to last. */
  chain(id) {
    const hops = [this.pages.get(id)].filter(Boolean),
      seen = new Set([id]);
    const join = (page, put) => {
      if (!page || seen.has(page.id)) return false;
      seen.add(page.id);
      put(page);
      return true;
    };
    while (hops.length && join(this.pages.get(hops[0].parent), p => hops.unshift(p)));
    while (hops.length && join(this.next(hops[hops.length - 1].id), p => hops.push(p)));
    return hops;
  }

  /** The messages whose number or content holds these words, the newest first; at most so many. */
  find(words, most = 40) {
    const wanted = words.trim().toLowerCase(),
      found = [];
    if (!wanted) return found;
    for (const page of [...this.pages.values()].reverse()) {
      if (found.length >= most) break;
      const all = (page.frames || []).map(textOf).join(" ");
      if (String(page.id) === wanted.replace(/^#/, "") || all.toLowerCase().includes(wanted)) found.push(page);
    }
    return found;
  }
}

const payload = page => (page && page.frames ? page.frames[page.frames.length - 1] : null);

/** A frame's bytes. */
const octets = frame => Uint8Array.from(frame, c => c.charCodeAt(0));

/** Whether only the two ends of a frame are known. */
export const shortened = frame => frame.length > WHOLE;

/** A frame as text where it is that, else its bytes as hex; of a long one both ends. */
export function textOf(frame) {
  if (shortened(frame)) return `${textOf(frame.slice(0, 32))} … ${textOf(frame.slice(32))}`;
  if (!frame) return "";
  const bytes = octets(frame);
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    if (!/[\u0000-\u0008\u000b-\u001f\u007f]/.test(text)) return text;
  } catch {
    /* not text */
  }
  return hexOf(frame);
}

export const hexOf = frame => [...octets(frame)].map(b => b.toString(16).padStart(2, "0")).join(" ");

/** What a message carries in a few words: its last frame, or what is before it when that is empty. */
export function briefly(page, most = 28) {
  const frames = (page.frames || []).filter(f => f.length),
    text = frames.length ? textOf(frames[frames.length - 1]) : "";
  return text.length > most ? text.slice(0, most - 1).trimEnd() + "…" : text;
}
