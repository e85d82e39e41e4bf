"""pyzmq's `Context` and `Socket`, recorded.

They are pyzmq's in every respect: the same types, options, flags, errors and blocking; no frame is added, no socket
opened beside. All that differs is that each call leaves an entry in a `Log`.

Why a class for each socket: pyzmq's sockets look attributes up through `__getattr__`, which makes `self.log` cost a
quarter of a send. In a class of its own, the log is a closure's variable, and recording costs less than the
indirection that calling the backend directly saves. (A closure in the instance's own dict would be as fast, but it
refers back to the socket, and a dropped socket would no longer close at once.)
"""

from __future__ import annotations

from collections.abc import Callable
from threading import get_ident
from typing import Any, Protocol

import zmq
from zmq.backend import Socket as Backend

from ..trace import WHOLE
from .log import MASK, Log, now, shorten

_SNDMORE, _DONTWAIT, _RCVMORE = int(zmq.SNDMORE), int(zmq.DONTWAIT), int(zmq.RCVMORE)
_NOTED = {int(o): o.name for o in (zmq.SUBSCRIBE, zmq.UNSUBSCRIBE, zmq.ROUTING_ID, zmq.CONFLATE, zmq.REQ_CORRELATE,
                                   zmq.REQ_RELAXED, zmq.ROUTER_MANDATORY)}
_WORTH_NOTING = 100_000     # ns: a shorter wait in poll is not waiting
_FORGET = bool              # of a sampled frame the length is not kept
_LONG_BLOCK = 5_000_000     # ns: shorter ones are not noted while counting, when thousands come a second


class WrongThread(zmq.ZMQError):
    """A stage's socket was used by another thread than the one that made it, which can end the whole process."""

    def __init__(self) -> None:
        super().__init__(zmq.EFAULT, "a socket belongs to the thread that made it; make one in each thread "
                                     "(they may share the context)")


def _check(log: Log) -> None:
    if log.owner != get_ident():
        raise WrongThread


def looks(base: type[zmq.Socket]) -> dict[str, str]:
    """What makes a recorded socket print as `base` does: pyzmq looks for it in the class itself, not in its parents."""
    return {"_repr_cls": base.__dict__["_repr_cls"]} if "_repr_cls" in base.__dict__ else {}


def recorded(base: type[zmq.Socket], log: Log) -> type[zmq.Socket]:
    """A class for one socket: `base` with every send and receive written to `log`."""
    bsend, brecv, bget, again = Backend.send, Backend.recv, Backend.get, zmq.Again
    # Bound once: these run a million times a second.
    send_at, send_frame, send_size = log.send_at.append, log.send_frame.append, log.send_sizes.append
    recv_from, recv_at, recv_frame = log.recv_from.append, log.recv_at.append, log.recv_frame.append
    recv_size, sample, multipart = log.recv_sizes.append, log.samples.append, log.multipart

    def send(self, data, flags=0, copy=True, track=False, routing_id=None, group=None):
        if flags or routing_id is not None or group is not None:
            return send_special(self, data, flags, copy, track, routing_id, group)
        if log.counting:
            try:
                result = bsend(self, data, 1, copy, track)
            except again:
                result = send_blocked(self, data, 0, copy, track)
            n = log.sent = log.sent + 1
            if not n & MASK:
                sample(("s", n, now(), shorten(data, _FORGET)))
                if log.blocked:
                    unblocked()
            return result
        if log.owner:
            _check(log)
        at = now()  # before the send: the receiver may run first
        try:
            result = bsend(self, data, 1, copy, track)
        except again:
            result = send_blocked(self, data, 0, copy, track)
            at = now()
        if log.blocked:
            unblocked()
        log.sent += 1
        send_at(at)
        if data.__class__ is bytes:
            if len(data) <= WHOLE:
                send_frame(data)
            else:
                send_size(len(data))
                send_frame(data[:32] + data[-33:])
        else:
            send_frame(shorten(data, send_size))    # a Frame stays readable: pyzmq sends a copy of its handle
        return result

    def send_blocked(self, data, flags, copy, track):
        """The send that found no room: now wait as pyzmq would, and write down from when to when."""
        counting = log.counting
        began = log.blocked = log.blocked or now()
        if not counting:
            log.notes.append((began, "block"))
        try:
            return bsend(self, data, flags, copy, track)
        finally:
            log.blocked = 0
            if not counting:
                log.notes.append((now(), "free"))
            elif now() - began > _LONG_BLOCK:
                log.notes += [(began, "block"), (now(), "free")]

    def send_special(self, data, flags, copy, track, routing_id, group):
        """Flags, and the draft sockets' routing id and group."""
        if log.owner:
            _check(log)
        flags = int(flags)
        more = flags & _SNDMORE
        if more:
            multipart.on = True
        at = now()
        try:
            if routing_id is not None or group is not None:
                result = base.send(self, data, flags, copy, track, routing_id, group)
            else:
                result = bsend(self, data, flags | _DONTWAIT, copy, track)
        except again:
            if flags & _DONTWAIT:
                if not log.blocked:     # the first refusal of a row: the socket has no room
                    log.blocked = at
                    log.notes.append((at, "block"))
                raise
            result = send_blocked(self, data, flags, copy, track)
            at = now()
        if log.blocked:
            unblocked()
        if not more:
            log.sent += 1
        if not log.counting:
            kept = shorten(data, send_size)
            send_at(at)
            send_frame((kept,) if more else kept)
        elif not (more or log.sent & MASK):
            sample(("s", log.sent, now(), shorten(data, _FORGET)))
        return result

    def unblocked():
        """A send went through after one that had been refused with EAGAIN."""
        log.blocked = 0
        log.notes.append((now(), "free"))

    def recv(self, flags=0, copy=True, track=False):
        if log.counting:
            log.asked = 1
            frame = brecv(self, flags, copy, track)
            log.asked = 0
            if not (multipart.on and bget(self, _RCVMORE)):
                n = log.received = log.received + 1
                if not n & MASK:
                    sample(("r", n, now(), shorten(frame, _FORGET)))
            return frame
        if log.owner:
            _check(log)
        log.asked = since = now()
        try:
            frame = brecv(self, flags, copy, track)
        except again:
            waited(since)
            raise
        at = now()
        if frame.__class__ is bytes:
            if len(frame) <= WHOLE:
                kept = frame
            else:
                recv_size(len(frame))
                kept = frame[:32] + frame[-33:]
        else:
            kept = shorten(frame, recv_size)
        if multipart.on and bget(self, _RCVMORE):
            kept = (kept,)
        else:
            log.received += 1
        recv_from(since)
        recv_at(at)
        recv_frame(kept)
        return frame

    def recv_into(self, buffer, /, *, nbytes=0, flags=0):
        if log.owner:
            _check(log)
        log.asked = since = now()
        n = base.recv_into(self, buffer, nbytes=nbytes, flags=flags)
        if log.counting:
            log.received += not bget(self, _RCVMORE)
        else:
            at, kept = now(), shorten(memoryview(buffer).cast("B")[:n], recv_size)
            more = bget(self, _RCVMORE)
            log.received += not more
            recv_from(since)
            recv_at(at)
            recv_frame((kept,) if more else kept)
        return n

    def waited(since):
        if now() - since > _WORTH_NOTING:
            log.notes.append((since, "wait", now()))

    namespace = {"send": send, "recv": recv, "_log": log, "__slots__": (), "__module__": base.__module__,
                 "__doc__": base.__doc__, "_waited": staticmethod(waited)} | looks(base)
    if hasattr(base, "recv_into"):
        namespace["recv_into"] = recv_into
    return type(base.__name__, (_Noted, base), namespace)


class _Noted(zmq.Socket):
    """The rare calls: each is pyzmq's own, and a note."""

    _log: Log
    _waited: Any
    _noted_close = False

    def bind(self, addr: str) -> Any:
        done = super().bind(addr)
        self._log.note("bind", self.last_endpoint.decode(), self.sndhwm, self.rcvhwm)
        return done

    def connect(self, addr: str) -> Any:
        done = super().connect(addr)
        self._log.note("connect", _text(addr), self.sndhwm, self.rcvhwm)
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

    setsockopt = set

    def close(self, linger: int | None = None) -> None:
        if not self.closed and not self._noted_close:
            self.__dict__["_noted_close"] = True
            self._log.note("close")
        handler = getattr(self.context, "on_close", None)
        if handler is None or self.closed or not handler(self, linger):
            super().close(linger)


def owner_of(socket: zmq.Socket) -> int:
    """The thread that may use a recorded socket; 0 where pyzmq's own rules hold."""
    return socket._log.owner


def _text(addr: str | bytes) -> str:
    return addr.decode() if isinstance(addr, bytes) else addr


class Recording(Protocol):
    """What a context needs of a recorder: what makes its sockets, each with a log."""

    def socket_maker(self, context: Any, base: Any) -> Callable[..., Any]: ...


class Context(zmq.Context):
    """`zmq.Context` whose sockets are recorded by `recorder` (a new one when it is not given).

    `Context.recorder` is the `Recorder`; everything else is pyzmq's.
    """

    _repr_cls = "zmq.Context"
    _instance = None
    recorder: Recording | None = None
    new_recorder: Callable[[], Recording]       # handed in by the module of the recorder
    on_close: Any = None        # a stage's own way of closing a socket: returns whether it is done

    def __init__(self, *args: Any, recorder: Recording | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.__dict__["recorder"] = recorder or self.new_recorder()

    def socket(self, socket_type: int, socket_class: Any = None, **kwargs: Any) -> Any:
        make = self.recorder.socket_maker(self, socket_class or self._socket_class)
        return super().socket(socket_type, socket_class=make, **kwargs)
