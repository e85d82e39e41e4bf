"""25.2: what was lost, by the numbers: holes and repeats, late ones, and sources that begin again."""

from __future__ import annotations

import random as randoms
from collections.abc import Iterator, Sequence
from typing import Any

import zmq

from ...exercise import Wrong, exercise
from ...trial import Trial, show, trial

Message = tuple[str, str, int]  # source, epoch, number
BURST = 3000  # messages, more than there is room for


@exercise(
    "25.2",
    title="What is missing",
    hints=(
        "For each source and epoch: where counting begins, the highest number so far, and which numbers have been "
        "heard. What is missing is what should have come from the one to the other, less what did.",
        "So a late one needs no rule of its own: it is one more that was heard, and one less is missing. Twice is a "
        "number that had been heard already.",
        "Where does counting begin? With the first epoch that you hear of a source, at the number that you hear first: "
        "you came late. With each further one at 0: you were there, and missed its beginning.",
    ),
)
def what_is_missing(gaps) -> str:
    """`gaps(messages)`: yields (missed, twice) after each message, of all sources together."""
    with trial(seconds=20) as t:
        for tried, script in SCRIPTS.items():
            _tells(t, gaps, script, tried)
        lost, sent = _really_lost(t, gaps)
    return (
        f"{len(SCRIPTS)} scripts: holes, repeats, late ones, restarts, sources side by side; and {lost:,} of {sent:,} "
        "messages that a real PUB dropped"
    )


def _run(source: str, epoch: str, *numbers: int) -> list[Message]:
    return [(source, epoch, number) for number in numbers]


SCRIPTS: dict[str, list[Message]] = {
    "nothing is missing": _run("hall", "e1", 0, 1, 2, 3),
    "the first one heard is 17": _run("hall", "e1", 17, 18, 19),
    "a hole of one, and one of three": _run("hall", "e1", 5, 7, 8, 12),
    "from 9 to 10, from 99 to 102": _run("hall", "e1", 8, 9, 10, 11) + _run("attic", "e1", 98, 99, 102),
    "one comes twice": _run("hall", "e1", 0, 1, 1, 2, 0),
    "one comes three times, and there is a hole": _run("hall", "e1", 4, 6, 6, 6, 7),
    "one comes late": _run("hall", "e1", 0, 1, 4, 2, 5),
    "one comes late, and then once more": _run("hall", "e1", 0, 3, 1, 1, 4, 2),
    "two sources, in turn": [each for n in range(4) for each in (("hall", "e1", n), ("attic", "e1", 1000 + n))],
    "two sources, holes in both": [
        ("hall", "e1", 0), ("attic", "e1", 7), ("hall", "e1", 2), ("attic", "e1", 8), ("attic", "e1", 11),
        ("hall", "e1", 3),
    ],
    "it begins again, and nothing is missing": _run("hall", "e1", 40, 41, 42) + _run("hall", "e2", 0, 1, 2),
    "it begins again, and the first three are missing": _run("hall", "e1", 40, 42) + _run("hall", "e2", 3, 4),
    "it begins again soon, at a number that has been": _run("hall", "e1", 0, 1, 2) + _run("hall", "e2", 0, 1, 2, 3),
    "it begins again, and is ahead of where it was": _run("hall", "e1", 0, 1) + _run("hall", "e2", 2, 3),
    "one of two begins again": [
        ("hall", "e1", 5), ("attic", "e9", 5), ("hall", "e1", 8), ("attic", "e8", 1), ("hall", "e1", 9),
        ("attic", "e8", 2),
    ],
    "two sources have the same epoch, and one begins again": [
        ("hall", "e1", 3), ("attic", "e1", 3), ("attic", "e2", 0), ("hall", "e1", 4), ("hall", "e2", 1),
    ],
    "one of the old epoch comes late": _run("hall", "e1", 7, 9) + _run("hall", "e2", 0) + _run("hall", "e1", 8),
    "one of the old epoch comes twice": _run("hall", "e1", 7, 8) + _run("hall", "e2", 0) + _run("hall", "e1", 8),
    "it begins again twice, and its epochs do not grow": _run("hall", "e9", 4)
    + _run("hall", "e5", 0, 1) + _run("hall", "e7", 1),
}  # fmt: skip


def _truth(script: Sequence[Message]) -> list[tuple[int, int]]:
    """(missed, twice) after each message."""
    begins: dict[tuple[str, str], int] = {}
    heard: dict[tuple[str, str], set[int]] = {}
    known: set[str] = set()
    twice, told = 0, []
    for source, epoch, number in script:
        key = source, epoch
        begins.setdefault(key, 0 if source in known else number)
        known.add(source)
        twice += number in heard.setdefault(key, set())
        heard[key].add(number)
        missed = sum(max(numbers) + 1 - begins[key] - len(numbers) for key, numbers in heard.items())
        told.append((missed, twice))
    return told


def _frames(message: Message) -> list[bytes]:
    source, epoch, number = message
    return [source.encode(), epoch.encode(), b"%d" % number, b"19.5"]


class _Wire:
    """Gives messages one after the other, and knows how many were taken."""

    def __init__(self, script: Sequence[Message]) -> None:
        self.script, self.taken = script, 0

    def __iter__(self) -> Iterator[list[bytes]]:
        for message in self.script:
            self.taken += 1
            yield _frames(message)


def _tells(t: Trial, gaps: Any, script: Sequence[Message], tried: str) -> None:
    wire, told, at = _Wire(script), [], []

    def reads() -> None:
        for each in gaps(iter(wire)):
            told.append(each)
            at.append(wire.taken)
            if len(told) > len(script):
                return

    t.run(reads, name="gaps")
    for number, (wanted, got) in enumerate(zip(_truth(script), told, strict=False)):
        _same(wanted, got, number, script, tried)
    if len(told) != len(script):
        seen = f"{len(told)} times for {len(script)} messages"
        raise Wrong("it did not tell after each message", tried=tried, seen=seen, expected="a pair for each of them")
    if at != list(range(1, len(script) + 1)):
        seen = f"the first pair came when {at[0]} messages had been taken"
        raise Wrong("it tells later than it knows", tried=tried, seen=seen, expected="a pair before the next is taken")
    t.jobs.clear()


def _same(wanted: tuple[int, int], got: Any, number: int, script: Sequence[Message], tried: str) -> None:
    if not isinstance(got, (tuple, list)) or len(got) != 2 or not all(isinstance(each, int) for each in got):
        raise Wrong("that is no pair of two numbers", tried=tried, seen=f"`{show(got)}`", expected=f"`{wanted}`")
    if tuple(got) == wanted:
        return
    come = ", ".join(f"{source} {epoch} {n}" for source, epoch, n in script[: number + 1])
    details = {"tried": f"{tried}: {come}", "seen": f"`{tuple(got)}`", "expected": f"`{wanted}`"}
    if got[0] != wanted[0]:
        raise Wrong("too many were called missing" if got[0] > wanted[0] else "too few were called missing", **details)
    said = "something was called a repeat that is none" if got[1] > wanted[1] else "a repeat was not told"
    raise Wrong(said, **details)


def _really_lost(t: Trial, gaps: Any) -> tuple[int, int]:
    """A burst that a PUB has no room for; what came of it is what the answer is given."""
    pub, endpoint = t.bind(zmq.XPUB, sndhwm=10)
    sub = t.connect(zmq.SUB, endpoint, rcvhwm=10)
    sub.subscribe(b"")
    t.receive(pub)
    script: list[Message] = []

    def takes() -> None:
        while sub.poll(0):
            source, epoch, number, _ = sub.recv_multipart()
            script.append((source.decode(), epoch.decode(), int(number)))

    for number in range(BURST):
        pub.send_multipart(_frames(("hall", "e1", number)), zmq.DONTWAIT)
    last = BURST

    def ended() -> bool:
        nonlocal last
        pub.send_multipart(_frames(("hall", "e1", last)), zmq.DONTWAIT)
        last += 1
        takes()
        return bool(script) and script[-1][2] >= BURST

    t.wait(ended, expected="a message of the check's own")
    _tells(t, gaps, script, f"a real PUB, with room for 10, sent {BURST:,} at once")
    return _truth(script)[-1][0], script[-1][2] + 1


# --- the same for longer


def soak(gaps, random: randoms.Random, seconds: float) -> str:
    """Random scripts of three sources that lose, repeat, delay and begin again."""
    scripts = messages = missed = 0
    with trial(seconds=seconds + 60) as t:
        over = t.deadline(seconds)
        while not over.over:
            script = _random(random)
            _tells(t, gaps, script, "a random script")
            scripts, messages, missed = scripts + 1, messages + len(script), missed + _truth(script)[-1][0]
    return f"{scripts:,} random scripts, {messages:,} messages, {missed:,} missing: each told at once"


def _random(random: randoms.Random) -> list[Message]:
    script: list[Message] = []
    for source in ("hall", "attic", "yard"):
        number = random.choice((0, 0, random.randrange(200)))
        for epoch in random.sample(("e1", "e2", "e3", "e4"), random.randint(1, 3)):
            for _ in range(random.randrange(1, 30)):
                script += [(source, epoch, number)] * random.choice((1, 1, 1, 1, 2))
                number += random.choice((1, 1, 1, 1, 2, 5))
            number = random.choice((0, 0, 3))
    whole = sorted(range(len(script)), key=lambda n: n + random.choice((0, 0, 0, 8)))
    mixed = [script[n] for n in whole]
    begun: dict[tuple[str, str], int] = {}
    for source, epoch, number in mixed:  # what lies before the first one heard is left out: counting begins with that
        begun.setdefault((source, epoch), number)
    return [each for each in mixed if each[2] >= begun[each[:2]]]
