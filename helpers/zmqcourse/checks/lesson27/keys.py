"""Sockets with keys, as the checks of this lesson make them; every key is new."""

from __future__ import annotations

from typing import Any, NamedTuple

import zmq
from zmq.utils.monitor import recv_monitor_message

from ...exercise import CheckFailed
from ...trial import Trial

PATIENCE = 5.0  # quiet seconds for what takes milliseconds on a quiet machine
IN = zmq.EVENT_HANDSHAKE_SUCCEEDED
OUT = (
    zmq.EVENT_HANDSHAKE_FAILED_AUTH
    | zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL
    | zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL
    | zmq.EVENT_DISCONNECTED
)


class Key(NamedTuple):
    public: bytes
    secret: bytes

    @classmethod
    def new(cls) -> Key:
        if not zmq.has("curve"):
            raise CheckFailed("this ZeroMQ was built without CURVE; one that `pip install pyzmq` brings has it", "")
        return cls(*zmq.curve_keypair())


def server(key: Key) -> dict[str, Any]:
    """Options of a socket that has this key."""
    return {"curve_server": 1, "curve_secretkey": key.secret}


def client(mine: Key, theirs: bytes) -> dict[str, Any]:
    """Options of one that comes with this key, and knows that public one of the server."""
    return {"curve_serverkey": theirs, "curve_publickey": mine.public, "curve_secretkey": mine.secret}


def comes(t: Trial, endpoint: str, kind: int = zmq.PUSH, **options: Any) -> zmq.Socket[Any]:
    """A socket of the check's that connects; it has a monitor, which `let_in` asks."""
    socket = t.socket(kind, linger=0, **options)
    socket.watch = socket.get_monitor_socket(IN | OUT)
    t._sockets.callback(socket.watch.close, linger=0)
    t._sockets.callback(socket.disable_monitor)
    socket.connect(endpoint)
    return socket


def let_in(t: Trial, socket: zmq.Socket[Any], *, tried: str, said: str, expected: str) -> bool:
    """Whether its next handshake succeeded. Raises `Late`, saying `said`, when it comes to no end."""
    found: list[int] = []

    def told() -> bool:
        while socket.watch.poll(0):
            found.append(int(recv_monitor_message(socket.watch)["event"]))
        return bool(found)

    t.wait(told, seconds=PATIENCE, expected=f"{expected} ({tried})", said=said)
    return found[0] == IN
