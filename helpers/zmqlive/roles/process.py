"""A role in a process of its own: it can be killed and frozen, and dies with this one.

The process is an `Interpreter`, whose thread reads here what it says until it is gone.

What passes between the two, over the child's stdin and stdout:

    to the child     8 bytes of its parent's pid, at its start; then 8 bytes of length, the pickled role; then
                     single bytes: g(o), s(top). The end of the stream: die.
    from the child   frames: a letter (below), 4 bytes of length, the content.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import signal
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

from .cell import Cell
from .errors import Place, StageError, StageTimeout, explain
from .interpreter import Interpreter
from .parcel import EVENTS, HEAD, OUTPUT, READY, STATE, pack
from .thread import OnState
from .worked import Worked

START_LIMIT = 60.0  # seconds that a process may compute or stand still until it is ready; waiting for a core is neither
CERTAIN = 60.0  # seconds for what a busy machine does late, and does


class RoleProcess:
    """One run of a role in a process of its own. The same methods as `RoleThread`, and kill, freeze, thaw."""

    process = True

    def __init__(
        self,
        name: str,
        function: Callable[..., Any],
        args: tuple[Any, ...],
        *,
        recorder: Any,
        on_state: OnState,
        cell: Cell,
        interpreter: Callable[[], Interpreter] = Interpreter,
    ) -> None:
        """`interpreter` gives the process, when it is needed."""
        self.name, self._function = name, function
        self._package = pack(name, function, args)  # says at once what cannot be sent
        self._recorder, self._on_state, self._cell = recorder, on_state, cell
        self._new = interpreter
        self._interpreter: Interpreter | None = None
        self._ready, self._begun = threading.Event(), threading.Event()
        self._asked = self._killed = self._frozen = self._told = False
        # how long ago "ready" was said, by the child's clock: a small time, as both read the same
        self.clock_lag_ns = 0

    # --- its life

    def prepare(self) -> None:
        """Starts the interpreter, which takes a tenth of a second, or takes the one that waits."""
        self._interpreter = self._new()
        self._interpreter.play(f"role {self.name} (process)", self._serve)

    def await_ready(self) -> None:
        """Waits until the function has arrived there. Raises StageTimeout when it does not, given the time."""
        worked = Worked(lambda: self.pid)
        while not self._ready.wait(worked.every):
            if worked.seconds() > START_LIMIT:
                self.kill()
                raise StageTimeout(f"{self.name}'s process did not start within {START_LIMIT:g} s.")

    def start(self) -> None:
        """Lets the role begin."""
        self._say(b"g")

    def await_begun(self) -> None:
        """Waits until the role is running, or gone."""
        self._begun.wait(CERTAIN)

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process is not None else None

    @property
    def _process(self) -> subprocess.Popen[bytes] | None:
        return self._interpreter.process if self._interpreter is not None else None

    @property
    def alive(self) -> bool:
        return self._interpreter is not None and self._interpreter.alive

    def ask(self) -> None:
        """Ends the role as the end of a stage does: its context is terminated. A frozen one is killed."""
        self._asked = True
        if self._frozen or not self._ready.is_set():
            self._signal(_KILL)
        else:
            self._say(b"s")

    def force(self, exception: type[BaseException] | None = None) -> None:
        """Kills it, after it was asked to end and has not."""
        self._asked = True
        self._signal(_KILL)

    def join(self, timeout: float) -> bool:
        """Waits at most `timeout` seconds; says whether the process is gone."""
        if self._interpreter is not None:
            self._interpreter.join(timeout)
        return not self.alive

    def await_death(self) -> bool:
        """Waits until the system has ended it, as it does with what was killed, though maybe late; says whether all
        is put away."""
        if self._process is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(CERTAIN)
        return self.join(5.0)  # and no longer: it may have left children behind, which hold its stdout

    def stuck_at(self) -> str:
        return f"process {self.pid}"

    # --- faults

    def kill(self) -> None:
        """SIGKILL. On return the process is gone and its role reported as killed."""
        self._killed = True
        self._signal(_KILL)
        self.await_death()

    def freeze(self) -> None:
        """SIGSTOP. On return the process has stopped."""
        if _STOP is None:
            raise StageError(
                "This system cannot freeze a process; kill it, or put the freeze into the role (time.sleep)."
            )
        if not self._frozen:
            self._frozen = True
            self._signal(_STOP)
            self._await_stopped()
            self._on_state("frozen", "", None)

    def thaw(self) -> None:
        """SIGCONT: it goes on where it was."""
        if self._frozen:
            self._frozen = False
            self._on_state("running", "", None)
            self._signal(_CONTINUE)

    # --- the thread that serves it

    def _serve(self) -> None:
        self._cell.adopt()
        interpreter = self._interpreter
        assert interpreter is not None
        try:
            if interpreter.problem:
                text = f"{self.name} could not be started: {explain(interpreter.problem)}"
                self._tell("failed", text, interpreter.problem)
                return
            if self._asked or self._killed:
                self._signal(_KILL)
            interpreter.say(struct.pack("!Q", len(self._package)) + self._package)
            try:
                self._listen(interpreter.process.stdout)
            finally:
                self._last_words(interpreter.ended(), interpreter.printed())
        finally:
            self._ready.set()
            self._begun.set()

    def _listen(self, stream: Any) -> None:
        while len(head := stream.read(HEAD.size)) == HEAD.size:
            kind, length = HEAD.unpack(head)
            content = stream.read(length)
            if len(content) < length:
                return  # killed in the middle of a word
            if kind == EVENTS:
                self._recorder.ingest(content)
            elif kind == OUTPUT:
                sys.stdout.write(content.decode(errors="replace"))
                sys.stdout.flush()
            elif kind == READY:
                self.clock_lag_ns = time.perf_counter_ns() - int.from_bytes(content, "big")
                self._ready.set()
            elif kind == STATE:
                self._take_state(content)

    def _take_state(self, content: bytes) -> None:
        state, sentence, at, error = pickle.loads(content)
        if at and state == "failed":
            sentence += f" ({self._place(Place(*at))})"
        exc = None
        if error is not None:
            try:
                exc = pickle.loads(error)
            except Exception:  # an exception of a class that only exists there
                exc = RuntimeError(sentence)
        self._tell(state, sentence, exc)

    def _place(self, at: Place) -> Place:
        """Code that was sent does not know its file any more; here, the function of the same name does."""
        if not at.filename.startswith("<dynamic"):
            return at
        for function in (getattr(self._function, "__globals__", {}).get(at.function), self._function):
            code = getattr(function, "__code__", None)
            if code is not None:
                return at._replace(filename=code.co_filename)
        return at

    def _last_words(self, code: int, printed: str) -> None:
        """Called when it says nothing any more."""
        if self._killed and not self._told:
            self._tell("killed", "")
        elif self._asked and not self._told:
            self._tell("ended", "")
        elif not self._told:
            self._tell("failed", f"{self.name}'s process ended by itself: {_why(code)}{printed}")
        else:
            return
        self._recorder.role_died(self.name)

    def _tell(self, state: str, text: str = "", exc: BaseException | None = None) -> None:
        self._told = state in ("ended", "failed", "killed")
        self._on_state(state, text, exc)
        self._begun.set()

    def _say(self, data: bytes) -> None:
        if self._interpreter is not None:
            self._interpreter.say(data)

    def _signal(self, number: int) -> None:
        process = self._process
        if process is not None:
            try:
                process.send_signal(number)
            except OSError:
                return  # gone this moment

    def _await_stopped(self) -> None:
        """SIGSTOP takes effect a moment after it was sent; waits for it."""
        until = time.monotonic() + CERTAIN
        options = getattr(os, "WSTOPPED", 0) | getattr(os, "WNOHANG", 0) | getattr(os, "WNOWAIT", 0)
        while hasattr(os, "waitid") and time.monotonic() < until:
            try:
                if os.waitid(os.P_PID, self.pid or 0, options):
                    return
            except OSError:
                return
            threading.Event().wait(0.001)


_KILL = getattr(signal, "SIGKILL", signal.SIGTERM)  # Windows has no SIGKILL; its SIGTERM is as final
_STOP, _CONTINUE = getattr(signal, "SIGSTOP", None), getattr(signal, "SIGCONT", signal.SIGTERM)


def _why(code: int) -> str:
    if code == -getattr(signal, "SIGABRT", -1):
        return "libzmq aborted it, as it does when two threads use one socket"
    if code < 0:
        return f"signal {signal.Signals(-code).name}"
    return f"exit code {code}"
