"""What a worker wrote down itself: a file in memory that outlives its writer, however that dies.

Every task is noted when its work begins and again when it is done, both **before** the worker says so to
anybody. Whatever a ledger counts, it counts from these notes and never from a broker's word. The file is
mapped into memory by its writer and by who reads along, so that a note is there the moment it is made.
"""

from __future__ import annotations

import mmap
import struct
import time
from pathlib import Path

CAPACITY = 400_000  # notes of each kind; more are counted, but not kept
ENDED, FAILED = 1, 2
_STARTED, _DONE, _READY, _STATE, _HELD, _HALTED, _GATED, _TEXT = 0, 4, 8, 12, 16, 20, 24, 64
_TEXT_SIZE, _HEAD = 400, 512
_NUMBER, _ENTRY = struct.Struct("<I"), struct.Struct("<Id")

Note = tuple[int, float]  # the task's number; when, in seconds of the machine's monotonic clock


class Notes:
    """The notes of one process. Numbers of tasks are those of `body` and `number`, below."""

    def __init__(self, path: Path | str, *, create: bool = False) -> None:
        self.path = Path(path)
        size = _HEAD + 2 * CAPACITY * _ENTRY.size
        if create:
            with self.path.open("wb") as file:
                file.truncate(size)  # a hole: it takes no room until something is written
        with self.path.open("r+b") as file:
            self._map = mmap.mmap(file.fileno(), size)

    def close(self) -> None:
        self._map.close()

    # --- by the process that is at work

    def start(self, number: int) -> None:
        """The work on this task begins. Waits here while the process is held."""
        self._note(_STARTED, 0, number)
        if self.held:
            self._set(_HALTED, 1)
            while self.held:
                time.sleep(0.005)
            self._set(_HALTED, 0)

    def done(self, number: int) -> None:
        """The work on this task is done; nobody has been told yet."""
        self._note(_DONE, CAPACITY, number)

    def ready(self) -> None:
        """It would get tasks from now on. Waits here, before it takes the first, while it is gated."""
        self._set(_READY, 1)
        while self.gated:
            time.sleep(0.005)

    def end(self, error: str = "") -> None:
        text = error.encode()[:_TEXT_SIZE]
        self._map[_TEXT : _TEXT + len(text)] = text
        self._set(_STATE, FAILED if error else ENDED)

    # --- by who watches it

    @property
    def count(self) -> int:
        """Tasks done; of a producer, tasks that count as sent."""
        return self._get(_DONE)

    @property
    def is_halted(self) -> bool:
        """Whether it stands in a task that it has begun, because it is held."""
        return bool(self._get(_HALTED))

    @property
    def is_ready(self) -> bool:
        return bool(self._get(_READY))

    @property
    def state(self) -> int:
        """0, ENDED or FAILED."""
        return self._get(_STATE)

    @property
    def error(self) -> str:
        return bytes(self._map[_TEXT : _TEXT + _TEXT_SIZE]).rstrip(b"\0").decode(errors="replace")

    @property
    def held(self) -> bool:
        return bool(self._get(_HELD))

    @held.setter
    def held(self, value: bool) -> None:
        self._set(_HELD, int(value))

    @property
    def gated(self) -> bool:
        return bool(self._get(_GATED))

    @gated.setter
    def gated(self, value: bool) -> None:
        self._set(_GATED, int(value))

    @property
    def started_notes(self) -> list[Note]:
        return self._notes(_STARTED, 0)

    @property
    def done_notes(self) -> list[Note]:
        return self._notes(_DONE, CAPACITY)

    # --- the file

    def _note(self, counter: int, first: int, number: int) -> None:
        count = self._get(counter)
        if count < CAPACITY:
            _ENTRY.pack_into(self._map, _HEAD + (first + count) * _ENTRY.size, number, time.monotonic())
        self._set(counter, count + 1)  # after the entry: a reader never sees one that is not there

    def _notes(self, counter: int, first: int) -> list[Note]:
        count, at = min(self._get(counter), CAPACITY), _HEAD + first * _ENTRY.size
        return list(_ENTRY.iter_unpack(self._map[at : at + count * _ENTRY.size]))

    def _get(self, offset: int) -> int:
        return _NUMBER.unpack_from(self._map, offset)[0]

    def _set(self, offset: int, value: int) -> None:
        _NUMBER.pack_into(self._map, offset, value)


def body(number: int, size: int = 100) -> bytes:
    """A task: its number in eight digits, and what it takes to be `size` bytes long. All of it is ASCII."""
    return (b"%08d" % number).ljust(size, b".")


def number(body: bytes) -> int:
    return int(bytes(body[:8]))
