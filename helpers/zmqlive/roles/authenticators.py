"""pyzmq's `ThreadAuthenticator` in a role: its thread ends with the role that started it, and without a word.

It waits in an event loop of its own for `stop()`. When its context is terminated, and a role ends by that, `stop()` can
no longer tell it: it prints an error, and stays for ever, with its loop. So it is ended before.
"""

from __future__ import annotations

import contextlib
import threading
import weakref
from collections.abc import Callable, Iterator
from typing import Any

import zmq

from ..recording import hooks

_MOMENT = 0.3  # seconds that the end of such a thread is waited for

# of an authenticator, the thread that started it
_makers: weakref.WeakKeyDictionary[Any, threading.Thread] = weakref.WeakKeyDictionary()
_lock = threading.RLock()  # a role may start one while another ends; a stage that is collected here ends, too
# of an authenticator's own thread, what ends it
_enders: weakref.WeakKeyDictionary[threading.Thread, Callable[[], Any]] = weakref.WeakKeyDictionary()


def end_those_of(context: zmq.Context[Any]) -> None:
    """Ends the threads that ask for this context who may come in; from any thread, before the context is terminated.
    Their sockets stay, for the threads that made them."""
    for authenticator in _started():
        if authenticator.context.underlying == context.underlying:
            _end(authenticator.thread)


def end_mine() -> None:
    """Ends those that the calling thread has started, and closes their sockets: then `stop()` has nothing to do."""
    me = threading.current_thread()
    for authenticator in _started():
        if _makers.get(authenticator) is me:
            _end(authenticator.thread)
            for name in ("pipe", "zap_socket"):
                socket = getattr(authenticator, name)
                if socket is not None:
                    socket.close(linger=0)
                    setattr(authenticator, name, None)
            authenticator.thread = None


def _started() -> Iterator[Any]:
    with _lock:
        known = list(_makers)
    return (each for each in known if each.thread is not None)


def _end(thread: threading.Thread) -> None:
    ender = _enders.get(thread)
    if ender is not None and thread.is_alive():
        with contextlib.suppress(RuntimeError):  # its loop has just been closed
            ender()
        thread.join(_MOMENT)


def _take(module: Any) -> None:
    """Called once `zmq.auth.thread` is there, which has brought asyncio along."""
    import asyncio

    kind, thread = module.ThreadAuthenticator, module.AuthenticationThread
    plain_start, plain_stop, plain_run = kind.start, kind.stop, thread._run

    def start(self: Any) -> None:
        with _lock:
            _makers[self] = threading.current_thread()
        plain_start(self)

    async def run(self: Any) -> None:
        loop, task = asyncio.get_running_loop(), asyncio.current_task()
        assert task is not None
        _enders[self] = lambda: loop.call_soon_threadsafe(task.cancel)
        with contextlib.suppress(asyncio.CancelledError, zmq.ContextTerminated):
            await plain_run(self)
        _enders.pop(self, None)

    def collected(self: Any) -> None:
        with contextlib.suppress(zmq.ZMQError):  # its sockets are closed, or their context is gone
            plain_stop(self)

    kind.start, kind.__del__, thread._run = start, collected, run


hooks.when_imported("zmq.auth.thread", _take)
