"""One call of a learner's function, in a thread of its own, that can be watched and ended."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import inspect
import sys
import threading
import time
import traceback
from collections.abc import Callable, Coroutine
from typing import Any

import zmq
from zmqlive.recorder import Recorder
from zmqlive.roles import interrupts

from ..exercise import (
    CheckFailed,
    Sink,
    ToDo,
    Wrong,
    culprit,
    describe,
    explain,
    place_in_check,
    show,
    where,
    where_awaiting,
    where_now,
)
from .handed import Handed, hand_over, sockets_in


class Stopped(SystemExit):
    """Raised inside a thread that has to end; a SystemExit, so that no traceback is printed for it."""


class Job:
    """A call `fn(*args)` under way or done.

    done: whether it has ended. value: what it returned. error: what it raised, without its frames
    (these would keep the answer's sockets alive). ended: time.monotonic() when it ended, in seconds.
    """

    def __init__(
        self,
        fn: Callable[..., Any],
        args: tuple[Any, ...],
        sink: Sink,
        recorder: Recorder,
        *,
        name: str = "",
    ) -> None:
        self.fn = fn
        self.args = args
        self.name = name or getattr(fn, "__name__", "your code")
        self.call = f"{self.name}({', '.join(show(arg) for arg in args)})"
        self.value: Any = None
        self.error: BaseException | None = None
        self.ended: float | None = None
        self._where = ""
        self._failed_at = ""
        self._task: asyncio.Task[Any] | None = None
        self._finished = threading.Event()
        self._recorder = recorder
        self.handed = [Handed(socket) for arg in args for socket in sockets_in(arg) if not socket.closed]
        for each in self.handed:
            hand_over(each.socket)
        self._misused: Wrong | None = None
        self._bell = interrupts.Bell()
        interrupts.cover(fn)
        self.thread = threading.Thread(target=self._run, name=self.name, daemon=True)
        sink.adopt(self.thread)
        self.thread.start()

    def _run(self) -> None:
        self._bell.listen()
        try:
            with self._recorder.role(self.name):
                value = self.fn(*self.args)
                self.value = self._run_async(value) if inspect.iscoroutine(value) else value
            left = (each.complaint(self.name, self.call) for each in self.handed)
            self._misused = next((wrong for wrong in left if wrong is not None), None)
        except BaseException as error:
            self._where = where(error)
            if culprit(error) == "check":    # a function of the check's that the answer called, or called the answer
                self._failed_at = place_in_check(error)
            # Sockets in the locals of the frames that failed are closed here, in the thread that used them.
            traceback.clear_frames(error.__traceback__)
            self.error = error
        finally:
            self.ended = time.monotonic()
            self._finished.set()

    def _run_async(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        # zmq.asyncio watches file descriptors, which Windows' default loop cannot.
        loop = asyncio.SelectorEventLoop()
        try:
            self._task = loop.create_task(coroutine)
            return loop.run_until_complete(self._task)
        finally:
            for task in asyncio.all_tasks(loop):
                task.cancel()
            loop.run_until_complete(loop.shutdown_asyncgens())
            loop.close()

    @property
    def done(self) -> bool:
        return self._finished.is_set()

    def wait(self, seconds: float) -> bool:
        """Wait up to so many seconds for its end; whether it has ended."""
        return self._finished.wait(max(0.0, seconds))

    def wake(self) -> None:
        """End its `time.sleep`, now and later, with `zmq.ContextTerminated`; cancel it if it is async."""
        self._bell.ring()
        if self._task is not None:
            with contextlib.suppress(RuntimeError):  # its loop has just been closed
                self._task.get_loop().call_soon_threadsafe(self._task.cancel)

    def where(self) -> str:
        """Where in the cell it failed, or is just now."""
        if self.done:
            return self._where
        return where_now(self.thread.ident) or (where_awaiting(self._task) if self._task is not None else "")

    def complaint(self) -> BaseException | None:
        """What is to be said of how it ended: `Wrong`, `ToDo`, `CheckFailed`; None if it ended well or still runs."""
        error = self.error
        if error is None or isinstance(error, (Stopped, asyncio.CancelledError)):
            return self._misused
        if isinstance(error, NotImplementedError):
            return ToDo(str(error))
        if isinstance(error, Wrong):
            return error.add(seen=self._where)
        if self._failed_at:
            failed = CheckFailed(describe(error), self._failed_at)
            failed.__cause__ = error
            return failed
        if isinstance(error, SystemExit):
            said = f"`{self.name}` ended with `sys.exit()`, which ends the whole program. Use `return`."
        else:
            said = f"`{self.name}` raised `{describe(error)}`. {explain(error)}".rstrip()
        wrong = Wrong(said, tried=f"`{self.call}`", seen=self._where)
        wrong.__cause__ = error
        return wrong


def end_threads(threads: list[threading.Thread], seconds: float) -> list[threading.Thread]:
    """Raise `Stopped` in these threads until they end or the seconds are over; those that go on.

    Reaches threads that run Python, endless loops among them; one that waits in C meets the exception
    when it comes back.
    """
    end = time.monotonic() + seconds
    alive = [thread for thread in threads if thread.is_alive()]
    told: set[int] = set()
    while alive:
        for thread in alive:
            # Told twice only where it went on in the learner's code: one that is on its way out is let go.
            if thread.ident in told and not where_now(thread.ident):
                continue
            told.add(thread.ident or 0)
            ctypes.pythonapi.PyThreadState_SetAsyncExc(
                ctypes.c_ulong(thread.ident or 0), ctypes.py_object(Stopped)
            )
        alive[0].join(0.05)
        alive = [thread for thread in alive if thread.is_alive()]
        if time.monotonic() > end:
            break
    return alive


def contexts_of(threads: list[threading.Thread]) -> list[zmq.Context]:
    """The contexts that these threads hold in local variables, by themselves or through a socket; but for those that a
    thread is terminating already: that twice at a time ends the process."""
    found: dict[int, zmq.Context] = {}
    ending: set[int] = set()
    frames = sys._current_frames()
    for thread in threads:
        frame = frames.get(thread.ident or 0)
        while frame is not None:
            if frame.f_code is zmq.Context.term.__code__:
                ending.add(id(frame.f_locals["self"]))
            for value in list(frame.f_locals.values()):
                context = value.context if isinstance(value, zmq.Socket) else value
                if isinstance(context, zmq.Context) and not context.closed:
                    found[id(context)] = context
            frame = frame.f_back
    return [context for id_, context in found.items() if id_ not in ending]
