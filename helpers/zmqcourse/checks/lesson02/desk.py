"""What a queue's check does: sells orders to it, asks for them, and looks at what is handed out."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

import zmq

from ...exercise import Wrong, show
from ...trial import Trial, trial

BOUND = "a PULL that is bound to `orders`"
MARK = 4  # messages that the answer's sockets hold by themselves
FEW = 60  # orders, many times what such sockets hold: an answer may be slow at taking in while nobody asks
MANY = 1500  # more than a list with room for a thousand holds; with the usual marks of 1000, sockets take them at once
QUIET = 2.2  # seconds in which nothing happens to a queue that has to stay


def sell(t: Trial, push: zmq.Socket[Any], orders: Sequence[bytes], said: str = BOUND) -> None:
    """Send orders to the queue. Raises `Wrong` when it does not take them in."""
    for n, order in enumerate(orders):
        expected = said if n else BOUND
        t.send(push, order, expected=f"{expected} (this was order number {n} of {len(orders)})")


def holds(queue: Callable[..., Any], *, reports: bool) -> int:
    """Sell more orders at once than sockets or a short list hold, and only then ask for them; how many there were.

    First with sockets that hold hardly any, then many. With `reports` each question names the order before it.
    """
    _all_in_turn(queue, FEW, MARK, reports)
    _all_in_turn(queue, MANY, 1000, reports)
    return FEW + MANY


def _all_in_turn(queue: Callable[..., Any], count: int, mark: int, reports: bool) -> None:
    with trial(seconds=4) as t:
        t.ctx.setsockopt(zmq.RCVHWM, mark)
        orders, desk = t.endpoint("inproc"), t.endpoint("inproc")
        t.start(queue, t.ctx, orders, desk)
        push, worker = t.connect(zmq.PUSH, orders, sndhwm=mark), t.connect(zmq.REQ, desk)
        numbers = [b"%d" % n for n in range(count)]
        sell(t, push, numbers, "all are taken in, though nobody asks for one")
        for before, order in zip([b"", *numbers], numbers, strict=False):
            ask(t, worker, before if reports else b"next, please", order, "the oldest order")


def ask(t: Trial, worker: zmq.Socket[Any], report: bytes, order: bytes, said: str) -> None:
    """Ask the queue with this report; it must hand out this order."""
    t.send(worker, report, expected="a REP that is bound to `desk`")
    is_handed(t, worker, order, f"after the question `{show(report)}`: {said}")


def is_handed(t: Trial, worker: zmq.Socket[Any], order: bytes, said: str) -> None:
    """The next thing that this asker gets must be the order."""
    frames = t.receive(worker, seconds=1.5, expected=f"`{show(order)}`, {said} (did you bind both sockets?)")
    if frames != [order]:
        raise Wrong(
            "that is not the order which was due",
            tried=said,
            seen=f"`{show(frames)}`",
            expected=f"`[{show(order)}]`",
            look="*Three jobs*: who asks, who answers, and which is the oldest",
        )


def nothing_is_handed(t: Trial, worker: zmq.Socket[Any], said: str, seconds: float = 0.1) -> None:
    """This asker gets nothing for a while."""
    t.silence(worker, seconds=seconds, expected=said)


class Idle:
    """A second run of the answer to which nothing happens for QUIET seconds, while the rest of the check goes on."""

    def __init__(self, t: Trial, queue: Callable[..., Any]) -> None:
        self.t = t
        self.orders, self.desk = t.endpoint("tcp"), t.endpoint("tcp")
        self.began = time.monotonic()
        self.job = t.start(queue, t.ctx, self.orders, self.desk)
        self.push, self.worker = t.connect(zmq.PUSH, self.orders), t.connect(zmq.REQ, self.desk)
        sell(t, self.push, [b"before"])
        ask(t, self.worker, b"", b"before", "the first order")

    def wake(self) -> None:
        """After the quiet time it must still hand out what comes."""
        left = self.began + QUIET - time.monotonic()
        self.t.silence(self.worker, seconds=max(0.0, left), expected="nothing")
        if self.job.done:
            raise Wrong(
                "your queue gave up because nothing happened for a while",
                tried=f"{QUIET:g} s without an order and without a question",
                expected="it works until it is stopped from outside",
            )
        sell(self.t, self.push, [b"after"])
        ask(self.t, self.worker, b"before", b"after", "an order that comes after a long pause")
