"""One view's place at a pump: what it is sent, and whether somebody looks at it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any, Protocol

HEARTBEAT = 1.0  # seconds: silence longer than this tells the browser that the kernel is gone
LEASE = 25.0  # seconds that a page which looked is taken to look still; it says so again every ten
GRACE = 10.0  # seconds in which a new view has the time to say whether it is looked at
SAYING = ("topo", "ev", "n", "actions", "ended")


class Pump(Protocol):
    """What a seat asks of its pump."""

    problem: Exception | None

    @property
    def running(self) -> bool: ...
    def join(self, seat: Seat) -> None: ...
    def leave(self, seat: Seat) -> None: ...
    def serves(self, seat: Seat) -> bool: ...
    def snapshot(self) -> dict[str, Any]: ...
    def send_history(self, seat: Seat, view: str) -> None: ...


class Seat:
    """What is new goes to ``send(batch)``: at once while somebody looks, else once a second, as one batch.

    A view may be on several pages, or on none: each says by its name when it begins and ends to be seen.
    """

    def __init__(self, pump: Pump, send: Callable[[dict[str, Any]], None], *, always: bool = False) -> None:
        self.send = send
        self.batches = 0
        self._pump = pump
        self._always = always
        self._begun = time.monotonic()
        self._pages: dict[str, float] = {}  # page → until when it is taken to be looked at
        self._told = False
        self._held: dict[str, Any] | None = None
        self._sent = 0.0
        self._lock = threading.Lock()

    def start(self) -> None:
        self._pump.join(self)

    def stop(self) -> None:
        """Ends it; the picture stays as it is."""
        self._pump.leave(self)

    @property
    def running(self) -> bool:
        return self._pump.running and self._pump.serves(self)

    @property
    def problem(self) -> Exception | None:
        return self._pump.problem

    def snapshot(self) -> dict[str, Any]:
        return self._pump.snapshot()

    def send_history(self, view: str) -> None:
        self._pump.send_history(self, view)

    # --- who looks

    @property
    def looking(self) -> bool:
        """Whether somebody sees this view, as far as is known."""
        t = time.monotonic()
        if self._always or (not self._told and t - self._begun < GRACE):
            return True
        with self._lock:
            return any(until > t for until in self._pages.values())

    def look(self, page: str, on: bool) -> None:
        """The view on this page is seen, or is not: off screen, on a hidden tab, collapsed, or gone."""
        with self._lock:
            self._told = True
            self._pages = {p: until for p, until in self._pages.items() if until > time.monotonic() and p != page}
            if on:
                self._pages[page] = time.monotonic() + LEASE
        if on:
            self._pump.wake()

    # --- what it is sent (the pump calls this under its lock)

    def give(self, batch: dict[str, Any], *, at_once: bool = False) -> None:
        """Here is what is new. It is held back while nobody looks."""
        held = self._held
        self._held = batch if held is None else {**held, **batch, "ev": [*held.get("ev", ()), *batch.get("ev", ())]}
        silent = time.monotonic() - self._sent
        says = any(self._held.get(key) for key in SAYING) or "actions" in self._held
        if at_once or (says and self.looking) or silent >= HEARTBEAT:
            self.flush()

    def flush(self) -> None:
        """Send what was held back."""
        batch, self._held = self._held, None
        if batch is not None:
            self.send(batch)
            self._sent = time.monotonic()
            self.batches += 1
