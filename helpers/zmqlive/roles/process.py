"""A role in a process of its own: it can be killed and frozen, and dies with this one.

The process is a fresh interpreter (`python -m zmqlive.roles.inside`), never a fork: sockets and threads do not
survive one. One thread here starts it, reads what it says and buries it. On Linux a child asks to be killed
when the thread that started it ends, so that thread stays as long as the child does.

What passes between the two, over the child's stdin and stdout:

    to the child     8 bytes of length, the pickled role; then single bytes: g(o), s(top). The end of the
    stream: die. from the child   frames: a letter (below), 4 bytes of length, the content.
"""

from __future__ import annotations

import os
import pickle
import signal
import struct
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

from .cell import Cell
from .errors import Place, StageError, StageTimeout, explain
from .parcel import EVENTS, HEAD, OUTPUT, READY, STATE, pack
from .thread import OnState

_START_LIMIT = 60.0  # seconds: a loaded machine takes its time


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
    ) -> None:
        self.name, self._function = name, function
        self._package = pack(name, function, args)  # says at once what cannot be sent
        self._recorder, self._on_state, self._cell = recorder, on_state, cell
        self._process: subprocess.Popen[bytes] | None = None
        self._errors: IO[bytes] | None = None
        self._ready, self._begun = threading.Event(), threading.Event()
        self._asked = self._killed = self._frozen = self._told = False
        self.clock_lag_ns = (
            0  # how long ago "ready" was said, by the child's clock: a small time, as both read the same
        )
        self._thread = threading.Thread(target=self._serve, name=f"role {name} (process)", daemon=True)

    # --- its life

    def prepare(self) -> None:
        """Starts the interpreter, which takes some tenths of a second."""
        self._thread.start()

    def await_ready(self) -> None:
        """Waits until the function has arrived there. Raises StageTimeout when it does not."""
        if not self._ready.wait(_START_LIMIT):
            self.kill()
            raise StageTimeout(f"{self.name}'s process did not start within {_START_LIMIT:g} s.")

    def start(self) -> None:
        """Lets the role begin."""
        self._say(b"g")

    def await_begun(self) -> None:
        """Waits until the role is running, for a moment at most."""
        self._begun.wait(1.0)

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process is not None else None

    @property
    def alive(self) -> bool:
        return self._thread.is_alive()

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
        if self._thread.ident is not None and self._thread is not threading.current_thread():
            self._thread.join(max(0.0, timeout))
        return not self.alive

    def stuck_at(self) -> str:
        return f"process {self.pid}"

    # --- faults

    def kill(self) -> None:
        """SIGKILL. On return the process is gone and its role reported as killed."""
        self._killed = True
        self._signal(_KILL)
        self.join(2.0)

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
        # What C code prints, for instance libzmq before it aborts. Closed in `_bury`.
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "zmqlive.roles.inside"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._errors,
                env=_environment(),
                creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
                bufsize=-1,
            )
            if self._asked or self._killed:
                self._signal(_KILL)
            self._say(struct.pack("!QQ", os.getpid(), len(self._package)) + self._package)
            self._listen(self._process.stdout)
        except OSError as exc:
            self._tell("failed", f"{self.name} could not be started: {explain(exc)}", exc)
        finally:
            self._bury()

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

    def _bury(self) -> None:
        process = self._process
        if process is not None:
            try:
                code = process.wait(2.0)
            except subprocess.TimeoutExpired:  # it closed its stdout, and stays
                process.kill()
                code = process.wait()
            for stream in (process.stdin, process.stdout):
                _close(stream)
            self._last_words(code)
        _close(self._errors)
        self._ready.set()
        self._begun.set()

    def _last_words(self, code: int) -> None:
        if self._killed and not self._told:
            self._tell("killed", "")
        elif self._asked and not self._told:
            self._tell("ended", "")
        elif not self._told:
            self._tell("failed", f"{self.name}'s process ended by itself: {_why(code)}{self._printed()}")
        else:
            return
        self._recorder.role_died(self.name)

    def _printed(self) -> str:
        """The last line that C code, or Python before our own code ran, has printed."""
        assert self._errors is not None
        self._errors.seek(0, os.SEEK_END)
        self._errors.seek(max(0, self._errors.tell() - 2000))
        lines = self._errors.read().decode(errors="replace").strip().splitlines()
        return f" ({lines[-1]})" if lines else ""

    def _tell(self, state: str, text: str = "", exc: BaseException | None = None) -> None:
        self._told = state in ("ended", "failed", "killed")
        self._on_state(state, text, exc)
        self._begun.set()

    def _say(self, data: bytes) -> None:
        process = self._process
        if process is None or process.stdin is None:
            return
        try:
            process.stdin.write(data)
            process.stdin.flush()
        except (OSError, ValueError):
            return  # it is gone; the serving thread will say how

    def _signal(self, number: int) -> None:
        process = self._process
        if process is not None:
            try:
                process.send_signal(number)
            except OSError:
                return  # gone this moment

    def _await_stopped(self) -> None:
        """SIGSTOP takes effect a moment after it was sent; waits for it, half a second at most."""
        until = time.monotonic() + 0.5
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


def _environment() -> dict[str, str]:
    """This one's, and this package can be imported."""
    home = str(Path(__file__).parents[2])
    path = os.environ.get("PYTHONPATH")
    return {**os.environ, "PYTHONPATH": home + (os.pathsep + path if path else "")}


def _close(stream: Any) -> None:
    try:
        if stream is not None:
            stream.close()
    except OSError:
        return  # what was still to be written to a process that is gone
