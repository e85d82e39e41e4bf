"""Lesson 11: who got how many pages, how long a job took and of what, where the processor was, a night with a death."""

from __future__ import annotations

import json
import os
import re
import time
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

import zmq
from zmqlive import Stage, figures
from zmqlive.trace import Trace

LAST_PAGE = 3       # the page of the worker that is killed, with which it dies in hand
NIGHT = 16          # pages of the night


def shares(stage: Stage) -> list[int]:
    """How many pages each worker got, in the order in which they were added."""
    trace = stage.trace()
    takers = Counter(trace.role_of(m.target) for m in trace.messages if len(m.frames) == 3)
    return [takers[role.name] for role in stage.roles if role.name.startswith("worker")]


def timing(trace: Trace) -> tuple[float, float]:
    """Seconds from the end of the roll call to the end of the sink, and those of them that workers share."""
    pages = [m for m in trace.messages if trace.role_of(m.source) == "ventilator" and len(m.frames) == 3]
    shared = max(m.received for m in trace.messages if trace.role_of(m.target) == "sink") - pages[0].sent
    begun = max(m.received for m in trace.messages if trace.role_of(m.target) == "ventilator")
    ended = max(event.t for event in trace.roles if event.role == "sink")
    return ended - begun, shared


def race(assemble: Callable[..., Stage], pages: Callable[[], list[str]]) -> dict[int, Trace]:
    """One job by 1, 2, 4 and 8 workers, all at the same time, for they mostly wait: the record of each.

    The pages come from a library, which takes 0.2 s; each is waited for as long as it is long.
    """
    def from_library() -> list[str]:
        time.sleep(0.2)
        return pages()

    runs = {n: assemble(f"{n} workers", n, from_library, _by_length).start() for n in (1, 2, 4, 8)}
    for run in runs.values():
        run.wait(lambda s: s.role("sink").gone, timeout=120)
        run.stop()
    return {n: run.trace() for n, run in runs.items()}


def _by_length(page: str) -> Counter[str]:
    time.sleep(len(page) * 3e-6)
    return Counter(page.lower().split())


def amdahl(runs: Mapping[int, Trace]) -> tuple[dict[int, float], dict[int, float], Any]:
    """From the records of one job with so many workers: how many times as fast each was as one worker, what Amdahl's
    law says from the run with one worker alone, and a figure of both."""
    whole, shared = timing(runs[1])
    serial = whole - shared
    measured = {n: whole / timing(trace)[0] for n, trace in runs.items()}
    law = {n: whole / (serial + shared / n) for n in range(1, 13)}
    figure = figures.chart("How many times as fast", {
        "measured": (list(measured), list(measured.values()), "dots"),
        "Amdahl's law": (list(law), list(law.values())),
        "as many times as workers": ([1, 12], [1, 12]),
    }, x="workers", y="times as fast")
    return measured, law, figure


def word_lengths(page: str) -> Counter[str]:
    """How long the words are; and how many microseconds of processor time this process needed for it."""
    began = time.thread_time()
    found = Counter(str(len(word)) for word in re.findall(r"[^\W\d_]+(?:['’][^\W\d_]+)*", page.lower()))
    found[f"process {os.getpid()}"] = round(1e6 * (time.thread_time() - began))
    return found


def busiest(total: Counter[str]) -> float:
    """The seconds of processor time that the process needed which computed most: the job cannot take less."""
    return max(spent for name, spent in total.items() if name.startswith("process")) / 1e6


def night(desk: Callable[..., Any], patience: float = 1.0) -> Stage:
    """A desk and three workers, each a process; one of them dies with its third page in hand."""
    stage = Stage("A night at the desk", seconds=300)
    tasks = stage.endpoint("tcp", name="tasks")
    stage.add(desk, tasks, [f"page {n} of the book" for n in range(NIGHT)], patience, name="desk")
    for number in (1, 2, 3):
        stage.add(_worker, tasks, number == 2, name=f"worker {number}", process=True)
    return stage


def _worker(ctx: zmq.Context, tasks: str, mortal: bool) -> None:
    """Asks, works, brings the result with the next question; a mortal one gets stuck in its third page."""
    with ctx.socket(zmq.REQ) as ask:
        ask.connect(tasks)
        brings, taken = [b"", b""], 0
        while True:
            ask.send_multipart(brings)
            number, *page = ask.recv_multipart()
            brings = [b"", b""]
            if number == b"END":
                return
            if not page:            # WAIT
                time.sleep(0.1)
                continue
            taken += 1
            time.sleep(600 if mortal and taken == LAST_PAGE else 0.15)
            brings = [number, json.dumps(Counter(page[0].decode().split())).encode()]


def death(stage: Stage, seconds: float = 2.5) -> str:
    """Start the night, kill the worker with its third page in hand, wait a while; what the record says then."""
    stage.start()
    stage.wait(lambda s: s.received("worker 2") >= LAST_PAGE, timeout=60)
    if not stage.role("worker 2").gone:
        stage.kill("worker 2")
    stage.wait(lambda s: s.received("desk") >= NIGHT + 2, timeout=60)
    end = time.monotonic() + seconds
    while not stage.role("desk").gone and time.monotonic() < end:
        time.sleep(0.05)
    trace = stage.trace()
    given = [m.frames[-2] for m in trace.messages if trace.role_of(m.source) == "desk" and len(m.frames) > 1]
    given = [number for number in given if number.isdigit()]
    brought = {m.frames[-2] for m in trace.messages if trace.role_of(m.target) == "desk" and m.frames[-2].isdigit()}
    state = "has come to its end" if stage.role("desk").gone else "still waits"
    return (f"{NIGHT} pages: {len(set(given))} given out, {len(given) - len(set(given))} of them again, {len(brought)} "
            f"brought back; the desk {state}")
