"""01.4: which of three cures a sick trace needs, and what it brings."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Sequence
from statistics import mean

from zmqlive import Trace

from ...exercise import Wrong, exercise, show
from ...trial import expect_type, trial
from .traces import sick

NEAR = 0.03  # two cures this near to each other are equally good
EXACT, LEAST = 0.03, 0.0003  # of a wait; seconds


@exercise(
    "01.4",
    title="A sick trace: which cure?",
    hints=(
        "Three simulations, of the same messages: when they came, how long each took (`m.done - m.received`), and "
        "which clerk had it (`trace.role_of(m.target)`). What does each cure change, and what not?",
        '`"share"` is `tills(came, takes, count)`. For the other two each clerk is a `till` of its own: put the visits '
        "of all clerks into one list, and take the `mean_wait` of that.",
        "Sort the messages by `m.sent` first. Sent evenly, number n comes at `came[0] + n * (came[-1] - came[0]) / "
        "(len(came) - 1)`. With the three waits in a dict, `min(waits, key=waits.get)` is the cure.",
    ),
)
def the_right_cure(cure) -> str:
    """`cure(trace)` names the cure that leaves the shortest mean wait, and says how long that is."""
    found = []
    for what, trace in sick().items():
        waits = _waits(trace)
        with trial() as t:
            got = t.run(cure, trace)
        if not isinstance(got, (tuple, list)) or len(got) != 2:
            raise Wrong("`cure` did not return two things", seen=f"`{show(got)}`", expected="`return name, wait`")
        name, wait = got
        expect_type(name, str, "the name of the cure")
        expect_type(wait, (int, float), "the wait")
        best = min(waits, key=lambda each: waits[each])
        told = ", ".join(f"{each} {1000 * value:.1f} ms" for each, value in waits.items())
        if waits.get(name, float("inf")) > waits[best] * (1 + NEAR) + LEAST:
            raise Wrong(
                "that is not the best cure",
                tried=f"the trace of a real run: {what}",
                seen=f"`{name!r}`",
                expected=f"`{best!r}`: the mean waits are {told}",
            )
        if abs(wait - waits[name]) > EXACT * waits[name] + LEAST:
            raise Wrong(
                "the cure is right, the wait is not",
                tried=f"the trace of a real run: {what}",
                seen=f"`{name!r}`, {1000 * wait:.1f} ms",
                expected=f"{1000 * waits[name]:.1f} ms from sent to received, on average",
            )
        found.append(best)
    return f"{len(found)} sick services, recorded on real sockets: {', '.join(found)}"


def _waits(trace: Trace) -> dict[str, float]:
    """Each cure → the mean wait in seconds that it leaves."""
    messages = sorted(trace.messages, key=lambda m: m.sent)
    came = [m.sent for m in messages]
    takes = [m.done - m.received for m in messages]
    clerks = [trace.role_of(m.target) for m in messages]
    even = [came[0] + n * (came[-1] - came[0]) / (len(came) - 1) for n in range(len(came))]
    return {
        "spread": _each(clerks, even, takes),
        "share": mean(_served(zip(came, takes, strict=True), len(set(clerks)))),
        "faster": _each(clerks, came, [2 / 3 * seconds for seconds in takes]),
    }


def _each(clerks: Sequence[str], came: Sequence[float], takes: Sequence[float]) -> float:
    waits: list[float] = []
    for clerk in set(clerks):
        own = [(arrival, service) for arrival, service, who in zip(came, takes, clerks, strict=True) if who == clerk]
        waits += _served(own, 1)
    return mean(waits)


def _served(customers: Iterable[tuple[float, float]], count: int) -> list[float]:
    """The wait of each, in turn, where so many serve one queue."""
    free, waits = [0.0] * count, []
    for arrival, service in customers:
        start = max(arrival, heapq.heappop(free))
        heapq.heappush(free, start + service)
        waits.append(start - arrival)
    return waits
