"""Lesson 08: a broker between six clients and three workers, one of them slow; and a night in which one is killed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from types import SimpleNamespace
from typing import Any

from zmqlive import Stage
from zmqlive.trace import Trace

CLIENTS = 6
PATIENCE = 60.0  # seconds for which a client waits for an answer
HANGS = 1.0  # seconds after which a client that gets no answer lets go, so that the night ends
Role = Callable[..., Any]
Broker = tuple[Any, ...]  # the role broker(ctx, front, back, …), and what it is called with after its endpoints


def assemble(
    title: str,
    broker: Broker,
    worker: Role,
    client: Role,
    works: tuple[Any, Any],
    jobs: Iterable[int],
    *,
    transport: str = "inproc",
    patience: float = PATIENCE,
) -> Stage:
    """Six clients that take their jobs from one iterator, two quick workers and a slow one; all are there before the
    first request. `works`: how long the quick ones and the slow one take, in seconds, as `.value`. Over tcp the slow
    worker is a process of its own."""
    role, *how = broker
    quick, slow = works
    stage = Stage(title, seconds=600)
    front, back = (stage.endpoint(transport, name=side) for side in ("front", "back"))
    stage.add(role, front, back, *how, name="broker")
    stage.add(worker, back, slow, name="slow", process=transport != "inproc")
    stage.start()
    stage.wait(lambda s: len(s.trace().connections) == 1, timeout=30)
    stage.add(worker, back, quick, count=2, name="quick")
    stage.wait(lambda s: len(s.trace().connections) == 3, timeout=30)
    stage.add(client, front, jobs, patience, count=CLIENTS, name="client")
    return stage


def shares(stage: Stage, jobs: int = 30) -> str:
    """Which worker took how many of the first jobs, in words."""
    trace = stage.trace()
    takers = [trace.role_of(m.target) for m in trace.messages if trace.role_of(m.source) == "broker"]
    count = Counter([name for name in takers if not name.startswith("client")][:jobs])
    return ", ".join(f"{name} {count[name]}" for name in ("quick 1", "quick 2", "slow"))


def makespan(stage: Stage) -> float:
    """Seconds from the first request to the last answer."""
    trace = stage.trace()
    asked = [m.sent for m in trace.messages if trace.role_of(m.source).startswith("client")]
    heard = [m.received for m in trace.messages if trace.role_of(m.target).startswith("client")]
    return max(heard) - min(asked)


def night(broker: Broker, worker: Role, client: Role) -> Stage:
    """Bob and Eve are free, Bob is killed. Then Ann asks once, and Cid three times; the stage, stopped."""
    role, *how = broker
    with Stage("A night in service", seconds=120) as stage:
        front, back = (stage.endpoint("tcp", name=side) for side in ("front", "back"))
        stage.add(role, front, back, *how, name="broker")
        for number, name in enumerate(("Bob", "Eve"), 1):
            stage.add(worker, back, SimpleNamespace(value=0.05), name=name, process=True)
            stage.wait(lambda s, ready=number: s.received("broker") == ready, timeout=30)
        stage.kill("Bob")
        stage.wait(lambda s: s.role("Bob").gone, timeout=30)
        for name, jobs, patience in ("Ann", 1, HANGS), ("Cid", 3, PATIENCE):
            stage.add(client, front, range(jobs), patience, name=name)
            stage.wait(lambda s, name=name: s.role(name).gone, timeout=30)
    return stage


def asked(trace: Trace) -> float:
    """Just before the first client asked, in seconds of the record."""
    return min(m.sent for m in trace.messages if trace.role_of(m.source) == "Ann") - 0.2
