"""07.1: a calculator that answers whatever it is asked, whoever asks, and however long nobody does."""

from __future__ import annotations

import time
from dataclasses import dataclass
from random import Random
from typing import Any

import zmq

from ...exercise import Wrong, exercise
from ...trial import Trial, show, trial

BIG = 12345678901234567891
SUMS = {
    b"3 + 4": b"7",
    b"10 - 25": b"-15",
    b"-3 * 12": b"-36",
    b"0 * 5": b"0",
    b"3 - -4": b"7",
    b"-7 * -8": b"56",
    b"%d + 1" % BIG: b"%d" % (BIG + 1),
    b"%d * %d" % (BIG, BIG): b"%d" % (BIG * BIG),
    b"%d - 1" % 10**400: b"%d" % (10**400 - 1),
}
NONSENSE: tuple[tuple[bytes, ...], ...] = (
    (b"hello",),
    (b"",),
    (b" ",),
    (b"?",),
    (b"3 +",),
    (b"7 / 2",),
    (b"2 ** 5",),
    (b"3 + 4 + 5",),
    (b"3+4",),
    (b"1.5 + 2",),
    (b"3 + 4j",),
    (b"a + b",),
    (b"\xff + 1",),
    (b"\x00 + 1",),
    (bytes(range(256)),),
    (b"STOP",),
    (b"x" * 100_000,),
    (b"__import__('os').getpid()",),
    (b"3 + 4", b"5 + 6"),
    (b"3 + 4", b"hello", b""),
    (b"", b""),
)
FRAMES = " (this question has several frames: `recv` takes one of them, and the others still wait)"
NOT_A_SUM = ": that is not two whole numbers and one of + - *"
QUIET = 1.1  # seconds in which nobody asks, and the late reader does not read
HURRIED = 200  # questions of one who has gone when the last of them is answered, however fast the service is
AHEAD = 300  # questions that the late reader asks before


@dataclass
class Asked:
    """How many questions were asked, and what came of them."""

    sums: int = 0
    nonsense: int = 0
    gone: int = 0

    def __str__(self) -> str:
        return (
            f"{self.sums + self.nonsense} questions, {self.nonsense} of them nonsense, each with its answer; "
            f"{self.gone} more from clients that did not stay for it"
        )


@exercise(
    "07.1",
    title="A service that survives its users",
    hints=(
        "REP, bound, and a loop. After each question there must be exactly one `send`, whatever was asked.",
        "Write a function of its own that makes the answer from the question, and let it return `b'?'` "
        "wherever something does not fit: `except (ValueError, KeyError)`. A question of several frames is one, too.",
        "`frames = rep.recv_multipart()` takes all frames of a question. `left, sign, right = question.split()` gives "
        "three parts, or a ValueError; `int` reads digits, from bytes as well.",
    ),
)
def every_question_is_answered(calculator) -> str:
    """`calculator(ctx, endpoint)` answers each question, sensible or not, until it is stopped."""
    asked = Asked()
    with trial() as t:
        endpoint = t.endpoint("tcp")
        t.start(calculator, t.ctx, endpoint)
        client = t.connect(zmq.REQ, endpoint)
        for question, answer in SUMS.items():
            _answers(t, client, asked, (question,), answer)
        for frames in NONSENSE:
            _answers(t, client, asked, frames, b"?")
            _answers(t, client, asked, (b"3 + 4",), b"7")
        for number in range(10):
            _ask_and_go(t, endpoint, asked, HURRIED if number % 2 else 1)
            _answers(t, client, asked, (b"%d - 1" % number,), b"%d" % (number - 1))
        _in_turn(t, [client, *(t.connect(zmq.REQ, endpoint) for _ in range(2))], asked, 50)
        late = t.connect(zmq.DEALER, endpoint)
        _ask_ahead(t, late, asked, AHEAD)
        time.sleep(QUIET)
        _read_late(t, late, AHEAD)
        _answers(t, client, asked, (b"1 + 1",), b"2")
    return f"{asked}; {AHEAD} answers were read {QUIET} s late"


def soak(calculator, random: Random, seconds: float) -> str:
    """The same scene with ten times the messages, for so many seconds: faults at random, a reader 2 s late.

    Returns the ledger in a sentence; raises `Wrong` when a question had no answer, or another's.
    """
    asked = Asked()
    cuts = 0
    with trial(seconds=seconds + 15) as t:
        endpoint = t.endpoint("tcp")
        t.start(calculator, t.ctx, endpoint)
        clients = [t.connect(zmq.REQ, endpoint) for _ in range(5)]
        link = t.link(endpoint)
        late = t.connect(zmq.DEALER, endpoint)
        _ask_ahead(t, late, asked, 10 * AHEAD)
        reads = time.monotonic() + 2
        ends = time.monotonic() + seconds
        while time.monotonic() < ends and asked.sums < 50_000:
            client = random.choice(clients)
            fault = random.randrange(6)
            if fault == 0:
                _answers(t, client, asked, random.choice(NONSENSE), b"?")
            elif fault == 1:
                _ask_and_go(t, endpoint, asked, random.randint(1, HURRIED))
            elif fault == 2:  # the answers are on a road that is cut
                _ask_and_go(t, link.endpoint, asked, random.randint(1, 30), stays=random.uniform(0, 0.05))
                link.cut()
                link.mend()
                cuts += 1
            elif fault == 3:
                question, answer = random.choice(list(SUMS.items()))
                _answers(t, client, asked, (question,), answer)
            elif fault == 4:
                _in_turn(t, clients, asked, random.randint(1, 50))
            else:
                time.sleep(random.uniform(0, 0.2))
            if late and time.monotonic() > reads:
                _read_late(t, late, 10 * AHEAD)
                late = None
        if late:
            _read_late(t, late, 10 * AHEAD)
        _in_turn(t, clients, asked, 10)
    return f"{asked}; {cuts} cuts; {10 * AHEAD} answers were read 2 s late; none lost, none another's"


def _answers(
    t: Trial, client: zmq.Socket[Any], asked: Asked, frames: tuple[bytes, ...], answer: bytes
) -> None:
    question = _frames(list(frames))
    expected = f"an answer to the question {question}" + (FRAMES if len(frames) > 1 else "")
    try:
        t.send(client, *frames, expected="a REP that is bound at `endpoint`")
        got = t.receive(client, seconds=1.5, expected=expected)
    except Wrong as wrong:  # where the service failed, this was what it failed of
        raise wrong.add(expected=expected) from wrong.__cause__
    if got != [answer]:
        raise Wrong(
            "that is not the answer",
            tried=f"the question {question}",
            seen=_frames(got),
            expected=f"`{show(answer)}`" + (NOT_A_SUM if answer == b"?" else ""),
        )
    asked.sums += answer != b"?"
    asked.nonsense += answer == b"?"


def _ask_and_go(t: Trial, endpoint: str, asked: Asked, count: int, stays: float = 0.0) -> None:
    """A client that asks, and is gone before it has its answers."""
    client = t.connect(zmq.DEALER, endpoint)
    for number in range(count):
        t.send(client, b"", b"%d + 1" % number)
    if stays:
        time.sleep(stays)
    client.close(linger=2000)   # it returns at once: what has been asked is delivered meanwhile
    asked.gone += count


def _in_turn(t: Trial, clients: list[zmq.Socket[Any]], asked: Asked, rounds: int) -> None:
    """All ask before any is answered: the answer goes to whoever asked."""
    for turn in range(rounds):
        for number, client in enumerate(clients):
            t.send(client, b"%d + %d" % (turn, 1000 * number))
        for number, client in enumerate(clients):
            got = t.receive(client, seconds=1.5, expected=f"an answer for each of {len(clients)} clients that ask")
            if got != [b"%d" % (turn + 1000 * number)]:
                raise Wrong(
                    "a client got another answer than its own",
                    tried=f"{len(clients)} clients asked at the same time, one of them `{turn} + {1000 * number}`",
                    seen=f"it got {_frames(got)}",
                    expected=f"`{turn + 1000 * number}`",
                )
            asked.sums += 1


def _ask_ahead(t: Trial, late: zmq.Socket[Any], asked: Asked, count: int) -> None:
    """Many questions one behind the other; what stands before the delimiter comes back with the answer."""
    for number in range(count):
        t.send(late, b"%d" % number, b"", b"%d * 2" % number)
    asked.sums += count


def _read_late(t: Trial, late: zmq.Socket[Any], count: int) -> None:
    said = f"all {count} answers for a client that asked {count} questions and read only later"
    answers = sorted(t.receive_many(late, count, expected=said), key=lambda frames: (len(frames[0]), frames[0]))
    expected = [[b"%d" % number, b"", b"%d" % (2 * number)] for number in range(count)]
    if answers != expected:
        wrong, right = next((a, b) for a, b in zip(answers, expected, strict=True) if a != b)
        raise Wrong("that is not the answer", tried=said, seen=_frames(wrong), expected=_frames(right))


def _frames(frames: list[bytes]) -> str:
    return f"`{show(frames[0] if len(frames) == 1 else frames)}`"
