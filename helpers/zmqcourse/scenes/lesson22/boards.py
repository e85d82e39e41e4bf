"""A station: one server, and boards that join over a line which may be slow, cut, or swallow all."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import zmq
from ipywidgets import HTML, IntSlider
from zmqlive import Stage

from .numbers import HUGZ, missing, snapshots, updates

Role = Callable[..., Any]
TRAINS = 600  # rows
PAUSE = 0.02  # seconds between two changes
OLD = 2.0  # seconds after which a change should have come to every board
LOOK = 0.5  # seconds between two looks at a copy


def printed() -> dict[bytes, bytes]:
    """The table as it is in the morning."""
    return {b"train %d" % number: b"0" for number in range(TRAINS)}


class Station:
    """A server and its boards; `stage` runs. `delay` is a slider for the updates' line, `text` says of each board how
    many of its rows are wrong: older than they were in the server's table two seconds ago."""

    def __init__(self, server: Role, board: Role) -> None:
        self.table = printed()
        self.copies: list[Copy] = []
        self.text = HTML()
        self.delay = IntSlider(value=100, min=0, max=200, step=10, description="delay, ms")
        self.stage = stage = Stage("A station and its boards", seconds=900)
        stage.heartbeats(HUGZ)
        self._board = board
        self._past: deque[tuple[float, dict[bytes, bytes]]] = deque(maxlen=20)
        self._snapshots, updates_ = (stage.endpoint("tcp", name=name) for name in ("snapshots", "updates"))
        self.line = stage.link(updates_, name="updates' line", latency=self.delay.value / 1000)
        self.delay.observe(self._slower, "value")
        stage.add(server, self._snapshots, updates_, PAUSE, self.table, name="server")
        stage.start()
        stage.wait(lambda s: s.sent("server") >= 20, timeout=30)
        stage.add(self._joins, name="board", count=1)
        self._has_joined("board 1")

    def _slower(self, change: dict[str, Any]) -> None:
        self.line.latency = change["new"] / 1000

    def _joins(self, ctx: zmq.Context[Any]) -> None:
        copy = Copy(self._look)
        self.copies.append(copy)
        self._board(ctx, self._snapshots, self.line.endpoint, copy)

    def _look(self) -> None:
        """Says how many rows of each board are wrong."""
        now = time.monotonic()
        self._past.append((now, dict(self.table)))
        then = [table for t, table in self._past if t < now - OLD]
        if then:
            wrong = [
                sum(int(copy.get(key, b"0")) < int(value) for key, value in then[-1].items()) for copy in self.copies
            ]
            said = (f"board {number}: {count} of {TRAINS} rows wrong" for number, count in enumerate(wrong, 1))
            self.text.value = "<br>".join(said)

    def _has_joined(self, name: str, after: float = 0.0) -> None:
        """It has its snapshot, and updates after it."""

        def goes_on(stage: Stage) -> bool:
            trace = stage.trace()
            ends = [each.t for each in snapshots(trace, name)]
            return bool(ends) and sum(each.t > max(ends[-1], after) for each in updates(trace, name)) >= 20

        self.stage.wait(goes_on, timeout=60)

    def joins(self) -> int:
        """One more board joins (Add one is a button in the picture, too). How many changes it misses."""
        self._mends()
        name = self.stage.grow("board").name
        self._has_joined(name)
        return missing(self.stage.trace(), name)

    def cut(self, seconds: float) -> int:
        """The updates' line is cut for so long. How many changes board 1 misses because of that."""
        self._mends()
        began = self.stage.recorder.seconds()
        self.line.cut()
        time.sleep(seconds)
        self.line.mend()
        self._has_joined("board 1", after=self.stage.recorder.seconds())
        told = [each.number for each in updates(self.stage.trace(), "board 1") if each.t > began - 1.0]
        return sum(after - before - 1 for before, after in pairwise(told))

    def _mends(self) -> None:
        """The reader has been at work, too."""
        if self.line.state != "up":
            self.line.mend()
            self._has_joined("board 1", after=self.stage.recorder.seconds())


class Copy(dict):
    """A board's copy of the table: a dict that lets somebody look now and then, when it is changed."""

    def __init__(self, look: Callable[[], None]) -> None:
        super().__init__()
        self._looks, self._due = look, 0.0

    def __setitem__(self, key: bytes, value: bytes) -> None:
        super().__setitem__(key, value)
        if time.monotonic() > self._due:
            self._due = time.monotonic() + LOOK
            self._looks()
