"""Where a system's servers live: a folder, ports, and a keeper that ends them with us (see keeper.py)."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from zmqlive import deathwish
from zmqlive.stage import Endpoints

KEEPER = Path(__file__).with_name("keeper.py")
START_LIMIT = 60.0  # seconds: Erlang and Java take their time on a busy machine


class HomeError(RuntimeError):
    """A server did not start, or ended; says which and shows its last words."""


class Home:
    """A temporary folder with servers in it. `close` ends them and removes it; so does the end of this process."""

    def __init__(self, enough: threading.Event | None = None) -> None:
        self._enough = enough or threading.Event()
        self._endpoints = Endpoints()
        self._keeper = subprocess.Popen(
            [sys.executable, "-I", "-S", str(KEEPER), deathwish.__file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=os.name == "posix",
        )
        assert self._keeper.stdout
        self.folder = Path(json.loads(self._keeper.stdout.readline())["folder"])

    def port(self) -> int:
        """A loopback port that nobody else has."""
        return int(self._endpoints.get("tcp").rpartition(":")[2])

    def make(self, name: str, text: str = "") -> Path:
        """A file in the folder that the server can read; a folder that it can write, for a name that ends in /."""
        path = self.folder / name.rstrip("/")
        if name.endswith("/"):
            path.mkdir()
            path.chmod(0o777)
        else:
            path.write_text(text, encoding="utf-8")
            path.chmod(0o644)
        return path

    def start(self, *command: object, port: int | None = None, env: dict[str, str] | None = None) -> int:
        """Start a server, and wait until it answers at `port`; its process id."""
        pid = self._ask("start", command=[str(part) for part in command], env=env or {})["pid"]
        if port:
            self.until(lambda: answers(port), f"{Path(str(command[0])).name} at port {port}")
        return pid

    def run(self, *command: object, env: dict[str, str] | None = None, seconds: float = 30) -> str:
        """Run a command to its end; what it printed. Raises HomeError when it failed."""
        done = self._ask("run", command=[str(part) for part in command], env=env or {}, seconds=seconds)
        if done["code"]:
            raise HomeError(f"{Path(str(command[0])).name} failed: {done['output'].strip()[-300:]}")
        return done["output"]

    def until(self, condition: Callable[[], Any], what: str) -> None:
        """Wait until it holds. Raises HomeError when it does not in time, a server has ended, or it is enough."""
        end = time.monotonic() + START_LIMIT
        while not condition():
            if self._enough.is_set():
                raise HomeError("stopped before it was up")
            said = self._ask("alive")
            if not said["alive"] or time.monotonic() > end:
                how = "ended" if not said["alive"] else "did not come up in time"
                raise HomeError(f"{what} {how}: {said['log'].strip()[-400:]}")
            time.sleep(0.02)

    @property
    def megabytes(self) -> float:
        """The memory of all that runs here; 0 where the system does not say."""
        return self._ask("memory")["mb"]

    def close(self) -> None:
        """All servers end, the folder goes, the ports are free."""
        if self._keeper.poll() is None:
            with contextlib.suppress(HomeError, OSError):  # it is gone, and what it kept with it
                self._ask("stop", last=True)
        for stream in (self._keeper.stdin, self._keeper.stdout):
            with contextlib.suppress(OSError):
                stream.close()  # type: ignore[union-attr]
        self._keeper.wait()
        self._endpoints.close()

    def _ask(self, what: str, **details: Any) -> dict[str, Any]:
        assert self._keeper.stdin and self._keeper.stdout
        print(json.dumps({"do": what, **details}), file=self._keeper.stdin, flush=True)
        line = self._keeper.stdout.readline()
        answer = json.loads(line) if line else {"error": "its keeper is gone"}
        if "error" in answer:
            raise HomeError(answer["error"])
        return answer


def answers(port: int, host: str = "127.0.0.1") -> bool:
    """Whether somebody accepts connections there."""
    try:
        socket.create_connection((host, port), 0.5).close()
    except OSError:
        return False
    return True
