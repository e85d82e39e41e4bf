"""Values and sockets as a learner would write them, for a verdict's sentences."""

from __future__ import annotations

import zmq


def show(value: object) -> str:
    """A value as it would be written in a cell, shortened."""
    if isinstance(value, zmq.Context):
        return "ctx"
    if isinstance(value, zmq.Socket):
        return "socket" if value.closed else f"{socket_name(value)} socket"
    text = repr(value) if not callable(value) else getattr(value, "__name__", repr(value))
    return text if len(text) <= 80 else text[:60] + " … " + text[-15:]


def socket_name(socket: zmq.Socket) -> str:
    """The socket's type as written in code: "PUSH"."""
    return zmq.SocketType(socket.type).name
