"""`record()` reaches all of a process: what pyzmq is asked for sockets from, wherever the program does it.

`running` are the recorders that want them; the innermost gets them. `alive` are all recorders, which have to let go of
a context that ends, and of everything in a forked child.
"""

from __future__ import annotations

import os
import weakref
from typing import Any, Protocol

import zmq
from zmq._future import _AsyncSocket  # asyncio's and tornado's

from .aio import recorded_async
from .callers import INNER, machinery, notebook
from .log import Log
from .noted import Noted
from .sockets import Context, Recording, recorded


class Taking(Recording, Protocol):
    """What is asked of a recorder here."""

    def adopt(self, socket: Any) -> Any: ...
    def let_go(self, context: int, *, over: bool = False) -> None: ...
    def abandon(self) -> None: ...


running: list[Taking] = []
alive: weakref.WeakSet[Taking] = weakref.WeakSet()
_plain_socket, _plain_init, _plain_async = zmq.Context.socket, zmq.Socket.__init__, _AsyncSocket.__init__
_plain_term = zmq.Context.term


def recorded_class(base: Any, log: Log) -> Any:
    """A class for one socket, of whichever kind."""
    return (recorded_async if issubclass(base, _AsyncSocket) else recorded)(base, log)


def give_class(socket: Any, log: Log) -> None:
    """A socket that exists becomes a recorded one."""
    object.__setattr__(socket, "__class__", recorded_class(type(socket), log))
    getattr(socket, "_record_inner", int)()


def _socket(self: zmq.Context, socket_type: int, socket_class: Any = None, **kwargs: Any) -> Any:
    """`zmq.Context.socket`, which asks a running `record` for its kind of socket."""
    if running and not isinstance(self, Context) and not machinery() and not notebook():
        socket_class = running[-1].socket_maker(self, socket_class or self._socket_class)
    return _plain_socket(self, socket_type, socket_class=socket_class, **kwargs)


def _init(self: zmq.Socket, *args: Any, **kwargs: Any) -> None:
    """`zmq.Socket(context, type)`: a socket that no context was asked for. (An asyncio socket is not ready here.)"""
    _plain_init(self, *args, **kwargs)
    if not isinstance(self, _AsyncSocket):
        _take(self)


def _init_async(self: _AsyncSocket, *args: Any, **kwargs: Any) -> None:
    _plain_async(self, *args, **kwargs)
    _take(self)


def _take(socket: zmq.Socket) -> None:
    """Record a socket that was made directly, or one more for the handle of a recorded one (a shadow)."""
    if isinstance(socket, Noted):
        return
    if not socket._shadow:
        if running and not machinery() and not notebook():
            running[-1].adopt(socket)
    elif isinstance(original := socket._shadow_obj, Noted) and not isinstance(socket, _AsyncSocket) \
            and not machinery(INNER):
        give_class(socket, original._log)


def _term(self: zmq.Context) -> None:
    """`zmq.Context.term`, which waits until all sockets are closed: ours are in its way."""
    if self.closed or self._shadow:
        return _plain_term(self)
    context = self.underlying
    for recorder in list(alive):
        recorder.let_go(context)
    _plain_term(self)
    for recorder in list(alive):
        recorder.let_go(context, over=True)


def _forget_in_child() -> None:
    """In a forked child nobody reads the record: its sockets are plain from here on, and those that it has inherited
    only count."""
    running.clear()
    for recorder in list(alive):
        recorder.abandon()


zmq.Context.socket = _socket  # type: ignore[method-assign]
zmq.Context.term = _term  # type: ignore[method-assign]
zmq.Socket.__init__ = _init  # type: ignore[method-assign]
_AsyncSocket.__init__ = _init_async  # type: ignore[method-assign]
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_in_child)
