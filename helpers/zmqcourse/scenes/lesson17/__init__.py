"""Lesson 17: who is asked how often, a server that is frozen in front of a crowd, brokers that come and go."""

from __future__ import annotations

import itertools
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import numpy as np
import zmq
from zmqlive import Stage, figures
from zmqlive.figures import Plot
from zmqlive.trace import Message, Trace

Role = Callable[..., Any]
ONE = SimpleNamespace(value=1)  # each wait as long as the one before
TRIES = 5
ORDERS, LUNCH = 4, 1.0  # customers, and the seconds in which nobody works
HUNGRY = 0.3  # seconds that each of them waits for an answer, TRIES times
CROWD, PAUSE = 8, 1.2  # customers, and about how long each has something else to do, in seconds


def three_requests(server: Role, customer: Role, work: Any, patience: Any) -> Stage:
    """One customer asks three things, one after the other; the stage, running. `work` and `patience`: seconds."""
    stage = Stage("Three requests", seconds=600)
    endpoint = stage.endpoint("tcp", name="requests")
    stage.add(server, endpoint, work, name="server")
    stage.add(customer, endpoint, _requests(3), patience, ONE, name="customer")
    return stage.start()


def _requests(count: int) -> list[bytes]:
    return [b"request %d" % number for number in range(1, count + 1)]


def drained(stage: Stage) -> bool:
    """Whether all that was sent to the server has been worked on, and its customer has gone."""
    return stage.role("customer").gone and stage.sent("server") >= stage.sent("customer")


def amounts(
    server: Role, customer: Role, work: float, ratios: Sequence[float]
) -> tuple[list[float], list[float]]:
    """For each patience, as a part of the work's seconds: pieces of work and answers for each of three requests."""
    stages = [
        three_requests(server, customer, SimpleNamespace(value=work), SimpleNamespace(value=ratio * work))
        for ratio in ratios
    ]
    for stage in stages:
        stage.wait(drained, timeout=120)
        stage.stop()
    return [each.received("server") / 3 for each in stages], [each.received("customer") / 3 for each in stages]


# --- a crowd


def crowd(server: Role, customer: Role, work: float, patience: Any, times: Any) -> Stage:
    """A server in a process of its own, and eight customers, who come evenly, one after the other; the stage, running.

    `work`: seconds; `patience` and `times` have a `value`, as sliders do.
    """
    stage = Stage("A crowd", seconds=600)
    endpoint = stage.endpoint("tcp", name="requests")
    stage.add(server, endpoint, SimpleNamespace(value=work), name="server", process=True)
    stage.start()
    tea = itertools.repeat(b"tea")
    for number in range(1, CROWD + 1):
        stage.add(customer, endpoint, tea, patience, times, TRIES, PAUSE, name=f"customer {number}")
        time.sleep(PAUSE / CROWD)
    return stage


def frozen_for(stage: Stage, seconds: float, name: str = "server") -> None:
    """Freeze this role for so many seconds, unless the stage has stopped."""
    if stage.running:
        stage.freeze(name)
        time.sleep(seconds)
        stage.thaw(name)


def answered_in(stage: Stage, seconds: float) -> tuple[int, int]:
    """From now on for so many seconds: pieces of work that the server began, and answers that came in time."""
    before = stage.received("server"), stage.received("customer")
    time.sleep(seconds)
    return stage.received("server") - before[0], stage.received("customer") - before[1]


def goodput(trace: Trace) -> Plot:
    """Pieces of work and answers in time, each second of the run; shaded where the server was frozen."""
    edges = np.arange(0, int(trace.seconds) + 1)

    def rate(wanted: str) -> tuple[list[float], list[int]]:
        times = [m.received for m in trace.messages if m.received and trace.role_of(m.target).startswith(wanted)]
        return (edges[:-1] + 0.5).tolist(), np.histogram(times, edges)[0].tolist()

    curves = {"pieces of work": rate("server"), "answers in time": rate("customer")}
    return figures.chart("A crowd, second by second", curves, x="seconds", y="a second", spans=dict(_frozen(trace)))


def _frozen(trace: Trace) -> Iterator[tuple[str, tuple[float, float]]]:
    began = None
    for event in trace.roles:
        if event.state == "frozen":
            began = event.t
        elif began is not None and event.role == "server":
            yield "frozen", (began, event.t)
            began = None


# --- two tries of one request


def two_tries() -> tuple[Trace, Message]:
    """A REQ that is relaxed and correlates asks twice; the record, and the answer to its first try."""
    with Stage("Two tries", seconds=30) as stage:
        endpoint = stage.endpoint("tcp", name="requests")
        asked = threading.Event()

        def server(ctx: zmq.Context[Any]) -> None:
            with ctx.socket(zmq.ROUTER) as router:
                router.bind(endpoint)
                first, _ = router.recv_multipart(), router.recv_multipart()
                router.send_multipart([*first[:-1], b"done"])
                asked.wait(10)

        def client(ctx: zmq.Context[Any]) -> None:
            with ctx.socket(zmq.REQ) as req:
                req.req_relaxed = req.req_correlate = True
                req.linger = 0
                req.connect(endpoint)
                for _ in range(2):
                    req.send_multipart([b"id 7", b"tea"])
                req.rcvtimeo = 500
                try:
                    req.recv_multipart()
                except zmq.Again:
                    asked.set()

        stage.add(server)
        stage.add(client)
        stage.wait(lambda s: s.role("client").gone, timeout=20)
    trace = stage.trace()
    return trace, next(m for m in trace.messages if trace.role_of(m.source) == "server")


# --- workers behind a broker


def pool(broker: Role, worker: Role, customer: Role) -> Stage:
    """A broker in a process of its own, four workers, a customer; the stage, running."""
    stage = Stage("A broker, four workers", seconds=600)
    front, back = (stage.endpoint("tcp", name=side) for side in ("front", "back"))
    stage.add(broker, front, back, name="broker", process=True)
    stage.start()
    stage.add(worker, back, 0.1, count=4, name="worker")
    stage.wait(lambda s: s.received("broker") >= 4, timeout=30)
    patience, tea = SimpleNamespace(value=0.5), itertools.repeat(b"tea")
    stage.add(customer, front, tea, patience, ONE, TRIES, 0.3, name="customer")
    return stage


def restart(stage: Stage) -> tuple[list[str], list[str]]:
    """Kill the broker while the workers are free, start it again, and give everybody two seconds.

    Who is connected to the new broker, and who has been given work by it.
    """
    # Right after an answer the customer has something else to do. (The second time there is none: all are forgotten.)
    heard, end = stage.received("customer"), time.monotonic() + 5
    stage.wait(lambda s: s.received("customer") > heard or time.monotonic() > end, timeout=30)
    stage.kill("broker")
    stage.wait(lambda s: s.role("broker").gone, timeout=10)
    names = [role.name for role in stage.roles if role.name.startswith("worker")]
    stage.restart("broker")
    before = {name: stage.received(name) for name in names}
    stage.wait(lambda s: len(_connected(s, names)) == len(names), timeout=30)
    time.sleep(2)
    return _connected(stage, names), [name for name in names if stage.received(name) > before[name]]


def _connected(stage: Stage, names: list[str]) -> list[str]:
    """Those whose sockets say that they are connected: after the last restart of the broker."""
    trace = stage.trace()
    began = max(event.t for event in trace.roles if event.role == "broker" and event.state == "running")
    up = {
        trace.role_of(socket.id)
        for socket in trace.sockets
        if any(t > began and state == "up" for t, _, state in socket.links)
    }
    return [name for name in names if name in up]


def dead_idlers(broker: Role, worker: Role, customer: Role, fault: str) -> list[int]:
    """Two of four free workers are killed or frozen; then a customer asks twelve things. Tries that each one took."""
    with Stage(f"Two are {fault}", seconds=120) as stage:
        front, back = (stage.endpoint("tcp", name=side) for side in ("front", "back"))
        stage.add(broker, front, back, True, name="broker")
        for number in range(1, 5):
            stage.add(worker, back, 0.02, name=f"worker {number}", process=number < 3)
            stage.wait(lambda s, ready=number: s.received("broker") >= ready, timeout=30)
        for number in (1, 2):
            getattr(stage, "kill" if fault == "killed" else "freeze")(f"worker {number}")
        time.sleep(0.3)  # what the kernel has to tell of the dead is told
        stage.add(customer, front, _requests(12), SimpleNamespace(value=1.0), ONE, name="customer")
        stage.wait(lambda s: s.role("customer").gone, timeout=60)
        trace = stage.trace()
    tries = Counter(m.frames[-1] for m in trace.messages if trace.role_of(m.source) == "customer")
    return [tries[request] for request in _requests(12)]


def bind(socket: zmq.Socket[Any], endpoint: str) -> None:
    """Bind as soon as whoever had this address has let go of it, within five seconds."""
    end = time.monotonic() + 5
    while True:
        try:
            return socket.bind(endpoint)
        except zmq.ZMQError as error:
            if error.errno != zmq.EADDRINUSE or time.monotonic() > end:
                raise
            time.sleep(0.01)


# --- an afternoon


class Afternoon:
    """Four customers ask again and again while nobody works; then a worker comes, and stays until all is done.

    trace: the record. ledger: what came of it, in a sentence.
    """

    def __init__(self, broker: Role, worker: Role) -> None:
        self.answered = 0
        with Stage("An afternoon", seconds=120) as stage:
            front, back = (stage.endpoint("tcp", name=side) for side in ("front", "back"))
            stage.add(broker, front, back, name="broker")
            stage.add(self._customer, front, count=ORDERS, name="customer")
            stage.start()
            time.sleep(LUNCH)
            self.before = stage.sent("customer")
            stage.add(worker, back, 0.1, name="worker")
            stage.wait(lambda s: all(r.gone for r in s.roles if r.name.startswith("customer")), timeout=60)
            while (work := stage.received("worker")) != getattr(self, "work", None):
                self.work = work
                time.sleep(1.0)  # nothing has come for as long as ten pieces of work take
            self.tries = stage.sent("customer")
            self.trace = stage.trace()

    def _customer(self, ctx: zmq.Context[Any], front: str) -> None:
        id = uuid4().bytes
        for _ in range(TRIES):
            with ctx.socket(zmq.REQ) as req:
                req.linger = 0
                req.connect(front)
                req.send_multipart([id, b"tea"])
                if req.poll(HUNGRY * 1000):
                    req.recv_multipart()
                    self.answered += 1
                    return

    @property
    def ledger(self) -> str:
        return (
            f"{ORDERS} orders, asked {self.before} times before the worker came, {self.tries} times in all\n"
            f"{self.work} pieces of work, {self.answered} customers with an answer"
        )
