"""Lesson 07: what its cells measure, the trouble that they make, and a shop whose books do not agree."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from statistics import median
from typing import Any

import zmq
from zmqlive import Stage
from zmqlive.trace import Trace

CUSTOMERS, ORDERS = 3, 4
PATIENCE, TRIES = 0.4, 2
QUICK, SLOW = 0.03, 0.3  # seconds that a sale takes, and takes for a while
SLOW_SALES = range(4, 9)  # the sales that are slow


def median_wait(trace: Trace, family: str) -> float:
    """Half of the waits of these roles for a message were no longer than this, in seconds."""
    roles = {socket.id for socket in trace.sockets if socket.role.startswith(family)}
    return median(wait.end - wait.start for wait in trace.waits if wait.end and wait.socket in roles)


def ask_six(req: zmq.Socket[Any], rep: zmq.Socket[Any]) -> int:
    """Ask six questions in a row; how many came to this REP, until one went elsewhere."""
    for answered in range(6):
        req.send(b"?")
        if not rep.poll(1000):
            return answered
        rep.send(rep.recv())
        req.recv()
    return 6


def kill_at_work(stage: Stage, name: str) -> None:
    """Wait until this role has taken one more question, kill it with SIGKILL, and start it again.

    Where nobody asks it any more, it is left alone after a few seconds: a cell may run twice.
    """
    taken, end = stage.received(name), time.monotonic() + 5
    stage.wait(lambda s: s.received(name) > taken or time.monotonic() > end, timeout=30)
    if stage.received(name) > taken:
        stage.kill(name)
        stage.restart(name)


def begun_twice(trace: Trace, name: str, but: bytes = b"") -> list[bytes]:
    """The questions that this role, or the one started after it, took more than once, leaving out `but`."""
    taken = Counter(m.frames[-1] for m in trace.messages if m.received and trace.role_of(m.target) == name)
    return [question for question, count in taken.items() if count > 1 and question != but]


def two_pairs(
    server: Callable[..., None], hasty: Callable[..., None], work: Any, patience: Any
) -> tuple[Stage, dict[str, list[int]]]:
    """Two servers, each with a hasty client of its own: one is only relaxed, the other correlates as well.

    Returns the stage, running, and for each client the list of its wrong answers.
    """
    wrong: dict[str, list[int]] = {"relaxed": [], "correlated": []}
    stage = Stage("Late answers", seconds=600)
    for number, name in enumerate(wrong, start=1):
        endpoint = stage.endpoint("tcp", name=name)
        stage.add(server, endpoint, work, name=f"server {number}")
        stage.add(hasty, endpoint, patience, name == "correlated", wrong[name], name=name)
    return stage.start(), wrong


def slow_for_a_while(stage: Stage, work: Any, wrong: dict[str, list[int]]) -> tuple[int, int]:
    """Make the work (a slider) slower than the clients' patience until three answers were wrong, then quick again.

    Returns how many answers the relaxed client took for others until then, and how many since.
    """
    quick = work.value
    stage.wait(lambda s: s.received("correlated") >= 5, timeout=30)
    work.value = 0.7
    stage.wait(lambda s: len(wrong["relaxed"]) >= 3, timeout=30)
    work.value = quick
    slow, before = len(wrong["relaxed"]), stage.received("correlated")
    stage.wait(lambda s: s.received("correlated") >= before + 8, timeout=30)
    return slow, len(wrong["relaxed"]) - slow


class Shop:
    """A day in the shop: three customers in a row buy four things each, and selling is slow for a while.

    trace: the record. ledger: what the books say in the evening, one sentence.
    """

    def __init__(self, till: Callable[..., None], buy: Callable[..., bytes | None]) -> None:
        self.sold: list[tuple[bytes, float]] = []  # order, and when its sale began
        self.got: dict[bytes, tuple[bytes | None, float]] = {}  # order → receipt, and when the customer left
        with Stage("The shop", seconds=60) as stage:
            counter = stage.endpoint("tcp", name="counter")
            stage.add(till, counter, self._sell, name="till")
            for number in range(1, CUSTOMERS + 1):
                stage.add(self._customer, buy, counter, number, name=f"customer {number}")
            stage.start()
            customers = [f"customer {number}" for number in range(1, CUSTOMERS + 1)]
            stage.wait(lambda s: all(s.role(name).gone for name in customers), timeout=40)
            # what waits at the till is sold before it closes
            stage.wait(lambda s: time.monotonic() > max(t for _, t in self.sold) + 2 * SLOW, timeout=20)
            self.trace = stage.trace()

    def _sell(self, order: bytes) -> bytes:
        self.sold.append((order, time.monotonic()))
        time.sleep(SLOW if len(self.sold) in SLOW_SALES else QUICK)
        return b"receipt for " + order

    def _customer(self, ctx: zmq.Context[Any], buy: Callable[..., bytes | None], counter: str, number: int) -> None:
        for count in range(1, ORDERS + 1):
            order = b"%d.%d" % (number, count)
            receipt = buy(ctx, counter, order, PATIENCE, TRIES)
            self.got[order] = receipt, time.monotonic()

    @property
    def ledger(self) -> str:
        times = Counter(order for order, _ in self.sold)
        with_receipt = [order for order, (receipt, _) in self.got.items() if receipt]
        nobody = [order for order, began in self.sold if began > self.got[order][1]]
        return (
            f"{len(self.got)} orders: {len(with_receipt)} with a receipt, "
            f"{len(self.got) - len(with_receipt)} given up\n"
            f"{len(self.sold)} sales: {sum(n > 1 for n in times.values())} orders sold more than once, "
            f"{len(nobody)} sales when the customer had gone"
        )
