"""ZeroMQ: PUSH and PULL, XPUB and SUB, over tcp. No broker: the producer binds, and waits until all are there."""

from __future__ import annotations

from typing import Any

from ..base import SENDER, Handle, Ready, Sender, System, Terms
from ..home import Home


class ZeroMQ(System):
    key, name, kind = "zeromq", "ZeroMQ", "library"
    runs = "no server: libzmq in each process"
    terms = Terms(
        SENDER, "never", "when send returns", "all that the marks let in", "all that were sent to it",
        "nobody is told",
    )  # fmt: skip
    at_least_once, redelivers = False, None
    limit, default = "marks of 10 at both ends", "marks of 1000 at both ends"
    clients = ("zmq",)

    def start(self, home: Home) -> None:
        self._home = home

    def prepare(self, queue: str, *, fan_out: bool = False, limited: bool = False) -> None:
        self.place["url"] = f"tcp://127.0.0.1:{self._home.port()}"

    def producer(self, queue: str, *, workers: int, limited: bool) -> Sender:
        import zmq
        from zmq.utils.monitor import recv_monitor_message

        push = zmq.Context.instance().socket(zmq.PUSH)
        push.sndhwm = 10 if limited else 1000
        monitor = push.get_monitor_socket(zmq.EVENT_HANDSHAKE_SUCCEEDED)
        push.bind(self.url)
        for _ in range(workers):
            recv_monitor_message(monitor)
        return ZeroMQSender(push)

    def publisher(self, topic: str, *, subscribers: int) -> Sender:
        import zmq

        pub = zmq.Context.instance().socket(zmq.XPUB)
        pub.setsockopt(zmq.XPUB_VERBOSE, 1)  # each subscription, not only the first of its kind
        pub.bind(self.url)
        for _ in range(subscribers):
            pub.recv()
        return ZeroMQSender(pub)

    def worker(self, queue: str, number: int, ready: Ready, handle: Handle, *, workers: int, limited: bool) -> None:
        import zmq

        pull = zmq.Context.instance().socket(zmq.PULL)
        pull.rcvhwm = 10 if limited else 1000
        pull.connect(self.url)
        ready()
        while True:
            handle(pull.recv())

    def subscriber(self, topic: str, number: int, ready: Ready, handle: Handle) -> None:
        import zmq

        sub = zmq.Context.instance().socket(zmq.SUB)
        sub.subscribe(b"")
        sub.connect(self.url)
        ready()
        while True:
            handle(sub.recv())


class ZeroMQSender(Sender):
    """A socket sends in the background, and does not say how far it is."""

    def __init__(self, socket: Any) -> None:
        self._socket = socket

    def send(self, body: bytes) -> None:
        self._socket.send(body)
