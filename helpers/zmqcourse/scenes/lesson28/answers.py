"""Services whose answers are timed: one that stands still now and then, and one that is far away."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import zmq
from zmqlive.net import Link
from zmqlive.roles import interrupts

EVERY, STILL = 100, 0.2  # at one of so many questions it stands still, for so many seconds
RATE, COUNT = 200, 300
SLOW = 0.05  # seconds


def answers(*ways: Callable[..., list[float]]) -> dict[str, list[float]]:
    """How many seconds answers took, as each of these ways tells it, and on schedule. A way is called with a context,
    an endpoint, a rate and a count. The service stands still for `STILL` seconds at one of `EVERY` questions."""
    found = {}
    for way in (*ways, on_schedule):
        with zmq.Context() as ctx, _serving(ctx, STILL) as endpoint:
            found[way.__name__.replace("_", " ")] = way(ctx, endpoint, RATE, COUNT)
    return found


def share(times: Sequence[float]) -> float:
    """Which share of the answers took longer than `SLOW`."""
    return sum(each > SLOW for each in times) / len(times)


def on_schedule(ctx: zmq.Context[Any], endpoint: str, rate: int, count: int) -> list[float]:
    """Asks when a question is due, whatever has been answered; its time begins then."""
    times: list[float] = []
    with ctx.socket(zmq.DEALER) as dealer:
        dealer.linger = 0
        dealer.connect(endpoint)
        began, asked = time.monotonic(), 0
        while len(times) < count:
            while asked < count and time.monotonic() >= began + asked / rate:
                dealer.send_multipart([b"", b"%d" % asked])
                asked += 1
            wait = began + asked / rate - time.monotonic() if asked < count else 1.0
            if dealer.poll(max(0.0, 1000 * wait)):
                number = int(dealer.recv_multipart()[-1])
                times.append(time.monotonic() - (began + number / rate))
    return times


@contextmanager
def _serving(ctx: zmq.Context[Any], still: float) -> Iterator[str]:
    """The endpoint of a service that repeats what it is asked."""
    router = ctx.socket(zmq.ROUTER)
    router.linger = 0
    router.bind("tcp://127.0.0.1:*")
    endpoint, over = router.last_endpoint.decode(), threading.Event()
    thread = threading.Thread(target=_serve, args=(router, still, over), daemon=True)
    thread.start()
    try:
        yield endpoint
    finally:
        over.set()
        thread.join()


def _serve(router: zmq.Socket[Any], still: float, over: threading.Event) -> None:
    served = 0
    with router:
        while not over.is_set():
            if not router.poll(20):
                continue
            question = router.recv_multipart()
            served += 1
            if still and served % EVERY == EVERY // 2:
                interrupts.original(still)
            router.send_multipart(question)


@contextmanager
def far(latency: float = 0.02) -> Iterator[str]:
    """The endpoint of a service that answers at once, so many seconds away."""
    with zmq.Context() as ctx, _serving(ctx, 0.0) as endpoint, Link(endpoint, latency=latency) as line:
        yield line.endpoint
