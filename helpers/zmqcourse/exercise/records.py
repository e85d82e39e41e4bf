"""What the check of an exercise recorded last, kept until its next check, to be looked at and played again.

Nothing of a trial runs on: kept is its record, and, once somebody has looked, only the replay that was made of it.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

from zmqlive.recorder import Recorder

# Exercises whose record is kept; the oldest goes first.
MOST = 8
# Messages of a record that is still drawn; to match more takes a moment that nobody has asked for.
DRAWN = 20_000

_kept: OrderedDict[str, Recorder | dict[str, Any]] = OrderedDict()


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
    kept = _kept.get(id)
    if isinstance(kept, Recorder):
        kept = _kept[id] = kept.trace().replay()
    return kept


def summary(id: str) -> str:
    """What is kept, in a line; "" where nothing is."""
    kept = replay(id)
    if kept is None:
        return ""
    from zmqlive.view import snapshot_of, status_text

    return status_text(snapshot_of(kept)).splitlines()[0]


def still(id: str) -> str:
    """The still picture of the record's fullest moment as an SVG; "" where none is kept or it cannot be drawn."""
    kept = replay(id)
    if kept is None:
        return ""
    from zmqlive.view import snapshot_of, still_svg

    return still_svg(snapshot_of(kept))
