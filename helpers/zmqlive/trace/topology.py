"""Which socket met which, from the sockets' own binds and connects and nothing else."""

from __future__ import annotations

from collections import Counter, OrderedDict, deque
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from .where import Key, place

FAN_OUT = {"PUB", "XPUB", "XSUB"}       # each message goes to every peer that wants it
# The natural flow runs from the lower to the higher rank; between equals, from the one that connects.
_RANK = {"PUSH": 0, "PUB": 0, "XPUB": 0, "REQ": 0, "DEALER": 1, "PAIR": 1, "ROUTER": 2, "REP": 3, "PULL": 3, "SUB": 3,
         "XSUB": 3}
_PEERS = {"PUSH": {"PULL"}, "PUB": {"SUB", "XSUB"}, "XPUB": {"SUB", "XSUB"}, "REQ": {"REP", "ROUTER"}, "PAIR": {"PAIR"},
          "DEALER": {"DEALER", "ROUTER", "REP"}, "ROUTER": {"ROUTER", "DEALER", "REQ"}}
DOWN = ("refused", "gone", "retrying")      # states of a connection that nothing travels on
_DUPLEX = {"REQ", "REP", "DEALER", "ROUTER", "PAIR"}


@dataclass(slots=True, eq=False)
class Role:
    """What one role has in hand: for `done` and `parent`."""

    name: str
    in_work: list[Any] = field(default_factory=list)
    recent: OrderedDict[bytes, Any] = field(default_factory=OrderedDict)    # payload -> message received with it
    last_in: Any = None


@dataclass(slots=True, eq=False)
class Sock:
    """A socket as the matcher sees it."""

    id: int
    type: str
    role: Role
    context: int
    opened: int
    closed: int = 0
    binds: dict[str, Key] = field(default_factory=dict)
    connects: dict[str, Key] = field(default_factory=dict)
    sndhwm: int = 1000
    rcvhwm: int = 1000
    subs: list[bytes] = field(default_factory=list)
    wanted: list[tuple[int, bytes]] = field(default_factory=list)   # all that it ever subscribed to, and when (ns)
    routing_id: bytes = b""
    handover: bool = False                                      # ROUTER: a name is taken over by who comes later
    linger: int = -1                                            # ms; as it was closed
    correlate: bool = False
    conflate: bool = False
    out: list[Lane] = field(default_factory=list)
    into: list[Lane] = field(default_factory=list)
    coming: list[Lane] = field(default_factory=list)            # of these, those over which something may still come
    pending: dict[tuple[int, bytes], deque[Any]] = field(default_factory=dict)
    routes: dict[bytes, Sock] = field(default_factory=dict)     # ROUTER: routing id -> peer
    strangers: set[bytes] = field(default_factory=set)          # ROUTER: routing ids of peers outside the record
    upstream: list[tuple[int, bytes]] = field(default_factory=list)     # subscriptions on their way to publishers
    links: dict[str, list[tuple[int, str]]] = field(default_factory=dict)   # endpoint connected to -> (ns, state) …
    ups: Counter[Key] = field(default_factory=Counter)          # place -> connections that came about there
    watched: bool = False                                       # whether these two are known
    request: Any = None                                         # REP: what is being answered
    turn: int = 0                                               # where the round robin stands, as far as can be told


@dataclass(slots=True, eq=False)
class Edge:
    """A connection: `ahead` leads from source to target, `back` the other way."""

    id: int
    source: Sock
    target: Sock
    transport: str
    endpoint: str
    via: str
    opened: int
    closed: int = 0
    states: list[tuple[int, str]] = field(default_factory=list)     # (ns, state), as its connecting side was told
    dialled: tuple[int, str] = (-1, "")                             # the connecting socket, and as it spelled it
    ahead: Lane = None  # type: ignore[assignment]
    back: Lane = None  # type: ignore[assignment]

    @property
    def state(self) -> str:
        """What the connection really is: 'connecting', 'up', 'refused', 'gone', 'retrying'; "" where nobody told."""
        return self.states[-1][1] if self.states else "up" if self.transport == "inproc" else ""

    def was_up(self, t: int) -> bool | None:
        """Whether it was up at time `t` (ns); None where nobody told."""
        if self.transport == "inproc":
            return True
        state = None
        for since, what in self.states:
            if since > t:
                return (state or "") == "up"
            state = what
        return state == "up" if state else None

    def was_cut(self, t: int) -> bool:
        """Whether it was down at time `t` (ns) and had been up before."""
        return self.was_up(t) is False and any(state == "up" and since < t for since, state in self.states)

    @property
    def capacity(self) -> int | None:
        """Messages that source→target can hold; None: unlimited, or left to the operating system's buffers."""
        s, t = self.source, self.target
        if s.conflate or t.conflate:
            return 1
        if self.transport != "inproc" or not (s.sndhwm and t.rcvhwm):
            return None
        return s.sndhwm + t.rcvhwm

    @property
    def duplex(self) -> bool:
        return self.source.type in _DUPLEX


@dataclass(slots=True, eq=False)
class Lane:
    """One direction of a connection."""

    edge: Edge
    direction: int          # 0: source to target
    source: Sock
    target: Sock
    sent: int = 0
    received: int = 0
    dropped: int = 0
    untold: int = 0                                             # live: waiting here, and not followed when sent
    guessed: bool = False                                       # live: `sent` is a guess, as only some are wanted
    rests: bool = False                                         # closed, and nothing is on its way: not among `coming`
    newest: int = 0                                             # ns: when the newest that arrived had been sent,
    taken: int = 0                                              # and when it was received
    heard_of: dict[bytes, int] = field(default_factory=dict)    # a subscription -> when the first of it was sent,
    may_have_heard: dict[bytes, int] = field(default_factory=dict)  # or may have been
    heard: int = 0                                              # of the source's subscriptions, how many have come up
    mean_size: float = 0.0                                      # bytes on the wire of recent messages
    waiting: deque[Any] = field(default_factory=deque)          # fan-out only: wanted here and not seen yet
    payloads: Counter[bytes] = field(default_factory=Counter)   # of those, for a quick no
    given_up: deque[Any] = field(default_factory=partial(deque, maxlen=1_000))  # live: the newest taken for dropped

    @property
    def depth(self) -> int:
        """Messages waiting, as far as can be told."""
        return max(0, self.sent - self.received - self.dropped)

    def clear(self) -> None:
        """Nothing that is on its way here is followed any more."""
        self.waiting.clear()
        self.payloads.clear()

    def weigh(self, size: int, frames: int) -> None:
        """Learn from a message of `size` bytes in so many frames. ZMTP puts 2 bytes before a frame of up to 255 bytes
        and 9 before a longer one (RFC 23)."""
        on_wire = size + frames * (2 if size <= 255 * frames else 9)
        self.mean_size = on_wire if not self.mean_size else self.mean_size + 0.1 * (on_wire - self.mean_size)


class Topology:
    """Grows as sockets bind, connect and close."""

    def __init__(self) -> None:
        self.socks: dict[int, Sock] = {}
        self.edges: list[Edge] = []
        self.roles: dict[str, Role] = {}
        self.links: dict[Key, tuple[Key, str]] = {}     # a relay's endpoint -> what it leads to, its name
        self.version = 0                                # goes up with each change
        self.bound: set[Key] = set()                    # places that some recorded socket has ever bound
        self._binders: dict[Key, Sock] = {}
        self._connectors: dict[Key, list[tuple[Sock, str]]] = {}

    def add(self, id: int, type: str, role: str, context: int, opened: int) -> Sock:
        sock = self.socks[id] = Sock(id, type, self.roles.setdefault(role, Role(role)), context, opened)
        self.version += 1
        return sock

    def link(self, endpoint: str, target: str, name: str) -> None:
        """A relay listens at `endpoint` and hands on to `target`."""
        self.links[place(endpoint, 0)] = place(target, 0), name

    def note(self, sock: Sock, t: int, what: str, more: tuple[Any, ...]) -> None:
        """Apply what a socket wrote down about itself."""
        handler = getattr(self, "_" + what.lower(), None)
        if handler:
            handler(sock, t, *more)
            self.version += 1

    def _bind(self, sock: Sock, t: int, endpoint: str, sndhwm: int, rcvhwm: int) -> None:
        key = sock.binds[endpoint] = place(endpoint, sock.context)
        sock.sndhwm, sock.rcvhwm = sndhwm, rcvhwm
        self._binders[key] = sock
        self.bound.add(key)
        for peer, via in self._connectors.get(key, []):
            self._meet(peer, sock, t, endpoint, via)

    def _connect(self, sock: Sock, t: int, endpoint: str, sndhwm: int, rcvhwm: int) -> None:
        key = place(endpoint, sock.context)
        via = ""
        while key in self.links:
            key, via = self.links[key]
        sock.connects[endpoint] = key
        sock.sndhwm, sock.rcvhwm = sndhwm, rcvhwm
        self._connectors.setdefault(key, []).append((sock, via))
        if key in self._binders:
            self._meet(sock, self._binders[key], t, endpoint, via)

    def _unbind(self, sock: Sock, t: int, endpoint: str) -> None:
        self._forget_bind(sock.binds.get(endpoint) or place(endpoint, sock.context), sock)

    def _forget_bind(self, key: Key, sock: Sock) -> None:
        if self._binders.get(key) is sock:
            del self._binders[key]

    def _disconnect(self, sock: Sock, t: int, endpoint: str) -> None:
        key = sock.connects.get(endpoint) or place(endpoint, sock.context)
        self._forget_connect(key, sock)
        for edge in self.edges:
            peer = edge.target if edge.source is sock else edge.source
            if not edge.closed and sock in (edge.source, edge.target) and key in peer.binds.values() \
                    and place(edge.endpoint, peer.context) == key:
                edge.closed = t

    def _forget_connect(self, key: Key, sock: Sock) -> None:
        self._connectors[key] = [c for c in self._connectors.get(key, []) if c[0] is not sock]

    def _close(self, sock: Sock, t: int, died: bool = False, linger: int = -1) -> None:
        sock.linger = 0 if died else linger
        if died and not sock.closed:        # what its role had in hand will never be done
            sock.role.in_work = [msg for msg in sock.role.in_work if msg.target is not sock]
        sock.closed = sock.closed or t
        for key in sock.binds.values():
            self._forget_bind(key, sock)
        for key in sock.connects.values():
            self._forget_connect(key, sock)
        for lane in sock.out + sock.into:
            lane.edge.closed = lane.edge.closed or t

    def _watched(self, sock: Sock, t: int) -> None:
        sock.watched = True

    def _unwatched(self, sock: Sock, t: int) -> None:
        sock.watched = False

    def _link(self, sock: Sock, t: int, endpoint: str, state: str) -> None:
        key = sock.connects.get(endpoint)
        if state == "up":
            sock.ups[key or place(endpoint, sock.context)] += 1
        if key is None:
            return
        sock.links.setdefault(endpoint, []).append((t, state))
        for lane in sock.out + sock.into:
            if lane.edge.dialled == (sock.id, endpoint) and lane.edge.states[-1:] != [(t, state)]:
                lane.edge.states.append((t, state))

    def _subscribe(self, sock: Sock, t: int, topic: bytes) -> None:
        want(sock, t, topic)
        sock.upstream.append((t, b"\1" + topic))

    def _unsubscribe(self, sock: Sock, t: int, topic: bytes) -> None:
        if topic in sock.subs:
            sock.subs.remove(topic)
        sock.upstream.append((t, b"\0" + topic))

    def _routing_id(self, sock: Sock, t: int, routing_id: bytes) -> None:
        sock.routing_id = routing_id

    def _router_handover(self, sock: Sock, t: int, on: int) -> None:
        sock.handover = bool(on)

    def _req_correlate(self, sock: Sock, t: int, on: int) -> None:
        sock.correlate = bool(on)

    def _conflate(self, sock: Sock, t: int, on: int) -> None:
        sock.conflate = bool(on)

    def _meet(self, connecting: Sock, bound: Sock, t: int, endpoint: str, via: str) -> None:
        if not can_meet(connecting.type, bound.type):
            return
        ahead = _RANK.get(connecting.type, 1) <= _RANK.get(bound.type, 1)
        source, target = (connecting, bound) if ahead else (bound, connecting)
        transport = endpoint.split(":", 1)[0]
        edge = Edge(len(self.edges), source, target, transport, endpoint, via, t)
        dialled = next((e for e, key in connecting.connects.items() if key in bound.binds.values()), "")
        edge.dialled = connecting.id, dialled
        edge.states += connecting.links.get(dialled, [])[-1:]
        edge.ahead, edge.back = Lane(edge, 0, source, target), Lane(edge, 1, target, source)
        self.edges.append(edge)
        for lane in (edge.ahead, edge.back):
            lane.source.out.append(lane)
            lane.target.into.append(lane)
            lane.target.coming.append(lane)
        for router, peer in ((source, target), (target, source)):
            if router.type == "ROUTER" and peer.routing_id:
                name(router, peer.routing_id, peer)


def can_meet(a: str, b: str) -> bool:
    """Whether sockets of these types exchange messages (RFC 28 to 31)."""
    return b in _PEERS.get(a, ()) or a in _PEERS.get(b, ())


def want(sock: Sock, t: int, topic: bytes) -> None:
    """From now on it wants what begins with `topic`."""
    sock.subs.append(topic)
    sock.wanted.append((t, topic))


def name(router: Sock, routing_id: bytes, peer: Sock) -> None:
    """A ROUTER knows one peer by each name, the first that came with it (unless it lets the later one take over)."""
    holder = router.routes.get(routing_id)
    if holder is None or holder.closed or router.handover:
        router.routes[routing_id] = peer
