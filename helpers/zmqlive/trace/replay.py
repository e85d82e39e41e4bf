"""A recorded trace in the form that a view plays back with no kernel: on a web page, or after the stage has ended."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any, Protocol

from .frame import Carrying, altered, carried

SNAPSHOT = 0.2      # seconds between two snapshots of the counts
SNAPSHOTS = 6_000   # at most; of a run longer than 20 minutes they are further apart
DRAWN = 8_000       # messages told of one by one; of a longer record, the first part and then every n-th
_DUPLEX = {"REQ", "REP", "DEALER", "ROUTER", "PAIR"}


class Connection(Protocol):
    """Of a `Trace`'s connection, what is told of a message: which way it went, and since when there is one."""

    source: int
    opened: float


class Message(Carrying, Protocol):
    """Of a `Trace`'s message, what is told of it."""

    id: int
    source: int
    target: int | None
    connection: int | None
    sent: float
    received: float | None
    done: float | None
    fate: str


class Socket(Protocol):
    """Of a socket, what says how many messages find room in it while nobody is connected."""

    connects: Any
    sndhwm: Any


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
    labels: Sequence[Any]


def replay(trace: Trace) -> dict[str, Any]:
    """`{"v": 1, "title", "dur" (ms), "topo", "ev", "note"}`; events as in `view/__init__.py`, in the order of time."""
    edges = {c.id: c for c in trace.connections}
    stride = max(1, -(-len(trace.messages) // DRAWN))
    events: list[tuple[float, list[Any]]] = []
    for i, m in enumerate(trace.messages):
        if i % stride == 0:
            events += _told(m, edges)
    for b in trace.blocked:
        events.append((b.start, ["b", b.socket]))
        if b.end is not None:
            events.append((b.end, ["u", b.socket]))
    events += [(r.t, ["k", r.role, r.state, r.text]) for r in trace.roles]
    events += [(each.t, ["l", each.role, each.text]) for each in trace.labels]
    events += [(m.t, ["m", f"{m.what} {m.where}".strip()]) for m in trace.marks]
    events += _snapshots(trace, stride)
    events.sort(key=lambda e: e[0])     # by the exact time: rounded, what came after may come before
    return {"v": 1, "title": trace.title, "dur": _ms(trace.seconds), "topo": _topo(trace),
            "ev": [[_ms(t), *event] for t, event in events], "note": trace.note}


def _ms(t: float) -> float:
    return round(t * 1e3, 1)


def _lane(m: Message, edges: dict[int, Connection]) -> tuple[int, int]:
    if m.connection is None:
        return -1, 0
    return m.connection, int(edges[m.connection].source != m.source)


def _came(m: Message, edges: dict[int, Connection]) -> float | None:
    """Until when it waited at its socket's door, for somebody who was not there yet: `None` if he has never come."""
    return m.sent if m.fate in ("dropped", "lost") else \
        None if m.connection is None else max(m.sent, edges[m.connection].opened)


def _told(m: Message, edges: dict[int, Connection]) -> list[tuple[float, list[Any]]]:
    (edge, direction), came = _lane(m, edges), _came(m, edges)
    if edge < 0 and m.fate != "waiting":
        return []
    at_door = came != m.sent
    events: list[tuple[float, list[Any]]] = [
        (m.sent, ["s", -1 if at_door else edge, 0 if at_door else direction, m.id, m.source, carried(m)])]
    if at_door and came is not None:
        events.append((came, ["h", edge, direction, m.id, m.source]))
    if m.fate in ("dropped", "lost"):
        events.append((m.sent, ["x", edge, direction, m.id]))
    if m.received is not None:
        events.append((m.received, ["r", edge, direction, m.id, m.target, *altered(m)]))
        if m.done is not None:
            events.append((m.done, ["d", m.target, m.id]))
    return events


def _changes(trace: Trace) -> list[tuple[float, str, int, int]]:
    """What changes the counts: (t, "e", edge, place in its counts), (t, "s", socket, 0 sent or 1 received),
    (t, "door", socket, 1 more or -1 less)."""
    edges = {c.id: c for c in trace.connections}
    changes: list[tuple[float, str, int, int]] = []
    for m in trace.messages:
        if m.source is None:        # of what came from outside the record there is only its coming
            changes.append((m.received, "s", m.target, 1))
            continue
        (edge, direction), came = _lane(m, edges), _came(m, edges)
        changes.append((m.sent, "s", m.source, 0))
        if came != m.sent and m.fate in ("waiting", "received"):
            changes.append((m.sent, "door", m.source, 1))
            if came is not None:
                changes.append((came, "door", m.source, -1))
        if edge >= 0:
            changes.append((m.sent if came is None else came, "e", edge, 4 * direction))
            if m.fate in ("dropped", "lost"):
                changes.append((m.sent, "e", edge, 4 * direction + 3))
        if m.received is not None:
            changes.append((m.received, "e", edge, 4 * direction + 1))
            changes.append((m.received, "s", m.target, 1))
    return sorted(changes, key=lambda c: c[0])


def _snapshots(trace: Trace, stride: int) -> list[tuple[float, list[Any]]]:
    """The exact counts, some times a second; of a long run more seldom."""
    step = max(SNAPSHOT, trace.seconds / SNAPSHOTS)
    changes = _changes(trace)
    counts = {c.id: [0] * 8 for c in trace.connections}
    sockets = {s.id: [0, 0] for s in trace.sockets}
    doors: Counter[int] = Counter()
    out, i, t = [], 0, 0.0
    while t < trace.seconds + step:
        while i < len(changes) and changes[i][0] <= t:
            _, what, id, place = changes[i]
            if what == "door":
                doors[id] += place
            elif id in (counts if what == "e" else sockets):
                (counts if what == "e" else sockets)[id][place] += 1
            i += 1
        for c in counts.values():
            c[2], c[6] = c[0] - c[1] - c[3], c[4] - c[5] - c[7]
        blocked = [b.socket for b in trace.blocked if b.start <= t and (b.end is None or b.end > t)]
        out.append((t, ["n", {"e": {e: list(c) for e, c in counts.items()}, "x": {}, "door": dict(+doors),
                              "s": {s: list(n) for s, n in sockets.items()}, "blocked": blocked, "stride": stride}]))
        t += step
    return out


def _topo(trace: Trace) -> dict[str, Any]:
    by_id = {s.id: s for s in trace.sockets}
    state = {r.role: r.state for r in trace.roles}
    names = list(dict.fromkeys(s.role for s in trace.sockets))
    return {
        "roles": [{"id": n, "sockets": [s.id for s in trace.sockets if s.role == n], "state": state.get(n, "running")}
                  for n in names],
        "sockets": [{"id": s.id, "type": s.type, "role": s.role, "name": s.name, "sndhwm": s.sndhwm, "rcvhwm": s.rcvhwm,
                     "endpoint": next(iter(s.binds or s.connects), ""), "door": door_mark(s),
                     "closed": s.closed is not None,
                     "born": _ms(s.opened), "gone": None if s.closed is None else _ms(s.closed)}
                    for s in trace.sockets],
        "edges": [{"id": c.id, "a": c.source, "b": c.target, "transport": c.transport, "via": c.via,
                   "cap": [by_id[c.source].sndhwm or None, by_id[c.target].rcvhwm or None], "cap_total": c.capacity,
                   "up": c.closed is None, "state": c.state,
                   "duplex": by_id[c.source].type in _DUPLEX, "born": _ms(c.opened),
                   "gone": None if c.closed is None else _ms(c.closed)} for c in trace.connections]}


def door_mark(socket: Socket) -> int | None:
    """How many messages wait at most at a socket's door, until somebody comes; None where that is not known."""
    remote = [endpoint for endpoint in socket.connects if not endpoint.startswith("inproc")]
    return (socket.sndhwm or None) if len(remote) == len(socket.connects) == 1 else None
