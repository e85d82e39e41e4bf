"""Which of a program's calls on a socket would go past the record, and how they are led to it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import zmq
from zmq.backend import Socket as Backend

from .noted import Noted


def shortcuts(base: type[zmq.Socket], calls: dict[str, Any]) -> dict[str, Any]:
    """Calls that the program's class leaves to pyzmq go straight to the record; so do pyzmq's second names of
    `set` and `get`, which would go past it."""
    own = {name for name in calls if getattr(base, name) is not _pyzmqs[name]}
    if own - {"get"}:
        _catch_calls_by_name()
    aliases = {alias: calls.get(name) or getattr(Noted, name)
               for alias, name in (("setsockopt", "set"), ("getsockopt", "get"))
               if getattr(base, alias) is _pyzmqs[alias] and getattr(base, name) is _pyzmqs[name]}
    return {name: call for name, call in calls.items() if name not in own} | aliases


_pyzmqs = {name: getattr(zmq.Socket, name, None)
           for name in ("send", "recv", "recv_into", "set", "get", "setsockopt", "getsockopt")}


def _catch_calls_by_name() -> None:
    """A class with its own `recv` may call `zmq.Socket.recv(self)`, which is the backend's: lead it to what lies
    between. (Only in a program that has such a class: a plain socket's call would become slower.)"""
    for name, below in (("recv", "recv"), ("recv_into", "recv_into"), ("setsockopt", "set"), ("getsockopt", "get")):
        if getattr(zmq.Socket, name, None) is getattr(Backend, below, ""):
            setattr(zmq.Socket, name, _detour(below))
            _pyzmqs[name] = getattr(zmq.Socket, name)


def _detour(name: str) -> Callable[..., Any]:
    def call(self: zmq.Socket, /, *args: Any, **kwargs: Any) -> Any:
        return getattr(super(zmq.Socket, self), name)(*args, **kwargs)
    return call
