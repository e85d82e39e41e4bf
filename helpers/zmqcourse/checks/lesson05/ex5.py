"""05.5: the learner's schedule of faults against a worker that remembers only in memory."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import zmq
from zmqlive.roles import StageError, StageTimeout
from zmqlive.stage import Stage

from ...exercise import Late, Wrong, exercise
from ...trial import Trial, trial

TASKS, PAUSE, WORK, PATIENCE = 200, 0.06, 0.04, 0.4


def producer(ctx: zmq.Context[Any], tasks: str, acks: str, pace: float) -> None:
    """Sends numbers until each has its ack, as `repeat` of the lesson does; slower where all is slower."""
    with ctx.socket(zmq.PUSH) as push, ctx.socket(zmq.PULL) as ack:
        push.bind(tasks)
        ack.bind(acks)
        start = time.monotonic()
        due = {b"%d" % number: start + number * PAUSE * pace for number in range(TASKS)}
        while due:
            number = min(due, key=due.__getitem__)
            if ack.poll(max(0, due[number] - time.monotonic()) * 1000):
                due.pop(ack.recv(), None)
            else:
                push.send(number)
                due[number] = time.monotonic() + PATIENCE * pace


def worker(ctx: zmq.Context[Any], tasks: str, acks: str, journal: Path) -> None:
    """The one to be exposed: it knows what it has done, until it dies."""
    with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.PUSH) as ack:
        pull.connect(tasks)
        ack.connect(acks)
        done = set()
        while True:
            number = pull.recv()
            if number not in done:
                time.sleep(WORK)
                with open(journal, "ab") as file:
                    file.write(number + b"\n")
                done.add(number)
            ack.send(number)


class Lab:
    """The stage as the schedule gets it. What it asks for is done in a thread of the check's, which thereby owns it."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._hands = ThreadPoolExecutor(max_workers=1)
        self._hands.submit(int).result()  # the thread begins now, not when the answer asks for it first

    def __repr__(self) -> str:
        return "stage"

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._stage, name)
        return partial(self._do, found) if callable(found) else found

    def wait(self, condition: Callable[[Lab], Any], timeout: float = 5.0) -> bool:
        try:
            return self._stage.wait(lambda _: condition(self), timeout)
        except StageTimeout as error:
            raise Late(str(error)) from error

    def _do(self, call: Callable[..., Any], *args: Any, **options: Any) -> Any:
        try:
            return self._hands.submit(call, *args, **options).result(timeout=60)
        except StageError as error:
            raise Wrong(str(error)) from error

    def close(self) -> None:
        self._hands.shutdown(wait=False)


@exercise(
    "05.5",
    title="Find the fault, and the trouble that shows it",
    hints=(
        "Where does this worker keep what it has done, and what becomes of that in a kill? For which tasks does it "
        "matter that the new worker does not know?",
        "It matters for a task that was done and comes again. So its ack must not arrive, and the worker that did it "
        "must be gone when the repeat comes: two faults, in this order.",
        "`back.half_open(\"there\")`; wait until the journal is a task longer; `stage.restart(\"worker\")`; then "
        "`back.mend()`.",
    ),
)
def exposed(schedule) -> str:
    """`schedule(stage, journal)` makes trouble in which the forgetful worker does a task twice."""
    with TemporaryDirectory(ignore_cleanup_errors=True) as folder, trial(seconds=10) as t:
        journal = Path(folder, "journal")
        tasks, acks = t.endpoint("tcp", name="tasks"), t.endpoint("tcp", name="acks")
        road, back = t.link(tasks, name="road"), t.link(acks, name="way back")
        t.role(producer, tasks, acks, t.pace, process=False)
        t.role(worker, road.endpoint, back.endpoint, journal)
        with closing(Lab(t.stage)) as lab:
            job = t.start(schedule, lab, journal)
            t.wait(lambda: job.done or _twice(journal), expected="the schedule comes to its end", seconds=5)
            if not _twice(journal):
                t.finish(job)
                _calm(t, road, back, journal)
            twice = _twice(journal)
            done = len(set(_done(journal)))
            if not twice:
                raise Wrong(
                    "the worker came through it",
                    tried=f"`{job.call}`, with the colleague's worker; then all was mended, and it ran on",
                    seen=f"{done} tasks done, none of them twice",
                    expected="a task that is done, whose ack does not arrive, and which comes again to a worker that "
                    "does not know of it",
                )
            return f"{done} tasks done, {len(twice)} of them twice: exposed"


def _calm(t: Trial, road: Any, back: Any, journal: Path) -> None:
    """Mend everything, and let it run until what was repeated has come again."""
    for link in (road, back):
        link.mend()
    if t.stage.role("worker").gone:
        t.stage.restart("worker")
    before = len(_done(journal))
    while_repeated = t.deadline(3 * PATIENCE)
    t.wait(
        lambda: _twice(journal) or (while_repeated.over and len(_done(journal)) > before + 3),
        expected="the worker goes on when the trouble is over",
        seconds=4,
    )


def _done(journal: Path) -> list[bytes]:
    return journal.read_bytes().split() if journal.exists() else []


def _twice(journal: Path) -> list[bytes]:
    return [number for number, times in Counter(_done(journal)).items() if times > 1]
