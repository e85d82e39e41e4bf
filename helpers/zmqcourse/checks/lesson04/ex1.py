"""04.1: a worker that is written from scratch."""

from __future__ import annotations

import time

import zmq

from ...exercise import Wrong, exercise
from ...trial import Trial, trial

ODD = [3, 12, 0, 1000, 7, 7, 10**20 + 1, 2**64]
MANY = 300
QUIET = 2.2  # seconds without a task


@exercise(
    "04.1",
    title="A worker from scratch",
    hints=(
        "A PULL cannot send and a PUSH cannot receive, so the worker needs one of each.",
        "Both endpoints are bound by others: the worker connects, the PULL to `tasks` and the PUSH to `results`.",
        'Inside `while True:`, `number = int(pull.recv())` reads the digits, and `b"%d" % number` writes them.',
    ),
)
def squares_come_back(square_worker) -> str:
    """`square_worker(ctx, tasks, results)` hands back the square of each number, and goes on until it is stopped."""
    with trial(seconds=6) as t:
        push, tasks = t.bind(zmq.PUSH)
        pull, results = t.bind(zmq.PULL)
        t.start(square_worker, t.ctx, tasks, results)
        numbers = [*ODD, *range(MANY)]
        _squared(t, push, pull, numbers)
        quiet_from = time.monotonic()
        t.silence(pull, expected="one result for each task")
        t.silence(pull, seconds=max(0.0, quiet_from + QUIET - time.monotonic()), expected="one result for each task")
        if t.jobs[0].done:
            raise Wrong(
                "your worker has ended",
                tried=f"{len(numbers)} tasks, and then {QUIET:g} s without one",
                expected="it works until it is stopped from outside",
            )
        _squared(t, push, pull, [41, 42])
    return f"{len(numbers)} tasks, a pause of {QUIET:g} s, and two more"


def _squared(t: Trial, push: zmq.Socket, pull: zmq.Socket, numbers: list[int]) -> None:
    for number in numbers:
        t.send(push, b"%d" % number, expected="a PULL that is connected to `tasks`, for as long as tasks come")
    got = t.receive_many(pull, len(numbers), expected=f"a result for each of {len(numbers)} tasks")
    for number, frames in zip(numbers, got, strict=True):
        if frames != [b"%d" % number**2]:
            raise Wrong(
                "the results are not the squares",
                tried=f"the task `{b'%d' % number!r}`",
                seen=f"`{frames[0] if len(frames) == 1 else frames!r}`",
                expected=f"`{b'%d' % number**2!r}`",
            )
