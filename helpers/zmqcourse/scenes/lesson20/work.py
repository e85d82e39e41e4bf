"""Requests in a store, a dispatcher that takes them to a service, and is killed at the worst moment."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from zmqlive import Stage

REQUESTS = 12
Role = Callable[..., Any]


class Store:
    """A file with requests, of which none is done."""

    def __init__(self, folder: str, requests: int = REQUESTS) -> None:
        self.path = str(Path(mkdtemp(dir=folder), "titanic.db"))
        self.does("CREATE TABLE requests (id PRIMARY KEY, body, answer, taken)")
        rows = [(b"id %d" % number, b"order %d" % number) for number in range(1, requests + 1)]
        with closing(sqlite3.connect(self.path)) as db, db:
            db.executemany("INSERT INTO requests (id, body) VALUES (?, ?)", rows)

    def does(self, sql: str, *values: Any) -> list[Any]:
        """One statement, committed; its rows."""
        with closing(sqlite3.connect(self.path, timeout=30, isolation_level=None)) as db:
            return db.execute(sql, values).fetchall()

    def open_ones(self) -> set[bytes]:
        """The ids of those without an answer."""
        return {id for (id,) in self.does("SELECT id FROM requests WHERE answer IS NULL")}


class Delivery:
    """Twelve requests, a dispatcher in a process of its own, a service. `stage` starts with `kill_between`."""

    def __init__(self, dispatcher: Role, service: Role, effect: Callable[[bytes], Any], folder: str) -> None:
        self.store = Store(folder)
        self.stage = Stage("From the store to the service", seconds=600)
        self._effect, self._done = effect, list[bytes]()
        endpoint = self.stage.endpoint("tcp", name="service")
        self.stage.add(dispatcher, self.store.path, endpoint, name="dispatcher", process=True)
        self.stage.add(service, endpoint, self._has_effect, name="service")

    def _has_effect(self, id: bytes) -> None:
        self._effect(id)
        self._done.append(id)

    def kill_between(self, times: int) -> None:
        """So many times: the service has just done a request, and its answer is not in the file; the dispatcher is
        killed, and started again. Nothing happens when all is done."""
        if not self.store.open_ones():
            return
        self.stage.start()
        for _ in range(times):
            while not self._killed_once():
                continue
            self.stage.restart("dispatcher")

    def _killed_once(self) -> bool:
        """Whether it was early enough: nobody can write any more, and the answer is not there."""
        before = len(self._done)
        self.stage.wait(lambda _: len(self._done) > before, timeout=60)
        with closing(sqlite3.connect(self.store.path, timeout=30, isolation_level=None)) as db:
            db.execute("BEGIN IMMEDIATE")
            last = self._done[-1]
            early = last in self.store.open_ones()
            if early:
                self.stage.kill("dispatcher")
            db.execute("ROLLBACK")
        return early

    def wait_until_done(self) -> None:
        """Every request has its answer."""
        self.stage.wait(lambda _: not self.store.open_ones(), timeout=120)
        self.stage.stop()


def deployment(dispatch: Role, service: Role, folder: str) -> list[str]:
    """Twelve requests; the dispatcher is killed when some are done and others under way, and is started again. What
    stands in the store when nothing happens any more, in lines."""
    store = Store(folder)
    with Stage("A release", seconds=120) as stage:
        endpoint = stage.endpoint("tcp", name="service")
        stage.add(dispatch, store.path, endpoint, 1.0, name="dispatcher", process=True)
        stage.add(service, endpoint, id, name="service")
        stage.wait(lambda _: len(store.open_ones()) <= REQUESTS - 2, timeout=60)
        stage.kill("dispatcher")
        left = {id for (id,) in store.does("SELECT id FROM requests WHERE taken = 1 AND answer IS NULL")}
        stage.restart("dispatcher")
        stage.wait(lambda _: store.open_ones() <= left, timeout=60)
    answered = REQUESTS - len(left)
    ids = ", ".join(id.decode() for id in sorted(left, key=lambda id: (len(id), id)))
    return [
        f"{REQUESTS} requests, {answered} with an answer",
        f"{len(left)} taken, without an answer, and nobody is at work on them: {ids}",
    ]
