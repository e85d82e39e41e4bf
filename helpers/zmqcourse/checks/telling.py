"""That others know by now what was done before: by order, and not by waiting for so long."""

from __future__ import annotations

from collections.abc import Iterable

import zmq

from ..trial import Trial


def all_is_told(t: Trial, sockets: Iterable[zmq.Socket] = ()) -> None:
    """All sockets here share one I/O thread: what it was told before these messages is done after them. `sockets`:
    those that have a part in it, and do it when they are next looked at."""
    ping, endpoint = t.bind(zmq.PAIR)
    pong = t.connect(zmq.PAIR, endpoint)
    for _ in range(10):
        for socket in sockets:
            socket.poll(0)
        t.send(ping, b"")
        t.receive(pong)
        pong.poll(1)
    ping.close(linger=0)
    pong.close(linger=0)


def gone(t: Trial, *sockets: zmq.Socket) -> None:
    """Their connections end, without a word as when a process is killed, and the other sides have been told."""
    for socket in sockets:
        socket.linger = 0
        socket.disconnect(socket.last_endpoint)
    all_is_told(t, sockets)
    for socket in sockets:
        socket.close(linger=0)
