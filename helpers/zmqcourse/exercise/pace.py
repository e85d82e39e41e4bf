"""How much longer all things take now than on a quiet usual machine, and a clock that goes slower by as much.

    clock = Clock()
    end = clock.now() + 2.0            # two seconds of a quiet machine
    while not clock.over(end):         # ten, while all takes five times as long
        …
    clock.pace, clock.busy

Learners share machines, and a check that counts seconds there convicts the innocent. So a small process (`paceunit`)
does a piece of the kind of work that trials do, over and over while a trial runs, and says how long it took. It starts
with a check and ends with it, or by itself when nobody asks. Where it cannot be started the pace is 1.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import select
import socket
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import NamedTuple

from .paceunit import EVERY, GOES_ON, QUIET

MOST = 20.0          # no bound is stretched by more
# From here on, in times as long as this machine takes when it is left alone, what is late is not called wrong: bounds
# are stretched by the mean, and what single things take strays from it the more, the busier the machine is.
BUSY = 3.0
_ASK_AGAIN = 1.0     # seconds
_OVERDUE = 0.3       # seconds without a report: the measurement itself is kept waiting
_PATIENCE = 0.5      # seconds that a bound waits for a last report before it is over
# An answer that computes without end has the processor when it gets so much of a core: then it is not kept waiting.
_OWN_SHARE = 0.8


class Report(NamedTuple):
    """At `at` (time.monotonic) all took `pace` times as long as on a quiet usual machine, and `crowd` times as long as
    here when nobody else computes."""

    at: float
    pace: float
    crowd: float


class Meter:
    """The process that measures, and its latest reports. One is enough for a whole program."""

    def __init__(self) -> None:
        self.reports: deque[Report] = deque(maxlen=600)
        self.since = 0.0    # monotonic: when it was asked after a pause; for what was before no report is missing
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._line: socket.socket | None = None
        self._peer: tuple[str, int] | None = None
        self._asked = 0.0
        self._pid = 0
        self._impossible = False

    def ask(self, *, now: bool = False) -> None:
        """See to it that there are reports in the coming seconds; `now`: one at once. Never raises."""
        with self._lock, contextlib.suppress(OSError):
            if self._impossible:
                return
            if not self._alive():
                self._start()
            elif (now or time.monotonic() > self._asked + _ASK_AGAIN) and self._peer is not None:
                self._line.sendto(b"?", self._peer)
            else:
                return
            now = time.monotonic()
            if now > self._asked + GOES_ON:
                self.since = now
            self._asked = now

    def read(self, *, patience: float = 0.0) -> None:
        """Take in what was reported; with `patience`, wait so many seconds for a report at most."""
        if self._line is None:
            return
        with self._lock, contextlib.suppress(OSError):
            while select.select([self._line], [], [], patience)[0]:
                words, self._peer = self._line.recvfrom(200)
                self.reports.append(Report(*map(float, words.split())))
                patience = 0.0

    @property
    def working(self) -> bool:
        """Whether there is a process that measures."""
        return self._alive()

    def close(self) -> None:
        """End the process."""
        if self._process is not None and self._pid == os.getpid():
            self._process.kill()
            self._process.wait()
        if self._line is not None:
            self._line.close()
        self._process = self._line = None

    def _alive(self) -> bool:
        return self._process is not None and self._pid == os.getpid() and self._process.poll() is None

    def _start(self) -> None:
        self.close()
        self._line = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._line.bind(("127.0.0.1", 0))
        self._peer = None
        self._pid = os.getpid()
        unit = str(Path(__file__).with_name("paceunit.py"))
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-S", unit, str(self._line.getsockname()[1])],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
        except OSError:
            self._impossible = True
            self.close()


meter = Meter()
atexit.register(meter.close)


def rest() -> None:
    """End the process that measures until it is asked for again: between two checks nothing goes on."""
    meter.close()


class Clock:
    """Counts the seconds of a quiet machine since it was made; stands still while `paused`.

    What was counted may become less when a report comes that tells of a busy time before it. It never goes faster than
    by the `pace` that it has told: who was given a patience of so many seconds by that needs them, though the machine
    has become quiet since.
    """

    def __init__(self) -> None:
        self._start = time.monotonic()
        self._processor = time.process_time()
        self._pauses: list[tuple[float, float]] = []
        self._standing = 0
        self._told = 1.0
        meter.ask()

    def now(self) -> float:
        """Seconds of a quiet machine so far."""
        meter.ask()
        meter.read()
        return self._counted(time.monotonic())

    def over(self, end: float) -> bool:
        """Whether the clock has passed `end`. Measures once more before it says so."""
        if self._standing or self.now() < end:
            return False
        meter.ask(now=True)
        meter.read(patience=_PATIENCE)
        return self._counted(time.monotonic()) >= end

    @contextlib.contextmanager
    def paused(self) -> Iterator[None]:
        """Meanwhile the clock stands still: somebody starts who is not the answer."""
        self._standing += 1
        began = time.monotonic()
        try:
            yield
        finally:
            self._standing -= 1
            if not self._standing:
                self._pauses.append((began, time.monotonic()))

    @property
    def pace(self) -> float:
        """How many times as long as on a quiet usual machine all takes now: the mean of the latest reports, or 1."""
        meter.ask()
        meter.read()
        latest = [report.pace for report in list(meter.reports)[-3:] if report.at > self._start - 5 * EVERY]
        pace = min(MOST, max(1.0, sum(latest) / len(latest))) if latest else 1.0
        self._told = max(self._told, pace)
        return pace

    @property
    def busy(self) -> bool:
        """Whether others have kept this machine busy at any time since the clock was made."""
        meter.read()
        seconds = time.monotonic() - self._start
        if time.process_time() - self._processor > _OWN_SHARE * seconds > 0:
            return False
        crowds = [report.crowd for report in meter.reports if report.at > self._start]
        # One long report is a hiccup; of three in a row the middle one counts.
        usual = [median(crowds[n : n + 3]) for n in range(max(1, len(crowds) - 2))] if crowds else []
        return max(usual, default=1.0) > BUSY or self._overdue(time.monotonic()) > BUSY

    def _counted(self, now: float) -> float:
        seconds, since, last = 0.0, self._start, self._told
        for report in list(meter.reports):
            pace = min(MOST, max(self._told, report.pace))
            if report.at > since:
                seconds += self._going(since, min(report.at, now)) / max(pace, last)
                since = report.at
            last = pace
        return seconds + self._going(since, now) / max(last, self._overdue(now))

    def _going(self, since: float, until: float) -> float:
        """The seconds between these two in which the clock was not standing."""
        still = sum(max(0.0, min(until, end) - max(since, begin)) for begin, end in self._pauses)
        return max(0.0, until - since - still)

    def _overdue(self, now: float) -> float:
        """The pace that a missing report tells of: the unit of work is not even finished."""
        if not meter.working:
            return 1.0
        last = max(self._start, meter.since, meter.reports[-1].at if meter.reports else 0.0)
        return min(MOST, max(1.0, (now - last - EVERY - _OVERDUE) / QUIET))


class Deadline:
    """So many seconds of a clock from now on: `left` of them, and whether they are `over`."""

    def __init__(self, clock: Clock, seconds: float) -> None:
        self._clock = clock
        self._end = clock.now() + seconds

    @property
    def left(self) -> float:
        return max(0.0, self._end - self._clock.now())

    @property
    def over(self) -> bool:
        return self._clock.over(self._end)
