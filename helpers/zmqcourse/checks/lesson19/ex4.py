"""19.4: find the fault: a worker that is back before anybody has noticed that it was gone."""

from __future__ import annotations

import random as randoms

import zmq

from ...exercise import Wrong, exercise
from ...trial import trial
from .crew import LIVENESS, Crew, Hand
from .day import day
from .words import W


@exercise(
    "19.4",
    title="Find the fault: the quicker the restart",
    hints=(
        "In the record Bob says READY twice, and in between he was given a job. What becomes of "
        '`book.workers[b"bob"]` at '
        "the second READY, and of what was in it?",
        "A worker that is at work does not say READY: whoever does has begun anew, so what it had in hand is in "
        "nobody's "
        "hand now. That is for `lost` to decide, as after any death. Where else does a `Worker` leave the book?",
        "DISCONNECT takes one out of it, too. `worker_says` has no `lost` at hand: put it into the book, or look "
        "at what is in hand before the lesson's `worker_says` does its part. And a job must not be given again twice.",
    ),
)
def nothing_goes_with_a_worker(mended) -> str:
    """`mended(ctx, endpoint, beat)`: no job is lost, however its worker goes, and however soon it is back."""
    scenes = (
        _back_at_once,
        _another_one_is_free,
        _says_goodbye,
        _back_while_free,
        _comes_back_as_another,
        _silent_for_good,
    )
    for scene in scenes:
        with trial(seconds=12) as t:
            Crew(t, mended).plays(scene)
    return (
        "killed at work and back under its name before a beat was missed, with and without another one free; "
        "DISCONNECT "
        "with a job in hand; back while free, and for another service; silent for good: each job done, and once"
    )


LOST = "the job in the hand of a worker that left is lost"


def _at_work(crew: Crew, body: bytes = b"photo") -> tuple[Hand, zmq.Socket]:
    """Bob, under his own name, who has this job in hand; and his client."""
    client, bob = crew.client(), crew.hand("Bob", routing_id=b"bob")
    crew.asks(client, body)
    crew.job_of(bob, [body], "one worker was free", "a free worker is given nothing")
    return bob, client


def _done_by(crew: Crew, hand: Hand, client: zmq.Socket, body: bytes, why: str, but: str = LOST) -> None:
    given = crew.job_of(hand, [body], why, but)
    crew.answers(hand, given, b"done")
    crew.final(client, b"done", why=why)


def _once(crew: Crew, client: zmq.Socket, why: str) -> None:
    """Nobody is given it once more, and the client hears nothing more, however long ago its first worker died."""
    said = "a job was given again that had been answered"
    crew.nobody_has(crew.hands, said, why=why, expected="each job is done once", beats=2 * LIVENESS)
    crew.no_more(client, why)


def _back_at_once(crew: Crew) -> None:
    bob, client = _at_work(crew, b"photo 0")
    why = "Bob was killed with a job in hand, and was back under his name before he had missed a beat"
    for number in range(1, 4):
        bob = crew.back(bob)
        _done_by(crew, bob, client, b"photo %d" % (number - 1), why)
        crew.no_more(client, why)
        client = crew.client()
        crew.asks(client, b"photo %d" % number)
        crew.job_of(bob, [b"photo %d" % number], why, "a worker that came back gets no more work")
    bob = crew.back(bob)
    _done_by(crew, bob, client, b"photo 3", why)
    _once(crew, client, why)


def _another_one_is_free(crew: Crew) -> None:
    bob, client = _at_work(crew)
    eve = crew.hand("Eve", routing_id=b"eve")
    bob = crew.back(bob)
    why = "Bob was killed with a job in hand, and was back at once; Eve was free all the while"
    crew.one_of([bob, eve], [b"photo"], why, LOST)
    crew.passes(1)
    if bob.given and eve.given:
        raise Wrong("a job was given to two workers", tried=why, expected="each job is done once")
    _done_by(crew, bob if bob.given else eve, client, b"photo", why)
    _once(crew, client, why)


def _says_goodbye(crew: Crew) -> None:
    """It is told to stop, and says DISCONNECT with a job in hand; it has been answered in part."""
    bob, client = _at_work(crew)
    eve = crew.hand("Eve")
    why = "Bob said DISCONNECT with a job in hand; Eve was free"
    bob.says(W.DISCONNECT)
    crew.forgets(bob)
    _done_by(crew, eve, client, b"photo", why)
    _once(crew, client, why)
    eve.says(W.DISCONNECT)
    crew.forgets(eve)
    crew.settle()
    if crew.offered(b"resize") != b"404":
        said, tried = "a worker that said DISCONNECT is still on the list", "the last worker said DISCONNECT"
        raise Wrong(said, tried=tried, seen="mmi.service does not say 404")
    crew.asks(client, b"later")
    _done_by(crew, crew.hand("Fay"), client, b"later", "nobody was there when it came; then somebody was")


def _back_while_free(crew: Crew) -> None:
    """Nothing was in hand: then it is one worker still, and has one job at a time."""
    client, bob = crew.client(), crew.hand("Bob", routing_id=b"bob")
    for _ in range(2):
        bob = crew.back(bob)
    for body in b"1", b"2":
        crew.asks(client, body)
    why = "Bob was killed while he was free, and was back at once, twice; then two requests came"
    given = crew.job_of(bob, [b"1"], why, "a worker that came back gets no more work")
    said = "a worker was given a second job while it had one in hand"
    crew.nobody_has([bob], said, why=why, expected="one at a time")
    crew.answers(bob, given, b"done")
    crew.final(client, b"done", why=why)
    _done_by(crew, bob, client, b"2", why, "a request is lost")
    _once(crew, client, why)


def _comes_back_as_another(crew: Crew) -> None:
    """It had a job of one service in hand, and comes back for another one: it is not the one to do it."""
    bob, client = _at_work(crew)
    bob.service = b"count"
    bob = crew.back(bob)
    why = "Bob had a job for `resize` in hand, was killed, and came back under his name for `count`"
    said = "a worker was given a job of a service that is not its"
    crew.nobody_has([bob], said, why=why, expected="`resize` waits for a worker")
    if crew.offered(b"count") != b"200":
        said, seen = "a worker that comes back is never taken in", "mmi.service does not say 200 of `count`"
        raise Wrong(said, tried=why, seen=seen)
    _done_by(crew, crew.hand("Eve"), client, b"photo", f"{why}; then Eve came for `resize`")
    _once(crew, client, why)


def _silent_for_good(crew: Crew) -> None:
    """What the lesson's broker did before still holds."""
    bob, client = _at_work(crew)
    eve = crew.hand("Eve")
    crew.dies(bob, "it had a job in hand")
    why = "Bob fell silent with a job in hand; Eve was free"
    _done_by(crew, eve, client, b"photo", why)
    _once(crew, client, why)


def soak(mended, random: randoms.Random, seconds: float) -> str:
    """Workers that crash, freeze, leave and come back under their names at random: each request is answered once."""
    return day(mended, random, seconds, most=None, faults=("crash", "freeze", "leave", "again"))
