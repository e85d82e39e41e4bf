"""The check's side of 07.2 and 07.3: a server that is a ROUTER, so that it may answer when and what it likes."""

from __future__ import annotations

from typing import Any

import zmq

from ...exercise import Wrong
from ...trial import Job, Trial, show

Way = list[bytes]


def question(t: Trial, router: zmq.Socket[Any], wanted: bytes, expected: str, seconds: float = 2.0) -> Way:
    """Take the next question; the way back to whoever asked. Raises `Wrong` when it is another one."""
    frames = t.receive(router, seconds=seconds, expected=expected)
    if b"" not in frames[1:-1]:
        raise Wrong(
            "that is no question of a REQ",
            seen=said(frames[1:]),
            expected="an empty frame, the empty delimiter, and then the question: REQ does that for you",
        )
    if frames[-1] != wanted:
        raise Wrong("another question was asked", seen=said(frames[-1:]), expected=f"`{show(wanted)}`")
    return frames[:-1]


def gone(router: zmq.Socket[Any], endpoint: str) -> None:
    """The server goes, with all that it has not answered."""
    router.unbind(endpoint)
    router.close(linger=0)


def back(t: Trial, endpoint: str) -> zmq.Socket[Any]:
    """A server at an address that another one has just left."""
    router = t.socket(zmq.ROUTER)
    bind(t, router, endpoint)
    return router


def bind(t: Trial, router: zmq.Socket[Any], endpoint: str) -> None:
    """Bind there as soon as whoever had the address has let go of it."""

    def bound() -> bool:
        try:
            router.bind(endpoint)
        except zmq.ZMQError:
            return False
        return True

    t.wait(bound, expected="the check's server is back")


def ends(t: Trial, job: Job, seconds: float) -> bool:
    """Whether this call comes to its end within so many seconds."""
    end = t.deadline(seconds)
    while not job.wait(0.02) and not end.over:
        continue
    return job.done


def silent_later(t: Trial, endpoint: str, job: Job) -> None:
    """Nothing of an answer that has returned may reach a server that starts only now."""
    router = back(t, endpoint)
    if router.poll(400):
        frames = router.recv_multipart(zmq.DONTWAIT)
        raise Wrong(
            "a question that was given up was asked all the same, later",
            tried=f"`{job.call}` while nobody was there; after it had returned, a server was started",
            seen=f"the server got {said(frames[-1:])}",
            expected="nothing: `req.linger = 0` drops what was not delivered when the socket closes",
        )


def said(frames: list[bytes]) -> str:
    return f"`{show(frames[0] if len(frames) == 1 else frames)}`"
