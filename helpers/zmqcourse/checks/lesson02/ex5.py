"""02.5: a queue that holds, hands out and goes on."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import zmq

from ...exercise import Wrong, exercise
from ...trial import Trial, trial
from .desk import Idle, ask, holds, is_handed, nothing_is_handed, sell

# Looks like a control word, like nothing, like something else, like the one before.
ODD = [b"", b"next, please", b"\x00\xff\xfe", b"7", b"7", b"x" * 100_000, b"None", b"0"]


@exercise(
    "02.5",
    title="A queue, in three steps",
    hints=(
        "You need a PULL, a REP and a `deque`. Bind both. What has one round of a loop to do when an order has come, "
        "when a question has come, and when there is one of each?",
        "`ready, _, _ = zmq.select([pull, reply], [], [])` waits for either. An order in `pull` is appended. Of a "
        "question remember that it was asked (`asked = True`): a REP receives no other before it has answered.",
        "The third part of the round: `if asked and waiting:`, send `waiting.popleft()` and forget that it was asked.",
    ),
)
def holds_hands_out_goes_on(my_queue) -> str:
    """`my_queue(ctx, orders, desk)` takes in all orders, answers each question with the oldest, and stays."""
    with trial(seconds=10) as t:
        idle = Idle(t, my_queue)
        held = _step("step 1, hold", partial(holds, my_queue, reports=False))
        orders, desk = t.endpoint("tcp"), t.endpoint("tcp")
        t.start(my_queue, t.ctx, orders, desk)
        push = t.connect(zmq.PUSH, orders)
        worker = t.connect(zmq.REQ, desk)
        _step("step 2, hand out", _hands_out, t, push, worker)
        _step("step 3, go on", _goes_on, t, orders, desk, push, worker)
        _step("step 3, go on", idle.wake)
    return f"{held:,} orders held and handed out in turn, {len(ODD)} odd ones, a shop and a worker replaced"


def _step(name: str, play: Callable[..., Any], *args: Any) -> Any:
    """Play a scene of this step; what is wrong in it is said to be wrong there."""
    try:
        return play(*args)
    except Wrong as wrong:
        wrong.message = f"{name}: {wrong.message}"
        raise


def _hands_out(t: Trial, push: zmq.Socket[Any], worker: zmq.Socket[Any]) -> None:
    worker.send(b"")
    nothing_is_handed(t, worker, "no answer while nothing waits")
    sell(t, push, [b"came while somebody waited", *ODD])
    is_handed(t, worker, b"came while somebody waited", "the order that came while a worker waited for one")
    for order in ODD:
        ask(t, worker, order, order, "the oldest order")
    worker.send(b"next, please")
    sell(t, push, [b"last"])
    is_handed(t, worker, b"last", "an order")


def _goes_on(t: Trial, orders: str, desk: str, push: zmq.Socket[Any], worker: zmq.Socket[Any]) -> None:
    sell(t, push, [b"of the first shop", b"its last"])
    ask(t, worker, b"", b"of the first shop", "the oldest order")
    push.close()
    worker.close()
    second, other = t.connect(zmq.PUSH, orders), t.connect(zmq.REQ, desk)
    ask(t, other, b"", b"its last", "the oldest order; the shop that sold it has closed, and another worker asks")
    sell(t, second, [b"of the second shop"])
    ask(t, other, b"", b"of the second shop", "an order of the next shop")
