"""Lesson 02's apparatus: how orders wait and are dealt with, read from a trace; and each part killed in turn.

The roles of the lesson are handed in; what is measured comes from the record of their sockets. A role's entries leave
its process one by one, so the record of a killed one is whole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from itertools import accumulate
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from typing import Any

from zmqlive import Stage
from zmqlive.trace import Message, Trace

RUSH = 30  # orders that come at once
FIRST = 6  # of them, before the queue is killed
SECOND = 10_000  # the number with which the second shop begins
WORK, LONG = 0.002, 0.03  # seconds for an order; long, so that a worker is at work when it is killed
BOUND = 60.0  # seconds for anything that a run waits for
Steps = tuple[list[float], list[int]]


def sold(trace: Trace) -> list[Message]:
    """What the shop sent, in that order."""
    return sorted((m for m in trace.messages if trace.role_of(m.source) == "shop"), key=lambda m: m.sent)


def handed(trace: Trace) -> list[Message]:
    """What the worker was given, in that order."""
    given = [m for m in trace.messages if trace.role_of(m.target) == "worker" and m.received is not None]
    return sorted(given, key=lambda m: m.received)


def rates(trace: Trace, until: float) -> tuple[float, float]:
    """Orders that come a second, and orders that the worker can do a second, up to a moment."""
    came = [m.sent for m in sold(trace)]
    busy = [m.done - m.received for m in handed(trace) if m.done is not None and m.done < until]
    return (len(came) - 1) / (came[-1] - came[0]), 1 / median(busy)


def waiting(trace: Trace, moment: float) -> int:
    """How many orders had come by that moment, and were not yet handed out."""
    return sum(m.sent < moment for m in sold(trace)) - sum(m.received < moment for m in handed(trace))


def caught_up(trace: Trace, since: float) -> float:
    """The first moment after `since` at which at most one order waited. Raises ValueError when there is none."""
    steps = sorted([(m.sent, 1) for m in sold(trace)] + [(m.received, -1) for m in handed(trace)])
    for (t, _), length in zip(steps, accumulate(step for _, step in steps), strict=True):
        if t > since and length <= 1:
            return t
    raise ValueError("it has not caught up")


def outage_curves(without: Trace, with_queue: Trace) -> dict[str, Steps]:
    """Orders dealt with, counted in time from the moment at which the worker died: by the worker without a queue;
    by shop and worker with one."""
    return {
        "without: worker": _counted(without, [m.received for m in handed(without)]),
        "with: shop": _counted(with_queue, [m.sent for m in sold(with_queue)]),
        "with: worker": _counted(with_queue, [m.received for m in handed(with_queue)]),
    }


def _counted(trace: Trace, moments: Sequence[float]) -> Steps:
    died = next(event.t for event in trace.roles if event.state == "killed")
    return [t - died for t in moments], list(range(1, len(moments) + 1))


# --- each part killed


class Rush:
    """The pause between two orders, as a slider gives it: none for the first RUSH, then fifty milliseconds."""

    def __init__(self) -> None:
        self.left = RUSH

    @property
    def value(self) -> float:
        self.left -= 1
        return 0.0 if self.left > 0 else 0.05


def never_prepared(
    victim: str,
    shop: Callable[..., None],
    queue: Callable[..., None],
    worker: Callable[..., None],
    kept: Callable[..., Any] | None = None,
) -> int:
    """Kill one part ("worker", "queue" or "shop") in a rush of orders, and go on without it or with the next: how many
    of the RUSH orders that were sold before are never prepared.

    `kept(path)` makes what the queue keeps its orders in; None leaves that to the queue. The worker dies at work, the
    queue when it has taken in FIRST orders, and the shop before it has reached the queue. The worker comes when all
    others are there; a second shop, whose numbers begin at SECOND, in the place of the first.
    """
    with TemporaryDirectory() as folder, Stage(f"The {victim} dies") as stage:
        orders, desk = (stage.endpoint("tcp", name=name) for name in ("orders", "desk"))
        if kept is not None:
            queue = partial(queue, kept=partial(kept, Path(folder, "orders.db")))
        stage.add(shop, orders, Rush(), name="shop", process=victim == "shop")
        if victim == "shop":
            stage.wait(lambda s: _said_all(s.trace()), timeout=BOUND)
            stage.kill("shop")
            stage.add(shop, orders, Rush(), SECOND, name="second shop")
        stage.add(queue, orders, desk, SimpleNamespace(), name="queue", process=victim == "queue")
        if victim == "queue":
            stage.wait(lambda s: s.received("queue") >= FIRST, timeout=BOUND)
            stage.restart("queue")
        work = LONG if victim == "worker" else WORK
        stage.add(worker, desk, work, name="worker", process=victim == "worker")
        if victim == "worker":
            stage.wait(lambda s: s.received("worker") >= FIRST, timeout=BOUND)
            stage.restart("worker")
        last = SECOND if victim == "shop" else stage.sent("shop")
        stage.wait(lambda s: _latest(s.trace()) >= last, timeout=BOUND)
    trace = stage.trace()
    died = next(event.t for event in trace.roles if event.state == "killed")
    return len(_promised(trace, died) - _prepared(trace, died if victim == "worker" else None))


def _said_all(trace: Trace) -> bool:
    """Whether the shop can say no more: the rush is over, or it waits for an answer."""
    asks = any(sock.role == "shop" and sock.type == "REQ" for sock in trace.sockets)
    return len(sold(trace)) >= (1 if asks else RUSH)


def _promised(trace: Trace, died: float) -> set[int]:
    """What the shop had said yes to by then, of the rush: what it had sent; if it asks, what it had been answered."""
    answered = [m.received for m in trace.messages if trace.role_of(m.target) == "shop" and m.received is not None]
    asks = any(sock.role == "shop" and sock.type == "REQ" for sock in trace.sockets)
    said = sold(trace)[: sum(t < died for t in answered)] if asks else sold(trace)
    return {number for number in _numbers(m for m in said if m.sent < died) if number < RUSH}


def _latest(trace: Trace) -> int:
    """The number of the order that was handed out last; -1 for none. The orders of one shop are handed out in turn, so
    one that was sold after the fault says that none from before is still on its way."""
    given = handed(trace)
    return _number(given[-1]) if given else -1


def _prepared(trace: Trace, died: float | None) -> set[int]:
    """What the worker has done: all that it was given but what was in its hands when it died."""
    given = handed(trace)
    return _numbers(m for m in given if died is None or m.received > died or (m.done is not None and m.done < died))


def _numbers(messages: Iterable[Message]) -> set[int]:
    return {_number(m) for m in messages}


def _number(m: Message) -> int:
    return int(m.frames[-1])
