"""06.4: a producer that sends one task for each credit."""

from __future__ import annotations

import zmq

from ...exercise import Wrong, exercise
from ...trial import show, trial

MANY = 500
QUIET = 1.05  # seconds in which there is no credit


@exercise(
    "06.4",
    title="Spend credit",
    hints=(
        "Two sockets: a PUSH for the tasks, a PULL for the credits. Both connect; the worker has bound.",
        "Each message on `credits` allows one task. What does the producer do before it may send?",
        'In the loop: `credit.recv()`, which waits for one, and then `push.send(b"%d" % number)`.',
    ),
)
def credit_is_kept_to(spend) -> str:
    """`spend(ctx, tasks, credits, numbers)` sends one task for each credit that it received."""
    with trial() as t:
        pull, tasks = t.bind(zmq.PULL)
        credit, credits = t.bind(zmq.PUSH)
        numbers = [0, -7, 100, 100, *range(100, 108 + MANY)]
        job = t.start(spend, t.ctx, tasks, credits, numbers)
        t.silence(pull, seconds=QUIET, expected="no task before there is credit")
        got: list[bytes] = []
        for handful in (3, 1, 8, MANY):
            for _ in range(handful):
                t.send(credit, b"", expected="a PULL that is connected to `credits`")
            for _ in range(handful):
                got += t.receive(pull, seconds=1, expected=f"{len(got) + 1} tasks for as many credits")
            if len(got) < len(numbers):
                t.silence(pull, seconds=0.1, expected=f"{len(got)} tasks for as many credits")
        expected = [b"%d" % number for number in numbers]
        if got != expected:
            raise Wrong(
                "these are not the numbers, in order", seen=f"`{show(got)}`", expected=f"`{show(expected)}`, as digits"
            )
        t.finish(job, seconds=1.5)
    with trial() as t:
        pull, tasks = t.bind(zmq.PULL)
        _, credits = t.bind(zmq.PUSH)
        t.run(spend, t.ctx, tasks, credits, [], seconds=1.5)
        t.silence(pull, seconds=0.05, expected="nothing, where there are no numbers")
    return f"{len(numbers)} tasks for {len(numbers)} credits, in handfuls of 3, 1, 8 and {MANY}; none without"
