"""pyzmq's `Context` and `Socket`, recorded.

They are pyzmq's in every respect: the same types, options, flags, errors and blocking; no frame is added. All that
differs is that each call leaves an entry in a `Log`. A class of the program's own is asked first: recording is what its
`super().send(…)` meets.

Why a class for each socket: pyzmq's sockets look attributes up through `__getattr__`, which makes `self.log` cost a
quarter of a send. In a class of its own, the log is a closure's variable, and recording costs less than the
indirection that calling the backend directly saves. (A closure in the instance's own dict would be as fast, but it
refers back to the socket, and a dropped socket would no longer close at once.)
"""

from __future__ import annotations

from collections.abc import Callable
from threading import current_thread, get_ident
from typing import Any, Protocol

import zmq
from zmq.backend import Socket as Backend

from ..trace import WHOLE
from .callers import machinery
from .log import AGAIN, MASK, Log, now, shorten
from .noted import Closing, Noted

_SNDMORE, _DONTWAIT, _RCVMORE = int(zmq.SNDMORE), int(zmq.DONTWAIT), int(zmq.RCVMORE)
_WORTH_NOTING = 100_000     # ns: a shorter wait in poll is not waiting
_FORGET = bool              # of a sampled frame the length is not kept
_MISTAKES = {int(getattr(zmq, name)): name for name in ("EFSM", "EHOSTUNREACH", "ENOTSUP")}
_TOLD = 20                  # mistakes that a socket notes
_LONG_BLOCK = 5_000_000     # ns: shorter ones are not noted while counting, when thousands come a second


class WrongThread(zmq.ZMQError):
    """A stage's socket was used by another thread than the one that made it, which can end the whole process."""

    def __init__(self) -> None:
        super().__init__(zmq.EFAULT, "a socket belongs to the thread that made it; make one in each thread "
                                     "(they may share the context)")


def _look(log: Log) -> int:
    """Which thread uses the socket? In a stage it must be the socket's own; elsewhere it is written down. Returns
    whether a send has been refused for want of room before."""
    me = get_ident()
    if log.owner:
        if log.owner != me:
            raise WrongThread
        return log.blocked
    log.careful -= 1
    if log.user != me:
        log.shared = log.shared or me in log.users      # one, another, and the first again: not just handed over
        log.user = me
        log.users[me] = current_thread().name
    return log.blocked


def looks(base: type[zmq.Socket]) -> dict[str, str]:
    """What makes a recorded socket print as `base` does: pyzmq looks for it in the class itself, not in its parents."""
    return {"_repr_cls": base.__dict__["_repr_cls"]} if "_repr_cls" in base.__dict__ else {}


def recorded(base: type[zmq.Socket], log: Log) -> type[zmq.Socket]:
    """A class for one socket: `base` with every send and receive written to `log`."""
    bsend, brecv, bget, again, ZMQError = Backend.send, Backend.recv, Backend.get, zmq.Again, zmq.ZMQError
    told: list[str] = []
    # Bound once: these run a million times a second.
    send_at, send_frame, send_size = log.send_at.append, log.send_frame.append, log.send_sizes.append
    recv_from, recv_at, recv_frame = log.recv_from.append, log.recv_at.append, log.recv_frame.append
    recv_size, sample, multipart = log.recv_sizes.append, log.samples.append, log.multipart

    def send(self, data, flags=0, copy=True, track=False, routing_id=None, group=None):
        if flags or routing_id is not None or group is not None:
            return send_special(self, data, flags, copy, track, routing_id, group)
        if log.careful and (log.blocked or log.owner != get_ident()) and _look(log):
            return send_special(self, data, flags, copy, track, routing_id, group)
        if log.counting:
            try:
                result = bsend(self, data, 1, copy, track)
            except again:
                result = send_blocked(self, data, 0, copy, track)
            except ZMQError as error:
                refused("send", error)
                raise
            n = log.sent = log.sent + 1
            if not n & MASK:
                sample(("s", n, now(), shorten(data, _FORGET)))
            return result
        at = now()  # before the send: the receiver may run first
        try:
            result = bsend(self, data, 1, copy, track)
        except again:
            result = send_blocked(self, data, 0, copy, track)
            at = now()
        except ZMQError as error:
            refused("send", error)
            raise
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
        """Flags, the draft sockets' routing id and group, and the first send after one that found no room."""
        if log.owner != get_ident():
            _look(log)
        if routing_id is not None or group is not None:
            return zmq.Socket.send(self, data, flags, copy, track, routing_id, group)   # and comes back without them
        flags = int(flags)
        more = flags & _SNDMORE
        if more:
            multipart.on = True
        at = now()
        try:
            result = bsend(self, data, flags | _DONTWAIT, copy, track)
        except again:
            if flags & _DONTWAIT:
                log.careful = max(log.careful, AGAIN)   # the next is to tell that there is room again
                if not log.blocked:     # the first refusal of a row: the socket has no room
                    log.blocked = at
                    log.notes.append((at, "block"))
                raise
            result = send_blocked(self, data, flags, copy, track)
            at = now()
        except ZMQError as error:
            refused("send", error)
            raise
        if log.blocked:     # this one went through after one that had been refused with EAGAIN
            log.blocked = 0
            log.notes.append((now(), "free"))
        if not more:
            log.sent += 1
        if not log.counting:
            kept = shorten(data, send_size)
            send_at(at)
            send_frame((kept,) if more else kept)
        elif not (more or log.sent & MASK):
            sample(("s", log.sent, now(), shorten(data, _FORGET)))
        return result

    def refused(call, error):
        """The program has made a mistake, or its peer is not there: that is noted, some times."""
        name = _MISTAKES.get(getattr(error, "errno", 0))
        if name and len(told) < _TOLD:
            told.append(name)
            log.note("error", call, name)

    def recv(self, flags=0, copy=True, track=False):
        if log.careful and log.owner != get_ident():
            _look(log)
        if log.counting:
            log.asked = 1
            try:
                frame = brecv(self, flags, copy, track)
            except BaseException as error:
                log.asked = now()
                over(log.asked, error.__class__ is again)
                refused("recv", error)
                raise
            log.asked = 0
            if not ((multipart.on or log.unsure) and has_more(self)):
                n = log.received = log.received + 1
                if not n & MASK:
                    sample(("r", n, now(), shorten(frame, _FORGET)))
            return frame
        log.asked = since = now()
        try:
            frame = brecv(self, flags, copy, track)
        except BaseException as error:
            over(since, error.__class__ is again)
            refused("recv", error)
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
        if (multipart.on or log.unsure) and has_more(self):
            kept = (kept,)
        else:
            log.received += 1
        recv_from(since)
        recv_at(at)
        recv_frame(kept)
        return frame

    def has_more(self):
        """Whether more of this message follows. Asking costs as much as two messages, so where no recorded socket has
        sent any such, it is asked now and then only: a peer outside the record may."""
        log.unsure = False
        log.told_more = bget(self, _RCVMORE)
        multipart.on = multipart.on or log.told_more
        return log.told_more

    def recv_into(self, buffer, /, *, nbytes=0, flags=0):
        """Into a buffer that may be too small, so the frame is received whole: what it was is then known."""
        view = memoryview(buffer)
        if self.closed or view.readonly or not view.contiguous or not 0 <= nbytes <= view.nbytes:
            return Backend.recv_into(self, buffer, nbytes=nbytes, flags=flags)      # which is refused in pyzmq's words
        frame = recv(self, flags, False)
        n = min(len(frame), nbytes or view.nbytes)
        view.cast("B")[:n] = frame.buffer.cast("B")[:n]
        return len(frame)

    def more():
        """The program itself has found that more follows what had been taken for a whole message."""
        multipart.on = log.told_more = True
        log.received -= 1
        if not log.counting and log.recv_frame:     # else it has just been collected, once a socket at most
            log.recv_frame[-1] = (log.recv_frame[-1],)

    def over(since, in_vain=True):
        t = now()
        log.ended(t, in_vain)
        if t - since > _WORTH_NOTING:
            log.notes.append((since, "wait", t))

    calls = {"send": send, "recv": recv} | ({"recv_into": recv_into} if hasattr(Backend, "recv_into") else {})
    below = type(base.__name__, (Noted,), calls | {"__slots__": (), "_more": staticmethod(more)})
    return type(base.__name__, (Closing, base, below), {
        "_log": log, "_over": staticmethod(over), "__slots__": (), "__module__": base.__module__,
        "__doc__": base.__doc__} | shortcuts(base, calls) | looks(base))


def shortcuts(base: type[zmq.Socket], calls: dict[str, Any]) -> dict[str, Any]:
    """Calls that the program's class leaves to pyzmq go straight to the record; so do pyzmq's second names of
    `set` and `get`, which would go past it."""
    own = {name for name in calls if getattr(base, name) is not _pyzmqs[name]}
    if own:
        _catch_calls_by_name()
    aliases = {alias: getattr(Noted, name) for alias, name in (("setsockopt", "set"), ("getsockopt", "get"))
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


def owner_of(socket: zmq.Socket) -> int:
    """The thread that may use a recorded socket; 0 where pyzmq's own rules hold."""
    return socket._log.owner if isinstance(socket, Noted) else 0


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
        make = socket_class or self._socket_class
        if not machinery():
            make = self.recorder.socket_maker(self, make)
        return super().socket(socket_type, socket_class=make, **kwargs)
