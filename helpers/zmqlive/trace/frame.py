"""How much of a frame is kept: a short one as it is, of a long one its two ends."""

from __future__ import annotations

from typing import Any, Protocol

WHOLE = 64          # bytes up to which a frame is kept as it is
SHORTENED = 65      # length of a shortened frame: 32 first and 33 last bytes, a length that no whole frame has


class Carrying(Protocol):
    """Of a message, what it carries; `as_sent` where the receiving program saw other frames than were sent."""

    size: int
    parent: int | None
    frames: tuple[bytes, ...]
    as_sent: tuple[bytes, ...] | None
    heartbeat: bool


def carried(message: Carrying) -> list[Any]:
    """For whoever asks what was sent: [bytes in all, frames, the message one hop before]; of a heartbeat, True too."""
    told = [message.size, texts(message.as_sent or message.frames), message.parent]
    return [*told, True] if message.heartbeat else told


def altered(message: Carrying) -> list[list[str]]:
    """The frames as they were received, in a list; an empty one where they are those that were sent."""
    return [texts(message.frames)] if message.as_sent else []


def texts(frames: tuple[bytes, ...]) -> list[str]:
    """Frames as Latin-1 text, so that every byte survives in JSON."""
    return [frame.decode("latin-1") for frame in frames]
