"""05.4: a screen that shows what is fresh when it gets to it, and nothing else."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import Any

import zmq

from ...exercise import Late, Wrong, exercise
from ...trial import Job, Trial, show, trial

MANY = 200
QUIET = 1.05  # seconds without a reading


class _Screen:
    """Shows readings; at those that are called `busy` it waits until it is released."""

    __name__ = "screen"

    def __init__(self) -> None:
        self.shown: list[bytes] = []
        self.ready = {b"busy 1": threading.Event(), b"busy 2": threading.Event()}

    def __call__(self, value: bytes) -> None:
        self.shown.append(value)
        if value in self.ready:
            self.ready[value].wait(10.0)


@exercise(
    "05.4",
    title="Stale is worse than lost",
    hints=(
        "A reading's age is the time now minus its moment. When is *now*: when it was sent, or when you get to it?",
        "The moment is text in a frame: `float(moment)` reads it. `time.time()` is the same clock, in seconds. Each "
        "reading is judged alone, whatever came before it.",
        "In the loop: `moment, value = pull.recv_multipart()`, then "
        "`if time.time() - float(moment) <= lifetime:` show it.",
    ),
)
def only_fresh_readings_are_shown(fresh_only) -> str:
    """`fresh_only(ctx, readings, lifetime, screen)` calls `screen(value)` for what is not too old when it is read."""
    with trial(seconds=6) as t:
        lifetime = 0.7 * t.pace
        push, readings = t.bind(zmq.PUSH, "inproc://readings")  # what was sent is there: nothing is on its way
        screen = _Screen()
        job = t.start(fresh_only, t.ctx, readings, lifetime, screen)
        wall = Wall(t, job, push, screen)
        _of_any_age(wall, lifetime)
        wall.values([b"\x00STOP\xff", *(b"%d" % number for number in range(MANY))], f"{MANY} fresh readings in a row")
        _after_a_slow_screen(wall, lifetime)
        time.sleep(QUIET)
        wall.values([b"25"], f"one reading after {QUIET} s without any")
    return (
        f"{MANY + 16} readings: the stale ones never shown, the fresh ones always, also those that came while the "
        f"screen was busy for longer than their lifetime of {lifetime:.1f} s"
    )


@dataclass
class Wall:
    """The answer at work, between the check's PUSH and the screen."""

    t: Trial
    job: Job
    push: zmq.Socket[Any]
    screen: _Screen
    looks: int = 0

    def send(self, value: bytes, age: float = 0.0) -> None:
        moment = str(time.time() - age).encode()
        try:
            self.t.send(self.push, moment, value, expected="a PULL that is connected to `readings`")
        except Late:
            self._at_work()
            raise

    def values(self, values: list[bytes], tried: str) -> None:
        """Send these, all of them fresh, and see that they are shown."""
        for value in values:
            self.send(value)
        self.shows(values, tried)

    def shows(self, expected: list[bytes], tried: str) -> None:
        """What has been shown since the last time is this. Ticks, fresh ones, come until one is shown: what came before
        it and is not shown now never will be."""

        self.looks += 1
        tick = b"tick %d" % self.looks

        def ticked() -> bool:
            self._at_work()
            self.send(tick)
            return tick in self.screen.shown

        self.t.wait(ticked, expected=f"`screen` is called for what is fresh: {tried}", seconds=1)
        shown, self.screen.shown = [value for value in self.screen.shown if not value.startswith(b"tick")], []
        if shown != expected:
            raise Wrong(
                "the screen did not show what was fresh, and only that",
                tried=tried,
                seen=f"`{show(shown)}`",
                expected=f"`{show(expected)}`",
            )

    def _at_work(self) -> None:
        if self.job.done:
            self.t.finish(self.job)  # says what it raised, if it did
            raise Wrong(f"`{self.job.name}` has ended", expected="it goes on until it is stopped, whatever comes")


def _of_any_age(wall: Wall, lifetime: float) -> None:
    for value, age in (
        (b"20", 0.2 * lifetime),
        (b"an old one", 60.0),
        (b"21", 0.2 * lifetime),
        (b"just too old", 1.3 * lifetime),
        (b"", 0.0),
        (b"21", 0.0),
        (b"from a clock that is a little ahead", -0.1),
    ):
        wall.send(value, age)
    fresh = [b"20", b"21", b"", b"21", b"from a clock that is a little ahead"]
    wall.shows(fresh, f"readings of different age, lifetime {lifetime:.1f} s")


def _after_a_slow_screen(wall: Wall, lifetime: float) -> None:
    """What waited gets too old; what comes at the end of the busy time is fresh, and stands behind it."""
    t, screen = wall.t, wall.screen
    wall.send(b"busy 1")
    t.wait(lambda: b"busy 1" in screen.shown, expected="`screen(b'busy 1')` is called: it is fresh")
    wall.send(b"busy 2")
    for value in (b"old when you get to it", b"this one too"):
        wall.send(value, 0.4 * lifetime)
    screen.ready[b"busy 1"].set()
    t.wait(lambda: b"busy 2" in screen.shown, expected="`screen(b'busy 2')` is called: it is fresh")
    over = time.time() + 1.1 * lifetime
    t.wait(lambda: time.time() > over, expected="the screen is busy for a while")
    fresh = [b"22", b"23", b"23"]
    for value in fresh:
        wall.send(value)
    screen.ready[b"busy 2"].set()
    tried = "while the screen was busy, two readings got too old; then came `22`, `23`, `23`, and the screen was free"
    wall.shows([b"busy 1", b"busy 2", *fresh], tried)
