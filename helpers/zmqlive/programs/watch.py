"""Collects what programs write at this moment, in a folder that only this user can enter.

    system = zmqlive.watch()        # prints what a program has to be started with
    zmqlive.show(system)            # the picture, live
    system.ledger()                 # and everything else that a record answers
"""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import tempfile
import threading
from pathlib import Path
from typing import Any

from ..hook import ADDRESS, Strange, claim, form, lives
from ..recorder import LIMIT, Answers
from ..recording import now
from .saved import Writer
from .system import System

AT_ONCE = 1 << 20       # bytes that are read of one program in one round
_OURS = re.compile(r"\d+-[0-9a-f]{8}\.(\d+|new)|collector|ask-\d+(\.\w+)*")       # names of files there
HOOK = Path(__file__).parents[1] / "hook" / "onpath"


class Watch(Answers, System):
    """The record of all programs that write into its folder. They may come before it and after it, and go.

    `folder`: one of its own, which may be there already, with programs that write (None: a new one); it is removed by
    `close`, what was recorded stays. `save`: a file to write all to. Raises OSError where one of them cannot be made,
    FileExistsError where the folder is somebody else's.
    """

    def __init__(self, title: str = "programs", *, folder: str | os.PathLike[str] | None = None,
                 save: str | os.PathLike[str] | None = None, limit: int = LIMIT) -> None:
        self._tails: dict[str, _Tail] = {}
        self._pulling = threading.RLock()
        self._writer: Writer | None = None
        self._live = True
        self._ours: set[int] = set()        # processes whose end we are told
        self.problems: list[str] = []
        self.folder = _made(folder)
        self._claim = claim(self.folder / "collector")
        with self._pulling:     # nothing is taken before it can be saved
            super().__init__(title, limit=limit)
            if save is not None:
                self._writer = Writer(save, title, self.began)

    # --- what programs need

    def environment(self) -> dict[str, str]:
        """What a program's environment needs, on top of its own, to be recorded here."""
        path = os.environ.get("PYTHONPATH")
        return {ADDRESS: str(self.folder), "PYTHONPATH": str(HOOK) + (os.pathsep + path if path else "")}

    def invitation(self) -> str:
        """The same as a line for a shell."""
        return " ".join(f"{name}={shlex.quote(value)}" for name, value in self.environment().items())

    @property
    def starting(self) -> Any:
        """Held while a program is started and `expect`ed, so that it is not taken for a stranger meanwhile."""
        return self._pulling

    # --- collecting

    def collect(self) -> None:
        """Take what the programs have written until now."""
        with self._pulling:
            while self._live and self._pull():
                super().collect()
        super().collect()

    def sent(self, role: str = "") -> int:
        self.collect()
        return super().sent(role)

    def received(self, role: str = "") -> int:
        self.collect()
        return super().received(role)

    def _pull(self) -> bool:
        """One round. Returns whether there may be more."""
        with contextlib.suppress(OSError):
            for entry in sorted(os.listdir(self.folder)):
                name, _, part = entry.rpartition(".")
                if part.isdigit() and name not in self._tails:
                    self._tails[name] = _Tail(self.folder / name, len(self._tails) + 1)
        more = False
        for tail in self._tails.values():
            if tail.over:
                continue
            try:
                data = tail.read()
                if data:
                    self._take(tail.program, data)
                    more = True
                elif tail.over and self.process_of(tail.program) not in self._ours:
                    self.gone(tail.program)
            except Strange as error:
                tail.close()
                self.problems.append(f"What {self.name_of(tail.program) or 'a program'} wrote is no record: {error}.")
        return more

    def _take(self, program: int, data: bytes) -> None:
        known = self.name_of(program)
        self.book(program, data)
        if self._writer:
            if not known:
                self._writer.say({"what": "named", "program": program, "name": self.name_of(program)})
            self._writer.block(program, data)

    def expect(self, pid: int, name: str) -> str:
        self._ours.add(pid)
        return super().expect(pid, name)

    def told(self, role: str, t: int, state: str, text: str = "") -> None:
        super().told(role, t, state, text)
        if self._writer:
            self._writer.say({"what": "role", "name": role, "t": t, "state": state, "text": text})

    def gone(self, program: int, t: int = 0, state: str = "", text: str = "") -> None:
        with self._pulling:
            t = t or now()
            if self._writer and self.name_of(program):
                self._writer.say({"what": "gone", "program": program, "t": t, "state": state, "text": text})
            super().gone(program, t, state, text)

    def ended(self, pid: int, role: str, state: str, text: str = "") -> None:
        """The process that was expected has ended so. What it wrote before that is taken first."""
        with self._pulling:
            self.collect()
            self._ours.discard(pid)
            program, t = self.of_process(pid), now()
            if program is not None:
                self.gone(program, t, state, text)
            self.told(role, t, state, text)

    def stopping(self) -> None:
        super().stopping()
        if self._writer:
            self._writer.say({"what": "stopping", "t": self.stopped})

    def end(self) -> None:
        """Collect no more. Programs that still run go on, and are not recorded any more."""
        self.collect()
        with self._pulling:
            self._live = False
            for tail in self._tails.values():
                tail.close()
            if self._writer:
                self._writer.close(now())
            if self._claim >= 0:
                os.close(self._claim)
                self._claim = -1
                _removed(self.folder)

    def close(self) -> None:
        """The same, and the picture stands still."""
        self.end()
        super().close()

    def __enter__(self) -> Watch:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


class _Tail:
    """Reads one program's files as they grow, and removes those that it is done with."""

    def __init__(self, name: Path, program: int) -> None:
        self.program, self.over = program, False
        self._name, self._part, self._rest = name, 0, b""
        self._file, self._ended = -1, False

    def read(self) -> bytes:
        """Whole records that are new. When there are none, `over` says whether the program is gone. Raises Strange."""
        alive = lives(self._path(self._part))       # asked first: what is written after this is read by the next
        if self._file < 0:
            with contextlib.suppress(FileNotFoundError):
                self._file = os.open(self._path(self._part), os.O_RDONLY | getattr(os, "O_BINARY", 0))
        new = os.read(self._file, AT_ONCE) if self._file >= 0 else b""
        data = self._rest + new if self._rest else new
        end = form.whole(data)
        self._rest = data[end:]
        if not new:
            if not self._ended and self._path(self._part + 1).exists():
                self._ended = True      # and once more: something may have been written before the next was begun
                return self.read()
            if self._ended:
                self._next()
                return self.read()
            if not alive:
                self.close()
        return data[:end]

    def _next(self) -> None:
        if self._rest:
            raise Strange("a file that ends in the middle of a record")
        self.close()
        with contextlib.suppress(OSError):
            os.unlink(self._path(self._part))
        self.over, self._ended, self._part = False, False, self._part + 1

    def close(self) -> None:
        self.over, file, self._file = True, self._file, -1
        if file >= 0:
            os.close(file)

    def _path(self, part: int) -> Path:
        return self._name.with_name(f"{self._name.name}.{part}")


def watch(title: str = "programs", *, folder: str | os.PathLike[str] | None = None,
          save: str | os.PathLike[str] | None = None) -> Watch:
    """Collect from programs that are started elsewhere, and say how. See `Watch`."""
    system = Watch(title, folder=folder, save=save)
    print(f"Start programs with {system.invitation()}")
    return system


def _made(folder: str | os.PathLike[str] | None) -> Path:
    if folder is None:
        return Path(tempfile.mkdtemp(prefix="zmqlive-"))
    path = Path(folder).absolute()
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    if any(not _OURS.fullmatch(entry) for entry in os.listdir(path)):
        raise FileExistsError(f"{path} holds other files: a record needs a folder of its own")
    return path


def _removed(folder: Path) -> None:
    """Takes away what programs and collector have put there, and the folder if that was all."""
    with contextlib.suppress(OSError):
        for entry in os.listdir(folder):
            if _OURS.fullmatch(entry):
                (folder / entry).unlink(missing_ok=True)
        folder.rmdir()
