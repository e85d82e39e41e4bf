"""The asyncio variant: `zmq.asyncio`'s context and sockets, recorded.

An asyncio socket does its sending and receiving through a plain socket on the same handle; that one is recorded.
"""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any

import zmq
import zmq.asyncio

from .log import now
from .noted import Closing, Noted, shortcuts
from .sockets import Context, looks, recorded

if TYPE_CHECKING:
    from .log import Log


def recorded_async(base: type[zmq.asyncio.Socket], log: Log) -> type[zmq.asyncio.Socket]:
    """A class for one asyncio socket: `base`, whose inner socket writes to `log`."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        base.__init__(self, *args, **kwargs)
        record_inner(self)

    def record_inner(self) -> None:
        if type(self._shadow_sock) is zmq.Socket:
            inner = recorded(zmq.Socket, log)
            self._shadow_sock = inner.shadow(self.underlying)
        me = weakref.ref(self)
        log.pending = lambda: bool((socket := me()) and socket._recv_futures)

    def over(since: int, in_vain: bool = True) -> None:
        """Waiting happens in the event loop, not in a call."""
        log.ended(now(), in_vain)

    return type(base.__name__, (Closing, base, Noted), {
        "__init__": __init__, "_record_inner": record_inner, "_log": log, "_over": staticmethod(over),
        "__module__": base.__module__} | shortcuts(base, {}) | looks(base))


class AsyncContext(Context, zmq.asyncio.Context):
    """`zmq.asyncio.Context` whose sockets are recorded. `AsyncContext(ctx)` shares the sockets' world of `ctx`."""

    _repr_cls = "zmq.asyncio.Context"
    _socket_class = zmq.asyncio.Socket
    _instance = None
