"""The words of lesson 18, and how long an interval is: as long as this machine needs it now."""

from __future__ import annotations

from ...exercise import Late, Wrong
from ...trial import Trial

READY, BEAT = b"\x01", b"\x02"
INTERVAL, LIVENESS = 0.1, 3  # of a quiet machine: seconds, and intervals of silence that are too many
LONG = 0.3  # seconds of an interval in a run that lasts, for a machine may become busy meanwhile
_MOST = 6.0


def interval_of(t: Trial) -> float:
    """Seconds between two heartbeats. Where all takes longer, single things are held up for longer still."""
    return INTERVAL * min(t.pace**1.5, _MOST)


def still_right(t: Trial) -> None:
    """Raises what there is to say of an answer that has failed."""
    turns = iter((False, True))
    t.wait(lambda: next(turns), expected="an answer that has not failed")


def complaint(held_up: float, limit: float, said: str, **details: str) -> Wrong:
    """What there is to say; `Late` where the check's own heartbeats were `held_up` for longer than `limit` seconds, for
    then it was not heard from, and whoever took it for dead may be right."""
    return (Late if held_up > limit else Wrong)(said, **details)
