"""The four experiments, the same for every system. Each returns plain numbers, counted from the workers' notes.

What a producer *sent* is what counts as sent by its system's terms (see `base.Terms`).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .crew import Crew, Failed
from .ledger import first_done, in_order, ledger
from .notes import CAPACITY, FAILED, Notes

QUIET = 0.8  # seconds without a sign of life that count as "nothing more comes"
STUCK = 1.2  # seconds without a send that count as "blocked"
MIDDLE = 0.2  # seconds that a worker has been at its task when it is killed: what it had to say before is out
WORK_ON = 15  # times as long as the producer had that workers have until the rest is said to wait
LATE = 9  # the number of the subscriber that comes when all has been sent


@dataclass(frozen=True)
class Size:
    """How much: tasks sent, seconds a task takes where it takes any, and seconds that a producer has."""

    tasks: int = 300
    work: float = 0.005
    stopped: int = 20_000  # messages of a kilobyte: more than any default of ZeroMQ and the kernel holds
    seconds: float = 1.0


def work(crew: Crew, queue: str, size: Size) -> dict[str, Any]:
    """Tasks that take no time, shared by three workers; the producer sends as long as it has time."""
    crew.system.prepare(queue)
    workers = crew.begin_all("worker", queue, 3, others=3)
    sender = _producer(crew, queue, count=CAPACITY, seconds=size.seconds, others=3)
    _finished(crew, sender, 30)
    notes = [each.notes for each in workers]
    settled = _drained(crew, notes, lambda: _complete(sender, notes), WORK_ON * size.seconds)
    began = sender.started_notes[0][1]
    last = max((t for each in notes for _, t in each.done_notes), default=began)
    counted = ledger(sender.count, notes)
    return {
        "sent": counted.sent,
        "sending": sender.started_notes[-1][1] - began,
        "lost": counted.lost if settled else 0,
        "waiting": 0 if settled else counted.lost,
        "twice": counted.twice,
        "shares": [each.count for each in notes],
        "in_order": all(map(in_order, notes)),
        "rate": counted.done / max(last - began, 1e-6),
    }


def fan_out(crew: Crew, queue: str, size: Size) -> dict[str, Any]:
    """Each message to three subscribers; a fourth comes when all has been sent."""
    crew.system.prepare(queue, fan_out=True)
    subscribers = [each.notes for each in crew.begin_all("subscriber", queue, 3, others=3)]
    sender = _producer(crew, queue, role="publisher", count=size.tasks, seconds=25 * size.seconds, others=3)
    _finished(crew, sender, 30)
    _drained(crew, subscribers, lambda: all(each.count >= sender.count for each in subscribers))
    late = crew.begin("subscriber", queue, number=LATE, others=3).notes
    crew.until(lambda: late.is_ready, 15, "the late subscriber")
    crew.settle(lambda: late.count, QUIET, 5)
    return {
        "sent": sender.count,
        "got": [each.count for each in subscribers],
        "in_order": all(map(in_order, subscribers)),
        "late": late.count,
    }


def crash(crew: Crew, queue: str, size: Size) -> dict[str, Any]:
    """Three workers begin when all tasks have been sent. When half of them are done, one is killed (SIGKILL) in the
    middle of its next one."""
    crew.system.prepare(queue)
    workers = crew.begin_all("worker", queue, 3, others=3, work=size.work, gated=True)
    notes = [each.notes for each in workers]
    sender = _producer(crew, queue, count=size.tasks, seconds=25 * size.seconds, others=3)
    _finished(crew, sender, 30)
    for each in notes:
        each.gated = False
    crew.until(lambda: _done(notes) >= size.tasks // 2, 30, "half the results")
    victim = max(workers, key=lambda each: each.notes.count)
    for each in notes:  # all stop in their next task: the victim dies at work, and the others do not run ahead
        each.held = True
    crew.wait(lambda: victim.notes.is_halted, 5)
    crew.wait(lambda: False, MIDDLE)
    at_kill = {"sent": sender.count, "done": _done(notes)}
    victim.kill()
    killed = time.monotonic()
    for each in notes:
        each.held = False
    # what comes twice comes when the system gives a dead worker's tasks to others
    patience = killed + (crew.system.redelivers or 0) + QUIET
    crew.wait(lambda: time.monotonic() > patience, patience)
    _drained(crew, notes, lambda: _complete(sender, notes))
    crew.settle(lambda: _done(notes), QUIET / 2, 10)
    counted, first = ledger(sender.count, notes), first_done(notes)
    return {
        "sent": counted.sent,
        "at_kill": at_kill,
        "lost": counted.lost,
        "twice": counted.twice,
        "redelivered": counted.redelivered,
        "recovered": None if counted.lost else max(0.0, first[-1][1] - killed),
        "curve": ([round(t - killed, 3) for _, t in first], list(range(1, len(first) + 1))),
    }


def stopped(crew: Crew, queue: str, size: Size, *, limited: bool = False) -> dict[str, Any]:
    """One worker, which stops in its first task; the producer goes on. Then the worker goes on too."""
    crew.system.prepare(queue, limited=limited)
    (worker,) = crew.begin_all("worker", queue, 1, others=1, held=True, limited=limited)
    seconds = size.seconds * crew.system.takes[limited]
    sender = _producer(crew, queue, count=size.stopped, seconds=seconds, size=1000, others=1, limited=limited)
    crew.until(lambda: sender.is_ready or sender.state, 30, "the producer")
    crew.settle(lambda: -1 if sender.state else sender.count, STUCK, 4 * seconds)
    if sender.count == size.stopped:  # all handed over; a client that gathers may still be sending
        crew.wait(lambda: sender.state, 10)
    accepted, state, error = sender.count, sender.state, sender.error
    sending = sender.done_notes[-1][1] - sender.started_notes[0][1] if accepted else 0.0
    worker.notes.held = False  # it goes on
    if state != FAILED:
        crew.wait(lambda: sender.state, 4)
    settled = _drained(crew, [worker.notes], lambda: _complete(sender, [worker.notes]))
    counted = ledger(sender.count, [worker.notes])
    lost = counted.lost if settled else 0  # what still waits is not lost
    if state == FAILED:
        answer = "error"
    elif not state:
        answer = "blocks"
    else:
        answer = "drops" if lost else "takes all"
    return {
        "answer": answer,
        "accepted": accepted,
        "sending": sending,
        "sent": counted.sent,
        "arrived": counted.done,
        "lost": lost,
        "error": error,
    }


def stopped_limited(crew: Crew, queue: str, size: Size) -> dict[str, Any]:
    """The same with a limit set, where the system has one."""
    return stopped(crew, queue, size, limited=True)


EXPERIMENTS: dict[str, Callable[[Crew, str, Size], dict[str, Any]]] = {
    "work": work,
    "fan-out": fan_out,
    "crash": crash,
    "stopped": stopped,
    "limited": stopped_limited,
}


def cannot(crew: Crew, experiment: str) -> str:
    """Why this system cannot take part in it, or ""."""
    if experiment == "fan-out":
        return crew.system.no_fan_out
    if experiment == "limited" and not crew.system.limit:
        return "no limit of its own to set"
    return ""


def _producer(crew: Crew, queue: str, *, role: str = "producer", size: int = 100, **job: Any) -> Notes:
    return crew.begin(role, queue, size=size, **job).notes


def _finished(crew: Crew, sender: Notes, seconds: float) -> None:
    crew.until(lambda: sender.state, seconds, "the producer's last sends")
    if sender.state == FAILED:
        raise Failed(f"producer: {sender.error}")


def _drained(crew: Crew, notes: list[Notes], everything: Callable[[], bool], seconds: float = 40) -> bool:
    """Wait until all is there, or nothing more comes: where tasks are kept, for much longer than one may be out of
    sight, or "lost" would be said too early. False when time was over and some were still coming."""
    quiet = 4 + 2 * (crew.system.redelivers or 0) if crew.system.at_least_once else 2 * QUIET
    return crew.settle(lambda: _done(notes), quiet, seconds, enough=everything)


def _complete(sender: Notes, notes: list[Notes]) -> bool:
    return _done(notes) >= sender.count and not ledger(sender.count, notes).lost


def _done(notes: list[Notes]) -> int:
    return sum(each.count for each in notes)
