"""The kernel's side of an experiment on one system: begins its processes, reads their notes, kills them."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .base import System
from .notes import FAILED, Notes

READY_LIMIT = 30.0  # seconds until a worker gets tasks: joining a consumer group takes some
_TICK = 0.003


class Failed(RuntimeError):
    """An experiment could not be made; says why."""


class Stopped(Exception):
    """The user has had enough."""


class Member:
    """One process: its notes, and the way to kill it."""

    def __init__(self, name: str, notes: Notes, pid: int, kill: Callable[[], None]) -> None:
        self.name, self.notes, self.pid, self._kill = name, notes, pid, kill
        self.alive = True

    def kill(self) -> None:
        if self.alive:
            self.alive = False
            self._kill()


class Crew:
    """All processes that use one system. Their notes and what they print go to `folder`."""

    def __init__(self, system: System, folder: Path, enough: threading.Event | None = None) -> None:
        self.system, self.folder = system, folder
        self._enough = enough or threading.Event()
        self.members: list[Member] = []
        self._number = itertools.count()
        self._warm = False
        with (self.folder / "nursery.log").open("wb") as log:
            self._nursery = subprocess.Popen(
                [sys.executable, "-m", "zmqcourse.brokers.child"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                start_new_session=os.name == "posix",
                env={**os.environ, "PYTHONPATH": _path()},
            )
        self._say(system.key)

    def begin(self, role: str, queue: str, **job: Any) -> Member:
        """A process with this role: producer, worker, publisher, subscriber."""
        name = f"{role}-{next(self._number)}"
        notes = Notes(self.folder / f"{name}.notes", create=True)
        notes.held, notes.gated = job.pop("held", False), job.pop("gated", False)
        plain = {"number": 0, "work": 0, "limited": False, "place": self.system.place}
        files = {"notes": str(notes.path), "log": str(self.folder / "said.log")}
        job = {"role": role, "queue": queue, **plain, **job, **files}
        pid = int(self._ask(job))
        member = Member(name, notes, pid, lambda: self._ask({"kill": pid}))
        self.members.append(member)
        return member

    def begin_all(self, role: str, queue: str, count: int, **job: Any) -> list[Member]:
        """So many at once, each with its number; returns when all of them are ready."""
        members = [self.begin(role, queue, number=each, **job) for each in range(count)]
        self.until(lambda: all(member.notes.is_ready for member in members), READY_LIMIT, f"the {role}s")
        return members

    # --- waiting, always with a bound

    def wait(self, condition: Callable[[], Any], seconds: float) -> bool:
        """Wait until it holds, so many seconds at most. Raises Failed when a process has failed."""
        end = time.monotonic() + seconds
        while not condition():
            self.check()
            if time.monotonic() > end:
                return False
            time.sleep(_TICK)
        return True

    def until(self, condition: Callable[[], Any], seconds: float, what: str) -> None:
        """Like `wait`; raises Failed when it does not hold in time."""
        if not self.wait(condition, seconds):
            raise Failed(f"{what} were not there after {seconds:g} s")

    def settle(
        self, count: Callable[[], int], quiet: float, seconds: float, *, enough: Callable[[], bool] | None = None
    ) -> bool:
        """Wait until it is enough, or the count has not changed for `quiet` seconds; so many seconds at most. False
        when these were over and it was still changing."""
        end = time.monotonic() + seconds
        last, since = count(), time.monotonic()
        while time.monotonic() < end and time.monotonic() - since < quiet and not (enough and enough()):
            self.check()
            time.sleep(_TICK * 5)
            if (now := count()) != last:
                last, since = now, time.monotonic()
        return bool(enough and enough()) or time.monotonic() - since >= quiet

    def check(self, *, but: str = "producer") -> None:
        if self._enough.is_set():
            raise Stopped
        for member in self.members:
            if member.alive and member.notes.state == FAILED and not member.name.startswith(but):
                raise Failed(f"{member.name.split('-')[0]}: {member.notes.error}")

    # --- the end

    def clear(self) -> None:
        """The processes of this experiment are gone, and their notes."""
        for member in self.members:
            member.kill()
            member.notes.close()
            member.notes.path.unlink()
        self.members = []

    def close(self) -> None:
        """Every process is gone."""
        for member in self.members:
            member.notes.close()
        self.members = []
        for stream in (self._nursery.stdin, self._nursery.stdout):
            with contextlib.suppress(OSError):
                stream.close()  # type: ignore[union-attr]    # it kills its children, then ends
        try:
            self._nursery.wait(10)
        except subprocess.TimeoutExpired:
            self._nursery.kill()
            self._nursery.wait()

    def warm(self) -> None:
        """Wait until the client is imported there."""
        if self._nursery.stdout and not self._warm:
            self._warm = True
            if not self._nursery.stdout.readline():
                raise Failed(self._said())

    def _ask(self, order: dict[str, Any]) -> str:
        self.warm()
        self._say(json.dumps(order))
        assert self._nursery.stdout
        answer = self._nursery.stdout.readline()
        if not answer:
            raise Failed(self._said())
        return answer.strip()

    def _say(self, text: str) -> None:
        assert self._nursery.stdin
        try:
            print(text, file=self._nursery.stdin, flush=True)
        except OSError:
            raise Failed(self._said()) from None

    def _said(self) -> str:
        lines = (self.folder / "nursery.log").read_text(errors="replace").strip().splitlines()
        return f"the process that makes workers ended: {lines[-1] if lines else 'it said nothing'}"


def _path() -> str:
    """This package can be imported there."""
    home, path = str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH")
    return home + (os.pathsep + path if path else "")
