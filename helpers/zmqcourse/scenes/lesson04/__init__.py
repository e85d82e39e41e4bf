"""Lesson 04's apparatus: programs of two files, run as in two terminals, with a bound on every wait."""

from __future__ import annotations

import queue
import subprocess
import sys
import threading
from pathlib import Path

BOUND = 60.0  # seconds for anything that is waited for


class Program:
    """`python file arguments`, started in the file's folder; what it prints is kept line by line."""

    def __init__(self, file: Path, *arguments: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, file.name, *arguments],
            cwd=file.parent,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
        )
        self._lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._lines.put(line.rstrip("\n"))

    def lines(self, count: int) -> list[str]:
        """Its next lines. Raises `queue.Empty` when one does not come within BOUND seconds."""
        return [self._lines.get(timeout=BOUND) for _ in range(count)]

    def printed(self) -> list[str]:
        """The lines that are there now."""
        return self.lines(self._lines.qsize())

    def ended(self, seconds: float = BOUND) -> bool:
        """Whether it ends by itself within so many seconds."""
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        self._reader.join()
        return True

    def kill(self) -> None:
        """End it, as Ctrl-C in its terminal would; harmless when it has ended."""
        self._process.kill()
        self.ended()
        if self._process.stdout is not None:
            self._process.stdout.close()
