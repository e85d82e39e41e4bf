"""07.3: one socket for many questions, each believed only its own answer."""

from __future__ import annotations

import time

import zmq

from ...exercise import Late, Wrong, exercise
from ...trial import Job, Trial, show, trial
from .servers import back, ends, gone, question, silent_later

MANY = 200


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
def old_answers_are_refused(interview) -> str:
    """`interview(ctx, endpoint, questions, patience)`: the answers, each to its own question, or None."""
    _all_in_time(interview)
    _old_ones_in_between(interview)
    _old_ones_all_the_time(interview)
    _over_a_cut_link(interview)
    _the_server_goes_and_returns(interview)
    _nobody_there(interview)
    return (
        f"{MANY} questions, each believed its own answer though all the old ones came again; answers too late, twice, "
        "and in a stream; a cut link, a server that went and came back, and nobody at all"
    )


def _all_in_time(interview) -> None:
    questions = [b"how warm?", b"", b"how warm?", b"1 + 1"] * (MANY // 4)
    with trial() as t:
        router, endpoint = t.bind(zmq.ROUTER, sndhwm=0)
        job = t.start(interview, t.ctx, endpoint, questions, 1.0 * t.pace)
        old: list[list[bytes]] = []
        answers = [b"%d" % number if number % 7 else b"" for number in range(MANY)]
        for asked, answer in zip(questions, answers, strict=True):
            way = question(t, router, asked, f"the question `{asked!r}`")
            for late in old[-5:]:  # answers that were given are given once more, as old as they are
                t.send(router, *late)
            t.send(router, *way, answer)
            old.append([*way, answer])
        told = "all questions were answered in time; before each answer came the earlier ones once more"
        _interviewed(t, job, answers, told)
        t.silence(router, seconds=0.05, expected="each question once")


def _old_ones_in_between(interview) -> None:
    with trial() as t:
        router, endpoint = t.bind(zmq.ROUTER)
        job = t.start(interview, t.ctx, endpoint, [b"how warm?"] * 4, 0.2 * t.pace)
        first = question(t, router, b"how warm?", "the first question; it is answered too late")
        second = question(t, router, b"how warm?", "after `patience`, the next question")
        t.send(router, *first, b"20")  # late; and the second is not answered in time at all
        spite = "after `patience`, the next question, although an old answer came in"
        third = question(t, router, b"how warm?", spite)
        t.send(router, *second, b"21")
        t.send(router, *third, b"22")
        fourth = question(t, router, b"how warm?", "the last question")
        t.send(router, *third, b"22")
        t.send(router, *fourth, b"23")
        told = "the answers to questions 1 and 2 came when the next one had been asked; that to 3 came twice"
        _interviewed(t, job, [None, None, b"22", b"23"], told)


def _old_ones_all_the_time(interview) -> None:
    """Old answers make the wait for the new one neither shorter nor longer."""
    with trial() as t:
        patience = 0.25 * t.pace
        router, endpoint = t.bind(zmq.ROUTER)
        job = t.start(interview, t.ctx, endpoint, [b"one", b"two", b"three"], patience)
        first = question(t, router, b"one", "the first question")
        t.send(router, *first, b"1")
        question(t, router, b"two", "the second question")
        began = time.monotonic()
        while not router.poll(60) and time.monotonic() - began < 6 * patience and not job.done:
            t.send(router, *first, b"1")
        waited = time.monotonic() - began
        told = "no answer to `two`; old ones to `one` came in all the time"
        if waited > 3 * patience:
            raise Late(
                "old answers made it wait longer",
                tried=f"`{job.call}`: {told}",
                seen=f"after {waited:.1f} s the next question had not come",
                expected=f"after {patience:.2g} s: a limit on the whole wait, however many old answers there are",
            )
        way = question(t, router, b"three", "after `patience`, the last question")
        t.send(router, *way, b"3")
        _interviewed(t, job, [b"1", None, b"3"], told)


def _over_a_cut_link(interview) -> None:
    with trial() as t:
        router, target = t.bind(zmq.ROUTER)
        link = t.link(target)
        job = t.start(interview, t.ctx, link.endpoint, [b"one", b"two"], 0.4 * t.pace)
        question(t, router, b"one", "the first question")
        link.cut()  # the answer would be lost on its way
        link.mend()
        way = question(t, router, b"two", "the next question, over a connection that was cut and came back")
        t.send(router, *way, b"2")
        _interviewed(t, job, [None, b"2"], "the link was cut before the first answer, and mended")


def _the_server_goes_and_returns(interview) -> None:
    with trial() as t:
        endpoint = t.endpoint("tcp")
        router = back(t, endpoint)
        job = t.start(interview, t.ctx, endpoint, [b"one", b"two", b"three", b"four"], 0.4 * t.pace)
        way = question(t, router, b"one", "the first question")
        t.send(router, *way, b"1")
        question(t, router, b"two", "the second question; the server dies with it")
        gone(router, endpoint)
        router = back(t, endpoint)
        for asked, answer in ((b"three", b"3"), (b"four", b"4")):
            way = question(t, router, asked, f"the question `{asked!r}`, for the server that has come back")
            t.send(router, *way, answer)
        _interviewed(t, job, [b"1", None, b"3", b"4"], "the server died with the second question, and came back")


def _nobody_there(interview) -> None:
    patience, questions = 0.1, [b"one", b"two", b"three"]
    with trial() as t:
        endpoint = t.endpoint("tcp")
        job = t.start(interview, t.ctx, endpoint, questions, patience)
        if not ends(t, job, 2.0):
            raise Late(
                "`interview` hangs while no server is there",
                tried=f"`{job.call}`, and nobody bound there",
                seen=f"after 2 s it was still at {job.where()}",
                expected=f"`[None, None, None]`, {patience} s for each: whatever may wait needs a limit, `send` too",
            )
        _interviewed(t, job, [None] * 3, "nobody was there")
        silent_later(t, endpoint, job)
    with trial() as t:
        _interviewed(t, t.start(interview, t.ctx, endpoint, [], patience), [], "no questions at all")


def _interviewed(t: Trial, job: Job, expected: list[bytes | None], why: str) -> None:
    value = t.finish(job, seconds=2.0)
    if not isinstance(value, (list, tuple)) or list(value) != expected:
        raise Wrong(
            f"`{job.name}` returned other answers",
            tried=f"`{job.call}`: {why}",
            seen=f"it returned `{show(value)}`",
            expected=f"`{show(expected)}`",
            look="the run with two pairs: what the relaxed client took for an answer",
        )
    made = sum(socket.role == job.name for socket in t.trace.sockets)
    if made > 1:
        raise Wrong(
            f"`{job.name}` made {made} sockets",
            tried=f"`{job.call}`: {why}",
            expected="one, for all questions: `REQ_RELAXED` lets it ask again",
        )
