"""TICK's words: numbers in eight bytes, and what a server says."""

from __future__ import annotations

from typing import NamedTuple

from ...exercise import show

SNAPSHOT, REPLAY, ERROR = b"SNAPSHOT", b"REPLAY", b"ERROR"
LAST = 2**64 - 1


class Update(NamedTuple):
    key: bytes
    value: bytes


def pack(number: int) -> bytes:
    """Eight bytes in network order."""
    return number.to_bytes(8, "big")


def unpack(frame: bytes) -> int:
    return int.from_bytes(frame, "big")


def told(frames: list[bytes]) -> tuple[int, Update] | None:
    """Number and update, as they are told on the feed; None where that is none."""
    if len(frames) != 3 or len(frames[1]) != 8:
        return None
    return unpack(frames[1]), Update(frames[0], frames[2])


def snapshot_in(frames: list[bytes]) -> tuple[int, list[Update]] | None:
    """Number and rows of a snapshot; None where that is none."""
    if frames[:1] != [SNAPSHOT] or len(frames) % 2 or len(frames[1]) != 8:
        return None
    return unpack(frames[1]), [Update(*frames[at : at + 2]) for at in range(2, len(frames), 2)]


def replay_in(frames: list[bytes]) -> list[tuple[int, Update]] | None:
    """What is in a replay; None where that is none."""
    if frames[:1] != [REPLAY] or len(frames) % 3 != 1:
        return None
    found = [told(frames[at : at + 3]) for at in range(1, len(frames), 3)]
    return None if None in found else found  # type: ignore[return-value]


def table(updates: list[Update], prefix: bytes = b"") -> dict[bytes, bytes]:
    """The newest value of each key that begins with this."""
    return {key: value for key, value in updates if key.startswith(prefix)}


def short(frames: object) -> str:
    """For a sentence."""
    return f"`{show(frames)}`"
