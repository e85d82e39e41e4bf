"""Closing that lingers, and still never hangs.

A closed socket goes on delivering what it was given (LINGER is −1 unless set), and `Context.term` waits for
that: for ever, if nobody reads. Once closed, a socket can no longer be told to give up. So a stage keeps it
open in secret instead, until the stage stops:

* PUSH, PUB, XPUB only send. They stay open behind the learner's back, so that everything arrives however slow
  the reader is, and are closed with LINGER 0 at the stop. Of very many, the oldest are given the bounded LINGER.
* Any other type could be handed new work by its peers if it stayed open. It is closed at once with a bounded
  LINGER.
* What only receives, or only speaks inproc, cannot hold up `term` and is closed as in plain pyzmq.
"""

from __future__ import annotations

import contextlib
import socket as net
import sys
import threading
import time
import weakref
from collections.abc import Callable
from typing import Any

import zmq
import zmq.backend

from ..recording import WrongThread, closes_itself, owner_of
from .interrupts import original as _sleep

BOUND_MS = 500  # milliseconds a closed two-way socket may go on sending; a stop right after waits so long
_SENDERS = {zmq.PUSH, zmq.PUB, zmq.XPUB}
_RECEIVERS = {zmq.PULL, zmq.SUB, zmq.XSUB}
_backend_close = zmq.backend.Socket.close


class Lingering:
    """Knows the sockets of one context: which are open, and which are closed but still deliver.

    `on_open` is told of each new socket, in the thread that makes it. With `plain=True` closing lingers as
    pyzmq's does, for ever if need be: for a process, which can end all the same.
    """

    def __init__(
        self, context: zmq.Context[Any], *, on_open: Callable[[zmq.Socket[Any]], None], plain: bool = False
    ) -> None:
        self._on_open, self._plain = on_open, plain
        self.open: weakref.WeakSet[zmq.Socket[Any]] = weakref.WeakSet()
        self._bound: weakref.WeakKeyDictionary[zmq.Socket[Any], set[str]] = weakref.WeakKeyDictionary()
        self._kept: list[tuple[zmq.Socket[Any], set[str]]] = []
        self._most = _room()
        self._stopping = False
        self._lock = threading.Lock()
        self.attach(context)

    def attach(self, context: zmq.Context[Any]) -> None:
        """Makes the context's sockets tell of their making, closing and binding."""
        add = context._add_socket

        def added(socket: zmq.Socket[Any]) -> None:
            add(socket)
            self._opened(socket)

        context.__dict__.update(_add_socket=added, on_close=self.on_close)

    def detach(self, context: zmq.Context[Any]) -> None:
        """Lets go of the context (each refers to the other)."""
        for name in ("_add_socket", "on_close"):
            context.__dict__.pop(name, None)

    def _opened(self, socket: zmq.Socket[Any]) -> None:
        self.open.add(socket)
        weak = weakref.ref(socket)  # a socket that is dropped must still close at once

        def bind(addr: str) -> Any:
            owner = weak()
            assert owner is not None
            self.on_bind(owner, addr)
            return type(owner).bind(owner, addr)

        socket.__dict__["bind"] = bind
        self._on_open(socket)
        if self._stopping:
            _give_up(socket)

    def on_close(self, socket: zmq.Socket[Any], linger: int | None) -> bool:
        """Called in place of closing. True: it is done, or kept open in secret. False: close it as usual."""
        if not self._stopping and _busy_elsewhere(socket):
            raise WrongThread
        self.open.discard(socket)
        plain = not closes_itself(socket)
        if self._stopping:
            return plain and self._close(socket, 0)
        if self._plain:
            return False
        if linger is None:
            linger = int(socket.get(zmq.LINGER))
        if 0 <= linger <= BOUND_MS or socket.type in _RECEIVERS or not self._over_network(socket):
            return False
        if not plain:  # it has more to put away than we can (as an asyncio socket does), so it closes itself
            socket.set(zmq.LINGER, BOUND_MS)
            return False
        if socket.type not in _SENDERS:
            return self._close(socket, BOUND_MS)
        self._keep(socket)
        return True

    def _keep(self, socket: zmq.Socket[Any]) -> None:
        # The same zmq socket under a second name; the first one is closed as far as Python goes.
        keeper: zmq.Socket[Any] = zmq.Socket.shadow(socket.underlying)
        socket._closed = True
        socket.context._rm_socket(socket)
        with self._lock:
            self._kept.append((keeper, self._bound.pop(socket, set())))
            surplus = self._kept.pop(0)[0] if len(self._kept) > self._most else None
        if surplus is not None:
            _backend_close(surplus, BOUND_MS)

    def on_bind(self, socket: zmq.Socket[Any], endpoint: str) -> None:
        """Called before a bind: an endpoint that only a closed socket still holds is free, as in pyzmq."""
        self._bound.setdefault(socket, set()).add(endpoint)
        with self._lock:
            mine = [entry for entry in self._kept if endpoint in entry[1]]
            self._kept = [entry for entry in self._kept if endpoint not in entry[1]]
        for keeper, _ in mine:
            with contextlib.suppress(zmq.ZMQError):
                keeper.unbind(endpoint)
            _backend_close(keeper, BOUND_MS)
        if mine:
            _wait_until_free(endpoint)

    def stop(self) -> None:
        """From now on nothing lingers. To be called before the context is terminated, from any thread.

        Setting LINGER is the one thing that may be done to a socket of another thread: libzmq stores it in
        one atomic write, and pyzmq holds the interpreter's lock from its check of the socket to the end of
        the call.
        """
        self._stopping = True
        for socket in list(self.open):
            _give_up(socket)
        with self._lock:
            kept, self._kept = self._kept, []
        for keeper, _ in kept:
            _backend_close(keeper, 0)

    def _close(self, socket: zmq.Socket[Any], linger: int) -> bool:
        _backend_close(socket, linger)
        socket.context._rm_socket(socket)
        return True

    def _over_network(self, socket: zmq.Socket[Any]) -> bool:
        """Whether anything may still be on its way out: over inproc all is delivered at once."""
        last = socket.getsockopt_string(zmq.LAST_ENDPOINT).rstrip("\0")
        return any(e.startswith(("tcp:", "ipc:")) for e in (last, *self._bound.get(socket, ())))


def _room() -> int:
    """How many closed sockets may be kept open: each takes two descriptors, and libzmq ends the process without any."""
    try:
        import resource
    except ImportError:  # Windows counts otherwise
        return 200
    soft = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return 200 if soft == resource.RLIM_INFINITY else max(16, min(200, soft // 8))


def _busy_elsewhere(socket: zmq.Socket[Any]) -> bool:
    """Whether another thread may be inside this socket: closing it then ends the process.

    One that is being collected is in nobody's hands.
    """
    owner = owner_of(socket)
    if owner in (0, threading.get_ident()) or sys._getframe(3).f_code.co_name == "__del__":
        return False
    return any(thread.ident == owner for thread in threading.enumerate())


def _give_up(socket: zmq.Socket[Any]) -> None:
    with contextlib.suppress(zmq.ZMQError):  # closed by its owner this moment
        if not socket.closed:
            zmq.backend.Socket.set(socket, zmq.LINGER, 0)


def _wait_until_free(endpoint: str) -> None:
    """Unbinding takes libzmq a few milliseconds; waits for it, a tenth of a second at most."""
    host, _, port = endpoint.removeprefix("tcp://").rpartition(":")
    if not endpoint.startswith("tcp://127.") or not port.isdigit():
        return
    until = time.monotonic() + 0.1
    while time.monotonic() < until:
        with net.socket() as probe:
            probe.setsockopt(net.SOL_SOCKET, net.SO_REUSEADDR, 1)
            try:
                probe.bind((host, int(port)))
                return
            except OSError:
                _sleep(0.002)
