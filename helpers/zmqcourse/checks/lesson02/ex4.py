"""02.4: a queue that keeps what it has handed out until it is reported."""

from __future__ import annotations

import time

import zmq
from zmqlive.trace import Message

from ...exercise import Wrong, exercise
from ...trial import Trial, trial
from .desk import Idle, ask, holds, is_handed, nothing_is_handed, sell

KILLED = [b"%d" % n for n in range(10, 16)]


@exercise(
    "02.4",
    title="A queue that loses nothing",
    hints=(
        "One more name beside `waiting`: what is in the worker's hand now. When does it change?",
        'At a question: `b""` with something in hand means that its worker is dead: `waiting.appendleft(in_hand)`. '
        "Anything else is a report, and nothing is in hand any more.",
        "Take each question in at once, and remember that you owe an answer (`asked = True`); answer when an order "
        "waits. A REP must answer one before it can receive the next.",
    ),
)
def nothing_is_lost(careful_queue) -> str:
    """`careful_queue(ctx, orders, desk)` keeps what it has handed out until it is reported."""
    with trial(seconds=10) as t:
        idle = Idle(t, careful_queue)
        held = holds(careful_queue, reports=True)
        orders, desk = t.endpoint("tcp"), t.endpoint("tcp")
        t.start(careful_queue, t.ctx, orders, desk)
        push = t.connect(zmq.PUSH, orders)
        _workers_come_and_go(t, push, desk)
        _one_is_killed(t, push, desk)
        idle.wake()
    return f"{held:,} orders held, six workers that died, one of them killed at work; nothing lost"


def _workers_come_and_go(t: Trial, push: zmq.Socket, desk: str) -> None:
    def worker() -> zmq.Socket:
        return t.connect(zmq.REQ, desk)

    sell(t, push, [b"0", b"1", b"1", b"2"])  # two customers want the same
    first = worker()
    ask(t, first, b"", b"0", "the first order")
    ask(t, first, b"0", b"1", "the next")
    first.close(linger=0)  # dies with 1 in hand
    sell(t, push, [b"3"])
    for time_ in ("", ", and so has the one after it"):  # the second one dies with it, too
        second = worker()
        ask(t, second, b"", b"1", f"`1` again: the worker that had it in hand has died{time_}")
        if not time_:
            second.close(linger=0)
    ask(t, second, b"1", b"1", "the second order of that name; the first was reported")
    ask(t, second, b"1", b"2", "the next, both were reported")
    ask(t, second, b"2", b"3", "the next")
    second.send(b"3")  # nothing waits now
    nothing_is_handed(t, second, "no answer while no order waits", 0.15)
    second.close(linger=0)  # dies while it waits for an order
    third = worker()
    third.send(b"")
    nothing_is_handed(t, third, "nothing to hand out: `3` was reported before its worker died")
    sell(t, push, [b"4", b"5"])
    is_handed(t, third, b"4", "the order that came after a worker had died while it waited")
    third.close(linger=0)


def _worker(ctx: zmq.Context, desk: str) -> None:
    """A worker that reports, to be killed."""
    with ctx.socket(zmq.REQ) as ask:
        ask.connect(desk)
        done = b""
        while True:
            ask.send(done)
            order = ask.recv()
            time.sleep(0.05)
            done = order


def _one_is_killed(t: Trial, push: zmq.Socket, desk: str) -> None:
    """The same with a real worker, killed with SIGKILL at work: `4` is in hand when it begins."""
    wanted = {b"4", b"5", *KILLED}
    sell(t, push, KILLED)
    t.stage.start()
    t.stage.add(_worker, desk, name="worker", process=True)
    t.wait(lambda: t.stage.received("worker") >= 3, expected="a worker in a process is given orders", seconds=3)
    t.stage.restart("worker")

    def reported() -> set[bytes]:
        trace = t.trace
        return {_payload(m) for m in trace.messages if trace.role_of(m.source) == "worker"} - {b""}

    try:
        t.wait(lambda: reported() >= wanted, expected="", seconds=3)
    except Wrong:
        raise Wrong(
            "orders were lost with a killed worker",
            tried=f"the orders {_names(wanted)} for a worker that was killed and started again",
            seen=f"never reported: {_names(wanted - reported()) or 'none; they came too late'}",
            expected="each is done: what was in hand is handed out again",
        ) from None


def _payload(m: Message) -> bytes:
    """What the worker sent, whatever socket it has met: a ROUTER sees an envelope before it."""
    return (m.as_sent or m.frames)[-1]


def _names(orders: set[bytes]) -> str:
    return ", ".join(sorted(order.decode("latin-1") for order in orders))
