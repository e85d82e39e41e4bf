"""One direction of one socket, as it is kept: columns that only grow at their end and shrink at their beginning."""

from __future__ import annotations

import sys
from array import array
from collections.abc import Iterator
from itertools import accumulate, repeat
from typing import NamedTuple

from ...trace import WHOLE
from .entry import MORE, Columns

MANY = 1_000     # entries at a time that are put away as they come

_LENGTH = bytes(kind & ~MORE for kind in range(256))    # for `translate`: the length in a kind
_LONG = bytes(int((kind & ~MORE) > WHOLE) for kind in range(256))


class Place(NamedTuple):
    """Where to read on: so many entries, kept bytes and long frames came before, counted from the very first."""

    entry: int = 0
    byte: int = 0
    size: int = 0


START = Place()


class Stream:
    """Times (ns), kinds, kept bytes and true lengths (see `Columns`). `dropped` is what came before the first.

    Many at a time are put away as they come, and put behind the others when somebody reads."""

    __slots__ = ("_at", "_away", "_data", "_entries", "_kinds", "_since", "_sizes", "dropped")

    def __init__(self) -> None:
        self._at: array[int] = array("q")
        self._since: array[int] = array("q")    # receiving: when the socket was asked
        self._kinds, self._data = bytearray(), bytearray()
        self._sizes: array[int] = array("q")
        self._away: list[Columns] = []
        self._entries = 0
        self.dropped = START

    def __len__(self) -> int:
        """The entries that are kept, a frame each."""
        return self._entries

    @property
    def room(self) -> int:
        """The memory that it takes, in bytes."""
        self._read()
        return sum(map(sys.getsizeof, (self._at, self._since, self._kinds, self._data, self._sizes)))

    @property
    def at(self) -> array[int]:
        return self._read()._at

    @property
    def since(self) -> array[int]:
        return self._read()._since

    @property
    def end(self) -> Place:
        """Behind all that there ever was."""
        self._read()
        return Place(self.dropped.entry + len(self._kinds), self.dropped.byte + len(self._data),
                     self.dropped.size + len(self._sizes))

    def extend(self, new: Columns) -> None:
        """Put these behind the last."""
        self._entries += len(new.kinds)
        self._away.append(new)
        if len(new.kinds) < MANY:
            self._read()

    def _read(self) -> Stream:
        """Itself, with nothing put away."""
        for new in self._away:
            self._at.frombytes(new.at)
            self._since.frombytes(new.since)
            self._kinds += new.kinds
            self._data += new.data
            self._sizes.frombytes(new.sizes)
        self._away.clear()
        return self

    def drop(self, n: int) -> None:
        """Forget the `n` oldest entries, and the rest of a message that begins there."""
        self._read()
        while 0 < n < len(self._kinds) and self._kinds[n - 1] & MORE:
            n += 1
        gone = self._beyond(self.dropped, 0, n)
        length, sizes = gone.byte - self.dropped.byte, gone.size - self.dropped.size
        del self._at[:n], self._since[:n], self._kinds[:n], self._data[:length], self._sizes[:sizes]
        self._entries = len(self._kinds)
        self.dropped = gone

    def after(self, place: Place) -> Place:
        """Where to read on after `place`, behind the last whole message."""
        self._read()
        place = max(place, self.dropped)
        begin, n = place.entry - self.dropped.entry, len(self._kinds)
        while n > begin and self._kinds[n - 1] & MORE:
            n -= 1
        return self._beyond(place, begin, n)

    def _beyond(self, place: Place, begin: int, end: int) -> Place:
        """The place behind the entries from `begin`, which is at `place`, to `end`."""
        kinds = self._kinds[begin:end]
        return Place(place.entry + len(kinds), place.byte + sum(kinds.translate(_LENGTH)),
                     place.size + (sum(kinds.translate(_LONG)) if self._sizes else 0))

    def messages(self, place: Place = START) -> Iterator[tuple[int, int, tuple[bytes, ...], int]]:
        """Whole messages from `place` on: (at, since, frames, size in bytes)."""
        self._read()
        place = max(place, self.dropped)
        begin = place.entry - self.dropped.entry
        kinds = bytes(self._kinds[begin:])
        data = bytes(self._data[place.byte - self.dropped.byte:])
        at, since = self._at[begin:], self._since[begin:] or repeat(0)
        if kinds and max(kinds) <= WHOLE:       # a frame a message, none of them long
            start = 0
            for t, asked, end in zip(at, since, accumulate(kinds), strict=False):
                yield t, asked, (data[start:end],), end - start
                start = end
            return
        sizes = iter(self._sizes[place.size - self.dropped.size:])
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
        self._read()
        kinds = self._kinds[-n:]
        begin = len(self._data) - sum(kinds.translate(_LENGTH))
        found, before = [], self._kinds[-n - 1] if len(self._kinds) > n else 0
        for kind in kinds:
            end = begin + (kind & ~MORE)
            if not before & MORE:
                found.append(bytes(self._data[begin:end]))
            begin, before = end, kind
        return found

    @property
    def in_parts(self) -> bool:
        """Whether the latest message has several frames."""
        self._read()
        return len(self._kinds) > 1 and bool(self._kinds[-2] & MORE)
