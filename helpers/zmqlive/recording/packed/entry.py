"""What a socket's own thread writes down of a frame, and how many of these become columns.

An entry is the frame itself (bytes), or `[ends, size]` where it is not worth holding; in a 1-tuple when more frames of
the same message follow.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from ...trace import WHOLE

HELD = 1024         # bytes up to which a frame is held as it is until it is collected: cutting it costs more
MANY = 16_384       # entries of one direction that may hold such frames: 17 MB
MORE = 0x80         # in a kind: more frames of the same message follow

Entry = bytes | list[Any] | tuple[Any]


class Columns(NamedTuple):
    """Entries of one direction, the form in which they are kept: times (ns, 8 bytes each), a kind each (the length that
    is kept, and MORE), the kept bytes one after the other, and the true lengths of those that are not kept whole."""

    at: bytes
    since: bytes
    kinds: bytes
    data: bytes
    sizes: bytes


def ends(frame: Any) -> bytes:
    """What is kept of a frame (anything with a buffer): up to 64 bytes all, else its first 32 and last 33."""
    if isinstance(frame, bytes):
        data: Any = frame
    else:
        view = frame.buffer if hasattr(frame, "buffer") else memoryview(frame)
        data = view.cast("B") if view.contiguous and view.nbytes else bytes(view)
    return bytes(data) if len(data) <= WHOLE else bytes(data[:32]) + bytes(data[-33:])


def shorten(frame: Any) -> Entry:
    """The entry of any frame, with no more of it than is kept."""
    if frame.__class__ is bytes:
        return frame if len(frame) <= WHOLE else [frame[:32] + frame[-33:], len(frame)]
    kept = ends(frame)
    if len(kept) <= WHOLE:
        return kept
    return [kept, len(frame) if hasattr(frame, "buffer") else memoryview(frame).nbytes]


def unwrap(entry: Entry) -> tuple[bytes, int, bool]:
    """What is kept of the frame, its true length, and whether more follow."""
    more = entry.__class__ is tuple
    if more:
        entry = entry[0]
    if entry.__class__ is list:
        kept, size = entry
        return kept, size, more
    return ends(entry), len(entry), more


def pack(entries: list[Entry]) -> tuple[bytes, bytes, list[int]]:
    """Kinds, data and sizes of these entries."""
    if set(map(type, entries)) == {bytes}:
        lengths = list(map(len, entries))
        if max(lengths) <= WHOLE:
            return bytes(lengths), b"".join(entries), []
        kept = [frame if len(frame) <= WHOLE else frame[:32] + frame[-33:] for frame in entries]
        return bytes(map(len, kept)), b"".join(kept), [n for n in lengths if n > WHOLE]
    kinds, data, sizes = bytearray(), [], []
    for entry in entries:
        kept, size, more = unwrap(entry)
        kinds.append(len(kept) | MORE if more else len(kept))
        data.append(kept)
        if size > WHOLE:
            sizes.append(size)
    return bytes(kinds), b"".join(data), sizes
