"""A recorded socket's rare calls: each is pyzmq's own, and a note. Calls that would go past the record are led to it.

They stand right above pyzmq's backend, below every class that a program makes of `zmq.Socket`: what a socket's own
`bind` or `connect` makes of an address is what is written down.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import zmq
from zmq.backend import Socket as Backend

from .log import Log

_NOTED = {int(o): o.name for o in (zmq.SUBSCRIBE, zmq.UNSUBSCRIBE, zmq.ROUTING_ID, zmq.CONFLATE, zmq.REQ_CORRELATE,
                                   zmq.REQ_RELAXED, zmq.ROUTER_MANDATORY, zmq.ROUTER_HANDOVER)}
# What takes effect with the next bind or connect only (man page zmq_setsockopt). The marks change what is there too, as
# far as this socket's own queues go, and nothing of what a peer has already accepted.
_BEFORE = {int(getattr(zmq, name)): name for name in (
    "SNDHWM", "RCVHWM", "ROUTING_ID", "CONFLATE", "IMMEDIATE", "IPV6", "SNDBUF", "RCVBUF", "CURVE_SERVER",
    "CURVE_SERVERKEY", "CURVE_PUBLICKEY", "CURVE_SECRETKEY", "PLAIN_SERVER", "PLAIN_USERNAME", "PLAIN_PASSWORD",
    "HEARTBEAT_IVL", "RECONNECT_IVL", "RECONNECT_IVL_MAX", "TCP_KEEPALIVE")}


class Noted(Backend):
    """What lies between `zmq.Socket` and pyzmq's backend in a recorded socket."""

    __slots__ = ()
    _log: Log
    _over: Any          # (since, in vain): an ask for a message has come to its end

    def bind(self, addr: str) -> Any:
        if watch := self._log.watch:
            watch(self, self._log, addr, False)
        done = super().bind(addr)
        self._log.note("bind", super().get(zmq.LAST_ENDPOINT).rstrip(b"\0").decode(), *self._marks())
        return done

    def connect(self, addr: str) -> Any:
        if watch := self._log.watch:
            watch(self, self._log, addr, True)
        done = super().connect(addr)
        self._log.note("connect", _text(addr), *self._marks())
        return done

    def unbind(self, addr: str) -> None:
        super().unbind(addr)
        self._log.note("unbind", _text(addr))

    def disconnect(self, addr: str) -> None:
        super().disconnect(addr)
        self._log.note("disconnect", _text(addr))

    def set(self, option: int, optval: Any) -> None:
        super().set(option, optval)
        name = _NOTED.get(int(option))
        if name:
            self._log.note(name, optval if isinstance(optval, (bytes, int)) else bytes(optval))
        if int(option) in _BEFORE and super().get(zmq.LAST_ENDPOINT).rstrip(b"\0"):
            self._log.note("late", _BEFORE[int(option)])

    def _marks(self) -> tuple[int, int]:
        return Backend.get(self, zmq.SNDHWM), Backend.get(self, zmq.RCVHWM)

    def monitor(self, addr: str | None, events: int = zmq.EVENT_ALL) -> None:
        """A socket has one monitor, and the program's own goes first: its connections' states are unknown then."""
        if self._log.unwatch:
            self._log.unwatch(self._log)
            self._log.watch = None
            self._log.note("unwatched")
        super().monitor(addr, events)


def is_recorded(socket: Any) -> bool:
    """Whether what this socket does is written down."""
    return isinstance(socket, Noted)


class Closing(zmq.Socket):
    """Above the program's own class: a socket that closes is noted, and may be kept open in secret (see `linger`)."""

    _noted_close = False

    def close(self, linger: int | None = None) -> None:
        if not self.closed and not self._noted_close and not self._shadow:
            self.__dict__["_noted_close"] = True
            if self._log.unwatch:
                self._log.unwatch(self._log)
            self._log.note("close", False, _linger(self, linger))
        self._log.shut = True
        handler = getattr(self.context, "on_close", None)
        if handler is None or self.closed or not handler(self, linger):
            super().close(linger)


def closes_itself(socket: zmq.Socket) -> bool:
    """Whether its class has a way of closing of its own, which must not be passed over."""
    return any("close" in vars(kind) for kind in type(socket).__mro__
               if issubclass(kind, zmq.Socket) and kind not in (zmq.Socket, Closing))


def _linger(socket: zmq.Socket, given: int | None) -> int:
    try:
        return int(Backend.get(socket, zmq.LINGER)) if given is None else given
    except zmq.ZMQError:        # its context is gone, and what it still held went with it
        return 0


def _text(addr: str | bytes) -> str:
    return addr.decode() if isinstance(addr, bytes) else addr


_FACTS = {"bind", "connect", "unbind", "disconnect", "SUBSCRIBE", "ROUTING_ID", "ROUTER_HANDOVER", "late", "error",
         "forked", "spins", "term", "termed", "close"}
Fact = tuple[float, str, str]


def facts(notes: list[tuple[Any, ...]], opened: int, context: Any, seconds: Callable[[int], float]) -> tuple[Fact, ...]:
    """The first is the context that it belongs to, which is told by a number."""
    told = [(seconds(t), what, " ".join(map(_text, more[:1] if what in ("bind", "connect") else more)))
            for t, what, *more in notes if what in _FACTS]
    return (seconds(opened), "context", str(context)), *told


def _text(value: Any) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


# --- calls that would go past the record

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
