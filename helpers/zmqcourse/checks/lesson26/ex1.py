"""26.1: both ends of a line: nothing is lost, nothing comes twice, whatever happens to it."""

from __future__ import annotations

import random as randoms
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from zmqlive.net import Link

from ...exercise import Deadline, Late, Wrong, exercise
from ...trial import Job, Trial, show, trial
from .heldup import HeldUp

PATIENCE = 0.08  # of the answer's: seconds of a quiet machine
LASTS = 0.3  # quiet seconds of a fault: longer than three patiences
AGAIN = 2.0  # quiet seconds in which something is kept once the line is mended
HELD_UP = 0.3  # seconds: who is kept waiting for longer may be late
COUNT = 100
QUIET = "a quiet line"
Fault = Callable[[Link], None]


def cut(link: Link) -> None:
    link.cut()


def hold(link: Link) -> None:
    link.hold()


def half_open(link: Link) -> None:
    link.half_open()


def half_open_there(link: Link) -> None:
    link.half_open("there")


def half_open_back(link: Link) -> None:
    link.half_open("back")


FAULTS: dict[Fault, str] = {
    cut: "cut",
    hold: "held up",
    half_open: "half-open",
    half_open_there: "half-open on the way from who connects",
    half_open_back: "half-open on the way to who connects",
}


@exercise(
    "26.1",
    title="Whatever happens to the line",
    hints=(
        "Whatever the line does, one of three things is lost: a reading, its confirmation, or both. So the sender "
        "keeps a reading until it is confirmed, and sends it again after `patience`; and the other end must know a "
        "reading that it has kept already. By what? Not by what is in it.",
        "Give each reading a number. `collects` keeps the one whose number is next, confirms it, and confirms once "
        "more what it had already: its confirmation may have been lost. DEALER and ROUTER may send as they like; a REQ "
        "may not ask twice.",
        "`reports` may be called again, and then its numbers begin again: so each call has a name of its own, "
        "`uuid4().bytes`, in front of the number, and `collects` counts for each name. Whoever goes on only when the "
        "last reading has been confirmed knows at the end that all have been kept.",
    ),
)
def nothing_lost_nothing_twice(reports, collects) -> str:
    """`reports(ctx, here, line, readings, patience)` and `collects(ctx, here, line, keep)`: one binds, one connects."""
    with trial(seconds=30) as t:
        house = House(t, reports, collects)
        house.day([b"%d" % n for n in range(3)], {}, one_by_one=True)
        house.day([b"item %d" % n for n in range(12)], {2: half_open}, for_two=True)
        house.day(_readings(1), {10: cut, 25: hold, 45: half_open, COUNT - 1: half_open_back})
        house.day(_readings(2), {20: half_open_there, 60: half_open_back, COUNT - 1: cut})
        house.day([b"one alone"], {})
        house.day([b"and another"], {})
    return (
        f"{len(house.expected)} readings in {house.days} calls; the line was cut, held up and half-open "
        f"{house.faults} times, also at the last one; all kept once, in order"
    )


def _readings(day: int) -> list[bytes]:
    """Of this day: no two alike but three, an empty one, any bytes, words of any protocol."""
    readings = [b"%d, day %d" % (n, day) for n in range(COUNT)]
    readings[3:6] = [b"19.5", b"19.5", b"19.5"]
    readings[47:50] = [b"", b"\x00\xff%d" % day, b"\x00" * (day + 1)]
    readings[80:83] = [b"ACK %d" % day, b"OK %d" % day, b"%d" % day]
    return readings


class House:
    """Both ends of the answer's, and the line between them."""

    def __init__(self, t: Trial, reports: Any, collects: Any) -> None:
        self.t, self._reports = t, reports
        self.patience = round(PATIENCE * min(t.pace, 6.0), 3)
        self.here = t.endpoint()
        self.link = t.link(self.here)
        self.kept: list[bytes] = []
        self.expected: list[bytes] = []
        self.days = self.faults = self._looked = self._since = 0
        self.tried = QUIET
        self._mends: Deadline | None = None
        self.rounds = HeldUp()
        self.collects = t.start(collects, t.ctx, self.here, self.link.endpoint, self.kept.append, name="collects")

    def day(
        self, readings: Sequence[bytes], faults: Mapping[int, Fault], *, one_by_one: bool = False, for_two: bool = False
    ) -> None:
        """`reports` is called with these readings; before the reading of this number is given, the line fails so.

        `one_by_one`: the next one comes when this one has been kept. `for_two`: who takes a third reading while the
        line fails finds it mended."""
        self.days += 1
        self.tried, self._since = QUIET, len(self.kept)
        self.expected += readings
        at_return: list[int] = []

        if one_by_one:
            feed = self._one_by_one(readings)
        else:
            feed = self._given(readings, faults, for_two)

        def go() -> None:
            self._reports(self.t.ctx, self.here, self.link.endpoint, feed, self.patience)
            at_return.append(len(self.kept))

        job = self.t.start(go, name="reports")
        while len(self.kept) < len(self.expected) and not job.done:
            self._keeps_on(job)
        self._until(
            lambda: job.done, "the end of `reports`: all has been kept", f"`reports` does not return ({self.tried})"
        )
        self.t.finish(job)
        self._right()
        if at_return[0] < len(self.expected):
            raise Wrong(
                "`reports` returned before all was kept",
                tried=f"{len(readings)} readings; {self.tried}",
                seen=f"{len(self.expected) - at_return[0]} readings had not been kept",
                expected="an end when the last one has been kept: whoever called it may go home then",
            )
        if not sum(self.link.forwarded):
            raise Wrong("nothing passes over the line", expected="who does not bind to `here` connects to `line`")

    def _keeps_on(self, job: Job) -> None:
        """One reading more is kept, or `reports` has returned."""
        before = len(self.kept)
        so_far = f"nothing more is kept ({self.tried}): {before} of {len(self.expected)} readings"
        self._until(
            lambda: len(self.kept) > before or job.done,
            "the next reading, at the latest when the line is mended",
            so_far if before else "nothing is kept",
        )

    def _until(self, condition: Callable[[], bool], expected: str, said: str) -> None:
        """Raises `Late` when this does not hold in time, `Wrong` where the check itself was not held up meanwhile."""
        self.rounds.anew()
        try:
            self.t.wait(lambda: self._goes_on() and condition(), seconds=AGAIN + LASTS, expected=expected, said=said)
        except Late as late:
            raise self.rounds.verdict(late, HELD_UP) from None

    def _one_by_one(self, readings: Sequence[bytes]) -> Iterator[bytes]:
        """The next one comes when this one has been kept, if ever."""
        for reading in readings:
            before = len(self.kept)
            yield reading
            while len(self.kept) == before:
                time.sleep(0.002)

    def _given(self, readings: Sequence[bytes], faults: Mapping[int, Fault], for_two: bool) -> Iterator[bytes]:
        for number, reading in enumerate(readings):
            if number in faults:
                self._fails(faults[number], first=not number)
            if for_two and number - 2 in faults and self._mends is not None:
                self._passes_again()
            yield reading

    def _passes_again(self) -> None:
        """In the answer's thread: two readings have been swallowed, what it sends next passes."""
        swallowed = self.t.deadline(0.05)
        while not swallowed.over:
            time.sleep(0.002)
        self._mended()
        again = self.t.deadline(1.0)
        while not self.link.connections and not again.over:
            time.sleep(0.002)

    def _mended(self) -> None:
        self.link.mend()
        self._mends, self._since = None, len(self.kept)

    def _fails(self, fault: Fault, *, first: bool) -> None:
        """In the answer's thread: what it sends next meets this. One fault at a time: and, but for the `first` reading,
        the line works before it fails."""
        while self._mends is not None:
            time.sleep(0.002)
        works = self.t.deadline(1.0)
        while not first and len(self.kept) <= self._since and not works.over:
            time.sleep(0.002)
        self.tried = f"the line was {FAULTS[fault]}, and mended later"
        self.faults += 1
        fault(self.link)
        self._mends = self.t.deadline(LASTS)

    def _goes_on(self) -> bool:
        """Mends what has lasted long enough, and looks at what has been kept since. Always True."""
        self.rounds.round()
        if self.collects.done and self.collects.error is None:
            raise Wrong("`collects` came to its end", tried=self.tried, expected="it goes on for ever")
        mends = self._mends  # which the answer's thread may take away
        if mends is not None and mends.over:
            self._mended()
        self._right()
        return True

    def _right(self) -> None:
        """Raises `Wrong` at the first reading that is kept wrongly."""
        kept = list(self.kept)
        for number in range(self._looked, len(kept)):
            if number >= len(self.expected) or kept[number] != self.expected[number]:
                raise self._complaint(kept, number)
        self._looked = len(kept)

    def _complaint(self, kept: list[Any], number: int) -> Wrong:
        wanted = self.expected[number] if number < len(self.expected) else None
        seen = f"reading {number + 1} was `{show(wanted)}`, and `{show(kept[number])}` was kept in its place"
        if not isinstance(kept[number], bytes):
            return Wrong("what is kept are not the readings", tried=self.tried, seen=seen, expected="bytes, as given")
        same = kept[number]
        if kept[: number + 1].count(same) > self.expected.count(same) > 0:
            return Wrong(
                "a reading was kept twice",
                tried=self.tried,
                seen=seen,
                expected="what has been kept is confirmed again, and not kept again",
            )
        if wanted is None:
            return Wrong("more was kept than was given", tried=self.tried, seen=f"`{show(kept[number])}`")
        if wanted == self.expected[number - 1] and number:
            return Wrong(
                "two equal readings were taken for one",
                tried=self.tried,
                seen=seen,
                expected="who measures 19.5 twice has two readings: not their bytes tell them apart",
            )
        return Wrong(
            "a reading was lost, or overtaken",
            tried=self.tried,
            seen=seen,
            expected="all of them, in the order in which they were given",
        )


# --- the same for longer


def soak(reports, collects, random: randoms.Random, seconds: float) -> str:
    """Call after call, with random faults at random readings."""
    with trial(seconds=seconds + 60) as t:
        house = House(t, reports, collects)
        over = t.deadline(seconds)
        while not over.over:
            numbers = random.sample(range(COUNT), random.randrange(1, 6))
            house.day(_readings(house.days), {number: random.choice(list(FAULTS)) for number in numbers})
            t.jobs[1:] = []
    return f"{len(house.expected)} readings in {house.days} calls, {house.faults} faults; all kept once, in order"
