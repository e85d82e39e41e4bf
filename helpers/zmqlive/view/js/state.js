// How everything stands at one moment: the fold of all events up to T. Going back in time starts again from the first.

export const FLIGHT = 460,
  LEAVE = 470,
  FALL = 1100; // ms, at most, that its streak flies to the queue, and from it into the box; that a dropped one falls
const GONE = new Set(["ended", "failed", "killed", "stopped"]);
const MANY = 1500; // messages kept as dots; queues beyond are drawn from their count

export class State {
  constructor(store) {
    this.store = store;
    this.reset();
  }

  reset() {
    this.i = 0;
    this.T = 0;
    this.compacted = this.store.compacted;
    this.edges = new Map();
    this.sockets = new Map();
    this.roles = new Map();
    this.labels = new Map(); // role → what it says of itself
    this.doors = new Map(); // socket → messages that wait at its door: nobody is there yet whom they could go to
    this.msgs = new Map();
    this.drops = [];
    this.held = null; // {T, i}: at this time, only so many events have happened (one step after the other)
    this.stride = 1;
    this.told = 0; // messages told one by one since the last snapshot
    this.version = (this.version || 0) + 1;
    this.lastDrop = -Infinity;
    this.lastMove = -Infinity;
  }

  edge(id) {
    let e = this.edges.get(id);
    if (!e) this.edges.set(id, (e = { sent: [0, 0], recv: [0, 0], depth: [0, 0], drop: [0, 0], x: null, snapT: null }));
    return e;
  }

  socket(id) {
    let s = this.sockets.get(id);
    if (!s) this.sockets.set(id, (s = { sent: 0, recv: 0, blocked: null, work: new Map(), mean: 0 }));
    return s;
  }

  /** All that happened up to event `i` and nothing after it, be it at the same time. Returns that time. */
  stepTo(i) {
    const T = Math.max(this.T, this.store.ev[i][0]);
    this.held = { T, i: i + 1 };
    return T;
  }

  advance(T) {
    const { store } = this;
    if (store.compacted !== this.compacted) {
      const removed = store.compacted - this.compacted;
      this.i -= removed;
      if (this.held) this.held.i -= removed;
      this.compacted = store.compacted;
      if (this.i < 0) this.reset();
    }
    if (this.held && this.held.T !== T) this.held = null;
    if (T < this.T) this.reset();
    const end = this.held ? this.held.i : store.ev.length;
    while (this.i < end && store.ev[this.i][0] <= T) {
      this.apply(store.ev[this.i++]);
      this.version++;
    }
    store.floor = this.i;
    this.T = T;
    this.forget();
  }

  forget() {
    const T = this.T;
    for (const [key, m] of this.msgs) {
      if (m.tr !== undefined && T > Math.max(m.tr, m.ts + FLIGHT) + LEAVE) this.msgs.delete(key);
      else if (this.msgs.size > MANY && T - m.ts > 2000) this.msgs.delete(key);
    }
    if (this.drops.length) this.drops = this.drops.filter(d => T - d.t < FALL);
  }

  apply(e) {
    const [t, kind, where] = e;
    if (kind === "s") this.onSend(t, where, e[3], e[4], e[5], e[6]);
    else if (kind === "r") this.onReceive(t, where, e[3], e[4], e[5], e);
    else if (kind === "h") this.onWay(t, where, e[3], e[4]);
    else if (kind === "d") this.onDone(t, where, e[3]);
    else if (kind === "x") this.onDrop(t, where, e[3], e[4]);
    else if (kind === "b") this.socket(where).blocked = t;
    else if (kind === "u") this.socket(where).blocked = null;
    else if (kind === "k") this.onRole(t, where, e[3], e[4] || "");
    else if (kind === "l") this.labels.set(where, e[3]);
    else if (kind === "n") this.onSnapshot(t, e[2]);
  }

  onSend(t, edge, dir, id, socket, [, , , small] = []) {
    this.lastMove = t;
    this.told++;
    if (socket !== undefined && socket !== null) this.socket(socket).sent++;
    if (edge >= 0) {
      const c = this.edge(edge);
      c.sent[dir]++;
      c.depth[dir]++;
    } else this.atDoor(socket, 1);
    const key = this.msgs.has(id) ? `${id}/${edge}` : id;
    this.msgs.set(key, { id, edge, dir, ts: t, from: socket, small });
  }

  onReceive(t, edge, dir, id, socket, event) {
    this.lastMove = t;
    const c = this.edge(edge);
    c.recv[dir]++;
    let m = this.msgs.get(`${id}/${edge}`) || this.msgs.get(id);
    if (m && m.tr !== undefined && m.edge !== edge) {
      // one sent, many received: a dot each
      m = { id, edge, dir, ts: m.ts, from: m.from, small: m.small };
      this.msgs.set(`${id}/${edge}`, m);
      c.sent[dir]++;
      c.depth[dir]++;
    } else if (!m) this.msgs.set(id, (m = { id, edge, dir, ts: t - FLIGHT / 2 }));
    else if (m.edge !== edge || m.dir !== dir) this.correct(m, edge, dir, t);
    c.depth[dir] = Math.max(0, c.depth[dir] - 1);
    m.tr = t;
    const s = this.socket(socket);
    s.recv++;
    s.work.set(id, { id, t, edge, dir, until: event.done });
    if (s.work.size > 64) s.work.delete(s.work.keys().next().value);
  }

  /** Who has ended works no more, whatever it had in hand, and says nothing more. */
  onRole(t, role, state, text) {
    this.roles.set(role, { state, text, at: t });
    if (!GONE.has(state)) return;
    this.labels.delete(role);
    const [{ sockets = [] } = {}] = (this.store.topo.roles || []).filter(r => r.id === role);
    for (const id of sockets) this.socket(id).work.clear();
  }

  atDoor(socket, more) {
    this.doors.set(socket, Math.max(0, (this.doors.get(socket) || 0) + more));
  }

  /** Somebody has come to whom a message can go that waited at its socket's door. */
  onWay(t, edge, dir, id) {
    const m = this.msgs.get(id);
    if (m) this.correct(m, edge, dir, t);
  }

  /** The message took another edge than predicted: counts move over, and the dot glides. */
  correct(m, edge, dir, t) {
    if (m.edge >= 0) {
      const old = this.edge(m.edge);
      old.sent[m.dir] = Math.max(0, old.sent[m.dir] - 1);
      old.depth[m.dir] = Math.max(0, old.depth[m.dir] - 1);
    } else this.atDoor(m.from, -1);
    const c = this.edge(edge);
    c.sent[dir]++;
    c.depth[dir]++;
    m.edge = edge;
    m.dir = dir;
    if (m.x !== undefined) m.bend = { x: m.x, y: m.y, t };
  }

  onDone(t, socket, id) {
    const s = this.socket(socket),
      w = s.work.get(id);
    if (!w) return;
    s.mean = s.mean ? s.mean * 0.7 + (t - w.t) * 0.3 : t - w.t;
    s.work.delete(id);
  }

  onDrop(t, edge, dir, id) {
    const m = this.msgs.get(`${id}/${edge}`) || this.msgs.get(id);
    this.lastDrop = this.lastMove = t;
    if (edge >= 0) {
      const c = this.edge(edge);
      c.drop[dir]++;
      if (m && m.edge === edge) c.depth[dir] = Math.max(0, c.depth[dir] - 1);
    } else if (m && m.edge < 0) this.atDoor(m.from, -1);
    if (m) this.msgs.delete(m === this.msgs.get(id) ? id : `${id}/${edge}`);
    this.fall(t, edge, dir, m && m.x !== undefined ? [m.x, m.y] : null);
  }

  fall(t, edge, dir, from) {
    // A cross every 70 ms and edge is as many as can be told apart; the counter has them all.
    for (let i = this.drops.length - 1; i >= 0 && t - this.drops[i].t < 70; i--)
      if (this.drops[i].edge === edge) return;
    this.fallen = (this.fallen || 0) + 1;
    this.drops.push({ t, edge, dir, from, k: (this.fallen * 3) % 7 });
    if (this.drops.length > 80) this.drops.shift();
  }

  onSnapshot(t, n) {
    const stride = n.stride || 1;
    for (const id in n.e || {}) {
      const c = this.edge(+id),
        v = n.e[id];
      for (let dir = 0; dir < 2; dir++) {
        const [sent, recv, depth, drop] = v.slice(4 * dir, 4 * dir + 4);
        if (stride > 1 && c.snapT !== null && !this.told)
          this.proportional(+id, dir, c, t, sent || 0, recv || 0, drop || 0, stride);
        if ((drop || 0) > c.drop[dir]) this.lastDrop = t;
        c.sent[dir] = sent || 0;
        c.recv[dir] = recv || 0;
        c.depth[dir] = depth || 0;
        c.drop[dir] = drop || 0;
      }
      c.snapT = t;
    }
    for (const id in n.x || {}) this.edge(+id).x = n.x[id];
    if (n.door) this.doors = new Map(Object.entries(n.door).map(([id, many]) => [+id, many]));
    for (const id in n.s || {}) {
      const s = this.socket(+id);
      [s.sent, s.recv] = n.s[id];
    }
    if (n.blocked) this.holdBlocked(t, new Set(n.blocked));
    if (stride > 1 !== this.stride > 1 && !this.told) for (const s of this.sockets.values()) s.work.clear();
    this.stride = stride;
    this.told = 0;
  }

  holdBlocked(t, blocked) {
    for (const id of blocked) {
      const s = this.socket(id);
      if (s.blocked === null) s.blocked = t;
    }
    for (const [id, s] of this.sockets) if (s.blocked !== null && !blocked.has(id)) s.blocked = null;
  }

  /** Too fast to draw one by one: every stride-th message of a lane is a dot, timed by the growth of the counters. */
  proportional(edge, dir, c, t, sent, recv, drop, stride) {
    const span = Math.min(400, Math.max(1, t - c.snapT));
    const crossing = (from, to, act) => {
      const first = Math.floor(from / stride) + 1,
        last = Math.floor(to / stride),
        step = Math.max(1, Math.ceil((last - first + 1) / 24));
      for (let j = first; j <= last; j += step)
        act(j, t + span * Math.min(1, Math.max(0, (j * stride - from) / (to - from))));
    };
    crossing(c.sent[dir], sent, (j, at) =>
      this.msgs.set(`${edge}.${dir}.${j}`, { id: j, edge, dir, ts: at, many: true }),
    );
    crossing(c.recv[dir], recv, (j, at) => {
      const m = this.msgs.get(`${edge}.${dir}.${j}`);
      if (m) m.tr = Math.max(at, m.ts);
    });
    if (drop > c.drop[dir])
      for (let k = 0; k < Math.min(3, Math.ceil((drop - c.drop[dir]) / stride)); k++)
        this.fall(t + k * 12, edge, dir, null);
    // What overtook its own dot (a thinned step) must not wait for ever.
    if (recv > c.recv[dir])
      for (const m of this.msgs.values())
        if (m.many && m.edge === edge && m.dir === dir && m.tr === undefined && m.id * stride < recv - stride)
          m.tr = Math.max(t, m.ts);
    if (sent > c.sent[dir]) this.lastMove = t;
  }

  totals() {
    const sum = { sent: 0, recv: 0, waiting: 0, drop: 0 };
    for (const s of this.sockets.values()) {
      sum.sent += s.sent;
      sum.recv += s.recv;
    }
    for (const c of this.edges.values()) {
      sum.waiting += c.depth[0] + c.depth[1];
      sum.drop += c.drop[0] + c.drop[1];
    }
    for (const many of this.doors.values()) sum.waiting += many;
    return sum;
  }
}
