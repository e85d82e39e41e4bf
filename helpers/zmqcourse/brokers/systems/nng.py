"""nng, the successor of nanomsg: push and pull, pub and sub, over tcp. No broker: the producer listens."""

from __future__ import annotations

import threading
from typing import Any

from ..base import SENDER, USUAL, Handle, Ready, Sender, System, Terms
from ..home import Home

BUFFER = 1000  # messages at each end, as with ZeroMQ
OWN = {"push": 0, "pull": 0, "pub": 16, "sub": 128}  # what nng's sockets have by default: a pub has room for 16


class Nng(System):
    key, name, kind = "nng", "nng", "library"
    runs = "no server: nng in each process"
    terms = Terms(
        SENDER, "never", "when send returns", "all that the buffers let in", "all that were sent to it",
        "nobody is told",
    )  # fmt: skip
    at_least_once, redelivers = False, None
    limit, default = "buffers of 1 at both ends", f"buffers of {BUFFER} at both ends"
    install = 'pip install ".[brokers]"'
    clients = ("pynng",)

    def start(self, home: Home) -> None:
        self._home = home

    def prepare(self, queue: str, *, fan_out: bool = False, limited: bool = False) -> None:
        self.place["url"] = f"tcp://127.0.0.1:{self._home.port()}"

    def producer(self, queue: str, *, workers: int, limited: bool) -> Sender:
        import pynng

        return NngSender(pynng.Push0(send_buffer_size=self._room("push", limited)), self.url, workers)

    def publisher(self, topic: str, *, subscribers: int) -> Sender:
        import pynng

        return NngSender(pynng.Pub0(send_buffer_size=self._room("pub")), self.url, subscribers)

    def worker(self, queue: str, number: int, ready: Ready, handle: Handle, *, workers: int, limited: bool) -> None:
        import pynng

        _receive(pynng.Pull0(recv_buffer_size=self._room("pull", limited)), self.url, ready, handle)

    def subscriber(self, topic: str, number: int, ready: Ready, handle: Handle) -> None:
        import pynng

        sub = pynng.Sub0(recv_buffer_size=self._room("sub"))
        sub.subscribe(b"")
        _receive(sub, self.url, ready, handle)

    def _room(self, socket: str, limited: bool = False) -> int:
        return 1 if limited else BUFFER


class NngUsual(Nng):
    key, name = "nng" + USUAL, "nng, its own buffers"
    experiments = ("fan-out",)

    def _room(self, socket: str, limited: bool = False) -> int:
        return OWN[socket]


class NngSender(Sender):
    def __init__(self, socket: Any, url: str, peers: int) -> None:
        self._socket = socket
        there = threading.Semaphore(0)
        socket.add_post_pipe_connect_cb(lambda _: there.release())
        socket.listen(url)
        for _ in range(peers):
            there.acquire()

    def send(self, body: bytes) -> None:
        self._socket.send(body)


def _receive(socket: Any, url: str, ready: Ready, handle: Handle) -> None:
    socket.reconnect_time_min, socket.reconnect_time_max = 20, 100
    socket.dial(url, block=False)
    ready()
    while True:
        handle(socket.recv())
