"""Two small scenes: a socket between one who lives and one who is not there, and a backup all alone."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import zmq
from zmqlive import Stage

Role = Callable[..., Any]
ENOUGH = 0.5  # seconds without an answer, after which none comes any more
BEAT = 0.1


def answered(server: Role, *, immediate: bool, requests: int) -> int:
    """One DEALER, connected to a server and to an endpoint where nobody is, sends so many requests once each. How many
    are answered."""
    with Stage("One of two", seconds=60) as stage, zmq.Context() as ctx, ctx.socket(zmq.DEALER) as dealer:
        there, nowhere = stage.endpoint("tcp", name="there"), stage.endpoint("tcp", name="nowhere")
        stage.add(server, there)
        stage.wait(lambda s: s.trace().sockets, timeout=30)
        dealer.linger, dealer.immediate = 0, immediate
        dealer.connect(there)
        dealer.connect(nowhere)
        for number in range(requests):
            dealer.send_multipart([b"", b"%d" % number, b"photo"])
        count = 0
        while dealer.poll((10 if not count else ENOUGH) * 1000):
            dealer.recv_multipart()
            count += 1
        return count


class Lone:
    """A backup whose primary never comes. `ctx` is for its clients, who find it at `front`."""

    def __init__(self, half: Role) -> None:
        self._stage = Stage("A backup alone", seconds=60)
        self.front, news, nowhere = (self._stage.endpoint("tcp", name=name) for name in ("front", "news", "nowhere"))
        self.ctx, self._its, self._mine = zmq.Context(), zmq.Context(), zmq.Context()
        self._its.linger = 0
        self._sub = self._mine.socket(zmq.SUB)
        self._sub.subscribe(b"")
        self._sub.connect(news)

        def lives() -> None:
            with suppress(zmq.ContextTerminated):
                half(self._its, self.front, news, nowhere, b"backup", BEAT)

        self._thread = threading.Thread(target=lives, daemon=True)
        self._thread.start()

    def after(self, beats: int) -> str:
        """What it says of itself, so many words of its heart from now on."""
        while self._sub.poll(0):
            self._sub.recv()
        said = b""
        for _ in range(beats):
            if not self._sub.poll(10_000):
                return "nothing"
            said = self._sub.recv_multipart()[0]
        return said.decode()

    def __enter__(self) -> Lone:
        return self

    def __exit__(self, *error: object) -> None:
        self._sub.close(linger=0)
        for context in self._its, self._mine, self.ctx:
            context.term()
        self._thread.join(5)
        self._stage.stop()
