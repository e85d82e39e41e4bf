"""Lesson 18: hearts that stop, and who notices; orders that are given again; a watcher that is frozen itself."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import zmq
from zmqlive import Stage, figures
from zmqlive.figures import Plot
from zmqlive.trace import Message, Trace

Role = Callable[..., Any]
READY, BEAT = b"\x01", b"\x02"
NAMES = ("Ada", "Bob", "Cid")
PAIRS = ((0.1, 2), (0.1, 4), (0.2, 3), (0.2, 4), (0.2, 6), (0.4, 3), (0.4, 4))  # intervals in seconds, liveness
ORDERED = 1.0  # seconds between two orders
NEVER = 3.0  # seconds without a word after which nobody will notice any more
WORKING_HEART = 20  # beats until one hangs


def board(ctx: zmq.Context[Any], news: str) -> None:
    """Hangs up the news."""
    with ctx.socket(zmq.PULL) as pull:
        pull.bind(news)
        while True:
            pull.recv_multipart()


class News(NamedTuple):
    """What was said of whom, by which role, at which second of the record."""

    t: float
    by: str
    name: str
    what: str


def news_of(stage: Stage) -> list[News]:
    """All that has come to the board so far."""
    trace = stage.trace()
    return [
        News(m.sent, trace.role_of(m.source), *(frame.decode() for frame in m.frames))
        for m in trace.messages
        if trace.role_of(m.target) == "board" and m.received is not None
    ]


def _is_there(stage: Stage, name: str) -> bool:
    said = [each.what for each in news_of(stage) if each.name == name]
    return bool(said) and said[-1] == "there"


# --- three hearts


def hall(watch: Role, heart: Role, interval: float, liveness: int) -> Stage:
    """Ada and Bob in processes, Cid behind a line; a watcher and a board. The stage, running."""
    stage = Stage("Three hearts", seconds=900)
    stage.heartbeats(BEAT)
    back, news = stage.endpoint("tcp", name="back"), stage.endpoint("tcp", name="news")
    line = stage.link(back, name="Cid's line")
    stage.add(board, news)
    stage.add(watch, back, interval, liveness, news, name="watch")
    for name, endpoint, process in ("Ada", back, True), ("Bob", back, True), ("Cid", line.endpoint, False):
        stage.add(heart, endpoint, name.encode(), interval, name=name, process=process)
    return stage.start()


def all_at_once(stage: Stage) -> dict[str, float]:
    """Kill Ada, freeze Bob, cut Cid off without a word, whatever was done before. Seconds until each is called gone."""
    line = stage.links[0]
    for name in ("Ada", "Bob"):
        if stage.role(name).state == "frozen":
            stage.thaw(name)
        if stage.role(name).gone:
            stage.restart(name)
    if line.state != "up":
        line.mend()
    stage.wait(lambda s: all(_is_there(s, name) for name in NAMES), timeout=30)
    time.sleep(1.0)
    began = stage.recorder.seconds()
    stage.kill("Ada")
    stage.freeze("Bob")
    line.half_open()
    gone = {}
    for name in NAMES:
        found: list[News] = []

        def said(stage: Stage, name: str = name, found: list[News] = found) -> bool:
            found[:] = [n for n in news_of(stage) if n.t > began and (n.name, n.what) == (name, "gone")]
            return bool(found)

        stage.wait(said, timeout=30)
        gone[name] = found[0].t - began if found else float("nan")
    return gone


# --- many


class Noticed(NamedTuple):
    """One heart that stopped: its interval in seconds, the liveness, and the seconds until it was called gone."""

    interval: float
    liveness: int
    seconds: float


def times_to_notice(watch: Role, heart: Role) -> list[Noticed]:
    """Three hearts for each of `PAIRS`, out of step, behind a line that swallows all from some moment on."""

    def later(ctx: zmq.Context[Any], seconds: float, *how: Any) -> None:
        time.sleep(seconds)
        heart(ctx, *how)

    with Stage("Many hearts", seconds=120) as stage:
        news = stage.endpoint("tcp", name="news")
        stage.add(board, news)
        for pair, (interval, liveness) in enumerate(PAIRS):
            back = stage.endpoint("tcp", name=f"back {pair}")
            stage.add(watch, back, interval, liveness, news, name=f"watch {pair}")
            line = stage.link(back, name=f"line {pair}")
            for third in range(3):
                how = third * interval / 3, line.endpoint, b"%d-%d" % (pair, third), interval
                stage.add(later, *how, name=f"heart {pair}-{third}")
        stage.wait(lambda s: len(news_of(s)) >= 3 * len(PAIRS), timeout=60)
        time.sleep(1.0)
        stopped = []
        for line in stage.links:
            stopped.append(stage.recorder.seconds())
            line.half_open()
        stage.wait(lambda s: sum(n.what == "gone" for n in news_of(s)) >= 3 * len(PAIRS), timeout=60)
        gone = [(int(n.name[0]), n.t) for n in news_of(stage) if n.what == "gone"]
    return [Noticed(*PAIRS[pair], t - stopped[pair]) for pair, t in gone if t > stopped[pair]]


def rule(measured: Sequence[Noticed]) -> Plot:
    """What was measured beside interval × liveness, which has a bar of one interval up and down."""
    products = [interval * liveness for interval, liveness in PAIRS]
    curves = {
        "interval × liveness ± interval": (products, products, "dots", [interval for interval, _ in PAIRS]),
        "measured": ([each.interval * each.liveness for each in measured], [each.seconds for each in measured], "dots"),
    }
    return figures.chart("Until it is noticed", curves, x="interval × liveness, seconds", y="seconds")


# --- orders


def shop(dispatcher: Role, worker: Role, patience: Any, beats: Any) -> Stage:
    """Six workers and a customer who orders once a second; the stage, running."""
    stage = Stage("Orders", seconds=900)
    stage.heartbeats(BEAT)
    back = stage.endpoint("inproc", name="back")

    def customer(ctx: zmq.Context[Any]) -> None:
        with ctx.socket(zmq.DEALER) as dealer:
            dealer.connect(back)
            for number in itertools.count(1):
                dealer.send_multipart([b"order", b"order %d" % number])
                time.sleep(ORDERED)

    stage.add(dispatcher, back, patience, name="dispatcher")
    stage.add(worker, back, beats, count=6, name="worker")
    stage.start()
    stage.wait(lambda s: s.received("dispatcher") >= 6, timeout=30)
    stage.add(customer, name="customer")
    return stage


def pieces(stage: Stage, orders: int) -> int:
    """How often work is begun for the next so many orders, until nobody is at work on one of them any more."""
    first = stage.sent("customer") + 1
    wanted = {b"order %d" % number for number in range(first, first + orders)}
    begun: list[Message] = []

    def over(stage: Stage) -> bool:
        trace = stage.trace()
        mine = [m for m in trace.messages if m.frames and m.frames[-1] in wanted]
        begun[:] = [m for m in mine if trace.role_of(m.source) == "dispatcher"]
        done = [m for m in mine if b"done" in m.frames and m.received is not None]
        return {m.frames[-1] for m in done} == wanted and len(done) == len(begun)

    stage.wait(over, timeout=60)
    return len(begun)


# --- words


def one_job() -> tuple[Trace, Message, Message]:
    """A job goes from a client by a broker to a worker and back. The record, the answer, and a heartbeat."""
    with Stage("One job", seconds=60) as stage:
        front, back = (stage.endpoint("inproc", name=side) for side in ("front", "back"))

        def broker(ctx: zmq.Context[Any]) -> None:
            with ctx.socket(zmq.ROUTER) as frontend, ctx.socket(zmq.ROUTER) as backend:
                frontend.bind(front)
                backend.bind(back)
                name, _ = backend.recv_multipart()
                backend.recv_multipart()
                backend.send_multipart([name, *frontend.recv_multipart()])
                frontend.send_multipart(backend.recv_multipart()[1:])

        def worker(ctx: zmq.Context[Any]) -> None:
            with ctx.socket(zmq.DEALER) as dealer:
                dealer.routing_id = b"Bob"
                dealer.connect(back)
                dealer.send(READY)
                dealer.send(BEAT)
                *way, _ = dealer.recv_multipart()
                dealer.send_multipart([*way, b"done"])

        def client(ctx: zmq.Context[Any]) -> None:
            with ctx.socket(zmq.REQ) as req:
                req.routing_id = b"Ann"
                req.connect(front)
                req.send(b"job")
                req.recv()

        for role in broker, worker, client:
            stage.add(role)
        stage.wait(lambda s: s.role("client").gone, timeout=30)
    trace = stage.trace()
    answer = next(m for m in trace.messages if trace.role_of(m.target) == "client")
    return trace, answer, next(m for m in trace.messages if m.frames[-1] == BEAT)


# --- whose heart beats where

KINDS = {"libzmq's": "connection", "the thread's": "watch threads", "the loop's": "watch loops"}  # → who tells
FAULTS = ("killed", "frozen", "hangs")


def hearts(watch: Role, connection: Role, three_hearts: Role) -> Stage:
    """Three processes with three hearts each, and those who listen to them; the stage, running."""
    stage = Stage("Nine hearts", seconds=300)
    stage.heartbeats(BEAT)
    news, by_loop, by_thread = (stage.endpoint("tcp", name=name) for name in ("news", "loops", "threads"))
    stage.add(board, news)
    stage.add(watch, by_loop, 0.1, 10, news, name="watch loops")
    stage.add(watch, by_thread, 0.1, 10, news, name="watch threads")
    plain = {name: stage.endpoint("tcp", name=name) for name in FAULTS}
    for name in FAULTS:
        stage.add(connection, plain[name], name.encode(), news, name=f"connection {name}")
    stage.start()
    for name in FAULTS:
        beats = WORKING_HEART if name == "hangs" else 1_000_000
        stage.add(three_hearts, by_loop, by_thread, plain[name], name.encode(), beats, name=name, process=True)
    return stage


def whose_hearts_stopped(stage: Stage) -> dict[str, list[float | None]]:
    """Kill one, freeze one; one hangs by itself. Kind of heart → seconds until it told, for each; None: never."""
    stage.wait(lambda s: sum(n.what == "there" for n in news_of(s)) >= 6, timeout=60)
    began = {}
    for name, fault in ("killed", stage.kill), ("frozen", stage.freeze):
        began[name] = stage.recorder.seconds()
        fault(name)
    stage.wait(lambda s: (_said(s, "the loop's", "hangs")), timeout=60)
    trace = stage.trace()
    began["hangs"] = max(m.sent for m in trace.messages if _beat_of(trace, m, "hangs", "watch loops"))
    until = began["hangs"] + NEVER
    stage.wait(lambda s: s.recorder.seconds() > until, timeout=30)
    told: dict[str, list[float | None]] = {}
    for kind in KINDS:
        said = [_said(stage, kind, name) for name in FAULTS]
        told[kind] = [n.t - began[n.name] if n else None for n in said]
    return told


def _said(stage: Stage, kind: str, name: str) -> News | None:
    """The news that this one is gone, from those who listen to hearts of this kind."""
    found = [n for n in news_of(stage) if n.by.startswith(KINDS[kind]) and (n.name, n.what) == (name, "gone")]
    return found[0] if found else None


def _beat_of(trace: Trace, message: Message, name: str, to: str) -> bool:
    return trace.role_of(message.source) == name and trace.role_of(message.target) == to


# --- a night


def night(watch: Role, heart: Role) -> Stage:
    """Three hearts beat on while their watcher, a process, is frozen; the stage, stopped."""
    with Stage("A night", seconds=120) as stage:
        back, news = stage.endpoint("tcp", name="back"), stage.endpoint("tcp", name="news")
        stage.add(board, news)
        stage.add(watch, back, 0.2, 3, news, name="watch", process=True)
        for name in NAMES:
            stage.add(heart, back, name.encode(), 0.2, name=name)
        stage.wait(lambda s: len(news_of(s)) >= len(NAMES), timeout=30)
        stage.freeze("watch")
        before = stage.sent(NAMES[0])
        stage.wait(lambda s: s.sent(NAMES[0]) >= before + 10, timeout=30)
        stage.thaw("watch")
        stage.wait(lambda s: any(n.what == "gone" for n in news_of(s)), timeout=30)
        stage.wait(lambda s: all(_is_there(s, name) for name in NAMES), timeout=30)
    return stage


def ledger(stage: Stage) -> str:
    """How many heartbeats were sent while the watcher stood still, and all the news."""
    trace = stage.trace()
    frozen = next(e.t for e in trace.roles if (e.role, e.state) == ("watch", "frozen"))
    thawed = next(e.t for e in trace.roles if e.role == "watch" and e.t > frozen)
    beats = [m for m in trace.messages if frozen < m.sent < thawed and trace.role_of(m.source) in NAMES]
    said = ", ".join(f"{n.name} {n.what}" for n in news_of(stage))
    return f"{len(beats)} heartbeats while the watcher was frozen for {thawed - frozen:.1f} s\nnews: {said}"
