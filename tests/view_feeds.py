"""Synthetic topologies, replays and feeds for the tests of the view: no sockets, the same every time."""

from __future__ import annotations

import heapq
import random
import threading
import time
from typing import Any

DUPLEX = {
    ("REQ", "REP"),
    ("REQ", "ROUTER"),
    ("DEALER", "REP"),
    ("DEALER", "ROUTER"),
    ("ROUTER", "ROUTER"),
    ("PAIR", "PAIR"),
}


class Net:
    """Builds a topology: ``net.role("worker 1", "PULL")`` gives socket ids; ``net.join(a, b)`` an edge a → b.
    """

    def __init__(self, *, cap: tuple[int, int] | None = (5, 5), transport: str = "inproc") -> None:
        self.roles: list[dict[str, Any]] = []
        self.sockets: list[dict[str, Any]] = []
        self.edges: list[dict[str, Any]] = []
        self.cap, self.transport = cap, transport

    def role(self, name: str, *types: str) -> list[int]:
        ids = []
        for type_ in types:
            ids.append(len(self.sockets))
            snd, rcv = self.cap or (0, 0)
            self.sockets.append(
                {
                    "id": ids[-1],
                    "type": type_,
                    "role": name,
                    "name": "",
                    "endpoint": f"inproc://{name}",
                    "sndhwm": snd,
                    "rcvhwm": rcv,
                    "closed": False,
                }
            )
        self.roles.append({"id": name, "sockets": ids, "state": "running"})
        return ids

    def join(self, a: int, b: int, **more: Any) -> int:
        types = (self.sockets[a]["type"], self.sockets[b]["type"])
        cap = list(self.cap) if self.cap else [None, None]
        self.edges.append(
            {
                "id": len(self.edges),
                "a": a,
                "b": b,
                "transport": self.transport,
                "cap": cap,
                "cap_total": sum(self.cap) if self.cap else None,
                "via": "",
                "up": True,
                "duplex": types in DUPLEX,
                **more,
            }
        )
        return self.edges[-1]["id"]

    @property
    def topo(self) -> dict[str, Any]:
        return {"roles": self.roles, "sockets": self.sockets, "edges": self.edges}


def fan_out(n: int, **kw: Any) -> Net:
    net = Net(**kw)
    (p,) = net.role("producer", "PUSH")
    for i in range(n):
        net.join(p, net.role(f"worker {i + 1}", "PULL")[0])
    return net


def fan_in(n: int, **kw: Any) -> Net:
    net = Net(**kw)
    senders = [net.role(f"sensor {i + 1}", "PUSH")[0] for i in range(n)]
    (sink,) = net.role("sink", "PULL")
    for s in senders:
        net.join(s, sink)
    return net


def pipeline(stages: int = 5, **kw: Any) -> Net:
    net = Net(**kw)
    names = ["ventilator", *[f"stage {i}" for i in range(1, stages - 1)], "sink"]
    last = None
    for i, name in enumerate(names):
        types = (["PULL"] if i else []) + (["PUSH"] if i < stages - 1 else [])
        ids = net.role(name, *types)
        if last is not None:
            net.join(last, ids[0])
        last = ids[-1]
    return net


def map_reduce(workers: int = 4, **kw: Any) -> Net:
    net = Net(**kw)
    (vent,) = net.role("ventilator", "PUSH")
    pairs = [net.role(f"worker {i + 1}", "PULL", "PUSH") for i in range(workers)]
    (sink,) = net.role("sink", "PULL")
    for pull, push in pairs:
        net.join(vent, pull)
        net.join(push, sink)
    return net


def req_rep(**kw: Any) -> Net:
    net = Net(**kw)
    (c,), (s,) = net.role("client", "REQ"), net.role("server", "REP")
    net.join(c, s)
    return net


def broker(clients: int = 10, workers: int = 10, *, back: str = "DEALER", **kw: Any) -> Net:
    net = Net(**kw)
    cs = [net.role(f"client {i + 1}", "REQ")[0] for i in range(clients)]
    front, rear = net.role("broker", "ROUTER", back)
    for c in cs:
        net.join(c, front)
    for i in range(workers):
        (w,) = net.role(f"worker {i + 1}", "REP" if back == "DEALER" else "REQ")
        net.join(rear, w) if back == "DEALER" else net.join(w, rear)
    return net


def pub_sub(n: int = 4, **kw: Any) -> Net:
    net = Net(**kw)
    (p,) = net.role("publisher", "PUB")
    for i in range(n):
        net.join(p, net.role(f"subscriber {i + 1}", "SUB")[0])
    return net


def forwarder(pubs: int = 3, subs: int = 5, **kw: Any) -> Net:
    net = Net(**kw)
    ps = [net.role(f"publisher {i + 1}", "PUB")[0] for i in range(pubs)]
    x, y = net.role("proxy", "XSUB", "XPUB")
    for p in ps:
        net.join(p, x)
    for i in range(subs):
        net.join(y, net.role(f"subscriber {i + 1}", "SUB")[0])
    return net


def ring(n: int = 6, **kw: Any) -> Net:
    net = Net(**kw)
    ids = [net.role(f"peer {i + 1}", "PULL", "PUSH") for i in range(n)]
    for i in range(n):
        net.join(ids[i][1], ids[(i + 1) % n][0])
    return net


def mesh(a: int = 3, b: int = 3, **kw: Any) -> Net:
    net = Net(**kw)
    left = [net.role(f"producer {i + 1}", "PUSH")[0] for i in range(a)]
    right = [net.role(f"worker {i + 1}", "PULL")[0] for i in range(b)]
    for p in left:
        for w in right:
            net.join(p, w)
    return net


def two_groups(**kw: Any) -> Net:
    net = fan_out(3, **kw)
    (c,), (s,) = net.role("client", "REQ"), net.role("server", "REP")
    net.join(c, s)
    return net


def pairs_inside(**kw: Any) -> Net:
    """Two sockets of one role joined to each other: each is a box of its own."""
    net = Net(**kw)
    a, b = net.role("main", "PAIR", "PAIR")
    (w,) = net.role("worker", "PULL")
    (p,) = net.role("feeder", "PUSH")
    net.join(a, b)
    net.join(p, w)
    return net


def lonely(n: int = 12, **kw: Any) -> Net:
    net = Net(**kw)
    for i in range(n):
        net.role(f"role {i + 1}", "PUSH" if i % 2 else "PULL")
    return net


def mixed40(**kw: Any) -> Net:
    """One system of 40 sockets: feeds, a forwarder, a broker, workers, a sink and a monitor."""
    net = Net(**kw)
    feeds = [net.role(f"feed {i + 1}", "PUB")[0] for i in range(4)]
    x, y = net.role("forwarder", "XSUB", "XPUB")
    for f in feeds:
        net.join(f, x)
    gates = [net.role(f"gate {i + 1}", "SUB", "DEALER") for i in range(4)]
    front, back = net.role("broker", "ROUTER", "DEALER")
    for sub, deal in gates:
        net.join(y, sub)
        net.join(deal, front)
    workers = [net.role(f"worker {i + 1}", "REP", "PUSH") for i in range(9)]
    (sink,) = net.role("sink", "PULL")
    (monitor,) = net.role("monitor", "SUB")
    for rep, push in workers:
        net.join(back, rep)
        net.join(push, sink)
    net.join(y, monitor)
    names = ["audit", "log", "store", "mail"]
    for name in names:
        (s,) = net.role(name, "SUB")
        net.join(y, s)
    return net


TOPOLOGIES: dict[str, Any] = {
    "1-1": lambda: fan_out(1),
    "1-3": lambda: fan_out(3),
    "1-8": lambda: fan_out(8),
    "1-39": lambda: fan_out(39),
    "20-1": lambda: fan_in(20),
    "3-1": lambda: fan_in(3),
    "pipeline 5": pipeline,
    "map reduce": map_reduce,
    "map reduce 12": lambda: map_reduce(12),
    "req rep": req_rep,
    "broker 10 10": broker,
    "broker 3 2": lambda: broker(3, 2),
    "router router": lambda: broker(4, 4, back="ROUTER"),
    "pub sub": pub_sub,
    "forwarder": forwarder,
    "ring": ring,
    "mesh 3 3": mesh,
    "mesh 6 6": lambda: mesh(6, 6),
    "two groups": two_groups,
    "pair in a role": pairs_inside,
    "lonely": lonely,
    "mixed 40": mixed40,
}


class Sim:
    """Messages through a topology, by a small event simulation: sends, queues with limits, work, replies,
    drops."""

    def __init__(
        self,
        net: Net,
        *,
        rate: float = 30.0,
        work: float | dict[str, float] = 60.0,
        seed: int = 1,
        xray: bool = False,
    ) -> None:
        self.net, self.work, self.xray = net, work, xray
        self.random = random.Random(seed)
        self.t, self.ids = 0.0, 0
        self.out: list[list[Any]] = []
        self.todo: list[tuple[float, int, Any, tuple[Any, ...]]] = []
        self.order = 0
        self.queue: dict[tuple[int, int], list[int]] = {}
        self.count = {e["id"]: [0] * 8 for e in net.edges}
        self.socks = {s["id"]: [0, 0] for s in net.sockets}
        self.busy: dict[str, bool] = {}
        self.blocked: dict[int, bool] = {}
        self.turn: dict[int, int] = {}
        self.rate = rate
        self.role = {s["id"]: s["role"] for s in net.sockets}
        self.edges_of = {s["id"]: [e for e in net.edges if e["a"] == s["id"]] for s in net.sockets}
        self.back_of = {
            s["id"]: [e for e in net.edges if e["b"] == s["id"] and e["duplex"]] for s in net.sockets
        }
        fed = {self.role[e["b"]] for e in net.edges}
        for s in net.sockets:
            if self.edges_of[s["id"]] and (s["role"] not in fed or s["type"] == "REQ"):
                self.at(self.random.random() * 1000 / rate, self.tick, s["id"])

    def at(self, t: float, what: Any, *args: Any) -> None:
        self.order += 1
        heapq.heappush(self.todo, (t, self.order, what, args))

    def run(self, until: float) -> list[list[Any]]:
        """Events up to ``until`` ms that have not been given yet."""
        while self.todo and self.todo[0][0] <= until:
            self.t, _, what, args = heapq.heappop(self.todo)
            what(*args)
        self.t = until
        events, self.out = self.out, []
        return events

    def emit(self, *event: Any) -> None:
        self.out.append([round(self.t, 1), *event])

    def depth(self, edge: int, direction: int = 0) -> int:
        return len(self.queue.get((edge, direction), ()))

    def tick(self, socket: int) -> None:
        if self.send(socket):
            self.at(self.t + 1000 / self.rate, self.tick, socket)
        else:
            self.at(self.t + 30, self.tick, socket)

    def send(self, socket: int) -> bool:
        edges = self.edges_of[socket]
        if not edges:
            return True
        kind = self.net.sockets[socket]["type"]
        if kind in ("PUB", "XPUB"):
            self.socks[socket][0] += 1
            for e in edges:
                self.put(e, 0, socket, drop=True, count=False)
            return True
        start = self.turn.get(socket, 0)
        for k in range(len(edges)):
            e = edges[(start + k) % len(edges)]
            cap = e["cap_total"]
            if cap is None or self.depth(e["id"]) < cap:
                self.turn[socket] = (start + k + 1) % len(edges)
                if self.blocked.pop(socket, False):
                    self.emit("u", socket)
                self.put(e, 0, socket)
                return True
        if not self.blocked.get(socket):
            self.blocked[socket] = True
            self.emit("b", socket)
        return False

    def put(
        self, e: dict[str, Any], direction: int, socket: int, *, drop: bool = False, count: bool = True
    ) -> None:
        self.ids += 1
        mid, cap = self.ids, e["cap_total"]
        if count:
            self.socks[socket][0] += 1
        if drop and cap is not None and self.depth(e["id"], direction) >= cap:
            self.count[e["id"]][4 * direction + 3] += 1
            self.emit("x", e["id"], direction, mid)
            return
        self.queue.setdefault((e["id"], direction), []).append(mid)
        c = self.count[e["id"]]
        c[4 * direction] += 1
        c[4 * direction + 2] += 1
        self.emit("s", e["id"], direction, mid, socket)
        self.at(self.t + 8, self.take, e["b"] if direction == 0 else e["a"])

    def take(self, socket: int) -> None:
        role = self.role[socket]
        if self.busy.get(role):
            return
        for (edge, direction), waiting in self.queue.items():
            e = self.net.edges[edge]
            here = e["b"] if direction == 0 else e["a"]
            if not waiting or self.role[here] != role:
                continue
            mid = waiting.pop(0)
            c = self.count[edge]
            c[4 * direction + 1] += 1
            c[4 * direction + 2] -= 1
            self.socks[here][1] += 1
            self.busy[role] = True
            self.emit("r", edge, direction, mid, here)
            work = self.work.get(role, 60.0) if isinstance(self.work, dict) else self.work
            broker = len({s for s in self.net.roles if False}) or any(
                t in ("ROUTER", "XSUB") for t in self.types(role)
            )
            self.at(
                self.t + (2.0 if broker else work * (0.8 + 0.4 * self.random.random())),
                self.done,
                here,
                edge,
                direction,
                mid,
            )
            return

    def types(self, role: str) -> list[str]:
        return [s["type"] for s in self.net.sockets if s["role"] == role]

    def done(self, socket: int, edge: int, direction: int, mid: int) -> None:
        role, e = self.role[socket], self.net.edges[edge]
        self.emit("d", socket, mid)
        self.busy[role] = False
        mine = [s["id"] for s in self.net.sockets if s["role"] == role]
        onward = [i for i in mine if i != socket and self.edges_of[i]]
        if direction == 0 and onward:
            self.send(onward[0])
        if direction == 0 and e["duplex"] and not onward:
            self.put(e, 1, socket)
        if direction == 1:  # a reply at a broker goes on to a client
            fronts = [b for i in mine if i != socket for b in self.back_of[i]]
            if fronts:
                self.put(fronts[self.random.randrange(len(fronts))], 1, fronts[0]["b"])
        self.at(self.t + 1, self.take, socket)
        for i in mine:
            self.at(self.t + 1, self.take, i)

    def snapshot(self) -> dict[str, Any]:
        n: dict[str, Any] = {
            "e": {k: list(v) for k, v in self.count.items()},
            "s": {k: list(v) for k, v in self.socks.items()},
            "blocked": [s for s, b in self.blocked.items() if b],
            "stride": 1,
        }
        if self.xray:
            n["x"] = {}
            for e in self.net.edges:
                depth, cap = self.depth(e["id"]), e["cap"]
                receiver = min(depth, cap[1] or 0)
                kernel = min(depth - receiver, 4)
                n["x"][e["id"]] = [
                    depth - receiver - kernel,
                    kernel,
                    receiver,
                    int(bool(self.busy.get(self.role[e["b"]]))),
                    kernel * 1180,
                ]
        return n


def replay_from(net: Net, *, seconds: float = 6.0, title: str = "Replay", **kw: Any) -> dict[str, Any]:
    """A replay of simulated traffic."""
    sim, events, t = Sim(net, **kw), [], 0.0
    while t < seconds * 1000:
        t += 200
        events += sim.run(t)
        events.append([t, "n", sim.snapshot()])
    return {"v": 1, "title": title, "dur": seconds * 1000, "topo": net.topo, "ev": events, "note": ""}


class FakeFeed:
    """A live feed of a simulation that runs on the real clock."""

    def __init__(self, source: FakeSource) -> None:
        self.source = source
        self.fresh = True

    def poll(self) -> dict[str, Any]:
        s = self.source
        with s.lock:
            now = s.now()
            batch: dict[str, Any] = {
                "now": now,
                "ev": s.advance(now),
                "stride": 1,
                "say": "",
                "ended": s.ended,
            }
            if self.fresh:
                batch["topo"], batch["actions"] = s.net.topo, s.actions()
                self.fresh = False
            if batch["ev"]:
                batch["n"] = s.sim.snapshot()
            return batch

    def history(self) -> dict[str, Any]:
        s = self.source
        with s.lock:
            return {
                "now": s.now(),
                "ev": list(s.past),
                "n": s.sim.snapshot(),
                "topo": s.net.topo,
                "stride": 1,
                "say": "",
                "ended": s.ended,
                "actions": s.actions(),
            }


class FakeSource:
    """What FlowView takes for a stage."""

    def __init__(self, net: Net | None = None, title: str = "Fake stage", **kw: Any) -> None:
        self.net, self.title = net or fan_out(3), title
        self.sim = Sim(self.net, **kw)
        self.start, self.past, self.ended = time.monotonic(), [], False
        self.lock, self.acted = threading.Lock(), []

    def now(self) -> float:
        return round((time.monotonic() - self.start) * 1000, 1)

    def advance(self, now: float) -> list[list[Any]]:
        events = self.sim.run(now)
        self.past += events
        return events

    def feed(self) -> FakeFeed:
        return FakeFeed(self)

    def actions(self) -> list[dict[str, Any]]:
        return [
            {"id": f"kill:{r['id']}", "label": "Kill", "role": r["id"], "enabled": True, "title": "SIGKILL"}
            for r in self.net.roles
        ]

    def act(self, action_id: str) -> None:
        self.acted.append((action_id, threading.current_thread().name))
        if action_id == "fail":
            raise RuntimeError("nothing to kill")
