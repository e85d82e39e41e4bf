"""What is kept of the sockets' logs: bounded, compact, in the order in which each socket wrote it.

While messages come slower than the exact rate, all are kept. Above it, the busy sockets are told to count and to keep
one in 64; a short burst stays exact. When the store is full, the oldest part goes. Counts are exact throughout.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import deque
from collections.abc import Sequence
from contextlib import AbstractContextManager
from threading import Event
from typing import TYPE_CHECKING, Any, Protocol
from weakref import ref

from .labels import Labels
from .log import SAMPLES, Log, now
from .packed import Stream, ends

if TYPE_CHECKING:
    from ..trace import Mark, RoleEvent

NOTES = 50_000      # waits and blocked spells kept a socket
COUNTS = 4_000      # points of the counts' curve kept a socket, thinned by half when there are more
COLLECT = 0.03      # seconds between two collections
CALM = 10           # collections below half the exact rate before every message is kept again


class Kept:
    """Everything kept of one socket. `notes` are what makes the topology and are never dropped, `spells` are blocked
    and waiting; `counts` are (ns, sent, received) while counting, `seen` is how many of both there were when the pace
    was last looked at, `sent` and `received` are as of the last collection."""

    __slots__ = ("context", "counts", "log", "notes", "opened", "received", "recvs", "role", "samples", "seen", "sends",
                 "sent", "spells", "spells_dropped", "type")

    def __init__(self, log: Log, type: str, role: str, context: int, opened: int) -> None:
        self.log, self.type, self.role, self.context, self.opened = log, type, role, context, opened
        self.sends, self.recvs = Stream(), Stream()
        self.notes: list[tuple[Any, ...]] = []
        self.spells: list[tuple[Any, ...]] = []
        self.spells_dropped = self.seen = self.sent = self.received = 0
        self.samples: deque[tuple[str, int, int, bytes]] = deque(maxlen=SAMPLES)
        self.counts: list[tuple[int, int, int]] = []

    def collect(self) -> None:
        """Move what the log holds over here."""
        log = self.log
        log.look_again()
        self.sent, self.received = log.sent, log.received
        for stream, new in zip((self.sends, self.recvs), log.drain(), strict=True):
            if new:
                stream.extend(new)
        if log.notes:
            notes = log.notes[:]
            del log.notes[:len(notes)]      # the socket's thread may append in between
            self._sort_notes(notes)
        while log.samples:
            *which, frame = log.samples.popleft()
            self.samples.append((*which, ends(frame)))

    def _sort_notes(self, notes: list[tuple[Any, ...]]) -> None:
        for note in notes:
            (self.spells if note[1] in ("block", "free", "wait") else self.notes).append(note)
        if (over := len(self.spells) - NOTES) > 0:
            del self.spells[:over]
            self.spells_dropped += over

    def count(self) -> None:
        """Add a point to the curve of counts."""
        self.counts.append((now(), self.log.sent, self.log.received))
        if len(self.counts) > COUNTS:
            del self.counts[1::2]


class Store:
    """All sockets of a record. Not thread-safe: the recorder holds its lock around every call."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.kept: list[Kept] = []
        self.labels = Labels()
        self.beats: set[bytes] = set()      # a message with one of these frames is a heartbeat
        self.gaps: list[list[int]] = []     # [from, to] (ns): counted and sampled; `to` is 0 while it goes on
        self.forgotten = 0                  # ns: entries before this time were dropped to stay within the limit
        self._budget: float | None = None   # messages that may still be kept before counting begins
        self._last = now()
        self._calm = 0
        self._next = 0

    def next_id(self) -> int:
        self._next += 1
        return self._next - 1

    def add(self, log: Log, type: str, role: str, context: int) -> Kept:
        kept = Kept(log, type, role, context, now())
        self.kept.append(kept)
        return kept

    def logs(self) -> list[tuple[Log, Kept]]:
        return [(k.log, k) for k in self.kept]

    @property
    def counting(self) -> bool:
        """Whether some sockets are being counted rather than kept in full."""
        return bool(self.gaps) and not self.gaps[-1][1]

    def collect(self, exact_rate: int | None) -> None:
        """Empty the logs; above `exact_rate` messages a second (None: never) go over to counting."""
        for kept in self.kept:
            kept.collect()
        self.labels.follow((k.log.id, k.role, k.sends) for k in self.kept)
        if exact_rate:
            self._pace(exact_rate)
        if self.counting:
            for kept in self.kept:
                if kept.log.counting:
                    kept.count()
        self._trim()

    def retire(self) -> None:
        """Nobody empties the logs from here on: the sockets that are still in use just count."""
        for kept in self.kept:
            kept.log.counting = True
            kept.log.notes = deque(maxlen=1)  # type: ignore[assignment]

    def _pace(self, exact_rate: int) -> None:
        t = now()
        seconds, self._last = max(1e-6, (t - self._last) / 1e9), t
        busy = [(k, k.log.sent + k.log.received - k.seen) for k in self.kept]
        total = sum(n for _, n in busy) / 2        # every message is sent once and received once
        for kept, n in busy:
            kept.seen += n
        if not self.counting:
            budget = exact_rate if self._budget is None else self._budget
            self._budget = min(exact_rate, budget + exact_rate * 1.1 * seconds - total)
            if self._budget < 0:
                self.gaps.append([t, 0])
                for kept, n in busy:
                    kept.log.counting = n / 2 > total / 100
        else:
            self._calm = self._calm + 1 if total / seconds < exact_rate / 2 else 0
            if self._calm >= CALM:
                self.gaps[-1][1], self._calm, self._budget = t, 0, exact_rate
                for kept in self.kept:
                    kept.log.counting = False

    def _trim(self) -> None:
        entries = sum(len(k.sends) + len(k.recvs) for k in self.kept)
        if entries <= self.limit:
            return
        fullest = max((s for k in self.kept for s in (k.sends, k.recvs)), key=len)
        self.forgotten = fullest.at[len(fullest.at) // 3]
        for kept in self.kept:
            for stream in (kept.sends, kept.recvs):
                stream.drop(bisect_left(stream.at, self.forgotten))


class Record(Protocol):
    """What the builder of a trace and the feed of a view know of a recorder: a record that may still be written to.
    `began` and `stopped` are in ns, `stopped` is 0 until the stage's stop."""

    title: str
    began: int
    stopped: int
    store: Store
    lock: AbstractContextManager[Any]       # held while the store is read
    links: Sequence[tuple[str, str, str]]
    roles: Sequence[RoleEvent]
    marks: Sequence[Mark]

    @property
    def closed(self) -> bool: ...
    def collect(self) -> None: ...
    def seconds(self) -> float: ...
    def actions(self) -> list[dict[str, Any]]: ...


class Collecting(Protocol):
    """What empties the logs into a store when it is told to."""

    def collect(self) -> None: ...


def collect_until_closed(recorder: ref[Collecting], closed: Event) -> None:
    """A recorder's thread; it ends with the recorder, which it does not keep alive."""
    while not closed.wait(COLLECT):
        if (alive := recorder()) is None:
            return
        alive.collect()
        del alive
