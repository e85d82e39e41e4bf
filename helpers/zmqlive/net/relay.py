"""The engine room of `Link`: one thread, with one selector, that keeps all pairs of connections moving.

It sleeps until an event or the next time that something is due; it never polls.
"""

from __future__ import annotations

import errno
import selectors
import socket
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from functools import partial
from typing import Any

from .wire import Pair, Weather

READ, WRITE = selectors.EVENT_READ, selectors.EVENT_WRITE
KERNEL_ROOM = 256 * 1024    # bytes in the system's buffers of each end: more would hide back pressure
CONNECTING = {errno.EINPROGRESS, errno.EWOULDBLOCK}
CLOSED = "this link is closed"


class Relay:
    """Listens on a free port of 127.0.0.1 and carries bytes to and from `address`.

    `call(action)` runs an action in the relay's thread and returns when it is done; `listen`, `refuse`,
    `refresh` and `pairs` are for such actions. `close` and `call` are for any thread.
    """

    def __init__(self, family: int, address: Any, *, name: str, weather: Weather) -> None:
        self.pairs: set[Pair] = set()
        self.port = 0
        self._family, self._address, self._weather = family, address, weather
        self._numbers = 0
        self._waiting: dict[Pair, None] = {}    # pairs with bytes on their way, in turn
        self._accept_again: float | None = None
        self._actions: deque[tuple[Callable[[], Any], Future[Any]]] = deque()
        self._closing = False
        self._selector = selectors.DefaultSelector()
        self._wake_in, self._wake_out = socket.socketpair()
        for end in (self._wake_in, self._wake_out):
            end.setblocking(False)
        self._selector.register(self._wake_in, READ, self._woken)
        self._listener: socket.socket | None = None
        self._keeper = self._keep()
        self.listen()
        self._thread = threading.Thread(target=self._run, name=f"link {name}", daemon=True)
        self._thread.start()

    # --- from any thread

    def call(self, action: Callable[[], Any]) -> Any:
        """Run `action` in the relay's thread; what it returns or raises comes back. RuntimeError when
        closed."""
        if threading.current_thread() is self._thread:
            return action()
        result: Future[Any] = Future()
        self._actions.append((action, result))
        self._wake()
        if self._closing:    # the thread may have looked at its list for the last time
            self._thread.join(timeout=5)
            if not result.done():
                raise RuntimeError(CLOSED)
        return result.result(timeout=5)

    def close(self) -> None:
        """End every connection and the thread. Harmless when called again."""
        self._closing = True
        self._wake()
        if threading.current_thread() is not self._thread:
            self._thread.join(timeout=5)

    def _wake(self) -> None:
        with suppress(OSError):    # full: it will wake anyway; closed: nobody is there to wake
            self._wake_out.send(b"!")

    # --- the loop

    def _run(self) -> None:
        try:
            while not self._closing:
                for key, mask in self._selector.select(self._pause()):
                    key.data(mask)
                self._act()
                self._deliver()
        finally:
            self._closing = True
            self._shut()

    def _act(self) -> None:
        while self._actions:
            action, result = self._actions.popleft()
            try:
                result.set_result(action())
            except Exception as error:    # for the caller to know of, not for this thread to die of
                result.set_exception(error)

    def _pause(self) -> float | None:
        """Seconds until something is due, None if only an event can change anything."""
        due = [when for pair in self._waiting for lane in pair.lanes if (when := lane.due()) is not None]
        if self._accept_again is not None:
            due.append(self._accept_again)
        return max(0.0, min(due) - time.monotonic()) if due else None

    def _deliver(self) -> None:
        for pair in list(self._waiting):
            for lane in pair.lanes:
                if pair.open:
                    lane.push()
            self.refresh(pair)
        if self._accept_again is not None and time.monotonic() >= self._accept_again:
            self._accept_again = None
            self._selector.register(self._listener, READ, self._accept)

    def _woken(self, mask: int) -> None:
        with suppress(BlockingIOError):
            self._wake_in.recv(4096)

    def _shut(self) -> None:
        for pair in list(self.pairs):
            pair.close()
        for sock in (self._listener, self._keeper, self._wake_in, self._wake_out):
            if sock is not None:
                sock.close()
        self._selector.close()
        while self._actions:
            self._actions.popleft()[1].set_exception(RuntimeError(CLOSED))

    # --- the port

    @property
    def listening(self) -> bool:
        return self._listener is not None

    def _bound(self) -> socket.socket:
        sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        try:
            if sys.platform != "win32":    # where it would let any program share the port
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if sys.platform == "darwin":
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            narrow(sock)    # on the listener, since what it accepts takes over its window
            sock.bind(("127.0.0.1", self.port))
        except OSError:
            sock.close()
            raise
        return sock

    def _keep(self) -> socket.socket | None:
        """Choose a free port, and hold it by a socket that is bound and never listens: it stays ours while
        the link is cut. None on Windows, where two sockets cannot have a port unless all may."""
        if sys.platform == "win32":
            return None
        keeper = self._bound()
        self.port = keeper.getsockname()[1]
        return keeper

    def listen(self) -> None:
        """Take connections (again), on the same port as before. OSError if somebody else has it by now."""
        if self._listener is None:
            self._listener = self._bound()
            self._listener.setblocking(False)
            self._listener.listen(128)
            self.port = self._listener.getsockname()[1]
            self._selector.register(self._listener, READ, self._accept)

    def refuse(self) -> None:
        """Take no more connections."""
        if self._listener is not None:
            if self._accept_again is None:
                self._selector.unregister(self._listener)
            self._accept_again = None
            self._listener.close()
            self._listener = None

    def _accept(self, mask: int) -> None:
        try:
            accepted, _ = self._listener.accept()
        except (BlockingIOError, ConnectionError):
            return
        except OSError:    # most likely out of descriptors: look again a little later, not at once for ever
            self._selector.unregister(self._listener)
            self._accept_again = time.monotonic() + 0.1
            return
        try:
            target = socket.socket(self._family, socket.SOCK_STREAM)
        except OSError:
            accepted.close()    # it will try again by itself
            return
        narrow(target)
        for sock in (accepted, target):
            sock.setblocking(False)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._numbers += 1
        pair = Pair(self._numbers, accepted, target, weather=self._weather, closing=self._forget)
        self.pairs.add(pair)
        code = target.connect_ex(self._address)
        if code and code not in CONNECTING:
            pair.close()
        self.refresh(pair)

    # --- one pair

    def refresh(self, pair: Pair) -> None:
        """Have the selector wait for just what can make this pair go on."""
        self._waiting.pop(pair, None)
        if not pair.open:
            return
        if any(lane.queue for lane in pair.lanes):
            self._waiting[pair] = None    # at the end: connections share the bandwidth in turn
        for side in (0, 1):
            outward, inward = pair.lanes[side], pair.lanes[1 - side]
            if pair.connecting:
                mask = WRITE if side else 0
            else:
                mask = (READ if outward.room() else 0) | (WRITE if inward.stuck else 0)
            self._watch(pair, side, mask)

    def _watch(self, pair: Pair, side: int, mask: int) -> None:
        if mask == pair.watched[side]:
            return
        sock, ready = pair.ends[side], partial(self._ready, pair, side)
        if not pair.watched[side]:
            self._selector.register(sock, mask, ready)
        elif mask:
            self._selector.modify(sock, mask, ready)
        else:
            self._selector.unregister(sock)
        pair.watched[side] = mask

    def _ready(self, pair: Pair, side: int, mask: int) -> None:
        if not pair.open:
            return    # closed by another event of the same round
        if pair.connecting:
            pair.connecting = False
            if pair.ends[1].getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
                pair.close()    # nobody at the target; the connecting side tries again by itself
        elif mask & WRITE:
            pair.lanes[1 - side].stuck = False
            pair.lanes[1 - side].push()
        if mask & READ and pair.open:
            pair.lanes[side].pull()
        self.refresh(pair)

    def _forget(self, pair: Pair) -> None:
        for side in (0, 1):
            self._watch(pair, side, 0)
        self.pairs.discard(pair)
        self._waiting.pop(pair, None)


def narrow(sock: socket.socket) -> None:
    """Bound what the operating system keeps for this socket."""
    for option in (socket.SO_RCVBUF, socket.SO_SNDBUF):
        sock.setsockopt(socket.SOL_SOCKET, option, KERNEL_ROOM)
