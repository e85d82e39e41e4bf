"""Five faults at once, and which signal tells of which, how soon."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from zmqlive import Stage

from .hall import News, board, news_of, tenth

FAULTS = ("killed", "frozen", "line dead", "hangs", "bursts")
PROCESSES = ("killed", "frozen")
BEATS = {"heartbeat_ivl": 100, "heartbeat_timeout": 400}  # milliseconds
NEVER = 1.5  # seconds after which nobody will notice any more
BURST = 20_000  # messages without a rest
SIGNALS = {  # → by whose news, and how they begin
    "DISCONNECTED": ("plain", "DISCONNECTED"),
    "DISCONNECTED, with HEARTBEAT_IVL": ("beats", "DISCONNECTED"),
    "age of the last message": ("plain", "silent"),
    "numbers": ("plain", "missed"),
}
PATIENCE = 60.0  # seconds


class Mood:
    """How a feed rests between two numbers: a tenth of a second, until it is told to hang, or to send a burst."""

    def __init__(self) -> None:
        self.how = ""
        self._burst = BURST

    def __call__(self) -> None:
        while self.how == "hangs":
            time.sleep(0.05)
        if self.how == "bursts" and self._burst:
            self._burst -= 1
        else:
            tenth()


def signals(feed: Callable[..., Any], listens: Callable[..., Any]) -> dict[str, list[float | None]]:
    """Signal → seconds from each fault of `FAULTS` until it told of it; None: never."""
    moods = {fault: Mood() for fault in FAULTS if fault not in PROCESSES}
    with Stage("Five faults", seconds=120) as stage:
        news = stage.endpoint("inproc", name="news")
        stage.add(board, news)
        for fault in FAULTS:
            endpoint = stage.endpoint("tcp", name=fault)
            line = stage.link(endpoint, name=f"line {fault}")
            stage.add(feed, endpoint, moods.get(fault, tenth), name=f"feed {fault}", process=fault in PROCESSES)
            for kind, options in ("plain", {}), ("beats", BEATS):
                stage.add(listens, line.endpoint, news, options, name=f"{kind} {fault}")
        ears = [f"{kind} {fault}" for kind in ("plain", "beats") for fault in FAULTS]
        stage.wait(lambda s: all(s.received(ear) > 3 for ear in ears), PATIENCE)
        began = stage.recorder.seconds()
        stage.kill("feed killed")
        stage.freeze("feed frozen")
        next(line for line in stage.links if line.name == "line line dead").half_open()
        for fault, mood in moods.items():
            mood.how = fault
        stage.wait(lambda s: s.recorder.seconds() > began + NEVER, PATIENCE)
        told = [n for n in news_of(stage) if n.t > began]
    return {
        signal: [_first(told, f"{kind} {fault}", what, began) for fault in FAULTS]
        for signal, (kind, what) in SIGNALS.items()
    }


def _first(told: list[News], by: str, what: str, began: float) -> float | None:
    return next((round(n.t - began, 2) for n in told if n.by == by and n.what.startswith(what)), None)
