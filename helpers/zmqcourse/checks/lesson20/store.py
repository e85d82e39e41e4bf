"""The file of requests, seen from outside: as another process reads it and writes in it, or keeps it locked."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from ...exercise import Wrong
from ...trial import Trial

PATIENCE = 4.0  # seconds that the check waits for a lock which an answer holds: no commit takes as long


def until_read(t: Trial, send: Callable[[], None]) -> None:
    """`send` something to the answer, and give it the time to read that. Of a context of the answer's own nobody knows
    what it has read; then half a second is enough."""

    def read() -> int:
        return t.stage.received() - t.stage.received("check")

    before, enough = read(), t.deadline(0.5)
    send()
    t.wait(lambda: read() > before or enough.over, expected="an answer that has not failed")


class Store:
    """The table `requests` in the file at `path`, made with these columns."""

    def __init__(self, path: Path, columns: str = "id PRIMARY KEY, body, answer") -> None:
        self.path = path
        self.does("PRAGMA journal_mode=WAL")  # kept in the file; fewer syncs, and so a quicker check
        self.does(f"CREATE TABLE requests ({columns})")

    def does(self, sql: str, *values: Any) -> list[Any]:
        """One statement, committed; its rows. Raises `Wrong` when the answer keeps the file locked."""
        with closing(sqlite3.connect(self.path, timeout=PATIENCE, isolation_level=None)) as db:
            try:
                return db.execute(sql, values).fetchall()
            except sqlite3.OperationalError as error:
                if "locked" not in str(error):
                    raise
                raise Wrong(
                    "nobody else can use the file",
                    tried=f"another process did `{sql}`",
                    seen=f"`{error}`, after {PATIENCE:g} s",
                    expected="a transaction is open only as long as the writing takes",
                ) from error

    def row(self, id: bytes) -> tuple[Any, ...] | None:
        """Body and answer of this request, committed; None when there is none."""
        found = self.does("SELECT body, answer FROM requests WHERE id = ?", id)
        return found[0] if found else None

    def count(self) -> int:
        return self.does("SELECT count(*) FROM requests")[0][0]

    def answered(self, id: bytes, answer: bytes) -> None:
        """As a dispatcher writes down what has come of a request."""
        self.does("UPDATE requests SET answer = ? WHERE id = ?", answer, id)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Meanwhile nobody else can write: as on a disk that hangs."""
        with closing(sqlite3.connect(self.path, timeout=PATIENCE, isolation_level=None)) as db:
            db.execute("BEGIN IMMEDIATE")
            try:
                yield
            finally:
                db.execute("ROLLBACK")
