"""23.2: a subscriber that leaves when it is too late, and not before."""

from __future__ import annotations

import itertools
import random as randoms
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import zmq

from ...exercise import Late, Wrong, exercise
from ...trial import Job, Trial, show, trial

LIMIT = 0.8  # seconds, on a quiet machine, as given to the answer
HOURS = 3600.0
BURST = 40  # readings that come at once, each of which takes an eighth of the limit
CREEP = 600  # readings, each a little later than the one before


@exercise(
    "23.2",
    title="A snail that leaves in time",
    hints=(
        "For each message: `age = time.time() - float(stamp)`. If both clocks agreed, this would be how late it is.",
        "Your clock and the publisher's differ by something that stays the same. The *smallest* age so far belongs to "
        "the freshest message so far: by how much is this one older?",
        "Look first, then act: `if age - freshest > limit: return age - freshest`. The freshest is updated with every "
        "message, before that.",
    ),
)
def it_leaves_when_it_is_late(snail) -> str:
    """`snail(ctx, endpoint, limit, act)`: acts on each reading in order; returns how late the first too late one is."""
    scenes = _fresh_ones, _silence_holes_and_work, _another_clock, _the_first_is_old, _it_falls_behind, _it_creeps
    for scene in scenes:
        with trial(seconds=15) as t:
            scene(t, snail)
    return (
        f"readings of up to seven tenths of the limit, silence, holes, a long piece of work, clocks that differ by "
        f"{HOURS:g} s, a first one that was old; {BURST} at once, of which it left most; "
        f"and {CREEP}, each hardly later than the one before"
    )


class Air:
    """A publisher of the check's. `acted` are the readings on which the answer acted; `stamps` when each was sent."""

    def __init__(self, t: Trial, snail: Callable[..., Any], *, clock: float = 0.0, limit: float = 0.0) -> None:
        self.t, self.clock = t, clock
        self.limit = limit or LIMIT * min(t.pace, 8.0)
        self.pub, endpoint = t.bind(zmq.XPUB)
        self.acted: list[bytes] = []
        self.looked_at = 0  # how many of them the check has looked at
        self.numbers = itertools.count()
        self.busy = 0.0  # seconds that the next readings take
        self.worst = 0.0  # age at which the answer acted on one, in seconds
        self.sent: dict[bytes, float] = {}
        self.job: Job = t.start(snail, t.ctx, endpoint, self.limit, self.act)
        topic = t.receive(self.pub, expected="a subscription to everything")[0]
        if topic != b"\x01":
            raise Wrong("it does not subscribe to everything", seen=f"`{show(topic)}`", expected='`subscribe("")`')

    def act(self, data: bytes) -> None:
        """Handed to the answer."""
        self.worst = max(self.worst, time.monotonic() - self.sent.get(data, time.monotonic()))
        self.acted.append(data)
        time.sleep(self.busy)

    def sends(self, data: bytes, *, age: float = 0.0, skip: int = 0) -> None:
        """One reading, that was sent `age` seconds ago by the publisher's clock."""
        for _ in range(skip):
            next(self.numbers)
        stamp = time.time() - age + self.clock
        self.sent[data] = time.monotonic() - age
        self.t.send(self.pub, b"%d" % next(self.numbers), b"%.6f" % stamp, data)

    def acts(self, data: bytes, said: str, why: str) -> None:
        """It acts on this reading, and on no other. Raises `Late` where the machine itself made it late."""
        began, before = time.monotonic(), self.looked_at
        self.looked_at += 1
        self.t.wait(
            lambda: len(self.acted) > before or self.job.wait(0), seconds=3, expected=f"`act({data!r})`", said=said
        )
        if len(self.acted) == before:
            kind = Late if time.monotonic() - began > self.limit / 10 else Wrong
            raise kind(
                said, tried=why, seen=f"it returned `{show(self.t.finish(self.job))}`", expected="it acts on this one"
            )
        if self.acted[before] != data:
            seen = f"`{show(self.acted[before])}`"
            raise Wrong(
                "it acts on something else than the reading", tried=why, seen=seen, expected=f"`act({data!r})`"
            )

    def leaves(self, age: float, why: str) -> None:
        """It returns how late this one is, without acting on it, or on a fresh one behind it."""
        before = len(self.acted)
        self.sends(b"too late", age=age)
        self.sends(b"fresh again")
        said = "it does not leave, although it is too late"
        self.t.wait(lambda: self.job.wait(0) or len(self.acted) > before, seconds=3, expected="it returns", said=said)
        if b"too late" in self.acted:
            said = "it acts on a reading that is too late"
        if len(self.acted) > before:
            raise Wrong(said, tried=why, seen=f"it acts on `{show(self.acted[before])}`", expected="it returns")
        self.late(self.t.finish(self.job), age, why)

    def late(self, got: Any, wanted: float, why: str) -> None:
        """What it returned is about so many seconds."""
        if isinstance(got, bool) or not isinstance(got, (int, float)):
            raise Wrong(
                "it does not say how late it was", tried=why, seen=f"`{show(got)}`", expected="a number of seconds"
            )
        if not self.limit < got < wanted + 2 * self.limit:
            seen, expected = f"`{got:.2f}`", f"about {wanted:.2f} seconds; the limit is {self.limit:.2f}"
            raise Wrong("it does not say how late it was", tried=why, seen=seen, expected=expected)


def _fresh_ones(t: Trial, snail: Callable[..., Any]) -> None:
    """Late by up to seven tenths of the limit, again and again, which does not add up."""
    air = Air(t, snail)
    for number, part in enumerate((0.0, 0.3, 0.5, 0.0, 0.6, 0.7, 0.6, 0.5, 0.7)):
        data = b"" if number == 3 else b"fresh %d" % number
        air.sends(data, age=part * air.limit)
        air.acts(data, "it leaves before it is too late", f"a reading, {part:.1f} of the limit old")
    air.leaves(1.3 * air.limit, "then one came that was 1.3 times the limit old")


def _silence_holes_and_work(t: Trial, snail: Callable[..., Any]) -> None:
    air = Air(t, snail)
    air.sends(b"one")
    air.acts(b"one", "it leaves before it is too late", "a fresh reading")
    over = time.monotonic() + 1.2 * air.limit
    t.wait(lambda: time.monotonic() > over, seconds=30, expected="a while to pass")
    air.sends(b"two")
    air.acts(b"two", "silence is taken for lateness", "nothing came for longer than the limit, then a fresh reading")
    air.sends(b"three", skip=1000)
    air.acts(
        b"three", "a hole in the numbers is taken for lateness", "1000 numbers were left out; the reading is fresh"
    )
    air.numbers = itertools.count()
    for data, skip in (b"from 0", 0), (b"and on", 5000):
        air.sends(data, skip=skip)
    for data in b"from 0", b"and on":
        air.acts(data, "a hole in the numbers is taken for lateness", "the publisher counts from 0 again")
    air.busy = 1.2 * air.limit
    air.sends(b"four")
    air.acts(b"four", "it leaves before it is too late", "a fresh reading")
    over = time.monotonic() + 1.3 * air.limit
    t.wait(lambda: time.monotonic() > over, seconds=30, expected="a while to pass")
    air.busy = 0.0
    air.sends(b"five")
    air.acts(b"five", "a long piece of work is taken for lateness", "work longer than the limit, while nothing came")
    air.leaves(1.5 * air.limit, "then one came that was 1.5 times the limit old")


def _another_clock(t: Trial, snail: Callable[..., Any]) -> None:
    for clock, word in (-HOURS, "behind"), (HOURS, "ahead"):
        air = Air(t, snail, clock=clock)
        why = f"the publisher's clock is {HOURS:g} s {word}"
        for number, part in enumerate((0.0, 0.5, 0.0, 0.6)):
            air.sends(b"%d" % number, age=part * air.limit)
            air.acts(b"%d" % number, "a clock that differs is taken for lateness", f"{why}; a reading, not too late")
        air.leaves(1.4 * air.limit, f"{why}; then one came that was 1.4 times the limit old")
        air.pub.close(linger=0)


def _the_first_is_old(t: Trial, snail: Callable[..., Any]) -> None:
    """What it measures by is the freshest so far, and not the first."""
    air = Air(t, snail, clock=17.0)
    for number, part in enumerate((0.6, 0.0, 0.6)):
        air.sends(b"%d" % number, age=part * air.limit)
        air.acts(b"%d" % number, "it leaves before it is too late", f"a reading, {part:.1f} of the limit old")
    air.leaves(
        1.3 * air.limit, "the first reading was old already, the second one fresh; then one of 1.3 times the limit"
    )


def _it_falls_behind(t: Trial, snail: Callable[..., Any]) -> None:
    """Many come at once, and each takes a while."""
    air = Air(t, snail)
    air.sends(b"first")
    air.acts(b"first", "it leaves before it is too late", "a fresh reading")
    air.busy = air.limit / 8
    for number in range(BURST):
        air.sends(b"%d" % number)
    why = f"{BURST} readings came at once; each takes an eighth of the limit"
    said = "it does not leave, although it is too late"

    def in_turn() -> bool:
        acted = list(air.acted)
        return acted[1:] == [b"%d" % number for number in range(len(acted) - 1)]

    t.wait(
        lambda: air.job.wait(0) or len(air.acted) > BURST or not in_turn(),
        seconds=20,
        expected="it returns",
        said=said,
    )
    if not in_turn():
        raise Wrong(
            "readings are skipped",
            tried=why,
            seen=f"`{show(air.acted)}`",
            expected="each in its turn, till it leaves",
        )
    if not air.job.wait(0) or air.worst > 2 * air.limit:
        raise Wrong(
            "it acts on a reading that is too late",
            tried=why,
            seen=f"one of {air.worst / air.limit:.1f} times the limit",
        )
    air.late(t.finish(air.job), air.limit, why)
    if len(air.acted) < 4:
        raise Late("it leaves before it is too late", tried=why, seen=f"it acted on {len(air.acted) - 1} of them")


def _it_creeps(t: Trial, snail: Callable[..., Any]) -> None:
    """It is late beside the freshest of all, and never beside the last few."""
    air = Air(t, snail)
    air.sends(b"first")
    air.acts(b"first", "it leaves before it is too late", "a fresh reading")
    for number in range(CREEP):
        air.sends(b"%d" % number, age=1.5 * air.limit * number / CREEP)
    why = f"{CREEP} readings, each a little later than the one before; the last one is 1.5 times the limit old"
    said = "it does not leave, although it is too late"
    t.wait(lambda: air.job.wait(0) or len(air.acted) > CREEP, seconds=20, expected="it returns", said=said)
    if len(air.acted) > CREEP:
        raise Wrong(said, tried=why, seen="it acts on all of them", expected="it measures by the freshest so far")
    air.late(t.finish(air.job), 1.5 * air.limit, why)


# --- the same for longer


def soak(snail: Callable[..., Any], random: randoms.Random, seconds: float) -> str:
    """Clocks, ages and silences drawn at random: it leaves at the first that is too late, and never before."""
    lives = readings = 0
    with trial(seconds=seconds + 90) as t:
        limit = LIMIT * min(t.pace, 8.0)  # asked for once: the clock goes on by the slowest pace that it has told
        over = t.deadline(seconds)
        while not over.over:
            with suppress(Late):  # the machine was late, and nobody knows who
                air = Air(t, snail, clock=random.uniform(-1e6, 1e6), limit=limit)
                air.sends(b"fresh")
                air.acts(b"fresh", "it leaves before it is too late", "a fresh reading")
                for number in range(random.randrange(60)):
                    air.sends(b"%d" % number, age=random.uniform(0, 0.6) * air.limit, skip=random.choice((0, 0, 5)))
                    air.acts(b"%d" % number, "it leaves before it is too late", "a reading, not too late")
                    readings += 1
                air.leaves(random.uniform(1.2, 50) * air.limit, "one that was too late")
                lives += 1
            air.pub.close(linger=0)
    return f"{lives} lives, {readings} readings; each left at the first that was too late, and none before"
