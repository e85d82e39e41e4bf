"""20.2: nothing that was answered is lost in a power cut, and those who wait share one sync."""

from __future__ import annotations

import random as randoms
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import zmq
from zmqlive import Disk

from ...exercise import Late, Wrong, exercise
from ...trial import Trial, show, trial

WAVE = 40  # clients that ask at once
SHARE = 4  # of them, at least, should share a sync on average
LATENCY = 0.05  # seconds of a quiet machine that a sync takes
ALONE, MOMENT = 5, 0.25  # requests that come alone; seconds that the quickest may take beside its sync


@exercise(
    "20.2",
    title="One sync for all who wait",
    hints=(
        "A REP must answer before it may read the next request. Who wants to read several first is a ROUTER: then each "
        "answer needs its client's routing id and the empty frame in front.",
        "Wait for one request; then take whatever else is there already (`poll(0)`), and no longer: while you sync, "
        "the next ones come by themselves. The slower the disk, the more share a sync.",
        "In a loop: `batch = [router.recv_multipart()]`, `while router.poll(0): batch.append(…)`; write the line of "
        "each, `disk.sync()` once, then answer each of the batch.",
    ),
)
def synced_together(together) -> str:
    """`together(ctx, endpoint, disk)`: a line is on the disk when its client is answered; all who wait share a sync."""
    with TemporaryDirectory(ignore_cleanup_errors=True) as folder, trial(seconds=15) as t, _disk(t, folder) as disk:
        log = Log(t, together, disk)
        _one_alone(log)
        syncs = _a_wave(log)
        _power_cut(log)
        _goes_on(log)
        _one_id_twice(log)
        return (
            f"{len(log.answered)} requests answered, each on the disk at that moment; {WAVE} at once in {syncs} syncs, "
            f"one alone without waiting for others; {log.cuts} power cuts, nothing that was answered lost"
        )


def _disk(t: Trial, folder: str, latency: float = LATENCY) -> Disk:
    return t.stage.disk(Path(folder, "log"), latency=latency * min(t.pace, 4.0))


class Log:
    """The answer in a process of its own, and the disk that it writes to. `answered`: id → body."""

    def __init__(self, t: Trial, together: Callable[..., Any], disk: Disk) -> None:
        self.t, self.disk = t, disk
        self.endpoint = t.endpoint("tcp")
        self.name = t.role(together, self.endpoint, disk, name="together").name
        self.answered: dict[bytes, bytes] = {}
        self.cuts = 0

    def asks(self, id: bytes, body: bytes) -> zmq.Socket[Any]:
        """A client that has asked."""
        client = self.t.connect(zmq.REQ, self.endpoint, linger=0)
        self.t.send(client, id, body, expected="a ROUTER bound at `endpoint`")
        return client

    def hears(self, client: zmq.Socket[Any], id: bytes, body: bytes, why: str) -> None:
        """This client has an answer, which must be its own, and true."""
        got = self.t.receive(client)
        if got != [b"200", id]:
            raise Wrong("a client was answered for somebody else", tried=why, seen=f"`{show(got)}`",
                        expected=f"`{show([b'200', id])}`")
        self.answered[id] = body
        self.there({id: body}, "200 was said to a line that is not on the disk", why)

    def lines(self, *, synced: bool = True) -> list[bytes]:
        return self.disk.path.read_bytes()[: self.disk.synced if synced else None].split(b"\n")[:-1]

    def there(self, wanted: dict[bytes, bytes], said: str, why: str) -> None:
        """Raises `Wrong`, saying `said`, unless a line of each of these is on the disk."""
        there = set(self.lines())
        for id, body in wanted.items():
            line = id + b" " + body
            if line not in there:
                raise Wrong(
                    said,
                    tried=why,
                    seen=f"of {self.disk.size:,} bytes {self.disk.synced:,} are synced; `{show(line)}` is not in them",
                    expected="a line `id body` for each, and a sync after it and before its 200",
                )


def _one_alone(log: Log) -> None:
    """Nobody else comes: then nobody is waited for, which the quickest of some shows, however busy the machine is."""
    syncs, quickest = log.disk.syncs, min(_alone(log, b"alone-%d" % number, number) for number in range(ALONE))
    if quickest > 3 * log.disk.latency + MOMENT:
        raise Late(
            "a request that comes alone is kept waiting",
            tried=f"{ALONE} requests, one after the other",
            seen=f"the quickest was answered after {quickest:.2f} s",
            expected=f"about {log.disk.latency:.2f} s, as a sync takes: whoever else may come shares the next one",
        )
    pause = log.t.deadline(4 * LATENCY)
    log.t.wait(lambda: pause.over, expected="a while")
    syncs = log.disk.syncs - syncs
    if syncs > ALONE + 1:
        tried = f"{ALONE} requests, one after the other; then nobody asked for a while"
        raise Wrong("it syncs when there is nothing to sync", tried=tried, seen=f"{syncs} syncs")


def _alone(log: Log, id: bytes, size: int) -> float:
    """One request; how many seconds its answer took."""
    body, began = b"x" * 10_000 * size, time.monotonic()
    client = log.asks(id, body)
    said = "a request that comes alone is not answered"
    log.t.wait(lambda: client.poll(0), seconds=3, expected="200, with nobody else there", said=said)
    took = time.monotonic() - began
    log.hears(client, id, body, "a request came alone")
    return took


def _a_wave(log: Log) -> int:
    """All ask at once; how many syncs that took."""
    before, why = log.disk.syncs, f"{WAVE} clients asked at once"
    clients = {b"wave-%d" % number: log.asks(b"wave-%d" % number, b"body") for number in range(WAVE)}
    _all_hear(log, clients, b"body", why)
    syncs = log.disk.syncs - before
    if syncs > WAVE // SHARE:
        raise Wrong("those who wait do not share a sync", tried=why, seen=f"{syncs} syncs",
                    expected="one for all that has come by then, while the one before it was under way")
    times = Counter(line.split(b" ")[0] for line in log.lines(synced=False))
    twice = [id for id, count in times.items() if count > 1]
    if twice:
        raise Wrong("a line was written more than once", tried=why, seen=f"`{show(twice[0])}`, {times[twice[0]]} times")
    return syncs


def _all_hear(log: Log, clients: dict[bytes, zmq.Socket[Any]], body: bytes, why: str) -> None:
    waiting = dict(clients)
    while waiting:
        said = f"only {len(clients) - len(waiting)} of {len(clients)} clients were answered"
        log.t.wait(lambda: any(c.poll(0) for c in waiting.values()), seconds=3, expected="200 for each", said=said)
        for id in [id for id, client in waiting.items() if client.poll(0)]:
            log.hears(waiting.pop(id), id, body, why)


def _power_cut(log: Log) -> None:
    """The power fails while a wave is half answered; then the machine is there again."""
    clients = {b"cut-%d" % number: log.asks(b"cut-%d" % number, b"body") for number in range(WAVE)}
    why = "the power failed while some had been answered and others not"
    log.t.wait(lambda: any(c.poll(0) for c in clients.values()), seconds=3, expected="200 for the first of them",
               said="a wave is not answered")
    _cut(log)
    for id, client in clients.items():
        if client.poll(0):
            log.hears(client, id, b"body", why)
    log.there(log.answered, "what had been answered is gone after a power cut", why)


def _cut(log: Log) -> None:
    log.t.stage.kill(log.name)
    log.disk.power_cut()
    log.cuts += 1


def _goes_on(log: Log) -> None:
    """A new process on the old disk."""
    log.t.stage.restart(log.name)
    clients = {b"after-%d" % number: log.asks(b"after-%d" % number, b"body") for number in range(5)}
    _all_hear(log, clients, b"body", "after a power cut it was started again")
    _cut(log)
    log.there(log.answered, "what had been answered is gone after a power cut",
              "the power failed, all was started again, five more were answered, and it failed once more")


def _one_id_twice(log: Log) -> None:
    """So many ask under one id that some share a sync: each is answered, and has its line."""
    log.t.stage.restart(log.name)
    bodies = [b"body %d" % number for number in range(10)]
    clients = {body: log.asks(b"the same id", body) for body in bodies}
    for body, client in clients.items():
        said = "not all who asked under one id were answered"
        log.t.wait(lambda c=client: c.poll(0), seconds=3, expected="200 for each", said=said)
        log.hears(client, b"the same id", body, "many clients asked under one id, each with a body of its own")


# --- the same for longer


def soak(together, random: randoms.Random, seconds: float) -> str:
    """Twelve clients ask one thing after the other; the power fails at random times."""
    with TemporaryDirectory(ignore_cleanup_errors=True) as folder, trial(seconds=seconds + 90) as t, _disk(
        t, folder, latency=0.01
    ) as disk:
        log, over, pace = Log(t, together, disk), threading.Event(), t.pace
        asked = [0] * 12

        def client(ctx: zmq.Context[Any], place: int) -> None:
            with ctx.socket(zmq.DEALER) as dealer:
                dealer.linger, dealer.immediate = 0, True
                dealer.connect(log.endpoint)
                while not over.is_set():
                    asked[place] += 1
                    id, got = b"%d-%d" % (place, asked[place]), [b""]
                    dealer.send_multipart([b"", id, b"body"])
                    while got[-1] != id and dealer.poll(300 * pace):
                        got = dealer.recv_multipart()
                        if got[:2] != [b"", b"200"] or not got[-1].startswith(b"%d-" % place):
                            raise Wrong("a client was answered for somebody else", seen=f"`{show(got)}`")
                        log.answered[got[-1]] = b"body"

        clients = [t.peer(client, place) for place in range(12)]
        ends = t.deadline(seconds)
        lost = 0
        while not ends.over:
            goal = len(log.answered) + random.randrange(50, 800)
            t.wait(lambda goal=goal: len(log.answered) >= goal, seconds=30, expected="requests that are answered")
            t.stage.kill(log.name)
            known = dict(log.answered)
            lost += disk.power_cut()
            log.cuts += 1
            log.there(known, "what had been answered is gone after a power cut", f"power cut {log.cuts}")
            t.stage.restart(log.name)
        over.set()
        t.wait(lambda: not any(each.is_alive() for each in clients), seconds=30, expected="all come to their end")
        log.there(log.answered, "what had been answered is gone after a power cut", "at the end")
        return (
            f"{sum(asked)} requests, {len(log.answered)} answered, {disk.syncs} syncs, {log.cuts} power cuts, "
            f"{lost:,} bytes lost, none of them answered"
        )
