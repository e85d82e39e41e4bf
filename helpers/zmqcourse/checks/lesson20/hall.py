"""The check's side of 20.3: a dispatcher, its file, and the service, which answers when it likes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import zmq

from ...exercise import Wrong
from ...trial import Trial, show
from ..lesson07.servers import bind
from .store import Store

WINDOW = 8
MANY = 1000  # requests that are read in one go: an answer that floods the service does not hold up the check
COLUMNS = "id PRIMARY KEY, body, answer, taken"
UNWRITTEN, ELSEWHERE = "an answer is not written down", "an answer stands in a row that is not its own"
NEVER = "a request that was under way is never asked again"


class Came(NamedTuple):
    """A request as the service read it: the way back, its id, its body."""

    way: list[bytes]
    id: bytes
    body: bytes


class Hall:
    """The answer in a process of its own, its file, and the service: a ROUTER, that answers when it likes.

    `under_way`: id → what came last and has no answer. `times`: how often each id came.
    """

    def __init__(self, t: Trial, mended: Callable[..., Any], folder: Path, patience: float) -> None:
        self.t, self.store = t, Store(folder / "titanic.db", COLUMNS)
        self.endpoint = t.endpoint("tcp")
        self.router = t.socket(zmq.ROUTER)
        bind(t, self.router, self.endpoint)
        self.bodies: dict[bytes, bytes] = {}
        self.under_way: dict[bytes, Came] = {}
        self.times: Counter[bytes] = Counter()
        self.kills = 0
        self.patience = patience * min(t.pace, 8.0)
        self.name = t.role(mended, str(self.store.path), self.endpoint, self.patience, name="mended").name

    def hands_in(self, *ids: bytes) -> None:
        """All of them in one transaction."""
        self.bodies.update((id, b"body of " + id) for id in ids)
        places = ", ".join("(?, ?)" for _ in ids)
        values = (value for id in ids for value in (id, self.bodies[id]))
        self.store.does(f"INSERT INTO requests (id, body) VALUES {places}", *values)

    def reads(self) -> list[Came]:
        """What has come to the service since it was last looked at."""
        found: list[Came] = []
        while len(found) < MANY and self.router.poll(0):
            frames = self.router.recv_multipart()
            way, (id, body) = frames[:-2], (frames[-2], frames[-1])
            if len(way) < 2 or way[-1] or id not in self.bodies or body != self.bodies[id]:
                raise Wrong(
                    "that is no request from the file",
                    seen=f"`{show(frames[1:])}`",
                    expected="the empty frame, then id and body as they are in the file, each time it is asked",
                )
            self.times[id] += 1
            self.under_way[id] = Came(way, id, body)
            found.append(self.under_way[id])
        return found

    def comes(self, ids: set[bytes], why: str, but: str) -> None:
        """Wait until each of these has come to the service. Raises `Late`, saying `but`."""
        missing = set(ids)

        def all_there() -> bool:
            missing.difference_update(came.id for came in self.reads())
            return not missing

        self.t.wait(all_there, seconds=3, expected=f"{why}: `{show(sorted(ids)[:3])}` …", said=but)

    def full(self, why: str) -> None:
        """Wait until eight are under way. Raises `Late` when they never are."""

        def eight() -> bool:
            self.reads()
            return len(self.under_way) >= WINDOW

        self.t.wait(eight, seconds=2, expected=f"{WINDOW} under way: {why}", said="too few are under way")

    def answers(self, *ids: bytes, body: bytes = b"done") -> None:
        for id in ids:
            came = self.under_way.pop(id)
            self.t.send(self.router, *came.way, id, body)

    def is_written(self, *ids: bytes, why: str, body: bytes = b"done") -> None:
        """Wait until the file has this answer in the rows of these. Who asks again, as the answer came too late for its
        socket, is answered again."""

        def written() -> bool:
            self.reads()
            self.answers(*(set(ids) & set(self.under_way)), body=body)
            return all((self.store.row(id) or (b"", None))[1] is not None for id in ids)

        expected = f"`{show(body)}` in the rows of `{show(sorted(ids)[:3])}` …: {why}"
        self.t.wait(written, seconds=3, expected=expected, said=UNWRITTEN)
        for id in ids:
            if self.store.row(id) != (self.bodies[id], body):
                raise Wrong(ELSEWHERE, tried=why, seen=f"`{show(id)}`: `{show(self.store.row(id))}`",
                            expected=f"`{show(body)}`")

    def goes_to(self, id: bytes, body: bytes, why: str) -> None:
        """Wait until this answer, which only this one has, is in the file, in whichever row."""

        def rows() -> list[bytes]:
            self.reads()
            return [id for (id,) in self.store.does("SELECT id FROM requests WHERE answer = ?", body)]

        found = self.t.wait(rows, seconds=3, expected=f"`{show(body)}` in the file: {why}", said=UNWRITTEN)
        if found != [id]:
            raise Wrong(ELSEWHERE, tried=why, seen=f"`{show(body)}` in the row of `{show(found[0])}`",
                        expected=f"`{show(id)}`: the answer says whose it is")

    def killed(self) -> None:
        self.t.stage.kill(self.name)
        self.kills += 1
        self.reads()
        self.under_way.clear()

    def starts_again(self) -> None:
        self.t.stage.restart(self.name)

    def runs_dry(self, why: str) -> None:
        """All that has no answer is asked, and answered."""

        def dry() -> bool:
            self.reads()
            self.answers(*self.under_way)
            return not self.store.does("SELECT 1 FROM requests WHERE answer IS NULL LIMIT 1")

        self.t.wait(dry, seconds=4, expected=f"an answer for all: {why}", said=NEVER)
