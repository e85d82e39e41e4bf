"""The record of what real sockets did: plain, frozen data.

A `Trace` is what every reader works from: the figures, the ledger, the exercise checks and the replay in a browser.
It holds no socket and no thread. `Recorder.trace()` makes one; `Trace.save` and `Trace.load` keep it as JSON.

All times are seconds since the record began.
"""

from __future__ import annotations

import json
import os
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Hashable
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from .case import Diagnosis
from .diagnosis import diagnosis
from .frame import texts
from .ledger import Ledger, ledger
from .replay import replay

FORMAT = 1


@dataclass(frozen=True, slots=True)
class SocketInfo:
    """One recorded socket. `sent` and `received` count messages and are exact even where the record is a sample.
    `threads` are the names of the threads that used it in turns, if they did; `links` tells what became of what it
    connected to: (seconds, endpoint, state); `facts` what else it noted of itself: (seconds, what, text)."""

    id: int
    type: str
    role: str
    name: str = ""
    opened: float = 0.0
    closed: float | None = None
    binds: tuple[str, ...] = ()
    connects: tuple[str, ...] = ()
    sndhwm: int = 1000
    rcvhwm: int = 1000
    subscriptions: tuple[bytes, ...] = ()
    sent: int = 0
    received: int = 0
    threads: tuple[str, ...] = ()
    links: tuple[tuple[float, str, str], ...] = ()
    facts: tuple[tuple[float, str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Connection:
    """Two sockets that met. `source` and `target` follow the natural flow (PUSH to PULL, REQ to REP …);
    replies travel the other way on the same connection. `capacity` is what source→target may hold, in messages:
    on inproc the sum of both high-water marks, `None` where the operating system's buffers make it unknowable
    or a high-water mark of 0 takes the limit away. `states` are what the connecting socket was told of it, over tcp and
    ipc, at most 30 ms late: (seconds, 'connecting' | 'up' | 'refused' | 'gone' | 'retrying')."""

    id: int
    source: int
    target: int
    transport: str
    endpoint: str
    opened: float = 0.0
    closed: float | None = None
    capacity: int | None = None
    via: str = ""
    states: tuple[tuple[float, str], ...] = ()

    @property
    def state(self) -> str:
        """The last of its states; "" where nobody told, over inproc always 'up'."""
        return self.states[-1][1] if self.states else "up" if self.transport == "inproc" else ""


class Message(NamedTuple):      # there may be a million of them: a frozen dataclass takes five times as long to make
    """One message on one connection; a PUB's message is one for each subscription that it matches.

    `frames` are as the receiving program saw them (as sent, if it never arrived); frames over 64 bytes are
    shortened to their ends. `done` is when the receiver went back to its socket. `parent` is the message one hop
    before: the one with the same payload that this role received, else the last that it received.
    `as_sent` are the frames as the sending program saw them, where these are others (`None`: the same).
    `fate` is 'received', 'waiting', 'dropped' (by a socket), 'lost' (with its peer), 'outside' (it went to a peer
    outside the record) or 'unknown'. `why` says more: of what was dropped or lost it is 'unwanted', 'early', 'nobody',
    'no room', 'replaced', 'misfit' or 'gone' (see `Ledger`); of what waits 'sender' when it has not left; what was
    received and has no known sender has no `source`, and `why` is 'outside' or 'unknown'.
    A `heartbeat` (`Stage.heartbeats`) is no work: its receiver is done with it at once.
    """

    id: int
    source: int | None
    target: int | None
    connection: int | None
    sent: float
    received: float | None
    done: float | None
    frames: tuple[bytes, ...]
    size: int
    parent: int | None = None
    fate: str = "received"
    as_sent: tuple[bytes, ...] | None = None
    why: str = ""
    heartbeat: bool = False


@dataclass(frozen=True, slots=True)
class Interval:
    """A socket was in one state from `start` to `end` (`None`: still is)."""

    socket: int
    start: float
    end: float | None


@dataclass(frozen=True, slots=True)
class RoleEvent:
    """A role became 'running', 'ended', 'failed', 'killed', 'frozen' or 'stopped'."""

    role: str
    t: float
    state: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Label:
    """What a role says of itself from time `t` on, by the messages that it sends (see `Stage.label`)."""

    role: str
    t: float
    text: str


@dataclass(frozen=True, slots=True)
class Mark:
    """Something done to the system from outside: a link cut, a worker added."""

    t: float
    what: str
    where: str = ""


@dataclass(frozen=True, slots=True)
class Count:
    """How many messages a socket had sent and received at time `t`, kept while they were too many to keep each."""

    t: float
    socket: int
    sent: int
    received: int


@dataclass(frozen=True)
class Trace:
    """Everything that was recorded, matched: see the module's text."""

    title: str = ""
    seconds: float = 0.0
    exact: bool = True
    note: str = ""
    sockets: tuple[SocketInfo, ...] = ()
    connections: tuple[Connection, ...] = ()
    messages: tuple[Message, ...] = ()
    blocked: tuple[Interval, ...] = ()
    waits: tuple[Interval, ...] = ()
    roles: tuple[RoleEvent, ...] = ()
    marks: tuple[Mark, ...] = ()
    counts: tuple[Count, ...] = ()
    labels: tuple[Label, ...] = ()

    def socket(self, id: int) -> SocketInfo:
        """The socket with this id. Raises KeyError when there is none."""
        return self._sockets[id]

    @cached_property
    def _sockets(self) -> dict[int, SocketInfo]:
        return {s.id: s for s in self.sockets}

    @cached_property
    def _messages(self) -> dict[int, Message]:
        return {m.id: m for m in self.messages}

    def role_of(self, socket: int | None) -> str:
        """The role that owns a socket; "" for a socket outside the record."""
        return self._sockets[socket].role if socket in self._sockets else ""

    def depth(self, connection: int | None = None) -> tuple[list[float], list[int]]:
        """Messages waiting over time, as a step function: times and the count from each on.

        `connection=None` adds up all connections. A dropped message never waited, so it is not counted.
        """
        steps: Counter[float] = Counter()
        for m in self.messages:
            if m.fate not in ("received", "waiting") or (connection is not None and m.connection != connection):
                continue
            steps[m.sent] += 1
            if m.received is not None:
                steps[m.received] -= 1
        counted = self._depth_from_counts(connection)
        first, last = (counted[0][0], counted[-1][0]) if counted else (self.seconds, self.seconds)
        times, depths, depth = [0.0], [0], 0
        for t in sorted(steps):
            if counted and t >= first:
                times += [c[0] for c in counted]
                depths += [c[1] for c in counted]
                depth, counted = counted[-1][1], []
            if first <= t <= last and first != last:
                continue        # a sample says nothing of the depth
            depth += steps[t]
            times.append(t)
            depths.append(depth)
        return times + [c[0] for c in counted], depths + [c[1] for c in counted]

    def _depth_from_counts(self, connection: int | None) -> list[tuple[float, int]]:
        """The coarser curve of the time in which messages were only counted: sent minus received of those sockets."""
        ends = {c.id: (c.source, c.target) for c in self.connections}
        of = ends.values() if connection is None else [ends.get(connection, ())]
        wanted = {socket for pair in of for socket in pair}
        balance: dict[int, int] = {}
        curve = []
        for c in sorted((c for c in self.counts if c.socket in wanted), key=lambda c: c.t):
            balance[c.socket] = c.sent - c.received
            curve.append((c.t, max(0, sum(balance.values()))))
        return curve

    def rates(self, socket: int | None = None, *, window: float = 0.25) -> tuple[list[float], list[float]]:
        """Messages received a second in steps of `window` seconds; `socket=None` takes all sockets."""
        n = max(1, int(self.seconds / window + 0.999))
        bins = [0] * n
        for m in self.messages:
            if m.received is not None and socket in (None, m.target):
                bins[min(n - 1, int(m.received / window))] += 1
        return [i * window for i in range(n)], [b / window for b in bins]

    def ledger(self, source: str | None = None, sink: str | None = None, *,
               key: Callable[[Message], Hashable] | None = None) -> Ledger:
        """Count what was sent, received, lost and received too often, and what became of the rest.

        `source` and `sink` name roles, by prefix ("worker" takes "worker 1" and "worker 2"); None takes every role.
        Messages are followed by content: the last frame, which is the payload in all of ZeroMQ's patterns; sending
        the same content twice counts as two. `key(message)` says instead which messages are the same one (a number in
        it, say): then each counts once, however often it was sent.
        """
        return ledger(self, source, sink, key)

    def diagnosis(self) -> tuple[Diagnosis, ...]:
        """What is known to be wrong, with evidence and the lesson that explains it; () for a healthy system."""
        return diagnosis(self)

    def way(self, message: int) -> tuple[Message, ...]:
        """The hops of one message, first to last, following `parent`. Raises KeyError for an unknown id."""
        hops = [self._messages[message]]
        while (parent := hops[0].parent) is not None and parent in self._messages:
            hops.insert(0, self._messages[parent])
        return tuple(hops)

    def to_json(self) -> dict[str, Any]:
        """Plain lists and dicts; frames and subscriptions as Latin-1 text, so that every byte survives."""
        messages = [[*m[:7], texts(m.frames), *m[8:11], *_more(m)] for m in self.messages]
        return {"format": FORMAT} | _plain(asdict(replace(self, messages=()))) | {"messages": messages}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Trace:
        """The trace that `to_json` wrote. Raises ValueError for another format."""
        if not isinstance(data, dict) or data.get("format") != FORMAT:
            raise ValueError(f"This is not a trace of format {FORMAT}: it was made by another version, or is no trace.")
        d = dict(data)
        return cls(
            title=d["title"], seconds=d["seconds"], exact=d["exact"], note=d["note"],
            sockets=tuple(SocketInfo(**s | {"binds": tuple(s["binds"]), "connects": tuple(s["connects"]),
                                            "subscriptions": _bytes(s["subscriptions"]),
                                            "threads": tuple(s.get("threads", ())),
                                            "links": tuple(map(tuple, s.get("links", ()))),
                                            "facts": tuple(map(tuple, s.get("facts", ())))}) for s in d["sockets"]),
            connections=tuple(Connection(**c | {"states": tuple(map(tuple, c.get("states", ())))})
                              for c in d["connections"]),
            messages=tuple(Message(*m[:7], _bytes(m[7]), *m[8:11], *(each and _bytes(each) for each in m[11:12]),
                                   *m[12:]) for m in d["messages"]),
            blocked=tuple(Interval(**i) for i in d["blocked"]), waits=tuple(Interval(**i) for i in d["waits"]),
            roles=tuple(RoleEvent(**r) for r in d["roles"]), marks=tuple(Mark(**m) for m in d["marks"]),
            counts=tuple(Count(**c) for c in d["counts"]), labels=tuple(Label(**each) for each in d.get("labels", ())))

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the trace as JSON."""
        Path(path).write_text(json.dumps(self.to_json(), separators=(",", ":")), encoding="utf-8")

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Trace:
        """Read a trace that `save` wrote. Raises ValueError when the file holds something else."""
        return cls.from_json(json.loads(Path(path).read_text(encoding="utf-8")))

    def replay(self) -> dict[str, Any]:
        """What a view plays back without a kernel (see `replay`)."""
        return replay(self)

    def waiting_at(self, t: float, connection: int | None = None) -> int:
        """How many messages waited at time `t` (seconds)."""
        times, depths = self.depth(connection)
        return depths[max(0, bisect_right(times, t) - 1)]


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(v) for v in value]
    return value.decode("latin-1") if isinstance(value, bytes) else value


def _more(m: Message) -> list[Any]:
    """The rest of a message's fields, where they say anything."""
    as_sent = texts(m.as_sent) if m.as_sent else None
    return [as_sent, m.why, True] if m.heartbeat else [as_sent, m.why] if m.why else [as_sent] if as_sent else []


def _bytes(texts: list[str]) -> tuple[bytes, ...]:
    return tuple(t.encode("latin-1") for t in texts)
