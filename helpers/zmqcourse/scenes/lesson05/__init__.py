"""Lesson 05: the stage that every design gets, what its journal says, and where a message died."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import zmq
from zmqlive import Stage
from zmqlive.trace import Trace


def design(
    folder: str, title: str, sender: Callable[..., None], worker: Callable[..., None], *limits: Any
) -> tuple[Stage, Path]:
    """A stage for one design, not started, and the journal of its worker.

    The tasks take a road, a link that can be slow and cut; acks have a way back, another. The worker is a process.
    """
    stage = Stage(title, seconds=600)
    tasks, acks = (stage.endpoint("tcp", name=name) for name in ("tasks", "acks"))
    road = stage.link(tasks, name="road", latency=0.2)  # so that many messages are on it
    back = stage.link(acks, name="way back")
    journal = Path(folder, title)
    journal.unlink(missing_ok=True)
    stage.add(sender, tasks, acks, *limits, name="producer")
    stage.add(worker, road.endpoint, back.endpoint, journal, name="worker", process=True)
    return stage, journal


def read_back(journal: Path) -> list[bytes]:
    """What workers have written into this journal so far, in order."""
    return journal.read_bytes().split() if journal.exists() else []


def tally(journal: Path, count: int) -> str:
    """One sentence: of `count` tasks, how many were done, lost, done twice."""
    times = Counter(read_back(journal))
    twice = sum(n > 1 for n in times.values())
    return f"{count} sent, {len(times)} done, {count - len(times)} lost, {twice} done twice"


def where_lost(trace: Trace, done: list[bytes]) -> str:
    """A line for each task that is not among those done: at which fault it died, and where."""
    killed = next(event.t for event in trace.roles if event.state == "killed")
    lines = []
    for m in trace.messages:
        if m.frames[0] not in done:
            place = "in work" if m.received else "in a buffer, or on the road"
            lines.append(f"task {m.frames[0].decode():2} died at the {'kill' if m.sent < killed else 'cut'}, {place}")
    return "\n".join(lines)


def life_of_one(trace: Trace, journal: Path) -> str:
    """A line for each thing that happened to a task that was done twice; what the worker sends is the ack."""
    times = Counter(read_back(journal))
    one = next((number for number in times if times[number] > 1), None)
    if one is None:
        return "This time none was done twice: the kill and the cut fell between two tasks. Run this design once more."
    events = []
    for m in trace.messages:
        if m.frames == (one,):
            events.append((m.sent, f"{trace.role_of(m.source)} sends"))
            if m.received:
                events.append((m.received, f"{trace.role_of(m.target)} receives"))
    return "\n".join(f"{t:5.2f} s: {what} {one.decode()}" for t, what in sorted(events))


def receiver(ctx: zmq.Context[Any], endpoint: str, *, binds: bool) -> zmq.Socket[Any]:
    """A PULL with little room, bound or connected. It waits for the endpoint, which another may just have left."""
    pull = ctx.socket(zmq.PULL)
    pull.rcvhwm, pull.rcvbuf, pull.linger = 1, 4096, 0
    end = time.monotonic() + 5
    while binds:
        try:
            pull.bind(endpoint)
            return pull
        except zmq.ZMQError:
            if time.monotonic() > end:
                raise
            time.sleep(0.01)
    pull.connect(endpoint)
    return pull


def count(pull: zmq.Socket[Any]) -> int:
    """How many messages come, until half a second is quiet."""
    messages = 0
    while pull.poll(500):
        pull.recv()
        messages += 1
    return messages
