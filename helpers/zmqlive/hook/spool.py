"""Where a program writes its record: files of a few megabytes in the folder that ZMQLIVE names, one after the other.

Each entry is one `write` to the end of a file. That costs a microsecond, wakes nobody, never waits for a reader, and
what was written outlives the program, however it ends. Whoever collects reads the files as they grow and removes those
that it is done with. While more than `MOST` wait for that, only what is rare is written, and messages are counted.

A file's name is `NUMBER.PART`, and while the program lives its newest file is locked, so that its end is known even
where process numbers mean nothing (in a container).
"""

from __future__ import annotations

import contextlib
import os
import threading
from pathlib import Path

try:
    import fcntl
except ImportError:         # Windows: a file that is open there cannot be removed, which tells the same
    fcntl = None  # type: ignore[assignment]

PART = 4 << 20      # bytes of a file
MOST = 16           # files that may wait for a reader
LOOK = 500          # entries that are not written between two looks whether there is room again


class Spool:
    """One program's files. `write` is for any thread, also within a signal handler; it raises nothing."""

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        """Raises OSError when nothing can be written there."""
        self.folder = Path(folder)
        self._name = Path(folder, f"{os.getpid()}-{os.urandom(4).hex()}")
        self._lock = threading.RLock()      # a signal handler may come in between
        self._part = -1
        self._left = 0
        self._file = -1
        self.full = False       # no reader keeps up: only what is rare finds room
        self._next()

    def write(self, entry: bytes) -> None:
        """Write one entry; after an error (no room on the disk, the folder is gone) nothing is written any more."""
        with self._lock:
            if self._file < 0:
                return
            try:
                if self._left < len(entry):
                    self._next()
                os.write(self._file, entry)
                self._left -= len(entry)
            except OSError:
                self.close()

    def look(self) -> None:
        """Is there room again?"""
        with self._lock:
            oldest = self._part - MOST
            self.full = oldest >= 0 and self._path(oldest).exists()

    def close(self) -> None:
        """Write no more."""
        with self._lock:
            file, self._file = self._file, -1
            if file >= 0:
                with contextlib.suppress(OSError):
                    os.close(file)

    def forget(self) -> None:
        """In a forked child this is the parent's, and its lock may be held by a thread that is not here."""
        self._lock = threading.RLock()
        self.close()

    def _path(self, part: int) -> Path:
        return self._name.with_name(f"{self._name.name}.{part}")

    def _next(self) -> None:
        """Begin a file. It is locked before it has its name, and the one before is let go of after that."""
        part = self._part + 1
        new = self._name.with_name(f"{self._name.name}.new") if fcntl else self._path(part)
        file = claim(new)
        try:
            os.rename(new, self._path(part))
        except OSError:
            os.close(file)
            raise
        old, self._file, self._part, self._left = self._file, file, part, PART
        if old >= 0:
            os.close(old)
        self.look()


def claim(path: str | os.PathLike[str]) -> int:
    """Open a file to add to, which is this process's own while it lives; the descriptor. Raises OSError: another has
    it."""
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0), 0o600)
    if fcntl:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(file)
            raise FileExistsError(f"{path}: another process has it") from error
    return file


def lives(path: str | os.PathLike[str]) -> bool:
    """Whether the program that writes this file is there. Where files have no locks it is taken to be."""
    if not fcntl:
        return True
    try:
        file = os.open(path, os.O_RDONLY)
    except OSError:
        return False
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(file)
    return False
