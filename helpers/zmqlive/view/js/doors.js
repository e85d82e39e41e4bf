// What waits at a box itself: at its sockets' doors, and in a folded column in the bar at its foot. Part of the still layer.
import { box, font, lane, shortNum, textWidth, under } from "./palette.js";
import { fill } from "./fill.js";
import { doorOfBox, queueOf } from "./waiting.js";

/** In a folded column a queue is a bar at the foot of its box; of several the fullest shows. */
export function queueBar(g, view, b) {
  const mine = view.inBox.get(b.id);
  if (!mine) return;
  const x = b.x + 6,
    w = b.w - 12,
    y = b.y + b.h - 5;
  box(g, x, y, w, 3, 1.5);
  g.fillStyle = view.pal.line;
  g.fill();
  const bars = mine.flatMap(geo =>
      geo.lanes.map((_, dir) => {
        const q = queueOf(view, geo.route, dir);
        return { id: geo.id, full: q.full, length: fill(q.n, q.mark, w, 0).length };
      }),
    ),
    most = bars.reduce((a, c) => (c.length > a.length ? c : a));
  if (!most.length) return;
  box(g, x + w - most.length, y, most.length, 3, 1.5);
  g.fillStyle = most.full ? view.pal.bad : lane(view.pal, view.colour.get(most.id));
  g.fill();
}

/** Where the messages stand that wait at a box's door: over its upper edge, where no line goes out. */
export function doorAt(b) {
  const h = b.size === "s" ? 9 : 13,
    w = Math.min(b.size === "s" ? 44 : 66, b.w * 0.5);
  return { x: b.x + b.w - w - 8, y: b.y - h + 3, w, h };
}

export function drawDoor(g, view, b) {
  const door = doorOfBox(view, b.node);
  if (!door) return;
  const { pal } = view,
    r = doorAt(b),
    text = `${shortNum(door.n)}${door.mark ? " / " + shortNum(door.mark) : b.size === "s" ? "" : " waiting"}`;
  box(g, r.x, r.y, r.w, r.h, 5);
  g.fillStyle = pal.panel;
  g.fill();
  g.lineWidth = door.full ? 2.4 : 1.3;
  g.strokeStyle = door.full ? pal.bad : pal.dim;
  g.stroke();
  g.font = font(b.size === "s" ? 9.5 : 10.5, 700);
  under(g, pal, r.x - 5 - textWidth(g, text), r.y + r.h / 2, textWidth(g, text), 9);
  g.fillStyle = door.full ? pal.bad : pal.dim;
  g.textAlign = "right";
  g.fillText(text, r.x - 5, r.y + r.h / 2);
}
