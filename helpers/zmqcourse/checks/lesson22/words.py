"""The words of RFC 12 (CHP), as the lesson has them: five frames, and an epoch in the third."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from ...exercise import Wrong
from ...trial import show

ASK, END, HUGZ = b"ICANHAZ?", b"KTHXBAI", b"HUGZ"


def pack(number: int) -> bytes:
    """Eight bytes in network order."""
    return number.to_bytes(8, "big")


class Said(NamedTuple):
    """A row, an update, an end or a HUGZ."""

    key: bytes
    number: int
    epoch: bytes
    properties: bytes
    value: bytes


def said(frames: list[bytes]) -> Said:
    """What a server of the answer's has said. Raises `Wrong` when it has not five frames, a number in the second."""
    if len(frames) != 5 or len(frames[1]) != 8:
        raise Wrong(
            "that is no message of a server",
            seen=f"`{show(frames)}`",
            expected="five frames: key, number (eight bytes), epoch, properties, value",
        )
    key, number, *rest = frames
    return Said(key, int.from_bytes(number, "big"), *rest)


def difference(seen: Mapping[bytes, bytes], wanted: Mapping[bytes, bytes]) -> tuple[str, str]:
    """Of two tables: the rows in which they differ, as they are and as they should be."""
    keys = sorted(key for key in {*seen, *wanted} if seen.get(key) != wanted.get(key))
    shown = keys[:4]
    more = f" and {len(keys) - len(shown)} rows more" if len(keys) > len(shown) else ""
    return (
        f"`{show({key: seen.get(key) for key in shown})}`{more}",
        f"`{show({key: wanted.get(key) for key in shown})}` (`None`: no such row)",
    )
