"""A recorded trace in the form that a view plays back with no kernel: on a web page, or after the stage has ended."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

SNAPSHOT = 0.2      # seconds between two snapshots of the counts
DRAWN = 8_000       # messages told of one by one; of a longer record, the first part and then every n-th
_DUPLEX = {"REQ", "REP", "DEALER", "ROUTER", "PAIR"}


class Connection(Protocol):
    """Of a `Trace`'s connection, what is told of a message: which way it went."""

    source: int


class Message(Protocol):
    """Of a `Trace`'s message, what is told of it."""

    id: int
    source: int
    target: int | None
    connection: int | None
    sent: float
    received: float | None
    done: float | None
    fate: str


class Trace(Protocol):
    """What can be replayed; `data.Trace` is that, and knows this module, so this one does not know it."""

    title: str
    seconds: float
    note: str
    sockets: Sequence[Any]
    connections: Sequence[Any]
    messages: Sequence[Message]
    blocked: Sequence[Any]
    roles: Sequence[Any]
    marks: Sequence[Any]


def replay(trace: Trace) -> dict[str, Any]:
    """`{"v": 1, "title", "dur" (ms), "topo", "ev", "note"}`; events as in `view/__init__.py`, in the order of time."""
    edges = {c.id: c for c in trace.connections}
    stride = max(1, -(-len(trace.messages) // DRAWN))
    events: list[list[Any]] = []
    for i, m in enumerate(trace.messages):
        if i % stride == 0:
            events += _told(m, edges)
    for b in trace.blocked:
        events.append([_ms(b.start), "b", b.socket])
        if b.end is not None:
            events.append([_ms(b.end), "u", b.socket])
    events += [[_ms(r.t), "k", r.role, r.state, r.text] for r in trace.roles]
    events += [[_ms(m.t), "m", f"{m.what} {m.where}".strip()] for m in trace.marks]
    events += _snapshots(trace, stride)
    events.sort(key=lambda e: e[0])
    return {"v": 1, "title": trace.title, "dur": _ms(trace.seconds), "topo": _topo(trace), "ev": events,
            "note": trace.note}


def _ms(t: float) -> float:
    return round(t * 1e3, 1)


def _lane(m: Message, edges: dict[int, Connection]) -> tuple[int, int]:
    if m.connection is None:
        return -1, 0
    return m.connection, int(edges[m.connection].source != m.source)


def _told(m: Message, edges: dict[int, Connection]) -> list[list[Any]]:
    edge, direction = _lane(m, edges)
    if edge < 0:
        return []
    events = [[_ms(m.sent), "s", edge, direction, m.id, m.source]]
    if m.fate in ("dropped", "lost"):
        events.append([_ms(m.sent), "x", edge, direction, m.id])
    if m.received is not None:
        events.append([_ms(m.received), "r", edge, direction, m.id, m.target])
        if m.done is not None:
            events.append([_ms(m.done), "d", m.target, m.id])
    return events


def _snapshots(trace: Trace, stride: int) -> list[list[Any]]:
    """The exact counts, some times a second."""
    edges = {c.id: c for c in trace.connections}
    changes: list[tuple[float, int, int | None, int | None]] = []      # (t, place in the edge's counts, edge, socket)
    for m in trace.messages:
        edge, direction = _lane(m, edges)
        changes.append((m.sent, 4 * direction, edge, m.source))
        if m.fate in ("dropped", "lost"):
            changes.append((m.sent, 4 * direction + 3, edge, None))
        if m.received is not None:
            changes.append((m.received, 4 * direction + 1, edge, m.target))
    changes.sort(key=lambda c: c[0])
    counts = {c.id: [0] * 8 for c in trace.connections}
    sockets = {s.id: [0, 0] for s in trace.sockets}
    out, i, t = [], 0, 0.0
    while t < trace.seconds + SNAPSHOT:
        while i < len(changes) and changes[i][0] <= t:
            _, place, edge, socket = changes[i]
            if edge in counts:
                counts[edge][place] += 1
            if socket in sockets:
                sockets[socket][place % 4] += 1
            i += 1
        for c in counts.values():
            c[2], c[6] = c[0] - c[1] - c[3], c[4] - c[5] - c[7]
        blocked = [b.socket for b in trace.blocked if b.start <= t and (b.end is None or b.end > t)]
        out.append([_ms(t), "n", {"e": {e: list(c) for e, c in counts.items()}, "x": {},
                                  "s": {s: list(n) for s, n in sockets.items()}, "blocked": blocked, "stride": stride}])
        t += SNAPSHOT
    return out


def _topo(trace: Trace) -> dict[str, Any]:
    by_id = {s.id: s for s in trace.sockets}
    state = {r.role: r.state for r in trace.roles}
    names = list(dict.fromkeys(s.role for s in trace.sockets))
    return {
        "roles": [{"id": n, "sockets": [s.id for s in trace.sockets if s.role == n], "state": state.get(n, "running")}
                  for n in names],
        "sockets": [{"id": s.id, "type": s.type, "role": s.role, "name": s.name, "sndhwm": s.sndhwm, "rcvhwm": s.rcvhwm,
                     "endpoint": next(iter(s.binds or s.connects), ""), "closed": s.closed is not None,
                     "born": _ms(s.opened), "gone": None if s.closed is None else _ms(s.closed)}
                    for s in trace.sockets],
        "edges": [{"id": c.id, "a": c.source, "b": c.target, "transport": c.transport, "via": c.via,
                   "cap": [by_id[c.source].sndhwm or None, by_id[c.target].rcvhwm or None], "cap_total": c.capacity,
                   "up": c.closed is None, "duplex": by_id[c.source].type in _DUPLEX, "born": _ms(c.opened),
                   "gone": None if c.closed is None else _ms(c.closed)} for c in trace.connections]}
