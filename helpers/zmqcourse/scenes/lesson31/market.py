"""A market: a ticker in a process of its own, a source of prices, two readers, one of them over a line that fails."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import zmq
from ipywidgets import HTML
from zmqlive import Stage

from .gate import Gate

Role = Callable[..., Any]
GOODS = (b"gold", b"rice", b"salt", b"wool")
PAUSE = 0.05  # seconds between two prices
LOOK = 0.3  # seconds between two looks at the books
BOTH = "reader 1", "reader 2"


class Market:
    """`stage` runs. `books`: what each reader knows, number → (key, value); `text` compares them. `ask`: where the
    ticker is asked. With `prices` no price comes but those that are put there."""

    def __init__(self, server: Role, reader: Role, prices: queue.Queue[tuple[bytes, bytes]] | None = None) -> None:
        self.books: dict[str, Book] = {name: Book(self._looks) for name in BOTH}
        self.text = HTML()
        self.stage = stage = Stage("A market", seconds=900)
        self._due, self._lock = 0.0, threading.Lock()
        publish, feed, self.ask = (stage.endpoint("tcp", name=name) for name in ("publish", "feed", "ask"))
        self._folder = TemporaryDirectory(prefix="zmqcourse-", ignore_cleanup_errors=True)
        self.disk = Gate(Path(self._folder.name, "log"))
        self.line = stage.link(feed, name="line to reader 2")
        stage.add(server, publish, feed, self.ask, self.disk, name="ticker", process=True)
        stage.start()
        stage.add(reader, feed, self.ask, self.books["reader 1"], name="reader 1")
        stage.add(reader, self.line.endpoint, self.ask, self.books["reader 2"], name="reader 2")
        stage.add(_source, publish, prices, name="source")

    def _looks(self) -> None:
        if time.monotonic() > self._due and self._lock.acquire(blocking=False):
            try:
                self._due = time.monotonic() + LOOK
                self.text.value = "<br>".join((*self._lines(), self._compared()))
            finally:
                self._lock.release()

    def _lines(self) -> list[str]:
        found = {name: sorted(list(book)) for name, book in self.books.items()}
        return [f"<b>{name}</b>: newest {numbers[-1]}, numbers missing: {numbers[-1] - len(numbers)}"
                for name, numbers in found.items() if numbers]

    def _compared(self) -> str:
        return f"numbers that mean different things to the two: {len(self.two_meanings())}"

    def two_meanings(self) -> list[int]:
        """The numbers under which the two know different updates."""
        one, other = (dict(self.books[name]) for name in BOTH)
        return sorted(number for number in one if number in other and one[number] != other[number])

    def missing(self) -> int:
        """How many numbers either of them has not, of those before its newest."""
        return sum(max(book, default=0) - len(book) for book in self.books.values())

    def __enter__(self) -> Market:
        return self

    def __exit__(self, *error: object) -> None:
        self.stop()

    def stop(self) -> None:
        self.disk.release()
        self.stage.stop()
        self.disk.close()
        self._folder.cleanup()


class Book(dict):
    """What a reader knows: a dict that lets somebody look, when it is changed."""

    def __init__(self, look: Callable[[], None]) -> None:
        super().__init__()
        self._look = look

    def __setitem__(self, number: int, update: tuple[bytes, bytes]) -> None:
        super().__setitem__(number, update)
        self._look()


def _source(ctx: zmq.Context[Any], publish: str, prices: queue.Queue[tuple[bytes, bytes]] | None) -> None:
    with ctx.socket(zmq.PUSH) as push:
        push.linger = 0
        push.connect(publish)
        for number in count(1):
            if prices is None:
                time.sleep(PAUSE)
                push.send_multipart([GOODS[number % len(GOODS)], b"%d" % number])
            else:
                while prices.empty():
                    time.sleep(0.005)
                push.send_multipart(prices.get())


def between(server: Role, reader: Role) -> Market:
    """Three prices; then the line to reader 2 is cut, and the server is killed when it comes to write the fourth down.
    A new one goes on with other prices, and the line is mended. The market, stopped."""
    prices: queue.Queue[tuple[bytes, bytes]] = queue.Queue()
    market = Market(server, reader, prices)
    stage, one, two = market.stage, *market.books.values()
    try:
        sent = count(1)
        _until(stage, prices, sent, lambda: len(one) >= 3 and len(two) >= 3)
        market.line.cut()
        market.disk.stand("write")
        prices.put((b"gold", b"before the kill"))
        stage.wait(lambda _: market.disk.stands, timeout=60)
        stage.wait(lambda _: (b"gold", b"before the kill") in list(one.values()), timeout=60)
        stage.kill("ticker")
        market.disk.release()
        stage.restart("ticker")
        market.line.mend()
        last = max(one)
        _until(stage, prices, sent, lambda: max(one) > last + 1 and max(two) > last + 1 and not market.missing())
    finally:
        market.stop()
    return market


def _until(stage: Stage, prices: queue.Queue[Any], sent: Any, condition: Callable[[], bool]) -> None:
    """One price after the other is sent, until the condition holds."""

    def holds(_: Stage) -> bool:
        if not condition():
            prices.put((b"gold", b"price %d" % next(sent)))
            time.sleep(0.02)
        return condition()

    stage.wait(holds, timeout=60)
