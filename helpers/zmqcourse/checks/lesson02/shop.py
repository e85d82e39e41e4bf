"""A shop, its queue and its workers, played by the check on recorded sockets: traces whose answer it knows."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any

import zmq
from zmqlive.recorder import Recorder
from zmqlive.trace import Trace


class Shop:
    """Each party's sockets are recorded under its role: shop, queue, worker."""

    def __init__(self) -> None:
        self.recorder = Recorder("a shop")
        self.context = self.recorder.context()
        self.waiting: deque[bytes] = deque()
        self.pull, self.reply = self.socket("queue", zmq.PULL), self.socket("queue", zmq.REP)
        self.push = self.socket("shop", zmq.PUSH)
        self.push.connect(bound(self.pull))
        self.desk = bound(self.reply)
        self.start_worker()

    def socket(self, role: str, kind: int) -> zmq.Socket[Any]:
        with self.recorder.role(role):
            socket = self.context.socket(kind)
        socket.rcvtimeo = 3000
        return socket

    def start_worker(self) -> None:
        self.worker, self.report = self.socket("worker", zmq.REQ), b""
        self.worker.connect(self.desk)

    def sell(self, *numbers: int) -> None:
        for number in numbers:
            self.push.send(b"%d" % number)
            self.waiting.append(self.pull.recv())

    def give(self, times: int = 1) -> None:
        """The worker asks with its report, and is given the next order."""
        for _ in range(times):
            self.worker.send(self.report)
            self.reply.recv()
            self.reply.send(self.waiting.popleft())
            self.report = self.worker.recv()

    def only_report(self) -> None:
        """The worker reports, and there is nothing to answer it with."""
        self.worker.send(self.report)
        self.reply.recv()

    def kill_worker(self) -> None:
        self.worker.close(linger=0)
        self.start_worker()

    def close(self) -> Trace:
        trace = self.recorder.trace()
        self.context.destroy(linger=0)
        self.recorder.close()
        return trace


def bound(socket: zmq.Socket[Any]) -> str:
    socket.bind("tcp://127.0.0.1:*")
    return socket.last_endpoint


def played(play: Callable[[Shop], list[int]]) -> tuple[Trace, list[int]]:
    """The trace of this play, and what was left undone in it."""
    shop = Shop()
    try:
        left = play(shop)
    finally:
        trace = shop.close()
    return trace, left


def all_reported(shop: Shop) -> list[int]:
    shop.sell(*range(13))
    shop.give(13)
    return [12]  # in hand


def none_left(shop: Shop) -> list[int]:
    shop.sell(*range(3))
    shop.give(3)
    shop.only_report()
    return []


def nothing_sold(shop: Shop) -> list[int]:
    shop.worker.send(b"")
    shop.reply.recv()
    return []


def nobody_works(shop: Shop) -> list[int]:
    shop.sell(*range(120, 0, -1))
    return list(range(1, 121))


def killed_in_between(shop: Shop) -> list[int]:
    shop.sell(*range(14))
    shop.give(10)
    shop.kill_worker()  # with 9 in hand
    shop.give(2)
    return [9, 11, 12, 13]  # 11 is in hand, two wait


def handed_out_again(shop: Shop) -> list[int]:
    shop.sell(100, 20, 3)
    shop.give()
    shop.kill_worker()
    shop.waiting.appendleft(b"100")
    shop.give(2)
    shop.waiting.appendleft(b"20")  # in hand it was, and comes once more
    shop.give(2)
    return [3]


def of_another_day(shop: Shop) -> list[int]:
    shop.waiting += [b"77", b"78"]  # the queue has kept them from before the record
    shop.sell(4, 10)
    shop.give(3)  # reports 77 and 78
    return [4, 10]


def queue_is_gone(shop: Shop) -> list[int]:
    """The last report is sent, and no queue is there to receive it."""
    shop.sell(6, 7)
    shop.give(2)
    shop.reply.unbind(shop.desk)
    shop.reply.close(linger=0)
    shop.worker.send(shop.report)
    return []


def sold_to_nobody(shop: Shop) -> list[int]:
    """Orders are sent, and no queue is there to receive them."""
    shop.sell(1, 2)
    shop.give()
    shop.pull.close(linger=0)
    for number in (3, 11):
        shop.push.send(b"%d" % number)
    return [1, 2, 3, 11]


def called(shop: Shop) -> list[int]:
    """No queue: the shop calls, its worker answers with the number; one call is never answered."""
    reply = shop.socket("worker", zmq.REP)
    endpoint = bound(reply)
    for number in (7, 8, 9, 10):
        call = shop.socket("shop", zmq.REQ)
        call.connect(endpoint)
        call.send(b"%d" % number)
        order = reply.recv()
        if number == 9:
            reply.close(linger=0)
            reply = shop.socket("worker", zmq.REP)
            endpoint = bound(reply)
        else:
            reply.send(order)
            call.recv()
    return [9]


PLAYS: tuple[tuple[Callable[[Shop], list[int]], str], ...] = (
    (all_reported, "thirteen orders, the last of them in hand"),
    (none_left, "three orders, all reported"),
    (nothing_sold, "a worker that asks, and nothing was sold"),
    (nobody_works, "120 orders, and no worker has come"),
    (killed_in_between, "a worker killed with an order in hand; one in hand, two waiting at the end"),
    (handed_out_again, "orders that were handed out twice"),
    (of_another_day, "reports of orders that were sold before the record began"),
    (queue_is_gone, "a last report, sent when the queue was gone"),
    (sold_to_nobody, "orders sent when the queue was gone"),
    (called, "a shop that calls its worker, which dies once"),
)
