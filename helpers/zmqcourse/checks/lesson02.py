"""Lesson 02: a queue between two programs, one of which is killed."""

from __future__ import annotations

import math
import time
from collections import deque
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import zmq
from zmqlive.recorder import Recorder
from zmqlive.trace import Trace

from ..exercise import Wrong, exercise
from ..trial import Trial, expect_type, trial

LOOK = "`queue` and `worker` in the lesson: who asks, who answers"


# --- 02.1


def _prepare(path: Path, order: bytes, first: float = 0.03) -> None:
    """The work, with its two moments written to a file, for the worker may be in another process.

    The very first order takes `first` seconds.
    """
    seconds = 0.03 if path.exists() else first
    _note(path, b"began " + order)
    time.sleep(seconds)
    _note(path, b"did " + order)


def _note(path: Path, what: bytes) -> None:
    with open(path, "ab") as file:
        file.write(what + b"\n")


def _times(path: Path, what: bytes) -> int:
    return path.read_bytes().split(b"\n").count(what) if path.exists() else 0


def _asked(t: Trial, desk: zmq.Socket, report: bytes, when: str) -> None:
    """The worker's next question, which must carry this report."""
    expected = f"{when}, a question: `{report!r}`"
    frames = t.receive(desk, seconds=2, expected=expected)
    if frames != [report]:
        raise Wrong("the worker asked with something else", tried=when, seen=f"`{frames}`", expected=f"`[{report!r}]`")


@exercise(
    "02.1",
    title="A worker that reports",
    hints=(
        'Keep what to ask with in a variable: `b""` at first. What is it after an order was prepared?',
        "The loop has four steps: ask with `done`, receive an order, prepare it, and only then call it done.",
        '`ask.send(done)`, `order = ask.recv()`, `prepare(order)`, `done = order`, with `done = b""` before the loop.',
    ),
)
def reports_what_is_done(reporting_worker) -> None:
    """`reporting_worker(ctx, desk, prepare)` asks, prepares, and asks again with what it has done."""
    with TemporaryDirectory() as folder:
        path = Path(folder, "work")
        with trial() as t:
            desk, endpoint = t.bind(zmq.REP)
            t.start(reporting_worker, t.ctx, endpoint, partial(_prepare, path))
            _asked(t, desk, b"", "before it has done anything")
            for order in (b"2 teas", b"a cake", b"7"):
                t.send(desk, order)
                _asked(t, desk, order, f"after it was given `{order!r}`")
                _must_be_done_once(path, order)
            t.silence(desk, expected="one question, and then it waits for the answer")
        path.unlink()
        with trial(seconds=5) as t:
            _killed_at_work(t, reporting_worker, path)


def _must_be_done_once(path: Path, order: bytes) -> None:
    times = _times(path, b"did " + order)
    if times != 1:
        raise Wrong(
            "an order was reported that is not done" if not times else "an order was prepared more than once",
            seen=f"`{order!r}` was reported, and `prepare` had finished it {times} times",
            expected="prepare it once, and then report it",
        )


def _killed_at_work(t: Trial, worker: Any, path: Path) -> None:
    desk, endpoint = t.bind(zmq.REP)
    t.role(worker, endpoint, partial(_prepare, path, first=1.0), name="worker")
    _asked(t, desk, b"", "when it has started")
    t.send(desk, b"first")
    t.wait(lambda: _times(path, b"began first"), expected="`prepare(b'first')` is called", seconds=2)
    t.stage.kill("worker")
    if desk.poll(0):
        raise Wrong(
            "an order was reported before it was done",
            tried="your worker was killed while it prepared `b'first'`",
            seen=f"it had reported `{desk.recv()!r}`",
            expected="the report after the work",
        )
    t.stage.restart("worker")
    for report, order in ((b"", b"first"), (b"first", b"second"), (b"second", b"third")):
        _asked(t, desk, report, "after it was killed and started again" if not report else f"after `{report!r}`")
        t.send(desk, order)
    _asked(t, desk, b"third", "after `b'third'`")
    for order in (b"first", b"second", b"third"):
        _must_be_done_once(path, order)


# --- 02.2


class _Shop:
    """A shop, its queue and its workers, played by the check: what their sockets do is recorded."""

    def __init__(self) -> None:
        self.recorder = Recorder("a shop")
        self.context = self.recorder.context()
        self.waiting: deque[bytes] = deque()
        self.pull, self.reply = self.socket("queue", zmq.PULL), self.socket("queue", zmq.REP)
        self.push = self.socket("shop", zmq.PUSH)
        self.push.connect(_bound(self.pull))
        self.desk = _bound(self.reply)
        self.start_worker()

    def socket(self, role: str, kind: int) -> zmq.Socket:
        with self.recorder.role(role):
            socket = self.context.socket(kind)
        socket.rcvtimeo = 3000
        return socket

    def start_worker(self) -> None:
        self.worker, self.report = self.socket("worker", zmq.REQ), b""
        self.worker.connect(self.desk)

    def sell(self, *numbers: int) -> None:
        for number in numbers:
            self.push.send(b"%d" % number)
            self.waiting.append(self.pull.recv())

    def give(self, times: int = 1) -> None:
        """The worker asks with its report, and is given the next order."""
        for _ in range(times):
            self.worker.send(self.report)
            self.reply.recv()
            self.reply.send(self.waiting.popleft())
            self.report = self.worker.recv()

    def kill_worker(self) -> None:
        self.worker.close(linger=0)
        self.start_worker()

    def close(self) -> Trace:
        trace = self.recorder.trace()
        self.context.destroy(linger=0)
        self.recorder.close()
        return trace


def _bound(socket: zmq.Socket) -> str:
    socket.bind("tcp://127.0.0.1:*")
    return socket.last_endpoint


def _all_reported(shop: _Shop) -> list[int]:
    shop.sell(*range(13))
    shop.give(13)
    return [12]  # in hand


def _killed_in_between(shop: _Shop) -> list[int]:
    shop.sell(*range(14))
    shop.give(10)
    shop.kill_worker()  # with 9 in hand
    shop.give(2)
    return [9, 11, 12, 13]  # 11 is in hand, two wait


def _handed_out_again(shop: _Shop) -> list[int]:
    shop.sell(100, 20, 3)
    shop.give()
    shop.kill_worker()
    shop.waiting.appendleft(b"100")
    shop.give(2)
    shop.waiting.appendleft(b"20")  # in hand it was, and comes once more
    shop.give(2)
    return [3]


def _called(shop: _Shop) -> list[int]:
    """No queue: the shop calls, its worker answers with the number; one call is never answered."""
    reply = shop.socket("worker", zmq.REP)
    endpoint = _bound(reply)
    for number in (7, 8, 9, 10):
        call = shop.socket("shop", zmq.REQ)
        call.connect(endpoint)
        call.send(b"%d" % number)
        order = reply.recv()
        if number == 9:
            reply.close(linger=0)
            reply = shop.socket("worker", zmq.REP)
            endpoint = _bound(reply)
        else:
            reply.send(order)
            call.recv()
    return [9]


@exercise(
    "02.2",
    title="What was not done?",
    hints=(
        "Two sets of numbers: what the shop sent, what workers sent. What is in the first and not in the second?",
        "`trace.role_of(m.source) == \"shop\"` picks the shop's. Of the worker's, leave out those with an empty frame.",
        "`int(m.frames[0])` is the number; `sorted(sold - reported)` with two sets is the answer.",
    ),
)
def what_was_not_done(undone) -> None:
    """`undone(trace)` lists, sorted, the numbers that the shop sent and no worker reported."""
    for play, what in (
        (_all_reported, "thirteen orders, the last of them in hand"),
        (_killed_in_between, "a worker killed with an order in hand; one in hand, two waiting at the end"),
        (_handed_out_again, "orders that were handed out twice"),
        (_called, "a shop that calls its worker, which dies once"),
    ):
        shop = _Shop()
        try:
            expected = play(shop)
        finally:
            trace = shop.close()
        with trial() as t:
            got = t.run(undone, trace)
            expect_type(got, list, "what `undone` returned")
            if got != expected:
                raise Wrong(
                    "that is not what was left undone",
                    tried=f"the trace of a real run: {what}",
                    seen=f"`{got}`",
                    expected=f"`{expected}`: what the shop sent and no worker reported",
                )


# --- 02.3


@exercise(
    "02.3",
    title="How big must it be?",
    hints=(
        "While the worker is away, nothing leaves. How many come in `outage` seconds?",
        "After that it does `service` a second, but `arrivals` a second are new. What is left over for the pile?",
        "`arrivals * outage` wait, and `math.ceil` rounds it up. Divided by `service - arrivals`, if that is above 0, "
        "it gives the seconds.",
    ),
)
def the_size_for_an_outage(size) -> None:
    """`size(arrivals, service, outage)` is how many wait at its end, and the seconds until it has caught up."""
    with trial() as t:
        for arrivals, service, outage in ((8, 16, 3), (10, 12, 60), (3, 4, 0.5), (5, 5, 2), (7, 2, 1.5)):
            waiting = arrivals * outage
            seconds = waiting / (service - arrivals) if service > arrivals else math.inf
            room, caught_up = _sized(t, size, arrivals, service, outage)
            if room != math.ceil(waiting) or not math.isclose(caught_up, seconds, rel_tol=1e-6):
                raise Wrong(
                    "that is not its size",
                    tried=f"`size({arrivals}, {service}, {outage})`",
                    seen=f"`({room!r}, {caught_up!r})`",
                    expected=f"`({math.ceil(waiting)}, {seconds:g})`",
                    look="the formula under *Catching up*",
                )
        _compare_with_a_run(t, size)


def _sized(t: Trial, size: Any, *args: float) -> tuple[float, float]:
    got = t.run(size, *args)
    expect_type(got, tuple, "what `size` returned")
    if len(got) != 2:
        raise Wrong("`size` did not return two numbers", seen=f"`{got!r}`", expected="`return room, seconds`")
    for value, what in zip(got, ("the room", "the seconds"), strict=True):
        expect_type(value, (int, float), what)
    return got


def _compare_with_a_run(t: Trial, size: Any) -> None:
    """A real outage of half a second; the answer must come near what was measured in it."""
    pull, orders = t.bind(zmq.PULL)
    t.peer(_selling, orders)
    t.receive(pull)
    began = time.monotonic()
    time.sleep(0.5)  # the outage: nobody receives
    outage, sent = time.monotonic() - began, t.stage.sent("_selling")
    arrivals, waiting, done = (sent - 1) / outage, sent - 1, 1
    back = time.monotonic()
    while (left := t.stage.sent("_selling") - done) > 1 and t.left:
        t.receive(pull)
        done += 1
        time.sleep(0.004)
    seconds = time.monotonic() - back
    arrivals = (done + left) / (outage + seconds)
    room, caught_up = _sized(t, size, arrivals, (done - 1) / seconds, outage)
    for what, said, seen in (("room", room, waiting), ("seconds", caught_up, seconds)):
        if not 0.5 < said / seen < 2:
            raise Wrong(
                f"a real outage of {outage:.1f} s went otherwise",
                tried=f"`size({arrivals:.0f}, {(done - 1) / seconds:.0f}, {outage:.2f})`, the rates of that run",
                seen=f"{what}: {said:.2f}",
                expected=f"about {seen:.2f}, as measured",
            )


def _selling(ctx: zmq.Context, orders: str) -> None:
    with ctx.socket(zmq.PUSH) as push:
        push.connect(orders)
        while True:
            push.send(b"")
            time.sleep(0.01)


# --- 02.4


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


@exercise(
    "02.4",
    title="A queue that loses nothing",
    hints=(
        "One more name beside `waiting`: what is in the worker's hand now. When does it change?",
        'At a question: `b""` with something in hand means that its worker is dead: `waiting.appendleft(in_hand)`. '
        "Anything else is a report, and nothing is in hand any more.",
        "Take each question in at once, and remember that you owe an answer (`asked = True`); answer as soon as "
        "an order waits. A REP must answer one before it can receive the next.",
    ),
)
def nothing_is_lost(careful_queue) -> None:
    """`careful_queue(ctx, orders, desk)` keeps what it has handed out until it is reported."""
    with trial() as t:
        orders, desk = t.endpoint("tcp"), t.endpoint("tcp")
        t.start(careful_queue, t.ctx, orders, desk)
        push = t.connect(zmq.PUSH, orders)
        _sell(t, push, 0, 1, 2)
        first = t.connect(zmq.REQ, desk)
        _handed(t, first, b"", b"0", "the first order (did you bind both sockets?)")
        _handed(t, first, b"0", b"1", "the next")
        first.close(linger=0)  # dies with 1 in hand
        _sell(t, push, 3)
        second = t.connect(zmq.REQ, desk)
        _handed(t, second, b"", b"1", "`1` again: the worker that had it in hand has died")
        _handed(t, second, b"1", b"2", "the next, `1` was reported")
        _handed(t, second, b"2", b"3", "the next")
        second.send(b"3")  # nothing waits now
        t.silence(second, seconds=0.15, expected="no answer while no order waits")
        second.close(linger=0)  # dies while it waits for an order
        third = t.connect(zmq.REQ, desk)
        third.send(b"")
        t.silence(third, seconds=0.1, expected="nothing to hand out: `3` was reported before its worker died")
        _sell(t, push, 4)
        _is_handed(t, third, b"4", "the order that came after a worker had died while it waited")
        third.close(linger=0)
        _one_is_killed(t, push, desk)


def _sell(t: Trial, push: zmq.Socket, *numbers: int) -> None:
    for number in numbers:
        t.send(push, b"%d" % number, expected="a PULL that is bound to `orders`")


def _handed(t: Trial, worker: zmq.Socket, report: bytes, order: bytes, expected: str) -> None:
    t.send(worker, report, expected="a REP that is bound to `desk`")
    _is_handed(t, worker, order, f"after the question `{report!r}`: {expected}")


def _is_handed(t: Trial, worker: zmq.Socket, order: bytes, expected: str) -> None:
    frames = t.receive(worker, seconds=1.5, expected=f"`{order!r}`, {expected}")
    if frames != [order]:
        raise Wrong(
            "another order was handed out",
            seen=f"`{frames}`",
            expected=f"`[{order!r}]`, {expected}",
            look=LOOK,
        )


def _one_is_killed(t: Trial, push: zmq.Socket, desk: str) -> None:
    """The same with a real worker, killed with SIGKILL at work: `4` is in hand when it begins."""
    numbers = list(range(10, 16))
    _sell(t, push, *numbers)
    t.stage.start()
    t.stage.add(_worker, desk, name="worker", process=True)
    t.wait(lambda: t.stage.received("worker") >= 3, expected="a worker in a process is given orders", seconds=3)
    t.stage.restart("worker")

    def reported() -> set[int]:
        trace = t.trace
        sent = (m.frames[0] for m in trace.messages if trace.role_of(m.source) == "worker")
        return {int(frame) for frame in sent if frame}

    try:
        t.wait(lambda: reported() >= {4, *numbers}, expected="", seconds=2.5)
    except Wrong:
        raise Wrong(
            "orders were lost with a killed worker",
            tried=f"the orders {numbers} for a worker that was killed and started again",
            seen=f"never reported: {sorted({4, *numbers} - reported())}",
            expected="each is done: what was in hand is handed out again",
        ) from None
