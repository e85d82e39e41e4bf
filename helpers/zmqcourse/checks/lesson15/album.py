"""The file that all presses of 15.3 print into, seen from outside."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from ...exercise import Wrong, show

Print = tuple[bytes, bytes]  # number, photo


class Album:
    """The file, with its table. A row that was written anew is another print: `prints` counts it by its row id."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._rows: dict[int, Print] = {}
        with closing(sqlite3.connect(path)) as db:
            db.execute("CREATE TABLE prints (number PRIMARY KEY, photo)")
            db.commit()

    def prints(self) -> list[Print]:
        """All that is printed by now, in order of printing."""
        return list(self._read().values())

    def expect(self, wanted: list[Print], tried: str) -> None:
        """Raises `Wrong` unless these are in the album, each once, and were not printed anew since the last look."""
        rows = self._read()
        if sorted(rows.values(), key=repr) != sorted(wanted, key=repr):
            raise Wrong("the album does not hold each photo once", tried=tried, seen=f"`{show(list(rows.values()))}`",
                        expected=f"`{show(wanted)}`, when the answer is there")
        again = [rows.get(row, each) for row, each in self._rows.items() if row not in rows]
        if again:
            raise Wrong("a photo was printed anew: its row was taken out, and another one written", tried=tried,
                        seen=f"again: `{show(again)}`", expected="what is printed stays as it is")
        self._rows = rows

    @contextmanager
    def busy(self) -> Iterator[None]:
        """Meanwhile everybody can read, and nobody can print."""
        with closing(sqlite3.connect(self.path)) as db:
            db.execute("BEGIN IMMEDIATE")
            yield
            db.rollback()

    def _read(self) -> dict[int, Print]:
        with closing(sqlite3.connect(self.path)) as db:
            return {row: (number, photo) for row, number, photo in db.execute("SELECT rowid, * FROM prints")}
