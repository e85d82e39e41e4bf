"""Lesson 16's apparatus: programs that may end their process, run as programs of their own, and counted."""

from __future__ import annotations

import itertools
import pickle
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cloudpickle
import zmq

START = 60.0  # seconds that a Python may take to start, on a machine that is busy with other things
WELL = "went well"

_PROGRAM = """
import pickle, sys
with open(sys.argv[1], "rb") as file:
    package, sys.path = pickle.load(file)
program, args = pickle.loads(package)
print("begun", flush=True)
returned = program(*args)
with open(sys.argv[2], "w") as file:
    file.write(str(returned))
"""


def outcome(program: Callable[..., Any], *args: Any, seconds: float = 30) -> str:
    """Run `program(*args)` in a fresh Python: "went well", "hangs" or "dies: …". So many seconds at most, counted
    from when it has begun."""
    how, _ = _run(program, args, seconds)
    return how


def outcomes(
    program: Callable[..., Any], *args: Any, seconds: float = 30, runs: int = 4, most: int = 0
) -> Counter[str]:
    """How so many runs ended. With `most` there are more, up to so many, as long as none has gone wrong."""
    seen: Counter[str] = Counter()
    while seen.total() < runs or seen.total() == seen[WELL] < most:
        seen[outcome(program, *args, seconds=seconds)] += 1
    return seen


def forked(child: Callable[..., Any], *args: Any, method: str = "fork", seconds: float = 10) -> int | str:
    """Run `child(parents, endpoint, *args)` in a child of `multiprocessing`; `parents` is its parent's context, in use.
    How many messages have come to `endpoint` when the child is gone; "hangs" when it is not after so many seconds,
    "no fork" where there is none."""
    if method == "fork" and sys.platform == "win32":
        return "no fork"
    how, said = _run(_parent, (cloudpickle.dumps((child, args)), method, seconds), seconds + 30)
    return said if how == WELL else how


def silence(stage: Any, act: Callable[[], None], pieces: int = 4) -> float:
    """The longest time without a beat, `b"alive"`, while so many tasks are taken in after `act()`; seconds."""
    act()
    done = _tasks(stage)
    assert stage.wait(lambda s: _tasks(s) > done, timeout=60)
    start = stage.trace().seconds
    assert stage.wait(lambda s: _tasks(s) > done + pieces, timeout=60)
    trace = stage.trace()
    beats = sorted(m.received for m in trace.messages if m.frames == (b"alive",) and (m.received or 0) > start)
    return max(b - a for a, b in itertools.pairwise([start, *beats, trace.seconds]))


def _tasks(stage: Any) -> int:
    return sum(m.frames == (b"task",) and m.received is not None for m in stage.trace().messages)


def second_pair(stage: Any) -> dict[str, int]:
    """A second worker comes to a line that is taken: what it sent and got, and what the first one got meanwhile."""
    assert stage.wait(lambda s: s.received("boss") >= 4, timeout=60)
    stage.grow("worker")
    before = stage.received("worker 1")
    assert stage.wait(lambda s: s.received("worker 1") >= before + 5 and s.sent("worker 2"), timeout=60)
    return {
        "sent": stage.sent("worker 2"),
        "got": stage.received("worker 2"),
        "first": stage.received("worker 1") - before,
    }


def after_stop(stage: Any) -> dict[str, Any]:
    """What became of the tasks that waited when *stop* was sent: how many, how many were begun all the same, and the
    seconds until the listener's *bye*."""
    sent = stage.trace().messages
    at = {m.frames[0]: m.sent for m in sent if m.frames[0] in (b"stop", b"bye")}
    tasks = [m for m in sent if m.frames == (b"task",) and m.sent < at[b"stop"]]
    waited = [m for m in tasks if not m.received or m.received > at[b"stop"]]
    begun = sum(m.received is not None for m in waited)
    return {"waited": len(waited), "begun": begun, "seconds": at[b"bye"] - at[b"stop"]}


# --- roles that lessons have met often enough


def producer(ctx: Any, tasks: str, pause: Any) -> None:
    """Binds, and sends tasks with a pause between them."""
    with ctx.socket(zmq.PUSH) as push:
        push.bind(tasks)
        while True:
            push.send(b"task")
            time.sleep(pause.value)


def monitor(ctx: Any, beats: str) -> None:
    """Takes in heartbeats."""
    with ctx.socket(zmq.PULL) as pull:
        pull.bind(beats)
        while True:
            pull.recv()


def office(ctx: Any, front: str, works: tuple[float, ...]) -> None:
    """Answers questions, each after so many seconds, in turn; listens to its clients all the time."""
    with ctx.socket(zmq.ROUTER) as router:
        router.bind(front)
        due: list[tuple[float, bytes]] = []
        takes = itertools.cycle(works)
        while True:
            while not router.poll(20):
                while due and due[0][0] <= time.monotonic():
                    router.send_multipart([due.pop(0)[1], b"answer"])
            client, what, *question = router.recv_multipart()
            if what == b"question" and question:
                due.append((time.monotonic() + next(takes), client))


# --- in the fresh Python


def _parent(package: bytes, method: str, seconds: float) -> int | str:
    """Counts what a child sends. Its context is made, and used, before the child."""
    import multiprocessing

    parents = zmq.Context.instance()
    with parents.socket(zmq.PULL) as pull:
        pull.bind("tcp://127.0.0.1:*")
        with parents.socket(zmq.PUSH) as push:
            push.connect(pull.last_endpoint)
            push.send(b"used")
            pull.recv()
        way = multiprocessing.get_context(method)
        inherited = parents if method == "fork" else None
        process = way.Process(target=_child, args=(package, inherited, pull.last_endpoint), daemon=True)
        process.start()
        # it is gone, or has had its time; then what is still on its way comes within a moment
        waiter = threading.Thread(target=process.join, args=(seconds,))
        waiter.start()
        came = 0
        while waiter.is_alive() or pull.poll(300):
            if pull.poll(50):
                pull.recv()
                came += 1
        hangs = process.is_alive()
        process.kill()
        process.join()
    return "hangs" if hangs else came


def _child(package: bytes, parents: Any, endpoint: str) -> None:
    child, args = pickle.loads(package)
    child(parents, endpoint, *args)


# --- in the kernel


def _run(program: Callable[..., Any], args: tuple[Any, ...], seconds: float) -> tuple[str, Any]:
    """How it ended, and what it returned where it went well: a number or text."""
    with tempfile.TemporaryDirectory() as folder:
        file, said, result = Path(folder, "program"), Path(folder, "said"), Path(folder, "result")
        file.write_bytes(pickle.dumps((cloudpickle.dumps((program, args)), sys.path)))
        with said.open("wb") as errors:
            process = subprocess.Popen(
                [sys.executable, "-c", _PROGRAM, file, result],
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors, text=True,
            )  # fmt: skip
        assert process.stdout
        late = threading.Timer(START, process.kill)
        late.start()
        begun = process.stdout.readline()
        late.cancel()
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            return ("hangs" if begun else "dies: it did not start"), None
        finally:
            process.kill()
            process.wait()
            process.stdout.close()
        if process.returncode:
            lines = said.read_text(errors="replace").strip().splitlines()
            return f"dies: {lines[-1] if lines else f'exit code {process.returncode}'}", None
        returned = result.read_text()
    return WELL, int(returned) if returned.isdigit() else returned
