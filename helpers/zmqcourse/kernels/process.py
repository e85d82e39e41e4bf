"""A kernel of one's own, in a process that ends with this one."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import weakref
from contextlib import suppress
from pathlib import Path

import zmq

from .messages import Info, at, message

STARTS = 600.0  # seconds: far beyond what any machine takes
PROGRAM = (
    "from zmqlive.deathwish import die_with_parent; die_with_parent(); "
    "from ipykernel.kernelapp import launch_new_instance; launch_new_instance()"
)
NO_HISTORY = "--HistoryManager.enabled=False"


class Kernel:
    """`info` is what its connection file says. It is ready, has bound ports of 127.0.0.1 that it has chosen itself, and
    ends by `end`, with this object, or with this process.

    Raises RuntimeError, with its last words, when it does not come to life.
    """

    def __init__(self) -> None:
        folder = Path(tempfile.mkdtemp(prefix="kernel-"))
        file = folder / "kernel.json"
        with open(folder / "errors", "wb") as errors:
            self.process = subprocess.Popen(
                [sys.executable, "-c", PROGRAM, "-f", str(file), "--ip=127.0.0.1", NO_HISTORY],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=errors,
                env={**os.environ, "IPYTHONDIR": str(folder), "JPY_PARENT_PID": str(os.getpid())},
                start_new_session=True,  # what interrupts the notebook is not for it
            )
        self._end = weakref.finalize(self, _ended, self.process, folder)
        self.frozen = False
        try:
            self.info = self._told(folder, file)
            self._answers()
        except BaseException:
            self.end()
            raise

    def _told(self, folder: Path, file: Path) -> Info:
        """Its connection file, which it writes when its sockets are bound."""
        end = time.monotonic() + STARTS
        while time.monotonic() < end and self.process.poll() is None:
            with suppress(OSError, ValueError):
                return dict(json.loads(file.read_text()))
            time.sleep(0.02)
        lines = (folder / "errors").read_text(errors="replace").strip().splitlines()
        raise RuntimeError(f"The kernel has not come to life. {' '.join(lines[-1:])}")

    def _answers(self) -> None:
        with zmq.Context() as ctx, ctx.socket(zmq.DEALER) as shell:
            shell.linger = 0
            shell.connect(at(self.info, "shell"))
            shell.send_multipart(message(self.info, "kernel_info_request", {}))
            end = time.monotonic() + STARTS
            while not shell.poll(100):
                if time.monotonic() > end or self.process.poll() is not None:
                    raise RuntimeError("The kernel has ended before its first answer.")

    def freeze(self) -> None:
        """SIGSTOP: it keeps its sockets and does nothing until `thaw`. On return it has stopped."""
        if not self.frozen and self.process.poll() is None:
            self.process.send_signal(signal.SIGSTOP)
            os.waitid(os.P_PID, self.process.pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)
            self.frozen = True

    def thaw(self) -> None:
        """SIGCONT: it goes on where it was."""
        if self.frozen:
            self.process.send_signal(signal.SIGCONT)
            self.frozen = False

    @property
    def alive(self) -> bool:
        """Whether there is such a process, whatever it does."""
        return self.process.poll() is None

    def end(self) -> None:
        """Kill it, and remove its files. Harmless when called again."""
        self._end()

    def __enter__(self) -> Kernel:
        return self

    def __exit__(self, *error: object) -> None:
        self.end()


def _ended(process: subprocess.Popen[bytes], folder: Path) -> None:
    process.kill()
    process.wait()
    shutil.rmtree(folder, ignore_errors=True)
