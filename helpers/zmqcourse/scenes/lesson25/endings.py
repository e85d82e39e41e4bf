"""Programs that come to an end while somebody should still hear from them: what arrives, and what hangs."""

from __future__ import annotations

import queue
import socket
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import zmq
import zmqlive
from zmqlive import figures
from zmqlive.figures import Plot, Strip
from zmqlive.roles import interrupts

LONG = 1.0  # seconds after which an end is no longer waited for
SOON = 0.2  # seconds after which a late sink is there
LAST_WORDS = 10  # messages
LINGERS = {-1: "LINGER −1", 0: "LINGER 0", 500: "LINGER 500"}
SINKS = ("is there", "comes late", "never comes")
READINGS, TOO_MANY = 200, 1500  # the second is more than a socket takes that is connected to nobody
PATIENCE = 20.0  # seconds
COURSE = Path(__file__).parents[2]
LIBRARIES = (str(COURSE), *(str(Path(each.__file__).parent) for each in (zmq, zmqlive, threading)))


class Place:
    """An endpoint at which nobody is, until somebody comes."""

    def __init__(self) -> None:
        self._kept = socket.socket()
        self._kept.bind(("127.0.0.1", 0))  # and does not listen: who connects is refused
        self.endpoint = f"tcp://127.0.0.1:{self._kept.getsockname()[1]}"
        self.took: list[bytes] = []
        self._over = threading.Event()
        self._there = threading.Event()
        self._sink: threading.Thread | None = None

    def come(self, kind: int = zmq.PULL) -> None:
        """Somebody binds, and takes all that is sent, until the place is left."""
        self._kept.close()
        self._sink = threading.Thread(target=self._take, args=(kind,), daemon=True)
        self._sink.start()
        self._there.wait(PATIENCE)

    def _take(self, kind: int) -> None:
        with zmq.Context() as ctx, ctx.socket(kind) as sink:
            sink.bind(self.endpoint)
            self._there.set()
            while not self._over.is_set() or sink.poll(50):
                if sink.poll(20):
                    self.took.append(sink.recv_multipart()[-1])

    def leave(self) -> None:
        self._over.set()
        self._kept.close()
        if self._sink is not None:
            self._sink.join(PATIENCE)


@contextmanager
def place() -> Iterator[Place]:
    found = Place()
    try:
        yield found
    finally:
        found.leave()


def stands(thread: threading.Thread) -> str:
    """The line of the program at which this thread is now, pyzmq's own left out; "" when it has ended."""
    frame = sys._current_frames().get(thread.ident or 0)
    lines = [each for each in traceback.extract_stack(frame) if frame and not _of_a_library(each.filename)]
    return f"{lines[-1].name}: {lines[-1].line}" if lines else ""


def _of_a_library(file: str) -> bool:
    return file.startswith(LIBRARIES)


def _is_still(thread: threading.Thread) -> None:
    """Waits until the thread is at the same line for a while: it is blocked, or has ended."""
    end, same, before = time.monotonic() + PATIENCE, 0, ""
    while thread.is_alive() and same < 8 and time.monotonic() < end:
        now = stands(thread)
        same, before = (same + 1 if now == before else 0), now
        interrupts.original(0.02)


# --- a context that is to end


def woken(works: Callable[..., Any], early: bool) -> float | None:
    """`works(ctx, endpoint, early)` waits for an answer that never comes; its context is terminated. Seconds until that
    has an end; None: not within `LONG`. (Then somebody comes and takes what holds it up.)"""
    with place() as nowhere:
        ctx = zmq.Context()
        thread = _started(works, ctx, nowhere.endpoint, early)
        _is_still(thread)
        began = time.monotonic()
        ending = _started(ctx.term)
        ending.join(LONG)
        seconds = None if ending.is_alive() else time.monotonic() - began
        nowhere.come(zmq.ROUTER)
        ending.join(PATIENCE)
        thread.join(PATIENCE)
        return seconds


def at_the_end(goes: Callable[[str, int], Any]) -> Plot:
    """`goes(endpoint, linger)` sends `LAST_WORDS` messages and comes to its end: for each LINGER and each sink, what
    arrived and how long the end took."""
    found: dict[tuple[int, str], Strip] = {}
    tries = [_started(_one_end, goes, linger, sink, found) for linger in LINGERS for sink in SINKS]
    for each in tries:
        each.join(PATIENCE)
    kinds = {"arrived": "lane0", "lost": "bad"}
    drawn = [found[linger, sink] for linger in LINGERS for sink in SINKS]
    return figures.strips(f"The last {LAST_WORDS} messages", drawn, kinds, x="messages")


def _one_end(goes: Callable[[str, int], Any], linger: int, sink: str, found: dict[tuple[int, str], Strip]) -> None:
    with place() as where:
        if sink == "is there":
            where.come()
        began = time.monotonic()
        thread = _started(goes, where.endpoint, linger)
        thread.join(LONG if sink != "comes late" else SOON)
        if sink == "comes late":
            where.come()
            thread.join(LONG)
        hangs, seconds = thread.is_alive(), time.monotonic() - began
        if hangs:  # so that it comes to an end after all
            where.come()
            thread.join(PATIENCE)
    arrived = 0 if hangs else len(where.took)
    told = "still waits" if hangs else f"ended after {seconds:.1f} s"
    parts = {"arrived": arrived, "lost": LAST_WORDS - arrived} if not hangs else {}
    found[linger, sink] = Strip(f"{LINGERS[linger]}, sink {sink}", parts, told)


# --- an evening


def evening(clerk: Callable[..., Any]) -> str:
    """`clerk(readings, sink, stop)` is stopped twice: while its sink is away for a moment, and while it is away for
    good. What arrived, and where it stands."""
    with place() as sink:
        readings: queue.Queue[bytes] = queue.Queue()
        stop = threading.Event()
        for number in range(READINGS):
            readings.put(b"%d" % number)
        thread = _started(clerk, readings, sink.endpoint, stop)
        stop.set()
        interrupts.original(SOON)
        sink.come()
        thread.join(PATIENCE)
    told = f"its sink came back {SOON:g} s after the stop: {len(sink.took)} of {READINGS} readings arrived\n"
    with place() as sink:
        stop.clear()
        for number in range(TOO_MANY):
            readings.put(b"%d" % number)
        thread = _started(clerk, readings, sink.endpoint, stop)
        _is_still(thread)
        stop.set()
        thread.join(LONG)
        where = stands(thread) or "its end"
        told += f"its sink is away, {TOO_MANY} readings: {LONG:g} s after the stop it is at `{where}`"
        sink.come()
        thread.join(PATIENCE)
    return told


def _started(target: Callable[..., Any], *args: Any) -> threading.Thread:
    thread = threading.Thread(target=target, args=args, daemon=True)
    thread.start()
    return thread
