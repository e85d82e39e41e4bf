"""One direction of one socket, as it is kept: columns that only grow at their end and shrink at their beginning."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from itertools import accumulate, repeat
from typing import NamedTuple

from ...trace import WHOLE
from .entry import MORE, Columns

_LENGTH = bytes(kind & ~MORE for kind in range(256))    # for `translate`: the length in a kind
_LONG = bytes(int((kind & ~MORE) > WHOLE) for kind in range(256))


class Place(NamedTuple):
    """Where to read on: so many entries, kept bytes and long frames came before, counted from the very first."""

    entry: int = 0
    byte: int = 0
    size: int = 0


START = Place()


class Stream:
    """Times (ns), kinds, kept bytes and true lengths (see `Columns`). `dropped` is what came before the first."""

    __slots__ = ("at", "data", "dropped", "kinds", "since", "sizes")

    def __init__(self) -> None:
        self.at: array[int] = array("q")
        self.since: array[int] = array("q")     # receiving: when the socket was asked
        self.kinds, self.data = bytearray(), bytearray()
        self.sizes: array[int] = array("q")
        self.dropped = START

    def __len__(self) -> int:
        """The entries that are kept, a frame each."""
        return len(self.kinds)

    @property
    def end(self) -> Place:
        """Behind all that there ever was."""
        return Place(self.dropped.entry + len(self.kinds), self.dropped.byte + len(self.data),
                     self.dropped.size + len(self.sizes))

    def extend(self, new: Columns) -> None:
        """Put these behind the last."""
        self.at.frombytes(new.at)
        self.since.frombytes(new.since)
        self.kinds += new.kinds
        self.data += new.data
        self.sizes.frombytes(new.sizes)

    def drop(self, n: int) -> None:
        """Forget the `n` oldest entries, and the rest of a message that begins there."""
        while 0 < n < len(self.kinds) and self.kinds[n - 1] & MORE:
            n += 1
        gone = self._beyond(self.dropped, 0, n)
        length, sizes = gone.byte - self.dropped.byte, gone.size - self.dropped.size
        del self.at[:n], self.since[:n], self.kinds[:n], self.data[:length], self.sizes[:sizes]
        self.dropped = gone

    def after(self, place: Place) -> Place:
        """Where to read on after `place`, behind the last whole message."""
        place = max(place, self.dropped)
        begin, n = place.entry - self.dropped.entry, len(self.kinds)
        while n > begin and self.kinds[n - 1] & MORE:
            n -= 1
        return self._beyond(place, begin, n)

    def _beyond(self, place: Place, begin: int, end: int) -> Place:
        """The place behind the entries from `begin`, which is at `place`, to `end`."""
        kinds = self.kinds[begin:end]
        return Place(place.entry + len(kinds), place.byte + sum(kinds.translate(_LENGTH)),
                     place.size + (sum(kinds.translate(_LONG)) if self.sizes else 0))

    def messages(self, place: Place = START) -> Iterator[tuple[int, int, tuple[bytes, ...], int]]:
        """Whole messages from `place` on: (at, since, frames, size in bytes)."""
        place = max(place, self.dropped)
        begin = place.entry - self.dropped.entry
        kinds = bytes(self.kinds[begin:])
        data = bytes(self.data[place.byte - self.dropped.byte:])
        at, since = self.at[begin:], self.since[begin:] or repeat(0)
        if kinds and max(kinds) <= WHOLE:       # a frame a message, none of them long
            start = 0
            for t, asked, end in zip(at, since, accumulate(kinds), strict=False):
                yield t, asked, (data[start:end],), end - start
                start = end
            return
        sizes = iter(self.sizes[place.size - self.dropped.size:])
        start = size = first = 0
        frames: list[bytes] = []
        for kind, t, asked in zip(kinds, at, since, strict=False):
            length = kind & ~MORE
            if not frames:
                first = asked
            frames.append(data[start:start + length])
            size += length if length <= WHOLE else next(sizes)
            start += length
            if not kind & MORE:
                yield t, first, tuple(frames), size
                frames, size = [], 0

    def first_frames(self, n: int) -> list[bytes]:
        """The first frame of each message that begins within the `n` latest entries."""
        kinds = self.kinds[-n:]
        begin = len(self.data) - sum(kinds.translate(_LENGTH))
        found, before = [], self.kinds[-n - 1] if len(self.kinds) > n else 0
        for kind in kinds:
            end = begin + (kind & ~MORE)
            if not before & MORE:
                found.append(bytes(self.data[begin:end]))
            begin, before = end, kind
        return found

    @property
    def in_parts(self) -> bool:
        """Whether the latest message has several frames."""
        return len(self.kinds) > 1 and bool(self.kinds[-2] & MORE)
