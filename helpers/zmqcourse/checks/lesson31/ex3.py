"""31.3: a server that was quick and not quite true is mended: all points of TICK under the whole fault script."""

from __future__ import annotations

import random as randoms

from ...exercise import exercise
from ...scenes import lesson31 as suite


@exercise(
    "31.3",
    title="Find the fault: quick, and not quite true",
    hints=(
        "The feed is told after the sync. Who else tells something, and when? Look at the fault that stands with point "
        "7, and at what the server has in its hands at that moment.",
        "An update is in `table`, and in the log, when it was written. It is on the disk when it was synced. What may "
        "an answer be made of?",
        "Either an answer waits until nothing waits (`settle` first, if something does), or it is made of what "
        "was synced only.",
    ),
)
def quick_and_true(mended) -> str:
    """`mended(ctx, publish, feed, ask, disk)`."""
    return suite.judged(mended, suite.ALL, suite.POINTS)


def soak(mended, random: randoms.Random, seconds: float) -> str:
    """Faults in any order, for so long."""
    return suite.endured(mended, suite.FAULTS, suite.POINTS, random, seconds)
