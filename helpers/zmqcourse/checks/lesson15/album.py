"""The file that all presses of 15.3 print into, seen from outside."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from ...exercise import Wrong, show

Print = tuple[bytes, bytes]  # number, photo


class Album:
    """The file, with its table. A row that was written anew is another print, known by its row id: SQLite counts rows
    from 1 as they are written, so one that was taken out leaves a gap."""

    def __init__(self, path: Path) -> None:
        self.path = path
        with closing(sqlite3.connect(path)) as db:
            db.execute("CREATE TABLE prints (number PRIMARY KEY, photo)")
            db.commit()

    def prints(self) -> list[Print]:
        """All that is printed by now, in order of printing."""
        return list(self._read().values())

    def expect(self, wanted: list[Print], tried: str) -> None:
        """Raises `Wrong` unless these are in the album, each once, and none was printed anew."""
        rows = self._read()
        if sorted(rows.values(), key=repr) != sorted(wanted, key=repr):
            raise Wrong("the album does not hold each photo once", tried=tried, seen=f"`{show(list(rows.values()))}`",
                        expected=f"`{show(wanted)}`, when the answer is there")
        again = [each for row, each in rows.items() if row > len(rows)]
        if again:
            raise Wrong("a photo was printed anew: its row was taken out, and another one written", tried=tried,
                        seen=f"again: `{show(again)}`", expected="what is printed stays as it is")

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
