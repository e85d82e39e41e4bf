"""Sick services, recorded on real sockets: clerks with a queue each, and customers who come too fast or all at once."""

from __future__ import annotations

import time
from collections.abc import Sequence
from functools import cache

import zmq
from zmqlive import Stage, Trace

BOUND = 30.0  # seconds for a recording


def _customers(ctx: zmq.Context, doors: Sequence[str], gaps: Sequence[float], services: Sequence[float]) -> None:
    with ctx.socket(zmq.PUSH) as push:
        for door in doors:
            push.connect(door)
        for number, (gap, service) in enumerate(zip(gaps, services, strict=True)):
            time.sleep(gap)
            push.send(b"%f %d" % (service, number))  # no two alike


def _clerk(ctx: zmq.Context, door: str) -> None:
    with ctx.socket(zmq.PULL) as pull:
        pull.bind(door)
        while True:
            time.sleep(float(pull.recv().split()[0]))


@cache
def recorded(clerks: int, gaps: tuple[float, ...], services: tuple[float, ...]) -> Trace:
    """What so many clerks and their customers did, when all were served."""
    with Stage("recorded for a check", seconds=2 * BOUND) as stage:
        doors = [stage.endpoint("tcp", name=f"door {n}") for n in range(clerks)]
        for n, door in enumerate(doors):
            stage.add(_clerk, door, name=f"clerk {n}")
        stage.add(_customers, doors, gaps, services, name="customers")
        stage.wait(lambda s: s.received("clerk") == len(gaps), timeout=BOUND)
        stage.wait(lambda s: all(m.done for m in s.trace().messages), timeout=BOUND)
    return stage.trace()


def sick() -> dict[str, Trace]:
    """What is seen of each service → its trace."""
    return {
        "one clerk, messages that come five at once": recorded(
            1, (0.0, 0.0, 0.0, 0.0, 0.12) * 4, (0.012, 0.02, 0.008, 0.016, 0.01) * 4
        ),
        "three clerks, of which one gets all the long ones": recorded(
            3, (0.012, 0.02, 0.016) * 6, (0.09, 0.004, 0.006) * 6
        ),
        "two clerks, messages that come six at once": recorded(
            2, (0.0, 0.0, 0.0, 0.0, 0.0, 0.14) * 3, (0.05, 0.02, 0.06, 0.004, 0.05, 0.01) * 3
        ),
        "one clerk, who is at work all the time": recorded(1, (0.022, 0.018) * 8, (0.03, 0.026, 0.034, 0.03) * 4),
        "two clerks, both at work all the time": recorded(2, (0.011, 0.009) * 10, (0.05, 0.012, 0.05, 0.012, 0.03) * 4),
    }
