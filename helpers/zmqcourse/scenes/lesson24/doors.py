"""Two doors, one of them bolted, and strangers who come when a button is pressed."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import zmq
from ipywidgets import Button, HBox, Layout
from zmqlive import Stage

from .strangers import STRANGERS, calls, says
from .tapes import is_up

DOORS = ("open", "bolted")
OFTEN = 0.5  # seconds between two readings of the honest one
HONEST = b"19.5 degrees"


class Doors:
    """Two roles `door(ctx, endpoint, domain, took)`, "open" with no domain, "bolted" with one; a thermometer sends to
    both. `buttons` has one for each stranger, who comes to both doors. `stage` runs; `took` is what each door received
    of strangers."""

    def __init__(self, door: Callable[..., Any]) -> None:
        self.took: dict[str, list[list[bytes]]] = {name: [] for name in DOORS}
        self.readings = dict.fromkeys(DOORS, 0)
        self.stage = stage = Stage("Two doors", seconds=600)
        self._endpoints = {name: stage.endpoint("tcp", name=name) for name in DOORS}
        self._in_turn = threading.Lock()
        for name in DOORS:
            stage.add(door, self._endpoints[name], b"inside" * (name == "bolted"), _Guestbook(self, name), name=name)
        stage.start()
        stage.wait(lambda s: all(is_up(name)(s) for name in DOORS), timeout=60)
        stage.add(self._thermometer, name="thermometer")
        self.buttons = HBox([self._button(name) for name in STRANGERS], layout=Layout(flex_flow="row wrap"))

    def _button(self, name: str) -> Button:
        button = Button(description=name, layout=Layout(width="max-content"))
        button.on_click(lambda _: self.press(name))
        return button

    def _thermometer(self, ctx: zmq.Context[Any]) -> None:
        with ctx.socket(zmq.PUSH) as to_open, ctx.socket(zmq.PUSH) as to_bolted:
            for push, name in zip((to_open, to_bolted), DOORS, strict=True):
                push.linger = 0
                push.connect(self._endpoints[name])
            while True:
                to_open.send(HONEST)
                to_bolted.send(HONEST)
                time.sleep(OFTEN)

    def press(self, name: str) -> dict[str, list[list[bytes]]]:
        """This stranger comes to both doors; what each received of him."""
        with self._in_turn:
            before = {door: len(self.took[door]) for door in DOORS}
            for door in DOORS:
                calls(int(self._endpoints[door].rpartition(":")[2]), says(STRANGERS[name]))
            readings = dict(self.readings)  # what came before the next two readings has been read by then
            self.stage.wait(lambda _: all(self.readings[door] >= readings[door] + 2 for door in DOORS), timeout=60)
            return {door: self.took[door][before[door] :] for door in DOORS}


class _Guestbook:
    """What a door appends its messages to."""

    def __init__(self, doors: Doors, name: str) -> None:
        self._doors, self._name = doors, name

    def append(self, message: list[bytes]) -> None:
        if message == [HONEST]:
            self._doors.readings[self._name] += 1
        else:
            self._doors.took[self._name].append(message)
