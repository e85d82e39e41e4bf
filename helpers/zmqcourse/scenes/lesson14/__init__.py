"""Lesson 14: a frame microscope to play or to step through; a night at the telephone exchange."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import zmq
from ipywidgets import HTML, HBox, IntSlider, Play, VBox, jslink
from zmqlive import Stage, figures
from zmqlive.trace import Message, Trace


def microscope(trace: Trace, message: Message) -> VBox:
    """The frames of this message at each socket that it has passed, one step of its way after the other."""
    step = IntSlider(value=1, min=1, max=2 * len(trace.way(message.id)), description="step")
    play = Play(min=1, max=step.max, interval=1500)
    jslink((play, "value"), (step, "value"))
    picture = HTML()

    def look(_: Any = None) -> None:
        picture.value = figures.frames(trace, message, step=step.value).html()

    step.observe(look, "value")
    look()
    return VBox([HBox([play, step]), picture])


def night(exchange: Callable[..., Any]) -> Stage:
    """Ann and Bob talk by this exchange, Dan calls Eve without a pause, and Eve, who is there, does not read. Comes
    back when the exchange is blocked; raises `StageTimeout` if it never is."""
    stage = Stage("The second night", seconds=600)
    endpoint = stage.endpoint("inproc", name="exchange")
    stage.add(exchange, endpoint)
    for name, to, gap in ("ann", "bob", 0.05), ("bob", "ann", 0.05), ("eve", "bob", 1.0), ("dan", "eve", 0.0005):
        stage.add(_phone, endpoint, name.encode(), to.encode(), gap, name=name)
    stage.start()
    stage.wait(lambda s: s.recorder.blocked("exchange"), timeout=120)
    return stage


def _phone(ctx: zmq.Context, endpoint: str, name: bytes, to: bytes, gap: float) -> None:
    with ctx.socket(zmq.DEALER) as dealer:
        dealer.routing_id = name
        dealer.connect(endpoint)
        while True:
            dealer.send_multipart([to, b"hello"])
            while name != b"eve" and dealer.poll(0):
                dealer.recv_multipart()
            time.sleep(gap)
