"""A feed that moves to another machine without a goodbye, and a dashboard that follows it."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from typing import Any

import zmq
from zmqlive import Stage
from zmqlive.trace import Trace

PATIENCE = 0.5  # seconds of the dashboard's
OFTEN = 0.1  # seconds between two messages of a feed
WAITED = 20  # messages of the new feed that a dashboard has time for
LIMIT = 30.0  # seconds


def feed(ctx: zmq.Context[Any], endpoint: str, sort: bytes) -> None:
    """Publishes news and, in between, empty messages: I am here."""
    with ctx.socket(zmq.PUB) as pub:
        pub.bind(endpoint)
        for number in itertools.count():
            pub.send(sort + b" %d" % number if number % 2 else b"")
            time.sleep(OFTEN)


class Deployment:
    """What `follows(ctx, where, patience, keep)` makes of a deployment: `ledger` in words, `trace` the record."""

    def __init__(self, follows: Callable[..., Any]) -> None:
        kept: list[bytes] = []
        with Stage("A deployment", seconds=120) as stage:
            old, new = (stage.endpoint("tcp", name=name) for name in ("old", "new"))
            line = stage.link(old, name="line to the old one")
            place = line.endpoint

            def where() -> str:
                return place

            stage.add(feed, old, b"old", name="old feed")
            stage.add(follows, where, PATIENCE, kept.append, name="dashboard")
            stage.wait(lambda _: len(kept) > 5, timeout=LIMIT)
            line.half_open()  # its machine is gone, and nobody says so
            place = new
            stage.add(feed, new, b"new", name="new feed")
            stage.wait(lambda s: s.sent("new feed") >= WAITED, timeout=LIMIT)
        self.trace: Trace = stage.trace()
        self.kept = {sort: sum(news.startswith(sort) for news in kept) for sort in (b"old", b"new")}
        self.ledger = (
            f"before the deployment: {self.kept[b'old']} news kept\n"
            f"since then: {stage.sent('new feed') // 2} news, {self.kept[b'new']} of them kept"
        )
