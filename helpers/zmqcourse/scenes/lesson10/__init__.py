"""Lesson 10: thousands of subscribers and what they cost, what passes a middle, and a sensor that should sleep."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import psutil
import zmq
from zmqlive import Stage
from zmqlive.trace import Trace

MESSAGES = 300  # fewer than the high-water mark: nothing is dropped
PATIENCE = 60_000  # milliseconds
READINGS = 10


def passed(trace: Trace, source: str, target: str) -> int:
    """How many messages of the one role have come to the other."""
    return sum(m.received is not None and trace.role_of(m.source) == source
               and trace.role_of(m.target) == target for m in trace.messages)  # fmt: skip


# --- ten thousand subscribers


def affordable(wanted: int, spare: int = 500) -> int:
    """So many subscribers, or as many as this process may have descriptors for, each end of a connection one."""
    try:
        import resource
    except ImportError:  # Windows sets no such limit
        return wanted
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    print(f"A process may have {soft:,} descriptors here, and a connection takes one at each end.")
    return wanted if soft == resource.RLIM_INFINITY else max(200, min(wanted, soft - spare))


def serve(count: int) -> float:
    """Publish to so many subscribers, in two processes of their own, over tcp; messages a second, until all have them.
    The sockets are plain ones, which nobody records."""
    ctx, before = zmq.Context(), psutil.Process().memory_info().rss
    with Stage("Many", seconds=120) as many:
        pub, done = _gather(many, ctx, count)
        memory, began = psutil.Process().memory_info().rss - before, time.perf_counter()
        for _ in range(MESSAGES):
            pub.send(bytes(100))
        for _ in range(2 * MESSAGES):  # a word from each process, for each message
            done.recv()
        rate = MESSAGES / (time.perf_counter() - began)
        ctx.destroy(linger=0)
    print(f"{count:6,} subscribers: {rate:7,.0f} messages/s, {rate * count:9,.0f} deliveries/s, "
          f"{memory / count / 1000:.0f} kB each in the publisher")  # fmt: skip
    return rate


def _gather(stage: Stage, ctx: zmq.Context[Any], count: int) -> tuple[zmq.Socket[Any], zmq.Socket[Any]]:
    pub, done = ctx.socket(zmq.XPUB), ctx.socket(zmq.PULL)
    pub.rcvtimeo = done.rcvtimeo = PATIENCE
    pub.xpub_verbose = True  # to count them
    pub.backlog = count  # how many may knock at once; the default is 100
    for socket in (pub, done):
        socket.bind("tcp://127.0.0.1:*")
    stage.add(_audience, pub.last_endpoint, done.last_endpoint, count // 2, process=True, count=2)
    for _ in range(count):
        pub.recv()  # one more is there
    return pub, done


def _audience(ctx: zmq.Context[Any], news: str, done: str, count: int) -> None:
    own = zmq.Context()
    own.max_sockets = count + 1  # the default is 1023; before the first socket
    subs = [own.socket(zmq.SUB) for _ in range(count)]
    ready = own.socket(zmq.PUSH)
    ready.connect(done)
    for sub in subs:
        sub.subscribe("")
        sub.connect(news)
    while True:
        for sub in subs:
            sub.recv()
        ready.send(b"")  # each of them has it


# --- a sensor that should sleep


def winter(middle: Callable[..., Any], panel: Callable[..., Any]) -> Stage:
    """Three panels come for the hall through this middle, and all go again; then the hall's sensor goes on for ten
    readings more. The stage, stopped; the sensor, which is to say whom it hears, is called "hall"."""
    heard: list[bytes] = []

    def sensor(ctx: zmq.Context[Any], upstream: str) -> None:
        with ctx.socket(zmq.XPUB) as pub:
            pub.connect(upstream)
            while True:
                while pub.poll(50):
                    heard.append(pub.recv())
                pub.send_multipart([b"hall", b"19"])

    with Stage("A winter's day", seconds=120) as stage:
        up, down = (stage.endpoint("inproc", name=side) for side in ("up", "down"))
        stage.add(middle, up, down, name="middle")
        stage.add(sensor, up, name="hall")
        panels = [f"panel {number}" for number in (1, 2, 3)]
        for name in panels:
            stage.add(panel, [down], "hall", name=name)
            stage.wait(lambda s, name=name: s.received(name), timeout=30)
        for name in panels:
            stage.end(name)
        sent = stage.sent("hall")
        stage.wait(lambda s: s.sent("hall") >= sent + READINGS, timeout=30)
    print("the hall's sensor was told", heard)
    return stage
