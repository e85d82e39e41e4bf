"""What a system has to say and do to take part: one small class each, in `systems/`.

A system lives in two places. In the kernel its servers are started and its queues made (`start`, `prepare`).
In processes of their own it is used, as any program would use it, with its usual Python client (`producer`,
`worker`, `publisher`, `subscriber`). Between the two travels `place`, a dict that JSON can hold.

**Equal where they can be equal**: a broker that has a disk writes each message there before it confirms it, a
producer has WINDOW messages under way, a worker holds PREFETCH and acknowledges each when it is done. What a
system cannot keep of this, and what it does instead, stands in its `terms`, which every table shows. Where it
usually runs otherwise there is a second class, *as usually run*, whose terms say how.

A client is imported inside the method that needs it, so that this package imports with none of them.
"""

from __future__ import annotations

import importlib
import importlib.util
import itertools
import os
import shutil
import sys
import sysconfig
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from .home import Home

REDELIVERY = 1  # seconds without an ack after which a task goes to another worker, where that can be set
PREFETCH = 10  # tasks that a worker holds at most, where that can be set
WINDOW = 100  # messages that a producer has sent and that are not yet confirmed, at most, where that can be set
USUAL = "-usual"  # how the key of a system as it is usually run ends

Handle = Callable[[bytes], None]
Ready = Callable[[], None]
Taken = Callable[[bytes], None]


SENDER, MEMORY, DISK = "the sender alone", "a server, in memory", "a server, on disk"


@dataclass(frozen=True)
class Terms:
    """What a system promises here, without which its numbers say nothing: text for the tables."""

    keeper: str  # who has a copy when a message counts as sent: one of those above
    disk: str  # when a message is on disk
    confirmed: str  # when a message counts as sent
    under_way: str  # how many a producer has sent and not heard of
    holds: str  # how many a worker holds at most
    done: str  # when a task counts as done


class Sender:
    """What `producer` and `publisher` return. Raises whatever the client raises when a task is refused."""

    def send_all(self, bodies: Iterable[bytes], taken: Taken) -> None:
        """Hand over one task after another, and say `taken(body)` of each that counts as sent: confirmed, where the
        system confirms. Returns when all are."""
        for body in bodies:
            self.send(body)
            taken(body)

    def send(self, body: bytes) -> None:
        """Hand one task over; may wait."""
        raise NotImplementedError


class BatchSender(Sender):
    """For clients that hand over some at a time, and get one answer to all of them."""

    together = WINDOW

    def send_all(self, bodies: Iterable[bytes], taken: Taken) -> None:
        rest = iter(bodies)
        while batch := list(itertools.islice(rest, self.together)):
            self.hand_over(batch, taken)

    def hand_over(self, batch: list[bytes], taken: Taken) -> None:
        raise NotImplementedError


class WindowSender(Sender):
    """For clients whose confirmations come in another thread, later: WINDOW messages wait for theirs at most."""

    def __init__(self) -> None:
        self._room, self._error = threading.Semaphore(WINDOW), ""

    def send_all(self, bodies: Iterable[bytes], taken: Taken) -> None:
        self._taken = taken
        for body in bodies:
            self._enter()
            self.send(body)
        for _ in range(WINDOW):  # all have been confirmed
            self._enter()

    def confirmed(self, body: bytes) -> None:
        self._taken(body)
        self._room.release()

    def refused(self, error: str) -> None:
        self._error = self._error or error
        self._room.release()

    def _enter(self) -> None:
        self._room.acquire()
        if self._error:
            raise RuntimeError(self._error)


class System:
    """One system. The attributes are what a table says of it, the methods what an experiment needs of it."""

    key = ""  # how code calls it: "redis"
    name = ""  # how people call it: "Redis streams"
    kind = ""  # "library", "queue", "log" or "bus"
    runs = ""  # what runs here, in truth, and where it comes from
    terms: Terms  # what it promises here
    experiments = ("work", "fan-out", "crash", "stopped")  # those that it takes part in
    at_least_once = True
    redelivers: float | None = 0  # seconds until a dead worker's tasks go to another; None: never
    no_fan_out = ""  # why it cannot do it, where it cannot
    keeps_past = False  # whether a subscriber that comes late can have what was sent before
    stays_with_dead = False  # whether a dead worker's tasks wait until that very worker is back
    limit = ""  # what the second run of "stopped" sets, if there is anything to set
    takes = (0.5, 8.0)  # seconds that a producer has to reach what stops it, without the limit and with it
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
