"""The topology and the counts, in the plain form that a view reads."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any, NamedTuple

from ..recording import Log, now
from ..trace import Edge, RoleEvent, Sock, Topology
from . import kernelq

LOOK = 0.2          # seconds between two looks at the kernel's socket tables
MANY = 20           # messages in the kernel that cannot be just passing through
NO_LIMIT = 1 << 60
BLOCKED = 1_000_000     # ns: a shorter block does not show


class Queues(NamedTuple):
    """Where the messages of one connection wait, counted in messages; None where it cannot be known."""

    source: str
    target: str
    sender: int | None
    kernel: int | None
    receiver: int | None
    in_work: int
    kernel_bytes: int | None

    def __str__(self) -> str:
        parts = [("sender's queue", self.sender), ("kernel", self.kernel), ("receiver's queue", self.receiver),
                 ("in work", self.in_work)]
        return f"{self.source} → {self.target}: " + ", ".join(f"{name} {n:,}" for name, n in parts if n is not None)


def queues(topology: Topology, logs: dict[int, Log]) -> tuple[Queues, ...]:
    """The open connections' queues at this moment, in the direction of the natural flow."""
    return tuple(Queues(e.source.role.name, e.target.role.name, *_xray(e, logs))
                 for e in topology.edges if not e.closed)


def topo(topology: Topology, roles: Iterable[RoleEvent]) -> dict[str, Any]:
    """Roles, sockets and edges. A closed socket goes when its role has another of the same type."""
    socks = [s for s in topology.socks.values() if not _replaced(s, topology)]
    shown = {s.id for s in socks}
    state = {r.role: r.state for r in roles}
    names = list(dict.fromkeys([s.role.name for s in socks] + list(state)))
    return {
        "roles": [{"id": n, "sockets": [s.id for s in socks if s.role.name == n], "state": state.get(n, "running")}
                  for n in names],
        "sockets": [{"id": s.id, "type": s.type, "role": s.role.name, "name": "", "sndhwm": s.sndhwm,
                     "rcvhwm": s.rcvhwm, "endpoint": next(iter(s.binds or s.connects), ""),
                     "closed": bool(s.closed)} for s in socks],
        "edges": [_edge(e) for e in topology.edges if {e.source.id, e.target.id} <= shown]}


def _replaced(sock: Sock, topology: Topology) -> bool:
    return bool(sock.closed) and any(other.role is sock.role and other.type == sock.type
                                     and other.opened >= sock.closed for other in topology.socks.values())


def _edge(e: Edge) -> dict[str, Any]:
    return {"id": e.id, "a": e.source.id, "b": e.target.id, "transport": e.transport, "via": e.via,
            "cap": [e.source.sndhwm or None, e.target.rcvhwm or None], "cap_total": e.capacity, "up": not e.closed,
            "duplex": e.duplex}


def snapshot(topology: Topology, logs: dict[int, Log], stride: int) -> dict[str, Any]:
    """The counts of this moment."""
    t = now()
    return {
        "e": {e.id: [e.ahead.sent, e.ahead.received, e.ahead.depth, e.ahead.dropped,
                     e.back.sent, e.back.received, e.back.depth, e.back.dropped] for e in topology.edges},
        "x": {e.id: _xray(e, logs) for e in topology.edges if not e.closed},
        "s": {id: [log.sent, log.received] for id, log in logs.items()},
        "blocked": [id for id, log in logs.items() if log.blocked and t - log.blocked > BLOCKED],
        "stride": stride}


def _xray(e: Edge, logs: dict[int, Log]) -> list[int | None]:
    """Where the messages of a connection wait: sender's queue, kernel, receiver's queue, in work; the kernel's bytes.

    The depth is exact; how it is shared out is inferred. Over inproc it is one queue, of which the receiver's
    part fills first. Over tcp the receiver reads on as long as its queue has room, so while bytes stay unread
    in the kernel, its queue is full; the sender's queue holds what is left, up to its high-water mark.
    """
    depth, out_limit, in_limit = e.ahead.depth, e.source.sndhwm or NO_LIMIT, e.target.rcvhwm or NO_LIMIT
    in_work = sum(m.lane is e.ahead for m in e.target.role.in_work)
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


_looked: tuple[float, dict[int, tuple[int, int]] | None] = (0.0, None)


def _kernel_bytes(e: Edge) -> int | None:
    """The kernel's bytes on this connection; several connections to one port share its bytes evenly."""
    global _looked
    t = time.monotonic()
    if t - _looked[0] > LOOK:
        _looked = t, kernelq.waiting()
    table = _looked[1]
    if table is None:
        return None
    port = int(e.endpoint.rpartition(":")[2])
    binder = e.target if e.endpoint in e.target.binds else e.source
    lanes = binder.into if binder is e.target else binder.out
    sharing = sum(1 for lane in lanes if not lane.edge.closed and lane.edge.endpoint == e.endpoint and lane.depth)
    towards, away = table.get(port, (0, 0))
    return (towards if binder is e.target else away) // max(1, sharing)

