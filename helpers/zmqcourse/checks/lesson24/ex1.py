"""24.1: one direction of a connection read from pieces, however they are cut."""

from __future__ import annotations

import random as randoms
from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import Any

import zmq
from zmqlive.zmtp import Decoder

from ...exercise import Wrong, exercise
from ...trial import Trial, show, trial
from .said import command, cut, frame, greeting, message, ready

Items = list[tuple[str, Any]]
MANY = 100  # items more than there are: no need to read on
MESSAGES = (
    [b"a"],
    [b"", bytes(255)],
    [bytes(256), b"b", b""],
    [b"x" * 70_000, b"end"],
    [b"\x04\x05READY"],
    [b"\x04\x06\x05READY", b"\xff" + bytes(8) + b"\x7f"],
)


@exercise(
    "24.1",
    title="Read what one side says",
    hints=(
        "Keep what has come and is not used yet in one `buffer`. For each piece: add it, then take out of the buffer "
        "whatever is complete, in a loop, until something is not; then wait for the next piece.",
        "After the greeting everything begins alike: a byte of flags, then the length, one byte of it, or eight where "
        "`flags & LONG`. Look at those only when they have come, and take nothing out before the body is there as "
        "well.",
        "`flags & COMMAND`: its body is a byte, a name of so many bytes, and data. Else it is a frame: add it to the "
        "frames of this message, and yield them when `flags & MORE` is not set.",
    ),
)
def whatever_the_pieces(decode) -> str:
    """`decode(pieces)`: yields greeting, commands and messages, each as soon as its last byte has come."""
    for scene in (_by_hand, _strange_lengths, _cut_off, _at_once):
        with trial() as t:
            scene(t, decode)
    with trial(seconds=8) as t:
        data = _recorded(t)
        _reads(t, decode, [data[n : n + 1] for n in range(len(data))], "a DEALER's own words, byte by byte")
        _reads(t, decode, [data], "a DEALER's own words, all in one piece")
        _reads(t, decode, cut(data, randoms.Random(24), 3000), "a DEALER's own words, cut anywhere")
    return f"{len(data):,} bytes that a DEALER sent, byte by byte, all at once and cut anywhere; long, empty, cut off"


# --- scenes


def _by_hand(t: Trial, decode) -> None:
    """A little of everything, in pieces that keep items whole, then in others."""
    parts = [greeting(), ready(b"PUSH"), message(b"hello"), command(b"PING", b"\0\x1eabc"), message(b"", b"two", b"")]
    _reads(t, decode, [greeting()[:10], greeting()[10:], *parts[1:]], "a greeting in two pieces, and then each whole")
    data = b"".join(parts)
    _reads(t, decode, [data], "all in one piece")
    _reads(t, decode, [data[n : n + 1] for n in range(len(data))], "byte by byte")
    _reads(t, decode, [b"", data[:70], b"", b"", data[70:], b""], "empty pieces in between")
    plain = greeting(b"PLAIN") + command(b"HELLO", b"\3tom\6secret") + command(b"INITIATE")
    _reads(t, decode, [plain], "mechanism PLAIN")


def _strange_lengths(t: Trial, decode) -> None:
    """A length of eight bytes says nothing of what it is the length of."""
    start = greeting() + ready(b"PUSH")
    _reads(t, decode, [start + message(bytes(255)) + message(bytes(256)) + message(b"after")], "255 bytes, then 256")
    _reads(t, decode, [start + message(bytes(300), bytes(70_000), b"end")], "two long frames in one message")
    _reads(t, decode, [start + frame(b"few", long=True) + message(b"after")], "few bytes, and a length of eight bytes")
    long = command(b"ERROR", b"x" * 300)
    _reads(t, decode, [start, long + message(b"after")], "a command of more than 255 bytes")
    _reads(t, decode, [start + message(b"\5READY") + message(b"\4PING\0\0")], "frames that look like commands")


def _cut_off(t: Trial, decode) -> None:
    """What has not come to its end is nothing."""
    start = greeting() + ready(b"PUSH") + message(b"whole")
    _reads(t, decode, [greeting()[:40]], "a greeting that is cut off")
    _reads(t, decode, [start, message(b"half")[:4]], "a frame that is cut off")
    _reads(t, decode, [start, frame(b"first", more=True)], "a message of which only the first frame has come")
    _reads(t, decode, [], "no piece at all")


def _at_once(t: Trial, decode) -> None:
    """Who speaks slowly is heard all the same: nothing waits for the end."""
    data = greeting() + ready(b"PUSH") + message(b"one") + command(b"PING", b"\0\0") + message(b"two", b"and")
    _reads(t, decode, [data[n : n + 1] for n in range(len(data))], "byte by byte", soon=True)


# --- reading


class _Feed:
    """Pieces, one after the other, that knows how many were taken."""

    def __init__(self, pieces: Sequence[bytes]) -> None:
        self.pieces, self.taken = pieces, 0

    def __iter__(self) -> Iterator[bytes]:
        for piece in self.pieces:
            self.taken += 1
            yield piece


def _truth(pieces: Sequence[bytes]) -> tuple[Items, list[int]]:
    """What these pieces say, and with how many of them each item was complete."""
    decoder, items, when, frames = Decoder(), [], [], []
    for number, piece in enumerate(pieces, 1):
        for item in decoder.feed(piece):
            if item.kind == "frame":
                frames.append(_whole(item.raw, item.size, pieces))
                if item.more:
                    continue
                items.append(("message", frames))
                frames = []
            else:
                items.append((item.kind, (item.name or decoder.mechanism).encode()))
            when.append(number)
    return items, when


def _whole(raw: bytes, size: int, pieces: Sequence[bytes]) -> bytes:
    """A frame's body, of which the decoder has kept the beginning only."""
    head = 9 if raw[0] & 2 else 2
    if len(raw) == size:
        return raw[head:]
    data = b"".join(pieces)
    at = data.index(raw)
    return data[at + head : at + size]


def _reads(t: Trial, decode, pieces: Sequence[bytes], tried: str, *, soon: bool = False) -> None:
    wanted, when = _truth(pieces)
    feed, got, at = _Feed(pieces), [], []

    def reads() -> None:
        for item in decode(iter(feed)):
            got.append(item)
            at.append(feed.taken)
            if len(got) > len(wanted) + MANY:
                return

    t.run(reads, name="decode")
    for number, (mine, yours) in enumerate(zip_longest(wanted, got)):
        _same(mine, yours, number, tried)
    if soon:
        late = [(item, there - due) for item, due, there in zip(wanted, when, at, strict=True) if there > due]
        if late:
            raise Wrong(
                "an item is told later than it has come",
                tried=tried,
                seen=f"`{show(late[0][0])}` {late[0][1]} bytes after its last one",
                expected="each as soon as its last byte is there: who speaks may wait for an answer to it",
            )


def _same(mine: tuple[str, Any] | None, yours: Any, number: int, tried: str) -> None:
    if mine is None:
        raise Wrong("something was told that has not been said", tried=tried, seen=f"`{show(yours)}`")
    expected = f"`{show(mine)}` as item {number + 1}"
    if yours is None:
        raise Wrong("something that was said is missing", tried=tried, expected=expected)
    if not isinstance(yours, (tuple, list)) or len(yours) != 2:
        raise Wrong("that is no pair of a kind and what was said", tried=tried, seen=f"`{show(yours)}`")
    kind, said = yours[0], yours[1]
    if kind == mine[0] and _plain(said) == mine[1]:
        return
    seen = f"`{show((kind, said))}`"
    if mine[0] == "greeting":
        raise Wrong("the greeting is not read right", tried=tried, seen=seen, expected=expected)
    if mine[0] == "command":
        raise Wrong(
            "a command's name is not read right" if kind == "command" else "a command was taken for something else",
            tried=tried, seen=seen, expected=expected,
        )  # fmt: skip
    if kind == "command":
        raise Wrong("a frame was taken for a command", tried=tried, seen=seen, expected=expected)
    if isinstance(said, (list, tuple)) and 0 < len(said) < len(mine[1]) and list(said) == mine[1][: len(said)]:
        raise Wrong("a message ended before its last frame", tried=tried, seen=seen, expected=expected)
    raise Wrong("a message is not read right", tried=tried, seen=seen, expected=expected)


def _plain(said: Any) -> Any:
    """The same with bytes, whatever holds them."""
    if isinstance(said, (bytearray, memoryview)):
        return bytes(said)
    return [_plain(each) for each in said] if isinstance(said, (list, tuple)) else said


def _recorded(t: Trial) -> bytes:
    """What a DEALER really says, heartbeats among it."""
    pieces: list[bytes] = []

    def tap(_: int, way: str, data: bytes) -> None:
        if way == "there":
            pieces.append(data)

    router, endpoint = t.bind(zmq.ROUTER)
    link = t.link(endpoint, tap=tap)
    dealer = t.connect(zmq.DEALER, link.endpoint, heartbeat_ivl=10, heartbeat_timeout=60_000)
    for frames in MESSAGES:
        t.send(dealer, *frames)
        t.receive(router)
    expected = "a heartbeat of the check's own"
    t.wait(lambda: b"\x04PING" in b"".join(pieces[1:]), seconds=3.0, expected=expected)
    data = b"".join(pieces)
    said = [said for kind, said in _truth([data])[0] if kind == "message"]
    assert said == [list(frames) for frames in MESSAGES], "the check's own record is incomplete"
    return data


# --- the same for longer


def soak(decode, random: randoms.Random, seconds: float) -> str:
    """Random conversations in random pieces."""
    talks = size = 0
    with trial(seconds=seconds + 60) as t:
        over = t.deadline(seconds)
        while not over.over:
            data = greeting(random.choice((b"NULL", b"PLAIN"))) + ready(random.choice((b"PUSH", b"PULL", b"DEALER")))
            for _ in range(random.randrange(8)):
                data += _something(random)
            data = data[: random.choice((len(data), random.randrange(len(data))))]
            _reads(t, decode, cut(data, random, random.choice((1, 10, 400))), "a random conversation", soon=True)
            t.jobs.clear()
            talks, size = talks + 1, size + len(data)
    return f"{talks:,} random conversations, {size:,} bytes in random pieces: each item as soon as it was complete"


def _something(random: randoms.Random) -> bytes:
    sizes = (0, 1, 5, 254, 255, 256, 257, 3000)
    if random.random() < 0.3:
        return command(random.choice((b"PING", b"PONG", b"SUBSCRIBE")), random.randbytes(random.choice(sizes)))
    return message(*(random.randbytes(random.choice(sizes)) for _ in range(random.randint(1, 4))))
