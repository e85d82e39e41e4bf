// From the picture to the screen: a small system is drawn larger, any can be zoomed and moved.

const FIRST = [1.6, 1.45, 1.3, 1.15], // sizes that a small picture may have
  MOST = 8, // times as large as it fits
  TALL = 330; // px up to which a picture is made larger
/** px: no picture of this width is lower. */
export const least = width => (width < 560 ? 170 : 210);

/** The largest size at which `plan(size)` still suits the width; {geo, size}. */
export function largest(plan, room, tall = TALL) {
  const plain = plan(1);
  if (plain.size !== "l" || plain.vertical || room < 560) return { geo: plain, size: 1 };
  const shows = geo => [...geo.edges.values()].filter(e => e.xray).length;
  for (const size of room > 1300 ? [2.4, 2, ...FIRST] : FIRST) {
    const geo = plan(size);
    if (geo.size === "l" && !geo.vertical && geo.H * size <= tall && shows(geo) >= shows(plain)) return { geo, size };
  }
  return { geo: plain, size: 1 };
}

/** Sets view.cam = {k, x, y}: a point of the picture times k, moved by x and y, is where it is on the screen. */
export function aim(view) {
  const { geo, zoom, stage } = view,
    free = middle(geo, stage.H),
    side = (stage.W - geo.W * geo.scale) / 2;
  Object.assign(view.cam, { k: geo.scale * zoom.z, x: side * zoom.z + zoom.x, y: free * zoom.z + zoom.y });
}

/** px by which the picture is moved down, so that its boxes stand in the middle; never so far that any of it is lost. */
function middle({ boxes, H, scale }, room) {
  const over = room - H * scale;
  if (over <= 0 && boxes.size > 8) return Math.max(0, over);
  let top = Infinity,
    foot = 0;
  for (const b of boxes.values()) {
    top = Math.min(top, b.y);
    foot = Math.max(foot, b.y + b.h);
  }
  if (!foot) return 0;
  const wish = (room - (foot + top) * scale) / 2;
  return Math.max(0, Math.min(wish, over + Math.max(0, H - foot - 26) * scale));
}

export function apply(g, view) {
  const { k, x, y } = view.cam,
    d = view.dpr;
  g.setTransform(d * k, 0, 0, d * k, d * x, d * y);
}

export const toPicture = ({ cam }, x, y) => [(x - cam.x) / cam.k, (y - cam.y) / cam.k];
export const toScreen = ({ cam }, x, y) => [x * cam.k + cam.x, y * cam.k + cam.y];

/** Larger (or smaller) around a point of the screen. */
export function zoomAt(view, factor, x = view.stage.W / 2, y = view.stage.H / 2) {
  const { zoom } = view,
    z = Math.min(MOST, Math.max(1, zoom.z * factor)),
    part = z / zoom.z;
  zoom.x = x - (x - zoom.x) * part;
  zoom.y = y - (y - zoom.y) * part;
  zoom.z = z;
  keepOnStage(view);
}

export function pan(view, dx, dy) {
  view.zoom.x += dx;
  view.zoom.y += dy;
  keepOnStage(view);
}

export function whole(view) {
  Object.assign(view.zoom, { z: 1, x: 0, y: 0 });
  aim(view);
}

/** No further than to the picture's edge. */
function keepOnStage(view) {
  const { zoom, stage } = view;
  zoom.x = Math.min(0, Math.max(stage.W * (1 - zoom.z), zoom.x));
  zoom.y = Math.min(0, Math.max(stage.H * (1 - zoom.z), zoom.y));
  aim(view);
}

/** Moves the picture so that this point of it stays well in sight. */
export function keepInSight(view, x, y) {
  if (view.zoom.z <= 1) return;
  const [sx, sy] = toScreen(view, x, y),
    off = (v, size) => Math.min(0, size * 0.8 - v) + Math.max(0, size * 0.2 - v);
  const dx = off(sx, view.stage.W),
    dy = off(sy, view.stage.H);
  const part = view.calm || view.still ? 1 : 0.15; // it glides there, where anything moves
  if (dx || dy) pan(view, part * dx, part * dy);
}
