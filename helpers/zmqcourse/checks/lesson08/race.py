"""The same work for a shared queue and for the learner's broker, at the same time, with one slow worker each."""

from __future__ import annotations

import time

import zmq

from ...exercise import Late, Wrong
from ...trial import Trial

FACTOR = 1.5  # how much sooner than the shared queue the learner's broker must be done
JOBS = 21
QUICK, SLOW = 0.02, 0.1  # seconds of work


def race(t: Trial, lru_broker) -> str:
    """How the race ended, in words. Raises `Wrong` for a wrong answer, `Late` when there was no gain."""
    ends = {name: (t.endpoint(), t.endpoint()) for name in ("in turn", "yours")}
    records: dict[str, list[tuple[float, bool]]] = {name: [] for name in ends}
    there: list[str] = []
    t.peer(_in_turn, *ends["in turn"], there)
    t.start(lru_broker, t.ctx, *ends["yours"])
    for pause in (QUICK, QUICK, SLOW):
        t.peer(_rep_worker, ends["in turn"][1], pause)
        t.peer(_req_worker, ends["yours"][1], pause)
    # The shared queue would lose by starting with one worker: each of the three must have taken something.
    t.wait(lambda: len(set(there)) == 3, expected="the shared queue's workers are there", seconds=2.0)
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
        raise Late(
            "your broker is not fast enough",
            tried=f"{JOBS} requests, two workers and one five times slower; a shared queue did the same beside it",
            seen=f"last answer after {yours:.2f} s; the shared queue needed {turn:.2f} s",
            expected=f"at least {FACTOR} times as fast: no job for a worker that is busy",
            look="the lanes of both brokers in the lesson",
        )
    return f"{yours:.2f} s where a shared queue needed {turn:.2f} s"


def _in_turn(ctx: zmq.Context, front: str, back: str, there: list[str]) -> None:
    """A shared queue, after each worker has answered one message of its own."""
    with ctx.socket(zmq.ROUTER) as frontend, ctx.socket(zmq.DEALER) as backend:
        frontend.bind(front)
        backend.bind(back)
        while len(set(there)) < 3:
            if backend.poll(0, zmq.POLLOUT):
                backend.send_multipart([b"probe", b"", b""])
            if backend.poll(5):
                there.append(backend.recv_multipart()[-1].decode())
        while backend.poll(20):
            backend.recv_multipart()
        zmq.proxy(frontend, backend)


def _rep_worker(ctx: zmq.Context, back: str, pause: float) -> None:
    with ctx.socket(zmq.REP) as rep:
        rep.connect(back)
        while True:
            frames = rep.recv_multipart()
            if frames == [b""]:
                rep.send(b"%d" % id(rep))
                continue
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
