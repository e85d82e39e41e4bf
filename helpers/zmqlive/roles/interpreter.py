"""A Python process that is ready to play a role: it has loaded all that any role needs, and waits.

A fresh interpreter (`python -m zmqlive.roles.inside`), never a fork: sockets and threads do not survive one. On Linux a
child asks to be killed when the thread that started it ends, so that thread stays as long as the child does, and serves
whatever role it comes to play.
"""

from __future__ import annotations

import os
import struct
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

LAST = 10.0  # seconds from the last word of a process to its end


class Interpreter:
    """One such process, and its thread. It plays a role once it is told to (`play`), or is sent away (`dismiss`).

    `process` is there once it was started; `problem` says why that could not be done. `errors` is the file that takes
    what C code prints there, and Python before our own code runs.
    """

    def __init__(self) -> None:
        self.process: subprocess.Popen[bytes] | None = None
        self.problem: OSError | None = None
        self.errors: IO[bytes] | None = None
        self._surroundings = _surroundings()
        self._part: Callable[[], None] | None = None
        self._told = threading.Event()
        self._thread = threading.Thread(target=self._live, name="interpreter", daemon=True)
        self._thread.start()

    @property
    def ready(self) -> bool:
        """Whether it can play any role that begins now: it is there, and finds what one that is started now would."""
        process = self.process
        return process is not None and process.poll() is None and self._surroundings == _surroundings()

    @property
    def alive(self) -> bool:
        """Whether its thread still serves it."""
        return self._thread.is_alive()

    def play(self, name: str, part: Callable[[], None]) -> None:
        """Let its thread, by this name, do `part`, which deals with the process or with the problem. On return from
        that all is put away."""
        self._thread.name = name
        self._part = part
        self._told.set()

    def dismiss(self) -> None:
        """It is not needed. Returns at once."""
        self._told.set()

    def join(self, timeout: float) -> None:
        """Wait until all is put away, so many seconds at most."""
        if self._thread is not threading.current_thread():
            self._thread.join(max(0.0, timeout))

    def _live(self) -> None:
        self.errors = tempfile.TemporaryFile()  # noqa: SIM115  (until the role's last words are told)
        try:
            self._begin()
            self._told.wait()
            if self._part:
                self._part()
        finally:
            self._bury()

    def _begin(self) -> None:
        try:
            process = subprocess.Popen(
                [sys.executable, "-m", "zmqlive.roles.inside"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self.errors,
                env=_environment(),
                creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
                bufsize=-1,
            )
        except OSError as exc:
            self.problem = exc
            return
        self.process = process
        self.say(struct.pack("!Q", os.getpid()))    # whom it is not to outlive

    def say(self, data: bytes) -> None:
        """Write to its stdin."""
        process = self.process
        if process is None or process.stdin is None:
            return
        try:
            process.stdin.write(data)
            process.stdin.flush()
        except (OSError, ValueError):
            return  # it is gone; the thread will say how

    def ended(self) -> int:
        """Its exit code, now that it says nothing any more."""
        assert self.process is not None
        try:
            return self.process.wait(LAST)
        except subprocess.TimeoutExpired:  # it has closed its stdout, and stays
            self.process.kill()
            return self.process.wait()

    def printed(self) -> str:
        """The last line that C code, or Python before our own code ran, has printed."""
        assert self.errors is not None
        self.errors.seek(0, os.SEEK_END)
        self.errors.seek(max(0, self.errors.tell() - 2000))
        lines = self.errors.read().decode(errors="replace").strip().splitlines()
        return f" ({lines[-1]})" if lines else ""

    def _bury(self) -> None:
        if self.process is not None:
            self.process.kill()     # harmless when it has ended
            self.process.wait()
            for stream in (self.process.stdin, self.process.stdout):
                _close(stream)
        _close(self.errors)


class Understudy:
    """An interpreter that is kept ready for the next process of a stage, from its first one on: a role that was killed
    is then there again without the time that Python takes to start."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: Interpreter | None = None
        self._wanted = self._over = False

    @property
    def ready(self) -> bool:
        """Whether one waits."""
        waiting = self._waiting
        return waiting is not None and waiting.ready

    def take(self) -> Interpreter:
        """The one that waits, or a new one where none does, or where it is not what a new one would be."""
        with self._lock:
            waiting, self._waiting, self._wanted = self._waiting, None, True
        if waiting is not None:
            if waiting.ready:
                return waiting
            waiting.dismiss()
        return Interpreter()

    def prepare(self) -> None:
        """Called now and then: where one was needed, another may be."""
        with self._lock:
            if self._wanted and not self._over and self._waiting is None:
                self._waiting = Interpreter()

    def end(self) -> Interpreter | None:
        """Nobody will be needed any more. Returns the one that is on its way out, if there is one."""
        with self._lock:
            waiting, self._waiting, self._over = self._waiting, None, True
        if waiting is not None:
            waiting.dismiss()
        return waiting


def _surroundings() -> Any:
    """What a process takes over from the one that starts it, as far as a program changes that."""
    try:
        folder = os.getcwd()
    except OSError:     # it was removed
        folder = ""
    return sys.executable, folder, dict(os.environ)


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
