"""Records the program that it is loaded into, for whoever collects in the folder that ZMQLIVE names."""

from __future__ import annotations

import atexit
import os
import sys
import threading
from collections import deque
from pathlib import Path
from typing import Any

from ..deathwish import die_with_parent
from ..recorder import Recorder
from ..recording import everywhere, now
from . import form
from .logs import SpooledLog
from .spool import Spool
from .standing import answer

ADDRESS = "ZMQLIVE"             # of the environment: the folder
PARENT = "ZMQLIVE_PARENT"       # the process with which a program ends, however that ends, if it has started it
_begun: list[Program] = []


class Program(Recorder):
    """The recorder of a program among others. Its sockets' entries go into a spool; it keeps nothing."""

    def __init__(self, spool: Spool) -> None:
        self._spool, self._logs, self._telling = spool, [], threading.Lock()
        self._closed_ones: deque[SpooledLog] = deque(maxlen=200)     # their context may have to wait for them
        self._introduced = False
        super().__init__(sink=spool.write)

    def new_log(self) -> SpooledLog:
        with self.lock:
            self._introduce()
            log = SpooledLog(self.store.next_id(), self._multipart, self._spool)
            self._logs.append(log)
        return log

    def _introduce(self) -> None:
        """Say who this is, with the first socket: just after a fork, a child's name is still its parent's."""
        if not self._introduced:
            self._introduced = True
            self._spool.write(form.about(_who()))

    def collect(self) -> None:
        """Tell how the sockets stand."""
        super().collect()
        with self._telling:
            for log in list(self._logs):
                log.tell()
                if log.closed:
                    self._logs.remove(log)
                    self._closed_ones.append(log)
            answer(self._spool.folder, (*self._logs, *self._closed_ones))

    def let_go(self, context: int, *, over: bool = False) -> None:
        super().let_go(context, over=over)
        for log in (*self._closed_ones, *self._logs):
            if log.context == context:
                log.note("termed" if over else "term")

    def abandon(self) -> None:
        """This is a forked child. It gets a recorder of its own; sockets that it has inherited are its parent's."""
        super().abandon()
        self._spool.forget()
        self._telling = threading.Lock()
        for log in self._logs:
            log.inherit(os.getppid(), lambda parent, id: _begun[-1].inherited(parent, id))

    def inherited(self, parent: int, socket: int) -> None:
        """A socket that was made before the fork, by the process `parent`, is used here."""
        self._introduce()
        self._spool.write(form.about({"what": "inherited", "pid": parent, "socket": socket, "t": now()}))

    def bye(self) -> None:
        """The program ends by itself. (Its sockets may still close after this.)"""
        self.collect()
        if self._introduced:
            self._spool.write(form.about({"what": "bye", "t": now()}))


def begin() -> None:
    """Record every socket of this process from here on, if ZMQLIVE names a folder; and those of its children."""
    if os.name == "posix" and os.environ.get(PARENT) == str(os.getppid()):
        die_with_parent()
    if _start() and len(_begun) == 1 and hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=_start)


def _start() -> bool:
    folder = os.environ.get(ADDRESS, "")
    if not folder:
        return False
    try:
        spool = Spool(folder)
    except OSError:
        print(f"zmqlive: {ADDRESS}={folder}: nobody collects there, so this program is not recorded", file=sys.stderr)
        return False
    program = Program(spool)
    _begun.append(program)
    everywhere.running.append(program)
    atexit.register(_bye, os.getpid())
    if util := sys.modules.get("multiprocessing.util"):
        _when_a_child_ends(util, program)
    return True


def _when_a_child_ends(util: Any, program: Program) -> None:
    """A child of `multiprocessing` may run no atexit's. What is registered for its end is forgotten as it begins, which
    comes after the fork, and may come after the import of zmq; so this is done again then."""
    def register(_: Program) -> None:
        util.Finalize(None, _bye, args=(os.getpid(),), exitpriority=-100)

    register(program)
    util.register_after_fork(program, register)


def _bye(pid: int) -> None:
    if pid == os.getpid() and _begun:
        _begun[-1].bye()


def _who() -> dict[str, Any]:
    """What is told of this program."""
    child, parent = _child()
    return {"what": "program", "form": form.VERSION, "name": form.plain(f"{_name()}/{child}" if child else _name(), 80),
            "pid": os.getpid(), "parent": parent, "t": now(), "argv": [each[:200] for each in sys.argv[:20]],
            "python": sys.version.split()[0]}


def _name() -> str:
    """The program's file, without its ending; of a package the package."""
    given = sys.argv[0] if sys.argv else ""
    file = Path(given)
    if file.stem == "__main__":
        return file.resolve().parent.name
    return {"-c": "command", "-": "stdin", "": "python"}.get(given, file.stem)


def _child() -> tuple[str, int]:
    """Of a child of `multiprocessing` its process's name, and the number of its parent's."""
    process = sys.modules.get("multiprocessing.process")
    parent = process and process.parent_process()
    return (process.current_process().name, parent.pid or 0) if process and parent else ("", 0)
