"""A subscriber that does not keep up: how late it is, and what it misses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from zmqlive import Stage, figures
from zmqlive.figures import Plot

Role = Callable[..., Any]
LOOK = 4.0  # seconds that it falls behind before anybody looks


class Lateness(NamedTuple):
    """What a subscriber received: when, how late each was, in seconds, and how many numbers were missing by then."""

    t: list[float]
    late: list[float]
    missing: list[int]


def late_subscriber(publisher: Role, subscriber: Role, work: Any) -> Stage:
    """A publisher and a subscriber that needs `work` seconds for each reading; the stage, running."""
    stage = Stage("Readings", seconds=600)
    endpoint = stage.endpoint("tcp", name="readings")
    stage.add(publisher, endpoint, name="publisher")
    stage.add(subscriber, endpoint, work, name="subscriber")
    return stage.start()


def lateness(stage: Stage) -> Lateness:
    """Wait until a few seconds of it are there; then what the subscriber has received so far."""
    stage.wait(lambda s: s.received("subscriber") > 10 and s.recorder.seconds() > LOOK, timeout=60)
    trace = stage.trace()
    came = [m for m in trace.messages if trace.role_of(m.target) == "subscriber" and m.received is not None]
    came.sort(key=lambda m: m.received)
    first = int(came[0].frames[0])
    numbers = [int(m.frames[0]) for m in came]
    return Lateness(
        [m.received for m in came],
        [m.received - m.sent for m in came],
        [number - first - place for place, number in enumerate(numbers)],
    )


def behind(found: Lateness) -> Plot:
    """How late the readings were, and how many were missing, over time."""
    every = max(1, len(found.t) // 200)
    t, late, missing = (list(values)[::every] for values in found)
    curves = {"seconds late": (t, late), "numbers missing": (t, missing)}
    return figures.chart("What a reader can see of its own delay", curves, x="seconds", y="seconds; numbers")
