"""Lines of the check's own: real ones, that run, and books of lines as their traces hold them."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from itertools import count

import zmq
from zmqlive.stage import Stage
from zmqlive.trace import Interval, Message, SocketInfo, Trace

ROOM = 1


def _source(ctx: zmq.Context, out: str) -> None:
    with ctx.socket(zmq.PUSH) as push:
        push.sndhwm = ROOM
        push.bind(out)
        for number in count():
            push.send(b"%d" % number)


def _worker(ctx: zmq.Context, into: str, out: str, seconds: float) -> None:
    with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.PUSH) as push:
        pull.rcvhwm = push.sndhwm = ROOM
        pull.connect(into)
        push.connect(out)
        while True:
            picture = pull.recv_multipart()
            time.sleep(seconds)
            push.send_multipart(picture)


def belt(ctx: zmq.Context, into: str, out: str) -> None:
    """Binds on both sides and hands on."""
    with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.PUSH) as push:
        pull.rcvhwm = push.sndhwm = ROOM
        pull.bind(into)
        push.bind(out)
        while True:
            push.send_multipart(pull.recv_multipart())


def _album(ctx: zmq.Context, into: str) -> None:
    with ctx.socket(zmq.PULL) as pull:
        pull.rcvhwm = ROOM
        pull.bind(into)
        while True:
            pull.recv()


def line(seconds: Mapping[str, float], team: Mapping[str, int]) -> Stage:
    """A line that runs: source, then for each stage its workers and a belt, at last the album."""
    stage = Stage("a line of the check", seconds=120)
    into = stage.endpoint("inproc", name="source")
    stage.add(_source, into, name="source")
    for number, (name, each) in enumerate(seconds.items()):
        out, following = (stage.endpoint("inproc", name=f"{side} {name}") for side in ("from", "after"))
        stage.add(_worker, into, out, each, name=name, count=team[name])
        if number < len(seconds) - 1:
            stage.add(belt, out, following, name=f"belt {number + 1}")
        else:
            stage.add(_album, out, name="album")
        into = following
    return stage.start()


def pace(seconds: Mapping[str, float], team: Mapping[str, int]) -> float:
    """Pictures a second that come out of a line."""
    return min(team[name] / each for name, each in seconds.items())


Shares = tuple[float, float, float]     # of a worker's time: waiting, at work, blocked
IDLE = 0.8                              # who waits for longer than that has hardly anything to do
LONG = 20.0                             # seconds of such a book


def book(stages: Mapping[str, Sequence[Shares]], *, each: float = 0.25) -> Trace:
    """The trace of a line in which workers spend their time so; a stage takes in a picture every `each` seconds.

    A worker that waits for most of its time does its work at the beginning: its wait is long, and has no end. A source
    and an album are there as well.
    """
    sockets, messages, waits, blocked = [], [], [], []
    for kind, role in ("PUSH", "source"), ("PULL", "album"):
        sockets.append(SocketInfo(len(sockets) + 1, kind, role))
    for name, workers in stages.items():
        cycle = each * sum(waiting <= IDLE for waiting, _, _ in workers)
        for number, (waiting, working, stuck) in enumerate(workers, 1):
            pull = len(sockets) + 1
            sockets += [SocketInfo(pull, "PULL", f"{name} {number}"), SocketInfo(pull + 1, "PUSH", f"{name} {number}")]
            if waiting > IDLE:
                many = max(1, round(working * LONG / cycle))
                messages += [_picture(turn, pull, turn * cycle, (turn + 1) * cycle) for turn in range(many)]
                waits.append(Interval(pull, many * cycle, None))
                continue
            for turn in range(round(LONG / cycle)):
                came = (turn + waiting) * cycle
                done = came + working * cycle
                waits += [Interval(pull, turn * cycle, came)] if waiting else []
                blocked += [Interval(pull + 1, done, (turn + 1) * cycle)] if stuck else []
                messages.append(_picture(len(messages), pull, came, (turn + 1) * cycle))
    return Trace(title="a line of the check", seconds=LONG, sockets=tuple(sockets), messages=tuple(messages),
                 waits=tuple(waits), blocked=tuple(blocked))


def _picture(number: int, pull: int, came: float, done: float) -> Message:
    return Message(number + 1, 1, pull, 1, max(0.0, came - 0.01), came, done, (b"%d" % number, b"1 1", b"..."), 8)
