"""29.1: a counter that reads two versions, passes on what it does not know, and keeps what is newer than itself."""

from __future__ import annotations

import json
import random as randoms
from typing import Any, NamedTuple

import zmq

from ...exercise import Late, Wrong, exercise
from ...trial import Trial, show, trial

BIG = 2**70


@exercise(
    "29.1",
    title="A counter that reads two versions",
    hints=(
        "First find out which version it is, from `v` alone, and before you look at anything else: 1 where there is "
        "none. Whatever is neither 1 nor 2 goes to `later`, as the bytes that came.",
        "Change the dict that you have read; do not build a new one of the fields that you know, or the others are "
        "lost: `order[\"dishes\"] = [order.pop(\"dish\")]`, `order[\"v\"] = 2`.",
        "Everything that can go wrong with one message (no JSON, no object, no dish) belongs into one `try`, and what "
        "is caught there goes to `later`. An empty list of dishes is a list.",
    ),
)
def two_versions(counter) -> str:
    """`counter(ctx, orders, kitchen, later)`: each order in version 2 to `kitchen`, what it cannot read to `later`."""
    with trial(seconds=15) as t:
        at = Counter(t, counter)
        for each in SCRIPT:
            at.tries(each)
        at.tries_many(SCRIPT)
    kept = sum(each.wanted is None for each in SCRIPT)
    return (
        f"{2 * len(SCRIPT)} messages: orders of two versions, with fields that nobody knows yet; "
        f"{2 * kept} that it could not read, kept as they came"
    )


class Message(NamedTuple):
    """What is sent; what the kitchen is to get, or None where it is for later; what is special, and what is said."""

    tried: str
    data: bytes
    wanted: Any
    said: str


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()


def _one(tried: str, value: Any, wanted: Any, said: str) -> Message:
    return Message(tried, _json(value), wanted, said)


def _same(tried: str, value: Any, said: str) -> Message:
    return Message(tried, _json(value), value, said)


def _kept(tried: str, value: Any, said: str) -> Message:
    return Message(tried, value if isinstance(value, bytes) else _json(value), None, said)


_UNKNOWN = "a field that the counter does not know did not come through as it was"
_OLD = "an order of version 1 did not come out as one of version 2"
_NEW = "an order of version 2 did not come through as it was"
_NEWER = "an order that is newer than the counter was not kept for later"
_BAD = "what could not be read was not kept for later"

SCRIPT = (
    _one("version 1, without a number", {"table": 7, "dish": "soup"}, {"v": 2, "table": 7, "dishes": ["soup"]}, _OLD),
    _same("version 2", {"v": 2, "table": 8, "dishes": ["soup", "tea"]}, _NEW),
    _one("version 1, and says so", {"v": 1, "table": 7, "dish": "tea"}, {"v": 2, "table": 7, "dishes": ["tea"]}, _OLD),
    _same("version 2, with no dish yet", {"v": 2, "table": 9, "dishes": []}, _NEW),
    _same("version 2, not English", {"v": 2, "table": 9, "dishes": ["Käse", "🍵"]}, _NEW),
    _same("version 2, with a field more", {"v": 2, "table": 1, "dishes": ["tea"], "note": "hot"}, _UNKNOWN),
    _same(
        "version 2, with fields that are deep, empty, big",
        {"v": 2, "table": 1, "dishes": ["tea"], "guest": {"id": BIG, "is": [None, True, {}]}, "dish count": 0},
        _UNKNOWN,
    ),
    _one(
        "version 1, with fields more",
        {"table": 4, "dish": "cake", "note": None, "guest": {"id": BIG}},
        {"v": 2, "table": 4, "dishes": ["cake"], "note": None, "guest": {"id": BIG}},
        _UNKNOWN,
    ),
    _same(
        "version 2, whose till still says `dish` for those who are old",
        {"v": 2, "table": 5, "dishes": ["soup", "tea"], "dish": "soup"},
        _NEW,
    ),
    _one(
        "version 1, whose till says `dishes` of something else",
        {"table": 6, "dish": "tea", "dishes": 3},
        {"v": 2, "table": 6, "dishes": ["tea"]},
        _OLD,
    ),
    _kept("version 3, in a form that is new", {"v": 3, "table": 5, "courses": [["soup"], ["cake"]]}, _NEWER),
    _kept("version 3, in which all fields of version 2 are there", {"v": 3, "table": 5, "dishes": ["tea"]}, _NEWER),
    _kept("version 10", {"v": 10, "table": 5, "dish": "tea", "dishes": ["tea"]}, _NEWER),
    _kept("version 3, with spaces that JSON does not need", b'{ "v": 3,   "dishes": [ ] }', _NEWER),
    _kept("no JSON", b"7 soup", _BAD),
    _kept("an empty message", b"", _BAD),
    _kept("no UTF-8", b'{"table": 7, "dish": "K\xe4se"}', _BAD),
    _kept("JSON, and a list", [7, "soup"], _BAD),
    _kept("JSON, and a text", "dish", _BAD),
    _kept("JSON, and null", None, _BAD),
    _kept("version 1, without a dish", {"table": 7}, _BAD),
    _kept("version 2, without dishes", {"v": 2, "table": 7}, _BAD),
    _kept("version 2, with the field of version 1", {"v": 2, "table": 7, "dish": "soup"}, _BAD),
    _one("version 1, after all that", {"table": 2, "dish": "ice"}, {"v": 2, "table": 2, "dishes": ["ice"]}, _OLD),
)

NEXT = _same("an order of the check's own", {"v": 2, "table": 1, "dishes": ["water"]}, _NEW)


class Counter:
    """The answer at work, between three sockets of the check's."""

    def __init__(self, t: Trial, counter: Any) -> None:
        self.t = t
        self.orders = t.endpoint(name="orders")
        self.kitchen, kitchen = t.bind(zmq.PULL)
        self.later, later = t.bind(zmq.PULL)
        self.job = t.start(counter, t.ctx, self.orders, kitchen, later, name="counter")
        self.push = t.connect(zmq.PUSH, self.orders)

    def tries(self, each: Message) -> None:
        """It is sent, and comes out where it should; nothing else does."""
        self.t.send(self.push, each.data)
        self._comes(each)

    def tries_many(self, messages: Any) -> None:
        """All at once: each goes its way, in its order."""
        for each in messages:
            self.t.send(self.push, each.data)
        for each in messages:
            self._comes(each)
        self.t.silence(self.kitchen, seconds=0.05, expected="each order once")
        self.t.silence(self.later, seconds=0.05, expected="each message once")

    def _comes(self, each: Message) -> None:
        right, other = (self.later, self.kitchen) if each.wanted is None else (self.kitchen, self.later)
        details = {
            "tried": f"{each.tried}: `{show(each.data)}`",
            "expected": "these bytes at `later`" if each.wanted is None else f"`{_text(each.wanted)}` at `kitchen`",
        }

        def came() -> bool:
            if self.job.done:
                self.t.finish(self.job)
                raise Wrong("`counter` ended", **details)
            return bool(right.poll(5)) or bool(other.poll(0))

        try:
            self.t.wait(came, seconds=1.0, expected=details["expected"], said=each.said)
        except Late as late:
            # the next message is not a matter of time: where it comes out first, the one before is lost
            if self._is_overtaken(each):
                raise Wrong(each.said, seen="it came out nowhere, and the next message did", **details) from None
            late.details.update(details)
            raise
        if not right.poll(0):
            place = "`kitchen`" if each.wanted is None else "`later`"
            raise Wrong(each.said, seen=f"`{show(other.recv_multipart())}` at {place}", **details)
        frames = right.recv_multipart()
        if not _is(frames, each):
            raise Wrong(each.said, seen=f"`{show(frames)}`", **details)

    def _is_overtaken(self, each: Message) -> bool:
        """Whether an order that is sent now comes out, and this message has not."""
        moment = 300 * self.t.pace
        self.push.send(NEXT.data, zmq.DONTWAIT)
        if not self.kitchen.poll(moment) or not _is(self.kitchen.recv_multipart(), NEXT):
            return False
        return each.wanted is not None or not self.later.poll(moment)


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _is(frames: list[bytes], each: Message) -> bool:
    if len(frames) != 1:
        return False
    if each.wanted is None:
        return frames[0] == each.data
    try:
        return _text_sorted(json.loads(frames[0])) == _text_sorted(each.wanted)  # True is not 1
    except ValueError:
        return False


def _text_sorted(value: Any) -> str:
    return json.dumps(value, sort_keys=True)


# --- the same for longer


def soak(counter, random: randoms.Random, seconds: float) -> str:
    """The same messages in random order, with random fields that nobody knows."""
    count = 0
    with trial(seconds=seconds + 60) as t:
        at = Counter(t, counter)
        over = t.deadline(seconds)
        while not over.over:
            messages = [_with_more(random, random.choice(SCRIPT)) for _ in range(random.randrange(1, 60))]
            at.tries_many(messages)
            count += len(messages)
    return f"{count:,} messages of all kinds, in random order: each came out where it should, as it should"


def _with_more(random: randoms.Random, each: Message) -> Message:
    if each.wanted is None:
        return each
    more = {f"field {random.randrange(1000)}": random.choice((None, "", 0.5, [], {"a": [1]}, "x" * 5000))}
    return each._replace(data=_json({**json.loads(each.data), **more}), wanted={**each.wanted, **more})
