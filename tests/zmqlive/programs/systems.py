"""Programs of others, run and recorded: what the tests of `programs` share."""

from __future__ import annotations

import io
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from environments import HELPERS
from machine import pace, until
from zmqlive.programs import Runner, Watch, commands

if os.name != "posix":
    pytest.skip("zmqlive run has not been tried here", allow_module_level=True)
GUIDE = Path(__file__).parent / "guide"


class Play:
    """Programs that run while a test looks on."""

    def __init__(self, system: Watch) -> None:
        self.system, self.out = system, io.StringIO()
        self.runner = Runner(system, out=self.out)
        self.code: int | None = None

    def start(self, *words: Any) -> None:
        """Programs as on the command line; a guide's by its name."""
        named = [str(GUIDE / word) if (GUIDE / str(word)).is_file() else str(word) for word in words]
        for command in commands(named):
            self.runner.start(command)

    def wait_once_up(self, seconds: float) -> int:
        """So many seconds, of a quiet machine, from when each program has made a socket, or is over already."""
        def up() -> bool:
            there = {socket.role.partition("/")[0] for socket in self.system.trace().sockets}
            return all(one.role in there or one.process.poll() is not None for one in self.runner.programs)

        until(up)
        return self.wait(seconds=seconds * pace())

    def wait(self, **ends: Any) -> int:
        self.code = self.runner.wait(**ends)
        return self.code

    def pid(self, role: str) -> int:
        return next(one.process.pid for one in self.runner.programs if one.role == role)

    def said(self, role: str) -> list[str]:
        """The lines that a program has printed."""
        return [line.removeprefix(f"{role} | ") for line in self.out.getvalue().splitlines()
                if line.startswith(f"{role} | ")]

    def connected(self, n: int) -> None:
        until(lambda: sum(c.state == "up" for c in self.system.trace().connections) >= n)


@contextmanager
def play(**how: Any) -> Iterator[Play]:
    """A system that is ended with the test, whatever becomes of it."""
    with Watch("a test", **how) as system:
        it = Play(system)
        try:
            yield it
        finally:
            it.runner.interrupt()
            if it.code is None:
                it.wait()


@contextmanager
def typing() -> Iterator[Any]:
    """A keyboard: `type(text)` goes to the programs' standard input."""
    ours, theirs = os.pipe()
    before = os.dup(0)
    os.dup2(ours, 0)
    os.close(ours)
    try:
        yield lambda text: os.write(theirs, text.encode())
    finally:
        os.close(theirs)
        os.dup2(before, 0)
        os.close(before)


def zmqlive(*words: Any, **how: Any) -> subprocess.CompletedProcess[str]:
    """`python -m zmqlive …`."""
    return subprocess.run([sys.executable, "-m", "zmqlive", *map(str, words)], capture_output=True, encoding="utf-8",
                          stdin=subprocess.DEVNULL, timeout=600, **how)


def begin(*words: Any, zmqlive: Path | None = None, **how: Any) -> subprocess.Popen[str]:
    """The same, and it goes on; or another installation's `zmqlive`."""
    command = [str(zmqlive)] if zmqlive else [sys.executable, "-m", "zmqlive"]
    return subprocess.Popen([*command, *map(str, words)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                            encoding="utf-8", **{"stdin": subprocess.DEVNULL, **how})


def free_port() -> int:
    """A port that was free a moment ago, for programs that are told where to meet before they run."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def together(*jobs: Any) -> list[threading.Thread]:
    threads = [threading.Thread(target=job) for job in jobs]
    for thread in threads:
        thread.start()
    return threads


__all__ = ["GUIDE", "HELPERS", "begin", "free_port", "play", "together", "typing", "until", "zmqlive"]
