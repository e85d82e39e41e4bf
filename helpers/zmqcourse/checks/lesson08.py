"""Lesson 08: who takes the next job: a shared queue, a least-recently-used broker, a worker that leaves."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence

import zmq

from ..exercise import Wrong, exercise
from ..trial import Trial, show, trial

FACTOR = 1.5  # how much sooner than in turn the learner's broker must be done
JOBS = 21
QUICK, SLOW = 0.02, 0.1  # seconds of work
MORE = [b"one more"]
READY, BYE = [b"", b"READY"], [b"", b"BYE"]


def _expect(got: list[bytes], wanted: list[bytes], said: str, *, tried: str) -> None:
    if got != wanted:
        raise Wrong(said, tried=tried, seen=f"`{show(got)}`", expected=f"`{show(wanted)}`")


def _whoever(
    t: Trial, sockets: Sequence[zmq.Socket], *, expected: str, seconds: float = 1.0
) -> tuple[int, list[bytes]]:
    """The first of these sockets at which something arrives: its place, and the message."""

    def arrived() -> list[int]:
        return [n for n, socket in enumerate(sockets) if socket.poll(0)]

    place = t.wait(arrived, expected=expected, seconds=seconds)[0]
    return place, t.receive(sockets[place], expected=expected)


# ---- 08.1 ---------------------------------------------------------------------------------------------------


@exercise(
    "08.1",
    title="A shared queue by hand",
    hints=(
        "A ROUTER bound at `front`, a DEALER bound at `back`, both registered with one `zmq.Poller` for `POLLIN`.",
        "`poller.poll(100)` gives those that have something, and comes back after 100 ms for a look at `stop`.",
        "For each of them `other.send_multipart(socket.recv_multipart())`; `other` is the other one of the two.",
    ),
)
def all_that_comes_goes_across(shared_queue) -> None:
    """`shared_queue(ctx, front, back, stop)` hands messages across, both ways, whole, until `stop` is set."""
    with trial() as t:
        front, back, stop = t.endpoint(), t.endpoint(), threading.Event()
        job = t.start(shared_queue, t.ctx, front, back, stop)
        owed = {}  # body -> the client that waits for its answer
        for body in ([b"one"], [b"two", b"", b"2" * 70_000], [b"", b"three"]):
            client = owed[tuple(body)] = t.connect(zmq.REQ, front)
            t.send(client, *body, expected="a ROUTER bound at `front`")
        clients = list(owed.values())
        first = t.connect(zmq.DEALER, back)  # a REP, but for the envelope, which is looked at
        held = _request(t, first, "a DEALER bound at `back`, through which the request reaches the worker there")
        _served_beside_a_busy_worker(t, front, back, owed)
        while True:  # the first worker has been busy so far: its requests have waited for it
            _serve(t, first, held, owed)
            if not owed:
                break
            held = _request(t, first, "the request that waits for this worker")
        for client in clients:
            t.silence(client, seconds=0.05, expected="one answer for each request")
        began = time.monotonic()
        stop.set()
        t.finish(job, seconds=1.5)
        if time.monotonic() - began > 1.2:
            raise Wrong("`shared_queue` took too long to stop", expected="a second at most, once `stop` is set")


Request = tuple[list[bytes], list[bytes]]  # envelope with its empty frame; body


def _request(t: Trial, worker: zmq.Socket, expected: str) -> Request:
    frames = t.receive(worker, seconds=1.0, expected=expected)
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
    got = t.receive(client, seconds=1.0, expected="the answer comes to the client that had asked, whatever others do")
    if got[0] == b"" and client is asking:
        got = got[1:]
    _expect(
        got,
        [b"", b"answer", *body],
        "an answer did not come back as it was sent",
        tried="an answer of several frames, the first of them empty",
    )


def _served_beside_a_busy_worker(t: Trial, front: str, back: str, owed: dict[tuple[bytes, ...], zmq.Socket]) -> None:
    """Another worker comes late and answers what it is given, while the first keeps everybody waiting."""
    late, asking = t.connect(zmq.DEALER, back), t.connect(zmq.DEALER, front)
    served, end = 0, time.monotonic() + 1.5
    while served < 2:
        if time.monotonic() > end:
            raise Wrong(
                "one busy worker holds up the other",
                tried="a worker had a request in hand; another worker connected, and more requests came",
                seen=f"the other worker was given {served}",
                expected="each worker gets its share, and is answered for, whatever the others do",
            )
        t.send(asking, b"", *MORE, expected="a ROUTER that takes many requests of one client")
        if late.poll(20):
            _serve(t, late, _request(t, late, "a request"), owed, asking)
            served += 1


# ---- 08.2 ---------------------------------------------------------------------------------------------------


@exercise(
    "08.2",
    title="A broker that lets go",
    hints=(
        "Begin with the lesson's `least_recently_used`: two ROUTERs, a list of free workers, and clients are "
        "read only while the list is not empty.",
        'A worker\'s message is `worker, empty, …`; what follows is `[b"READY"]`, `[b"BYE"]` or an answer.',
        "Keep a set of those who said BYE. Hand on what they still answer, but put them on the list no more.",
    ),
)
def the_free_one_works_and_the_leaving_one_goes(lru_broker) -> None:
    """`lru_broker(ctx, front, back)` gives jobs to the one free the longest, and lets workers leave."""
    with trial() as t:
        front, back = t.endpoint(), t.endpoint()
        t.start(lru_broker, t.ctx, front, back)
        _jobs_and_answers(t, front, back)
    with trial() as t:
        front, back = t.endpoint(), t.endpoint()
        t.start(lru_broker, t.ctx, front, back)
        _leaving(t, front, back)
    with trial() as t:
        _race(t, lru_broker)


def _jobs_and_answers(t: Trial, front: str, back: str) -> None:
    ann, eve = t.connect(zmq.REQ, front), t.connect(zmq.REQ, front)
    t.send(ann, b"from ann", expected="a ROUTER bound at `front`")  # before there is any worker
    first = t.connect(zmq.REQ, back)
    t.send(first, b"READY", expected="a ROUTER bound at `back`")
    anns = _job(t, first, [b"from ann"], "the job that had waited for a worker")
    t.send(eve, b"head", b"", b"READY")  # three frames, and a body that must not be mistaken
    t.silence(first, expected="a worker with a job in hand gets no second one")
    second = t.connect(zmq.REQ, back)
    t.send(second, b"READY")
    eves = _job(t, second, [b"head", b"", b"READY"], "the second client's job, for the worker that has come late")
    _answer(t, second, eves, [b"eve's", b"READY"], eve)
    _answer(t, first, anns, [b"READY"], ann)
    t.send(ann, b"again")  # free since: second, first
    place, frames = _whoever(t, [first, second], expected="the next job, for one of two free workers")
    if place == 0:
        raise Wrong(
            "the job went to another worker",
            tried="two workers were free; the second had answered first",
            seen="the job went to the one that had answered last",
            expected="the one that has been free the longest: take from the front of the list, add at its end",
        )
    t.send(eve, b"also")
    anns, eves = frames, _job(t, first, [b"also"], "the job after it, for the other free worker")
    _answer(t, first, eves, [b"2"], eve)
    _answer(t, second, anns, [b"1"], ann)


def _job(t: Trial, worker: zmq.Socket, body: list[bytes], expected: str) -> list[bytes]:
    """What a REQ worker receives must be client, empty, body."""
    frames = t.receive(worker, seconds=1.0, expected=expected)
    _expect(
        frames[1:],
        [b"", *body],
        "a job did not arrive as client, empty, request",
        tried=f"a client sent `{show(body)}`, the worker got `{show(frames)}`",
    )
    return frames


def _answer(t: Trial, worker: zmq.Socket, job: list[bytes], body: list[bytes], client: zmq.Socket) -> None:
    t.send(worker, job[0], b"", *body)
    got = t.receive(client, seconds=1.0, expected=f"the answer `{show(body)}` comes to the client that had asked")
    _expect(got, body, "another answer came than the worker gave", tried=f"a worker answered `{show(body)}`")


def _leaving(t: Trial, front: str, back: str) -> None:
    client, other = t.connect(zmq.REQ, front), t.connect(zmq.REQ, front)
    idle, busy = t.connect(zmq.DEALER, back), t.connect(zmq.DEALER, back)
    t.send(idle, *READY, expected="a ROUTER bound at `back`")
    t.send(client, b"one")
    _, who, _, _ = t.receive(idle, seconds=1.0, expected="the first job, for the one worker that is free")
    t.send(idle, b"", who, b"", b"done")  # and free again
    t.receive(client, seconds=1.0, expected="its answer")
    t.send(idle, *BYE)
    _bye(t, idle, "a worker that was free said BYE")
    t.send(client, b"two")
    t.silence(idle, expected="after the broker's BYE, nothing more for this worker: the job waits for another one")
    t.send(busy, *READY)
    frames = t.receive(busy, seconds=1.0, expected="the job that had waited, for a worker that has just come")
    _expect(frames[2:], [b"", b"two"], "a job did not arrive as client, empty, request", tried="a client sent `two`")
    t.send(busy, *BYE)  # with a job in hand: they have crossed
    _bye(t, busy, "a worker said BYE while a job was on its way to it")
    t.send(busy, b"", frames[1], b"", b"done too")
    got = t.receive(client, seconds=1.0, expected="what a worker answers after its BYE comes to the client")
    _expect(got, [b"done too"], "another answer came than the worker gave", tried="a worker answered after its BYE")
    t.send(other, b"three")
    t.silence(busy, expected="after the broker's BYE, nothing more, although the worker has handed in an answer since")
    new = t.connect(zmq.REQ, back)
    t.send(new, b"READY")
    _job(t, new, [b"three"], "the job that had waited, for a new worker")


def _bye(t: Trial, worker: zmq.Socket, tried: str) -> None:
    got = t.receive(worker, seconds=1.0, expected="the broker's BYE for a worker that said BYE")
    _expect(got, BYE, "a worker that leaves did not get BYE", tried=tried)


def _race(t: Trial, lru_broker) -> None:
    """The same work for a shared queue and the learner's broker, at the same time, with one slow worker each."""
    ends = {name: (t.endpoint(), t.endpoint()) for name in ("in turn", "yours")}
    records: dict[str, list[tuple[float, bool]]] = {name: [] for name in ends}
    t.peer(_in_turn, *ends["in turn"])
    t.start(lru_broker, t.ctx, *ends["yours"])
    for pause in (QUICK, QUICK, SLOW):
        t.peer(_rep_worker, ends["in turn"][1], pause)
        t.peer(_req_worker, ends["yours"][1], pause)
    time.sleep(0.15)  # so that the shared queue has all three workers, or it would lose by starting with one
    began = time.monotonic()
    for name, (front, _) in ends.items():
        jobs = iter(range(JOBS))
        for number in range(6):
            t.peer(_client, front, name, number, jobs, records[name])
    t.wait(
        lambda: len(records["yours"]) == JOBS,
        seconds=2.5,
        expected=f"an answer for each of {JOBS} requests of six clients, from three workers",
    )
    t.wait(lambda: len(records["in turn"]) == JOBS, expected="the shared queue's answers", seconds=3)
    if not all(right for _, right in records["yours"]):
        raise Wrong(
            "an answer came to another client than had asked",
            tried="six clients at once",
            expected="the client's name stays with its request and its answer",
        )
    turn, yours = (max(at for at, _ in records[name]) - began for name in ("in turn", "yours"))
    if turn < FACTOR * yours:
        raise Wrong(
            "your broker is not fast enough",
            tried=f"{JOBS} requests, two workers and one five times slower; a shared queue did the same beside it",
            seen=f"last answer after {yours:.2f} s; the shared queue needed {turn:.2f} s",
            expected=f"at least {FACTOR} times as fast: no job for a worker that is busy",
            look="the lanes of both brokers in the lesson",
        )


def _in_turn(ctx: zmq.Context, front: str, back: str) -> None:
    with ctx.socket(zmq.ROUTER) as frontend, ctx.socket(zmq.DEALER) as backend:
        frontend.bind(front)
        backend.bind(back)
        zmq.proxy(frontend, backend)


def _rep_worker(ctx: zmq.Context, back: str, pause: float) -> None:
    with ctx.socket(zmq.REP) as rep:
        rep.connect(back)
        while True:
            frames = rep.recv_multipart()
            time.sleep(pause)
            rep.send_multipart(frames)


def _req_worker(ctx: zmq.Context, back: str, pause: float) -> None:
    with ctx.socket(zmq.REQ) as req:
        req.connect(back)
        req.send(b"READY")
        while True:
            frames = req.recv_multipart()
            time.sleep(pause)
            req.send_multipart(frames)


def _client(ctx: zmq.Context, front: str, name: str, number: int, jobs, record: list[tuple[float, bool]]) -> None:
    with ctx.socket(zmq.REQ) as req:
        req.connect(front)
        for job in jobs:
            body = [b"client %d" % number, b"%s %d" % (name.encode(), job)]
            req.send_multipart(body)
            right = req.recv_multipart() == body
            record.append((time.monotonic(), right))


# ---- 08.3 ---------------------------------------------------------------------------------------------------


@exercise(
    "08.3",
    title="A worker that leaves safely",
    hints=(
        'A DEALER adds no empty frame: it sends `[b"", b"READY"]`, and receives `[b"", client, b"", job]`.',
        "`dealer.poll(100)` lets you look at `leave` between two jobs. When it is set, say BYE, once, and go on.",
        'Only `[b"", b"BYE"]` from the broker ends the loop; a job that comes before it is done as ever.',
    ),
)
def no_request_is_lost_with_the_worker(polite_worker) -> None:
    """`polite_worker(ctx, back, leave, work)` does jobs until `leave` is set, then says BYE and loses nothing."""
    with trial() as t:  # idle when it is to leave; a job crosses its BYE
        router, back = t.bind(zmq.ROUTER)
        leave = threading.Event()
        job = t.start(polite_worker, t.ctx, back, leave, work)
        worker = _ready(t, router)
        for n in range(2):
            _do(t, router, worker, b"job %d" % n)
        t.silence(router, seconds=0.25, expected="READY once, and then an answer for each job")
        leave.set()
        _says_bye(t, router, worker, "`leave` was set while the worker was idle")
        if job.wait(0.3):
            t.finish(job)
            raise Wrong(
                "the worker left too early",
                tried="`leave` was set, and the worker said BYE",
                seen="it returned before the broker had said BYE",
                expected="it waits for the broker's BYE: a job may be on its way to it",
            )
        _do(t, router, worker, b"crossed")
        _let_go(t, router, worker, job)
    with trial() as t:  # at work when it is to leave
        router, back = t.bind(zmq.ROUTER)
        leave, begun, gate = threading.Event(), threading.Event(), threading.Event()

        def long_work(job: bytes) -> bytes:
            begun.set()
            gate.wait(3.0)
            return work(job)

        job = t.start(polite_worker, t.ctx, back, leave, long_work)
        worker = _ready(t, router)
        t.send(router, worker, b"", b"\0c\1", b"", b"long")
        t.wait(begun.is_set, seconds=1.0, expected="`work` is called with the job")
        leave.set()
        time.sleep(0.1)
        gate.set()
        got = t.receive(router, seconds=1.0, expected="the answer to the job that the worker had in hand")
        _expect(
            got,
            [worker, b"", b"\0c\1", b"", work(b"long")],
            "the job in hand was not answered first",
            tried="`leave` was set while `work` was under way",
        )
        _says_bye(t, router, worker, "`leave` was set while `work` was under way")
        _let_go(t, router, worker, job)


def work(job: bytes) -> bytes:
    return b"done: " + job


def _ready(t: Trial, router: zmq.Socket) -> bytes:
    worker, *said = t.receive(router, seconds=1.5, expected="READY from a DEALER that is connected to `back`")
    _expect(said, READY, "the worker did not say READY as the table shows", tried="a ROUTER bound at `back`")
    return worker


def _do(t: Trial, router: zmq.Socket, worker: bytes, body: bytes) -> None:
    client = b"\0client\0"
    t.send(router, worker, b"", client, b"", body)
    got = t.receive(router, seconds=1.0, expected=f"the answer to `{body!r}`")
    _expect(
        got,
        [worker, b"", client, b"", work(body)],
        "the answer is not empty, client, empty, answer",
        tried=f"the worker was sent `{show([b'', client, b'', body])}`",
    )


def _says_bye(t: Trial, router: zmq.Socket, worker: bytes, tried: str) -> None:
    got = t.receive(router, seconds=1.3, expected=f"BYE, within a second: {tried}")
    _expect(got, [worker, *BYE], "the worker did not say BYE as the table shows", tried=tried)


def _let_go(t: Trial, router: zmq.Socket, worker: bytes, job) -> None:
    t.silence(router, seconds=0.25, expected="BYE once")
    t.send(router, worker, *BYE)
    t.finish(job, seconds=1.0)
    t.silence(router, seconds=0.05, expected="nothing more after the broker's BYE")
