"""Three servers that can do the same, and clients that know them all."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import zmq
from zmqlive import Stage, figures
from zmqlive.figures import Plot
from zmqlive.trace import Message

Role = Callable[..., Any]
SERVERS = ("Ada", "Bob", "Cid")
PATIENCE = 0.3  # seconds that the lesson's clients wait for a server
SLOW = 0.1  # seconds of work where somebody looks on, who sees then who is asked
MISSED = 40  # requests that a server is away for


def three(server: Role, client: Role) -> tuple[Stage, list[float]]:
    """Three servers in processes of their own, and a client. The stage, running; and how long each request took."""
    stage = Stage("Three servers", seconds=900)
    waits: list[float] = []
    stage.add(client, _servers(stage, server, SLOW), waits, name="client")
    stage.start()
    stage.wait(lambda _: len(waits) >= 3, timeout=60)
    return stage, waits


def _servers(stage: Stage, server: Role, *work: float) -> list[str]:
    endpoints = [stage.endpoint("tcp", name=name) for name in SERVERS]
    for name, endpoint in zip(SERVERS, endpoints, strict=True):
        stage.add(server, endpoint, *work, name=name, process=True)
    return endpoints


def named_by_the_client() -> tuple[zmq.Context[Any], zmq.Socket[Any], zmq.Socket[Any]]:
    """A context, a ROUTER that is bound, and one that is connected to it and calls it Ada."""
    ctx = zmq.Context()
    ada, router = ctx.socket(zmq.ROUTER), ctx.socket(zmq.ROUTER)
    ada.bind("inproc://ada")
    router.routing_id = b"Ann"
    router.setsockopt(zmq.CONNECT_ROUTING_ID, b"Ada")
    router.connect("inproc://ada")
    return ctx, router, ada


# --- all at once


class Street:
    """Three servers, and a client that asks them all, some thirty times a second. `stage` runs."""

    def __init__(self, server: Role, shotgun: Role, *, immediate: bool = False) -> None:
        self.stage = Stage("All at once", seconds=900)
        self.stage.add(shotgun, _servers(self.stage, server), _some(), immediate, name="client")
        self.stage.start()
        self.stage.wait(lambda s: all(s.received(name) >= 3 for name in SERVERS), timeout=60)

    def comes_back(self, name: str = SERVERS[0]) -> tuple[int, int]:
        """This server is killed for forty requests, and started again. How many of those it was handed when it was
        back, and how many of them one of the others was handed more than once."""
        stage = self.stage
        if not stage.role(name).gone:
            stage.kill(name)
        first = self._newest() + 1
        stage.wait(lambda _: self._newest() >= first + MISSED, timeout=60)
        last, began = self._newest(), stage.recorder.seconds()
        before = stage.received(name)
        stage.restart(name)
        stage.wait(lambda s: s.received(name) > before and self._newest() >= last + MISSED // 2, timeout=60)
        trace = stage.trace()
        got = [(trace.role_of(m.target), _number(m), m.received) for m in trace.messages if m.received is not None]
        old = {number for role, number, at in got if role == name and at > began and number <= last}
        others = [(role, number) for role, number, _ in got if role in SERVERS and role != name]
        missed = [each for each in others if first <= each[1] <= last]
        return len(old), len(missed) - len(set(missed))

    def _newest(self) -> int:
        numbers = [_number(m) for m in self._sent()]
        return max(numbers, default=0)

    def _sent(self) -> list[Message]:
        trace = self.stage.trace()
        return [m for m in trace.messages[-20:] if trace.role_of(m.source) == "client"]


def _some() -> Iterator[bytes]:
    for number in itertools.count():
        yield b"%d" % number
        time.sleep(0.03)


def _number(message: Message) -> int:
    """A request is its number."""
    return int(message.frames[-1].rpartition(b" ")[2] or 0)


# --- what each way costs


class Cost(NamedTuple):
    """Of one way to ask: how many of ten requests had to wait for a patience, and messages sent for each."""

    waited: int
    sends: float


REQUESTS, SHORT = 10, 0.25  # and the patience, in seconds


def models(dead: Sequence[int]) -> dict[str, list[Cost]]:
    """Four ways to ask three servers, of which so many, the first ones, are not there: way → a cost for each number."""
    ways = {
        "in turn, from the first": _in_turn,
        "in turn, and stay": _and_stay,
        "all at once": _all_at_once,
        "one that lives": _addressed,
    }
    found: dict[tuple[str, int], Cost] = {}
    with Stage("Four ways", seconds=60) as stage:
        jobs = []
        for name, way in ways.items():
            for missing in dead:
                ends = [stage.endpoint("tcp", name=f"{name} {missing} {n}") for n in range(3)]
                for n in range(missing, 3):
                    stage.add(_echo, ends[n], name=f"{name} {missing} {n}")
                jobs.append((name, missing, way, ends))
        stage.wait(lambda s: len(s.trace().sockets) == sum(3 - m for _, m, *_ in jobs), timeout=30)

        def run(ctx: zmq.Context[Any], name: str, missing: int, way: Role, ends: list[str]) -> None:
            waits, sends = way(ctx, ends)
            found[name, missing] = Cost(sum(wait > 0.9 * SHORT for wait in waits), sends / len(waits))

        for job in jobs:
            stage.add(run, *job, name=f"client {job[0]} {job[1]}")
        stage.wait(lambda _: len(found) == len(jobs), timeout=50)
    return {name: [found[name, missing] for missing in dead] for name in ways}


def what_they_cost(costs: dict[str, list[Cost]], dead: Sequence[int]) -> Plot:
    """How many of ten requests had to wait."""
    waited = {f"{name} ({each[0].sends:g} sent)": [cost.waited for cost in each] for name, each in costs.items()}
    groups = [f"{n} of three dead" for n in dead]
    return figures.bars(f"Requests of {REQUESTS} that wait for the dead", waited, groups=groups)


def _echo(ctx: zmq.Context[Any], endpoint: str) -> None:
    with ctx.socket(zmq.ROUTER) as router:
        router.bind(endpoint)
        while True:
            router.send_multipart(router.recv_multipart())


def _in_turn(ctx: zmq.Context[Any], ends: list[str], *, stay: bool = False) -> tuple[list[float], int]:
    waits, sends, first = [], 0, 0
    for number in range(REQUESTS):
        began = time.monotonic()
        for place in range(first, first + 2 * len(ends)):
            with ctx.socket(zmq.REQ) as req:
                req.linger = 0
                req.connect(ends[place % len(ends)])
                req.send(b"%d" % number)
                sends += 1
                if req.poll(SHORT * 1000):
                    first = place if stay else 0
                    break
        waits.append(time.monotonic() - began)
    return waits, sends


def _and_stay(ctx: zmq.Context[Any], ends: list[str]) -> tuple[list[float], int]:
    return _in_turn(ctx, ends, stay=True)


def _all_at_once(ctx: zmq.Context[Any], ends: list[str]) -> tuple[list[float], int]:
    waits, sends = [], 0
    with ctx.socket(zmq.DEALER) as dealer:
        dealer.linger = 0
        for end in ends:
            dealer.connect(end)
        for number in range(REQUESTS):
            began = time.monotonic()
            for _ in ends:
                dealer.send(b"%d" % number)
                sends += 1
            while dealer.poll(SHORT * 1000) and dealer.recv() != b"%d" % number:
                continue
            waits.append(time.monotonic() - began)
    return waits, sends


def _addressed(ctx: zmq.Context[Any], ends: list[str]) -> tuple[list[float], int]:
    """Who has been heard from is asked; one who does not answer is not asked again before it is heard."""
    waits, sends = [], 0
    with ctx.socket(zmq.ROUTER) as router:
        router.linger = 0
        for place, end in enumerate(ends):
            router.setsockopt(zmq.CONNECT_ROUTING_ID, b"%d" % place)
            router.connect(end)
            router.send_multipart([b"%d" % place, b"PING"])
        alive = [b"%d" % place for place in range(len(ends))]
        end = time.monotonic() + SHORT
        heard = set()
        while (left := end - time.monotonic()) > 0 and len(heard) < len(ends):
            if router.poll(left * 1000):
                heard.add(router.recv_multipart()[0])
        alive = [name for name in alive if name in heard] or alive
        for number in range(REQUESTS):
            began = time.monotonic()
            router.send_multipart([alive[0], b"%d" % number])
            sends += 1
            if not router.poll(SHORT * 1000):
                alive.append(alive.pop(0))
            else:
                router.recv_multipart()
            waits.append(time.monotonic() - began)
    return waits, sends


