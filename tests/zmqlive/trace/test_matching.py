"""A trace that continues the one before is the one that is made anew; and entries are kept small, and as they were."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import pytest
import zmq
from test_match import PATTERNS
from traffic import Traffic, compare, flow, traffic
from zmqlive.recording import build
from zmqlive.recording.packed import START, Columns, Stream, pack, shorten
from zmqlive.trace import Matcher, Trace


def anew(t: Traffic) -> Trace:
    with t.recorder.lock:
        return build(t.recorder)[0]


def same(a: Trace, b: Trace) -> bool:
    return (a.messages, a.sockets, a.connections, a.ledger()) == (b.messages, b.sockets, b.connections, b.ledger())


@pytest.mark.parametrize("name", PATTERNS)
def test_a_continued_trace_is_the_one_made_anew(name: str) -> None:
    with traffic(exact=True) as t:
        PATTERNS[name][0](t, 2_000)
        while any(thread.is_alive() for thread in t.threads):
            t.recorder.trace()
        t.join()
        trace, total = compare(t)
        assert total > 500 and same(trace, anew(t))


@pytest.fixture
def matched(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """All that is handed to a matcher as sent."""
    handed: list[Any] = []
    plain: Callable[..., Any] = Matcher.send

    def send(self: Matcher, *args: Any) -> None:
        handed.append(args)
        plain(self, *args)

    monkeypatch.setattr(Matcher, "send", send)
    return handed


def test_asking_twice_does_not_match_twice(matched: list[Any]) -> None:
    with traffic() as t:
        push, pull = flow(t)
        for round in range(1, 6):
            for n in range(1_000):
                push.send(b"%d" % n)
                pull.recv()
            for _ in range(3):
                assert len(t.recorder.trace().messages) == 1_000 * round
        assert len(matched) == 5_000


def test_what_was_judged_may_still_arrive() -> None:
    """What waits, and what went to nobody, is looked at anew each time, with what has become known."""
    with traffic() as t:
        push, pull = flow(t)
        pub = t.socket(zmq.PUB, bind="inproc://pub")
        for n in range(3):
            push.send(b"%d" % n)
            pub.send(b"a%d" % n)
        fates = [m.fate for m in t.recorder.trace().messages]
        assert sorted(fates) == ["dropped"] * 3 + ["waiting"] * 3
        for n in range(3):
            assert pull.recv() == b"%d" % n
            first = t.recorder.trace()
            assert [m.fate for m in first.messages if m.size == 1] == ["received"] * (n + 1) + ["waiting"] * (2 - n)
            assert same(first, anew(t))


def test_a_role_that_asks_again_is_done_with_what_it_had() -> None:
    with traffic() as t:
        push, pull = flow(t)
        push.send(b"1")
        pull.recv()
        assert t.recorder.trace().messages[0].done is None
        with pytest.raises(zmq.Again):
            pull.recv(zmq.DONTWAIT)
        done = t.recorder.trace().messages[0].done
        assert done is not None and done == anew(t).messages[0].done
        push.send(b"2")
        pull.recv()
        first, second = t.recorder.trace().messages
        assert first.done >= done and second.done is None
        assert same(t.recorder.trace(), anew(t))


# --- how entries are kept

FRAMES = [b"", b"x", b"y" * 64, b"z" * 65, bytes(range(256)) * 4, b"w" * 100_000]


def test_columns_hold_what_was_written_down() -> None:
    stream, truth = Stream(), []
    for n, frame in enumerate(FRAMES):
        parts = [frame, *FRAMES[:n]]
        entries = [(shorten(part) if n % 2 else part,) for part in parts[:-1]] + [shorten(parts[-1])]
        kinds, data, sizes = pack(entries)
        at = [100 * n + i for i in range(len(parts))]
        stream.extend(Columns(numbers(at), numbers(at), kinds, data, numbers(sizes)))
        kept = tuple(part if len(part) <= 64 else part[:32] + part[-33:] for part in parts)
        truth.append((at[-1], at[0], kept, sum(map(len, parts))))
    assert list(stream.messages()) == truth
    place = START
    for message in truth:       # one by one, as far as the place behind each of them goes
        assert next(stream.messages(place)) == message
        place = place._replace(entry=place.entry + len(message[2]), byte=place.byte + sum(map(len, message[2])),
                               size=place.size + sum(len(frame) == 65 for frame in message[2]))
    assert place == stream.end == stream.after(START)
    stream.drop(2)      # the second message has two frames: it goes as a whole
    assert list(stream.messages()) == list(stream.messages(START)) == truth[2:]
    assert stream.end == place and len(stream) == place.entry - 3


def numbers(values: list[int]) -> bytes:
    return b"".join(n.to_bytes(8, sys.byteorder, signed=True) for n in values)


def test_a_message_that_is_not_whole_yet_is_left_for_later() -> None:
    stream = Stream()
    for entries in ([b"1", (b"2",)], [b"3"]):
        kinds, data, sizes = pack(entries)
        stream.extend(Columns(numbers([7] * len(entries)), b"", kinds, data, numbers(sizes)))
        if len(stream) == 2:
            assert [frames for _, _, frames, _ in stream.messages()] == [(b"1",)]
            place = stream.after(START)
    assert [frames for _, _, frames, _ in stream.messages(place)] == [(b"2", b"3")]


@pytest.mark.parametrize("size", [10, 1_000])
def test_a_kept_message_takes_little_room(size: int) -> None:
    with traffic(exact=True) as t:
        push, pull = flow(t)
        for n in range(20_000):
            push.send(b"%010d" % n + bytes(size - 10))
            pull.recv()
        t.recorder.collect()
        room = sum(stream.room for kept in t.recorder.store.kept for stream in (kept.sends, kept.recvs))
    assert room / 20_000 < (120 if size == 10 else 250)
