"""What somebody on the way can do: listen, say it again, and turn one bit; and what a monitor has to do with it."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any, NamedTuple

import zmq
from zmq.auth.thread import ThreadAuthenticator
from zmqlive.net import Link
from zmqlive.zmtp import Tape

Options = Mapping[str, Any]
Lock = tuple[Options, Callable[[ThreadAuthenticator], Any] | None]
SOON = 300  # milliseconds in which what was delivered is there
LONG = 20.0  # seconds for what happens within one on any machine
AFTER = 20  # messages that are sent after the bit was turned
EVERY = 0.04  # seconds between two of them
CALM = 0.1  # seconds since the connection was made: libzmq treats events that follow at once in another way
OVER = 600  # milliseconds without a message: no more will come


class Overheard(NamedTuple):
    """One connection: what was said on which way, in order; and the same, decoded."""

    pieces: list[tuple[str, bytes]]
    tape: Tape

    def tells(self, words: bytes) -> bool:
        """Whether these bytes can be read off the wire."""
        return any(words in b"".join(data for way, data in self.pieces if way == side) for side in ("there", "back"))


@contextmanager
def server(lock: Lock) -> Iterator[zmq.Socket[Any]]:
    """A bound PULL with these options, and with an authenticator where there is what configures it."""
    options, configure = lock
    with zmq.Context() as ctx:
        auth = ThreadAuthenticator(ctx) if configure else None
        if auth:
            auth.start()
            configure(auth)  # type: ignore[misc]
        try:
            with ctx.socket(zmq.PULL) as pull:
                _set(pull, options)
                pull.bind("tcp://127.0.0.1:*")
                yield pull
        finally:
            if auth:
                auth.stop()


@contextmanager
def client(options: Options, endpoint: str = "") -> Iterator[zmq.Socket[Any]]:
    """A PUSH with these options, in a context of its own; connected, where it is said to what."""
    with zmq.Context() as ctx, ctx.socket(zmq.PUSH) as push:
        push.linger = 0
        _set(push, options)
        if endpoint:
            push.connect(endpoint)
        yield push


def _set(socket: Any, options: Options) -> None:
    for name, value in options.items():
        setattr(socket, name, value)


def _all(pull: zmq.Socket[Any], milliseconds: int = SOON) -> list[bytes]:
    found = []
    while pull.poll(milliseconds):
        found.append(pull.recv())
    return found


def overhear(pull: zmq.Socket[Any], options: Options, *words: bytes) -> Overheard:
    """A client says these messages through a link, one after the other, and goes."""
    heard = Overheard([], Tape())

    def tap(connection: int, way: str, data: bytes) -> None:
        heard.pieces.append((way, data))
        heard.tape(connection, way, data)

    with Link(pull.last_endpoint.decode(), tap=tap) as link, client(options, link.endpoint) as push:
        for each in words:
            push.send(each)
            assert pull.poll(LONG * 1000)
            pull.recv()
    return heard


def say_again(pull: zmq.Socket[Any], heard: Overheard) -> list[bytes]:
    """A stranger says what the client said, in its rhythm: each piece when the server has said as much as it had
    then. What is delivered."""
    due = came = 0
    with suppress(OSError), socket.create_connection(("127.0.0.1", _port(pull)), timeout=LONG) as conn:
        for way, data in heard.pieces:
            if way == "there":
                conn.sendall(data)
                continue
            due += len(data)
            while came < due and (answer := conn.recv(4096)):
                came += len(answer)
        conn.shutdown(socket.SHUT_WR)
        while conn.recv(4096):
            pass
    return _all(pull)


def _port(pull: zmq.Socket[Any]) -> int:
    return int(pull.last_endpoint.rpartition(b":")[2])


def turn_one_bit(pull: zmq.Socket[Any], options: Options, words: bytes) -> list[bytes]:
    """A client says this through a link that turns one bit of it; what is delivered."""
    with Link(pull.last_endpoint.decode()) as link, client(options, link.endpoint) as push:
        _turned(pull, link, push, words)
        return _all(pull)


def _turned(pull: zmq.Socket[Any], link: Link, push: zmq.Socket[Any], words: bytes) -> None:
    push.send(b"hello")
    assert pull.poll(LONG * 1000)
    pull.recv()
    time.sleep(CALM)
    link.flip()
    push.send(words)


def after_one_bit(lock: Lock, options: Options, *, watched: bool = False) -> int:
    """One bit of one message is turned; of so many that are sent after it (`AFTER`), how many are delivered. `watched`:
    the server has a monitor."""
    with server(lock) as pull:
        monitor = pull.get_monitor_socket() if watched else None
        with Link(pull.last_endpoint.decode()) as link, client(options, link.endpoint) as push:
            _turned(pull, link, push, b"pay 100")
            for number in range(AFTER):
                time.sleep(EVERY)
                push.send(b"%d" % number, zmq.DONTWAIT)
            delivered = _all(pull, OVER)
        if monitor is not None:
            pull.disable_monitor()
            monitor.close(linger=0)
    return len([each for each in delivered if each != b"pay 100"])
