"""What 05.2 and 05.3 share: a task is acknowledged with its number, alone."""

from __future__ import annotations

from typing import Any

import zmq

from ...exercise import Wrong
from ...trial import Trial, show


def acknowledged(t: Trial, pull: zmq.Socket[Any], number: bytes, said: str, seconds: float = 1.2) -> None:
    """Receive the ack of this number. Raises `Wrong` when none comes, or another."""
    frames = t.receive(pull, seconds=seconds, expected=f"the ack `{number!r}`: {said}")
    if frames != [number]:
        raise Wrong(
            "this is not the ack", tried=said, seen=f"`{show(frames)}`", expected=f"the number alone, `{[number]}`"
        )
