"""Who answers while a kernel does this or that."""

from __future__ import annotations

import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import zmq
from zmqlive.roles import interrupts

from ...exercise import Clock
from .kernel import Kernel
from .words import Info, at, cell, message

SLEEPS = "import time\nfor _ in range(100_000):\n    time.sleep(0.01)"
HOLDS = "import re\nre.match('(a+)+$', 60 * 'a' + 'b')"  # one call of C that does not give Python's lock away
PATIENCE = 1.0  # seconds, of a quiet machine
LONG = 600.0  # seconds: far beyond what any machine takes
ASKED = ("hb", "control", "shell")


@contextmanager
def running(kernel: Kernel, code: str) -> Iterator[None]:
    """A cell of this code is under way when this begins. What is under way at the end is interrupted."""
    with tempfile.TemporaryDirectory() as folder, zmq.Context() as ctx:
        sign = Path(folder) / "begun"
        with ctx.socket(zmq.DEALER) as shell, ctx.socket(zmq.DEALER) as control:
            for socket, channel in (shell, "shell"), (control, "control"):
                socket.linger = 0
                socket.connect(at(kernel.info, channel))
            kernel.thaw()
            control.send_multipart(message(kernel.info, "interrupt_request", {}))  # should a cell run
            control.poll(LONG * 1000)
            begins = f"open({str(sign)!r}, 'w').close()\n"
            shell.send_multipart(message(kernel.info, "execute_request", cell(begins + code)))
            end = time.monotonic() + LONG
            while not sign.exists() and kernel.alive and time.monotonic() < end:
                interrupts.original(0.01)
            try:
                yield
            finally:
                kernel.thaw()
                if code == SLEEPS:
                    control.send_multipart(message(kernel.info, "interrupt_request", {}))
                    shell.poll(LONG * 1000)


def answers(info: Info, patience: float) -> dict[str, bool]:
    """Socket → whether it has answered a harmless question within so many seconds. All are asked at once."""
    with zmq.Context() as ctx:
        sockets: dict[str, Any] = {}
        for channel in ASKED:
            socket = sockets[channel] = ctx.socket(zmq.REQ if channel == "hb" else zmq.DEALER)
            socket.linger = 0
            socket.connect(at(info, channel))
            question = [b"beat"] if channel == "hb" else message(info, "kernel_info_request", {})
            socket.send_multipart(question)
        end = time.monotonic() + patience
        try:
            return {
                channel: bool(socket.poll(max(0.0, end - time.monotonic()) * 1000))
                for channel, socket in sockets.items()
            }
        finally:
            for socket in sockets.values():
                socket.close()


def who_answers(kernel: Kernel) -> dict[str, dict[str, bool]]:
    """What a kernel does → which of its sockets answer meanwhile. (What cannot be interrupted, another kernel does.)"""
    patience = PATIENCE * Clock().pace
    found: dict[str, dict[str, bool]] = {"nothing": {}}
    with running(kernel, SLEEPS):
        found["a cell that sleeps"] = answers(kernel.info, patience)
    found["nothing"] = answers(kernel.info, patience)
    kernel.freeze()
    found["frozen"] = answers(kernel.info, patience)
    kernel.thaw()
    with Kernel() as other, running(other, HOLDS):
        found["one long call of C"] = answers(other.info, patience)
    return found


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
