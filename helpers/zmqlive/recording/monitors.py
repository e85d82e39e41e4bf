"""What happens on a socket's connections, told by the socket itself: libzmq's monitor events.

Off the hot path: libzmq's own threads write the events, the recorder's thread reads them (some 30 times a second), and
no message is touched. Each watched socket has two more inside libzmq, the monitor's and its reader, with a descriptor
each; so only so many are watched at a time, over tcp and ipc only (inproc has no events).

A monitor whose reader is gone would block libzmq: it is always told to stop before its reader is closed.
"""

from __future__ import annotations

import contextlib
import struct
import threading
import weakref
from typing import Any

import zmq
from zmq.backend import Socket as Backend
from zmq.backend import zmq_poll

from ..trace import place
from .log import Log

MOST = 100      # sockets watched at a time
CONNECTING, UP, REFUSED, GONE, RETRYING = "connecting", "up", "refused", "gone", "retrying"
_TRANSPORTS = ("tcp:", "ipc:")
_FAILED = zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL | zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL | zmq.EVENT_HANDSHAKE_FAILED_AUTH
_EVENTS = (zmq.EVENT_CONNECTED | zmq.EVENT_CONNECT_DELAYED | zmq.EVENT_CONNECT_RETRIED | zmq.EVENT_DISCONNECTED
           | zmq.EVENT_CLOSED | zmq.EVENT_HANDSHAKE_SUCCEEDED | _FAILED)
# Told of a message that it could not decrypt, libzmq 4.3.5 tells a monitor before it looks at its errno, which that has
# changed: the connection stays, and nothing comes over it any more. Without a monitor it is closed, and made again.
_DEAFENS = zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL


class Monitors:
    """The monitors of one recorder's sockets. Any thread may call; a lock keeps the readers to one at a time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open: dict[int, _Monitor] = {}        # by the log's id
        self._most = _room()

    def watch(self, socket: Any, log: Log, addr: str | bytes, connecting: bool) -> None:
        """Called before a bind or connect, in the socket's thread: from here on its notes tell what comes of it."""
        endpoint = addr.decode() if isinstance(addr, bytes) else addr
        if not endpoint.startswith(_TRANSPORTS):
            return
        with self._lock:
            monitor = self._open.get(log.id)
            if monitor is None:
                if len(self._open) >= min(self._most, socket.context.get(zmq.MAX_SOCKETS) // 8):
                    return
                try:
                    monitor = self._open[log.id] = _Monitor(socket, log)
                except zmq.ZMQError:        # no descriptors are left: this socket's connections stay unknown
                    return
                log.note("watched")
            if connecting:
                monitor.connects[place(endpoint, 0)] = endpoint

    def drain(self) -> None:
        """Write down what has happened."""
        with self._lock:
            if not self._open:
                return
            try:
                ready = zmq_poll([(m.reader, zmq.POLLIN) for m in self._open.values()], 0)
            except zmq.ZMQError:        # a context is being terminated: its readers are in the way
                ready = [(m.reader, 0) for m in self._open.values()]
            readers = {id(reader) for reader, _ in ready}
            for id_, monitor in list(self._open.items()):
                if (id(monitor.reader) in readers and not monitor.read()) or monitor.orphaned():
                    self._open.pop(id_).stop()

    def release(self, log: Log) -> None:
        """The socket is about to close, or is given a monitor by the program itself: ours ends."""
        with self._lock:
            if monitor := self._open.pop(log.id, None):
                monitor.read()
                monitor.stop()

    def release_context(self, context: int) -> None:
        """The context is about to be terminated, which would wait for our readers."""
        with self._lock:
            for id_, monitor in list(self._open.items()):
                if monitor.context == context:
                    monitor.read()
                    self._open.pop(id_).stop()

    def close(self) -> None:
        """All end, and no more are made."""
        with self._lock:
            self._most = 0
            while self._open:
                self._open.popitem()[1].stop()

    def forget(self) -> None:
        """In a forked child none of them is ours."""
        self._lock, self._open = threading.Lock(), {}


class _Monitor:
    """One socket's monitor and its reader."""

    def __init__(self, socket: Any, log: Log) -> None:
        self.log = log
        self.context = socket.context.underlying
        self.connects: dict[Any, str] = {}          # place -> as the program spelled it
        self._state: dict[str, str] = {}
        self._socket = weakref.ref(socket)
        addr = f"inproc://zmqlive.monitor.{id(self)}"
        Backend.monitor(socket, addr, _EVENTS & ~_DEAFENS if socket.get(zmq.MECHANISM) == zmq.CURVE else _EVENTS)
        try:
            self.reader = Backend(socket.context, zmq.PAIR)
            self.reader.set(zmq.RCVHWM, 0)      # libzmq's side must never wait for ours
            self.reader.connect(addr)
        except BaseException:
            Backend.monitor(socket, None, 0)
            raise

    def read(self) -> bool:
        """Take all that is there. False: the reader has come to its end."""
        try:
            while True:
                event, = struct.unpack("=H", self.reader.recv(zmq.DONTWAIT)[:2])
                self._note(event, self.reader.recv(zmq.DONTWAIT).decode(errors="replace"))
        except zmq.Again:
            return True
        except zmq.ZMQError:
            return False

    def _note(self, event: int, endpoint: str) -> None:
        mine = self.connects.get(place(endpoint, 0))
        before = self._state.get(endpoint, "")
        if mine is None:        # a bound endpoint, to which any number come: each one counts, one refusal tells enough
            after = UP if event == zmq.EVENT_HANDSHAKE_SUCCEEDED else REFUSED if event & _FAILED else before
            told = event == zmq.EVENT_HANDSHAKE_SUCCEEDED or after != before
        else:
            endpoint, before = mine, self._state.get(mine, "")
            after = _after(event, before)
            told = after != before
        self._state[endpoint] = after
        if told:
            self.log.note("link", endpoint, after)

    def orphaned(self) -> bool:
        socket = self._socket()
        return socket is None or socket.closed

    def stop(self) -> None:
        socket = self._socket()
        if socket is not None and not socket.closed:
            with contextlib.suppress(zmq.ZMQError):
                Backend.monitor(socket, None, 0)
        self.reader.close(0)


def _after(event: int, state: str) -> str:
    """The state of a connection after this event. One that was refused, or is gone, keeps that name while libzmq tries
    again."""
    if event == zmq.EVENT_HANDSHAKE_SUCCEEDED:
        return UP
    if event & _FAILED:
        return REFUSED
    if event == zmq.EVENT_DISCONNECTED:
        return {UP: GONE, CONNECTING: REFUSED, RETRYING: REFUSED}.get(state, state or GONE)
    if event == zmq.EVENT_CLOSED:       # an attempt that came to nothing
        return RETRYING if state in ("", CONNECTING) else state
    if event in (zmq.EVENT_CONNECTED, zmq.EVENT_CONNECT_DELAYED):
        return state or CONNECTING
    return state


def _room() -> int:
    """How many sockets may be watched: a descriptor goes to each monitor and one to its reader, and libzmq ends the
    process when there are none."""
    try:
        import resource
    except ImportError:     # Windows counts otherwise
        return MOST
    soft = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return MOST if soft == resource.RLIM_INFINITY else min(MOST, soft // 16)
