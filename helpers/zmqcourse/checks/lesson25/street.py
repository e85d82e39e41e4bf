"""Feeds behind lines, one that never speaks, and one that is no feed at all; and what a watcher says of them."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from itertools import zip_longest
from typing import Any

import zmq
from zmqlive.net import Link

from ...exercise import Late, Wrong
from ...trial import Trial, show

BEATS = 8  # messages of a feed within the patience of who listens
TALK = 100  # messages of the one who talks all the time
OVERDUE = 2.5  # patiences after which what was not told will not be
PATIENCE = 0.4  # seconds, on a quiet machine
STATES = (b"there", b"silent", b"gone")
QUIET, STRANGER, TALKER = b"Dan", b"Fay", b"Eve"
ALL = (b"Ada", b"Bob", b"Cid", QUIET, TALKER, STRANGER)


def patience_of(t: Trial) -> float:
    """Seconds. Where all takes longer, single things are held up for longer still."""
    return round(PATIENCE * min(t.pace**1.5, 6.0), 2)


class Feed:
    """A PUB behind a line, that says something each `every` seconds while `talks`."""

    line: Link

    def __init__(self, pub: zmq.Socket[Any], every: float) -> None:
        self.pub, self.every = pub, every
        self.talks, self.said, self.at = True, 0, 0.0
        self.connections: set[int] = set()


    def passes(self, connection: int, way: str, data: bytes) -> None:
        self.connections.add(connection)


class Street:
    """All of them, and the answer, which watches. Whoever waits here waits by `until`, which lets them talk."""

    def __init__(self, t: Trial, watch: Any, patience: float = 0.0) -> None:
        self.t, self.patience = t, patience or patience_of(t)
        self.pull, news = t.bind(zmq.PULL)
        self.feeds: dict[bytes, Feed] = {}
        self.told: dict[bytes, list[bytes]] = {name: [] for name in ALL}
        self._last: dict[bytes, bytes] = {}
        self.held_up = 0.0  # seconds: the longest time by which a word was late, since the check had no turn
        for name in ALL[:-1]:
            pub, endpoint = t.bind(zmq.PUB, linger=0)
            every = self.patience / (TALK if name == TALKER else BEATS)
            self.feeds[name] = feed = Feed(pub, every)
            feed.line = t.link(endpoint, name=name.decode(), tap=feed.passes)
        self.feeds[QUIET].talks = False
        self._stranger = socket.create_server(("127.0.0.1", 0))  # takes connections, and says nothing
        endpoints = {name: feed.line.endpoint for name, feed in self.feeds.items()}
        endpoints[STRANGER] = f"tcp://127.0.0.1:{self._stranger.getsockname()[1]}"
        t.start(watch, t.ctx, endpoints, self.patience, news)

    def __enter__(self) -> Street:
        return self

    def __exit__(self, *exc: object) -> None:
        self._stranger.close()

    # --- time passes

    def pump(self) -> None:
        now = time.monotonic()
        for name, feed in self.feeds.items():
            if feed.talks and now >= feed.at + feed.every:
                if feed.said and name != TALKER:
                    self.held_up = max(self.held_up, now - feed.at - feed.every)
                feed.pub.send_multipart([b"reading", b"%d" % feed.said])
                feed.said, feed.at = feed.said + 1, now
        while self.pull.poll(0):
            frames = self.pull.recv_multipart()
            if len(frames) != 2 or frames[0] not in self.told or frames[1] not in STATES:
                expected = "two frames: the feed's name, and `there`, `silent` or `gone`"
                raise Wrong("that is no news of a feed", seen=f"`{show(frames)}`", expected=expected)
            self._hears(*frames)

    def _hears(self, name: bytes, state: bytes) -> None:
        if self._last.get(name) == state:
            seen = f"`{name.decode()}, {state.decode()}`, and that once more"
            raise Wrong("the same was told again", seen=seen, expected="news when something changes")
        self._last[name] = state
        self.told[name].append(state)

    def until(self, condition: Callable[[], Any], expected: str, *, said: str, patiences: float = 4.0) -> Any:
        """Wait for so many patiences, and some time to connect; what the condition gave. Raises `Late`."""

        def turn() -> Any:
            self.pump()
            return condition()

        seconds = patiences * self.patience / min(self.t.pace, 4.0) + 1.0
        return self.t.wait(turn, expected=expected, seconds=seconds, said=said)

    def passes(self, beats: int) -> None:
        """The feeds say so many more words, as the check's clock counts them."""
        now = time.monotonic()
        end = now + beats * self.patience / BEATS
        self.until(lambda: time.monotonic() > end, "time passes", said="time stands still", patiences=4 * beats)

    def is_told(self, name: bytes, state: bytes, tried: str) -> None:
        """The next news of this feed is that."""
        expected = f"`{name.decode()}, {state.decode()}`: {tried}"
        began, before = time.monotonic(), self.t.stage.received()

        def told() -> bool:
            read = self.t.stage.received() - before
            long = time.monotonic() - began > OVERDUE * self.patience
            if long and read > OVERDUE * TALK and not self.told[name]:  # it had its turn, again and again
                seen = f"nothing of {name.decode()}, and {read} messages were read meanwhile"
                raise Wrong(_MISSING[state], tried=tried, seen=seen, expected=expected)
            return bool(self.told[name])

        self.until(told, expected, said=_MISSING[state])
        self.same(name, [[state]], tried)

    def same(self, name: bytes, wanted: list[list[bytes]], tried: str) -> None:
        """Raises unless one of these is what was told of this feed since the last time; counts anew."""
        told, self.told[name] = self.told[name], []
        if told in wanted:
            return
        is_, should = next(pair for pair in zip_longest(told, wanted[0]) if pair[0] != pair[1])
        said = _WRONG[is_] if is_ and should != b"gone" else _MISSING[should or b"gone"]
        details = {
            "tried": tried,
            "seen": f"of {name.decode()} was told {_list(told)}",
            "expected": _list(wanted[0]),
        }
        late = is_ == b"silent" and self.held_up > 0.3 * self.patience
        raise (Late if late else Wrong)(said, **details)

    def all_quiet(self, tried: str) -> None:
        """Nothing more was told of any of them."""
        self.pump()
        for name in ALL:
            self.same(name, [[]], tried)


_WRONG = {
    b"there": "somebody was called there of whom nothing was heard",
    b"silent": "somebody was called silent too soon, or for no reason",
    b"gone": "somebody was called gone whose connection stands",
}
_MISSING = {
    b"there": "one who speaks was not called there",
    b"silent": "one who says nothing was not called silent",
    b"gone": "one whose connection is down was not called gone",
}


def _list(states: list[bytes]) -> str:
    return f"`{', '.join(each.decode() for each in states)}`" if states else "nothing"
