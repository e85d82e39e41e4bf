"""Who answers while a kernel does this or that, a watchdog's night, and what passes in between."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import zmq

from ...exercise import Clock
from ...kernels import HOLDS, SLEEPS, Info, Kernel, answers, running

PATIENCE = 1.0  # seconds, of a quiet machine
LONG = 600.0  # seconds: far beyond what any machine takes


def who_answers(kernel: Kernel) -> dict[str, dict[str, bool]]:
    """What a kernel does → which of its sockets answer meanwhile. (What cannot be interrupted, another kernel does.)"""
    patience = PATIENCE * Clock().pace
    with running(kernel, SLEEPS):
        sleeps = answers(kernel.info, patience)
    rests = answers(kernel.info, patience)
    with Kernel() as other, running(other, HOLDS):
        holds = answers(other.info, patience)
    kernel.freeze()
    frozen = answers(kernel.info, patience)
    kernel.thaw()
    return {"no cell": rests, "a cell that sleeps": sleeps, "one long call of C": holds, "frozen": frozen}


def night(watchdog: Callable[..., Any], kernel: Kernel) -> str:
    """What `watchdog(ctx, info, patience)` says of a kernel that does nothing, one that works, one that is frozen."""
    patience = PATIENCE * Clock().pace

    def says() -> str:
        with zmq.Context() as ctx:
            return str(watchdog(ctx, kernel.info, patience))

    with running(kernel, SLEEPS):
        works = says()
    told = [f"does nothing: {says()}", f"a cell runs: {works}"]
    kernel.freeze()
    told.append(f"is frozen: {says()}")
    kernel.thaw()
    return "\n".join(told)


def captured(between: Callable[..., Any], asks: Callable[..., Any], info: Info, count: int = 2) -> list[list[bytes]]:
    """`between(ctx, info, capture)` stands between the kernel's shell and "inproc://shell", and `asks(ctx)` asks there;
    the first messages that come to the endpoint `capture`."""
    capture, seen = "inproc://capture", []
    ctx = zmq.Context()

    def runs(role: Callable[..., Any], *args: Any) -> None:
        with suppress(zmq.ContextTerminated):
            role(ctx, *args)

    with ctx.socket(zmq.PULL) as pull:
        pull.bind(capture)
        threads = [threading.Thread(target=runs, args=args) for args in ((between, info, capture), (asks,))]
        for thread in threads:
            thread.start()
        while len(seen) < count and pull.poll(LONG * 1000):
            seen.append(pull.recv_multipart())
    ctx.term()
    for thread in threads:
        thread.join()
    return seen
