"""What is waited for in a conversation that is on tape."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress

import zmq
from zmqlive import Stage
from zmqlive.net import Link
from zmqlive.zmtp import Tape

Ask = Callable[[int, bytes], list[bytes]]
PATIENCE = 20.0  # seconds


def is_up(role: str, sockets: int = 1) -> Callable[[Stage], bool]:
    """Whether this role has so many sockets bound or connected."""

    def up(stage: Stage) -> bool:
        mine = [each for each in stage.trace().sockets if each.role == role]
        return sum(bool(each.binds or each.connects) for each in mine) >= sockets

    return up


def heard(tape: Tape, name: str = "", *, items: int = 1, way: str = "") -> Callable[[Stage], bool]:
    """Whether so many items are on this tape: all of them, or those commands and frames that are called so."""

    def are_there(_: Stage) -> bool:
        known = [each for each in list(tape.heard) if way in ("", each.way)]
        return sum(name in ("", each.item.name) for each in known) >= items

    return are_there


def answered(ask: Ask, reply: bytes, *, beats: bool = False) -> tuple[object, Tape]:
    """A client by hand asks a real REP, through a link, and is answered with `reply`; with `beats` not before a PING
    has passed. What it returned, or its error, and the tape."""
    tape, got = Tape(), []
    with zmq.Context() as ctx, ctx.socket(zmq.REP) as rep:
        rep.linger, rep.rcvtimeo = 0, int(PATIENCE * 1000)
        if beats:
            rep.heartbeat_ivl, rep.heartbeat_timeout = 50, int(PATIENCE * 1000)
        rep.bind("tcp://127.0.0.1:*")
        with Link(rep.last_endpoint.decode(), tap=tape) as link:

            def client() -> None:
                try:
                    got.append(ask(int(link.endpoint.rpartition(":")[2]), b"hello"))
                except Exception as error:  # whatever it is: that is what it came to
                    got.append(error)

            thread = threading.Thread(target=client, daemon=True)
            thread.start()
            with suppress(zmq.Again):
                rep.recv_multipart()
                pause = threading.Event()
                for _ in range(int(PATIENCE / 0.02)):
                    if not beats or any(each.item.name == "PING" for each in list(tape.heard)):
                        break
                    pause.wait(0.02)
                rep.send(reply)
            thread.join(PATIENCE)
    return (got or ["nothing"])[0], tape
