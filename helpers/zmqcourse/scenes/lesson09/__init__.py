"""Lesson 09: what travels to a subscriber over tcp, and which numbers a reader has not heard."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

import zmq
from zmqlive import Link

READINGS, ROOMS = 500, 10


def on_the_wire(prefix: str) -> tuple[int, int]:
    """Readings of ten rooms in turn, 100 bytes each, are published over tcp, and one SUB has subscribed to this prefix:
    how many messages, and how many bytes, came to it."""
    with zmq.Context() as ctx, ctx.socket(zmq.XPUB) as pub, ctx.socket(zmq.SUB) as sub:
        pub.bind("tcp://127.0.0.1:*")
        with Link(pub.last_endpoint) as link:
            sub.connect(link.endpoint)
            sub.subscribe(prefix)
            pub.recv()
            for number in range(READINGS):
                pub.send_multipart([b"room%d/" % (number % ROOMS), bytes(100)])
            messages = 0
            while sub.poll(500):
                sub.recv_multipart()
                messages += 1
            return messages, link.forwarded.back


def gaps(heard: Iterable[tuple[bytes, int]], room: bytes) -> list[tuple[int, int]]:
    """Of this room's numbers as they were heard: the last one before each gap, and the first one after it."""
    numbers = [number for each, number in list(heard) if each == room]
    return [(a, b) for a, b in pairwise(numbers) if b > a + 1]
