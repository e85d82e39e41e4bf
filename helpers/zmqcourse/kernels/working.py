"""What a kernel may be at, and which of its sockets answer meanwhile."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import zmq
from zmqlive.roles import interrupts

from .messages import Info, at, cell, message, read
from .process import Kernel

SLEEPS = "import time\nfor _ in range(100_000):\n    time.sleep(0.01)"
HOLDS = "import re\nre.match('(a+)+$', 60 * 'a' + 'b')"  # one call of C that does not give Python's lock away
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
            _interrupted(kernel, shell, control)  # should a cell run
            begins = f"open({str(sign)!r}, 'w').close()\n"
            shell.send_multipart(message(kernel.info, "execute_request", cell(begins + code, stop_on_error=False)))
            end = time.monotonic() + LONG
            while not sign.exists() and kernel.alive and time.monotonic() < end:
                interrupts.original(0.01)
            try:
                yield
            finally:
                kernel.thaw()
                if code == SLEEPS:
                    _interrupted(kernel, shell, control)


def _interrupted(kernel: Kernel, shell: Any, control: Any) -> None:
    """Returns when the kernel's shell answers again. An interrupt that comes at a bad moment, or a reply with it, may
    be lost: so both are asked for again, with more and more time between."""
    asked, wait, end = set(), 1.0, time.monotonic() + LONG
    while kernel.alive and time.monotonic() < end:
        control.send_multipart(message(kernel.info, "interrupt_request", {}))
        control.poll(wait * 1000)
        while control.poll(0):
            control.recv_multipart()
        question = message(kernel.info, "kernel_info_request", {})
        asked.add(read(question)[0]["msg_id"])
        shell.send_multipart(question)
        while shell.poll(wait * 1000):
            if read(shell.recv_multipart())[1].get("msg_id") in asked:
                return
        wait *= 2


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
