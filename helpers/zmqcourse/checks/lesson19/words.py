"""The commands of MDP 0.2 (RFC 18), and what a check looks at in those that an answer sends."""

from __future__ import annotations

from typing import NamedTuple

import zmq

from ...exercise import Wrong
from ...trial import Trial, show


class C:
    """MDP/Client."""

    NAME, REQUEST, PARTIAL, FINAL = b"MDPC02", b"\1", b"\2", b"\3"


class W:
    """MDP/Worker."""

    NAME, READY, REQUEST, PARTIAL, FINAL, HEARTBEAT, DISCONNECT = b"MDPW02", *(bytes([n]) for n in range(1, 7))


class Asked(NamedTuple):
    """A client's request as a broker reads it."""

    client: bytes
    service: bytes
    body: list[bytes]


def asked(frames: list[bytes]) -> Asked:
    """What a client of the answer's has asked. Raises `Wrong` when it is no REQUEST of RFC 18."""
    client, *rest = frames
    if len(rest) < 4 or rest[:2] != [C.NAME, C.REQUEST]:
        raise Wrong(
            "that is no REQUEST of RFC 18",
            seen=f"`{show(rest)}`",
            expected=f"`{show([C.NAME, C.REQUEST])}`, service, body, from a DEALER: no empty frame in front",
        )
    return Asked(client, rest[2], rest[3:])


def reply(t: Trial, router: zmq.Socket, to: Asked, command: bytes, *body: bytes) -> None:
    """A broker's PARTIAL or FINAL for this request."""
    t.send(router, to.client, C.NAME, command, to.service, *body)
