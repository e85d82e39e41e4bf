"""16.1: jobs that go to another thread over a PAIR, and answers that come back."""

from __future__ import annotations

import threading

import zmq

from ...exercise import Late, Wrong, exercise
from ...trial import Trial, expect_type, show, trial
from .threads import of_two_threads

JOBS = [b"", b"stop", b"\x00\xff", b"", b"END", b"none", b"\x00", b"10" * 40_000, b"last"]
FEW = 10  # messages that a socket of the check's second context holds


@exercise(
    "16.1",
    title="Work for another thread",
    hints=(
        "Two PAIRs: one that you make and bind here, one that the thread makes and connects. Only the name travels.",
        'Any bytes can be a job, so say which is which with a frame in front: `[b"job", job]`, and `[b"stop"]`. '
        '`f"inproc://{uuid.uuid4()}"` is a name that nobody else has.',
        "Send one job, receive its answer, and so on: then no queue can fill. At the end send the stop, and `join()`.",
    ),
)
def another_thread_does_the_work(elsewhere) -> str:
    """`elsewhere(ctx, work, jobs)` has the work done in another thread, over a PAIR; answers in order."""
    with trial() as t, of_two_threads():
        _once(t, elsewhere)
    with trial() as t, of_two_threads():
        many = _many_jobs(t, elsewhere)
    with trial() as t, of_two_threads():
        _two_at_once(t, elsewhere)
    return f"{len(JOBS)} jobs of any bytes, none at all, {many} over sockets that hold {FEW}, two calls at once"


def _reversed(job: bytes) -> bytes:
    """An answer may be any bytes as well, also none."""
    return job[::-1]


def _once(t: Trial, elsewhere) -> None:
    threads: list[threading.Thread] = []

    def work(job: bytes) -> bytes:
        threads.append(threading.current_thread())
        return _reversed(job)

    for jobs in (JOBS, []):
        threads.clear()
        job = t.start(elsewhere, t.ctx, work, list(jobs))
        try:
            _right(t.finish(job, seconds=1.5), jobs)
        except Wrong as wrong:
            raise wrong.add(expected='answers to all jobs, also to `b""` and `b"stop"`, and then the end') from None
        if job.thread in threads:
            raise Wrong(
                "the work was done in the thread that had called `elsewhere`",
                seen="`work` ran in the same thread",
                expected="a thread of its own, which gets the jobs over a PAIR",
            )
        if len(set(threads)) > 1:
            raise Wrong(
                "the work was done in more than one thread",
                seen=f"{len(set(threads))} threads for {len(jobs)} jobs",
                expected="one, which does job after job",
            )
    trace = t.trace
    pairs = {socket.id for socket in trace.sockets if socket.type == "PAIR"}
    carried = sum(m.source in pairs and m.target in pairs and m.received is not None for m in trace.messages)
    if carried < 2 * len(JOBS):
        raise Wrong(
            "the jobs and answers did not go over a PAIR",
            seen=f"{len(pairs)} PAIR sockets, and {carried} messages that one of them received from another",
            expected="a PAIR in each of the two threads; jobs go one way, answers the other",
        )


def _right(answers: object, jobs: list[bytes]) -> None:
    expect_type(answers, (list, tuple), "what `elsewhere` returned")
    answers, wanted = list(answers), [_reversed(job) for job in jobs]
    if answers != wanted:
        place = next((n for n, (a, b) in enumerate(zip(answers, wanted, strict=False)) if a != b), len(answers))
        raise Wrong(
            "these are not the answers to the jobs, in their order",
            tried=f"{len(jobs)} jobs; number {place + 1} is `{show(jobs[place])}`" if place < len(jobs) else "",
            seen=f"{len(answers)} answers"
            + (f"; number {place + 1} is `{show(answers[place])}`" if place < len(answers) else ""),
            expected=f"{len(wanted)}: `work(job)` for each, whatever bytes it may be",
        )


def _many_jobs(t: Trial, elsewhere) -> int:
    t.ctx.setsockopt(zmq.SNDHWM, FEW)
    t.ctx.setsockopt(zmq.RCVHWM, FEW)
    jobs = [b"%d" % number for number in range(10 * FEW)]
    job = t.start(elsewhere, t.ctx, _reversed, jobs)
    try:
        _right(t.finish(job, seconds=2.0), jobs)
    except Late:
        raise Late(
            f"`elsewhere` did not come back with {len(jobs)} jobs",
            tried=f"sockets with high-water marks of {FEW}, and more jobs than they hold",
            seen=f"it was still at {job.where()}" if job.where() else "it was still waiting",
            expected="answers are taken in while jobs go out: when both directions are full, both sides wait for ever",
        ) from None
    return len(jobs)


def _two_at_once(t: Trial, elsewhere) -> None:
    begun, go = threading.Event(), threading.Event()

    def slow(job: bytes) -> bytes:
        begun.set()
        go.wait(30)
        return _reversed(job)

    jobs = [b"ab", b"cd"]  # for both: a name made from what a call was handed is not its own
    first = t.start(elsewhere, t.ctx, slow, jobs)
    try:
        t.wait(begun.is_set, seconds=1.5, expected="the first job is begun")
        second = t.start(elsewhere, t.ctx, _reversed, jobs)
        answers = t.finish(second, seconds=1.5)
    except Wrong as wrong:
        raise wrong.add(expected="calls at the same time, with one context, do not get into each other's way") from None
    finally:
        go.set()
    _right(answers, jobs)
    _right(t.finish(first, seconds=1.5), jobs)
