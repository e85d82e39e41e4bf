"""05.4: a screen that shows what is fresh when it gets to it, and nothing else."""

from __future__ import annotations

import threading
import time
from typing import Any

import zmq

from ...exercise import Late, Wrong, exercise
from ...trial import Trial, show, trial

MANY = 200
QUIET = 1.05  # seconds without a reading


class _Screen:
    """Shows readings; at the one that is called `busy` it waits until it is released."""

    __name__ = "screen"

    def __init__(self) -> None:
        self.shown: list[bytes] = []
        self.ready = threading.Event()

    def __call__(self, value: bytes) -> None:
        self.shown.append(value)
        if value == b"busy":
            self.ready.wait(10.0)


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
        push, readings = t.bind(zmq.PUSH)
        screen = _Screen()
        t.start(fresh_only, t.ctx, readings, lifetime, screen)
        _of_any_age(t, push, screen, lifetime)
        _many(t, push, screen)
        _after_a_slow_screen(t, push, screen, lifetime)
        time.sleep(QUIET)
        _send(t, push, b"25", 0.0)
        _shown(t, screen, b"25", f"it came after {QUIET} s without any")
        _compare(screen, [b"22", b"23", b"23", b"25"], "after the slow screen, and after a second without readings")
    return (
        f"{MANY + 16} readings: the stale ones never shown, the fresh ones always, also those that came while the screen "
        f"was busy for longer than their lifetime of {lifetime:.1f} s"
    )


def _of_any_age(t: Trial, push: zmq.Socket[Any], screen: _Screen, lifetime: float) -> None:
    for value, age in (
        (b"20", 0.2 * lifetime),
        (b"an old one", 60.0),
        (b"21", 0.2 * lifetime),
        (b"just too old", 1.3 * lifetime),
        (b"", 0.0),
        (b"21", 0.0),
        (b"a clock that is a little ahead", -0.1),
    ):
        _send(t, push, value, age)
    _shown(t, screen, b"a clock that is a little ahead", "it is not old at all")
    fresh = [b"20", b"21", b"", b"21", b"a clock that is a little ahead"]
    _compare(screen, fresh, f"readings of different age, lifetime {lifetime:.1f} s")


def _many(t: Trial, push: zmq.Socket[Any], screen: _Screen) -> None:
    values = [b"\x00STOP\xff", *(b"%d" % number for number in range(MANY)), b"last"]
    for value in values:
        _send(t, push, value, 0.0)
    _shown(t, screen, b"last", f"{MANY} came in a row, all of them fresh")
    _compare(screen, values, f"{MANY} fresh readings in a row")


def _after_a_slow_screen(t: Trial, push: zmq.Socket[Any], screen: _Screen, lifetime: float) -> None:
    """What waited gets too old; what comes at the end of the busy time is fresh, and stands behind it."""
    _send(t, push, b"busy", 0.0)
    _shown(t, screen, b"busy", "it is fresh")
    for value in (b"old when you get to it", b"this one too"):
        _send(t, push, value, 0.4 * lifetime)
    over = time.time() + 1.1 * lifetime
    t.wait(lambda: time.time() > over, expected="the screen is busy for a while")
    _compare(screen, [b"busy"], "one reading, at which the screen was busy")
    for value in (b"22", b"23", b"23"):
        _send(t, push, value, 0.0)
    screen.ready.set()
    t.wait(
        lambda: screen.shown.count(b"23") == 2,
        expected="`screen(b'22')`, `screen(b'23')`, `screen(b'23')`: three readings that are fresh, although what stood "
        "before them got too old while the screen was busy",
        seconds=1,
    )


def _send(t: Trial, push: zmq.Socket[Any], value: bytes, age: float) -> None:
    moment = str(time.time() - age).encode()
    t.send(push, moment, value, expected="a PULL that is connected to `readings`")


def _shown(t: Trial, screen: _Screen, value: bytes, why: str) -> None:
    t.wait(lambda: value in screen.shown, expected=f"`screen({value!r})` is called: {why}", seconds=1)


def _compare(screen: _Screen, expected: list[bytes], tried: str) -> None:
    """What was shown since the last time is this; then forget it."""
    shown, screen.shown = screen.shown, []
    if shown == expected:
        return
    more = [value for value in shown if value not in expected]
    raise (Wrong if more else Late)(
        "the screen did not show what was fresh, and only that",
        tried=tried,
        seen=f"`{show(more)}` was shown, and is old" if more else f"`{show(shown)}`",
        expected=f"`{show(expected)}`",
    )
