"""15.3's customer, and desks that lose, that answer late or twice, that die and come back."""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import pairwise

import zmq

from ...exercise import Late, Wrong, show
from ...trial import Job, Trial
from ..telling import all_is_told

PATIENCE = 0.2  # seconds, as they are handed to the answer
REPEATS = 4
BUSY = 5        # times in a row that a desk has no room
PRINTED = b"printed"
WISHES = [[b"7", b"cat"], [b"8", b"dog"], [b"9", b"cat"], [b"\xff\0", b""], [b"", bytes(70_000)]]
Customer = Callable[..., None]
Asked = tuple[list[bytes], list[bytes]]  # the way back; number and photo


def no_wishes(t: Trial, customer: Customer) -> None:
    """Nothing to ask for: it comes back, although no desk is there."""
    t.run(customer, t.ctx, t.endpoint(), [], PATIENCE, seconds=1.0)


def with_desks_that_die(t: Trial, customer: Customer) -> int:
    """One order after the other, each until it is printed; how often the customer has asked."""
    endpoint = t.endpoint()
    job = t.start(customer, t.ctx, endpoint, [list(wish) for wish in WISHES], PATIENCE)
    desk = t.socket(zmq.ROUTER)
    desk.bind(endpoint)
    first, second, third, *others = WISHES
    ways = _repeats(t, desk, first)
    _answer(desk, ways[-1], first)
    # An answer of a try that was given up, under its number: libzmq throws it away where tries are told apart, and
    # whoever then waits without a bound waits for ever.
    _next_is(t, desk, second, "the first order was answered", after=first)
    tried = "the first order's answer came again and again, late; none for the second order"
    for _ in range(5):  # where this desk was silent for so long that anybody would ask again, it shows nothing
        silent = _late_answers(t, desk, [ways[-1], ways[0]], first, f"the order `{show(second)}`: {tried}")
        way = _next_is(t, desk, second, tried, said="an old answer was taken for a new one")
        if silent < 0.8 * PATIENCE:
            break
    else:
        raise Late("the check's desk was late with its old answers", tried=tried)
    tried = f'the desk answered `[number, b"BUSY"]`, {BUSY} times, and not that it is printed'
    for _ in range(BUSY):
        desk.send_multipart([*way, second[0], b"BUSY"])
        way = _next_is(t, desk, second, tried, said="an order was taken for printed that was not, or given up")
    all_is_told(t)
    desk.close(linger=0)
    desk = _another_desk(t, endpoint, job)
    way = _next_is(t, desk, second, "the desk was killed, and started again", seconds=2.5)
    _answer(desk, way, second)
    way = _next_is(t, desk, third, "two orders were answered", after=second)
    _answer(desk, way, third)
    before = third
    for wish in others:
        _answer(desk, _next_is(t, desk, wish, f"{show(before)} was answered", after=before), wish)
        before = wish
    t.finish(job, seconds=1.5)
    return sum(trace_role == customer.__name__ for trace_role in _senders(t))


def _senders(t: Trial) -> list[str]:
    trace = t.trace
    return [trace.role_of(message.source) for message in trace.messages]


def _repeats(t: Trial, desk: zmq.Socket, wish: list[bytes]) -> list[list[bytes]]:
    """No answer: it asks again, when `patience` is over and not before. The ways back of all tries."""
    expected = "the first order, at a desk that is bound to `orders`"
    ways, began = [], time.monotonic()
    for number in range(REPEATS + 1):
        way, got = _asked(t, desk, expected, 1.5)
        if got != wish:
            said = "the order was not repeated as it was" if number else "this is not the first order"
            raise Wrong(said, tried=f"no answer; patience {PATIENCE} s", seen=f"`{show(got)}`",
                        expected=f"`{show(wish)}`")
        if not number:
            began = time.monotonic()
        ways.append(way)
        expected = "the same order again, when `patience` is over"
    took = time.monotonic() - began
    seen, tried = f"{REPEATS} repeats took {took:.2f} s", f"no answer; patience {PATIENCE} s"
    if took < 0.7 * REPEATS * PATIENCE:
        raise Late("the order was repeated too soon", tried=tried, seen=seen,
                   expected="an answer has `patience` seconds")
    if took > 2.5 * REPEATS * PATIENCE:
        raise Late("the order was repeated too late", tried=tried, seen=seen, expected="again after `patience` seconds")
    return ways


def _late_answers(t: Trial, desk: zmq.Socket, ways: list[list[bytes]], old: list[bytes], expected: str) -> float:
    """Answers to an older order keep coming, more often than `patience` ends, until the customer asks again. The
    longest time, in seconds, in which none came."""
    times = [time.monotonic()]

    def asked() -> bool:
        for way in ways:
            _answer(desk, way, old)
        times.append(time.monotonic())
        return bool(desk.poll(PATIENCE * 1000 / 4))

    t.wait(asked, seconds=1.5, expected=expected)
    times.append(time.monotonic())
    return max(after - before for before, after in pairwise(times))


def _asked(t: Trial, desk: zmq.Socket, expected: str, seconds: float) -> Asked:
    frames = t.receive(desk, seconds=seconds, expected=expected)
    return frames[:-2], frames[-2:]


def _answer(desk: zmq.Socket, way: list[bytes], wish: list[bytes]) -> None:
    desk.send_multipart([*way, wish[0], PRINTED])


def _next_is(
    t: Trial,
    desk: zmq.Socket,
    wish: list[bytes],
    tried: str,
    *,
    after: list[bytes] | None = None,
    said: str = "this is not the order that has no answer",
    seconds: float = 1.5,
) -> list[bytes]:
    """The next order is this one; its way back. Repeats of the one before may have crossed its answer: they are
    answered as well."""
    while True:
        way, got = _asked(t, desk, f"the order `{show(wish)}`: {tried}", seconds)
        if got == wish:
            return way
        if got != after:
            raise Wrong(said, tried=tried, seen=f"`{show(got)}`", expected=f"`{show(wish)}`")
        _answer(desk, way, after)


def _another_desk(t: Trial, endpoint: str, job: Job) -> zmq.Socket:
    """The port is free when the old socket's thread has let it go."""
    if job.done:
        t.finish(job)
        raise Wrong("the customer gave up", tried="the desk was killed", expected="it asks again until it is answered")
    desk = t.socket(zmq.ROUTER)

    def bound() -> bool:
        try:
            desk.bind(endpoint)
        except zmq.ZMQError:
            return False
        return True

    t.wait(bound, seconds=2, expected="(the check could not open its desk again: run it once more)")
    return desk
