"""What a system has to say and do to take part: one small class each, in `systems/`.

A system lives in two places. In the kernel its servers are started and its queues made (`start`, `prepare`).
In processes of their own it is used, as any program would use it, with its usual Python client (`producer`,
`worker`, `publisher`, `subscriber`). Between the two travels `place`, a dict that JSON can hold.

A client is imported inside the method that needs it, so that this package imports with none of them.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import shutil
import sys
import sysconfig
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from .home import Home

REDELIVERY = 1  # seconds without an ack after which a task goes to another worker, where that can be set
PREFETCH = 10  # tasks that a worker takes at once, where that can be set

Handle = Callable[[bytes], None]
Ready = Callable[[], None]


class Sender:
    """What `producer` and `publisher` return. Raises whatever the client raises when a task is refused."""

    def send(self, body: bytes) -> None:
        """Hand one task over; may wait, or gather some before it does."""
        raise NotImplementedError

    def flush(self) -> None:
        """All that was sent is out, and confirmed where the system confirms."""


class System:
    """One system. The attributes are what a table says of it, the methods what an experiment needs of it."""

    key = ""  # how code calls it: "redis"
    name = ""  # how people call it: "Redis streams"
    kind = ""  # "library", "queue", "log" or "bus"
    runs = ""  # what runs here, in truth, and where it comes from
    ack = ""  # when a task counts as delivered
    at_least_once = True
    redelivers: float | None = 0  # seconds until a dead worker's tasks go to another; None: never
    no_fan_out = ""  # why it cannot do it, where it cannot
    keeps_past = False  # whether a subscriber that comes late can have what was sent before
    stays_with_dead = False  # whether a dead worker's tasks wait until that very worker is back
    limit = ""  # what the second run of "stopped" sets, if there is anything to set
    takes = (1.0, 8.0)  # seconds that a producer has to reach what stops it, without the limit and with it
    default = "nothing set"  # what holds without it
    install = ""  # how to get it, when it is missing
    clients: tuple[str, ...] = ()  # modules to import: the client, and what else must be in Python
    heavy = False  # takes seconds to start, and hundreds of megabytes

    def __init__(self, place: dict[str, Any] | None = None) -> None:
        self.place: dict[str, Any] = place or {}

    # --- in the kernel

    def missing(self) -> str:
        """What is not installed, or "" when all is there. Starts nothing."""
        lacking = [name for name in self.clients if not _has(name)]
        if lacking:
            return f"Python has no {lacking[0].split('.')[0]}"
        program = self.server()
        return f"there is no {program}" if program and not find_program(program) else ""

    def server(self) -> str:
        """The program that must be there; "" when none is needed."""
        return ""

    def start(self, home: Home) -> None:
        """Start the servers in this home, and fill `place`. A server listens on 127.0.0.1 and nowhere else."""

    def attach(self, url: str, home: Home) -> None:
        """Use a server that is already running, instead of `start`."""
        self.place["url"] = url

    def prepare(self, queue: str, *, fan_out: bool = False, limited: bool = False) -> None:
        """Make the queue, stream or topic of one experiment; with `limited` it has the limit of `limit`."""

    def remove(self, queue: str) -> None:
        """Undo `prepare` on a server that was there before us."""

    # --- in processes of their own

    def warm_up(self) -> None:
        """Import what will be needed, before processes are made."""
        for name in self.clients:
            importlib.import_module(name)

    def producer(self, queue: str, *, workers: int, limited: bool) -> Sender:
        """Who sends the tasks. Where there is no broker it waits until so many workers are there."""
        raise NotImplementedError

    def worker(self, queue: str, number: int, ready: Ready, handle: Handle, *, workers: int, limited: bool) -> None:
        """Take tasks for ever: `ready()` once it gets some, `handle(body)` for each, and only then the ack."""
        raise NotImplementedError

    def publisher(self, topic: str, *, subscribers: int) -> Sender:
        """Who sends to all subscribers. By default as a producer does."""
        return self.producer(topic, workers=subscribers, limited=False)

    def subscriber(self, topic: str, number: int, ready: Ready, handle: Handle) -> None:
        """Receive everything for ever. Number 9 comes when all has been sent, and asks for the past, if it can."""
        raise NotImplementedError

    # --- for its methods

    @property
    def url(self) -> str:
        return self.place["url"]

    @property
    def host(self) -> str:
        return urlsplit(self.url).hostname or "127.0.0.1"

    @property
    def port(self) -> int:
        port = urlsplit(self.url).port
        assert port, f"{self.url} names no port"
        return port


def find_program(name: str) -> str:
    """Where a server is: on the path, or beside this Python, or where Debian puts those that few people call."""
    beside = os.pathsep.join([sysconfig.get_path("scripts"), str(Path(sys.executable).parent)])
    return shutil.which(name, path=beside) or shutil.which(name) or shutil.which(name, path="/usr/sbin:/sbin") or ""


def inside(module: str, *parts: str) -> Path:
    """A file that a package has brought with it. Does not import the package."""
    found = importlib.util.find_spec(module)
    return Path(found.origin or "").parent.joinpath(*parts) if found else Path("missing")


def _has(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except ModuleNotFoundError:
        return False
