// What all parts of a view share: the events, how all stands at T, where everything is, colours.
import { LIGHT } from "./palette.js";
import { Store } from "./store.js";
import { State } from "./state.js";
import { Colours } from "./colours.js";

/** What drawing reads: the events, how all stands at T, where everything is, colours. */
export function newView(source, calm) {
  const store = new Store(),
    { colour, follow, xray } = { ...(source.replay || {}).options, ...source.options };
  return {
    store,
    state: new State(store),
    title: source.title || "",
    tallest: source.height || 0,
    T: 0,
    pal: LIGHT,
    dpr: 1,
    calm: calm.matches,
    stage: { W: 0, H: 0 }, // px on the screen
    cam: { k: 1, x: 0, y: 0 }, // from the picture to the screen
    zoom: { z: 1, x: 0, y: 0 }, // the reader's part in it
    colours: new Colours(colour),
    asked: null, // {id, by}: the message that is asked for
    mark: null, // {x, y, r}: where it was drawn last
    left: -Infinity, // when the reader last asked for no message
    opened: new Set(), // families of roles of which each is shown
    follows: follow || "", // the role whose newest message is followed
    xrayOpen: !!xray, // a lone edge's x-ray opens by itself
    graph: { nodes: [], edges: [], routes: [], sockets: new Map(), hidden: 0 },
    geo: { W: 0, H: 0, scale: 1, boxes: new Map(), edges: new Map(), dot: 6, size: "l" },
    programs: [], // frames around programs' boxes, as drawn last
    target: null,
    tween: null,
    chosen: null,
    closed: false,
    hover: null,
    flags: [],
    frames: 0,
    drawnFrame: 0, // of the moving layer
    shown: 0,
    drawn: { waiting: 0, flying: 0 }, // messages in the last picture: where they wait, and on a link
    still: false, // paused: what waits and what is in work, and no streaks
    colour: new Map(),
    routeOf: new Map(),
    home: new Map(),
    sides: new Map(),
    inBox: new Map(),
    /** The edge of a route that is (or was last) there at T. */
    current(route) {
      if (route.edges.length === 1) return route.edges[0];
      if (route.many) return route.edges.find(e => this.store.alive("e" + e.id, this.T)) || route.edges[0];
      let best = route.edges[0];
      for (const e of route.edges) if ((this.store.born.get("e" + e.id) ?? 0) <= this.T) best = e;
      return best;
    },
    geoOf(edge) {
      const r = this.routeOf.get(edge);
      return r && this.geo.edges.get(r.id);
    },
    boxOfSocket(id) {
      return this.geo.boxes.get(this.home.get(id));
    },
    /** Live, ended, and shown to its last moment. */
    over: () => false,
    anyBlocked() {
      for (const s of this.state.sockets.values()) if (s.blocked !== null) return true;
      return false;
    },
  };
}
