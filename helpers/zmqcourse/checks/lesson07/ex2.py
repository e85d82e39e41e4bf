"""07.2: a client that asks with patience, asks again, and in the end says that it has no answer."""

from __future__ import annotations

import time
from typing import Any

import zmq

from ...exercise import Late, Wrong, exercise
from ...trial import Job, Trial, show, trial
from .servers import back, ends, gone, question, silent_later


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
def asks_within_limits(ask) -> str:
    """`ask(ctx, endpoint, question, patience, tries)`: the answer; None after so many tries."""
    _answered_at_once(ask)
    _answered_after_a_death(ask)
    _never_answered(ask)
    _answered_too_late(ask)
    _nobody_there(ask)
    return (
        "two answers in time, one of them empty; a server died with the question; one never answered, one answered "
        "each time too late, and once nobody was there: it came back every time, and left nothing behind"
    )


def _answered_at_once(ask) -> None:
    for asked, answer in ((b"6 * 7", b"42"), (b"", b""), (b"\x00STOP\xff" * 20_000, b"\x00")):
        with trial() as t:
            router, endpoint = t.bind(zmq.ROUTER)
            job = t.start(ask, t.ctx, endpoint, asked, 1.0 * t.pace, 3 if asked else 1)
            way = _asked(t, router, job, "the question")
            began = time.monotonic()
            t.send(router, *way, answer)
            _returned(t, job, [answer], f"the server answered `{show(answer)}` at once")
            seconds = time.monotonic() - began
            if seconds > 0.8 * t.pace:
                raise Late(
                    "the answer was there, and `ask` went on waiting",
                    tried=f"`{job.call}`, answered at once",
                    seen=f"it returned {seconds:.2f} s after the answer",
                    expected="it returns when the answer is there",
                )
            t.silence(router, seconds=0.05, expected="once answered, no further question")


def _answered_after_a_death(ask) -> None:
    with trial() as t:
        endpoint = t.endpoint("tcp")
        router = back(t, endpoint)
        job = t.start(ask, t.ctx, endpoint, b"pay", 0.3 * t.pace, 4)
        _asked(t, router, job, "the question")
        gone(router, endpoint)  # it took the question with it
        router = back(t, endpoint)
        again = "after its patience the same question again, to the server that has come back"
        way = _asked(t, router, job, again)
        t.send(router, *way, b"paid")
        why = "the server died with the first question, came back, and answered the next one"
        _returned(t, job, [b"paid"], why)


def _never_answered(ask) -> None:
    with trial() as t:
        patience, tries = 0.15 * t.pace, 3
        router, endpoint = t.bind(zmq.ROUTER)
        began = time.monotonic()
        job = t.start(ask, t.ctx, endpoint, b"psst", patience, tries)
        for number in range(tries):
            _asked(t, router, job, f"question {number + 1} of {tries}")
        _returned(t, job, [None], f"the server took {tries} questions and answered none")
        _patient(job, time.monotonic() - began, patience * tries, "a server that never answers")
        t.silence(router, seconds=0.05, expected=f"{tries} questions, not more")


def _answered_too_late(ask) -> None:
    """The answer to each try comes when the next has been asked: it may be taken, since the question is the same."""
    with trial() as t:
        patience, tries = 0.15 * t.pace, 3
        router, endpoint = t.bind(zmq.ROUTER)
        began = time.monotonic()
        job = t.start(ask, t.ctx, endpoint, b"psst", patience, tries)
        first = _asked(t, router, job, "the question")
        second = _asked(t, router, job, "after its patience the question again")
        t.send(router, *first, b"late")
        if _another(t, router, job):
            t.send(router, *second, b"late")
        why = "each answer came only when the question had been asked again"
        if not ends(t, job, 2.0):
            raise Late(
                "`ask` hangs",
                tried=f"`{job.call}`: {why}",
                seen=f"it is still at {job.where()}",
                expected=f"it gives up after {tries} tries of {patience:.2g} s: `poll` says yes to an old answer, too; "
                "`recv` then throws that away, and waits for another without a limit",
                look="the paragraph on `rcvtimeo`, and “poll says there is an answer, and recv hangs”",
            )
        if _returned(t, job, [None, b"late"], why) is None:
            _patient(job, time.monotonic() - began, patience * tries, "a server that answers too late")


def _another(t: Trial, router: zmq.Socket[Any], job: Job) -> bool:
    """Whether the question comes once more; not, when it has taken the late answer, or hangs."""
    end = time.monotonic() + 1.0
    while not job.done and time.monotonic() < end:
        if router.poll(20):
            router.recv_multipart(zmq.DONTWAIT)
            return True
    return False


def _nobody_there(ask) -> None:
    with trial() as t:
        endpoint = t.endpoint("tcp")
        job = t.start(ask, t.ctx, endpoint, b"anybody?", 0.15 * t.pace, 2)
        _returned(t, job, [None], "nobody was there")
        silent_later(t, endpoint, job)


def _asked(t: Trial, router: zmq.Socket[Any], job: Job, expected: str) -> list[bytes]:
    """The next question of an `ask(ctx, endpoint, question, patience, tries)` under way; the way back."""
    asked, patience, tries = job.args[2:]
    began = time.monotonic()
    try:
        return question(t, router, asked, expected)
    except Wrong:
        if job.ended is None or job.error is not None or job.ended - began > 0.9 * patience * tries:
            raise
        raise Late(
            f"`{job.name}` gave up too early",
            tried=f"`{job.call}`, to a server that gave no answer",
            seen=f"it returned `{show(job.value)}`",
            expected=f"{expected}: {tries} tries of {patience:.2g} s each, and `poll` counts milliseconds",
        ) from None


def _returned(t: Trial, job: Job, allowed: list[bytes | None], why: str) -> bytes | None:
    value = t.finish(job, seconds=2.0)
    if not any(value is each if each is None else value == each for each in allowed):
        raise Wrong(
            f"`{job.name}` returned something else",
            tried=f"`{job.call}`: {why}",
            seen=f"it returned `{show(value)}`",
            expected=f"`{show(allowed[0])}`",
        )
    return value


def _patient(job: Job, seconds: float, wanted: float, server: str) -> None:
    if 0.9 * wanted < seconds < 2.5 * wanted + 0.5:
        return
    kind = Wrong if seconds < wanted else Late
    raise kind(
        "the patience was not kept",
        tried=f"`{job.call}`, to {server}",
        seen=f"it returned after {seconds:.2f} s",
        expected=f"about {wanted:.2f} s: `tries` times `patience`",
    )
