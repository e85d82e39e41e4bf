"""A server that is killed and begins anew, and a board that goes by the numbers alone."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import zmq
from zmqlive import Stage

from .boards import printed
from .numbers import END, HUGZ, Heard, snapshots, updates

Role = Callable[..., Any]
PAUSE = 0.01  # seconds between two changes
LIVED = 250  # changes of the server's first life, at least, when it is killed


class Lives:
    """A server in a process of its own, and one board; `stage` runs. `copy` is what the board has."""

    def __init__(self, server: Role, board: Role, *more: Any) -> None:
        self.copy: dict[bytes, bytes] = {}
        self.stage = stage = Stage("A server and its lives", seconds=900)
        stage.heartbeats(HUGZ)
        ends = [stage.endpoint("tcp", name=name) for name in ("snapshots", "updates")]
        stage.add(server, *ends, PAUSE, printed(), name="server", process=True)
        stage.start()
        stage.wait(lambda s: s.sent("server") >= 20, timeout=60)
        stage.add(board, *ends, self.copy, *more, name="board")

    def _heard(self) -> list[list[Heard]]:
        """The updates that the board has received, a list for each of the server's lives."""
        lives: dict[bytes, list[Heard]] = {}
        for each in updates(self.stage.trace(), "board"):
            lives.setdefault(each.epoch, []).append(each)
        return list(lives.values())

    def restart(self) -> tuple[int, float]:
        """The server is killed, and begins anew. How many updates the board throws away since they are "old", and the
        seconds from the first to the last of them."""
        self.stage.wait(lambda _: self._heard() and self._heard()[-1][-1].number >= LIVED, timeout=60)
        before = len(self._heard())
        self.stage.restart("server")
        self.stage.wait(lambda _: len(self._heard()) > before, timeout=60)
        last = max(each.number for each in self._heard()[before - 1])
        self.stage.wait(lambda _: self._heard()[-1][-1].number > last, timeout=60)
        thrown = [each for each in self._heard()[before] if each.number <= last]
        return len(thrown), thrown[-1].t - thrown[0].t


# --- a night


def night(board: Role) -> Stage:
    """A server tells four of five changes, is asked for a snapshot because of the one that is missing, and dies;
    another one comes at once, and makes forty changes. The stage, stopped."""
    with Stage("A night", seconds=60) as stage:
        ends = [stage.endpoint("tcp", name=name) for name in ("snapshots", "updates")]
        stage.add(_dies_when_asked_again, *ends, name="server")
        stage.add(board, *ends, {}, name="board")
        stage.wait(lambda s: s.role("server").gone, timeout=30)
    return stage


def _dies_when_asked_again(ctx: zmq.Context[Any], snapshots_: str, updates_: str) -> None:
    with _opened(ctx, zmq.ROUTER, snapshots_) as router, _opened(ctx, zmq.PUB, updates_) as pub:
        says = _Voice(pub)
        while not router.poll(50):
            says.hugz()
        who, _, _ = router.recv_multipart()
        router.send_multipart([who, END, *says.frames(), b""])
        for lost in False, False, False, True, False:
            says.change(lost=lost)
            time.sleep(0.05)  # so that the picture can tell them apart
        router.recv_multipart()  # is asked, and is no more
        for socket, endpoint in (router, snapshots_), (pub, updates_):
            socket.unbind(endpoint)
    with _opened(ctx, zmq.ROUTER, snapshots_) as router, _opened(ctx, zmq.PUB, updates_) as pub:
        says = _Voice(pub)
        for _ in range(40):
            if router.poll(50):
                who, _, _ = router.recv_multipart()
                router.send_multipart([who, END, *says.frames(), b""])
            says.change()


class _Voice:
    """What a server says in one life."""

    def __init__(self, pub: zmq.Socket[Any]) -> None:
        self.pub, self.epoch, self.number = pub, uuid4().bytes, 0

    def frames(self) -> list[bytes]:
        return [self.number.to_bytes(8, "big"), self.epoch, b""]

    def hugz(self) -> None:
        self.pub.send_multipart([HUGZ, *self.frames(), b""])

    def change(self, *, lost: bool = False) -> None:
        self.number += 1
        if not lost:
            self.pub.send_multipart([b"train %d" % (self.number % 5), *self.frames(), b"%d" % self.number])


def _opened(ctx: zmq.Context[Any], kind: int, endpoint: str) -> zmq.Socket[Any]:
    """A socket that is bound there, as soon as the one before it has gone."""
    socket = ctx.socket(kind)
    socket.linger = 0
    for _ in range(200):
        try:
            socket.bind(endpoint)
            return socket
        except zmq.ZMQError:
            time.sleep(0.02)
    raise RuntimeError(f"{endpoint} does not become free")


def ledger(stage: Stage) -> str:
    """How often the board was given a snapshot, and how many updates of each life it has read."""
    trace = stage.trace()
    asked = sum(trace.role_of(m.source) == "board" for m in trace.messages)
    lives: dict[bytes, int] = {}
    for each in updates(trace, "board"):
        lives[each.epoch] = lives.get(each.epoch, 0) + 1
    read = list(lives.values())
    said = f"asked for a snapshot {asked} times, got {len(snapshots(trace, 'board'))}"
    return f"{said}\nupdates read: {read[0]} of the first server's 4, {sum(read[1:])} of the second's 40"
