// A pen with the calls of a canvas that the picture uses, which writes SVG: what is saved is drawn by what draws the view.

const n = v => String(Math.round(v * 10) / 10);
const safe = text => text.replace(/[&<>"]/g, c => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[c]);
const ANCHOR = { center: "middle", right: "end" };
let ruler = null; // a canvas that measures text

export class SvgPen {
  constructor() {
    this.out = []; // {key, text}: `key` orders what is drawn, also where it comes later
    this.part = this.index = 0;
    this.defs = new Map();
    Object.assign(this, { k: 1, dx: 0, dy: 0, ox: 0, oy: 0 });
    Object.assign(this, { globalAlpha: 1, lineWidth: 1, fillStyle: "#000", strokeStyle: "#000", font: "10px sans-serif" });
    Object.assign(this, { textAlign: "left", textBaseline: "middle", lineJoin: "round", lineCap: "round", dash: [] });
    this.beginPath();
  }

  /** What follows is one part of the picture: a box, an edge. */
  begin() {
    this.part++;
    this.index = 0;
  }

  put(text) {
    this.out.push({ key: this.part * 1000 + this.index++, text });
  }

  setTransform(k, b, c, d, x, y) {
    Object.assign(this, { k, dx: x, dy: y });
  }
  clearRect() {}
  setLineDash(dash) {
    this.dash = dash;
  }
  X(x) {
    return n((x + this.ox) * this.k + this.dx);
  }
  Y(y) {
    return n((y + this.oy) * this.k + this.dy);
  }
  S(v) {
    return n(v * this.k);
  }

  /** A small picture around (x, y). */
  stamp(x, y, paint) {
    Object.assign(this, { ox: x, oy: y });
    paint(this);
    Object.assign(this, { ox: 0, oy: 0 });
  }

  // --- paths

  beginPath() {
    this.d = "";
    this.shape = null;
    this.filled = null;
  }
  moveTo(x, y) {
    this.d += `M${this.X(x)} ${this.Y(y)}`;
  }
  lineTo(x, y) {
    this.d += `${this.d ? "L" : "M"}${this.X(x)} ${this.Y(y)}`;
  }
  closePath() {
    this.d += "Z";
  }
  arc(x, y, r, from, to) {
    if (to - from >= 6.28) {
      this.shape = `<circle cx="${this.X(x)}" cy="${this.Y(y)}" r="${this.S(r)}"`;
      return;
    }
    const at = a => `${this.X(x + r * Math.cos(a))} ${this.Y(y + r * Math.sin(a))}`;
    this.d += `M${at(from)}A${this.S(r)} ${this.S(r)} 0 ${to - from > Math.PI ? 1 : 0} 1 ${at(to)}`;
  }
  roundRect(x, y, w, h, r) {
    this.shape = `<rect x="${this.X(x)}" y="${this.Y(y)}" width="${this.S(w)}" height="${this.S(h)}" rx="${this.S(r)}"`;
  }
  get start() {
    return this.shape || `<path d="${this.d}"`;
  }
  alpha() {
    return this.globalAlpha < 0.995 ? ` opacity="${Math.round(this.globalAlpha * 100) / 100}"` : "";
  }
  fill() {
    if (!this.shape && !this.d) return;
    this.put(`${this.start} fill="${this.fillStyle}"${this.alpha()}/>`);
    this.filled = this.start + this.alpha();
  }
  stroke() {
    if (!this.shape && !this.d) return;
    const dash = this.dash.length ? ` stroke-dasharray="${this.dash.map(v => this.S(v)).join(" ")}"` : "",
      line = ` stroke="${this.strokeStyle}" stroke-width="${this.S(this.lineWidth)}"${dash}`;
    const last = this.out[this.out.length - 1];
    if (this.filled === this.start + this.alpha() && last) last.text = last.text.replace(/\/>$/, `${line}/>`); // the same path
    else this.put(`${this.start} fill="none"${line}${this.alpha()}/>`);
    this.filled = null;
  }
  fillRect(x, y, w, h) {
    this.put(`<rect x="${this.X(x)}" y="${this.Y(y)}" width="${this.S(w)}" height="${this.S(h)}" fill="${this.fillStyle}"${this.alpha()}/>`);
  }

  // --- text

  measureText(text) {
    ruler = ruler || document.createElement("canvas").getContext("2d");
    ruler.font = this.font;
    return ruler.measureText(text);
  }
  fillText(text, x, y) {
    this.write(text, x, y, ` fill="${this.fillStyle}"`);
  }
  strokeText(text, x, y) {
    this.write(text, x, y, ` fill="none" stroke="${this.strokeStyle}" stroke-width="${this.S(this.lineWidth)}" stroke-linejoin="round"`);
  }
  write(text, x, y, look) {
    const [, weight, size] = this.font.match(/^(\d+)?\s*([\d.]+)px/) || [],
      anchor = ANCHOR[this.textAlign] ? ` text-anchor="${ANCHOR[this.textAlign]}"` : "",
      base = y + (this.textBaseline === "top" ? +size * 0.85 : +size * 0.35);
    this.put(`<text x="${this.X(x)}" y="${this.Y(base)}" font-size="${this.S(+size)}" font-weight="${weight || 400}"${anchor}${look}${this.alpha()}>${safe(text)}</text>`);
  }

  /** Hatching or crystals, as a pattern. */
  texture(pal, kind) {
    const ice = kind === "ice";
    this.defs.set(
      kind,
      `<pattern id="${kind}" width="10" height="10" patternUnits="userSpaceOnUse"><rect width="10" height="10" fill="${ice ? pal.icebg : pal.badbg}"/><path d="${ice ? "M5 2v6M2 5h6" : "M-2 12 12-2M-7 7 7-7M3 17 17 3"}" stroke="${ice ? pal.ice : pal.bad}" stroke-width="${ice ? 1 : 2}" opacity=".32"/></pattern>`,
    );
    return `url(#${kind})`;
  }
}
