"""Exercise 14.1: many questions at once, answers in any order."""

from __future__ import annotations

import time

import zmq

from ...exercise import Late, Wrong, exercise, show
from ...trial import Trial, expect_type, trial
from .calls import expect

PATIENCE = 0.5


@exercise(
    "14.1",
    title="Many questions at once",
    hints=(
        "First send all of them, each with its place in the list as its number: `[b\"%d\" % number, question]`. "
        "Only then begin to receive.",
        "An answer is `number, answer`: put it into `answers[int(number)]`. Done is when each place has its answer, "
        "not when so many messages have come.",
        "Work out `end = time.monotonic() + patience` once; then `dealer.poll(...)` for the milliseconds that are "
        "left, until nothing is missing or `poll` returns 0.",
    ),
)
def answers_find_their_questions(ask_all) -> str:
    """`ask_all(ctx, endpoint, questions, patience)` has all questions under way and returns answers in their order."""
    questions = [b"how warm?", b"2 + 2", b"how warm?", b"", b"5", b"\xff\0"]
    with trial() as t:
        router, endpoint = t.bind(zmq.ROUTER)
        job = t.start(ask_all, t.ctx, endpoint, questions, 3.0)
        asked = _asked(t, router, questions)
        answers = {number: b"answer %d" % place if place else b"" for place, number in enumerate(reversed(asked))}
        numbers = list(asked)
        order = [*reversed(numbers[2:]), *numbers[:2]]
        for n, number in enumerate(order):
            t.send(router, *asked[number], number, answers[number])
            if n < 3:  # this one comes twice, the second time beside others
                t.send(router, *asked[number], number, answers[number])
            elif n == 3:
                t.send(router, *asked[order[0]], order[0], answers[order[0]])
        got = t.finish(job, seconds=2.0)
        tried = f"{len(questions)} questions; the answers came in another order, some of them twice"
        _listed(got, [answers[number] for number in asked], questions, tried)
    for _ in range(3):  # where the machine was so busy that the check itself fell silent, look again
        if _one_never_comes(ask_all, questions[:3]) < 0.5:
            break
    return (f"{len(questions)} questions under way, two of them the same; answers in another order, some twice, "
            "and one that never came")


def _one_never_comes(ask_all, questions: list[bytes]) -> float:
    """One answer never comes, others come again and again; returns for how much of the patience none did."""
    with trial() as t:
        patience = PATIENCE * t.pace
        router, endpoint = t.bind(zmq.ROUTER)
        began = last = time.monotonic()
        job, pause = t.start(ask_all, t.ctx, endpoint, questions, patience), 0.0
        asked = _asked(t, router, questions)
        first, _, third = asked
        while not job.wait(0.05) and time.monotonic() < began + 3 * patience:
            for number in third, first:
                t.send(router, *asked[number], number, b"answer " + number)
            last, pause = time.monotonic(), max(pause, time.monotonic() - last)
        tried = f"`patience` was {patience:.2g} s; one answer never came, others came again and again"
        if not job.done:
            raise Late("`ask_all` goes on after its patience is over", tried=tried,
                       seen=f"it was still waiting after {time.monotonic() - began:.1f} s",
                       expected="what is missing then is `None`; an answer that comes does not start the time anew")
        got, seconds, pause = t.finish(job), job.ended - began, max(pause, job.ended - last)
        wanted = [b"answer " + first, None, b"answer " + third]
        if got == [None] * 3 and pause > patience / 2:
            raise Late("no answer was taken", tried=tried, expected=f"`{show(wanted)}`")
        _listed(got, wanted, questions, "three questions; the second was never answered")
        if seconds < 0.7 * patience:
            raise Wrong("`ask_all` gave up too early", tried=f"`patience` was {patience:.2g} s, one answer was missing",
                        seen=f"it returned after {seconds:.2f} s", expected="it waits until the patience is over")
        return pause / patience


def _asked(t: Trial, router: zmq.Socket, questions: list[bytes]) -> dict[bytes, list[bytes]]:
    """Number → what stood in front of it (who), in the order of the questions; none is answered yet."""
    found: list[list[bytes]] = []
    while len(found) < len(questions):
        found.append(t.receive(router, seconds=1.0, expected=f"all {len(questions)} questions, before any is answered"))
        if len(found[-1]) != 3:
            raise Wrong("a question is not two frames", seen=f"the server received `{show(found[-1][1:])}`",
                        expected="`number, question`; the server is no REP, so there is no empty frame")
    t.silence(router, seconds=0.03, expected="each question once")
    numbers = [number for _, number, _ in found]
    if len(set(numbers)) < len(numbers):
        raise Wrong("two questions have the same number", seen=f"the numbers are `{show(numbers)}`",
                    expected="a number of its own for each, also where two questions are the same")
    left = [(number, who, question) for who, number, question in found]
    asked: dict[bytes, list[bytes]] = {}
    for question in questions:
        place = next((each for each in left if each[2] == question), None)
        if place is None:
            raise Wrong("a question did not come as it was asked", tried=f"`{show(questions)}`",
                        seen=f"the server received `{show([body for _, _, body in left])}`")
        left.remove(place)
        asked[place[0]] = [place[1]]
    return asked


def _listed(got: object, wanted: list, questions: list[bytes], tried: str) -> None:
    expect_type(got, (list, tuple), "what `ask_all` returned")
    # Of two questions that are the same, either may have been sent first.
    twins = [n for n, question in enumerate(questions) if questions.count(question) > 1]
    same = list(got)
    if len(same) == len(wanted) and [same[n] for n in twins] == [wanted[n] for n in reversed(twins)]:
        for n in twins:
            same[n] = wanted[n]
    expect(same, wanted, "the answers are not those to the questions, in their order", tried=tried,
            look="which question each answer belongs to; one that comes twice is still one answer")
