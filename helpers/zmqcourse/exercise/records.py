"""What the check of an exercise recorded last, kept until its next check, to be looked at and played again.

Nothing of a trial runs on: kept is its record, and, once somebody has looked, only the replay that was made of it.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Any, NamedTuple

from zmqlive.recorder import Recorder

# Exercises whose record is kept; the oldest goes first.
MOST = 8
# Messages of a record that is still drawn; to match more takes a moment that nobody has asked for.
DRAWN = 20_000



class Record(NamedTuple):
    """A record that has been looked at: as a replay, and in a line."""

    replay: dict[str, Any]
    line: str


_kept: OrderedDict[str, Recorder | Record] = OrderedDict()


def forget(id: str) -> None:
    """The exercise is checked again: what was recorded before is of no use."""
    _kept.pop(id, None)


def keep(id: str, recorder: Recorder, title: str) -> None:
    """Keep the record of a trial that has ended, if there is something in it and not too much."""
    forget(id)
    if not 0 < recorder.sent() + recorder.received() <= DRAWN:
        return
    recorder.title = title
    _kept[id] = recorder
    while len(_kept) > MOST:
        _kept.popitem(last=False)


def has(id: str) -> bool:
    """Whether a record of this exercise's last check is kept."""
    return id in _kept


def replay(id: str) -> dict[str, Any] | None:
    """The record of this exercise's last check as a replay; None where none is kept."""
    found = _record(id)
    return found.replay if found is not None else None


def line(id: str) -> str:
    """What is kept, in a line; "" where nothing is."""
    found = _record(id)
    return found.line if found is not None else ""


def still(id: str) -> str:
    """The still picture of the record's fullest moment as an SVG; "" where none is kept."""
    kept = replay(id)
    if kept is None:
        return ""
    from zmqlive.view import snapshot_of, still_svg

    return still_svg(snapshot_of(kept))


def _record(id: str) -> Record | None:
    kept = _kept.get(id)
    if not isinstance(kept, Recorder):
        return kept
    trace = kept.trace()
    sent, received = (sum(counts) for counts in zip(*((s.sent, s.received) for s in trace.sockets), strict=True))
    said = f"its record: {len(trace.sockets)} sockets, {sent:,} messages sent, {received:,} received"
    found = _kept[id] = Record(trace.replay(), said)
    return found
