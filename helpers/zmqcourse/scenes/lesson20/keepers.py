"""Three keepers of orders on one machine, that can be killed, and the machine, which can lose its power."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import zmq
from ipywidgets import HTML, Button
from zmqlive import Stage, StageError

CARES = ("buffer", "flush", "sync")  # how far an order has come when its keeper says 200
MANY = 30  # orders that each of them has promised when the fault comes
PAUSE = 0.02  # seconds between two orders of a client
SHOWN = 0.3  # seconds between two looks of the ledger


class Keepers:
    """Each keeper has a process, a disk and a client of its own. `stage` runs; `button` cuts the power of all; `ledger`
    says what was promised, and what is in the files."""

    def __init__(self, keeper: Callable[..., None], insist: Callable[..., Any], folder: str) -> None:
        self.button = Button(description="Power cut")
        self.ledger = HTML()
        self.stage = stage = Stage("Three keepers", seconds=600)
        self._insist, self._shown = insist, 0.0
        self._promised: dict[str, set[bytes]] = {care: set() for care in CARES}
        home = mkdtemp(dir=folder)
        self._disks = {care: stage.disk(Path(home, care), name=f"disk of {care}") for care in CARES}
        self._endpoints = {care: stage.endpoint("tcp", name=care) for care in CARES}
        for care in CARES:
            stage.add(keeper, self._endpoints[care], self._disks[care], care, name=care, process=True)
        for care in CARES:
            stage.add(self._client, care, name=f"client of {care}")
        self.button.on_click(lambda _: self._cut())
        stage.start()

    def _client(self, ctx: zmq.Context[Any], care: str) -> None:
        with ctx.socket(zmq.REQ) as req:
            req.req_relaxed = req.req_correlate = True
            req.linger = 0
            req.immediate = True  # nothing piles up for a keeper that is dead
            req.connect(self._endpoints[care])
            for number in itertools.count(1):
                order = b"order %d" % number
                self._insist(req, order)
                self._promised[care].add(order)
                self._look()
                time.sleep(PAUSE)

    def missing(self) -> dict[str, int]:
        """Of what each keeper has promised, how much is not in its file."""
        promised = {care: set(orders) for care, orders in self._promised.items()}  # first: then it must be there
        return {care: len(promised[care] - set(self._disks[care].path.read_bytes().split(b"\n"))) for care in CARES}

    def kill_all(self) -> dict[str, int]:
        """SIGKILL for all three, at work; how many orders each has promised and lost."""
        self._at_work()
        self._kill()
        self._look(now=True)
        return self.missing()

    def power_cut(self) -> dict[str, int]:
        """The same when the machine loses its power."""
        self._at_work()
        self._cut()
        return self.missing()

    def _at_work(self) -> None:
        """All live, and have promised many orders; what was promised before counts no more."""
        for care in self._dead():
            self.stage.restart(care)
        for promised in self._promised.values():
            promised.clear()
        self.stage.wait(lambda _: all(len(each) >= MANY for each in self._promised.values()), timeout=60)

    def _dead(self) -> list[str]:
        return [care for care in CARES if self.stage.role(care).gone]

    def _kill(self) -> None:
        for care in set(CARES) - set(self._dead()):
            with suppress(StageError):  # the reader was quicker
                self.stage.kill(care)

    def _cut(self) -> None:
        if self.stage.running:
            self._kill()
            for disk in self._disks.values():
                disk.power_cut()
            self._look(now=True)

    def _look(self, *, now: bool = False) -> None:
        if not now and time.monotonic() < self._shown + SHOWN:
            return
        self._shown = time.monotonic()
        said = {care: f"{missing} not in its file" for care, missing in self.missing().items()}
        lines = (f"<b>{care}</b>: {len(self._promised[care])} promised, {said[care]}" for care in CARES)
        self.ledger.value = "<br>".join(lines)
