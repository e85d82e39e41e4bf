"""What an answer prints goes into a short memory, not into the notebook.

A thread carries its `Sink` as an attribute; threads that it starts inherit it. While at least one trial
runs, ``sys.stdout`` and ``sys.stderr`` are routers that look at the thread which writes. Threads without
a sink (the notebook's own) write where they always did.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TextIO

from zmq.utils.garbage import GarbageCollectorThread

KEEP_LINES = 20
KEEP_CHARACTERS = 4000
_SINK = "_zmqcourse_sink"


class Sink:
    """The first lines printed by a family of threads, and a count of the rest; also the family's list."""

    def __init__(self) -> None:
        self.threads: list[threading.Thread] = []
        self.lines = 0
        self._kept: list[str] = []
        self._room = KEEP_CHARACTERS

    def adopt(self, thread: threading.Thread) -> None:
        """Make this thread one of the family. Call before it starts."""
        setattr(thread, _SINK, self)
        self.threads.append(thread)

    @contextmanager
    def around(self) -> Iterator[None]:
        """Threads that the calling thread starts meanwhile print into this sink."""
        thread = threading.current_thread()
        before = sink_of(thread)
        setattr(thread, _SINK, self)
        try:
            yield
        finally:
            setattr(thread, _SINK, before)

    def write(self, text: str) -> int:
        if self._room > 0 and self.lines < KEEP_LINES:
            self._kept.append(text[: self._room])
            self._room -= len(text)
        self.lines += text.count("\n")
        return len(text)

    @property
    def text(self) -> str:
        """What was printed: all of it if it is short, else its beginning and how much more there was."""
        lines = "".join(self._kept).splitlines()[:KEEP_LINES]
        more = self.lines - len(lines)
        if more > 0:
            lines.append(f"… and {more:,} more line{'s' * (more > 1)}")
        elif self._room < 0:
            lines.append("… and more")
        return "\n".join(lines)


def sink_of(thread: threading.Thread) -> Sink | None:
    return getattr(thread, _SINK, None)


class _Latest(threading.local):
    """This thread's latest trial: the verdict shows what was `printed` in it."""

    trial: Any = None


latest = _Latest()


class _Router:
    """Stands in for a text stream and sends each thread's text to where it belongs."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream

    def write(self, text: str) -> int:
        sink = sink_of(threading.current_thread())
        return self.stream.write(text) if sink is None else sink.write(text)

    def writelines(self, lines: Any) -> None:
        for line in lines:
            self.write(line)

    def flush(self) -> None:
        if sink_of(threading.current_thread()) is None:
            self.stream.flush()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)


_lock = threading.Lock()
_active = 0
_plain_start = threading.Thread.start


def _start(thread: threading.Thread) -> None:
    sink = sink_of(threading.current_thread())
    # pyzmq's thread that gives back what was sent without a copy serves the whole process, whoever was the first
    if sink is not None and sink_of(thread) is None and not isinstance(thread, GarbageCollectorThread):
        sink.adopt(thread)
    _plain_start(thread)


@contextmanager
def routing() -> Iterator[None]:
    """While this runs, threads with a sink (and threads that they start) print into it."""
    global _active
    with _lock:
        _active += 1
        if _active == 1:
            threading.Thread.start = _start  # type: ignore[method-assign]
            sys.stdout, sys.stderr = _Router(sys.stdout), _Router(sys.stderr)  # type: ignore[assignment]
    try:
        yield
    finally:
        with _lock:
            _active -= 1
            if _active == 0:
                threading.Thread.start = _plain_start  # type: ignore[method-assign]
                for name in ("stdout", "stderr"):
                    stream = getattr(sys, name)
                    if isinstance(stream, _Router):
                        setattr(sys, name, stream.stream)
