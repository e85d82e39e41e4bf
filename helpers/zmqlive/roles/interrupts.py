"""Sleeps that end when they must.

`time.sleep` cannot be interrupted from another thread, and learners write `time.sleep`. So while a stage
runs, `time.sleep` is a function that, in a stage's own threads, waits for the role's end as well. In every
other thread it is the original. `from time import sleep` in a role's module is covered too: the name is
replaced there for as long as stages run.
"""

from __future__ import annotations

import functools
import threading
import time
from collections.abc import Callable, Iterator
from types import CodeType, FunctionType
from typing import Any

import zmq

original: Callable[[float], None] = time.sleep
clock = time.perf_counter_ns
_SHORT = 0.02  # seconds: below this the original is more exact, and nobody waits for it

_lock = threading.Lock()
_users = 0
_renamed: list[tuple[dict[str, Any], str]] = []
_here = threading.local()


class Bell:
    """Wakes one role: rung once, it makes every sleep of that role's thread raise `zmq.ContextTerminated`."""

    def __init__(self) -> None:
        self._rung = threading.Event()

    def ring(self) -> None:
        self._rung.set()

    @property
    def rung(self) -> bool:
        return self._rung.is_set()

    def sleep(self, seconds: float) -> None:
        """Sleeps like `time.sleep`; raises `zmq.ContextTerminated` as soon as the bell rings."""
        if not self._rung.is_set():
            if seconds <= _SHORT:
                original(seconds)
            else:
                self._rung.wait(seconds)
        if self._rung.is_set():
            raise zmq.ContextTerminated()

    def listen(self) -> None:
        """Makes `time.sleep` in the calling thread obey this bell."""
        _here.bell = self


@functools.wraps(original)
def _sleep(seconds: float, /) -> None:
    bell: Bell | None = getattr(_here, "bell", None)
    if bell is None:
        original(seconds)
    else:
        bell.sleep(seconds)


def begin() -> None:
    """Replaces `time.sleep`; each call needs one `finish`."""
    global _users
    with _lock:
        _users += 1
        if time.sleep is original:
            time.sleep = _sleep


def finish() -> None:
    """Puts the original back when the last user is gone."""
    global _users
    with _lock:
        _users -= 1
        if _users:
            return
        if time.sleep is _sleep:
            time.sleep = original
        for names, name in _renamed:
            if names.get(name) is _sleep:
                names[name] = original
        _renamed.clear()


def cover(function: Callable[..., Any]) -> None:
    """Covers `from time import sleep` in the module of `function`, between `begin` and `finish`."""
    while isinstance(function, functools.partial):
        function = function.func
    function = getattr(function, "__func__", function)
    if not isinstance(function, FunctionType):
        return
    with _lock:
        if not _users:
            return
        names = function.__globals__
        for name in set(_names(function.__code__)):
            if names.get(name) is original:
                names[name] = _sleep
                _renamed.append((names, name))


def _names(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield from _names(inner)
