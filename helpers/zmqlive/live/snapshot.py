"""The topology and the counts, in the plain form that a view reads."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from ..recording import Kept, Log, now
from ..trace import DOWN, Edge, RoleEvent, Sent, Topology, door_mark
from . import kernelq

LOOK = 0.2          # seconds between two looks at the kernel's socket tables
MANY = 20           # messages in the kernel that cannot be just passing through
PORTS = 200         # ports that are looked for; older ones are forgotten then
NO_LIMIT = 1 << 60
BLOCKED = 1_000_000     # ns: a shorter block does not show


class Queues(NamedTuple):
    """Where the messages of one connection wait, counted in messages; None where it cannot be known."""

    source: str
    target: str
    sender: int | None
    kernel: int | None
    receiver: int | None
    in_work: int | None
    kernel_bytes: int | None

    def __str__(self) -> str:
        parts = [("sender's queue", self.sender), ("kernel", self.kernel), ("receiver's queue", self.receiver),
                 ("in work", self.in_work)]
        return f"{self.source} → {self.target}: " + ", ".join(f"{name} {n:,}" for name, n in parts if n is not None)


class Doors:
    """Messages that wait at the door of their socket, for somebody who is not there yet."""

    def __init__(self) -> None:
        self._waiting: list[Sent] = []

    def watch(self, told: Iterable[tuple[str, int, Sent]], *, over: bool) -> list[tuple[str, int, Sent]]:
        """Look at what was told, and return those ("h") for which somebody has come: where a socket has one connection,
        they wait on it. With a socket that was closed its messages are gone, unless all is `over`."""
        self._waiting += [m for what, _, m in told if what == "s" and self._at_door(m)]
        found = []
        for m in self._waiting:
            lanes = [lane for lane in m.source.out if not lane.edge.closed]
            if self._at_door(m) and len(lanes) == len(m.source.connects) == 1:
                m.lane = lane = lanes[0]
                lane.sent += 1
                lane.weigh(m.size, len(m.wire))
                found.append(("h", max(m.sent, lane.edge.opened), m))
        self._waiting = [m for m in self._waiting if self._at_door(m) and (over or not m.source.closed)]
        return found

    def counts(self) -> dict[int, int]:
        """How many wait at the door of each socket."""
        return dict(Counter(m.source.id for m in self._waiting))

    @staticmethod
    def _at_door(m: Sent) -> bool:
        return m.lane is None and m.fate == "waiting"


def queues(topology: Topology, in_work: Callable[[Edge], int | None]) -> tuple[Queues, ...]:
    """The open connections' queues at this moment, in the direction of the natural flow."""
    return tuple(Queues(e.source.role.name, e.target.role.name, *_xray(e, in_work(e)))
                 for e in topology.edges if not e.closed)


def topo(topology: Topology, roles: Iterable[RoleEvent]) -> dict[str, Any]:
    """Roles, sockets and edges. A closed socket goes when its role has another of the same type, and nothing waits on
    its connections."""
    newest: dict[tuple[str, str], int] = {}
    for s in topology.socks.values():
        newest[s.role.name, s.type] = max(s.opened, newest.get((s.role.name, s.type), 0))
    socks = [s for s in topology.socks.values() if not 0 < s.closed <= newest[s.role.name, s.type]
             or any(lane.depth for lane in s.out + s.into)]
    shown = {s.id for s in socks}
    state = {r.role: r.state for r in roles}
    names = list(dict.fromkeys([s.role.name for s in socks] + list(state)))
    return {
        "roles": [{"id": n, "sockets": [s.id for s in socks if s.role.name == n], "state": state.get(n, "running")}
                  for n in names],
        "sockets": [{"id": s.id, "type": s.type, "role": s.role.name, "name": "", "sndhwm": s.sndhwm,
                     "rcvhwm": s.rcvhwm, "endpoint": next(iter(s.binds or s.connects), ""),
                     "door": door_mark(s), "closed": bool(s.closed)} for s in socks],
        "edges": [_edge(e) for e in topology.edges if {e.source.id, e.target.id} <= shown]}


def _edge(e: Edge) -> dict[str, Any]:
    return {"id": e.id, "a": e.source.id, "b": e.target.id, "transport": e.transport, "via": e.via,
            "cap": [e.source.sndhwm or None, e.target.rcvhwm or None], "cap_total": e.capacity,
            "up": not e.closed and e.state not in DOWN, "state": e.state, "duplex": e.duplex}


def snapshot(topology: Topology, logs: dict[int, Log], stride: int, doors: dict[int, int],
             in_work: Callable[[Edge], int | None], *, over: bool) -> dict[str, Any]:
    """The counts of this moment. `doors`: how many messages wait at the door of each socket, for somebody who is not
    there yet."""
    t = now()
    doors = dict(doors)
    left: set[int] = set()      # lanes whose peer is gone: what waits, waits at the door for it to come back
    for lane in (lane for e in topology.edges if e.closed and not over for lane in (e.ahead, e.back)):
        if lane.depth and not lane.source.closed:
            doors[lane.source.id] = doors.get(lane.source.id, 0) + lane.depth
            left.add(id(lane))
    return {
        "e": {e.id: [n for lane in (e.ahead, e.back)
                     for n in (lane.sent, lane.received, 0 if id(lane) in left else lane.depth, lane.dropped)]
              for e in topology.edges},
        "x": {e.id: _xray(e, in_work(e)) for e in topology.edges if not e.closed},
        "door": doors,
        "s": {id: [log.sent, log.received] for id, log in logs.items()},
        "blocked": [id for id, log in logs.items() if log.blocked and t - log.blocked > BLOCKED],
        "stride": stride}


def followed(e: Edge) -> int:
    """Messages of this connection that its receiver has in hand, where each one is followed."""
    return sum(m.lane is e.ahead for m in e.target.role.in_work)


def busy(e: Edge, kept: Kept) -> int | None:
    """The same where they are only counted: it has one in hand that has taken it and not asked for another; None
    where several connections lead to it."""
    if len(e.target.into) > 1:
        return None
    log = kept.log
    last = kept.recvs.at[-1] if kept.recvs.at else 0
    return int(log.received > 0 and (log.asked == 0 or 1 < log.asked <= last))


def _xray(e: Edge, in_work: int | None) -> list[int | None]:
    """Where the messages of a connection wait: sender's queue, kernel, receiver's queue, in work; the kernel's bytes.

    The depth is exact; how it is shared out is inferred. Over inproc it is one queue, of which the receiver's
    part fills first. Over tcp the receiver reads on as long as its queue has room, so while bytes stay unread
    in the kernel, its queue is full; the sender's queue holds what is left, up to its high-water mark.
    """
    depth, out_limit, in_limit = e.ahead.depth, e.source.sndhwm or NO_LIMIT, e.target.rcvhwm or NO_LIMIT
    if e.transport == "inproc":
        in_receiver = min(depth, in_limit)
        return [depth - in_receiver, None, in_receiver, in_work, None]
    octets = (_kernel_bytes(e) if depth else 0) if e.transport == "tcp" and not e.via else None
    if octets is None:
        return [None, None, None, in_work, None]
    in_kernel = round(octets / max(1.0, e.ahead.mean_size))
    in_receiver = min(depth, in_limit, depth - in_kernel if in_kernel < MANY else depth)
    in_kernel = min(in_kernel, depth - in_receiver)
    in_sender = min(depth - in_receiver - in_kernel, out_limit)
    return [in_sender, depth - in_receiver - in_sender, in_receiver, in_work, octets]


class _Tables:
    """The kernel's tables, looked at five times a second at most, and so seldom that it takes half a hundredth of the
    time at most: where a machine has many connections they are long. All feeds share one look."""

    def __init__(self) -> None:
        self._due = 0.0
        self._ports: set[int] = set()
        self._seen: dict[int, tuple[int, int]] | None = {}

    def waiting(self, port: int) -> tuple[int, int] | None:
        """Bytes on their way to and from a listening port; None where there is no such table."""
        began = time.monotonic()
        if began >= self._due or port not in self._ports:
            self._ports = {port} | (self._ports if len(self._ports) < PORTS else set())
            spent = time.thread_time()
            self._seen = kernelq.waiting(self._ports)
            self._due = began + max(LOOK, 200 * (time.thread_time() - spent))
        return None if self._seen is None else self._seen.get(port, (0, 0))


_tables = _Tables()


def _kernel_bytes(e: Edge) -> int | None:
    """The kernel's bytes on this connection; several connections to one port share its bytes evenly."""
    port = int(e.endpoint.rpartition(":")[2])
    found = _tables.waiting(port)
    if found is None:
        return None
    binder = e.target if e.endpoint in e.target.binds else e.source
    lanes = binder.into if binder is e.target else binder.out
    sharing = sum(1 for lane in lanes if not lane.edge.closed and lane.edge.endpoint == e.endpoint and lane.depth)
    towards, away = found
    return (towards if binder is e.target else away) // max(1, sharing)
