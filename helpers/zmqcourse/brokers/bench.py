"""The bench: starts the systems that this machine has, and lets them all do the same job."""

from __future__ import annotations

import os
import secrets
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import asdict
from pathlib import Path

from .base import USUAL, System
from .crew import Crew, Failed, Stopped
from .experiments import EXPERIMENTS, Size, cannot
from .home import Home, HomeError
from .results import CANNOT, FAILED, LEFT, MISSING, RAN, Results, Row
from .systems import KEYS, make

ONLY = "ZMQCOURSE_BENCH"  # an environment variable: the systems to look at, where a program names none

_open: list[Bench] = []


class Running:
    """One system that is up: its home and its crew."""

    def __init__(self, system: System, url: str, enough: threading.Event) -> None:
        self.system, began = system, time.monotonic()
        self._home, self._crew = Home(enough), None
        self.folder = self._home.folder
        self._lock = threading.Lock()
        try:
            self._crew = Crew(system, self._home.make("notes/"), enough)
            if url:
                system.place["attached"] = True
                system.attach(url, self._home)
            else:
                system.start(self._home)
            self.seconds, self.megabytes = time.monotonic() - began, self._home.megabytes
            self._crew.warm()
        except BaseException:
            self.close()
            raise

    def run(self, experiment: str, size: Size) -> dict:
        """Raises whatever went wrong; no process of it is left in any case."""
        assert self._crew
        queue = f"course_{experiment.replace('-', '_')}_{secrets.token_hex(3)}"
        with self._lock:
            try:
                return EXPERIMENTS[experiment](self._crew, queue, size)
            finally:
                self._crew.clear()
                if self.system.place.get("attached"):
                    self.system.remove(queue)

    def cannot(self, experiment: str) -> str:
        assert self._crew
        return cannot(self._crew, experiment)

    def close(self) -> None:
        if self._crew:
            self._crew.close()
        self._home.close()


class Bench:
    """Systems side by side. Those that are missing have their rows too, and nothing fails because of them.

        bench = Bench()                # starts what is here, says what is not
        bench.run("crash")             # one line as each is done
        bench.results.table("crash")
        bench.close()                  # no process, no port, no file is left

    `systems` are keys, by default all. `at` names servers that run already: {"rabbitmq": "amqp://…"}. After
    `seconds` none is started any more. `recorded` is a file of earlier results, shown for what is not here. A
    new bench closes the one before; so does the end of Python, however it comes.
    """

    def __init__(
        self,
        systems: Iterable[str] = (),
        *,
        seconds: float = 600,
        at: Mapping[str, str] | None = None,
        size: Size | None = None,
        together: int = 3,
        recorded: Path | str = "",
        say: Callable[[str], None] = print,
    ) -> None:
        while _open:
            _open[0].close()
        self.size = size or Size()
        self.results = Results(elsewhere=Results.load(recorded) if recorded else None)
        self._at, self._together, self._say = dict(at or {}), together, say
        self._running: dict[str, Running] = {}
        self._enough = threading.Event()
        wanted = list(systems) or os.environ.get(ONLY, "").replace(",", " ").split() or list(KEYS)
        self._systems = {key: make(key) for key in wanted}
        _open.append(self)
        try:
            self._start(time.monotonic() + seconds)
        except BaseException:
            self.close()
            raise

    @property
    def found(self) -> list[str]:
        """The keys of the systems that are up."""
        return [key for key in self._systems if key in self._running]

    def run(self, experiment: str, *, seconds: float = 600) -> None:
        """One experiment on all systems, some at a time; with "stopped" go those that have a limit to set.

        After `seconds` no further system begins; each takes some seconds. Results go to `results`.
        """
        end = time.monotonic() + seconds
        for part in ("stopped", "limited") if experiment == "stopped" else (experiment,):
            taking_part = [key for key, system in self._systems.items() if experiment in system.experiments]
            self._each(part, lambda key, part=part: self._one(part, key, end), taking_part)

    def close(self) -> None:
        """Everything ends: servers, workers, files. Can be called twice."""
        self._enough.set()
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(Running.close, self._running.values()))
        self._running.clear()
        if self in _open:
            _open.remove(self)

    def __enter__(self) -> Bench:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # ---

    def _start(self, end: float) -> None:
        # those that take long begin last: with little time they are left out, and not the many quick ones
        order = sorted(self._systems, key=lambda key: (self._systems[key].heavy, key.endswith(USUAL)))
        self._each("start", lambda key: self._start_one(key, end), order)

    def _start_one(self, key: str, end: float) -> Row:
        system, url = self._systems[key], self._at.get(key, "")
        missing = "" if url and not system.missing().startswith("Python") else system.missing()
        if missing:
            return self._row("start", key, MISSING, f"not here: {system.install}")
        if time.monotonic() > end:
            return self._row("start", key, LEFT, "left out, as time was short: Bench(seconds=120)")
        try:
            up = self._running[key] = Running(system, url, self._enough)
        except (HomeError, Failed) as error:
            return self._row("start", key, FAILED, str(error))
        shown = {"kind": system.kind, "runs": url or system.runs, "seconds": up.seconds, "mb": up.megabytes}
        return self._row("start", key, RAN, result=shown)

    def _one(self, experiment: str, key: str, end: float) -> Row:
        started = self.results.row("start", key)
        if started.state != RAN:
            return self._row(experiment, key, started.state, started.why)
        up = self._running[key]
        if reason := up.cannot(experiment):
            return self._row(experiment, key, CANNOT, reason)
        if time.monotonic() > end:
            return self._row(experiment, key, LEFT, "left out, as time was short: run(…, seconds=120)")
        try:
            result = up.run(experiment, self.size)
        except Stopped:
            raise
        except Exception as error:  # whatever a client raises: the others go on
            return self._row(experiment, key, FAILED, f"{type(error).__name__}: {error}")
        if experiment in ("stopped", "limited"):
            result["set"] = up.system.limit if experiment == "limited" else up.system.default
        if experiment == "crash":
            result["waits"] = bool(result["lost"]) and up.system.stays_with_dead
        return self._row(experiment, key, RAN, result=result)

    def _row(self, experiment: str, key: str, state: str, why: str = "", result: dict | None = None) -> Row:
        system = self._systems[key]
        return Row(key, system.name, experiment, state, why, asdict(system.terms), result or {})

    def _each(self, experiment: str, do: Callable[[str], Row], order: list[str]) -> None:
        """Do it for each system, some at a time, saying how far it is; rows in the order of the list."""
        rows: dict[str, Row] = {}
        began = time.monotonic()
        pool = ThreadPoolExecutor(self._together)
        try:
            for done in as_completed([pool.submit(do, key) for key in order]):
                row = done.result()
                rows[row.key] = row
                if row.state in (RAN, FAILED):
                    said = f"failed: {row.why}" if row.state == FAILED else "done"
                    self._say(f"{time.monotonic() - began:5.1f} s  {experiment:7}  {row.name}: {said}")
        except BaseException:
            self._enough.set()  # an interrupt: all threads come back soon
            raise
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
            if experiment != "start":
                self._enough.clear()  # the next experiment can be run
        for key in self._systems:
            if key in rows:
                self.results.add(rows[key])
