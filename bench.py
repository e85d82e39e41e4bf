"""What recording and looking cost, measured here and now: `make bench`, or `python bench.py [--quick] [--strict]`.

What a message costs is measured in processor time and told as a ratio, plain over recorded: 1.00 is as fast as plain
pyzmq. Both take turns, so that other load meets both (see `tests/cost.py`); of the two ratios, of medians and [of
minima], the second counts, for other load reaches it least. It is told for each way in which sockets can be recorded
here, native and in Python (`ZMQLIVE_NATIVE=0`). Each line: what, measured, bar, ok or over. The exit
code is 0, with `--strict` 1 when a bar was missed.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import zmq

sys.path.extend(str(Path(__file__).parent / "tests" / room) for room in ("", "zmqlive/trace", "zmqlive/recording"))

from cost import KINDS, LOOPS, Cost, count_only, one_thread, two_processes
from test_match import PATTERNS, run
from test_recorder import memory_growth
from zmqlive import Stage, way
from zmqlive.recorder import Recorder
from zmqlive.view.pump import Pump

ME = psutil.Process()
Line = tuple[str, str, str, bool]


# --- recorded against plain ---------------------------------------------------------------------------------


SIZES = {10: 500, 100: 500, 1_000: 500, 65_536: 20}      # bytes, and messages in a batch
BARS = {"native": {"counting": 0.95, "every": 0.95}, "Python": {"counting": 0.80, "every": 0.60}}


def recording(quick: bool) -> Iterator[Line]:
    """Recorded against plain, in the way that this process takes."""
    how = way().partition(":")[0]
    print(f"--- {way()}", flush=True)
    rounds = 30 if quick else 120
    for size, batch in SIZES.items():
        for frames in (1, 3):
            if frames == 1 or size == 100 or not quick:
                yield from ratios(how, f"one thread, {_what(size, frames)}",
                                  one_thread(size, frames=frames, batch=batch, rounds=rounds))
    for loop in LOOPS[1:]:
        yield from ratios(how, f"one thread, {_what(10, 1)}, {loop}",
                          one_thread(10, loop=loop, batch=200, rounds=rounds // 2))
    for size in SIZES:
        for frames in (1, 3):
            if not quick or (size, frames) in ((10, 1), (1_000, 3)):
                count = (40_000 if size < 10_000 else 4_000) // frames
                yield from ratios(how, f"two processes, {_what(size, frames)}",
                                  two_processes(size, count, frames=frames, rounds=3 if quick else 7))
    yield from two_threads(how, 3 if quick else 7, 100_000 if quick else 300_000)


def _what(size: int, frames: int) -> str:
    return f"{size:,} B" + (f" in {frames} frames" if frames > 1 else "")


def ratios(how: str, what: str, costs: dict[str, Cost]) -> Iterator[Line]:
    plain = costs["plain"]
    for kind in KINDS[1:]:
        cost, bar = costs[kind], BARS[how][kind]
        median, least = cost.against(plain)
        more = f"{cost.send - plain.send:+,.0f} and {cost.receive - plain.receive:+,.0f} ns"
        yield f"{what}: {kind}", f"{median:.2f} [{least:.2f}]   {more}", f"≥ {bar:.2f}", least >= bar


def two_threads(how: str, rounds: int, count: int) -> Iterator[Line]:
    """Messages a second between two threads of one process: mostly a matter of who has Python's lock, and when."""
    for kind in KINDS[1:]:
        rates = [(throughput(kind, count), throughput("plain", count)) for _ in range(rounds)]
        ratio = statistics.median(recorded / plain for recorded, plain in rates)
        bar = 0.90 if how == "native" else 0.40
        yield (f"two threads of one process, tcp, 1,000 B: {kind}",
               f"{ratio:.2f}   plain {statistics.median(plain for _, plain in rates) / 1e3:,.0f} k/s", f"≥ {bar:.2f}",
               ratio >= bar)


def throughput(kind: str, count: int) -> float:
    """Messages a second of wall time, PUSH to PULL in two threads."""
    recorder = None if kind == "plain" else Recorder(exact=True)
    ctx = recorder.context() if recorder else zmq.Context()
    pull, push = ctx.socket(zmq.PULL), ctx.socket(zmq.PUSH)
    pull.bind("tcp://127.0.0.1:*")
    push.connect(pull.last_endpoint.decode())
    if recorder and kind == "counting":
        count_only(recorder)
    message = b"x" * 1_000

    def fill() -> None:
        for _ in range(2 * count):
            push.send(message)

    with push, pull:
        thread = threading.Thread(target=fill)
        thread.start()
        for _ in range(count):
            pull.recv()
        began = time.perf_counter()
        for _ in range(count):
            pull.recv()
        seconds = time.perf_counter() - began
        thread.join()
    ctx.term()
    if recorder:
        recorder.close()
    del recorder
    gc.collect()
    return count / seconds


def in_python(options: list[str]) -> int:
    """The part `recording` once more in a process that records in Python."""
    return subprocess.run([sys.executable, __file__, "--only", "recording", *options],
                          env=os.environ | {"ZMQLIVE_NATIVE": "0"}, check=False).returncode


def exactness(share: float) -> Iterator[Line]:
    total = 0
    slowest = float("inf")
    for name in PATTERNS:
        count, rate = run(name, share)      # raises where one is missing or matched wrongly
        total += count
        if name.startswith(("push", "pub")):
            slowest = min(slowest, rate)
    yield ("messages recorded exactly, none missing, none matched wrongly", f"{total:,}", "≥ 1,000,000",
           total >= 1_000_000 or share < 1)
    yield "the slowest of PUSH/PULL and PUB/SUB among them", f"{slowest:,.0f} a second", "≥ 100,000", slowest >= 100_000


def memory(count: int) -> Iterator[Line]:
    grown, _ = memory_growth(count)
    yield f"memory after {count:,} messages with a view", f"{grown:.0f} MB more", "< 200 MB", grown < 200


# --- a live view --------------------------------------------------------------------------------------------


def producer(ctx: Any, endpoint: str, rate: float, over: threading.Event) -> None:
    with ctx.socket(zmq.PUSH) as push:
        push.bind(endpoint)
        began, sent = time.perf_counter(), 0
        while not over.is_set():
            push.send(b"0123456789")
            sent += 1
            if rate and (early := began + sent / rate - time.perf_counter()) > 0:
                time.sleep(early)


def worker(ctx: Any, endpoint: str) -> None:
    with ctx.socket(zmq.PULL) as pull:
        pull.connect(endpoint)
        while True:
            pull.recv()


def staged(rate: float, seconds: float, *, view: bool) -> tuple[float, float]:
    """CPU seconds a second, and messages a second, of a stage with or without a view's pump."""
    stage, over = Stage("bench", seconds=60), threading.Event()
    endpoint = stage.endpoint("inproc", name="tasks")
    stage.add(worker, endpoint)
    stage.add(producer, endpoint, rate, over)
    stage.start()
    pump = Pump(stage, lambda batch: json.dumps(batch)) if view else None  # type: ignore[arg-type,return-value]
    if pump:
        pump.start()
    threading.Event().wait(0.5)
    cpu, received, began = time.process_time(), stage.received("worker"), time.perf_counter()
    threading.Event().wait(seconds)
    wall = time.perf_counter() - began
    result = (time.process_time() - cpu) / wall, (stage.received("worker") - received) / wall
    over.set()
    if pump:
        pump.stop()
    stage.stop()
    gc.collect()
    return result


def looking(rounds: int, seconds: float) -> Iterator[Line]:
    slow = [(staged(1000, seconds, view=True), staged(1000, seconds, view=False)) for _ in range(rounds)]
    more = statistics.median(seen[0] - unseen[0] for seen, unseen in slow)
    rate = statistics.median(seen[1] for seen, _ in slow)
    yield (f"a view's cost in the kernel at {rate:,.0f} messages a second", f"{100 * more:.1f} % of a core", "< 5 %",
           more < 0.05)
    fast = [(staged(0, seconds / 2, view=True), staged(0, seconds / 2, view=False)) for _ in range(rounds)]
    ratio = statistics.median(seen[1] / unseen[1] for seen, unseen in fast)
    yield "throughput flat out with / without a view", f"{ratio:.2f}", "≥ 0.85", ratio >= 0.85


# --- start and stop -----------------------------------------------------------------------------------------


def pusher(ctx: Any, mine: str, others: str) -> None:
    """Blocked in send sooner or later; its second socket is asked for what never comes."""
    with ctx.socket(zmq.PUSH) as push, ctx.socket(zmq.PULL) as pull:
        push.bind(mine)
        pull.connect(others)
        while True:
            push.send(b"x")


def puller(ctx: Any, mine: str, others: str) -> None:
    with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.PUSH) as push:
        push.bind(mine)
        pull.connect(others)
        while True:
            pull.recv()


def held() -> tuple[int, int]:
    gc.collect()
    return threading.active_count(), ME.num_fds() if hasattr(ME, "num_fds") else ME.num_handles()


def stopping(rounds: int) -> Iterator[Line]:
    times, left = [], []
    for _ in range(rounds):
        before = held()
        stage = Stage("fifty roles", seconds=60)
        for i in range(25):
            a, b = stage.endpoint("inproc", name=f"a{i}"), stage.endpoint("tcp", name=f"b{i}")
            stage.add(pusher, a, b, name=f"pusher {i}")
            stage.add(puller, b, stage.endpoint("inproc", name=f"none {i}"), name=f"puller {i}")
        stage.start()
        until = time.monotonic() + 20
        while (len(stage.recorder.store.kept) < 100 or len(stage.recorder.blocked("pusher")) < 25) \
                and time.monotonic() < until:
            threading.Event().wait(0.02)
        began = time.perf_counter()
        stage.stop()
        times.append(time.perf_counter() - began)
        del stage
        left.append(settled(before))
    yield "stop of 100 sockets in 50 roles, half of them blocked", f"{max(times):.2f} s", "< 1 s", max(times) < 1
    yield "threads and descriptors that it leaves", f"{max(left)}", "0", max(left) == 0


def settled(before: tuple[int, int]) -> int:
    """How many threads and descriptors more than before there are, after at most two seconds."""
    until = time.monotonic() + 2
    while (more := sum(max(0, a - b) for a, b in zip(held(), before, strict=True))) and time.monotonic() < until:
        threading.Event().wait(0.05)
    return more


def starting(count: int) -> Iterator[Line]:
    first, megabytes = (0, 0), 0.0
    for n in range(count):
        if n == 20:
            first, megabytes = held(), ME.memory_info().rss / 1e6
        stage, over = Stage("again", seconds=60), threading.Event()
        endpoint = stage.endpoint("tcp", name="tasks")
        stage.add(worker, endpoint)
        stage.add(producer, endpoint, 1000, over)
        stage.start()
        stage.wait(lambda s: s.received("worker") >= 5, timeout=10)
        stage.stop()
        del stage
    more, grown = settled(first), ME.memory_info().rss / 1e6 - megabytes
    yield f"threads and descriptors more after {count} start/stops than after 20", f"{more}", "0", more == 0
    yield f"memory after {count} start/stops against after 20", f"{grown:+.1f} MB", "flat (< 10 MB)", grown < 10


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--quick", action="store_true", help="less than a minute, rougher figures")
    parser.add_argument("--strict", action="store_true", help="exit with 1 when a bar is missed")
    parser.add_argument("--only", default="", help="only the parts whose names begin so")
    options = parser.parse_args()
    quick = options.quick
    parts: dict[str, Callable[[], Iterator[Line]]] = {
        "recording": lambda: recording(quick),
        "exactness": lambda: exactness(0.1 if quick else 1.0),
        "memory": lambda: memory(1_000_000 if quick else 10_000_000),
        "looking": lambda: looking(2 if quick else 5, 2.0 if quick else 5.0),
        "stopping": lambda: stopping(1 if quick else 5),
        "starting": lambda: starting(60 if quick else 200)}
    missed = 0
    for name, part in parts.items():
        if name.startswith(options.only):
            for what, measured, bar, ok in part():
                missed += not ok
                print(f"{what:<70} {measured:>36}   {bar:<15} {'ok' if ok else 'OVER'}", flush=True)
            if name == "recording" and way().startswith("native"):
                missed += in_python(["--strict", *(["--quick"] if quick else [])])
    return int(options.strict and missed > 0)


if __name__ == "__main__":
    sys.exit(main())
