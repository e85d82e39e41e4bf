"""Keeps the running stages: ends them on time, when their cell runs again, when the program ends.

One thread looks at the bounds of all stages; it exists only while a stage runs.
"""

from __future__ import annotations

import atexit
import os
import threading
import weakref
from collections.abc import Callable

from ..roles import Cell, on_interrupt
from .face import AnyStage

PERIOD = 0.2  # seconds between two looks at the bounds

_lock = threading.Lock()
_known: weakref.WeakSet[AnyStage] = weakref.WeakSet()
_running: dict[AnyStage, Callable[[], None]] = {}     # each with what looks at its bounds
_changed = threading.Event()
_watcher: threading.Thread | None = None
_pid = os.getpid()
_hooked = False


def made(stage: AnyStage, cell: Cell) -> None:
    """A stage was made in `cell`: those that an earlier run of the same cell made are stopped."""
    global _hooked
    if cell.key:
        for other in list(_known):
            if other.cell.key == cell.key and other.cell.execution != cell.execution:
                other.stop()
        if not _hooked:
            _hooked = True
            on_interrupt(stop_all)
    _known.add(stage)


def started(stage: AnyStage, look: Callable[[], None]) -> None:
    """A stage runs: it is kept alive until `stopped`, and `look` is called meanwhile, a few times a second."""
    global _watcher
    with _lock:
        _running[stage] = look
        if _watcher is None:
            _changed.clear()
            _watcher = threading.Thread(target=_watch, name="stage watch", daemon=True)
            _watcher.start()


def stopped(stage: AnyStage) -> None:
    """A stage is over. When it was the last one, the watching thread is gone on return."""
    with _lock:
        _running.pop(stage, None)
        watcher = _watcher if not _running else None
        if watcher:
            _changed.set()
    if watcher and watcher is not threading.current_thread():
        watcher.join(0.5)


def running() -> list[AnyStage]:
    """The stages that run now."""
    with _lock:
        return list(_running)


def stop_all() -> None:
    """Stops every running stage of this process."""
    if os.getpid() == _pid:  # not in a forked child: the threads stayed with the parent
        for stage in running():
            stage.stop()


def _watch() -> None:
    global _watcher
    while True:
        with _lock:
            looks = list(_running.values())
            if not looks:
                _watcher = None
                return
            _changed.clear()
        for look in looks:
            look()
        _changed.wait(PERIOD)


atexit.register(stop_all)
