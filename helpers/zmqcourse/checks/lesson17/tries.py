"""The check's side of 17.1: a server that looks at each try, and answers when and what it likes."""

from __future__ import annotations

from typing import NamedTuple

import zmq

from ...exercise import Wrong
from ...trial import Trial, show


class Try(NamedTuple):
    """One try as it came in: the way back to it, its id, the request."""

    way: list[bytes]
    id: bytes
    request: bytes


def next_try(t: Trial, router: zmq.Socket, expected: str, seconds: float = 2.0) -> Try:
    """The next try that comes in. Raises `Late` when none does, `Wrong` when it has another form."""
    frames = t.receive(router, seconds=seconds, expected=expected)
    if len(frames) < 4 or frames[-3] != b"":
        raise Wrong(
            "that is not `id, request` behind an empty frame",
            seen=f"behind the routing id came `{show(frames[1:])}`",
            expected="the empty delimiter, then two frames: a REP takes nothing else. A REQ puts the empty frame in "
            "front by itself; a DEALER leaves it to you",
        )
    return Try(frames[:-2], *frames[-2:])


def of(t: Trial, router: zmq.Socket, request: bytes, expected: str, seconds: float = 2.0) -> Try:
    """The next try, which must be one of this request."""
    came = next_try(t, router, expected, seconds)
    if came.request != request:
        raise Wrong("another request came", seen=f"`{show(came.request)}`", expected=f"`{show(request)}`: {expected}")
    return came


def same_id(first: Try, later: Try) -> None:
    """Raises `Wrong` unless both tries carry one id."""
    if first.id != later.id:
        raise Wrong(
            "the tries of one request do not carry the same id",
            tried=f"`{show(first.request)}` was not answered, and was asked again",
            seen=f"`{show(first.id)}`, then `{show(later.id)}`",
            expected="an id names a request, not a try: only so can the server, or you, tell a repeat from a new one",
        )


def answer(t: Trial, router: zmq.Socket, to: Try, body: bytes) -> None:
    """Answer this try, whoever still listens."""
    t.send(router, *to.way, to.id, body)
