"""Lesson 13: how fast a line is, what its books say, and how much is inside it."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

import zmq
from zmqlive import Stage
from zmqlive.trace import Trace

PICTURES = 30
STAGES = {"decode": 0.01, "filter": 0.06, "shrink": 0.02}      # seconds for a picture


def pace(stage: Stage, pictures: int = 9) -> float:
    """Pictures that reach the album in a second, over the next few."""
    before = stage.received("album")
    stage.wait(lambda s: s.received("album") > before + pictures, timeout=60)
    trace = stage.trace()
    came = sorted(m.received for m in trace.messages if m.received and trace.role_of(m.target) == "album")
    return pictures / (came[-1] - came[-1 - pictures])


def a_day(station: Callable[..., Any]) -> tuple[dict[str, Sequence[float]], Trace]:
    """Some pictures, then END, through three such stations; what each has returned, and the record.

    station(ctx, into, out, work) hands END on and returns. They work for 0.01, 0.06 and 0.02 s on each picture.
    """
    told: dict[str, Sequence[float]] = {}

    def source(ctx: zmq.Context, out: str) -> None:
        with ctx.socket(zmq.PUSH) as push:
            push.sndhwm = 2
            push.bind(out)
            for number in range(PICTURES):
                push.send_multipart([b"%d" % number, b"120 80", bytes(100)])
            push.send(b"END")

    def belt(ctx: zmq.Context, into: str, out: str) -> None:
        with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.PUSH) as push:
            pull.rcvhwm = push.sndhwm = 1
            pull.bind(into)
            push.bind(out)
            while True:
                push.send_multipart(pull.recv_multipart())

    def album(ctx: zmq.Context, into: str) -> None:
        with ctx.socket(zmq.PULL) as pull:
            pull.rcvhwm = 2
            pull.bind(into)
            while pull.recv_multipart() != [b"END"]:
                pass

    def note(ctx: zmq.Context, name: str, into: str, out: str, seconds: float) -> None:
        def work(*frames: bytes) -> Sequence[bytes]:
            time.sleep(seconds)
            return frames

        told[name] = station(ctx, into, out, work)

    stage = Stage("A day by their own clocks", seconds=120)
    into = stage.endpoint("inproc", name="raw")
    stage.add(source, into)
    for number, (name, seconds) in enumerate(STAGES.items(), 1):
        out = stage.endpoint("inproc", name=f"after {name}")
        stage.add(note, name, into, out, seconds, name=name)
        if number < len(STAGES):
            into = stage.endpoint("inproc", name=f"belt {number}")
            stage.add(belt, out, into, name=f"belt {number}")
    stage.add(album, out)
    with stage:
        stage.wait(lambda s: len(told) == len(STAGES), timeout=60)
    return told, stage.trace()
