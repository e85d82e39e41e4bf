"""16.2: an asyncio service whose work blocks, and which never waits for it."""

from __future__ import annotations

import inspect
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import zmq
from zmqlive import AsyncContext

from ...exercise import Late, Wrong, exercise
from ...trial import Job, Trial, show, trial

AT_ONCE = 4  # slow questions at the same time
BAD = {b"bad": ValueError("such a question!"), b"worse": TimeoutError("no answer"), b"lost": KeyError("what?")}
HELD = 60  # seconds that slow work lasts if the check does not end it


@exercise(
    "16.2",
    title="A desk that never sleeps",
    hints=(
        "`*envelope, question = await router.recv_multipart()`, and the answer goes to the same `envelope`.",
        "If the loop that receives also waits for the work, one question holds up all others. Put the work into a "
        "coroutine of its own and start it with `asyncio.create_task(…)`; the loop goes on receiving.",
        "In there: `await asyncio.to_thread(…)` of a function that returns `work(question)`, or `b\"?\"` when that "
        "raises; then `await router.send_multipart([*envelope, answer])`. The socket never goes to another thread.",
    ),
)
def the_desk_answers_while_work_is_slow(desk) -> str:
    """`async def desk(ctx, front, work)` answers each question by `work`, which blocks, several at the same time."""
    if callable(desk) and not inspect.iscoroutinefunction(desk):
        raise Wrong("`desk` is an ordinary function", expected="a coroutine: its first line begins with `async def`")
    with trial(seconds=6) as t, _asyncio_of(t) as ctx:
        answered = _ask(t, ctx, desk)
    return f"{answered} questions, {AT_ONCE} slow ones at once, {len(BAD)} that raised, envelopes of 1 to 4 frames"


@contextmanager
def _asyncio_of(t: Trial) -> Iterator[AsyncContext]:
    """The trial's context as one of `zmq.asyncio`; its sockets are closed whatever happens."""
    ctx = AsyncContext(t.ctx, recorder=t.stage.recorder)
    ctx.__dict__["one_thread_each"] = True  # a socket that is used in `to_thread` raises, and does no harm
    ctx.__dict__["term"] = int  # the trial ends the one context that is behind both
    ctx.setsockopt(zmq.LINGER, 0)
    try:
        yield ctx
    finally:
        for job in t.jobs:
            job.wake()
            job.wait(1.0)
        for socket in list(ctx._sockets):
            socket.close(linger=0)


def _ask(t: Trial, ctx: AsyncContext, desk) -> int:
    gate, at_work, asked = threading.Event(), [], []

    def work(question: bytes) -> bytes:
        asked.append(question)
        if question in BAD:
            raise BAD[question]
        if question.startswith(b"slow"):
            at_work.append(question)
            gate.wait(HELD)  # a database that takes its time
        return b"<" + question + b">"

    front = t.endpoint()
    job = t.start(_told(desk), ctx, front, work, name="desk")
    clients = [t.connect(zmq.REQ, front) for _ in range(AT_ONCE + 1)]
    try:
        for number, body in enumerate((b"hello", b"\x00\xff" * 10_000, b"", *BAD, b"after")):
            _question(t, clients[number % 2], body, b"?" if body in BAD else b"<" + body + b">")
        _through_brokers(t, front)
        for number, client in enumerate(clients[:AT_ONCE]):
            t.send(client, b"slow %d" % number)
        _all_at_work(t, job, at_work)
        _question(t, clients[-1], b"quick", b"<quick>", f"{AT_ONCE} questions are being worked on; one more asks")
    finally:
        gate.set()
    for number, client in enumerate(clients[:AT_ONCE]):
        _answer(t, client, b"<slow %d>" % number, f"{AT_ONCE} questions at the same time, one client each")
    _question(t, clients[0], b"still there?", b"<still there?>")
    twice = [question for question in set(asked) if asked.count(question) > 1]
    if twice:
        raise Wrong("`work` was called more than once for a question", expected="one call for each question")
    _all_recorded(t, len(asked))
    return len(asked)


def _told(desk):
    """The desk, and what is to be said when an exception of `work` ends it."""

    async def told(ctx: AsyncContext, front: str, work) -> None:
        try:
            await desk(ctx, front, work)
        except tuple(map(type, BAD.values())) as error:
            if error in BAD.values():
                expected = '`b"?"` to whoever asked'
                raise Wrong("the desk ended as `work` raised", seen=f"`{error!r}`", expected=expected) from None
            raise

    return told


def _through_brokers(t: Trial, front: str) -> None:
    """A DEALER, whose envelope is one frame, and two clients with what brokers have put in front: three and four."""
    dealer = t.connect(zmq.DEALER, front)
    for envelope in ((), (b"", b"broker"), (b"\x00\x01", b"client", b"")):
        t.send(dealer, *envelope, question := b"through %d" % len(envelope))
        wanted = [*envelope, b"<" + question + b">"]
        got = t.receive(dealer, seconds=1.5, expected="an answer, with all frames of its envelope in front")
        if got != wanted:
            raise Wrong(
                "an answer without its whole envelope",
                tried=f"a question that came with {len(envelope) + 1} frames of envelope, as through a broker",
                seen=f"`{show(got)}`",
                expected=f"`{show(wanted)}`, behind the routing id: all frames but the last are the envelope",
            )


def _all_recorded(t: Trial, answered: int) -> None:
    """The desk's own socket has sent all answers: nobody made a second one on the same handle, for other threads."""
    end = t.deadline(1.0)  # a send is noted when it is over: the answer may be here before
    while (sent := _sent(t)) < answered and not end.over:
        time.sleep(0.02)
    if sent < answered:
        raise Wrong(
            "answers went out past the desk's socket",
            seen=f"{sent} of {answered} were sent by the ROUTER's own `send_multipart`; the others by a shadow of it?",
            expected="a socket is used in its own thread, the loop's: a shadow is the same socket, without the net",
        )


def _sent(t: Trial) -> int:
    trace = t.trace
    routers = {socket.id for socket in trace.sockets if socket.type == "ROUTER" and socket.role != "check"}
    return sum(message.source in routers for message in trace.messages)


def _all_at_work(t: Trial, job: Job, at_work: list[bytes]) -> None:
    try:
        t.wait(lambda: len(at_work) >= AT_ONCE, seconds=1.5, expected="")
    except Late as late:
        if job.done:
            raise
        raise Late(
            "one question holds up the others",
            tried=f"{AT_ONCE} clients ask at the same time, and the work takes long",
            seen=f"{len(at_work)} of the {AT_ONCE} questions {'was' if len(at_work) == 1 else 'were'} being worked on",
            expected=f"all {AT_ONCE}: the loop goes on receiving while the work is done in other threads",
        ) from late


def _question(t: Trial, client: zmq.Socket, body: bytes, wanted: bytes, tried: str = "") -> None:
    t.send(client, body, expected="a ROUTER bound at `front`")
    _answer(t, client, wanted, tried or f"a client asked `{show(body)}`")


def _answer(t: Trial, client: zmq.Socket, wanted: bytes, tried: str) -> None:
    bad = '; `b"?"` where the work raised' if wanted == b"?" else ""
    where = "an answer to each question, sent in the loop's own thread" + bad
    try:
        got = t.receive(client, seconds=1.5, expected=where)
    except Late as late:
        late.details["tried"] = tried
        if all(job.done for job in t.jobs):
            raise Wrong("`desk` came to an end", tried=tried, expected="it runs until it is stopped") from late
        raise
    if got != [wanted]:
        raise Wrong(
            "a wrong answer", tried=tried, seen=f"`{show(got)}`", expected=f"`{show([wanted])}`, to whoever asked"
        )
