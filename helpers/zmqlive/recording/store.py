"""What is kept of the sockets' logs: bounded, compact, in the order in which each socket wrote it.

While messages come slower than the exact rate, all are kept. Above it, the busy sockets are told to count and to keep
one in 64; a short burst stays exact. When the store is full, the oldest part goes. Counts are exact throughout.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from threading import Event
from typing import Any, Protocol
from weakref import ref

from ..trace import SHORTENED
from .log import SAMPLES, Frame, Log, last, now

NOTES = 50_000      # waits and blocked spells kept a socket
COUNTS = 4_000      # points of the counts' curve kept a socket, thinned by half when there are more
COLLECT = 0.03      # seconds between two collections
CALM = 10           # collections below half the exact rate before every message is kept again


@dataclass(slots=True)
class Stream:
    """One direction of one socket: times (ns) and frames, an entry a frame. `dropped` entries came before the first."""

    at: list[int] = field(default_factory=list)
    since: list[int] = field(default_factory=list)      # receiving: when the socket was asked
    frame: list[Frame] = field(default_factory=list)
    size: list[int] = field(default_factory=list)                 # true lengths of the shortened frames, in order
    dropped: int = 0
    dropped_sizes: int = 0

    @property
    def end(self) -> int:
        """The number of entries that there ever were."""
        return self.dropped + len(self.frame)

    def drop(self, n: int) -> None:
        """Forget the `n` oldest entries, and the rest of a message that begins there."""
        while 0 < n < len(self.frame) and not last(self.frame[n - 1]):
            n += 1
        sizes = self._shortened(0, n)
        del self.at[:n], self.since[:n], self.frame[:n], self.size[:sizes]
        self.dropped += n
        self.dropped_sizes += sizes

    def after(self, start: int, first_size: int) -> tuple[int, int]:
        """Where to read on after entry `start`, behind the last whole message: (entry, shortened frames before it)."""
        begin, n = max(0, start - self.dropped), len(self.frame)
        while n > begin and not last(self.frame[n - 1]):
            n -= 1
        sizes = self._shortened(begin, n)
        return self.dropped + max(n, begin), max(first_size, self.dropped_sizes) + sizes

    def _shortened(self, begin: int, end: int) -> int:
        """How many of these entries are shortened frames; quick where all or none are."""
        if not self.size:
            return 0
        if len(self.size) >= len(self.frame):
            return max(0, end - begin)
        return sum(map(_is_short, self.frame[begin:end]))

    def messages(self, start: int = 0, first_size: int = 0) -> Iterator[tuple[int, int, tuple[bytes, ...], int]]:
        """Whole messages from entry `start` on: (at, since, frames, size in bytes)."""
        sizes = iter(self.size[max(0, first_size - self.dropped_sizes):])
        begin = max(0, start - self.dropped)
        has_since, size, frames = bool(self.since), 0, []
        for i in range(begin, len(self.frame)):
            frame = self.frame[i]
            whole = frame if last(frame) else frame[0]
            size += next(sizes, SHORTENED) if len(whole) == SHORTENED else len(whole)
            frames.append(whole)
            if whole is frame:
                since = self.since[i + 1 - len(frames)] if has_since else 0
                yield self.at[i], since, tuple(frames), size
                size, frames = 0, []


def _is_short(frame: Frame) -> bool:
    return len(frame if last(frame) else frame[0]) == SHORTENED


@dataclass(slots=True)
class Kept:
    """Everything kept of one socket."""

    log: Log
    type: str
    role: str
    context: int
    opened: int
    sends: Stream = field(default_factory=Stream)
    recvs: Stream = field(default_factory=Stream)
    notes: list[tuple[Any, ...]] = field(default_factory=list)      # what makes the topology: never dropped
    spells: list[tuple[Any, ...]] = field(default_factory=list)     # blocked and waiting
    spells_dropped: int = 0
    samples: deque[tuple[str, int, int, bytes]] = field(default_factory=lambda: deque(maxlen=SAMPLES))
    counts: list[tuple[int, int, int]] = field(default_factory=list)    # (ns, sent, received) while counting
    seen: int = 0           # sent + received when the pace was last looked at
    sent: int = 0           # as of the last collection
    received: int = 0

    def collect(self) -> None:
        """Move what the log holds over here."""
        log = self.log
        log.look_again()
        self.sent, self.received = log.sent, log.received
        n = len(log.send_frame)     # appended last, so the other lists hold at least as many
        if n:
            _move(log.send_at, self.sends.at.extend, n)
            _move(log.send_sizes, self.sends.size.extend, len(log.send_sizes))
            _move(log.send_frame, self.sends.frame.extend, n)
        n = len(log.recv_frame)
        if n:
            _move(log.recv_from, self.recvs.since.extend, n)
            _move(log.recv_at, self.recvs.at.extend, n)
            _move(log.recv_sizes, self.recvs.size.extend, len(log.recv_sizes))
            _move(log.recv_frame, self.recvs.frame.extend, n)
        if log.notes:
            _move(log.notes, self._sort_notes, len(log.notes))
        while log.samples:
            self.samples.append(log.samples.popleft())

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


def _move(source: list[Any], put: Any, n: int) -> None:
    put(source[:n])
    del source[:n]      # one C call each: the socket's thread may append in between, but not within


class Store:
    """All sockets of a record. Not thread-safe: the recorder holds its lock around every call."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.kept: list[Kept] = []
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
        entries = sum(len(k.sends.frame) + len(k.recvs.frame) for k in self.kept)
        if entries <= self.limit:
            return
        fullest = max((s for k in self.kept for s in (k.sends, k.recvs)), key=lambda s: len(s.frame))
        self.forgotten = fullest.at[len(fullest.at) // 3]
        for kept in self.kept:
            for stream in (kept.sends, kept.recvs):
                stream.drop(bisect_left(stream.at, self.forgotten))


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
