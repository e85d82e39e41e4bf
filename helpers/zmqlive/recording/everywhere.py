"""`record()` reaches all of a process: what pyzmq is asked for sockets from, wherever the program does it.

`running` are the recorders that want them; the innermost gets them. `alive` are all recorders, which have to let go of
a context that ends, and of everything in a forked child.

asyncio takes as long to import as all of the record. What concerns its sockets is put in place when pyzmq's own module
of them is imported, by whomever, and not before.
"""

from __future__ import annotations

import os
import sys
import weakref
from collections.abc import Callable
from typing import Any, Protocol

import zmq

from .hooks import when_imported
from .log import Log
from .names import INNER, machinery, notebook
from .noted import Noted
from .sockets import Context, Recording, recorded


class Taking(Recording, Protocol):
    """What is asked of a recorder here."""

    def adopt(self, socket: Any) -> Any: ...
    def let_go(self, context: int, *, over: bool = False) -> None: ...
    def abandon(self) -> None: ...


running: list[Taking] = []
alive: weakref.WeakSet[Taking] = weakref.WeakSet()
_plain_socket, _plain_init, _plain_term = zmq.Context.socket, zmq.Socket.__init__, zmq.Context.term
_ASYNC = "zmq._future"      # asyncio's and tornado's sockets


def asynchronous(kind: type) -> bool:
    """Whether sockets of this class give futures."""
    module = sys.modules.get(_ASYNC)
    return module is not None and issubclass(kind, getattr(module, "_AsyncSocket", ()))


def recorded_class(base: Any, log: Log) -> Any:
    """A class for one socket, of whichever kind."""
    if asynchronous(base):
        from .aio import recorded_async
        return recorded_async(base, log)
    return recorded(base, log)


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
    if not asynchronous(type(self)):
        _take(self)


def _catch_async(module: Any) -> None:
    """Called once pyzmq's module of asyncio's sockets is there."""
    plain: Callable[..., None] = module._AsyncSocket.__init__

    def init(self: Any, *args: Any, **kwargs: Any) -> None:
        plain(self, *args, **kwargs)
        _take(self)

    module._AsyncSocket.__init__ = init


def _take(socket: zmq.Socket) -> None:
    """Record a socket that was made directly, or one more for the handle of a recorded one (a shadow)."""
    if isinstance(socket, Noted):
        return
    if not socket._shadow:
        if running and not machinery() and not notebook():
            running[-1].adopt(socket)
    elif isinstance(original := socket._shadow_obj, Noted) and not asynchronous(type(socket)) \
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
when_imported(_ASYNC, _catch_async)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_in_child)
