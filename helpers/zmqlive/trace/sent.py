"""A message on its way, as the matcher sees it, and the words for what became of it."""

from __future__ import annotations

from dataclasses import dataclass

from .topology import Lane, Sock

# Why a message was not received (`trace.Message.why`).
UNWANTED, EARLY, NOBODY, OUTSIDE = "unwanted", "early", "nobody", "outside"
NO_ROOM, REPLACED, MISFIT, GONE, OVERTAKEN = "no room", "replaced", "misfit", "gone", "overtaken"


@dataclass(slots=True, eq=False)
class Sent:
    """A message on its way; the matcher's mutable form of `trace.Message`. Times in ns."""

    id: int
    source: Sock
    frames: tuple[bytes, ...]
    wire: tuple[bytes | None, ...]      # what travels; None: the request id of REQ_CORRELATE, not known
    size: int
    sent: int
    lane: Lane | None = None            # a guess until it is received
    target: Sock | None = None
    received: int = 0
    done: int = 0
    parent: int | None = None
    fate: str = "waiting"
    why: str = ""
    as_sent: tuple[bytes, ...] | None = None    # where they differ from what was received
    heartbeat: bool = False             # it says that somebody lives: no work for who receives it


@dataclass(slots=True, eq=False)
class Orphan:
    """A message that was received, and whose sending is not known (yet)."""

    t: int
    sock: Sock
    frames: tuple[bytes, ...]
    size: int
    found: bool = False
