"""`Disk`: a log file with a power switch.

What a program has written is in three places, one after the other: in its own buffer, with the operating system, on the
disk. A killed program loses what is in the first; a power cut loses what is in the first two. No kill can show the
second loss, for the operating system lives on and writes everything down. So this file knows how far it was synced, and
`power_cut` takes away the rest.

    disk = Disk("orders.log")
    disk.write(b"order 1\\n")       # with the operating system: survives this program
    disk.sync()                    # on the disk: survives a power cut
    disk.write(b"order 2\\n")
    disk.power_cut()               # order 2 is gone
"""

from __future__ import annotations

import io
import os
import struct
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

_BINARY = getattr(os, "O_BINARY", 0)
_BOOK = struct.Struct("!QQ")  # bytes that are on the disk, and how many syncs there were


class Disk(io.RawIOBase):
    """A file that is written at its end, at `path`, made where there is none. What it holds by then is on the disk.

    `sync` takes `latency` seconds at least: a disk that spins takes some hundredths of one, where others take a
    thousandth. It may be set at any time, and counts for this object. `on_mark(what)` is told of a power cut, in the
    thread that did it. Raises OSError where the file cannot be opened.

    Each process opens its own: a Disk that is handed to a role in a process of its own is opened there, and both know
    how far it was synced. One process writes at a time. It is a raw file: `io.BufferedWriter(disk)` is to it what
    `open(path, "ab")` is to a file.

    **What it simulates** is the worst case of an orderly disk: everything that was synced stays, nothing else does. The
    `fsync` in `sync` is real. **Real disks** may do better: the system writes down by itself what is some seconds old.
    And worse: half of the last record may be there, later pieces without earlier ones, or no file at all, as its name
    stands in a folder that was not synced; a disk may say that it has written what is in its cache still; after an
    `fsync` that failed, the next one may succeed without the data. Who reads a log after a crash looks at each record
    (a length, a checksum), and this file does not make you do that.
    """

    def __init__(self, path: str | os.PathLike[str], *, name: str = "disk", latency: float = 0.0,
                 on_mark: Callable[[str], None] | None = None) -> None:
        self.path, self.name, self.latency = Path(path), name, latency
        self._on_mark = on_mark
        self._lock = threading.Lock()
        self._open: list[int] = []
        self._file = self._opened(self.path, os.O_APPEND)
        # Bytes that were handed to the system survive a kill, and those of one small write do so together.
        self._book = self._opened(f"{self.path}.synced", 0)
        if os.fstat(self._book).st_size < _BOOK.size:
            self._note(self.size, 0)

    def __reduce__(self) -> Any:
        return _made, (os.fspath(self.path), self.name, self.latency)

    def __repr__(self) -> str:
        held = "closed" if self.closed else f"{self.size} bytes, {self.synced} of them synced"
        return f"<Disk {self.name!r} {self.path}, {held}>"

    @property
    def size(self) -> int:
        """Bytes that were written."""
        return os.fstat(self._file).st_size

    @property
    def synced(self) -> int:
        """Bytes that are on the disk: those at the beginning."""
        return self._known()[0]

    @property
    def syncs(self) -> int:
        """How many times it was synced, by whichever process."""
        return self._known()[1]

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        """Append `data`, bytes, and hand it to the operating system. Returns how many were taken: all."""
        left = memoryview(data).cast("B")
        size = len(left)
        while left:
            left = left[os.write(self._file, left):]
        return size

    def sync(self) -> None:
        """See to it that what was written is on the disk. Raises OSError when it is not (a full or a broken disk)."""
        size, began = self.size, time.monotonic()
        os.fsync(self._file)
        time.sleep(max(0.0, began + self.latency - time.monotonic()))
        synced, syncs = self._known()
        self._note(max(size, synced), syncs + 1)

    def power_cut(self) -> int:
        """The power fails: what was not synced is gone. Returns how many bytes that are. Who writes to it goes down
        with the machine: kill them before."""
        lost = self.size - self.synced
        os.ftruncate(self._file, self.synced)
        if self._on_mark:
            self._on_mark(f"power cut, {lost:,} bytes lost")
        return lost

    def close(self) -> None:
        """Give the file back; it stays where it is. Harmless when called again."""
        while self._open:
            os.close(self._open.pop())
        self._file = self._book = -1  # the numbers are another file's soon
        super().close()

    def _opened(self, path: str | os.PathLike[str], how: int) -> int:
        self._open.append(os.open(path, os.O_RDWR | os.O_CREAT | _BINARY | how, 0o644))
        return self._open[-1]

    def _known(self) -> tuple[int, int]:
        with self._lock:
            os.lseek(self._book, 0, os.SEEK_SET)
            return _BOOK.unpack(os.read(self._book, _BOOK.size))

    def _note(self, synced: int, syncs: int) -> None:
        with self._lock:
            os.lseek(self._book, 0, os.SEEK_SET)
            os.write(self._book, _BOOK.pack(synced, syncs))


def _made(path: str, name: str, latency: float) -> Disk:
    return Disk(path, name=name, latency=latency)
