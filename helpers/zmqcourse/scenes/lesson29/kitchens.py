"""The program under test, the same with faults, and a context in which it is slow where one wants it to be."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any

import zmq

Context = Any


def kitchen(ctx: Context, orders: str, meals: str) -> None:
    with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.PUSH) as push:
        pull.connect(orders)
        push.connect(meals)
        while (order := pull.recv()) != b"close":
            if b" " in order:  # a table and a dish; anything else is no order
                push.send(order)


# --- with faults


def _with(cooks: Callable[[Any, list[bytes]], None], ends: bool = True) -> Callable[..., None]:
    """A kitchen that does this with its PUSH and all that has come so far, each time something comes."""

    def faulty(ctx: Context, orders: str, meals: str) -> None:
        with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.PUSH) as push:
            pull.connect(orders)
            push.connect(meals)
            come: list[bytes] = []
            while (order := pull.recv()) != b"close" or not ends:
                come.append(order)
                cooks(push, come)

    return faulty


def _good(come: list[bytes]) -> list[bytes]:
    return [each for each in come if b" " in each]


def _right(push: Any, come: list[bytes]) -> None:
    if b" " in come[-1]:
        push.send(come[-1])


def _loses(push: Any, come: list[bytes]) -> None:
    if b" " in come[-1] and len(_good(come)) != 3:
        push.send(come[-1])


def _swaps(push: Any, come: list[bytes]) -> None:
    good = _good(come)
    if b" " in come[-1] and len(good) != 2:
        push.send(come[-1])
        if len(good) == 3:
            push.send(good[1])


def _twice(push: Any, come: list[bytes]) -> None:
    if b" " in come[-1]:
        push.send(come[-1])
        push.send(come[-1])


def _first_again(push: Any, come: list[bytes]) -> None:
    if b" " in come[-1]:
        push.send(_good(come)[0])


def _anything(push: Any, come: list[bytes]) -> None:
    push.send(come[-1])


def _goes_silent(push: Any, come: list[bytes]) -> None:
    if len(_good(come)) == len(come):
        push.send(come[-1])


def _dies(push: Any, come: list[bytes]) -> None:
    if b" " not in come[-1]:
        raise SystemExit  # a thread ends, and nothing is printed
    push.send(come[-1])


def _never_comes(ctx: Context, orders: str, meals: str) -> None:
    """A kitchen that never opens."""


FAULTS: Mapping[str, Callable[..., None]] = {
    "none": kitchen,
    "it loses the third order": _with(_loses),
    "the second and the third meal change places": _with(_swaps),
    "it sends each meal twice": _with(_twice),
    "it sends the first meal again for each order": _with(_first_again),
    "it makes a meal of what is no order": _with(_anything),
    "it sends no meal any more after what was no order": _with(_goes_silent),
    "it dies of what is no order": _with(_dies),
    "it does not end at `close`": _with(_right, ends=False),
    "it never opens": _never_comes,
}


# --- slowly


class _SlowSocket(zmq.Socket[Any]):
    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.__dict__["_rested"] = set()

    def _rests(self, when: str) -> None:
        context: Any = self.context
        if seconds := context.late.get(when):
            context.over.wait(seconds)

    def connect(self, addr: str) -> Any:
        if self.type == zmq.PULL:
            self._rests("connect")
        return super().connect(addr)

    def recv(self, *args: Any, **options: Any) -> Any:
        message = super().recv(*args, **options)
        when = "close" if message == b"close" else "first" if b" " in message else "no order"
        if when not in self._rested:
            self._rested.add(when)
            self._rests(when)
        return message

    def send(self, data: Any, *args: Any, **options: Any) -> Any:
        if data in self._rested or b" " not in data:
            self._rests("again")
        self._rested.add(data)
        return super().send(data, *args, **options)


class SlowContext(zmq.Context[Any]):
    """Its sockets are late: `late` is seconds before the first "connect", after the "first" order, after what is "no
    order", after "close", and before a message is sent "again" (or one that is no order). `over` ends all rests."""

    late: Mapping[str, float] = {}
    over = threading.Event()

    _socket_class: Any = _SlowSocket
