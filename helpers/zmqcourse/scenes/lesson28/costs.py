"""What messages cost, by two clocks; beside neighbours; by other ways; to many subscribers; in an event loop."""

from __future__ import annotations

import asyncio
import multiprocessing
import queue
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import zmq
import zmq.asyncio
from zmqlive import figures
from zmqlive.figures import Plot

from ...trial import least

NEIGHBOURS = 2
BUSY = "import time\nend = time.monotonic() + 60\nprint('up', flush=True)\nwhile time.monotonic() < end: pass"
SIZE = 100  # bytes of a message
AT_ONCE = 100  # messages that are under way before they are taken: all of these ways have room for so many
NEWS, DELIVERIES = 20, 2000  # at least so many messages, and so many deliveries
PATIENCE = 20_000  # milliseconds


def clocks(run: Callable[[], Any], count: int) -> Plot:
    """What one of `count` messages took by the clock on the wall, and what it used of a processor, alone and beside
    processes that compute."""
    told = {"by the clock": [], "processor time": []}
    for neighbours in 0, NEIGHBOURS:
        with _computing(neighbours):
            began, spent = time.perf_counter(), time.process_time()
            run()
            told["by the clock"].append(1e6 * (time.perf_counter() - began) / count)
            told["processor time"].append(1e6 * (time.process_time() - spent) / count)
    groups = ("alone", f"beside {NEIGHBOURS} that compute")
    return figures.bars("The same messages, twice", told, groups=groups, y="µs a message")


@contextmanager
def _computing(number: int) -> Iterator[None]:
    """So many processes that do nothing but compute; each ends by itself after a minute."""
    busy = [subprocess.Popen([sys.executable, "-I", "-S", "-c", BUSY], stdout=subprocess.PIPE) for _ in range(number)]
    try:
        for each in busy:
            each.stdout.readline()  # it is up
        yield
    finally:
        for each in busy:
            each.kill()
            each.wait()
            each.stdout.close()


def others(count: int = 10_000) -> dict[str, float]:
    """Other ways for bytes, both ends in this thread: microseconds of processor time a message."""
    ways = {
        "SimpleQueue": _simple_queue,
        "queue.Queue": _queue,
        "Pipe": _pipe,
        "TCP by hand": _stream,
    }
    return least({name: lambda way=way: _spent(way, count) for name, way in ways.items()}, rounds=3)


def _spent(way: Callable[[int], None], count: int) -> float:
    began = time.process_time()
    way(count)
    return 1e6 * (time.process_time() - began) / count


def _simple_queue(count: int) -> None:
    _put_and_get(queue.SimpleQueue(), count)


def _queue(count: int) -> None:
    _put_and_get(queue.Queue(), count)


def _put_and_get(line: Any, count: int) -> None:
    message = bytes(SIZE)
    for _ in range(count // AT_ONCE):
        for _ in range(AT_ONCE):
            line.put(message)
        for _ in range(AT_ONCE):
            line.get()


def _pipe(count: int) -> None:
    message = bytes(SIZE)
    one, other = multiprocessing.Pipe(duplex=False)
    with one, other:
        for _ in range(count // AT_ONCE):
            for _ in range(AT_ONCE):
                other.send_bytes(message)
            for _ in range(AT_ONCE):
                one.recv_bytes()


def _stream(count: int) -> None:
    """TCP with a length before each message."""
    message = struct.pack("<I", SIZE) + bytes(SIZE)
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as one:
        other, _ = server.accept()
        with other, other.makefile("rb") as file:
            for _ in range(count // AT_ONCE):
                for _ in range(AT_ONCE):
                    one.sendall(message)
                for _ in range(AT_ONCE):
                    (size,) = struct.unpack("<I", file.read(4))
                    file.read(size)


def audience(counts: tuple[int, ...], transport: str = "tcp") -> dict[str, list[float]]:
    """For so many subscribers in this process: microseconds of processor time a message that is published, and one
    that is delivered."""
    told: dict[str, list[float]] = {"published": [], "delivered": []}
    for count in counts:
        news = max(NEWS, DELIVERIES // count)
        spent = min(_audience(count, news, transport) for _ in range(3)) / news
        told["published"].append(spent)
        told["delivered"].append(spent / count)
    return told


def _audience(count: int, news: int, transport: str) -> float:
    """Microseconds for so many messages to so many subscribers."""
    ctx = zmq.Context()
    ctx.max_sockets = count + 10  # the default is 1023; before the first socket
    pub = ctx.socket(zmq.XPUB)
    subs = [ctx.socket(zmq.SUB) for _ in range(count)]
    try:
        pub.xpub_verbose = True  # to count them
        pub.backlog = count
        pub.sndhwm = 0  # none is dropped
        pub.rcvtimeo = PATIENCE
        pub.bind("tcp://127.0.0.1:*" if transport == "tcp" else "inproc://news")
        for sub in subs:
            sub.rcvtimeo, sub.rcvhwm = PATIENCE, 0
            sub.subscribe("")
            sub.connect(pub.last_endpoint)
        for _ in range(count):
            pub.recv()  # one more is there
        message = bytes(SIZE)
        began = time.process_time()
        for _ in range(news):
            pub.send(message)
        for sub in subs:
            for _ in range(news):
                sub.recv()
        return 1e6 * (time.process_time() - began)
    finally:
        ctx.destroy(linger=0)


def in_a_loop(takes: Callable[[Any, int], Any], count: int = 5000) -> float:
    """`await takes(pull, count)` in an event loop of its own: microseconds of processor time a message, the least of
    three tries; both ends."""

    async def once() -> float:
        with zmq.asyncio.Context() as ctx, ctx.socket(zmq.PULL) as pull, zmq.Context() as plain:
            pull.rcvhwm = 0
            port = pull.bind_to_random_port("tcp://127.0.0.1")
            with plain.socket(zmq.PUSH) as push:
                push.sndhwm = 0
                push.connect(f"tcp://127.0.0.1:{port}")
                message, began = bytes(SIZE), time.process_time()
                for _ in range(count):
                    push.send(message)
                await takes(pull, count)
                return 1e6 * (time.process_time() - began) / count

    found: dict[str, float] = {}
    thread = threading.Thread(target=lambda: found.update(least({"": lambda: _run(once)}, rounds=3)))
    thread.start()  # this one has an event loop already, the notebook's
    thread.join()
    return found[""]


def _run(once: Callable[[], Any]) -> float:
    loop = asyncio.SelectorEventLoop()  # zmq.asyncio watches descriptors, which the default loop of Windows cannot
    try:
        return loop.run_until_complete(once())
    finally:
        loop.close()
