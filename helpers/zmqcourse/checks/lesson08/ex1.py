"""08.1: a shared queue by hand: all goes across, whoever is busy or not there, until it is told to stop."""

from __future__ import annotations

import random as randoms
import threading
import time

import zmq

from ...exercise import Late, Wrong, exercise
from ...trial import Job, Trial, show, trial
from ..telling import gone
from .talk import expect, whoever

MORE = [b"one more"]
SHAPES = ([b"one"], [b""], [b"two", b"", b"2" * 70_000], [b"", b"three"], [b"STOP"])
FLOOD = 1500  # requests that come while the only worker has one in hand: more than two sockets hold by default
Request = tuple[list[bytes], list[bytes]]  # envelope, without its empty frame; body


@exercise(
    "08.1",
    title="A shared queue by hand",
    hints=(
        "A ROUTER bound at `front`, a DEALER bound at `back`, one `zmq.Poller` for both, and `poll(100)`, which comes "
        "back for a look at `stop`. Whatever one of them has is received whole and sent through the other.",
        "Which of the two sends can wait for ever, and for whom? What does the client's answer do meanwhile?",
        "Send to the workers with `zmq.DONTWAIT`. On `zmq.Again` keep the request in hand, and do not read from "
        "clients (`poller.register(frontend, 0)`) until it is gone; answers pass all the time.",
    ),
)
def all_that_comes_goes_across(shared_queue) -> str:
    """`shared_queue(ctx, front, back, stop)` hands messages across, both ways, whole, until `stop` is set."""
    with trial() as t:
        front, back, stop = t.endpoint(), t.endpoint(), threading.Event()
        job = t.start(shared_queue, t.ctx, front, back, stop)
        _any_frames_and_a_busy_worker(t, front, back)
        _stops(t, job, stop, "`stop` was set when there was nothing to do")
    with trial() as t:
        front, back, stop = t.endpoint("inproc"), t.endpoint("inproc"), threading.Event()
        job = t.start(shared_queue, t.ctx, front, back, stop)
        _many_wait_for_a_busy_worker(t, front, back)
        _stops(t, job, stop, "requests waited for a busy worker, and `stop` was set")
    with trial() as t:
        front, back, stop = t.endpoint(), t.endpoint(), threading.Event()
        job = t.start(shared_queue, t.ctx, front, back, stop)
        _nobody_at_the_back(t, front, back)
        _stops(t, job, stop, "requests waited, no worker was connected any more, and `stop` was set")
    return (
        f"{len(SHAPES) + FLOOD + 36} requests of one frame and of several, {FLOOD} of them beside a busy worker, "
        "35 when no worker was there; nothing lost, stopped three times"
    )


def _stops(t: Trial, job: Job, stop: threading.Event, tried: str) -> None:
    began = time.monotonic()
    stop.set()
    try:
        t.finish(job, seconds=3.0)
    except Wrong as wrong:
        raise wrong.add(expected=f"it returns within a second: {tried}") from None
    if (job.ended or began) - began > 1.1:
        raise Late("`shared_queue` took too long to stop", tried=tried, expected="a second at most, once `stop` is set")


# --- any frames, and one worker that is busy


def _any_frames_and_a_busy_worker(t: Trial, front: str, back: str) -> None:
    owed: dict[tuple[bytes, ...], zmq.Socket] = {}  # body -> the client that waits for its answer
    for body in SHAPES:
        client = owed[tuple(body)] = t.connect(zmq.REQ, front)
        t.send(client, *body, expected="a ROUTER bound at `front`")
    clients = list(owed.values())
    first = t.connect(zmq.DEALER, back)  # a REP, but for the envelope, which is looked at
    held = _request(t, first, "a DEALER bound at `back`, through which the request reaches the worker there")
    late = _served_beside_a_busy_worker(t, front, back, owed)
    _serve(t, first, held, owed)
    while owed:  # the first worker has been busy so far: its requests have waited for it
        place, frames = whoever(t, (first, late), expected="a request that waits for its worker", seconds=1.5)
        _serve(t, (first, late)[place], _split(frames), owed)
    for client in clients:
        t.silence(client, seconds=0.05, expected="one answer for each request")


def _request(t: Trial, worker: zmq.Socket, expected: str) -> Request:
    return _split(t.receive(worker, seconds=1.5, expected=expected))


def _split(frames: list[bytes]) -> Request:
    if b"" not in frames[:-1] or not frames[0]:
        raise Wrong(
            "a request came without its envelope, so that nobody could answer it",
            seen=f"the worker was sent `{show(frames)}`",
            expected="client, empty, request, in one message",
        )
    return frames[:2], frames[2:]


def _serve(
    t: Trial,
    worker: zmq.Socket,
    request: Request,
    owed: dict[tuple[bytes, ...], zmq.Socket],
    asking: zmq.Socket | None = None,
) -> None:
    """Answer a request as a REP would; the answer must reach whoever has asked."""
    envelope, body = request
    if tuple(body) not in owed and body != MORE:
        raise Wrong(
            "a request did not arrive as it was sent",
            tried=f"`{show([list(each) for each in owed])}`, one client each",
            seen=f"a worker got `{show(body)}`",
            expected="all frames of a message, in one message",
        )
    t.send(worker, *envelope, b"", b"answer", *body, expected="its answer is taken")
    client = owed.pop(tuple(body), asking)
    if client is None:
        return
    got = t.receive(client, seconds=1.5, expected="the answer comes to the client that had asked, whatever others do")
    if got[0] == b"" and client is asking:
        got = got[1:]
    expect(
        got,
        [b"", b"answer", *body],
        "an answer did not come back as it was sent",
        tried="an answer of several frames, the first of them empty",
    )


def _served_beside_a_busy_worker(
    t: Trial, front: str, back: str, owed: dict[tuple[bytes, ...], zmq.Socket]
) -> zmq.Socket:
    """Another worker comes late and answers what it is given, while the first keeps everybody waiting."""
    late, asking = t.connect(zmq.DEALER, back), t.connect(zmq.DEALER, front)
    served, asked = 0, 0
    while served < 2:
        if asked == 60:
            raise Wrong(
                "one busy worker holds up the other",
                tried=f"a worker had a request in hand; another worker connected, and {asked} more requests came",
                seen=f"the other worker was given {served}",
                expected="each worker gets its share, and is answered for, whatever the others do",
            )
        t.send(asking, b"", *MORE, expected="a ROUTER that takes many requests of one client")
        asked += 1
        if late.poll(20):
            _serve(t, late, _request(t, late, "a request"), owed, asking)
            served += 1
    return late


# --- many, while the only worker is busy


def _many_wait_for_a_busy_worker(t: Trial, front: str, back: str) -> None:
    """More than the sockets on the way hold by default: when the worker reads again, nothing may be missing."""
    worker, client = t.connect(zmq.DEALER, back, rcvhwm=1), t.connect(zmq.DEALER, front, sndhwm=0)
    t.send(client, b"", b"first")
    envelope, body = _request(t, worker, "the first request, at the only worker")
    for number in range(FLOOD):
        t.send(client, b"", b"%d" % number)
    t.send(worker, *envelope, *body)
    wanted = [[b"", b"%d" % number] for number in range(FLOOD)]
    came = [frames[1:] for frames in t.receive_many(worker, FLOOD, expected=f"all {FLOOD} that had waited")]
    if came != wanted:
        raise Wrong(
            "requests that had waited were lost or mixed up",
            tried=f"{FLOOD} requests came while the only worker was busy",
            expected="each of them reaches the worker when it has room again, in order",
        )
    got = t.receive(client, seconds=2.0, expected="the answer to the first request")
    expect(got, [b"", b"first"], "another answer came than the worker gave", tried="a worker answered `first`")
    for number in range(20):  # these wait at the worker when `stop` is set
        t.send(client, b"", b"%d" % number)


# --- nobody at the back


def _nobody_at_the_back(t: Trial, front: str, back: str) -> None:
    """Requests wait for the first worker; when the last one has gone, they wait again."""
    clients = [t.connect(zmq.REQ, front) for _ in range(10)]
    asking = t.connect(zmq.DEALER, front)
    for number, client in enumerate(clients):
        t.send(client, b"%d" % number)
    for number in range(20):
        t.send(asking, b"", b"more %d" % number)
    t.silence(asking, seconds=0.1, expected="no answer: nobody works")  # all requests have come by now
    worker = t.connect(zmq.DEALER, back)
    wanted = {b"%d" % number for number in range(10)} | {b"more %d" % number for number in range(20)}
    while wanted:
        expected = f"{len(wanted)} more of the 30 requests that came before there was any worker"
        envelope, body = _request(t, worker, expected)
        if len(body) != 1 or body[0] not in wanted:
            raise Wrong("a worker was sent what nobody had asked, or the same twice", seen=f"`{show(body)}`")
        wanted.discard(body[0])
        t.send(worker, *envelope, *body)
    for number, client in enumerate(clients):
        got = t.receive(client, expected="the answer to a request that had waited for a worker")
        expect(got, [b"%d" % number], "another answer came than the worker gave", tried=f"a client asked `{number}`")
    for when in ("one worker has gone", "two workers have gone"):
        gone(t, worker)
        for number in range(5):
            t.send(asking, b"", b"%s %d" % (when.encode(), number))
            t.silence(clients[0], seconds=0.02, expected="one answer for each request")
        if when.startswith("two"):
            return  # they wait when `stop` is set
        worker = t.connect(zmq.DEALER, back)
        while (body := _request(t, worker, f"what was asked when {when}: it waits for the next one")[1]) != [
            b"%s 4" % when.encode()
        ]:
            if len(body) != 1 or not body[0].startswith(when.encode()):
                raise Wrong("a worker was sent what had been done before", seen=f"`{show(body)}`")


# --- the same for longer


def soak(shared_queue, random: randoms.Random, seconds: float) -> str:
    """Workers that come late, fall asleep and join, clients that go unheard; then `stop` in the midst of it.

    Raises `Wrong` when a request is lost; else a sentence with the ledger.
    """
    with trial(seconds=seconds + 60) as t:
        front, back, stop, over = t.endpoint(), t.endpoint(), threading.Event(), threading.Event()
        job = t.start(shared_queue, t.ctx, front, back, stop)
        asked, served, right, slept = [0] * 8, [0] * 5, [0] * 8, [0.0] * 5
        seeds = [random.random() for _ in range(13)]

        def worker(ctx: zmq.Context, place: int) -> None:
            chance = randoms.Random(seeds[place])
            with ctx.socket(zmq.REP) as rep:
                rep.connect(back)
                while True:
                    rep.send_multipart(rep.recv_multipart())
                    served[place] += 1
                    if chance.random() < 0.001:
                        pause = chance.uniform(0.1, 1.0)
                        slept[place] += pause
                        time.sleep(pause)

        def client(ctx: zmq.Context, place: int) -> None:
            chance = randoms.Random(seeds[5 + place])
            with ctx.socket(zmq.DEALER) as dealer:
                dealer.sndhwm = dealer.rcvhwm = 0
                dealer.connect(front)
                while not over.is_set():
                    burst = [[b"", b"%d %d" % (place, n), chance.randbytes(chance.choice((0, 1, 900)))]
                             for n in range(chance.choice((1, 10, 150)))]
                    for frames in burst:
                        dealer.send_multipart(frames)
                    asked[place] += len(burst)
                    got = [dealer.recv_multipart() for _ in burst]
                    right[place] += sum(frames in got for frames in burst)

        def passer_by(ctx: zmq.Context) -> None:
            chance = randoms.Random(seeds[0])
            while not over.is_set():
                with ctx.socket(zmq.REQ) as req:
                    req.connect(front)
                    req.send(b"nobody waits for the answer")
                    time.sleep(chance.uniform(0, 0.1))

        for place in range(8):
            t.peer(client, place)
        t.peer(passer_by)
        job.wait(2.0)  # nobody works yet
        for place in range(5):
            t.peer(worker, place)
            job.wait(random.uniform(0, seconds / 10))
        job.wait(max(0.0, seconds - 2.0))
        over.set()
        t.wait(lambda: right == asked and sum(asked), seconds=30, expected="an answer for each request")
        late = t.connect(zmq.DEALER, front, sndhwm=0)
        for number in range(FLOOD):
            t.send(late, b"", b"%d" % number)
        _stops(t, job, stop, f"{FLOOD} requests were under way when `stop` was set")
        return (
            f"{sum(asked)} requests of 8 clients, workers 2 s late that served {sum(served)} and slept "
            f"{sum(slept):.1f} s in all; {sum(right)} answered right, none lost; stopped with {FLOOD} under way"
        )
