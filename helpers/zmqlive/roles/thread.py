"""A role in a thread: runs the learner's function, wakes it at the end, closes what it left open.

Nothing here touches a socket of a running role. A role is ended by what it would meet anyway: its context is
terminated, so that a blocked call raises `zmq.ContextTerminated`, and its `time.sleep` raises the same. Only
a role that does neither (it computes, or swallows the exception) has an exception put into its thread.
"""

from __future__ import annotations

import contextlib
import ctypes
import inspect
import sys
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import zmq

from . import interrupts
from .authenticators import end_mine
from .errors import Place, explain, is_library, tell

if TYPE_CHECKING:
    import asyncio

OnState = Callable[[str, str, BaseException | None], None]  # state, one sentence, what it raised
ContextFactory = Callable[[], "zmq.Context[Any]"]
Surroundings = Callable[[str], contextlib.AbstractContextManager[Any]]

_current = threading.local()
_probe = [object()]
_ALONE = sys.getrefcount(_probe[0])  # what it says of something that only a list refers to


def current() -> RoleThread | None:
    """The role that the calling thread plays."""
    return getattr(_current, "role", None)


def note_owner(socket: zmq.Socket[Any]) -> None:
    """A socket was made in the calling thread: if that plays a role, the role closes it at the end."""
    role = current()
    if role is not None:
        role.owns(socket)


class RoleThread:
    """One run of a role in a thread of its own.

    `on_state` is called in that thread: 'running', then 'ended' or 'failed'. `async_context` makes the
    context of an `async def` role.
    """

    process = False
    pid: int | None = None

    def __init__(
        self,
        name: str,
        function: Callable[..., Any],
        args: tuple[Any, ...],
        *,
        context: zmq.Context[Any],
        on_state: OnState,
        surroundings: Surroundings = contextlib.nullcontext,
        async_context: ContextFactory | None = None,
    ) -> None:
        self.name = name
        self._function, self._args = function, args
        self._context, self._async_context = context, async_context
        self._on_state, self._surroundings = on_state, surroundings
        self._bell = interrupts.Bell()
        self._sockets: list[zmq.Socket[Any]] = []
        self._task: asyncio.Task[Any] | None = None
        self._over = False
        self._begun = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"role {name}", daemon=True)

    def prepare(self) -> None:
        """A thread needs no time to get ready; a process does."""

    def await_ready(self) -> None:
        """See `prepare`."""

    def start(self) -> None:
        if self._bell.rung:
            return  # the stage was stopped while it started
        interrupts.cover(self._function)
        self._thread.start()

    def await_begun(self) -> None:
        """Waits until the role is running, for a moment at most."""
        if self._thread.ident is not None:
            self._begun.wait(1.0)

    @property
    def alive(self) -> bool:
        return self._thread.is_alive()

    def owns(self, socket: zmq.Socket[Any]) -> None:
        """Told of each socket that this thread makes. One that it has dropped is closed, as by pyzmq."""
        sockets = self._sockets
        for i in reversed(range(len(sockets))):
            if sockets[i].closed:
                del sockets[i]
            elif sys.getrefcount(sockets[i]) <= _ALONE:
                sockets.pop(i).close()
        sockets.append(socket)

    def ask(self) -> None:
        """Ends its sleep, cancels an `async def` role. A blocked call is ended by terminating the context."""
        self._bell.ring()
        task = self._task
        if task is not None:
            with contextlib.suppress(RuntimeError):  # its loop has just been closed
                task.get_loop().call_soon_threadsafe(task.cancel)

    def force(self, exception: type[BaseException] = zmq.ContextTerminated) -> None:
        """Puts an exception into its thread, for a role that computes; inside a C call it comes after it."""
        ident = self._thread.ident
        if ident is not None and self.alive and not self._over:
            ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(ident), ctypes.py_object(exception))

    def join(self, timeout: float) -> bool:
        """Waits at most `timeout` seconds; says whether the thread is over."""
        if self._thread.ident is not None and self._thread is not threading.current_thread():
            self._thread.join(max(0.0, timeout))
        return not self.alive

    def stuck_at(self) -> str:
        """Where the role is now, for the sentence about one that does not end."""
        frame = sys._current_frames().get(self._thread.ident or 0)
        while frame is not None and is_library(frame.f_code.co_filename):
            frame = frame.f_back
        return str(Place(frame.f_code.co_filename, frame.f_lineno)) if frame else "somewhere"

    def _run(self) -> None:
        _current.role = self
        self._bell.listen()
        with self._surroundings(self.name):
            outcome: tuple[str, str, BaseException | None] = ("ended", "", None)
            try:
                self._on_state("running", "", None)
                self._begun.set()
                self._play()
            except zmq.ContextTerminated as exc:
                outcome = ("ended", "" if self._bell.rung else explain(exc), None)
            except SystemExit:
                pass
            except BaseException as exc:
                # Told to end, it may meet the end anywhere: a socket cannot be made in a context that is
                # gone, either.
                if not (self._bell.rung and isinstance(exc, zmq.ZMQError)) and not _is_cancelled(exc):
                    outcome = ("failed", tell(self.name, exc), exc)
            self._finish(outcome)

    def _finish(self, outcome: tuple[str, str, BaseException | None]) -> None:
        # An exception sent by `force` may still be on its way: it must not keep the sockets from being
        # closed.
        for _ in range(3):
            with contextlib.suppress(zmq.ContextTerminated, SystemExit):
                self._over = True
                self._close_sockets()
                break
        self._on_state(*outcome)

    def _play(self) -> None:
        if inspect.iscoroutinefunction(self._function):
            self._play_async()
        else:
            self._function(self._context, *self._args)

    def _play_async(self) -> None:
        import asyncio  # which takes as long as all else that a role needs

        async def role() -> None:
            try:
                context = self._async_context() if self._async_context else self._context
                await self._function(context, *self._args)
            finally:
                self._close_sockets()  # while their event loop still runs

        # zmq.asyncio watches file descriptors, which Windows' default loop cannot.
        loop = asyncio.SelectorEventLoop()
        loop.set_exception_handler(_quiet)
        try:
            self._task = loop.create_task(role())
            if self._bell.rung:
                self._task.cancel()
            loop.run_until_complete(self._task)
        finally:
            self._task = None
            rest = asyncio.all_tasks(loop)
            for task in rest:
                task.cancel()
            if rest:
                loop.run_until_complete(asyncio.wait(rest, timeout=0.2))
            loop.run_until_complete(loop.shutdown_asyncgens())
            loop.close()

    def _close_sockets(self) -> None:
        """Closes what the role left open: for good when told to end, else as pyzmq would (it may linger)."""
        end_mine()
        while self._sockets:
            socket = self._sockets.pop()
            if not socket.closed:
                socket.close(0 if self._bell.rung else None)


def _is_cancelled(exc: BaseException) -> bool:
    loaded = sys.modules.get("asyncio")
    return loaded is not None and isinstance(exc, loaded.CancelledError)


def _quiet(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """The end of the context reaches an asyncio socket's callback; the role itself has been cancelled."""
    if not isinstance(context.get("exception"), zmq.ContextTerminated):
        loop.default_exception_handler(context)


def halt(
    runs: list[Any], *, terminate: Callable[[], None], patience: float, limit: float
) -> tuple[list[Any], threading.Thread]:
    """Ends all `runs` and their context. Returns those that would not end, and the thread of `terminate`.

    Takes `limit` seconds at most. `terminate` ends the context and may block, hence its own thread: it
    returns when the last socket is closed. After `patience` seconds an exception is put into each thread that
    is still there, later one that `except Exception` does not catch; a process is killed.
    """
    began = time.monotonic()
    for run in runs:
        run.ask()
    ender = threading.Thread(target=terminate, name="stage end", daemon=True)
    ender.start()
    left = [run for run in runs if not run.join(began + patience - time.monotonic())]
    exception: type[BaseException] = zmq.ContextTerminated
    while left and time.monotonic() < began + limit:
        for run in left:
            run.force(exception)
        exception = SystemExit
        until = time.monotonic() + 0.05
        left = [run for run in left if not run.join(until - time.monotonic())]
    return left, ender
