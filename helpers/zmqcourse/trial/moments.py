"""One message, if it comes or goes within a moment: no call of a check waits without an end.

A poll first and a call that waits after it would not do: the peer may have gone in between.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import zmq

TICK = 0.02  # seconds


def arrived(socket: zmq.Socket[Any]) -> list[bytes] | None:
    """The next message. A REQ or REP may say that there is one, and then find that it is not for its program."""
    try:
        return socket.recv_multipart(zmq.DONTWAIT) if socket.poll(TICK * 1000) else None
    except zmq.Again:
        return None


def taken(socket: zmq.Socket[Any], frames: Sequence[bytes]) -> bool:
    """Whether there was room for this message; now it is sent."""
    try:
        socket.send_multipart(frames, zmq.DONTWAIT)
    except zmq.Again:
        socket.poll(TICK * 1000, zmq.POLLOUT)
        return False
    return True
