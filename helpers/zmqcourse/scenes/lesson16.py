"""Lesson 16's apparatus: programs that may end their process, run as programs of their own, and counted."""

from __future__ import annotations

import itertools
import pickle
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cloudpickle

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


def silence(stage: Any, role: str, act: Callable[[], None], pieces: int = 4) -> float:
    """The longest time without a beat, `b"alive"`, while this role takes in so many messages after `act()`; seconds."""
    act()
    done = stage.received(role)
    assert stage.wait(lambda s: s.received(role) > done, timeout=60)
    start = stage.trace().seconds
    assert stage.wait(lambda s: s.received(role) > done + pieces, timeout=60)
    trace = stage.trace()
    beats = sorted(m.received for m in trace.messages if m.frames == (b"alive",) and (m.received or 0) > start)
    return max(b - a for a, b in itertools.pairwise([start, *beats, trace.seconds]))


# --- in the fresh Python


def _parent(package: bytes, method: str, seconds: float) -> int | str:
    """Counts what a child sends. Its context is made, and used, before the child."""
    import multiprocessing

    import zmq

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
