"""Lesson 07: questions and answers, in lockstep, with servers that are slow, die and come back."""

from __future__ import annotations

import time
from typing import Any

import zmq

from ..exercise import Wrong, exercise
from ..trial import Job, Trial, show, trial

SUMS = {b"3 + 4": b"7", b"10 - 25": b"-15", b"-3 * 12": b"-36", b"0 * 5": b"0"}
NONSENSE = (b"hello", b"", b"3 +", b"7 / 2", b"2 ** 5", b"a + b", b"\xff + 1", b"__import__('os').getpid()")

NOT_A_SUM = ": that is not two whole numbers and one of + - *"


@exercise(
    "07.1",
    title="A service that survives its users",
    hints=(
        "REP, bound, and a loop. After each `recv` there must be exactly one `send`, whatever was asked.",
        "Write a function of its own that makes the answer from the question, and let it return `b'?'` "
        "wherever something does not fit: `except (ValueError, KeyError)`.",
        "`left, sign, right = question.split()` gives three parts, or a ValueError; `int` reads digits, "
        "from bytes as well.",
    ),
)
def every_question_is_answered(calculator) -> None:
    """`calculator(ctx, endpoint)` answers each question, sensible or not, until it is stopped."""
    with trial() as t:
        endpoint = t.endpoint("tcp")
        t.start(calculator, t.ctx, endpoint)
        client = t.connect(zmq.REQ, endpoint)
        for question, answer in SUMS.items():
            _answers(t, client, question, answer)
        for question in NONSENSE:
            _answers(t, client, question, b"?")
            _answers(t, client, b"3 + 4", b"7")
        gone = t.connect(zmq.REQ, endpoint)
        t.send(gone, b"1 + 1")
        gone.close(linger=200)  # it asks, and does not stay for the answer
        another = t.connect(zmq.REQ, endpoint)
        for number in range(3):
            _answers(t, another, b"%d + 1" % number, b"%d" % (number + 1))
            _answers(t, client, b"%d * 2" % number, b"%d" % (number * 2))


def _answers(t: Trial, client: zmq.Socket[Any], question: bytes, answer: bytes) -> None:
    expected = f"an answer to the question `{question!r}`"
    try:
        t.send(client, question, expected="a REP that is bound at `endpoint`")
        got = t.receive(client, seconds=1.5, expected=expected)
    except Wrong as wrong:  # where the service failed, this was what it failed of
        raise wrong.add(expected=expected) from wrong.__cause__
    if got != [answer]:
        raise Wrong(
            "that is not the answer",
            tried=f"the question `{question!r}`",
            seen=_frames(got),
            expected=f"`{answer!r}`" + (NOT_A_SUM if answer == b"?" else ""),
        )


def _frames(frames: list[bytes]) -> str:
    return f"`{show(frames[0] if len(frames) == 1 else frames)}`"


# --- 07.2 and 07.3: the check is the server, a ROUTER, so that it may answer when and what it likes


def _question(t: Trial, router: zmq.Socket[Any], question: bytes, expected: str) -> list[bytes]:
    """Take the next question; the way back to whoever asked. Raises `Wrong` when it is another one."""
    *way, body = t.receive(router, seconds=2, expected=expected)
    if b"" not in way[1:]:
        raise Wrong(
            "that is no question of a REQ",
            seen=_frames([*way[1:], body]),
            expected="an empty frame, the empty delimiter, and then the question: REQ does that for you",
        )
    if body != question:
        raise Wrong("another question was asked", seen=f"`{show(body)}`", expected=f"`{question!r}`")
    return way


def _asked(t: Trial, router: zmq.Socket[Any], job: Job, expected: str) -> list[bytes]:
    """The next question of an `ask(ctx, endpoint, question, patience, tries)` under way; the way back."""
    question, patience, tries = job.args[2:]
    began = time.monotonic()
    try:
        return _question(t, router, question, expected)
    except Wrong:
        if job.ended is None or job.error is not None or job.ended - began > 0.9 * patience * tries:
            raise
        raise Wrong(
            f"`{job.name}` gave up too early",
            tried=f"`{job.call}`, to a server that gave no answer",
            seen=f"it returned `{show(job.value)}`",
            expected=f"{expected}: {tries} tries of {patience} s each, and `poll` counts milliseconds",
        ) from None


def _gone(router: zmq.Socket[Any], endpoint: str) -> None:
    router.unbind(endpoint)
    router.close(linger=0)


def _back(t: Trial, endpoint: str) -> zmq.Socket[Any]:
    """A new server at an address that the old one has just left."""
    router = t.socket(zmq.ROUTER)

    def bound() -> bool:
        try:
            router.bind(endpoint)
        except zmq.ZMQError:
            return False
        return True

    t.wait(bound, expected="the check's server is back")
    return router


@exercise(
    "07.2",
    title="Ask, but not for ever",
    hints=(
        "`req.poll(milliseconds)` says whether an answer is there, and waits no longer than that. "
        "`patience` is in seconds.",
        "A REQ that got no answer may not ask again. Make a new one for each try, inside the loop: "
        "`with ctx.socket(zmq.REQ) as req:` closes it, whatever happens.",
        "`req.linger = 0` throws away what was not delivered. In the loop: connect, send, "
        "`if req.poll(patience * 1000): return req.recv()`. After the loop: `return None`.",
    ),
)
def asks_within_limits(ask) -> None:
    """`ask(ctx, endpoint, question, patience, tries)`: the answer; None after so many tries."""
    _answered_at_once(ask)
    _answered_after_a_death(ask)
    _never_answered(ask)
    _nobody_there(ask)


def _answered_at_once(ask) -> None:
    with trial() as t:
        router, endpoint = t.bind(zmq.ROUTER)
        job = t.start(ask, t.ctx, endpoint, b"6 * 7", 1.0, 3)
        way = _asked(t, router, job, "the question")
        t.send(router, *way, b"42")
        _returned(t, job, b"42", "the server answered at once")
        t.silence(router, seconds=0.05, expected="once answered, no further question")


def _answered_after_a_death(ask) -> None:
    with trial() as t:
        endpoint = t.endpoint("tcp")
        router = _back(t, endpoint)
        job = t.start(ask, t.ctx, endpoint, b"pay", 0.3, 4)
        _asked(t, router, job, "the question")
        _gone(router, endpoint)  # it took the question with it
        router = _back(t, endpoint)
        again = "after its patience the same question again, to the server that has come back"
        way = _asked(t, router, job, again)
        t.send(router, *way, b"paid")
        why = "the server died with the first question, came back, and answered the next one"
        _returned(t, job, b"paid", why)


def _never_answered(ask) -> None:
    patience, tries = 0.2, 3
    with trial() as t:
        router, endpoint = t.bind(zmq.ROUTER)
        began = time.monotonic()
        job = t.start(ask, t.ctx, endpoint, b"psst", patience, tries)
        for number in range(tries):
            _asked(t, router, job, f"question {number + 1} of {tries}")
        _returned(t, job, None, f"the server took {tries} questions and answered none")
        seconds = time.monotonic() - began
        if not 0.9 * patience * tries < seconds < 2.5:
            raise Wrong(
                "the patience was not kept",
                tried=f"`{job.call}`, to a server that never answers",
                seen=f"it returned after {seconds:.2f} s",
                expected=f"about {patience * tries:.2f} s: {tries} tries of {patience} s each",
            )
        t.silence(router, seconds=0.05, expected=f"{tries} questions, not more")


def _nobody_there(ask) -> None:
    with trial() as t:
        endpoint = t.endpoint("tcp")
        job = t.start(ask, t.ctx, endpoint, b"anybody?", 0.15, 2)
        _returned(t, job, None, "nobody was there")
        router = _back(t, endpoint)
        if router.poll(400):
            raise Wrong(
                "a question that was given up was asked all the same, later",
                tried=f"`{job.call}` while nobody was there; after it had returned, a server was started",
                seen=f"the server got {_frames(router.recv_multipart()[-1:])}",
                expected="nothing: `req.linger = 0` drops what was not delivered when the socket closes",
            )


def _returned(t: Trial, job: Job, expected: bytes | None, why: str) -> None:
    value = t.finish(job, seconds=2.0)
    if value != expected:
        raise Wrong(
            f"`{job.name}` returned something else",
            tried=f"`{job.call}`: {why}",
            seen=f"it returned `{show(value)}`",
            expected=f"`{expected!r}`",
        )


@exercise(
    "07.3",
    title="An old answer is no answer",
    hints=(
        "`REQ_RELAXED` lets one socket ask again, `REQ_CORRELATE` throws away what answers an old question.",
        "`poll` says yes to an old answer, too. Which option limits `recv` itself, and what is raised then?",
        "`req.rcvtimeo = int(patience * 1000)`; in the loop send, then `try: answers.append(req.recv())`, "
        "`except zmq.Again: answers.append(None)`.",
    ),
)
def old_answers_are_refused(interview) -> None:
    """`interview(ctx, endpoint, questions, patience)`: the answers, each to its own question, or None."""
    _all_in_time(interview)
    _old_ones_in_between(interview)
    _over_a_cut_link(interview)


def _all_in_time(interview) -> None:
    with trial() as t:
        router, endpoint = t.bind(zmq.ROUTER)
        questions = [b"1 + 1", b"how warm?", b"how warm?"]
        job = t.start(interview, t.ctx, endpoint, questions, 1.0)
        old: list[list[bytes]] = []
        for question, answer in zip(questions, (b"2", b"20", b"21"), strict=True):
            way = _question(t, router, question, f"the question `{question!r}`")
            for late in old:  # each answer that was given is given once more, as old as it is
                t.send(router, *late)
            t.send(router, *way, answer)
            old.append([*way, answer])
        told = "all questions were answered in time; before each answer came the earlier ones once more"
        _interviewed(t, job, [b"2", b"20", b"21"], told)
        made = sum(socket.role == job.name for socket in t.trace.sockets)
        if made != 1:
            raise Wrong(
                f"`{job.name}` made {made} sockets",
                tried=f"`{job.call}`",
                expected="one, for all questions: `REQ_RELAXED` lets it ask again",
            )


def _old_ones_in_between(interview) -> None:
    with trial() as t:
        router, endpoint = t.bind(zmq.ROUTER)
        job = t.start(interview, t.ctx, endpoint, [b"how warm?"] * 4, 0.3)
        first = _question(t, router, b"how warm?", "the first question; it is answered too late")
        second = _question(t, router, b"how warm?", "after `patience`, the next question")
        t.send(router, *first, b"20")  # late; and the second is not answered in time at all
        spite = "after `patience`, the next question, although an old answer came in"
        third = _question(t, router, b"how warm?", spite)
        t.send(router, *second, b"21")
        t.send(router, *third, b"22")
        fourth = _question(t, router, b"how warm?", "the last question")
        t.send(router, *third, b"22")
        t.send(router, *fourth, b"23")
        told = "the answers to questions 1 and 2 came when the next one had been asked; that to 3 came twice"
        _interviewed(t, job, [None, None, b"22", b"23"], told)


def _over_a_cut_link(interview) -> None:
    with trial() as t:
        router, target = t.bind(zmq.ROUTER)
        link = t.link(target)
        job = t.start(interview, t.ctx, link.endpoint, [b"one", b"two"], 0.6)
        _question(t, router, b"one", "the first question")
        link.cut()  # the answer would be lost on its way
        link.mend()
        way = _question(t, router, b"two", "the next question, over a connection that was cut and came back")
        t.send(router, *way, b"2")
        _interviewed(t, job, [None, b"2"], "the link was cut before the first answer, and mended")


def _interviewed(t: Trial, job: Job, expected: list[bytes | None], why: str) -> None:
    value = t.finish(job, seconds=2.0)
    if value != expected:
        raise Wrong(
            f"`{job.name}` returned other answers",
            tried=f"`{job.call}`: {why}",
            seen=f"it returned `{show(value)}`",
            expected=f"`{expected!r}`",
            look="the run with two pairs: what the relaxed client took for an answer",
        )
