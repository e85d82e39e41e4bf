"""31.2: replay, and a restart that forgets nothing: points 1 to 8 of TICK, on a disk that can lose its power."""

from __future__ import annotations

import random as randoms

from ...exercise import exercise
from ...scenes import lesson31 as suite

POINTS = range(1, 9)


@exercise(
    "31.2",
    title="Replay, and a restart without forgetting",
    hints=(
        "Three deeds for each update: store it, sync, tell it. Imagine the power cut between any two of them, in each "
        "order: what has somebody heard that is not there afterwards?",
        "At the start, read what the one before has left, and go on with its last number. Then the log may live in a "
        "list, too: snapshot and replay can both be made from it, once an update is synced.",
        "A request for a replay is one only if both numbers have eight bytes. Compare (`first <= n <= last`) rather "
        "than count: 2⁶⁴ − 1 is a number that may be asked for.",
    ),
)
def nothing_is_forgotten(keep) -> str:
    """`keep(ctx, publish, feed, ask, disk)`."""
    return suite.judged(keep, suite.KEPT, POINTS)


def soak(keep, random: randoms.Random, seconds: float) -> str:
    """Faults in any order, for so long."""
    return suite.endured(keep, suite.FAULTS, POINTS, random, seconds)
