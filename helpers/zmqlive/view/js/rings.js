// What is in work, as rings in the boxes, and what was dropped, as crosses that fall. Part of the moving layer.
import { FALL } from "./state.js";
import { along } from "./paths.js";
import { font, num } from "./palette.js";
import { ringAt } from "./boxes.js";
import { inWork } from "./waiting.js";

const spot = [0, 0];

/** A ring in the box of who works on a message; it closes when the message is done. */
export function rings(g, view) {
  let turning = 0;
  for (const b of view.geo.boxes.values()) {
    let work = null,
      many = 0,
      mean = 0,
      seen = false;
    for (const id of b.node.sockets) {
      const s = view.state.sockets.get(id);
      if (!s) continue;
      seen = seen || s.recv > 0;
      for (const w of s.work.values()) {
        many++;
        if (!work || w.t > work.t) {
          work = w;
          mean = s.mean;
        }
      }
    }
    if (!seen) continue;
    if (view.state.stride > 1) [many, work] = counted(view, b);
    const [x, y, r] = ringAt(b),
      geo = work && view.geoOf(work.edge);
    g.globalAlpha = 1;
    g.lineWidth = r > 8 ? 3 : 2;
    g.strokeStyle = view.pal.line;
    g.beginPath();
    g.arc(x, y, r, 0, 7);
    g.stroke();
    if (!work || !geo) continue;
    const past = view.T - work.t,
      p = work.counted ? 1 : work.until ? past / (work.until - work.t) : mean ? Math.min(0.96, past / mean) : 1 - Math.exp(-past / 800);
    const { colour } = view.colours.of(view, work.counted ? undefined : work.id, geo);
    g.strokeStyle = colour;
    g.beginPath();
    g.arc(x, y, r, -Math.PI / 2, -Math.PI / 2 + Math.PI * 2 * Math.min(1, Math.max(0.04, p)));
    g.stroke();
    g.fillStyle = colour;
    if (many > 1 && r > 8) {
      g.font = font(10.5, 700);
      g.textAlign = "center";
      g.fillText(many > 9 ? "9+" : num(many), x, y + 0.5);
    } else {
      g.beginPath();
      g.arc(x, y, r * 0.45, 0, 7);
      g.fill();
    }
    if (p < 0.95) turning++;
  }
  return turning;
}

/** Too fast to be told one by one: how many are in work, by the counts. */
function counted(view, b) {
  let many = 0,
    edge = null;
  for (const geo of view.geo.edges.values()) {
    if (geo.route.to !== b.id) continue;
    const n = inWork(view, geo.route) || 0;
    many += n;
    if (n) edge = geo.route.id;
  }
  return [many, many ? { t: -Infinity, edge, counted: true } : null];
}

/** Dropped messages fall off their edge as crosses. */
export function falls(g, view) {
  for (const d of view.state.drops) {
    const geo = view.geoOf(d.edge),
      p = (view.T - d.t) / FALL;
    if (!geo || p < 0 || p > 1) continue;
    const l = geo.lanes[d.dir] || geo.lanes[0];
    if (d.from) {
      spot[0] = d.from[0];
      spot[1] = d.from[1];
    } else along(l.pts, l.q[0] * (l.rect ? 0.96 : 0.8), spot);
    const x = spot[0] + (d.k - 3) * 11 * p,
      y = spot[1] + (view.calm ? 8 : (geo.vertical || geo.inBox ? 16 : 44) * p * p),
      r = Math.max(3.2, view.geo.dot * 0.85);
    g.globalAlpha = 1 - p * p;
    g.strokeStyle = view.pal.bad;
    g.lineWidth = view.geo.dot > 5 ? 3 : 2.2;
    g.beginPath();
    g.moveTo(x - r, y - r);
    g.lineTo(x + r, y + r);
    g.moveTo(x + r, y - r);
    g.lineTo(x - r, y + r);
    g.stroke();
  }
  return view.state.drops.length;
}
