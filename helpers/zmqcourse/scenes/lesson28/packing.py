"""Readings that are packed into frames, with the reader's hand on how many to a frame, and on the readings."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import zmq
from ipywidgets import IntSlider, ToggleButton
from zmqlive import Stage

EVERY = 0.02  # seconds from reading to reading
PATIENCE = 60.0  # seconds


def board(ctx: zmq.Context[Any], news: str) -> None:
    """Takes the news."""
    with ctx.socket(zmq.PULL) as pull:
        pull.bind(news)
        while True:
            pull.recv()


def says(role: str, frames: tuple[bytes, ...]) -> str | None:
    """The label of who opens frames is what it says of the last one."""
    return frames[0].decode() if role == "opens" else None


class Packing:
    """`packs` sends readings, so many to a frame as the slider says; `opens` tells of each frame how many it had, and
    how old the oldest was. While the button is down there are no readings. `stage` runs; `controls` are the widgets."""

    def __init__(self, packs: Callable[..., Any], opens: Callable[..., Any]) -> None:
        self.made = 0
        self._more = 0  # readings that still come in a silence
        self._asked = 0  # how often one was asked for in vain
        self.count = IntSlider(value=10, min=1, max=50, description="in a frame")
        self.silence = ToggleButton(description="No more readings")
        self.controls = self.count, self.silence
        self._in_turn = threading.Lock()
        self.stage = stage = Stage("Packing", seconds=600)
        frames, news = stage.endpoint("tcp", name="frames"), stage.endpoint("inproc", name="news")
        stage.add(board, news)
        stage.add(opens, frames, news, name="opens")
        stage.add(packs, frames, self.readings, lambda: self.count.value, name="packs")
        stage.label(says)
        stage.start()

    def readings(self) -> Iterator[bytes]:
        """One every `EVERY` seconds: when it was taken."""
        while True:
            time.sleep(EVERY)
            if self.silence.value and not self._more:
                self._asked += 1
                continue
            self._more -= bool(self._more)
            self.made += 1
            yield b"%.4f" % time.monotonic()

    def falls_silent(self, count: int = 10) -> int:
        """So many to a frame; then, in the middle of one, there are no more readings: how many have not arrived."""
        with self._in_turn:
            stage = self.stage
            self.count.value, self.silence.value = count, False
            before = stage.received("opens")
            stage.wait(lambda s: s.received("opens") > before + 1, PATIENCE)
            self.silence.value = True
            self._settles()
            if self.left() == 0:
                made, self._more = self.made, count // 2
                stage.wait(lambda s: self.made >= made + count // 2, PATIENCE)
                self._settles()
            return self.left()

    def left(self) -> int:
        """How many readings were taken, and have not arrived."""
        trace = self.stage.trace()
        told = [m for m in trace.messages if trace.role_of(m.source) == "opens"]
        return self.made - sum(int(m.frames[0].split(b",")[0]) for m in told)

    def _settles(self) -> None:
        """Waits until the packer has come for a further reading, and all that it has sent before is there."""
        before = self._asked
        self.stage.wait(lambda s: self._asked > before, PATIENCE)
        self.stage.wait(lambda s: s.sent("opens") == s.received("opens") == s.sent("packs"), PATIENCE)
