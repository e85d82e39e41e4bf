"""02.3: how big a queue must be for an outage."""

from __future__ import annotations

import math
from typing import Any

from ...exercise import Wrong, exercise
from ...trial import Trial, expect_type, trial

OUTAGES = (
    (8, 16, 3),
    (10, 12, 60),
    (3, 4, 0.5),
    (0.5, 100, 7),
    (5, 5, 2),
    (7, 2, 1.5),
    (250, 251, 86_400),
    (0.25, 0.5, 1.0),
)


@exercise(
    "02.3",
    title="How big must it be?",
    hints=(
        "While the worker is away, nothing leaves. How many come in `outage` seconds?",
        "After that it does `service` a second, but `arrivals` a second are new. What is left over for the pile?",
        "`arrivals * outage` wait, and `math.ceil` rounds it up. Divided by `service - arrivals`, if that is above 0, "
        "it gives the seconds.",
    ),
)
def the_size_for_an_outage(size) -> str:
    """`size(arrivals, service, outage)` is how many wait at its end, and the seconds until it has caught up."""
    with trial() as t:
        for arrivals, service, outage in OUTAGES:
            waiting = arrivals * outage
            seconds = waiting / (service - arrivals) if service > arrivals else math.inf
            room, caught_up = _sized(t, size, arrivals, service, outage)
            if room != math.ceil(waiting) or not math.isclose(caught_up, seconds, rel_tol=1e-6):
                raise Wrong(
                    "that is not its size",
                    tried=f"`size({arrivals}, {service}, {outage})`",
                    seen=f"`({room!r}, {caught_up!r})`",
                    expected=f"`({math.ceil(waiting)}, {seconds:g})`",
                    look="the formula under *Catching up*",
                )
    return f"{len(OUTAGES)} outages, from half a second's to a day's, two of them without end"


def _sized(t: Trial, size: Any, *args: float) -> tuple[float, float]:
    got = t.run(size, *args)
    expect_type(got, (tuple, list), "what `size` returned")
    if len(got) != 2:
        raise Wrong("`size` did not return two numbers", seen=f"`{got!r}`", expected="`return room, seconds`")
    for value, what in zip(got, ("the room", "the seconds"), strict=True):
        expect_type(value, (int, float), what)
    return got[0], got[1]
