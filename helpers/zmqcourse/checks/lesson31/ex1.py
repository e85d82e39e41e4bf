"""31.1: the feed and its snapshot: points 1, 2, 3, 5 and 6 of TICK, in memory."""

from __future__ import annotations

from ...exercise import exercise
from ...scenes import lesson31 as suite

POINTS = 1, 2, 3, 5, 6


@exercise(
    "31.1",
    title="The feed and its snapshot",
    hints=(
        "One loop over two sockets: `publish` and `ask`. There is one counter and one table; all that is told or "
        "answered comes from these two.",
        "An envelope is whatever stands in front, up to and with the first empty frame *behind the routing id*: "
        "`frames.index(b\"\", 1)`. Look whether there is one before you ask where.",
        "`match frames[end:]` with `case [b\"SNAPSHOT\", prefix]` and `case _` tells the requests apart, also those of "
        "no frame at all. An update is one if it has two frames; an empty key and an empty value are in order.",
    ),
)
def told_and_shown(tell) -> str:
    """`tell(ctx, publish, feed, ask)`."""
    return suite.judged(tell, suite.MEMORY, POINTS, kept=False)
