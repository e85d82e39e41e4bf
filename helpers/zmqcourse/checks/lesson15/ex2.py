"""15.2: a desk that hands on, refuses at once what there is no room for, and tells the news; nobody holds it up."""

from __future__ import annotations

import time

import zmq

from ...exercise import Wrong, exercise
from ...trial import Trial, show, trial

SOON = 1.0

def _get(t, socket, expected, seconds=SOON):
    return t.receive(socket, seconds=seconds, expected=expected)


def _same(got, wanted, said):
    if got != wanted:
        raise Wrong(said, seen=f"`{show(got)}`", expected=f"`{show(wanted)}`")


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
def nobody_holds_the_desk_up(front_desk) -> None:
    """`front_desk(ctx, orders, jobs, news)` hands on, refuses what there is no room for, and tells the news."""
    with trial(seconds=6) as t:
        orders, news = t.endpoint(), t.endpoint()
        jobs = t.endpoint("inproc")
        t.start(front_desk, t.ctx, orders, jobs, news)
        ear = t.socket(zmq.SUB)
        deaf = t.socket(zmq.SUB, rcvhwm=1)
        for sub in (ear, deaf):
            sub.subscribe(b"")
            sub.connect(news)
        ann = t.connect(zmq.REQ, orders, req_relaxed=True, req_correlate=True)
        eve = t.connect(zmq.DEALER, orders)
        _refused(t, ann, ear)
        workers = _workers(t, jobs, eve)
        _there_and_back(t, ann, eve, workers, ear)
        _full(t, ann, eve, workers)


def _refused(t: Trial, ann: zmq.Socket, ear: zmq.Socket) -> None:
    """Nobody works yet; and the listener's subscription arrives sooner or later."""
    end = time.monotonic() + 1.5
    while True:
        t.send(ann, b"head", b"", b"cat", expected="a ROUTER bound at `orders`")
        got = _get(t, ann, "`BUSY`, at once, behind the whole envelope: no worker is there")
        _same(got, [b"BUSY"], "the customer got something else than BUSY")
        if ear.poll(30):
            return _told(t, ear, [b"busy", b"cat"])
        if time.monotonic() > end:
            raise Wrong("no news came", tried="orders that were refused", expected="a PUB bound at `news`")


def _told(t: Trial, ear: zmq.Socket, wanted: list[bytes]) -> None:
    got = _get(t, ear, f"the news `{show(wanted)}`")
    while got == [b"busy", b"cat"] != wanted:  # of an earlier try
        got = _get(t, ear, f"the news `{show(wanted)}`")
    _same(got, wanted, "this is not the news")


def _workers(t: Trial, jobs: str, eve: zmq.Socket) -> list[zmq.Socket]:
    """Two workers, both known to the desk: each has had an order. They answer as a REP would, but when they like."""
    workers = [t.connect(zmq.DEALER, jobs, rcvhwm=1) for _ in range(2)]
    served: set[int] = set()
    end = time.monotonic() + 1.5
    while len(served) < 2 and time.monotonic() < end:
        t.send(eve, b"", b"cat", expected="a ROUTER that takes many orders of one customer")
        t.wait(lambda: eve.poll(0) or any(w.poll(0) for w in workers), seconds=SOON,
               expected="an order goes to a worker that is connected to `jobs`")
        while eve.poll(0):
            eve.recv_multipart()
        for number, worker in enumerate(workers):
            while worker.poll(5):
                frames = _order(t, worker)
                worker.send_multipart([*frames[:-1], b"cat"])
                served.add(number)
                _get(t, eve, "the answer, for the customer who asked")
    if len(served) < 2:
        raise Wrong("one of two workers never got an order", expected="a DEALER bound at `jobs`: each in turn")
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
    while ear.poll(50):
        ear.recv_multipart()
    t.send(ann, b"two", b"", b"dog")
    _told(t, ear, [b"in", b"dog"])
    for number in range(3):
        t.send(eve, b"", b"photo %d" % number)
        _told(t, ear, [b"in", b"photo %d" % number])
    held = [(worker, _order(t, worker)) for worker in workers for _ in range(2)]
    for worker, frames in sorted(held, key=lambda h: h[1][-1], reverse=True):  # the last first
        worker.send_multipart([*frames[:-1], b"print of", b"", frames[-1]])
        who, envelope = (ann, [b"two", b""]) if frames[-1] == b"dog" else (eve, [b""])
        got = _get(t, who, "each answer comes to the customer who asked, in whatever order workers answer")
        wanted = [*envelope, b"print of", b"", frames[-1]]
        _same(got, wanted, "an answer did not come as it was sent")
        _told(t, ear, [b"out", frames[-1]])


def _full(t: Trial, ann: zmq.Socket, eve: zmq.Socket, workers: list[zmq.Socket]) -> None:
    """Workers that do nothing: sooner or later there is no room, and the desk says so to everybody."""
    for number in range(6000):
        t.send(eve, b"", b"photo %d" % number, expected="a desk that goes on reading its customers' orders")
        if eve.poll(2 if number % 500 == 499 else 0):
            break
    got = _get(t, eve, "`BUSY`, when both workers have all they can hold, and do nothing", seconds=3)
    _same(got, [b"", b"BUSY"], "the customer got something else than BUSY")
    t.send(ann, b"one", b"more")
    got = _get(t, ann, "`BUSY` at once, for the next customer too", seconds=2)
    _same(got, [b"BUSY"], "the customer got something else than BUSY")
    frames = _order(t, workers[0])
    workers[0].send_multipart([*frames[:-1], b"at last"])
    while (got := _get(t, eve, "an answer still passes, when there is no room for orders"))[-1] != b"at last":
        _same(got, [b"", b"BUSY"], "the customer got something else than an answer or BUSY")
