"""A feed of numbers, a line, and listeners that send what they notice to a board."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any, NamedTuple

import zmq
from ipywidgets import Button, FloatSlider, Layout
from zmqlive import Stage

Role = Callable[..., Any]
UP = "HANDSHAKE_SUCCEEDED"
HEARTBEATS = {"heartbeat_ivl": 100, "heartbeat_timeout": 300}  # milliseconds
LATER = 20  # messages after which a listener has seen what it has missed
PATIENCE = 60.0  # seconds


def board(ctx: zmq.Context[Any], news: str) -> None:
    """Takes the news."""
    with ctx.socket(zmq.PULL) as pull:
        pull.bind(news)
        while True:
            pull.recv()


class News(NamedTuple):
    """What a listener has noticed, at which second of the record."""

    t: float
    by: str
    what: str


def news_of(stage: Stage) -> list[News]:
    """All that has come to the board so far."""
    trace = stage.trace()
    come = [m for m in trace.messages if trace.role_of(m.target) == "board" and m.received is not None]
    return [News(m.sent, trace.role_of(m.source), m.frames[0].decode()) for m in come]


def says(role: str, frames: tuple[bytes, ...]) -> str | None:
    """A listener's label is the last thing that it has noticed."""
    return None if frames[0].isdigit() else frames[0].decode().replace("_", " ").lower()


def tenth() -> None:
    """The rest of the feed between two numbers."""
    time.sleep(0.1)


def hundredth() -> None:
    time.sleep(0.01)


def hall(feed: Role, listens: Role) -> Stage:
    """A feed in a process, and a listener behind a line; the stage, running."""
    stage = Stage("Is anyone there?", seconds=900)
    readings, news = stage.endpoint("tcp", name="readings"), stage.endpoint("inproc", name="news")
    line = stage.link(readings, name="line")
    stage.add(board, news)
    stage.add(feed, readings, tenth, name="feed", process=True)
    stage.add(listens, line.endpoint, news, {}, name="listener")
    stage.label(says)
    return stage.start()


def again(stage: Stage) -> list[News]:
    """The feed is killed and started again, whatever was done before; what the listener has noticed of it."""
    line = stage.links[0]
    if line.state != "up":
        line.mend()
    if stage.role("feed").state == "frozen":
        stage.thaw("feed")
    if stage.role("feed").gone:
        stage.restart("feed")
    before = stage.received("listener")
    stage.wait(lambda s: s.received("listener") > before, PATIENCE)
    began = stage.recorder.seconds()
    stage.kill("feed")
    stage.wait(lambda s: sum(n.what == "CONNECTED" for n in _since(s, began)) > 1, PATIENCE)  # the line took its calls
    stage.restart("feed")
    stage.wait(lambda s: any(n.what == UP for n in _since(s, began)), PATIENCE)
    return [n._replace(t=n.t - began) for n in _since(stage, began)]


def _since(stage: Stage, began: float) -> list[News]:
    return [n for n in news_of(stage) if n.t > began]


class HoldUp:
    """The same feed for two listeners, each behind a line of its own; "beating" has libzmq's heartbeats on. The button
    holds up both lines for as long as the slider says. `stage` runs; `controls` are the widgets."""

    NAMES = ("plain", "beating")

    def __init__(self, feed: Role, listens: Role) -> None:
        self.stage = stage = Stage("A hold-up", seconds=300)
        readings, news = stage.endpoint("tcp", name="readings"), stage.endpoint("inproc", name="news")
        stage.add(board, news)
        stage.add(feed, readings, hundredth, name="feed")
        for number, (name, options) in enumerate(zip(self.NAMES, ({}, HEARTBEATS), strict=True), 1):
            line = stage.link(readings, name=f"line {number}")
            stage.add(listens, line.endpoint, news, options, name=name)
        stage.label(says)
        stage.start()
        self._in_turn = threading.Lock()
        self.seconds = FloatSlider(value=1.0, min=0.1, max=2.0, step=0.1, description="hold-up, s")
        button = Button(description="Hold up both lines", layout=Layout(width="max-content"))
        button.on_click(lambda _: self.press())
        self.controls = button, self.seconds

    def press(self) -> dict[str, int]:
        """Holds up both lines; how many messages each listener has missed since."""
        with self._in_turn:
            stage = self.stage
            stage.wait(lambda s: all(s.received(name) > LATER for name in self.NAMES), PATIENCE)
            began = stage.recorder.seconds()
            for line in stage.links:
                line.hold()
            time.sleep(self.seconds.value)
            before = {name: stage.received(name) for name in self.NAMES}
            for line in stage.links:
                line.mend()
            late = int(100 * self.seconds.value) + LATER
            stage.wait(lambda s: s.received(self.NAMES[0]) >= before[self.NAMES[0]] + late, PATIENCE)
            stage.wait(lambda s: s.received(self.NAMES[1]) >= before[self.NAMES[1]] + LATER, PATIENCE)
            return {name: sum(_missed(n) for n in _since(stage, began) if n.by == name) for name in self.NAMES}


def _missed(news: News) -> int:
    what, _, count = news.what.partition(" ")
    return int(count) if what == "missed" else 0
