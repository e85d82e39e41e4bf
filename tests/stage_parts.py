"""What the tests of `Stage` share: roles, and a look at what a stage leaves behind."""

from __future__ import annotations

import gc
import os
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator

import psutil
import pytest
import zmq
from machine import PATIENCE
from zmqlive.recording import asking
from zmqlive.roles import interrupts
from zmqlive.stage import Stage, keeper

ME = psutil.Process()


def left_open() -> tuple[list[str], int, int, int]:
    """Threads, descriptors, listening ports and child processes of this process."""
    listening = [c for c in ME.net_connections("inet") if c.status == psutil.CONN_LISTEN]
    names = sorted(t.name for t in threading.enumerate())
    return names, ME.num_fds() if os.name == "posix" else 0, len(listening), len(ME.children())


def no_more_than(before: tuple[list[str], int, int, int]) -> bool:
    """Whether nothing has come since; what an earlier test had left may have gone."""
    names, *counts = left_open()
    return not Counter(names) - Counter(before[0]) and all(n <= m for n, m in zip(counts, before[1:], strict=True))


def eventually(condition: Callable[[], object], seconds: float = PATIENCE) -> bool:
    until = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > until:
            return False
        interrupts.original(0.005)
    return True


@pytest.fixture(autouse=True)
def nothing_left() -> Iterator[None]:
    gc.collect()
    zmq.Context().term()  # what the first context of a process makes for good is not a leak
    before = left_open()
    yield
    keeper.stop_all()
    gc.collect()
    assert eventually(lambda: no_more_than(before)), f"{left_open()} left, {before} before"
    assert time.sleep is interrupts.original


def stopped_in(stage: Stage) -> float:
    began = time.perf_counter()
    stage.stop()
    return time.perf_counter() - began


# --- roles ---------------------------------------------------------------------------------------------


def producer(ctx, endpoint, pause=0.001):
    with ctx.socket(zmq.PUSH) as push:
        push.bind(endpoint)
        n = 0
        while True:
            push.send(b"%d" % n)
            n += 1
            time.sleep(pause)


def consumer(ctx, endpoint):
    with ctx.socket(zmq.PULL) as pull:
        pull.connect(endpoint)
        while True:
            pull.recv()


def send_blocked(ctx):
    one, two = ctx.socket(zmq.PUSH), ctx.socket(zmq.DEALER)
    one.bind("tcp://127.0.0.1:*")
    two.bind("tcp://127.0.0.1:*")
    one.send(b"nobody is there")


def recv_blocked(ctx):
    with ctx.socket(zmq.SUB) as one, ctx.socket(zmq.PULL) as two:
        one.bind("tcp://127.0.0.1:*")
        two.bind("tcp://127.0.0.1:*")
        two.recv()


def waiting(ctx):
    time.sleep(1000)


def raises(ctx):
    raise KeyError("missing")


def nothing(ctx):
    pass


def calls_in_progress(stage: Stage) -> int:
    """How many sockets of roles are blocked in a send, or asked for a message that is not there."""
    return sum(bool(kept.log.blocked) or asking(kept) for kept in stage.recorder.store.kept)
