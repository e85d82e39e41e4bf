"""The check's side of 17.2: brokers that come and go at one address, and look at what a worker says to them."""

from __future__ import annotations

import socket as plain
from typing import NamedTuple
from urllib.parse import urlsplit

import zmq

from ...exercise import Wrong
from ...trial import Trial, show

READY = [b"", b"READY"]
SOON = 1.2  # quiet seconds in which a worker is connected again and has said so; libzmq tries every tenth of one


class Said(NamedTuple):
    """Who said it to the broker, and what."""

    name: bytes
    frames: list[bytes]


def work(job: bytes) -> bytes:
    return b"done: " + job


def heard(t: Trial, router: zmq.Socket, expected: str, *, but: str, seconds: float = 2.0) -> Said:
    """What the worker says next. Raises `Late`, with the sentence `but`, when it says nothing."""
    t.wait(lambda: router.poll(0), seconds=seconds, expected=expected, said=but)
    name, *frames = t.receive(router)
    return Said(name, frames)


def ready(t: Trial, router: zmq.Socket, when: str, but: str = "the worker did not say READY") -> bytes:
    """The worker says READY, and says it once; its name. `when` is a clause for the verdict."""
    said = heard(t, router, f"READY: {when}", but=but, seconds=SOON)
    if said.frames != READY:
        raise Wrong(
            "the worker did not say READY as lesson 08 writes it",
            tried=when,
            seen=f"`{show(said.frames)}`",
            expected=f"`{show(READY)}`: the empty frame, which a DEALER leaves to you, and the word",
        )
    once(t, router, said.name, when)
    return said.name


def once(t: Trial, router: zmq.Socket, name: bytes, when: str, seconds: float = 0.15) -> None:
    """Raises `Wrong` when this worker says one more thing, unasked."""
    if not router.poll(seconds * 1000):
        return
    who, *frames = t.receive(router)
    raise Wrong(
        "the worker said READY once too often" if frames == READY else "the worker said something unasked",
        tried=when,
        seen=f"one more message: `{show(frames)}`" + ("" if who == name else ", from another socket of its"),
        expected="READY once for each connection: a broker writes down every READY as a free worker, and gives that "
        "one a job while it works on another",
    )


def job(t: Trial, router: zmq.Socket, name: bytes, body: bytes, when: str) -> None:
    """Give this worker a job; its answer must be back, and say whose it is."""
    client = b"\x00ann\xff"
    t.send(router, name, b"", client, b"", body)
    expected = f"the answer to a job, which was sent to whoever had said READY: {when}"
    said = heard(t, router, expected, but="a job was not answered")
    answered(said, client, body, when)


def answered(said: Said, client: bytes, body: bytes, when: str) -> None:
    wanted = [b"", client, b"", work(body)]
    if said.frames != wanted:
        raise Wrong(
            "that is not the answer to the job",
            tried=f"{when}; the job was `{show([b'', client, b'', body])}`",
            seen=f"`{show(said.frames)}`",
            expected=f"`{show(wanted)}`",
        )


def hangs_up(t: Trial, endpoint: str, times: int) -> None:
    """Somebody is at this address who accepts so many connections and closes each at once, without a word of ZMTP.

    Each of them tells that the worker's socket knows that it has nobody. Raises `Late` when it tries no more.
    """
    where = urlsplit(endpoint)
    with plain.socket() as listener:
        listener.setsockopt(plain.SOL_SOCKET, plain.SO_REUSEADDR, 1)
        expected = "a worker whose socket connects again by itself"
        t.wait(lambda: _bound(listener, (where.hostname, where.port)), expected=expected)
        listener.setblocking(False)
        for _ in range(times):
            t.wait(lambda: _accepted(listener), expected=expected, said="the worker does not connect again")


def _bound(listener: plain.socket, address: tuple[str | None, int | None]) -> bool:
    try:
        listener.bind(address)
        listener.listen()
    except OSError:  # the broker before it has not let go of the address yet
        return False
    return True


def _accepted(listener: plain.socket) -> bool:
    try:
        listener.accept()[0].close()
    except BlockingIOError:
        return False
    return True
