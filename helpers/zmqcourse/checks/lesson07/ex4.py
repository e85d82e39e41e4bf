"""07.4: a shop whose books did not agree: its till and its client, mended, alone and together."""

from __future__ import annotations

import threading
import time
from collections import Counter
from typing import Any

import zmq

from ...exercise import Late, Wrong, exercise
from ...trial import Job, Trial, show, trial
from .servers import said, silent_later

FRAMES = "three frames, `[id, until, order]`"


class Selling:
    """What the till is to call once for each order: notes what was sold, and waits at the gate while that is shut."""

    __name__ = "sell"

    def __init__(self) -> None:
        self.sold: list[bytes] = []
        self.gate = threading.Event()
        self.gate.set()

    def __call__(self, order: bytes) -> bytes:
        self.sold.append(order)
        self.gate.wait(5.0)
        return b"receipt %d: " % len(self.sold) + order


@exercise(
    "07.4",
    title="Find the fault: paid twice",
    hints=(
        "Look at the ledger of the run. What was sold twice: did the till know that it was the same order? "
        "What was sold to nobody: could the till have known that?",
        "An id names an *order*, not a try; a deadline is that of the whole purchase. Where are the two made now, and "
        "who looks at them?",
        "In the client, make `id` and `until` before the loop, for all tries. In the till keep a dict from id to "
        "receipt; what is not in it and too late gets `b''`, and is not sold.",
    ),
)
def sold_once_or_not_at_all(honest_till, honest_buy) -> str:
    """`honest_till(ctx, endpoint, sell)` and `honest_buy(ctx, endpoint, order, patience, tries)`."""
    _a_purchase(honest_buy)
    _refused_and_alone(honest_buy)
    _two_customers(honest_buy)
    _the_till(honest_till)
    return _together(honest_till, honest_buy)


# --- the client, at a till of the check's


def _a_purchase(buy) -> None:
    """Asked twice, answered the second time: one id, one deadline."""
    with trial() as t:
        patience, tries = 0.25 * t.pace, 4
        router, endpoint = t.bind(zmq.ROUTER)
        began = time.time()
        job = t.start(buy, t.ctx, endpoint, b"tea", patience, tries)
        _, id, until = _question(t, router, job, b"tea")
        moment = _moment(until)
        if not -0.1 < moment - began - patience * tries < 0.5 * t.pace:
            raise Late(
                "`until` is not when the client gives up",
                tried=f"`{job.call}`",
                seen=f"`until` is {moment - began:.2f} s after the call",
                expected=f"{patience * tries:.2f} s after it: {tries} tries of {patience:.2g} s each",
            )
        way, again, then = _question(t, router, job, b"tea")
        if again != id:
            raise Wrong(
                "the second try has another id",
                tried=f"`{job.call}`; the first try was not answered",
                seen=f"first `{show(id)}`, then `{show(again)}`",
                expected="the same: by another id the till cannot know that it is the same order",
            )
        if abs(_moment(then) - moment) > 0.01:
            raise Wrong(
                "the second try has another deadline",
                tried=f"`{job.call}`; the first try was not answered",
                seen=f"`until` moved by {_moment(then) - moment:.2f} s",
                expected="the same: it says when the client gives up for good",
            )
        t.send(router, *way, b"a receipt")
        _bought(t, job, b"a receipt", "the second try was answered")


def _refused_and_alone(buy) -> None:
    with trial() as t:
        router, endpoint = t.bind(zmq.ROUTER)
        job = t.start(buy, t.ctx, endpoint, b"tea", 0.5 * t.pace, 3)
        way, *_ = _question(t, router, job, b"tea")
        t.send(router, *way, b"")
        _bought(t, job, None, "the till answered `b''`, not sold")
        t.silence(router, seconds=0.05, expected="no further try: the till has said no")
    with trial() as t:
        endpoint = t.endpoint("tcp")
        job = t.start(buy, t.ctx, endpoint, b"tea", 0.1, 2)
        _bought(t, job, None, "nobody was there")
        silent_later(t, endpoint, job)


def _two_customers(buy) -> None:
    """Two programs that want the same: two orders."""
    with trial() as t:
        router, endpoint = t.bind(zmq.ROUTER)
        t.role(buy, endpoint, b"tea", 5.0 * t.pace, 1, count=2)
        ids = []
        for _ in range(2):
            way, id, _ = _question(t, router, None, b"tea")
            t.send(router, *way, b"a receipt")
            ids.append(id)
        if ids[0] == ids[1]:
            raise Wrong(
                "two customers sent the same id",
                tried="`honest_buy` in two programs at the same time, for the same order",
                seen=f"both sent `{show(ids[0])}`",
                expected="an id that nobody else makes, `uuid4().bytes` for one: else the second gets the receipt of "
                "the first, and no tea",
            )


def _question(t: Trial, router: zmq.Socket[Any], job: Job | None, order: bytes) -> tuple[list[bytes], bytes, bytes]:
    frames = t.receive(router, seconds=2.5, expected=f"a question of {FRAMES}")
    if b"" not in frames[1:] or len(frames) - frames.index(b"", 1) != 4 or frames[-1] != order:
        raise Wrong("that is not the question", seen=said(frames[1:]), expected=f"an empty delimiter, then {FRAMES}")
    at = frames.index(b"", 1) + 1
    return frames[:at], frames[at], frames[at + 1]


def _moment(until: bytes) -> float:
    try:
        return float(until)
    except ValueError:
        raise Wrong(
            "`until` is no time", seen=f"`{show(until)}`", expected="`str(time.time() + …).encode()`, seconds as text"
        ) from None


def _bought(t: Trial, job: Job, expected: bytes | None, why: str) -> None:
    value = t.finish(job, seconds=2.5)
    if value != expected:
        raise Wrong(
            f"`{job.name}` returned something else",
            tried=f"`{job.call}`: {why}",
            seen=f"it returned `{show(value)}`",
            expected=f"`{show(expected)}`",
        )


# --- the till, with clients of the check's


def _the_till(till) -> None:
    with trial() as t:
        endpoint, sell = t.endpoint("tcp"), Selling()
        t.start(till, t.ctx, endpoint, sell)
        client = t.connect(zmq.DEALER, endpoint)

        def ask(tag: bytes, id: bytes, order: bytes, seconds: float = 60.0) -> None:
            moment = str(time.time() + seconds).encode()
            t.send(client, tag, b"", id, moment, order, expected="a REP that is bound at `endpoint`")

        def hear(count: int, why: str) -> dict[bytes, bytes]:
            heard = t.receive_many(client, count, expected=f"each question is answered, sold or not: {why}")
            for frames in heard:
                if len(frames) != 3:
                    raise Wrong("that is no answer", seen=said(frames[2:]), expected="one frame: a receipt, or `b''`")
            return {tag: answer for tag, _, answer in heard}

        ask(b"first", b"1", b"tea")
        first = hear(1, "a first order")[b"first"]
        ask(b"again", b"1", b"tea")
        ask(b"other", b"2", b"tea")
        ask(b"past", b"3", b"soup", -1.0)
        got = hear(3, "the same id again, another id with the same order, and one that is too late already")
        _sold(sell, [b"tea", b"tea"], "the orders 1 tea, 1 tea (again), 2 tea, and 3 soup, whose client had given up")
        _receipts(got, {b"again": first, b"other": b"receipt 2: tea", b"past": b""})

        sell.gate.clear()
        ask(b"slow", b"4", b"rice")
        t.wait(lambda: b"rice" in sell.sold, expected="`sell(b'rice')` is called")
        ask(b"slow again", b"4", b"rice")
        ask(b"gave up", b"5", b"soup", 0.15)
        ask(b"waits", b"6", b"plum")
        ask(b"gave up again", b"5", b"soup", 0.15)
        over = time.time() + 0.2
        t.wait(lambda: time.time() > over, expected="a moment passes")
        sell.gate.set()
        got = hear(5, "while one sale took long, a client repeated, one gave up, one waited")
        _sold(sell, [b"tea", b"tea", b"rice", b"plum"], "rice took long; meanwhile the customer for soup gave up")
        rice = b"receipt 3: rice"
        none = {b"gave up": b"", b"gave up again": b""}
        _receipts(got, {b"slow": rice, b"slow again": rice, b"waits": b"receipt 4: plum", **none})

        ask(b"much later", b"1", b"tea")
        ask(b"much later, too", b"4", b"rice", -1.0)  # it is sold, whoever waits
        got = hear(2, "repeats of orders that were sold a while ago")
        _sold(sell, [b"tea", b"tea", b"rice", b"plum"], "repeats of orders that were sold a while ago")
        _receipts(got, {b"much later": first, b"much later, too": rice})


def _sold(sell: Selling, expected: list[bytes], tried: str) -> None:
    if sell.sold == expected:
        return
    times, wanted = Counter(sell.sold), Counter(expected)
    more = [order.decode() for order in times if times[order] > wanted[order]]
    raise Wrong(
        f"{more[0]} was sold too often" if more else "an order was not sold",
        tried=tried,
        seen=f"sold: `{show(sell.sold)}`",
        expected=f"`{show(expected)}`: each id once, and nothing for those who have given up",
    )


def _receipts(got: dict[bytes, bytes], expected: dict[bytes, bytes]) -> None:
    for tag, answer in expected.items():
        if got.get(tag) != answer:
            raise Wrong(
                "that is not the answer",
                tried=f"the question called “{tag.decode()}”",
                seen=f"`{show(got.get(tag))}`",
                expected=f"`{show(answer)}`: the receipt, the same for a repeat; `b''` for what is not sold",
            )


# --- both


def _together(till, buy) -> str:
    """Customers at the till, which is slow for a while: nobody pays twice, nobody pays for nothing."""
    with trial() as t:
        endpoint, sell = t.endpoint("tcp"), Selling()
        t.start(till, t.ctx, endpoint, sell)
        orders = [b"order %d" % number for number in range(8)]
        sell.gate.clear()
        first = t.start(buy, t.ctx, endpoint, orders[0], 0.1 * t.pace, 100)
        t.wait(lambda: sell.sold, expected="the first order reaches `sell`")
        hasty = [t.start(buy, t.ctx, endpoint, order, 0.1, 2) for order in orders[1:4]]
        for job in hasty:
            _bought(t, job, None, "the till was busy all the time")
        staying = [first, *(t.start(buy, t.ctx, endpoint, order, 0.2 * t.pace, 50) for order in orders[4:])]
        sell.gate.set()
        receipts = {job.args[2].decode(): t.finish(job, seconds=2.5) for job in staying}
        times = Counter(sell.sold)
        twice = [order.decode() for order in times if times[order] > 1]
        missing = [order for order, receipt in receipts.items() if not receipt]
        nobody = [job.args[2].decode() for job in hasty if times[job.args[2]]]
        ledger = (
            f"{len(orders)} orders: {len(receipts) - len(missing)} with a receipt, {len(hasty)} given up; "
            f"sold twice: {', '.join(twice) or 'none'}; sold to nobody: {', '.join(nobody) or 'none'}"
        )
        if twice or nobody or missing:
            raise (Wrong if twice or nobody else Late)(
                "the books do not agree",
                tried="eight customers at the till; the first sale took long, and three of them gave up meanwhile",
                seen=ledger + (f"; without receipt: {', '.join(missing)}" if missing else ""),
                expected="each order sold once to whoever stayed, and never to who had gone",
            )
        return f"at a till that was slow for a while, {ledger}"
