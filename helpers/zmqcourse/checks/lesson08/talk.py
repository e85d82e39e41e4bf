"""What brokers and workers of lesson 08 say to each other, and what a trial looks at in it."""

from __future__ import annotations

from collections.abc import Sequence

import zmq

from ...exercise import Wrong
from ...trial import Trial, show

READY, BYE = [b"", b"READY"], [b"", b"BYE"]


def expect(got: list[bytes], wanted: list[bytes], said: str, *, tried: str) -> None:
    """Raises `Wrong`, saying `said`, unless the frames are those that are wanted."""
    if got != wanted:
        raise Wrong(said, tried=tried, seen=f"`{show(got)}`", expected=f"`{show(wanted)}`")


def whoever(
    t: Trial, sockets: Sequence[zmq.Socket], *, expected: str, seconds: float = 1.0
) -> tuple[int, list[bytes]]:
    """The first of these sockets at which something arrives: its place, and the message."""

    def arrived() -> list[int]:
        return [n for n, socket in enumerate(sockets) if socket.poll(0)]

    said = f"nothing arrived at any of {len(sockets)} sockets of the check"
    place = t.wait(arrived, expected=expected, seconds=seconds, said=said)[0]
    return place, t.receive(sockets[place], expected=expected)


def job_at(t: Trial, worker: zmq.Socket, body: list[bytes], expected: str) -> list[bytes]:
    """The job that this worker, a REQ, is given: client, empty, body."""
    frames = t.receive(worker, seconds=1.5, expected=expected)
    expect(
        frames[1:],
        [b"", *body],
        "a job did not arrive as client, empty, request",
        tried=f"a client sent `{show(body)}`, the worker got `{show(frames)}`",
    )
    return frames


def answer(t: Trial, worker: zmq.Socket, job: list[bytes], body: list[bytes], client: zmq.Socket) -> None:
    """This worker, a REQ, answers the job; just that must come to the client, a REQ."""
    t.send(worker, job[0], b"", *body)
    got = t.receive(client, seconds=1.5, expected=f"the answer `{show(body)}` comes to the client that had asked")
    expect(got, body, "another answer came than the worker gave", tried=f"a worker answered `{show(body)}`")


def nothing_for(t: Trial, worker: zmq.Socket, said: str, *, tried: str, expected: str, seconds: float = 0.2) -> None:
    """Raises `Wrong`, saying `said`, when this worker is sent anything."""
    if worker.poll(seconds * 1000):
        raise Wrong(said, tried=tried, seen=f"the worker was sent `{show(worker.recv_multipart())}`", expected=expected)
    t.wait(lambda: True, expected="an answer that has not failed")
