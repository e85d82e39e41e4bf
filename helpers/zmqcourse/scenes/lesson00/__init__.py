"""Lesson 00: the first picture. A clerk reads one message after the other, a neighbour writes, and so does whoever
looks: the functions are plain pyzmq, as the lesson explains them later."""

from __future__ import annotations

import time
from collections import deque
from itertools import cycle
from typing import NamedTuple

import zmq
from ipywidgets import Button, Text
from zmqlive import Stage
from zmqlive.view import FlowView, show

SAYS = ("Good morning!", "Nice weather.", "How are you?", "Any news?")
AT_ONCE = 3         # so many of them are there first: what you send has to wait
# Seconds from one message of the neighbour's to the next, and that the clerk reads one. He has to come to rest now and
# then: a PULL socket that finds messages on one connection goes on with them before it looks for news of the others.
PAUSE, WORK = 4.0, 1.6


class Desk(NamedTuple):
    """What runs, its picture, and where messages of your own are put that are to be sent."""

    stage: Stage
    picture: FlowView
    outbox: deque[str]


def you(ctx: zmq.Context, endpoint: str, outbox: deque[str]) -> None:
    """Sends what is put into the outbox."""
    with ctx.socket(zmq.PUSH) as push:
        push.connect(endpoint)
        while True:
            if outbox:
                push.send_string(outbox.popleft())
            else:
                time.sleep(0.02)


def neighbour(ctx: zmq.Context, endpoint: str) -> None:
    """Writes again and again."""
    with ctx.socket(zmq.PUSH) as push:
        push.connect(endpoint)
        for number, words in enumerate(cycle(SAYS), 1):
            push.send_string(words)
            if number >= AT_ONCE:
                time.sleep(PAUSE)


def clerk(ctx: zmq.Context, endpoint: str) -> None:
    """Reads one message after the other, slowly."""
    with ctx.socket(zmq.PULL) as pull:
        pull.bind(endpoint)
        while True:
            pull.recv_string()
            time.sleep(WORK)


def open_desk() -> Desk:
    """Starts all three; the picture has a field to write in, and a button that sends what it says."""
    stage, outbox = Stage("A clerk, a neighbour, and you", seconds=600), deque[str]()
    endpoint = stage.endpoint("tcp", name="desk")
    stage.add(clerk, endpoint)
    stage.add(neighbour, endpoint)
    stage.start()
    stage.wait(lambda s: s.sent("neighbour") >= AT_ONCE)    # they were there before you
    stage.add(you, endpoint, outbox)
    field = Text("Hello!", placeholder="your message", description="Write:")
    button = Button(description="Send one", button_style="primary", tooltip="Send what the field says, as one message")
    send = lambda *_: outbox.append(field.value)  # noqa: E731
    button.on_click(send)
    field.on_msg(lambda _, said, __: said.get("event") == "submit" and send())     # Enter
    return Desk(stage, show(stage, field, button, follow="you"), outbox)
