"""The thread that carries a feed's batches to the browser: 25 times a second at most while somebody looks, once a
second while nobody does. It never touches a socket. Views of one source share it."""

from __future__ import annotations

import contextlib
import threading
import time
import weakref
from collections.abc import Callable
from typing import Any

from .moment import Standing
from .seat import HEARTBEAT, Seat

PERIOD = 0.04  # seconds between batches
THINNED = 0.08  # the same where messages are only counted: their dots are drawn from the growth of the counts
ASK_ACTIONS = 0.2  # seconds between two looks at what the source offers

_pumps: weakref.WeakValueDictionary[int, Pump] = weakref.WeakValueDictionary()
_pumps_lock = threading.Lock()


def seat_for(source: Any, send: Callable[[dict[str, Any]], None], *, always: bool = False) -> Seat:
    """A place at the pump of this source, which begins with the first: ``send(batch)`` is called with what is new.
    Begin it with ``start()``. With ``always`` somebody looks, whatever is said."""
    with _pumps_lock:
        pump = _pumps.get(id(source))
        if pump is None or pump.over or pump.source is not source:
            pump = _pumps[id(source)] = Pump(source)
        return Seat(pump, send, always=always)


class Pump:
    """Polls ``source.feed()`` for its seats. Ends by itself when a batch says that the flow has ended, and with the
    last of its seats."""

    def __init__(self, source: Any) -> None:
        self.source = source
        self._feed = source.feed()
        self._lock = threading.RLock()  # a history and a batch never overtake each other
        self._halt = threading.Event()
        self._wake = threading.Event()
        self._thread = threading.Thread(target=self._run, name="zmqlive-view-pump", daemon=True)
        self._seats: list[Seat] = []
        self._serial = 0
        self._topo: dict[str, Any] = {}
        self._counts: dict[str, Any] = {}
        self._standing = Standing()
        self._actions: list[dict[str, Any]] | None = None
        self._asked = 0.0
        self._now = 0.0
        self.ended = False
        self.problem: Exception | None = None

    @property
    def running(self) -> bool:
        return self._thread.is_alive() and not self._halt.is_set()

    def serves(self, seat: Seat) -> bool:
        return seat in self._seats

    @property
    def over(self) -> bool:
        """Whether it has run and will not run again."""
        return self._halt.is_set() or self.ended or self.problem is not None

    def join(self, seat: Seat) -> None:
        """From now on this seat is served; one that comes later first gets all that was."""
        with self._lock:
            if self._serial:
                seat.give(self._history(), at_once=True)
            self._seats.append(seat)
            if not self._thread.is_alive() and not self.over:
                self._thread.start()
        self.wake()

    def leave(self, seat: Seat) -> None:
        """Serve it no more; with the last seat the thread ends, within one period and a half."""
        with self._lock:
            if seat in self._seats:
                self._seats.remove(seat)
            if self._seats:
                return
            self._halt.set()
        self.wake()
        if self._thread.is_alive() and threading.current_thread() is not self._thread:
            self._thread.join(2.0)

    def wake(self) -> None:
        """Somebody has begun to look."""
        self._wake.set()

    def _run(self) -> None:
        due = time.monotonic()
        while not self._halt.is_set():
            self._wake.clear()
            try:
                with self._lock:
                    batch = self._poll()
                    for seat in tuple(self._seats):
                        seat.give(batch, at_once=bool(batch.get("ended")))
            except Exception as error:  # a broken feed must be seen, not end in silence
                self.problem = error
                self._say_goodbye(error)
                return
            if batch.get("ended"):
                self.ended = True
                return
            seen = any(seat.looking for seat in tuple(self._seats))
            period = HEARTBEAT if not seen else PERIOD if batch.get("stride", 1) == 1 else THINNED
            due = max(due + period, time.monotonic() - PERIOD)
            self._wake.wait(max(0.005, due - time.monotonic()))
            if self._wake.is_set():
                due = time.monotonic()

    def _poll(self) -> dict[str, Any]:
        batch = dict(self._feed.poll())
        self._keep(batch)
        self._serial += 1
        batch["i"] = self._serial
        batch.pop("actions", None)  # the source itself knows better than its record what can be done to it
        if batch.get("ended"):
            self._actions = batch["actions"] = []
        elif (now := time.monotonic()) - self._asked >= ASK_ACTIONS:
            self._asked = now
            if (actions := self.source.actions()) != self._actions:
                self._actions = batch["actions"] = actions
        return batch

    def _keep(self, batch: dict[str, Any]) -> None:
        """What a still picture needs: how all stands now. Bounded by the topology, not by the flow."""
        self._now = batch.get("now", self._now)
        if batch.get("topo"):
            self._topo = batch["topo"]
        counts = batch.get("n") or {}
        for part in ("e", "x", "s"):
            if part in counts:
                self._counts[part] = {**self._counts.get(part, {}), **counts[part]}
        for part in ("blocked", "door"):
            if part in counts:
                self._counts[part] = counts[part]
        for event in batch.get("ev", ()):
            if event[1] in "kl":
                self._standing.apply(event)

    def _say_goodbye(self, error: Exception) -> None:
        text = " ".join(str(error).split()) or type(error).__name__
        for seat in tuple(self._seats):
            try:
                seat.give({"now": self._now, "ended": True, "error": f"The picture stopped: {text}"}, at_once=True)
            except Exception:  # the comm is gone as well: there is nobody left to tell
                self.problem = error

    def _history(self) -> dict[str, Any]:
        history = dict(self._feed.history())
        if self._actions is not None:
            history["actions"] = self._actions
        history["ended"] = bool(history.get("ended")) or self.ended
        history["i"] = self._serial
        return history

    def send_history(self, seat: Seat, view: str) -> None:
        """All that is kept, for a reloaded page or a second display; ``view`` says who asked."""
        with self._lock:
            seat.flush()
            seat.send({"history": self._history(), "view": view})

    def snapshot(self) -> dict[str, Any]:
        """How all stands: {"topo", "n", "roles", "labels", "now"}, as ``still`` draws it."""
        with self._lock:
            if not self._serial and not self.over:      # asked for before the thread has looked a first time
                with contextlib.suppress(Exception):    # a broken feed is the thread's to tell
                    batch = self._poll()
                    for seat in tuple(self._seats):
                        seat.give(batch, at_once=bool(batch.get("ended")))
            roles, labels = dict(self._standing.roles), dict(self._standing.labels)
            return {"topo": self._topo, "n": dict(self._counts), "roles": roles, "labels": labels, "now": self._now}
