"""20.1: a store that says 200 to what it has, keeps it through kills, and knows a repeat for what it is."""

from __future__ import annotations

import random as randoms
import threading
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import zmq

from ...exercise import Wrong, exercise
from ...trial import Trial, show, trial
from .store import Store, until_read

REQUEST, REPLY, CLOSE = b"titanic.request", b"titanic.reply", b"titanic.close"
CROWD = 20
STRANGE = ((b"\x00\xff", b""), (b"", b"\xfe" * 100_000), (REQUEST, CLOSE), (b"' OR 1=1 --", b"\n"))


@exercise(
    "20.1",
    title="Keep it, and then say so",
    hints=(
        "Two moments: when it is in the file, and when `200` goes out. A kill may come between any two lines of yours; "
        "which order of the two breaks no promise? And what does a repeat find when the kill came between them?",
        "`INSERT OR IGNORE` leaves alone what stands there under this id: body, answer and all. With "
        "`isolation_level=None` each statement is committed when `execute` returns.",
        "`titanic.reply` looks into the file each time, as somebody else writes the answers: no row is `400`, a row "
        "whose answer `is None` is `300` (an empty answer is one), else `200` and the answer, which stays. `DELETE` is "
        "for `titanic.close` alone, and `200` whether there was a row or not.",
    ),
)
def what_was_promised_is_there(keep) -> str:
    """`keep(ctx, endpoint, path)`: `titanic.request`, `.reply` and `.close` over a table that others write in, too."""
    with TemporaryDirectory(ignore_cleanup_errors=True) as folder, trial(seconds=15) as t:
        desk = Desk(t, keep, Store(Path(folder, "titanic.db")))
        scenes = (_kept, _repeated, _killed_before_the_commit, _done, _a_crowd, _strange_bytes, _closed)
        for scene in scenes:
            scene(desk)
        return (
            f"{desk.asked} questions, killed {desk.kills} times, once while the file could not be written; "
            f"{CROWD} clients at once; repeats before, after and long after: one row each, and its first body"
        )


class Desk:
    """The answer in a process of its own, its file, and one client."""

    def __init__(self, t: Trial, keep: Callable[..., Any], store: Store) -> None:
        self.t, self.store = t, store
        self.endpoint = t.endpoint("tcp")
        self.name = t.role(keep, self.endpoint, str(store.path), name="keep").name
        self.client = t.connect(zmq.DEALER, self.endpoint, linger=0)
        self.asked = self.kills = 0

    def sends(self, *frames: bytes) -> None:
        self.asked += 1
        self.t.send(self.client, b"", *frames, expected="a REP, or a ROUTER, bound at `endpoint`")

    def says(self, *frames: bytes, of: tuple[bytes, ...], but: str, why: str = "") -> None:
        """Ask `of`; it must say just `frames`. `but` is said when it says something else."""
        self.sends(*of)
        got = self.hears(f"`{show(frames)}` to `{show(of)}`")
        if got != list(frames):
            raise Wrong(but, tried=f"`{show(of)}`; {why}" if why else f"`{show(of)}`", seen=f"`{show(got)}`",
                        expected=f"`{show(frames)}`")

    def hears(self, expected: str) -> list[bytes]:
        self.t.wait(lambda: self.client.poll(0), seconds=2.5, expected=expected, said="a question is not answered")
        empty, *frames = self.t.receive(self.client)
        if empty or not frames:
            raise Wrong("that is no answer for a REQ", seen=f"`{show([empty, *frames])}`",
                        expected="the empty frame, and then a code")
        return frames

    def keeps(self, id: bytes, body: bytes, why: str = "") -> None:
        """Hand in a request: 200, and it is there."""
        self.says(b"200", id, of=(REQUEST, id, body), why=why, but="a request was not accepted as `200, id`")
        self.holds(id, (body, None), why or f"`{show((REQUEST, id, body))}`, and `200`")

    def holds(self, id: bytes, row: tuple[Any, ...], why: str) -> None:
        found = self.store.row(id)
        if found is None:
            others = self.store.count()
            raise Wrong(
                "200 was said to a request that is not in the file",
                tried=f"{why}; then the file was read, by another process",
                seen=f"no row with the id `{show(id)}`" + (f", but {others} others" if others else ", nor any other"),
                expected="one, under the client's own id, from the moment at which 200 is said",
            )
        if found != row:
            raise Wrong("something else is in the file than was sent", tried=why,
                        seen=f"body and answer: `{show(found)}`", expected=f"`{show(row)}`")

    def killed(self) -> None:
        """SIGKILL, and a new one; what was still answered is forgotten."""
        self.t.stage.kill(self.name)
        self.kills += 1
        self.t.stage.restart(self.name)
        while self.client.poll(100):
            self.client.recv_multipart()


def _kept(desk: Desk) -> None:
    desk.keeps(b"id 1", b"one")
    desk.says(b"300", of=(REPLY, b"id 1"), but="a request that is not done yet is not said to be pending")
    desk.says(b"400", of=(REPLY, b"id 9"), but="an id that nobody knows is not said to be unknown")


def _repeated(desk: Desk) -> None:
    """Its answer was lost, or is late: the same request comes again, also to a new process."""
    why = "a request came again under its id"
    for body in b"one", b"one", b"another one":
        desk.says(b"200", b"id 1", of=(REQUEST, b"id 1", body), why=why, but="a repeat was not accepted")
        _one_row(desk, 1, why)
        if desk.store.row(b"id 1") != (b"one", None):
            raise Wrong("a repeat has changed the request", tried=f"{why}, with the body `{show(body)}`",
                        seen=f"body and answer: `{show(desk.store.row(b'id 1'))}`", expected="those of the first one")
    desk.killed()
    desk.says(b"300", of=(REPLY, b"id 1"), but="what was kept is forgotten after a kill")
    desk.says(b"200", b"id 1", of=(REQUEST, b"id 1", b"one"), why=why, but="a repeat was not accepted")
    _one_row(desk, 1, f"{why}, after a kill")


def _one_row(desk: Desk, count: int, why: str) -> None:
    found = desk.store.count()
    if found > count:
        raise Wrong("one request is more than one row", tried=why, seen=f"{found} rows", expected=f"{count}")


def _killed_before_the_commit(desk: Desk) -> None:
    t = desk.t
    with desk.store.locked():
        until_read(t, lambda: desk.sends(REQUEST, b"id 2", b"two"))
        if desk.client.poll(1000 * min(0.3 * t.pace, 0.8)) and desk.client.recv_multipart()[1:2] == [b"200"]:
            raise Wrong(
                "200 was said to a request that is not in the file",
                tried="a request, while nobody could write in the file (another process had begun a transaction)",
                seen="200",
                expected="nothing, until it is committed: a kill at this moment would leave a promise, and no request",
            )
        t.stage.kill(desk.name)
        desk.kills += 1
    t.stage.restart(desk.name)
    while desk.client.poll(100):
        desk.client.recv_multipart()
    desk.keeps(b"id 2", b"two", "killed before it could be committed; then the same request came again")


def _done(desk: Desk) -> None:
    """Somebody else has written the answer; it is fetched, again, and the request comes once more, late."""
    desk.store.answered(b"id 1", b"done")
    why = "another process has written the answer"
    for _ in range(2):
        desk.says(b"200", b"done", of=(REPLY, b"id 1"), why=why, but="an answer that is there is not given")
    desk.killed()
    desk.says(b"200", b"id 1", of=(REQUEST, b"id 1", b"one"), but="a repeat was not accepted")
    why = "the request came once more when it had been done"
    if desk.store.row(b"id 1") != (b"one", b"done"):
        raise Wrong("a late repeat has undone what was done", tried=why, seen=f"`{desk.store.row(b'id 1')}`",
                    expected="the row as it was, with its answer")
    desk.says(b"200", b"done", of=(REPLY, b"id 1"), why=why, but="an answer that is there is not given")
    desk.store.answered(b"id 2", b"")
    desk.says(b"200", b"", of=(REPLY, b"id 2"), but="an empty answer is taken for none")


def _a_crowd(desk: Desk) -> None:
    """All ask before any is answered: each is answered for its own, and each is in the file by then."""
    t = desk.t
    clients = {b"crowd %d" % number: t.connect(zmq.REQ, desk.endpoint, linger=0) for number in range(CROWD)}
    for id, client in clients.items():
        desk.asked += 1
        t.send(client, REQUEST, id, b"body")
    waiting = dict(clients)
    while waiting:
        said = f"only {CROWD - len(waiting)} of {CROWD} clients were answered"
        t.wait(lambda: any(c.poll(0) for c in waiting.values()), seconds=3, expected="200 for each", said=said)
        for id in [id for id, client in waiting.items() if client.poll(0)]:
            got = t.receive(waiting.pop(id))
            if got != [b"200", id]:
                raise Wrong("a client was answered for somebody else", seen=f"`{show(got)}`",
                            expected=f"`{show([b'200', id])}`")
            desk.holds(id, (b"body", None), f"{CROWD} clients at once")


def _strange_bytes(desk: Desk) -> None:
    for id, body in STRANGE:
        desk.keeps(id, body, "ids and bodies of any bytes")
        desk.store.answered(id, body)
        desk.says(b"200", body, of=(REPLY, id), but="an answer that is there is not given")


def _closed(desk: Desk) -> None:
    desk.keeps(b"id 3", b"three")
    count = desk.store.count()
    for why in "for the first time", "again, as its answer was lost", "of which nobody knows":
        id = b"id 9" if "nobody" in why else b"id 1"
        desk.says(b"200", of=(CLOSE, id), why=why, but="close did not say 200")
    desk.says(b"400", of=(REPLY, b"id 1"), but="what was closed is still there")
    desk.says(b"200", b"", of=(REPLY, b"id 2"), but="a close took another request with it")
    _rows_left(desk, count - 1)
    desk.says(b"200", of=(CLOSE, b"id 3"), why="it was not done yet", but="close did not say 200")
    _rows_left(desk, count - 2)


def _rows_left(desk: Desk, count: int) -> None:
    found = desk.store.count()
    if found != count:
        raise Wrong("what was closed is still there", seen=f"{found} rows", expected=f"{count}")


# --- the same for longer


class Insisting:
    """A client that asks on a REQ until it is answered: on a new one, when so many ms have brought nothing."""

    def __init__(self, ctx: zmq.Context[Any], endpoint: str, patience: float) -> None:
        self._ctx, self._endpoint, self._patience = ctx, endpoint, patience
        self.tries, self._req = 0, self._new()

    def _new(self) -> zmq.Socket[Any]:
        req = self._ctx.socket(zmq.REQ)
        req.linger = 0
        req.connect(self._endpoint)
        return req

    def asks(self, *frames: bytes) -> list[bytes]:
        while True:
            self._req.send_multipart(frames)
            self.tries += 1
            if self._req.poll(self._patience):
                return self._req.recv_multipart()
            self.close()
            self._req = self._new()

    def close(self) -> None:
        self._req.close()


def soak(keep, random: randoms.Random, seconds: float) -> str:
    """Four clients hand in, fetch and close; somebody else answers; the store is killed at random times."""
    with TemporaryDirectory(ignore_cleanup_errors=True) as folder, trial(seconds=seconds + 90) as t:
        store, endpoint, over = Store(Path(folder, "titanic.db")), t.endpoint("tcp"), threading.Event()
        t.role(keep, endpoint, str(store.path), name="keep")
        accepted, closed, tries, done = [0] * 4, [0] * 4, [0] * 4, [0]
        pace = t.pace

        def client(ctx: zmq.Context[Any], place: int) -> None:
            with closing(Insisting(ctx, endpoint, 300 * pace)) as ann:
                while not over.is_set():
                    id = b"%d.%d" % (place, accepted[place])
                    if ann.asks(REQUEST, id, b"of " + id) != [b"200", id]:
                        raise Wrong("a request was not accepted", seen=f"`{id!r}`")
                    accepted[place] += 1
                    if accepted[place] % 3:
                        while (got := ann.asks(REPLY, id)) == [b"300"]:
                            time.sleep(0.005)
                        if got != [b"200", b"done " + id]:
                            raise Wrong("what was promised is not there", seen=f"`{show(got)}` of `{show(id)}`")
                        ann.asks(CLOSE, id)
                        closed[place] += 1
                    tries[place] = ann.tries

        def dispatcher(ctx: zmq.Context[Any]) -> None:
            while any(each.is_alive() for each in clients) or not over.is_set():
                for (id,) in store.does("SELECT id FROM requests WHERE answer IS NULL"):
                    store.answered(id, b"done " + id)
                    done[0] += 1
                time.sleep(0.01)

        clients: list[threading.Thread] = []
        clients += [t.peer(client, place) for place in range(4)]
        t.peer(dispatcher)
        ends, kills = t.deadline(seconds), 0
        while not ends.over:
            before = sum(accepted)
            goal = before + random.randrange(20, 300)
            t.wait(lambda goal=goal: sum(accepted) >= goal, seconds=30, expected="requests that are accepted")
            t.stage.kill("keep")
            kills += 1
            t.stage.restart("keep")
        over.set()
        t.wait(lambda: not any(each.is_alive() for each in clients), seconds=30, expected="all come to their end")
        left = {id for (id,) in store.does("SELECT id FROM requests")}
        wanted = {b"%d.%d" % (place, n) for place in range(4) for n in range(accepted[place]) if not (n + 1) % 3}
        if left != wanted:
            raise Wrong("what was promised is not there", seen=f"{len(left ^ wanted)} rows too many or too few")
    return (
        f"{sum(accepted)} requests, {sum(tries)} tries, the store killed {kills} times; {done[0]} done by another, "
        f"{sum(closed)} closed, {len(left)} still there; none lost, none twice"
    )
