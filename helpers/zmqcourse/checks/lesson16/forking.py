"""A program of its own, which has a context and sockets in use, and then forks children."""

from __future__ import annotations

import json
import os
import pickle
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import cloudpickle
import zmq

from ...exercise import Late, ToDo, Wrong
from ...trial import Trial, taken

FORK = hasattr(os, "fork")
TRIED = "`forked(parents, tasks, results)` in a forked process"
_TICK = 0.005


class Server:
    """What is known of the program: it reports into a file."""

    def __init__(self, t: Trial, report: Path) -> None:
        self._trial, self._report = t, report

    @property
    def said(self) -> dict:
        """What is known: "0", "1" and so on, how a child ended ("" is well); "parent", if its sockets still work."""
        lines = self._report.read_text(encoding="utf-8").split("\n")[:-1]
        return dict(json.loads(line) for line in lines)

    def over(self) -> bool:
        return "parent" in self.said

    def look(self) -> None:
        """Raises what is to be said of a child that failed; takes a moment."""
        for how in (how for child, how in self.said.items() if child.isdigit()):
            if how.startswith("todo:"):
                raise ToDo(how.removeprefix("todo:"))
            if how:
                raise Wrong(f"`forked` {how}", tried=TRIED)
        time.sleep(_TICK)

    def until(self, condition: Callable[[], object], seconds: float) -> bool:
        """Whether it came true in time. Raises what is to be said of a child that failed."""
        end = self._trial.deadline(seconds)
        while not condition():
            self.look()
            if end.over:
                return bool(condition())
        return True

    def reached_by(self, push: zmq.Socket) -> None:
        if not self.until(lambda: "begun" in self.said, 10):
            raise Late("the program that forks did not begin")
        if not self.until(lambda: push.poll(0, zmq.POLLOUT), 2.0):
            raise Late(
                "no PULL of the child came to `tasks`",
                tried=TRIED,
                expected="a connection. (A context that was made before the fork has no threads in the child)",
            )

    def send(self, push: zmq.Socket, task: bytes) -> None:
        """Send a task once there is room. Raises what is to be said of a child that failed and so takes no more."""
        if not self.until(lambda: taken(push, [task]), 5.0):
            raise Late("nobody takes the tasks any more", tried=TRIED, expected="each task, until an empty one comes")


@contextmanager
def server_of(t: Trial, forked: Callable, tasks: list[str], results: list[str]) -> Iterator[Server]:
    try:
        package = cloudpickle.dumps((forked, tasks, results))
    except Exception as error:
        raise Wrong(f"your function could not be sent to another process: {error}") from None
    with tempfile.TemporaryDirectory() as folder:
        file, report = Path(folder, "function"), Path(folder, "report")
        file.write_bytes(pickle.dumps((package, len(tasks), sys.path)))
        report.touch()
        process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, file, report],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            yield Server(t, report)
        finally:
            with suppress(OSError):
                os.killpg(process.pid, signal.SIGKILL) if FORK else process.kill()
            process.wait()


# The frames of the answer are kept: what hangs on their local variables is not thrown away when they return, so that
# it is not pyzmq's `__del__` that closes and ends what the answer has left open.
PROGRAM = """
import json, os, pickle, signal, sys, threading, time
import zmq
package, count, sys.path = pickle.load(open(sys.argv[1], "rb"))
from zmqcourse.exercise import describe, where

def say(what, how):
    with open(sys.argv[2], "a", encoding="utf-8") as report:
        report.write(json.dumps([what, how]) + "\\n")

def child(number):
    how, kept = "", []
    try:
        forked, tasks, results = pickle.loads(package)
        mine = getattr(getattr(forked, "__code__", None), "co_filename", None)
        def keep(frame, event, _):
            if event == "return" and frame.f_code.co_filename == mine:
                kept.append(frame)
        sys.setprofile(keep)
        forked(ctx, tasks[number], results[number])
    except NotImplementedError as error:
        how = "todo:" + str(error)
    except BaseException as error:
        how = "raised `" + describe(error) + "` " + where(error)
    sys.setprofile(None)
    say(str(number), how)

def works():
    push.send(b"still there")
    return bool(pull.poll(1000)) and pull.recv() == b"still there"

ctx = zmq.Context.instance()            # made, and used, before the fork
pull, push = ctx.socket(zmq.PULL), ctx.socket(zmq.PUSH)
pull.bind("tcp://127.0.0.1:*")
push.connect(pull.last_endpoint)
works()
say("begun", True)
if hasattr(os, "fork"):
    children = []
    for number in range(count):
        pid = os.fork()
        if not pid:
            signal.alarm(60)
            child(number)
            os._exit(0)
        children.append(pid)
    for pid in children:
        os.waitpid(pid, 0)
    say("parent", works())
else:                                   # no fork here: processes are spawned, and inherit nothing that works
    ctx.destroy(linger=0)
    for number in range(count):
        child(number)
    say("parent", True)
"""
