"""15.2: a desk that hands on, refuses at once what there is no room for, and tells the news; nobody holds it up."""

from __future__ import annotations

import time
from collections.abc import Callable

import zmq

from ...exercise import Late, Wrong, exercise
from ...trial import Trial, show, trial
from ..telling import all_is_told, gone

SOON = 1.0      # seconds in which anything over loopback arrives
TURNS = 60      # orders that are refused one after the other: a desk that waits a little for each needs long for all
FLOOD = 5000    # orders, more than all sockets on the way hold
BUSY = b"BUSY"
# Last frames of orders and answers: any bytes, nothing at all, much, and what elsewhere is a word of the desk's.
ANYTHING = (b"photo", b"", b"\xff\0\1", BUSY, b"READY", b"out", bytes(70_000), b"photo")


@exercise(
    "15.2",
    title="A front desk that never waits",
    hints=(
        "ROUTER for the customers, DEALER for the workers, PUB for the news, all bound. Which of the three can wait in "
        "`send`? Only that one needs care.",
        "One poller watches ROUTER and DEALER. An order goes out with `zmq.DONTWAIT`; `zmq.Again` means that nobody "
        "has room, and the customer gets its envelope back with `BUSY`.",
        '`envelope = frames[:frames.index(b"") + 1]`, then `customers.send_multipart([*envelope, b"BUSY"])`. In each '
        "of the three cases, `told.send_multipart([what, frames[-1]])`.",
    ),
)
def nobody_holds_the_desk_up(front_desk) -> str:
    """`front_desk(ctx, orders, jobs, news)` hands on, refuses what there is no room for, and tells the news."""
    with trial(seconds=10) as t:
        orders, jobs, news = t.endpoint(), t.endpoint(), t.endpoint()
        t.start(front_desk, t.ctx, orders, jobs, news)
        ear = t.connect(zmq.SUB, news)
        ear.subscribe(b"")
        ann = t.connect(zmq.REQ, orders, req_relaxed=True, req_correlate=True)
        eve = t.connect(zmq.DEALER, orders)
        _refused(t, ann, eve, ear)
        _at_once(t, eve, ear)
        workers = _workers(t, jobs, eve, ear)
        _there_and_back(t, ann, eve, workers, ear)
        _customer_gone(t, orders, eve, workers, ear)
        gone(t, *workers)
        _refused(t, ann, eve, ear)
    with trial(seconds=10) as t:
        _answers_pass_orders_that_wait(t, front_desk)
    with trial(seconds=10) as t:
        orders, jobs, news = (t.endpoint("inproc") for _ in range(3))
        t.start(front_desk, t.ctx, orders, jobs, news)
        taken, refused = _full(t, orders, jobs, news)
    return (
        f"{taken} orders handed on and {refused} refused when two workers stood still; a customer, a listener that "
        "do not look, one who has left; each order either done or refused, none both"
    )


def _get(t: Trial, socket: zmq.Socket, expected: str, seconds: float = SOON) -> list[bytes]:
    return t.receive(socket, seconds=seconds, expected=expected)


def _same(got: list[bytes], wanted: list[bytes], said: str, tried: str = "") -> None:
    if got != wanted:
        raise Wrong(said, tried=tried, seen=f"`{show(got)}`", expected=f"`{show(wanted)}`")


def _told(t: Trial, ear: zmq.Socket, *wanted: bytes) -> None:
    _same(_get(t, ear, f"the news `{show(list(wanted))}`"), list(wanted), "this is not the news")


# --- nobody works


def _refused(t: Trial, ann: zmq.Socket, eve: zmq.Socket, ear: zmq.Socket) -> None:
    """No worker is there; the listener's subscription arrives sooner or later."""
    end = t.deadline(1.5)
    while True:
        t.send(ann, b"head", b"", b"cat", expected="a ROUTER bound at `orders`")
        got = _get(t, ann, "`BUSY`, at once, behind the whole envelope: no worker is there")
        _same(got, [BUSY], "the customer got something else than BUSY")
        if ear.poll(30):
            break
        if end.over:
            raise Late("no news came", tried="orders that were refused", expected="a PUB bound at `news`")
    _told(t, ear, b"busy", b"cat")
    all_is_told(t, [ear])
    for last in ANYTHING:
        t.send(eve, b"hop", b"another hop", b"", b"", b"head", last)
        got = _get(t, eve, "`BUSY`, behind an envelope that ends with the first empty frame")
        _same(got, [b"hop", b"another hop", b"", BUSY], "the customer got something else than BUSY")
        _told(t, ear, b"busy", last)
    t.silence(ear, seconds=0.05, expected="one piece of news for each order")


def _at_once(t: Trial, eve: zmq.Socket, ear: zmq.Socket) -> None:
    """Many are refused in the time in which somebody who only hands back needs for as many."""
    echo, endpoint = t.bind(zmq.ROUTER)
    asking = t.connect(zmq.DEALER, endpoint)
    plain, yours = [], []
    for _ in range(3):
        began = time.monotonic()
        for number in range(TURNS):
            t.send(asking, b"", b"%d" % number)
            echo.send_multipart(_get(t, echo, "what the check has sent itself"))
            _get(t, asking, "what the check has sent itself")
        plain.append(time.monotonic() - began)
        began = time.monotonic()
        for number in range(TURNS):
            t.send(eve, b"", b"%d" % number)
        for _ in range(TURNS):
            _same(_get(t, eve, "`BUSY` at once"), [b"", BUSY], "the customer got something else than BUSY")
        yours.append(time.monotonic() - began)
        for number in range(TURNS):
            _told(t, ear, b"busy", b"%d" % number)
    if min(yours) > 10 * min(plain) + 0.1 * t.pace:
        raise Late(
            "a customer was not told BUSY at once",
            tried=f"{TURNS} orders, and no worker",
            seen=f"the last BUSY came after {min(yours):.2f} s; an echo needs {min(plain):.3f} s for as many",
            expected="the desk waits for nobody, not even a little: each wait holds up all who come after",
        )


# --- workers that answer when they like


def _workers(t: Trial, jobs: str, eve: zmq.Socket, ear: zmq.Socket) -> list[zmq.Socket]:
    """Two workers, both known to the desk: each has had an order. They answer as a REP would, but when they like."""
    workers = [t.connect(zmq.DEALER, jobs) for _ in range(2)]
    served: set[int] = set()
    end = t.deadline(1.5)
    while len(served) < 2 and not end.over:
        t.send(eve, b"", b"cat", expected="a ROUTER that takes many orders of one customer")
        t.wait(lambda: eve.poll(0) or any(w.poll(0) for w in workers), seconds=SOON,
               expected="an order goes to a worker that is connected to `jobs`")
        if eve.poll(0):
            _same(_get(t, eve, "BUSY"), [b"", BUSY], "the customer got something else than BUSY")
            _told(t, ear, b"busy", b"cat")
            continue
        for number, worker in enumerate(workers):
            if worker.poll(5):
                worker.send_multipart([*_order(t, worker)[:-1], b"cat"])
                served.add(number)
                _get(t, eve, "the answer, for the customer who asked")
                _told(t, ear, b"in", b"cat")
                _told(t, ear, b"out", b"cat")
    if len(served) < 2:
        raise Late("one of two workers never got an order", expected="a DEALER bound at `jobs`: each in turn")
    return workers


def _order(t: Trial, worker: zmq.Socket) -> list[bytes]:
    frames = _get(t, worker, "an order, at one of the workers")
    if b"" not in frames[:-1] or not frames[0]:
        raise Wrong("an order came without its envelope, so that nobody could answer it", seen=f"`{show(frames)}`",
                    expected="all frames that the desk has received, in one message")
    return frames


def _there_and_back(
    t: Trial, ann: zmq.Socket, eve: zmq.Socket, workers: list[zmq.Socket], ear: zmq.Socket
) -> None:
    """The last comes first; whatever the frames hold, they come as they were sent."""
    t.send(ann, b"two", b"", b"dog")
    _told(t, ear, b"in", b"dog")
    for last in ANYTHING:
        t.send(eve, b"hop", b"", b"", last)
        _told(t, ear, b"in", last)
    all_is_told(t, workers)
    held = [(worker, _order(t, worker)) for worker in workers for _ in range(20) if worker.poll(50)]
    if len(held) != len(ANYTHING) + 1:
        raise Wrong("workers did not get each order once", tried=f"{len(ANYTHING) + 1} orders, two workers",
                    seen=f"they got {len(held)}")
    for worker, frames in reversed(held):
        worker.send_multipart([*frames[:-1], b"print of", b"", frames[-1]])
        who, envelope = (ann, [b"two", b""]) if frames[-1] == b"dog" else (eve, [b"hop", b"", b""])
        got = _get(t, who, "each answer comes to the customer who asked, in whatever order workers answer")
        wanted = [*envelope, b"print of", b"", frames[-1]]
        _same(got, wanted, "an answer did not come as it was sent")
        _told(t, ear, b"out", frames[-1])


def _customer_gone(
    t: Trial, orders: str, eve: zmq.Socket, workers: list[zmq.Socket], ear: zmq.Socket
) -> None:
    """An answer, for somebody who has left."""
    bob = t.connect(zmq.REQ, orders)
    t.send(bob, b"for nobody")
    _told(t, ear, b"in", b"for nobody")
    gone(t, bob)
    place = t.wait(lambda: [w for w in workers if w.poll(0)], seconds=SOON, expected="the order, at a worker")[0]
    place.send_multipart(_order(t, place))
    _told(t, ear, b"out", b"for nobody")
    t.send(eve, b"", b"and on")
    _told(t, ear, b"in", b"and on")
    worker = t.wait(lambda: [w for w in workers if w.poll(0)], seconds=SOON, expected="the next order, at a worker")[0]
    worker.send_multipart(_order(t, worker))
    got = _get(t, eve, "an answer: the desk goes on when a customer has left")
    _same(got, [b"", b"and on"], "an answer did not come as it was sent")
    _told(t, ear, b"out", b"and on")


# --- many orders wait


def _answers_pass_orders_that_wait(t: Trial, front_desk: Callable[..., None]) -> None:
    """A crowd stands at the door when the desk opens; the first answer does not come behind all of it."""
    orders, jobs, news = (t.endpoint("inproc") for _ in range(3))
    eve = t.connect(zmq.DEALER, orders, sndhwm=0, rcvhwm=0)
    workers = [t.connect(zmq.DEALER, jobs, rcvhwm=1) for _ in range(2)]
    for number in range(FLOOD):
        t.send(eve, b"", b"%d" % number)
    t.start(front_desk, t.ctx, orders, jobs, news)
    place = t.wait(lambda: [w for w in workers if w.poll(0)], expected="the first order, at a worker")[0]
    place.send_multipart([*_order(t, place)[:-1], b"at last"])
    before = 0
    while _get(t, eve, "the answer to the first order", seconds=3) != [b"", b"at last"]:
        before += 1
    if before > FLOOD / 2:
        raise Late("an answer waited behind orders", tried=f"{FLOOD} orders had come; a worker answered the first",
                   seen=f"{before} more orders were looked after before the answer was passed on",
                   expected="the desk looks after orders and answers in turn")


# --- all stand still


def _full(t: Trial, orders: str, jobs: str, news: str) -> tuple[int, int]:
    """Workers that do nothing: sooner or later there is no room, and the desk says so to everybody. A listener and a
    customer never look. How many orders were handed on, and how many refused."""
    deaf = t.connect(zmq.SUB, news, rcvhwm=1)
    deaf.subscribe(b"")
    sullen = t.connect(zmq.DEALER, orders, rcvhwm=1, sndhwm=0)
    ann, eve = t.connect(zmq.REQ, orders), t.connect(zmq.DEALER, orders, sndhwm=0, rcvhwm=0)
    workers = [t.connect(zmq.DEALER, jobs, rcvhwm=1) for _ in range(2)]
    names = [b"%d" % number for number in range(FLOOD)]
    for name in names:
        t.send(eve, b"", name, expected="a desk that goes on reading its customers' orders")
        t.send(sullen, b"", b"sullen")
    got = _get(t, eve, "`BUSY`, when both workers have all they can hold, and do nothing", seconds=3)
    _same(got[:1] + got[-1:], [b"", BUSY], "the customer got something else than BUSY")
    t.send(ann, b"more")
    got = _get(t, ann, "`BUSY` at once, for the next customer too", seconds=3)
    _same(got, [BUSY], "the customer got something else than BUSY")
    return _settled(t, eve, workers)


def _settled(t: Trial, eve: zmq.Socket, workers: list[zmq.Socket]) -> tuple[int, int]:
    """The workers wake up and answer. One answer for each order of Eve's, who has had the first BUSY already: how many
    were done, and how many refused."""
    count = {b"at last": 0, BUSY: 1}
    end = t.deadline(5.0)
    while sum(count.values()) < FLOOD or any(worker.poll(50) for worker in workers):
        if end.over:
            raise Late("an order was neither done nor refused", tried=f"{FLOOD} orders of one customer",
                       seen=f"{count[b'at last']} were answered, {count[BUSY]} were refused")
        t.wait(lambda: True, expected="an answer that has not failed")
        for worker in workers:
            if worker.poll(1):
                worker.send_multipart([*_order(t, worker)[:-1], b"at last"])
        for _ in range(100):
            if not eve.poll(0):
                break
            empty, said = [*_get(t, eve, "an answer"), b""][:2]
            if empty or said not in count:
                raise Wrong("the customer got something else than an answer or BUSY", seen=f"`{show([empty, said])}`")
            count[said] += 1
    if sum(count.values()) > FLOOD:
        raise Wrong("one order was refused and done all the same", tried=f"{FLOOD} orders of one customer",
                    seen=f"{count[b'at last']} were answered, {count[BUSY]} were refused")
    if not count[b"at last"]:
        raise Wrong("no order was handed on", tried="two workers, which stood still for a while")
    t.silence(eve, seconds=0.1, expected="one answer for each order: it is done or refused, not both")
    return count[b"at last"], count[BUSY]
