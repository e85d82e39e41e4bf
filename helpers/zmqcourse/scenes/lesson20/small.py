"""Scenes of a moment: two sockets by hand, a sender that is gone when the receiver comes, a file half written."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import zmq
from zmqlive import Stage

from .work import Store

Role = Callable[..., Any]
PIECE = b"x" * 100_000


def rep_and_req() -> tuple[zmq.Context[Any], zmq.Socket[Any], zmq.Socket[Any]]:
    """A context, a REP that is bound, and a REQ at it."""
    ctx = zmq.Context()
    store, ann = ctx.socket(zmq.REP), ctx.socket(zmq.REQ)
    store.bind("inproc://store")
    ann.connect("inproc://store")
    return ctx, store, ann


def arrived_later(send: Role, folder: str, dispatcher: Role | None = None) -> int:
    """`send(ctx, endpoint, path)` runs in a process of its own, and is killed before anybody is at `endpoint`. Then a
    receiver comes, and `dispatcher(ctx, path, endpoint)` if there is one; how many different messages arrive."""
    store = Store(folder, requests=0)
    came: set[bytes] = set()
    with Stage("Nobody is there yet", seconds=120) as stage:
        endpoint = stage.endpoint("tcp", name="receiver")
        stage.add(send, endpoint, store.path, name="sender", process=True)
        stage.wait(lambda s: s.role("sender").gone or s.sent("sender") >= 10, timeout=60)
        if not stage.role("sender").gone:
            stage.kill("sender")
        kind = zmq.REP if dispatcher else zmq.PULL
        stage.add(_receiver, kind, endpoint, came, name="receiver")
        if dispatcher:
            stage.add(dispatcher, store.path, endpoint, name="dispatcher", process=True)
            stage.wait(lambda _: not store.open_ones(), timeout=60)
        else:
            stage.wait(lambda s: s.role("receiver").gone, timeout=60)
    return len(came)


def _receiver(ctx: zmq.Context[Any], kind: int, endpoint: str, came: set[bytes]) -> None:
    """Takes what comes, and answers where it is asked; a PULL gives up when nothing has come for a second."""
    with ctx.socket(kind) as socket:
        socket.bind(endpoint)
        while kind == zmq.REP or socket.poll(1000):
            frames = socket.recv_multipart()
            came.add(frames[0])
            if kind == zmq.REP:
                socket.send_multipart([frames[0], b"done"])


def killed_half_way(save: Callable[[Path, Iterable[bytes]], None], folder: str) -> str:
    """`save` is killed when it has been handed half of a file: "no file", "half of it", "all of it"."""
    path = Path(mkdtemp(dir=folder), "request")
    half = path.with_suffix(".half")
    with Stage("Half a file", seconds=120) as stage:
        stage.add(_saves, save, path, half, name="saver", process=True)
        stage.wait(lambda _: half.exists(), timeout=60)
        stage.kill("saver")
    if not path.exists():
        return "no file"
    return "all of it" if path.stat().st_size == 2 * len(PIECE) else "half of it"


def _saves(ctx: zmq.Context[Any], save: Callable[[Path, Iterable[bytes]], None], path: Path, half: Path) -> None:
    def pieces() -> Iterator[bytes]:
        yield PIECE
        half.touch()
        time.sleep(600)  # until it is killed
        yield PIECE

    save(path, pieces())
