"""What it costs to keep a request, by how far it is brought before it counts as kept."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from zmqlive import figures
from zmqlive.figures import Plot, Strip

SECONDS = 0.25  # of measuring, each
REQUEST = b"x" * 100
NOTHING, KILL, POWER = "not even a kill", "a kill", "a power cut as well"
SAFE = "a power cut takes nothing"
INK = {NOTHING: "bad", KILL: "lane1", POWER: "lane2"}  # what a request survives, and its colour


class Cost(NamedTuple):
    """How many requests a second are kept in this way, what each of them survives, and what may be lost."""

    name: str
    rate: float
    survives: str
    lost: str


def costs() -> list[Cost]:
    """Measured on the disk on which this program stands, in a folder that is there for as long as that takes."""
    writable = os.access(".", os.W_OK)
    with TemporaryDirectory(prefix=".costs-", dir="." if writable else None, ignore_cleanup_errors=True) as home:
        return [
            Cost("log: write", _rate(_log(home, flush=False)), NOTHING, "a kill takes its buffer"),
            Cost("log: write, flush", _rate(_log(home)), KILL, "a power cut takes the last seconds"),
            Cost("SQLite: WAL, OFF", _rate(_sqlite(home, "WAL", "OFF")), KILL, "a power cut may break the file"),
            Cost("SQLite: WAL, NORMAL", _rate(_sqlite(home, "WAL", "NORMAL")), KILL, "a power cut takes the last ones"),
            Cost("SQLite: DELETE, FULL", _rate(_sqlite(home, "DELETE", "FULL")), KILL, "a power cut may take the last"),
            Cost("SQLite: WAL, FULL", _rate(_sqlite(home, "WAL", "FULL")), POWER, SAFE),
            Cost("log: write, flush, fsync", _rate(_log(home, sync=True)), POWER, SAFE),
            Cost("the same, a sync for 100", _rate(_log(home, sync=True, batch=100), 100), POWER, SAFE),
        ]


def price_list(measured: list[Cost]) -> Plot:
    """A bar for each, coloured by what a request survives; behind it the number, and what may be lost."""
    drawn = [Strip(each.name, {each.survives: each.rate}, f"{each.rate:,.0f}; {each.lost}") for each in measured]
    return figures.strips("What a request survives, and what that costs", drawn, INK, x="requests a second", log=True)


Put = Callable[[], None]


def _rate(store: Iterator[Put], batch: int = 1) -> float:
    """Requests a second; each call of what the store gives keeps `batch` of them."""
    with contextmanager(lambda: store)() as put:
        put()
        began, count = time.monotonic(), 0
        while (now := time.monotonic()) - began < SECONDS:
            put()
            count += batch
        return count / (now - began)


def _log(home: str, *, flush: bool = True, sync: bool = False, batch: int = 1) -> Iterator[Put]:
    with open(Path(home, "log"), "ab") as file:

        def put() -> None:
            for _ in range(batch):
                file.write(REQUEST + b"\n")
            if flush:
                file.flush()
            if sync:
                os.fsync(file.fileno())

        yield put


def _sqlite(home: str, journal: str, synchronous: str) -> Iterator[Put]:
    db = sqlite3.connect(Path(home, f"{journal}-{synchronous}.db"), isolation_level=None)
    db.execute(f"PRAGMA journal_mode={journal}")
    db.execute(f"PRAGMA synchronous={synchronous}")
    db.execute("CREATE TABLE requests (id INTEGER PRIMARY KEY, body)")
    yield lambda: db.execute("INSERT INTO requests (body) VALUES (?)", (REQUEST,))
    db.close()
