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

from .log import AGAIN, MASK, Log, now
from .names import machinery
from .noted import Closing, Noted, shortcuts
from .packed import HELD, MANY, ends, shorten
from .packed.native import fast

_SNDMORE, _DONTWAIT, _RCVMORE = int(zmq.SNDMORE), int(zmq.DONTWAIT), int(zmq.RCVMORE)
_WORTH_NOTING = 100_000     # ns: a shorter wait in poll is not waiting
_AT_ONCE = 10_000           # ns: a receive that takes longer has waited
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
    send_at, send_frame, recv_at, recv_frame = log.send_at, log.send_frame, log.recv_at, log.recv_frame
    sample, multipart = log.samples.append, log.multipart
    prompt = False      # the last receive found a message there: the next one asks the clock once only

    def send(self, data, flags=0, copy=True, track=False, routing_id=None, group=None):
        if flags or track or not copy or routing_id is not None or group is not None or (
                log.careful and (log.blocked or log.owner != get_ident()) and _look(log)):
            return send_special(self, data, flags, copy, track, routing_id, group)
        if log.counting:
            try:
                bsend(self, data, 1)
            except again:
                send_blocked(self, data, 0, copy, track)
            except ZMQError as error:
                refused("send", error)
                raise
            n = log.n_sent = log.n_sent + 1
            if not n & MASK:
                sample_sent(data)
            return None
        at = now()  # before the send: the receiver may run first
        try:
            bsend(self, data, 1)
        except again:
            send_blocked(self, data, 0, copy, track)
            at = now()
        except ZMQError as error:
            refused("send", error)
            raise
        send_at.append(at)
        if type(data) is bytes and len(data) <= HELD and len(send_frame) < MANY:
            send_frame.append(data)
        else:
            send_frame.append(shorten(data))    # a Frame stays readable: pyzmq sends a copy of its handle
        return None

    def sample_sent(data):
        """One message of many was sent that are only counted."""
        if not (n := log.all_sent()) & MASK:
            sample(("s", n, now(), data if type(data) is bytes and len(data) <= HELD else ends(data)))

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
        if log.careful and log.owner != get_ident():
            _look(log)
        if routing_id is not None or group is not None:
            return zmq.Socket.send(self, data, flags, copy, track, routing_id, group)   # and comes back without them
        flags = int(flags)
        more = flags & _SNDMORE
        if more:
            multipart.turn_on()
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
        if not log.counting:
            log.put_sent(at, (shorten(data),) if more else shorten(data))
        elif not more:
            log.n_sent += 1
            sample_sent(data)
        return result

    def refused(call, error):
        """The program has made a mistake, or its peer is not there: that is noted, some times."""
        name = _MISTAKES.get(getattr(error, "errno", 0))
        if name and len(told) < _TOLD:
            told.append(name)
            log.note("error", call, name)

    def recv(self, flags=0, copy=True, track=False):
        nonlocal prompt
        if not prompt or flags or not copy or (log.careful and log.owner != get_ident()):
            return recv_special(self, flags, copy, track)
        try:
            frame = brecv(self, 1)
        except ZMQError:
            prompt = False
            return recv_special(self, flags, copy, track)       # as if nothing had been tried
        if log.counting:
            n = log.n_received + 1
            if log.unsure or not n & MASK:
                count(self, frame)
            else:
                log.n_received = n
        elif log.unsure or len(frame) > HELD or len(recv_frame) >= MANY:
            keep(self, now(), frame)
        else:
            recv_at.append(now())
            recv_frame.append(frame)
        return frame

    def recv_special(self, flags, copy, track):
        """A receive that may have to wait, or is none of the plain ones."""
        nonlocal prompt
        if log.careful and log.owner != get_ident():
            _look(log)
        counting = log.counting
        since = now()
        log.asked = 1 if counting else since
        try:
            frame = brecv(self, flags, copy, track)
        except BaseException as error:
            if counting:
                log.asked = since = now()
            over(since, error.__class__ is again)
            refused("recv", error)
            raise
        at = now()
        prompt = at - since < _AT_ONCE
        if counting:
            log.asked = 0
            count(self, frame)
            return frame
        keep(self, (since, at), frame)
        return frame

    def keep(self, at, frame):
        """A frame was received at, or (asked for, received) at."""
        kept = shorten(frame)
        log.put_received(at, (kept,) if log.unsure and has_more(self) else kept)

    def count(self, frame):
        """A frame was received while messages are only counted."""
        if not (log.unsure and has_more(self)):
            log.n_received += 1
            if not (n := log.all_received()) & MASK:
                sample(("r", n, now(), frame if type(frame) is bytes and len(frame) <= HELD else ends(frame)))

    def has_more(self):
        """Whether more of this message follows. Asking costs as much as two messages, so where no recorded socket has
        sent any such, it is asked now and then only: a peer outside the record may."""
        log.unsure = False
        log.told_more = bool(bget(self, _RCVMORE))
        if log.told_more:
            multipart.turn_on()
        if multipart.on:
            log.unsure = True
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

    def get(self, option):
        value = bget(self, option)
        if value and option == _RCVMORE and not log.told_more:
            more()
        return value

    def more():
        """The program itself has found that more follows what had been taken for a whole message."""
        multipart.turn_on()
        log.told_more = True
        log.n_received -= 1
        if not log.counting:
            log.more()

    def over(since, in_vain=True):
        t = now()
        log.ended(t, in_vain)
        if t - since > _WORTH_NOTING:
            log.notes.append((since, "wait", t))

    if log.pages:
        send = fast.Send(log, log.pages[0], send, over, multipart)
        recv = fast.Receive(log, log.pages[1], recv, over, multipart)
        get = fast.Get(log, log.pages[1], get, over, multipart)
    calls = {"send": send, "recv": recv, "get": get}
    if hasattr(Backend, "recv_into"):
        calls["recv_into"] = recv_into
    below = type(base.__name__, (Noted,), calls | {"__slots__": ()})
    return type(base.__name__, (Closing, base, below), {
        "_log": log, "_over": staticmethod(over), "__slots__": (), "__module__": base.__module__,
        "__doc__": base.__doc__} | shortcuts(base, calls) | looks(base))


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
