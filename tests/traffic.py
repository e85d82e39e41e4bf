"""Traffic for the tests of the record: roles in threads, each with its own list of what it got.

What a receiver wrote down itself is the truth that a trace is compared with.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import zmq
from machine import PATIENCE
from zmqlive.recorder import Recorder
from zmqlive.trace import Message, Trace

END = b"END"


def eventually(condition: Callable[[], object], seconds: float = PATIENCE) -> None:
    """Wait until the condition holds; an AssertionError when it does not."""
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "what was waited for has not happened"
        time.sleep(0.005)


class Traffic:
    """A recorder, its context and threads; at the end all threads are joined and the context is terminated."""

    def __init__(self, **options: Any) -> None:
        self.recorder = Recorder("traffic", **options)
        self.ctx = self.recorder.context()
        self.threads: list[threading.Thread] = []
        self.errors: list[BaseException] = []
        self.sockets: list[Any] = []        # so that none is closed by being dropped
        self.got: dict[int, list[tuple[bytes, ...]]] = {}       # socket's id in the trace -> all that it received

    def socket(self, type: int, *, subscribe: bytes | None = None, bind: str = "", connect: str = "",
               **options: Any) -> Any:
        socket = self.ctx.socket(type)
        socket.linger = 0
        self.sockets.append(socket)
        for name, value in options.items():
            setattr(socket, name, value)
        if subscribe is not None:
            socket.subscribe(subscribe)
        if bind:
            socket.bind(bind)
        if connect:
            socket.connect(connect)
        return socket

    def start(self, function: Callable[..., None], *args: Any, name: str = "") -> threading.Thread:
        """Run a role in a thread of its own, which begins when this returns."""
        begun = threading.Event()

        def run() -> None:
            with self.recorder.role(name or function.__name__):
                begun.set()
                try:
                    function(*args)
                except zmq.ContextTerminated:
                    pass
                except BaseException as error:
                    self.errors.append(error)

        thread = threading.Thread(target=run, daemon=True)
        self.threads.append(thread)
        thread.start()
        begun.wait(5)
        return thread

    def receive(self, socket: Any, frames: tuple[bytes, ...]) -> None:
        """Note the truth."""
        self.got.setdefault(socket._log.id, []).append(frames)

    def join(self, seconds: float = 60.0) -> None:
        until = time.monotonic() + seconds
        for thread in self.threads:
            thread.join(max(0.0, until - time.monotonic()))
            assert not thread.is_alive(), "a role has not come to its end"
        assert not self.errors, self.errors

    def close(self) -> None:
        """Roles that still run are ended by their context, and have to close nothing: that is done here."""
        ender = threading.Thread(target=self.ctx.term, daemon=True)
        ender.start()
        for thread in self.threads:
            thread.join(PATIENCE)
        for socket in self.sockets:
            socket.close(0)
        ender.join(PATIENCE)
        self.recorder.close()
        assert not ender.is_alive(), "the context does not end"


@contextmanager
def traffic(**options: Any) -> Iterator[Traffic]:
    """`with traffic(exact=True) as t:` — a `Traffic` that is closed at the end."""
    t = Traffic(**options)
    try:
        yield t
    finally:
        t.close()


def receive_until(t: Traffic, socket: Any, ends: int = 1, *, multipart: bool = False) -> None:
    """A role that receives until so many ENDs have come, and closes its socket."""
    while ends:
        frames = tuple(socket.recv_multipart()) if multipart else (socket.recv(),)
        ends -= frames[-1] == END
        t.receive(socket, frames)
    socket.close()


def send_ids(socket: Any, count: int, *, ends: int = 1, make: Callable[[bytes], Any] = lambda id: id) -> None:
    """A role that sends `count` messages, each with its socket's id and a number in it, and ENDs."""
    sender = socket._log.id
    for n in range(count):
        socket.send(make(b"%d.%d" % (sender, n)))
    for _ in range(ends):
        socket.send(END)


def compare(t: Traffic, trace: Trace | None = None) -> tuple[Trace, int]:
    """Assert that the trace says of each receiver what the receiver itself wrote down, in its order; the number."""
    trace = trace or t.recorder.trace()
    by_socket: dict[int | None, list[Message]] = {}
    for m in trace.messages:
        if m.received is not None:
            by_socket.setdefault(m.target, []).append(m)
    total = 0
    for id, truth in t.got.items():
        seen = sorted(by_socket.get(id, []), key=lambda m: m.received or 0.0)
        assert len(seen) == len(truth), f"socket {id}: {len(truth)} received, {len(seen)} in the trace"
        wrong = next((i for i, (m, frames) in enumerate(zip(seen, truth, strict=True)) if m.frames != frames), None)
        assert wrong is None, f"socket {id}, message {wrong}: {seen[wrong].frames} for {truth[wrong]}"
        assert all(m.sent <= (m.received or 0.0) for m in seen)
        total += len(truth)
    return trace, total


def flow(t: Traffic, *, transport: str = "inproc") -> tuple[Any, Any]:
    pull = t.socket(zmq.PULL, bind="inproc://flow" if transport == "inproc" else "tcp://127.0.0.1:*")
    return t.socket(zmq.PUSH, connect=pull.last_endpoint.decode()), pull


def flood(push: Any, count: int) -> None:
    send = push.send
    for n in range(count):
        send(b"%d" % n)
    send(END)


def swallow(pull: Any) -> None:
    recv = pull.recv
    while recv() != END:
        pass
