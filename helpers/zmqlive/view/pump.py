"""The thread that carries a feed's batches to the browser, 25 times a second at most; it never touches a
socket."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

PERIOD = 0.04  # seconds between batches
ASK_ACTIONS = 0.2  # seconds between two looks at what the source offers
HEARTBEAT = 1.0  # seconds: silence longer than this tells the browser that the kernel is gone
SAYING = ("topo", "ev", "n", "actions", "ended")


class Pump:
    """Polls ``source.feed()`` and calls ``send(batch)``. Ends by itself when a batch says that the flow has
    ended."""

    def __init__(self, source: Any, send: Callable[[dict[str, Any]], None]) -> None:
        self._feed = source.feed()
        self._source = source
        self._send = send
        self._lock = threading.Lock()  # a history and a batch never overtake each other
        self._halt = threading.Event()
        self._thread = threading.Thread(target=self._run, name="zmqlive-view-pump", daemon=True)
        self._topo: dict[str, Any] = {}
        self._counts: dict[str, Any] = {}
        self._roles: dict[str, str] = {}
        self._actions: list[dict[str, Any]] | None = None
        self._asked = 0.0
        self._now = 0.0
        self.batches = 0
        self.ended = False
        self.problem: Exception | None = None

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Ends the thread (within one period and a half)."""
        self._halt.set()
        if self._thread.is_alive() and threading.current_thread() is not self._thread:
            self._thread.join(2.0)

    @property
    def running(self) -> bool:
        return self._thread.is_alive()

    def _run(self) -> None:
        due = time.monotonic()
        sent = 0.0
        while not self._halt.is_set():
            try:
                with self._lock:
                    batch = self._poll()
                    if (
                        any(batch.get(key) for key in SAYING)
                        or "actions" in batch
                        or time.monotonic() - sent >= HEARTBEAT
                    ):
                        self._send(batch)
                        sent = time.monotonic()
                        self.batches += 1
            except Exception as error:  # a broken feed must be seen, not end in silence
                self.problem = error
                self._say_goodbye(error)
                return
            if batch.get("ended"):
                self.ended = True
                return
            due = max(due + PERIOD, time.monotonic() - PERIOD)
            self._halt.wait(max(0.005, due - time.monotonic()))

    def _poll(self) -> dict[str, Any]:
        batch = dict(self._feed.poll())
        self._keep(batch)
        batch.pop("actions", None)  # the source itself knows better than its record what can be done to it
        if batch.get("ended"):
            self._actions = batch["actions"] = []
        elif (now := time.monotonic()) - self._asked >= ASK_ACTIONS:
            self._asked = now
            if (actions := self._source.actions()) != self._actions:
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
        if "blocked" in counts:
            self._counts["blocked"] = counts["blocked"]
        for event in batch.get("ev", ()):
            if event[1] == "k":
                self._roles[event[2]] = event[3]

    def _say_goodbye(self, error: Exception) -> None:
        text = " ".join(str(error).split()) or type(error).__name__
        try:
            self._send({"now": self._now, "ended": True, "error": f"The picture stopped: {text}"})
        except Exception:  # the comm is gone as well: there is nobody left to tell
            self.problem = error

    def send_history(self, view: str) -> None:
        """All that is kept, for a reloaded page or a second display; ``view`` says who asked."""
        with self._lock:
            history = dict(self._feed.history())
            if self._actions is not None:
                history["actions"] = self._actions
            history["ended"] = bool(history.get("ended")) or self.ended
            self._send({"history": history, "view": view})

    def snapshot(self) -> dict[str, Any]:
        """How all stands: {"topo", "n", "roles", "now"}, as ``still`` draws it."""
        with self._lock:
            return {"topo": self._topo, "n": dict(self._counts), "roles": dict(self._roles), "now": self._now}
