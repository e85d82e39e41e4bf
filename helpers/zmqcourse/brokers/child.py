"""The processes that use a system: one producer, three workers, three subscribers.

    python -m zmqcourse.brokers.child

Told by the kernel, one line of JSON after another. The first names the system; each later one is a job for
a process of its own (answered by its number), or a process to kill (answered when it is gone). On Linux
processes are forked from this one, which has imported the client but opened nothing, so that a dozen of them
cost little; elsewhere each is a fresh interpreter. When nobody is at the other end any more, all die.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Iterator
from typing import Any, NoReturn

from zmqlive.deathwish import die_with_parent

from .base import System
from .notes import Notes, body, number
from .systems import make

FORK = sys.platform == "linux"


def play(system: System, job: dict[str, Any]) -> None:
    """One role, until it is killed. What goes wrong stands in its notes, for the table."""
    notes = Notes(job["notes"])
    try:
        if job["role"] in ("producer", "publisher"):
            _send(system, job, notes)
        else:
            _receive(system, job, notes)
    except BaseException as error:
        traceback.print_exc()
        notes.end(f"{type(error).__name__}: {error}"[:300])


def _send(system: System, job: dict[str, Any], notes: Notes) -> None:
    if job["role"] == "producer":
        sender = system.producer(job["queue"], workers=job["others"], limited=job["limited"])
    else:
        sender = system.publisher(job["queue"], subscribers=job["others"])
    notes.ready()
    sender.send_all(_bodies(job, notes), lambda task: notes.done(number(task)))
    notes.end()
    _wait()  # its connection stays open: what is in its buffers must still get out


def _bodies(job: dict[str, Any], notes: Notes) -> Iterator[bytes]:
    """Tasks, as long as there is time: so many at most. Each is noted as begun when it is about to be sent."""
    end = time.monotonic() + job["seconds"]
    for each in range(job["count"]):
        if time.monotonic() > end:
            break
        notes.start(each)
        yield body(each, job["size"])


def _receive(system: System, job: dict[str, Any], notes: Notes) -> None:
    work = job["work"]

    def handle(task: bytes) -> None:
        which = number(task)
        notes.start(which)
        if work:
            time.sleep(work)
        notes.done(which)

    if job["role"] == "worker":
        system.worker(job["queue"], job["number"], notes.ready, handle, workers=job["others"], limited=job["limited"])
    else:
        system.subscriber(job["queue"], job["number"], notes.ready, handle)
    _wait()


def _wait() -> NoReturn:
    while True:
        time.sleep(3600)


# --- the process that makes them


class Nursery:
    def __init__(self, key: str) -> None:
        self._key, self._system = key, make(key)
        if FORK:
            self._system.warm_up()
        self._children: dict[int, subprocess.Popen[str] | None] = {}

    def begin(self, job: dict[str, Any]) -> int:
        if FORK:
            pid = os.fork()
            if not pid:
                self._become(job)
            self._children[pid] = None
            return pid
        command = [sys.executable, "-m", __spec__.name, self._key, json.dumps(job)]
        child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
        self._children[child.pid] = child
        return child.pid

    def kill(self, pid: int) -> None:
        """SIGKILL, which leaves it no time for anything. It is gone on return."""
        child = self._children.pop(pid)
        if child:
            child.kill()
            child.communicate()
        else:
            os.killpg(pid, signal.SIGKILL)  # with what it has forked; not yet waited for, so the number is its own
            os.waitpid(pid, 0)

    def kill_all(self) -> None:
        for pid in list(self._children):
            self.kill(pid)

    def _become(self, job: dict[str, Any]) -> NoReturn:
        die_with_parent()
        os.setsid()
        os.close(0)
        log = os.open(job["log"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        os.dup2(log, 1)
        os.dup2(log, 2)
        self._system.place = job["place"]
        play(self._system, job)
        os._exit(0)


def _die_with_stdin() -> None:
    sys.stdin.read()
    os._exit(1)


def main() -> None:
    if os.name == "posix":
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # an interrupt of the notebook is not meant for us
    if len(sys.argv) > 1:
        job = json.loads(sys.argv[2])
        threading.Thread(target=_die_with_stdin, daemon=True).start()
        play(make(sys.argv[1], job["place"]), job)
        return
    nursery = Nursery(sys.stdin.readline().strip())
    print("ready", flush=True)
    try:
        for line in sys.stdin:
            order = json.loads(line)
            if "kill" in order:
                nursery.kill(order["kill"])
                print("killed", flush=True)
            else:
                print(nursery.begin(order), flush=True)
    except (OSError, KeyboardInterrupt):
        pass  # nobody reads any more
    finally:
        nursery.kill_all()


if __name__ == "__main__":
    main()
