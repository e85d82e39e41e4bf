"""What recording costs, in processor time, so that a busy machine gives the same answer as a quiet one.

`one_thread` sends and receives in one thread: ns of that thread for each. `two_processes` lets one process send to
another: ns of all threads of both for each message, the recorder's included. All kinds take turns, batch by batch, and
what is compared are ratios: of medians, and of minima, which other load reaches least.

`plain` is pyzmq as it is, `counting` a record that has gone over to counting, `every` one that keeps each message.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import zmq
import zmq.asyncio

KINDS = ("plain", "counting", "every")
LOOPS = ("plain loop", "Poller", "asyncio")
LIMIT = 120.0       # seconds that a process may take
WARM = 1_200        # messages before it is measured: of a new socket the first 1,000 calls are looked at


class Cost(NamedTuple):
    """What a message costs, in ns of processor time: medians, and minima."""

    send: float
    receive: float
    least_send: float
    least_receive: float

    @classmethod
    def of(cls, sends: list[float], receives: list[float]) -> Cost:
        return cls(statistics.median(sends), statistics.median(receives), min(sends), min(receives))

    def against(self, plain: Cost) -> tuple[float, float]:
        """How fast this is where plain is 1: by the medians, and by the minima."""
        return ((plain.send + plain.receive) / (self.send + self.receive),
                (plain.least_send + plain.least_receive) / (self.least_send + self.least_receive))


class Pair:
    """A PUSH and a PULL without limits, recorded or not. `close` ends all that they needed."""

    def __init__(self, kind: str, loop: str) -> None:
        asynchronous = loop == "asyncio"
        self._recorder = recorder_for(kind)
        if self._recorder:
            self.ctx = self._recorder.async_context() if asynchronous else self._recorder.context()
        else:
            self.ctx = zmq.asyncio.Context() if asynchronous else zmq.Context()
        self.push, self.pull = self.ctx.socket(zmq.PUSH), self.ctx.socket(zmq.PULL)
        for socket in (self.push, self.pull):
            socket.sndhwm = socket.rcvhwm = 0
        self.pull.bind("inproc://cost")
        self.push.connect("inproc://cost")
        self._counting = kind == "counting"

    def ready(self) -> None:
        """Called before each batch: the recorder goes back to keeping all when it is calm."""
        if self._counting:
            count_only(self._recorder)

    def close(self) -> None:
        for socket in (self.push, self.pull):
            socket.close(0)
        self.ctx.term()
        if self._recorder:
            self._recorder.close()


def recorder_for(kind: str) -> Any:
    if kind == "plain":
        return None
    from zmqlive.recorder import Recorder
    return Recorder(exact=True)


def count_only(recorder: Any) -> None:
    for log, _kept in recorder.store.logs():
        log.counting = True


# --- one thread ---------------------------------------------------------------------------------------------


def one_thread(size: int, *, frames: int = 1, loop: str = "plain loop", kinds: tuple[str, ...] = KINDS,
               batch: int = 500, rounds: int = 60) -> dict[str, Cost]:
    """The cost of each kind; a message is of so many frames, the last of them of `size` bytes."""
    message = [b"id", b"", b"x" * size][-frames:]
    pairs = {kind: Pair(kind, loop) for kind in kinds}
    took: dict[str, tuple[list[float], list[float]]] = {kind: ([], []) for kind in kinds}
    runner = asyncio.SelectorEventLoop() if loop == "asyncio" else None
    try:
        for pair in pairs.values():
            for _ in range(-(-WARM // batch)):
                _batch(pair, loop, runner, message, batch)
        for round in range(rounds):
            first = round % len(kinds)
            for kind in kinds[first:] + kinds[:first]:
                pairs[kind].ready()
                for times, t in zip(took[kind], _batch(pairs[kind], loop, runner, message, batch), strict=True):
                    times.append(t / batch)
    finally:
        if runner:
            runner.run_until_complete(asyncio.sleep(0))
        for pair in pairs.values():
            pair.close()
        if runner:
            runner.close()
    return {kind: Cost.of(*times) for kind, times in took.items()}


def _batch(pair: Pair, loop: str, runner: Any, message: list[bytes], n: int) -> tuple[int, int]:
    """ns of this thread for `n` sends, and for as many receives."""
    if runner:
        return runner.run_until_complete(_batch_async(pair, message, n))
    cpu = time.thread_time_ns
    single, poller = message[-1] if len(message) == 1 else None, zmq.Poller()
    send = pair.push.send_multipart if single is None else pair.push.send
    recv = pair.pull.recv_multipart if single is None else pair.pull.recv
    what: Any = message if single is None else single
    began = cpu()
    for _ in range(n):
        send(what)
    sent = cpu()
    if loop == "Poller":
        poller.register(pair.pull, zmq.POLLIN)
        for _ in range(n):
            if poller.poll(1000):
                recv()
    else:
        for _ in range(n):
            recv()
    return sent - began, cpu() - sent


async def _batch_async(pair: Pair, message: list[bytes], n: int) -> tuple[int, int]:
    cpu = time.thread_time_ns
    send, recv = pair.push.send_multipart, pair.pull.recv_multipart
    if len(message) == 1:
        send, recv, message = pair.push.send, pair.pull.recv, message[0]    # type: ignore[assignment]
    began = cpu()
    for _ in range(n):
        await send(message)
    sent = cpu()
    for _ in range(n):
        await recv()
    return sent - began, cpu() - sent


# --- two processes ------------------------------------------------------------------------------------------


def two_processes(size: int, count: int, *, frames: int = 1, kinds: tuple[str, ...] = KINDS,
                  rounds: int = 5) -> dict[str, Cost]:
    """The cost of each kind over tcp, both ends of the same kind; each round starts all of them anew."""
    took: dict[str, tuple[list[float], list[float]]] = {kind: ([], []) for kind in kinds}
    for round in range(rounds):
        first = round % len(kinds)
        for kind in kinds[first:] + kinds[:first]:
            for times, t in zip(took[kind], _run_two(kind, size, count, frames), strict=True):
                times.append(t)
    return {kind: Cost.of(*times) for kind, times in took.items()}


def _run_two(kind: str, size: int, count: int, frames: int) -> tuple[float, float]:
    with _child("pull", kind, size, count, frames) as pull:
        endpoint = pull.stdout.readline().strip()
        with _child("push", kind, size, count, frames, endpoint) as push:
            told = [json.loads(end.communicate(timeout=LIMIT)[0]) for end in (push, pull)]
    return told[0], told[1]


@contextmanager
def _child(*args: object) -> Iterator[subprocess.Popen[str]]:
    child = subprocess.Popen([sys.executable, __file__, *map(str, args)], stdout=subprocess.PIPE, text=True)
    try:
        yield child
    finally:
        if child.poll() is None:
            child.kill()
        child.communicate()


def _end(side: str, kind: str, size: str, count: str, frames: str, endpoint: str = "") -> None:
    """One of the two processes: prints the ns of all its threads for a message."""
    recorder = recorder_for(kind)
    ctx = recorder.context() if recorder else zmq.Context()
    socket = ctx.socket(zmq.PUSH if side == "push" else zmq.PULL)
    socket.rcvtimeo = socket.sndtimeo = int(LIMIT * 1000)
    message = [b"id", b"", b"x" * int(size)][-int(frames):]
    if side == "push":
        socket.connect(endpoint)
        call: Callable[[], Any] = (lambda: socket.send_multipart(message)) if len(message) > 1 else \
            (lambda: socket.send(message[0]))
    else:
        socket.bind("tcp://127.0.0.1:*")
        print(socket.last_endpoint.decode(), flush=True)
        call = socket.recv_multipart if len(message) > 1 else socket.recv
    for _ in range(WARM):
        call()
    if kind == "counting":
        count_only(recorder)
    began = time.process_time_ns()
    for _ in range(int(count)):
        call()
    took = time.process_time_ns() - began
    if recorder:
        recorder.collect()
        took = time.process_time_ns() - began       # with what was still to be put away
    print(took / int(count), flush=True)
    socket.close()      # after its last message has gone out
    ctx.term()
    if recorder:
        recorder.close()


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "helpers"))
    _end(*sys.argv[1:])
