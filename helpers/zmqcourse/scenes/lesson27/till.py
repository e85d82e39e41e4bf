"""A till with a list of guests, one of whom is struck off while he is connected, and signs with another's name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

import zmq
from zmq.auth.thread import ThreadAuthenticator
from zmqlive import Stage

from .wire import LONG, client

Options = Mapping[str, Any]


def evening(
    till: Callable[..., Any], server: Any, keys: Mapping[str, Any], options: Callable[[Any], Options]
) -> tuple[list[str], list[tuple[bytes, bytes]]]:
    """`till(ctx, endpoint, secret, guests, orders)`, whom Ann and Bob order from; Bob is struck off, and orders again.
    What happened, and `orders`."""
    guests = {key.public: name.encode() for name, key in keys.items()}
    orders: list[tuple[bytes, bytes]] = []
    happened: list[str] = []
    stage = Stage("A till", seconds=60)
    endpoint = stage.endpoint("tcp", name="till")
    stage.add(_guarded, till, endpoint, server.secret, guests, orders, name="till")
    with stage, client(options(keys["Ann"]), endpoint) as ann, client(options(keys["Bob"]), endpoint) as bob:
        for socket, name, words in ((ann, "Ann", b"ann: 2 tea"), (bob, "Bob", b"bob: 1 tea")):
            _orders(stage, socket, words, orders)
            happened.append(f"{name} sends {words!r}")
        del guests[keys["Bob"].public]
        happened.append("Bob is struck off the list")
        for words in (b"bob: 1 soup", b"ann: 9 cake"):
            _orders(stage, bob, words, orders, wanted=words.startswith(b"ann"))
            happened.append(f"Bob sends {words!r}")
    return happened, orders


def _orders(stage: Stage, socket: zmq.Socket[Any], words: bytes, orders: list[Any], wanted: bool = True) -> None:
    count = len(orders) + wanted
    socket.send(words)
    stage.wait(lambda _: len(orders) >= count, timeout=LONG)


def _guarded(ctx: Any, till: Callable[..., Any], endpoint: str, secret: bytes, guests: Any, orders: Any) -> None:
    auth = ThreadAuthenticator(ctx)
    auth.start()
    auth.configure_curve_callback("*", _List(guests))
    try:
        till(ctx, endpoint, secret, guests, orders)
    finally:
        with suppress(zmq.ContextTerminated):
            auth.stop()


class _List:
    def __init__(self, guests: Mapping[bytes, bytes]) -> None:
        self._guests = guests

    def callback(self, domain: str, key: bytes) -> bool:
        return key in self._guests
