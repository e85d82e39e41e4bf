"""Lesson 01: utilisation, Little's law on real traces, how many workers keep a wait short."""

from __future__ import annotations

import math
import random
import time
from collections.abc import Sequence
from functools import cache

import zmq
from zmqlive.stage import Stage
from zmqlive.trace import Trace

from ..exercise import Wrong, exercise
from ..trial import expect_type, trial

# --- real traces


def _arriving(ctx: zmq.Context, doors: Sequence[str], gaps: Sequence[float], services: Sequence[float]) -> None:
    time.sleep(0.1)  # a trace begins before its first message
    with ctx.socket(zmq.PUSH) as push:
        for door in doors:
            push.connect(door)
        for gap, service in zip(gaps, services, strict=True):
            time.sleep(gap)
            push.send(b"%f" % service)


def _clerk(ctx: zmq.Context, door: str) -> None:
    with ctx.socket(zmq.PULL) as pull:
        pull.bind(door)
        while True:
            time.sleep(float(pull.recv()))


@cache
def _recorded(clerks: int, gaps: tuple[float, ...], services: tuple[float, ...]) -> Trace:
    """What so many clerks and their customers did on real sockets, when all were served."""
    with Stage("recorded for a check", seconds=20) as stage:
        doors = [stage.endpoint("tcp", name=f"door {n}") for n in range(clerks)]
        for n, door in enumerate(doors):
            stage.add(_clerk, door, name=f"clerk {n}")
        stage.add(_arriving, doors, gaps, services, name="customers")
        stage.wait(lambda s: s.received("clerk") == len(gaps), timeout=10)
        stage.wait(lambda s: all(m.done for m in s.trace().messages), timeout=5)
        time.sleep(0.05)  # and ends after its last
    return stage.trace()


def _traces() -> dict[str, Trace]:
    mixed = tuple(random.Random(3).choice((0.002, 0.02, 0.04)) for _ in range(10))
    return {
        "messages that come one by one": _recorded(1, (0.02,) * 12, (0.01,) * 12),
        "fifteen messages at once": _recorded(1, (0.0,) * 15, (0.01,) * 15),
        "two workers, of which one is slow": _recorded(2, mixed, (0.05, 0.004) * 5),
    }


# --- 01.1


@exercise(
    "01.1",
    title="How busy was it?",
    hints=(
        "A till is busy while it serves. For one visit, that is from which of the three moments to which?",
        "Add up `end - start`. The whole time is from the first visit's arrival to the last visit's end.",
        "`sum(end - start for arrival, start, end in visits) / (visits[-1][2] - visits[0][0])`",
    ),
)
def the_busy_share(utilisation) -> None:
    """`utilisation(visits)` is the share of the time, first arrival to last end, in which one till was busy."""
    served = sorted((m.sent, m.received, m.done) for m in _traces()["messages that come one by one"].messages)
    with trial() as t:
        for visits, what in (
            ([(0, 0, 1), (2, 2, 3), (4, 4, 5)], "three visits with pauses"),
            ([(10.0, 10.0, 12.0), (10.5, 12.0, 13.0), (11.0, 13.0, 14.5)], "a till that is never idle"),
            ([(7.0, 7.0, 7.5)], "a single visit"),
            (
                [(100.0, 100.0, 101.0), (100.2, 101.0, 101.1), (109.0, 109.0, 110.0)],
                "a rush, and then a pause",
            ),
            (served, "a real trace"),
        ):
            right = sum(end - start for _, start, end in visits) / (visits[-1][2] - visits[0][0])
            got = t.run(utilisation, visits)
            expect_type(got, (int, float), "what `utilisation` returned")
            if not math.isclose(got, right, rel_tol=1e-6):
                shown = f"`{visits}`" if len(visits) < 5 else f"{len(visits)} visits"
                raise Wrong(
                    "that is not its utilisation",
                    tried=f"{what}: {shown}",
                    seen=f"`{got:.4g}`",
                    expected=f"`{right:.4g}`: busy from `start` to `end`, of the time from the first arrival "
                    "to the last end",
                )


# --- 01.2


def _measured(trace: Trace) -> tuple[float, float, float]:
    """The number inside (as an area, column by column), the arrival rate, the stay; and the time."""
    first, last = min(m.sent for m in trace.messages), max(m.done for m in trace.messages)
    stays = [m.done - m.sent for m in trace.messages]
    return sum(stays) / (last - first), len(stays) / (last - first), sum(stays) / len(stays)


@exercise(
    "01.2",
    title="Little's law on a real trace",
    hints=(
        "The time is `max(m.done …) - min(m.sent …)`, for the last to be done need not be the last sent. "
        "The rate is the number of messages, divided by it.",
        "A stay is `m.done - m.sent`. For the number inside, count `m.sent <= t < m.done` at many moments `t`, "
        "and take the mean; or use `inside`.",
        "`visits = sorted((m.sent, m.received, m.done) for m in trace.messages)`; then it is what the lesson did, "
        "except that `visits[-1][2]` need not be the last end.",
    ),
)
def little_holds(little) -> None:
    """`little(trace)` returns the mean number inside, the arrival rate and the mean stay of a real trace."""
    for what, trace in _traces().items():
        with trial() as t:
            got = t.run(little, trace)
        if not isinstance(got, (tuple, list)) or len(got) != 3:
            raise Wrong("`little` did not return three numbers", seen=f"`{got!r}`", expected="`return L, lam, W`")
        names = ("the mean number inside", "the arrival rate", "the mean stay")
        for value, right, name in zip(got, _measured(trace), names, strict=True):
            expect_type(value, (int, float), name)
            if not 0.95 < value / right < 1.05:
                raise Wrong(
                    f"{name} is not right",
                    tried=f"the trace of a real run: {what}",
                    seen=f"`{value:.4g}`",
                    expected=f"about `{right:.4g}`",
                    look="the cell under *Little's law*: what is inside, and from when to when",
                )


# --- 01.3


def _erlang_c(arrivals: float, service: float, workers: int) -> float:
    """The mean wait in seconds with exponential gaps and services and one queue (Erlang, 1917)."""
    load = arrivals * service
    if workers <= load:
        return math.inf
    blocked = 1.0
    for n in range(1, workers + 1):
        blocked = load * blocked / (n + load * blocked)
    waits = blocked / (1 - load / workers * (1 - blocked))
    return waits * service / (workers - load)


# In each, one worker less waits half as long again as wanted, or longer: a simulation of ten thousands can tell.
QUESTIONS = ((10, 0.08, 0.1), (20, 0.2, 0.05), (100, 0.02, 0.05), (8, 1, 0.43), (50, 0.1, 0.03))


@exercise(
    "01.3",
    title="How many workers?",
    hints=(
        "How many workers are needed to have a utilisation below 1? Begin there, and add one until the wait "
        "is short enough.",
        "`tills(came, takes, count)` gives the visits, `mean_wait` their wait. `came` adds up the gaps divided by "
        "`arrivals`, `takes` are the services times `service`. Take some ten thousand.",
        "`count = math.floor(arrivals * service) + 1`, then "
        "`while mean_wait(tills(came, takes, count)) > target: count += 1`.",
    ),
)
def enough_and_no_more(workers_for) -> None:
    """`workers_for(arrivals, service, target)` is the smallest number with a mean wait of at most `target` seconds."""
    for arrivals, service, target in QUESTIONS:
        with trial() as t:
            got = t.run(workers_for, arrivals, service, target)
        expect_type(got, int, "what `workers_for` returned")
        right = next(n for n in range(1, 100) if _erlang_c(arrivals, service, n) <= target)
        if got != right:
            wait = _erlang_c(arrivals, service, got) if got > 0 else math.inf
            short = "the queue grows without end" if wait == math.inf else f"the mean wait is {wait:.3g} s"
            raise Wrong(
                "that is too few" if got < right else "that is more than is needed",
                tried=f"`workers_for({arrivals}, {service}, {target})`",
                seen=f"`{got}`, with which {short}",
                expected=f"`{right}`: mean wait {_erlang_c(arrivals, service, right):.3g} s "
                f"(with {right - 1}: {_say(_erlang_c(arrivals, service, right - 1))})",
            )


def _say(wait: float) -> str:
    return "without end" if wait == math.inf else f"{wait:.3g} s"
