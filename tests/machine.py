"""Time in tests: bounds that end a hang, and limits that know how busy this machine is.

No test is judged by the wall clock alone, for machines differ and are shared. A wait that will be over some time has
`PATIENCE`, which judges nothing and costs nothing. Where little time is itself what a test is about ("a stop takes less
than a second"), the limit is stretched by `pace`, and the shortest of some tries counts (`shortest`).
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any

from zmqcourse.exercise.paceunit import Unit

PATIENCE = 600.0        # seconds
_unit = Unit()         # the work by which trials measure the machine as well


def until(what: Callable[[], Any], *, every: float = 0.05) -> Any:
    """Ask again and again until the answer is true; it. AssertionError when it never is."""
    end = time.monotonic() + PATIENCE
    while not (answer := what()):
        assert time.monotonic() < end, f"not within {PATIENCE:g} s: {what}"
        time.sleep(every)
    return answer


def pace() -> float:
    """How many times longer things take at this moment than on a quiet machine; at least 1."""
    return max(1.0, statistics.median(_unit.measure()[0] for _ in range(3)))


def shortest(took: Callable[[], float], *, limit: float, tries: int = 5) -> float:
    """The least that `took()`, in seconds, gives in some tries; they end when it is below the limit, in this pace."""
    best = took()
    for _ in range(tries - 1):
        if best < limit:
            break
        best = min(best, took() / pace())
    return best
