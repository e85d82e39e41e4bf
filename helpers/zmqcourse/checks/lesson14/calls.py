"""Peers by name, and what they say to each other through a ROUTER."""

from __future__ import annotations

import zmq

from ...exercise import Wrong, show
from ...trial import Trial


def expect(got: object, wanted: object, said: str, *, tried: str, look: str = "") -> None:
    """Raises `Wrong` unless the two are equal."""
    if got != wanted:
        raise Wrong(said, tried=tried, seen=f"`{show(got)}`", expected=f"`{show(wanted)}`", look=look)


def named(t: Trial, endpoint: str, name: bytes, **options: int) -> zmq.Socket:
    """A DEALER of this name."""
    return t.connect(zmq.DEALER, endpoint, routing_id=name, **options)


def called(t: Trial, peer: zmq.Socket, sender: bytes, to: bytes, body: list[bytes]) -> None:
    """What `sender` has sent to `to` arrives there, whole, with the sender's name in front."""
    tried = f"`{show(sender)}` sent `{show([to, *body])}`"
    got = t.receive(peer, seconds=1.0, expected=f"{tried}: `{show(to)}` gets `{show([sender, *body])}`")
    expect(got, [sender, *body], "a call did not arrive as `from, frames…`", tried=tried)
