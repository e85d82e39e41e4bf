"""24.2: find the fault: a client of plain sockets that cannot read long frames, nor a PING, nor an end."""

from __future__ import annotations

import random as randoms
from collections.abc import Sequence
from typing import Any

import zmq
from zmqlive.zmtp import Tape

from ...exercise import Late, Wrong, exercise
from ...trial import Trial, show, trial
from .desk import HELD, PAUSE, READY, Desk, value_of
from .said import command, cut, greeting, message, ready

SIZES = (0, 1, 255, 256, 70_000)  # bytes of a question
REPLIES = ([b"world"], [b""], [bytes(255)], [bytes(256)], [b"x" * 70_000], [b"", b"two", b""], [bytes(300), b"end"])
GONE = "ConnectionError"


@exercise(
    "24.2",
    title="Find the fault: it worked for a year",
    hints=(
        "Look at `read_frame` and `frame` beside the table. How many bytes are the length of a frame of 300 bytes, and "
        "which flag says so? Both have to know.",
        "Whoever reads a frame may be given a command. Put it into one place: a loop that reads until it has a frame. "
        "What has COMMAND set is answered, if it is a PING, and is not returned.",
        "The body of a PING is `\\x04PING`, two bytes, and a context of any length. PONG is a command with the body "
        "`\\x04PONG` and that context, without the two bytes.",
    ),
)
def as_a_req_would(mended) -> str:
    """`mended(port, question)`: the frames of the answer, however long and many, whatever comes in between."""
    for scene in (_in_turn, _the_end, _in_pieces, _long_ones, _pings):
        with trial(seconds=8) as t:
            scene(t, mended)
    with trial(seconds=12) as t:
        real = _a_real_one(t, mended)
    return f"{real} questions to a real REP, of up to 70,000 bytes; PINGs answered; pieces of a few bytes; hung up on"


def _talk(
    t: Trial,
    mended,
    question: bytes,
    reply: list[bytes],
    tried: str,
    *,
    pieces: Sequence[bytes] = (greeting(),),
    pings: Sequence[bytes] = (),
    held: float = PAUSE,
    told: bytes = READY,
) -> None:
    """A whole conversation: greeting and reply in these pieces, and these PINGs in front of the reply."""
    with Desk(t) as desk:
        job = desk.calls(mended, question)
        early = b"".join(command(b"PING", b"\0\0" + each) for each in pings[:1])
        desk.begins(pieces=pieces, told=told, after=early, held=held)
        desk.question(question)
        later = b"".join(command(b"PING", b"\0\x64" + each) for each in pings[1:])
        said = later + message(b"", *reply)
        desk.says(*([said[n : n + 7] for n in range(0, len(said), 7)] if len(pieces) > 1 else [said]))
        value_of(t, job, reply, tried)
        desk.hears_the_end()
        pongs = [item.body for item in desk.commands("PONG")]
        if len(pongs) < len(pings):
            seen = f"{len(pongs)} PONGs"
            raise Wrong("a PING was not answered", tried=tried, seen=seen, expected="a PONG for each PING")
        if pongs != list(pings):
            expected = f"`{show(list(pings))}`, the context of each PING"
            raise Wrong("a PONG does not repeat its PING's context", tried=tried, seen=f"`{pongs}`", expected=expected)


def _in_turn(t: Trial, mended) -> None:
    _talk(t, mended, b"hello", [b"world"], "a question of 5 bytes, and its answer", held=HELD)
    _talk(t, mended, b"", [b""], "an empty question, and an empty answer")
    _talk(t, mended, b"hello", [b"", b"two", b""], "an answer of three frames, two of them empty")


def _in_pieces(t: Trial, mended) -> None:
    hello = greeting()
    tried = "the server's words came in pieces of a few bytes, a moment apart"
    _talk(t, mended, b"hello", [bytes(9), b"slow"], tried, pieces=(hello[:1], hello[1:10], hello[10:63], hello[63:]))


def _long_ones(t: Trial, mended) -> None:
    for size in SIZES[2:]:
        _talk(t, mended, b"q" * size, [b"world"], f"a question of {size:,} bytes")
        _talk(t, mended, b"hello", [b"a" * size], f"an answer of {size:,} bytes")
    told = ready(b"REP", before=[(b"X-Owner", b"o" * 300)])
    _talk(t, mended, b"hello", [b"world"], "a READY of more than 255 bytes, with a property of the server's", told=told)
    _talk(t, mended, b"hello", [b"a" * 300, b"b" * 70_000, b"end"], "an answer of three frames, two of them long")


def _pings(t: Trial, mended) -> None:
    tried = "the server sent a PING right behind its READY, and two more while it was at work"
    _talk(t, mended, b"hello", [b"world"], tried, pings=(b"", b"now", bytes(16)))
    _talk(t, mended, b"hello", [b"\4PING\0\0", b"x"], "an answer whose bytes look like a PING", pings=(b"",))


def _the_end(t: Trial, mended) -> None:
    """The server goes: before its READY, before the answer, in the middle of it."""

    def asks(port: int) -> Any:
        try:
            return mended(port, b"hello")
        except ConnectionError:
            return GONE

    ends = {
        "in its greeting": greeting()[:30],
        "before its READY": greeting(),
        "before it answered": b"",
        "in a frame": message(b"", b"a" * 100)[:50],
        "between two frames of its answer": message(b"", b"a", b"b")[:-3],
    }
    for where, said in ends.items():
        with Desk(t) as desk:
            job = desk.calls(asks)
            if said.startswith(greeting()[:1]):
                desk.takes()
                desk.says(said)
            else:
                desk.begins()
                desk.question(b"hello")
                desk.says(said)
            desk.hangs_up()
            got = t.finish(job, seconds=2.0)
            if got != GONE:
                raise Wrong(
                    "half an answer was taken for one",
                    tried=f"the server hung up {where}",
                    seen=f"`mended` returned `{show(got)}`",
                    expected="a `ConnectionError`",
                )


def _a_real_one(t: Trial, mended) -> int:
    """A real REP, behind a link that is listened to."""
    rep, endpoint = t.bind(zmq.REP)
    asked = 0
    for question in [b"q" * size for size in SIZES] + [b"\4PING\0\0"]:
        for reply in REPLIES if question == b"q" else REPLIES[:1]:
            tape = Tape()
            link = t.link(endpoint, name=f"link {asked}", tap=tape)
            job = t.start(mended, int(link.endpoint.rpartition(":")[2]), question, name="mended")
            try:
                got = t.receive(rep, expected=f"a question of {len(question):,} bytes", seconds=3.0)
            except Late as late:
                said = "; ".join(each.item.said for each in list(tape.heard) if each.way == "there")
                raise late.add(seen=f"your client said {said or 'nothing'}") from None
            if got != [question]:
                expected = f"`{show([question])}`"
                raise Wrong("a real REP received another question", seen=f"`{show(got)}`", expected=expected)
            t.send(rep, *reply)
            value_of(t, job, reply, f"a real REP answered a question of {len(question):,} bytes")
            asked += 1
    return asked


# --- the same for longer


def soak(mended, random: randoms.Random, seconds: float) -> str:
    """Random questions and answers, with PINGs, in random pieces; some servers hang up."""
    asked = gone = pings = 0
    with trial(seconds=seconds + 60) as t:
        over = t.deadline(seconds)
        while not over.over:
            question, reply = random.randbytes(random.choice(SIZES)), _reply(random)
            with Desk(t) as desk:
                job = desk.calls(_catching(mended), question)
                desk.begins()
                desk.question(question)
                contexts = [random.randbytes(random.randrange(17)) for _ in range(random.randrange(3))]
                said = b"".join(command(b"PING", b"\0\0" + each) for each in contexts) + message(b"", *reply)
                if random.random() < 0.2:
                    desk.says(said[: random.randrange(len(said))])
                    desk.hangs_up()
                    if t.finish(job, seconds=5.0) != GONE:
                        raise Wrong("half an answer was taken for one", seen=f"`{show(job.value)}`")
                    gone += 1
                else:
                    desk.says(*cut(said, random, max(12, len(said) // 3)))
                    value_of(t, job, reply, "a random answer in random pieces")
                    desk.hears_the_end()
                    if [item.body for item in desk.commands("PONG")] != contexts:
                        raise Wrong("a PING was not answered", seen=desk.told())
                    asked, pings = asked + 1, pings + len(contexts)
            t.jobs.clear()
    return f"{asked} questions answered, {pings} PINGs among them; {gone} servers hung up, and it said so"


def _reply(random: randoms.Random) -> list[bytes]:
    return [random.randbytes(random.choice(SIZES)) for _ in range(random.randint(1, 3))]


def _catching(mended) -> Any:
    def asks(port: int, question: bytes) -> Any:
        try:
            return mended(port, question)
        except ConnectionError:
            return GONE

    return asks
