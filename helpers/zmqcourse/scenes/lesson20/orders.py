"""Orders that are handed in by somebody who insists, over a line on which answers get lost."""

from __future__ import annotations

import itertools
import sqlite3
import time
import uuid
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import zmq
from ipywidgets import Checkbox
from zmqlive import Stage

PAUSE = 0.2  # seconds from an order to the next
Role = Callable[..., Any]


class Orders:
    """Ann hands in one order after the other; with `numbered` each has an id of hers. `stage` runs; while `toggle` is
    ticked, answers get lost on their way."""

    def __init__(self, titanic: Role, keep: Role, insist: Role, folder: str, *, numbered: bool = False) -> None:
        self.placed, self._over = 0, False
        self._insist, self._numbered = insist, numbered
        self._path = Path(mkdtemp(dir=folder), "titanic.db")
        self.toggle = Checkbox(description="answers get lost")
        self.toggle.observe(lambda _: self._weather(), "value")
        self.stage = stage = Stage("Who numbers the orders?", seconds=600)
        endpoint = stage.endpoint("tcp", name="titanic")
        self._link = stage.link(endpoint, name="line")
        stage.add(titanic, endpoint, str(self._path), keep, name="titanic")
        stage.add(self._ann, name="Ann")
        stage.start()

    def _ann(self, ctx: zmq.Context[Any]) -> None:
        with ctx.socket(zmq.REQ) as req:
            req.req_relaxed = req.req_correlate = True
            req.linger = 0
            req.connect(self._link.endpoint)
            for number in itertools.count(1):
                if self._over:
                    return
                id = [uuid.uuid4().hex.encode()] if self._numbered else []
                self._insist(req, b"titanic.request", *id, b"order %d" % number)
                self.placed = number
                time.sleep(PAUSE)

    def _weather(self) -> None:
        if self.stage.running:
            if self.toggle.value:
                self._link.half_open("back")
            else:
                self._link.mend()

    def lose_answers(self, times: int) -> tuple[int, int]:
        """So many times the answer to an order is lost, at least once; then Ann has enough. Orders that she has placed,
        and rows in the store."""
        stage, self.toggle.value = self.stage, False
        for _ in range(times):
            placed = self.placed
            stage.wait(lambda _, placed=placed: self.placed >= placed + 2, timeout=60)
            self.toggle.value = True
            before = stage.received("titanic")
            # When the repeat has come, the answer to what it repeats is lost for good.
            stage.wait(lambda s, before=before: s.received("titanic") >= before + 2, timeout=60)
            self.toggle.value = False
        self._over = True
        stage.wait(lambda s: s.role("Ann").gone, timeout=60)
        stage.stop()
        with closing(sqlite3.connect(self._path)) as db:
            return self.placed, db.execute("SELECT count(*) FROM requests").fetchone()[0]
