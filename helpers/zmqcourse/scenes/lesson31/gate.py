"""A disk that stands still where it is told to: so a fault can be hung on what a program has just done."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

from zmqlive import Disk

LOOK = 0.002  # seconds between two looks


class Gate(Disk):
    """A `Disk` whose `write` or `sync` stands still where it was told to, also in another process.

    Where: "write" (before anything is written), "sync" (before it is synced), "synced" (when it is, and before the call
    returns). What is said to it, and what it says, stands in small files beside its own.
    """

    def __reduce__(self) -> Any:
        return Gate, (os.fspath(self.path),)

    def write(self, data: Any) -> int:
        self._passes("write")
        return super().write(data)

    def sync(self) -> None:
        self._passes("sync")
        super().sync()
        self._passes("synced")

    # --- from outside

    def stand(self, where: str) -> None:
        """From now on a program that comes to this place stands there, until `release` or `let_through`."""
        self.release()
        self._flag(where).write_text("1")

    @property
    def stands(self) -> bool:
        """Whether a program stands there now."""
        return self._beside("stands").exists()

    def let_through(self, where: str) -> None:
        """Whoever stands there goes on; the next one stands."""
        self._beside("stands").unlink(missing_ok=True)
        with self._flag(where).open("a") as flag:  # one more
            flag.write("1")

    def release(self) -> None:
        """Nobody stands any more."""
        for where in "write", "sync", "synced":
            self._flag(where).unlink(missing_ok=True)
        self._beside("stands").unlink(missing_ok=True)

    # --- inside

    def _passes(self, where: str) -> None:
        flag = self._flag(where)
        if not (seen := _text(flag)):
            return
        self._beside("stands").touch()
        while _text(flag) == seen:
            time.sleep(LOOK)

    def _flag(self, where: str) -> Path:
        return self._beside(f"at-{where}")

    def _beside(self, what: str) -> Path:
        return Path(f"{self.path}.{what}")


def _text(file: Path) -> str:
    try:
        return file.read_text()
    except FileNotFoundError:
        return ""
