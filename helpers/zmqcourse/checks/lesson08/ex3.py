"""08.3: a worker that leaves without losing a request, however busy or slow its broker is."""

from __future__ import annotations

import threading
from collections.abc import Callable

import zmq

from ...exercise import Late, Wrong, exercise
from ...trial import Job, Trial, show, trial
from .talk import BYE, READY, expect

AHEAD = 20  # jobs that always wait at a busy worker
LARGE, LINE = 10_000_000, 30_000_000  # bytes of an answer, more than a kernel keeps; bytes a second of its line
Work = Callable[[bytes], bytes]


@exercise(
    "08.3",
    title="A worker that leaves safely",
    hints=(
        'A DEALER adds no empty frame: it sends `[b"", b"READY"]`, and receives `[b"", client, b"", job]`.',
        "Look at `leave` before every wait, not only when nothing comes. When it is set, say BYE, once, and go on.",
        'Only `[b"", b"BYE"]` from the broker ends the loop, whenever it comes: a message of two frames. '
        "A job has four, whatever is in them, and is done as ever.",
    ),
)
def no_request_is_lost_with_the_worker(polite_worker) -> str:
    """`polite_worker(ctx, back, leave, work)` does jobs until `leave` is set, then says BYE and loses nothing."""
    with trial() as t:
        patient = _said_bye(t, polite_worker)  # its broker takes its time, while the others are looked at
        _idle_then_crossed(t, polite_worker)
        _at_work_when_told(t, polite_worker)
        _its_broker_has_more(t, polite_worker)
        _the_last_answer_is_large(t, polite_worker)
        _its_broker_came_round(t, *patient)
    return (
        f"five workers left: idle, at work, with {AHEAD} jobs waiting, with a slow broker, and with "
        f"{LARGE // 1_000_000} MB still to hand in; jobs and clients called BYE; every job answered once"
    )


def work(job: bytes) -> bytes:
    return b"done: " + job


Worker = tuple[zmq.Socket, bytes, threading.Event, Job]  # its broker's socket, its name there, leave, the call


def _worker(t: Trial, polite_worker, does: Work = work, bandwidth: float | None = None) -> Worker:
    """The answer, at work for a broker of its own; it has said READY. `bandwidth` of its line in bytes a second."""
    router, back = t.bind(zmq.ROUTER)
    if bandwidth:
        back = t.link(back, bandwidth=bandwidth).endpoint
    leave = threading.Event()
    job = t.start(polite_worker, t.ctx, back, leave, does)
    name, *said = t.receive(router, seconds=1.5, expected="READY from a DEALER that is connected to `back`")
    expect(said, READY, "the worker did not say READY as the table shows", tried="a ROUTER bound at `back`")
    return router, name, leave, job


def _do(t: Trial, router: zmq.Socket, worker: bytes, body: bytes, client: bytes = b"\0client\0") -> None:
    tried = f"the worker was sent `{show([b'', client, b'', body])}`"
    t.send(router, worker, b"", client, b"", body)
    got = t.receive(router, seconds=1.5, expected=f"the answer to a job: {tried}")
    expect(got, [worker, b"", client, b"", work(body)], "the answer is not empty, client, empty, answer", tried=tried)


def _says_bye(t: Trial, router: zmq.Socket, worker: bytes, tried: str) -> None:
    got = t.receive(router, seconds=2.0, expected=f"BYE: {tried}")
    expect(got, [worker, *BYE], "the worker did not say BYE as the table shows", tried=tried)


def _let_go(t: Trial, router: zmq.Socket, worker: bytes, job: Job) -> None:
    t.silence(router, seconds=0.15, expected="BYE once")
    t.send(router, worker, *BYE)
    t.finish(job, seconds=1.5)
    t.silence(router, seconds=0.05, expected="nothing more after the broker's BYE")


def _idle_then_crossed(t: Trial, polite_worker) -> None:
    router, worker, leave, job = _worker(t, polite_worker)
    for body, client in (b"job", b"\0client\0"), (b"BYE", b"ann"), (b"", b"BYE"), (b"READY", b"READY"):
        _do(t, router, worker, body, client)
    t.silence(router, seconds=0.15, expected="READY once, and then an answer for each job")
    leave.set()
    began = t.left
    _says_bye(t, router, worker, "`leave` was set while the worker was idle")
    if began - t.left > 1.1:
        raise Late("the worker took too long to say BYE", expected="within a second, when it has nothing in hand")
    _is_there(t, job, 0.1)
    _do(t, router, worker, b"BYE", b"BYE")  # crossed
    _let_go(t, router, worker, job)


def _at_work_when_told(t: Trial, polite_worker) -> None:
    begun, gate = threading.Event(), threading.Event()

    def long_work(job: bytes) -> bytes:
        begun.set()
        gate.wait(10.0)
        return work(job)

    router, worker, leave, job = _worker(t, polite_worker, long_work)
    tried = "`leave` was set while `work` was under way"
    t.send(router, worker, b"", b"\0c\1", b"", b"long")
    t.wait(begun.is_set, seconds=1.5, expected="`work` is called with the job")
    leave.set()
    early = router.poll(100)
    gate.set()
    got = t.receive(router, seconds=1.5, expected="the answer to the job that the worker had in hand")
    wanted = [worker, b"", b"\0c\1", b"", work(b"long")]
    expect(got, wanted, "the job in hand was not answered first", tried=tried)
    if early:
        raise Wrong("an answer came before `work` had returned", tried=tried)
    _says_bye(t, router, worker, tried)
    _let_go(t, router, worker, job)


def _its_broker_has_more(t: Trial, polite_worker) -> None:
    """For each answer there is a next job at once, as from a broker with many clients."""
    told, all_sent = [0], threading.Event()

    def third_is_the_last(job: bytes) -> bytes:
        all_sent.wait(10.0)
        told[0] += 1
        if told[0] == 3:
            threading.Event().wait(0.1 * t.pace)  # what the broker has sent has time to arrive
            leave.set()
        return work(job)

    router, worker, leave, job = _worker(t, polite_worker, third_is_the_last)
    for number in range(AHEAD):
        t.send(router, worker, b"", b"ann", b"", b"%d" % number)
    all_sent.set()
    for number in range(200):
        expected = "an answer for each job, and BYE soon after `leave` was set"
        got = t.receive(router, seconds=1.5, expected=expected)
        if got == [worker, *BYE]:
            break
        wanted = [worker, b"", b"ann", b"", work(b"%d" % number)]
        expect(got, wanted, "an answer is missing, or not as it should be", tried="job after job, without a pause")
        t.send(router, worker, b"", b"ann", b"", b"%d" % (number + AHEAD))
    else:
        raise Wrong(
            "a busy worker never leaves",
            tried="the broker had a next job for each answer; `leave` was set during the third",
            seen="after 200 answers there was no BYE",
            expected="it finishes what it has in hand, and then says BYE, however much there is to do",
        )
    if number > 8:
        raise Wrong(
            "the worker went on for long after it was told to leave",
            tried="the broker had a next job for each answer; `leave` was set during the third",
            seen=f"BYE came after {number} answers",
        )
    for crossed in range(number, number + AHEAD):
        got = t.receive(router, seconds=1.5, expected="an answer for the jobs that have crossed its BYE")
        wanted = [worker, b"", b"ann", b"", work(b"%d" % crossed)]
        expect(got, wanted, "a job that had crossed was not answered", tried=f"{AHEAD} jobs waited at its BYE")
    _let_go(t, router, worker, job)


def _the_last_answer_is_large(t: Trial, polite_worker) -> None:
    """A job crosses the worker's BYE, the broker's BYE is right behind it: the answer must not be thrown away."""
    router, worker, leave, job = _worker(t, polite_worker, bandwidth=LINE)
    leave.set()
    size = f"{LARGE // 1_000_000} MB"
    tried = f"a job crossed the worker's BYE; its answer has {size}; the broker's BYE came right behind it"
    _says_bye(t, router, worker, "`leave` was set while the worker was idle")
    t.send(router, worker, b"", b"ann", b"", bytes(LARGE))
    t.send(router, worker, *BYE)
    t.finish(job, seconds=2.0)
    got = t.receive(router, seconds=2.0, expected=f"the last answer, whole: {tried}")
    if got != [worker, b"", b"ann", b"", work(bytes(LARGE))]:
        raise Wrong("the last answer was not the right one", tried=tried)


def _said_bye(t: Trial, polite_worker) -> Worker:
    router, worker, leave, _ = found = _worker(t, polite_worker)
    _do(t, router, worker, b"job")
    leave.set()
    _says_bye(t, router, worker, "`leave` was set while the worker was idle")
    return found


def _its_broker_came_round(t: Trial, router: zmq.Socket, worker: bytes, leave: threading.Event, job: Job) -> None:
    """The broker has kept this worker waiting all the while; now a job comes after all, and then BYE."""
    _is_there(t, job, 0.8)
    _do(t, router, worker, b"crossed")
    _let_go(t, router, worker, job)


def _is_there(t: Trial, job: Job, seconds: float) -> None:
    if job.wait(seconds):
        t.finish(job)
        raise Wrong(
            "the worker left too early",
            tried="`leave` was set, the worker said BYE, and the broker was busy elsewhere",
            seen="it returned before the broker had said BYE",
            expected="it waits for the broker's BYE, however long: a job may be on its way to it",
        )
