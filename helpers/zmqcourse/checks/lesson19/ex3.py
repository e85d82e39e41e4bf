"""19.3: a broker that gives a dead worker's job again, and not for ever."""

from __future__ import annotations

import random as randoms

from ...exercise import Wrong, exercise
from ...trial import trial
from .crew import LIVENESS, NOTICE, Crew
from .day import day
from .words import W

POISON = [b"poison", b"", b"\x06"]


@exercise(
    "19.3",
    title="Given again, and not for ever",
    hints=(
        "Two decisions are wanted, and `broker` takes both as arguments: `dead` says which workers are dead, "
        "`lost` what becomes of the job that one of them had in hand.",
        "The lesson's `all_of_them` looks at everybody, idle or at work. `again` is half of `lost`: what is missing is "
        "when to stop. How many workers has *this request* cost so far? Something must count that, and it is not the "
        "body: two requests may be equal.",
        "A `Job` is an object of yours, the same each time it is given: let it carry its count. At the second death: "
        '`book.send([job.client, C.NAME, C.FINAL, job.service, b"500", *job.body])`.',
    ),
)
def two_tries_each(careful) -> str:
    """`careful(ctx, endpoint, beat)`: the dead are dropped wherever they are; each request has two tries."""
    scenes = (
        _the_last_one_dies,
        _busy_is_not_dead,
        _the_job_in_hand,
        _its_place_in_the_line,
        _two_deaths_are_enough,
        _each_request_has_its_own,
        _one_that_wakes_up,
    )
    for scene in scenes:
        with trial(seconds=12) as t:
            Crew(t, careful).plays(scene)
    return (
        "workers that fell silent first and last in the list, idle and at work; a job given again once, in its "
        "place; a "
        "poisoned one that cost two of three workers; equal requests with two tries each; a frozen worker that woke up"
    )


def _the_last_one_dies(crew: Crew) -> None:
    """Each does another service; the one that came last, then the first, then the one between."""
    hands = {service: crew.hand(service.decode(), service) for service in (b"add", b"mul", b"neg")}
    for service in hands:
        crew.within(  # READY and the question come over two connections
            NOTICE,
            lambda service=service: crew.offered(service) == b"200",
            expected="200",
            said="mmi.service does not know a service that is offered",
            why="its worker has said READY",
        )
    left = [b"add", b"mul", b"neg"]
    for service, when in ((b"neg", "came last"), (b"add", "came first"), (b"mul", "is the only one left")):
        crew.dies(hands[service], f"the worker that {when} fell silent, while it was free")
        left.remove(service)
        for other in left:
            crew.there(other, "another worker, of another service, fell silent")


def _busy_is_not_dead(crew: Crew) -> None:
    """Beats count while a worker is at work, and while it is free."""
    client, ann, bob = crew.client(), crew.hand("Ann"), crew.hand("Bob", b"count")
    crew.asks(client, b"long")
    given = crew.job_of(ann, [b"long"], "a request came, and one worker was free", "a free worker is given nothing")
    crew.passes(4 * LIVENESS)
    crew.there(b"resize", f"a worker was at work for {4 * LIVENESS} beats, and beat all the while")
    crew.there(b"count", f"a worker was free for {4 * LIVENESS} beats, and beat all the while")
    if ann.told_to_go or bob.told_to_go or ann.given:
        raise Wrong("a worker that beats was taken for dead", tried=f"it beat for {4 * LIVENESS} beats")
    crew.answers(ann, given, b"half", command=W.PARTIAL)
    got = crew.hears(client, "the PARTIAL", "a PARTIAL does not come to the client")
    if got[1:] != [b"\2", b"resize", b"half"]:
        raise Wrong("a PARTIAL came as something else", seen=f"`{got}`")
    crew.answers(ann, given, b"done")
    crew.final(client, b"done", why="the worker has answered, after a long time at work")


def _the_job_in_hand(crew: Crew) -> None:
    client, ann = crew.client(), crew.hand("Ann")
    body = [b"photo", b"", b"\x04"]
    crew.asks(client, *body)
    given = crew.job_of(ann, body, "a request came, and one worker was free", "a free worker is given nothing")
    crew.dies(ann, "it had a job in hand, and was the only one")
    bob = crew.hand("Bob")
    why = "a worker died with this job in hand, and then another one came"
    again = crew.second_try(bob, client, body, why)
    if again.client != given.client:
        said, expected = "the job that was given again has lost its client", f"`{given.client!r}`"
        raise Wrong(said, tried=why, seen=f"`{again.client!r}`", expected=expected)
    crew.answers(bob, again, b"done")
    crew.final(client, b"done", why=why)
    crew.no_more(client, why)
    said = "a job was given again that had been answered"
    crew.nobody_has([bob], said, why=why, expected="nothing more", beats=2 * LIVENESS)


def _its_place_in_the_line(crew: Crew) -> None:
    """Nobody is free when its worker dies: whoever comes is given it first."""
    client, ann = crew.client(), crew.hand("Ann")
    for body in b"first", b"second", b"third":
        crew.asks(client, body)
        crew.settle()
    crew.job_of(ann, [b"first"], "it came first", "a free worker is given nothing")
    crew.dies(ann, "it had a job in hand, and was the only one")
    bob = crew.hand("Bob")
    for body in b"first", b"second", b"third":
        why = "the first of three had been in a dead worker's hand; it goes before those that nobody has had yet"
        given = crew.job_of(bob, [body], why, "the job in a dead worker's hand is lost")
        crew.answers(bob, given, body)
        crew.final(client, body, why=why)


def _two_deaths_are_enough(crew: Crew) -> None:
    evil, good = crew.client(), crew.client()
    hands = [crew.hand("Ann"), crew.hand("Bob")]
    crew.asks(evil, *POISON)
    first = crew.one_of(hands, POISON, "two workers were free", "a free worker is given nothing")
    second = next(hand for hand in hands if hand is not first)
    crew.dies(first, "one request has cost its first worker")
    crew.second_try(second, evil, POISON, "a worker died with this job in hand, another one was free")
    crew.dies(second, "one request has cost its second worker")
    cid, why = crew.hand("Cid"), "two workers died with one request in hand; then a third one came"
    said, expected = (
        "one request has cost two workers, and was given to a third",
        "500 for its client, and no third try",
    )
    crew.nobody_has([cid], said, why=why, expected=expected)
    crew.final(evil, b"500", *POISON, why=why, but="the client of a poisoned request is told nothing")
    crew.asks(good, b"photo")
    given = crew.job_of(cid, [b"photo"], "the poison is gone", "the worker that is left gets no work")
    crew.answers(cid, given, b"done")
    crew.final(good, b"done", why="another client asked, when the poison was gone")
    crew.no_more(evil, why)


def _each_request_has_its_own(crew: Crew) -> None:
    """Four equal requests of one client, each of which loses one worker, and is then done."""
    client = crew.client()
    why = "four equal requests of one client; the first worker of each died, one after the other"
    for number in range(4):
        ann = crew.hand(f"Ann {number}")
        crew.asks(client, b"photo")
        crew.job_of(ann, [b"photo"], why, "a free worker is given nothing")
        crew.dies(ann, "it had a job in hand, and was the only one")
        bob = crew.hand(f"Bob {number}")
        crew.answers(bob, crew.second_try(bob, client, [b"photo"], why), b"%d" % number)
        crew.final(client, b"%d" % number, why=why)
        crew.leaves(bob)
        crew.missing(b"resize", "its process has gone")


def _one_that_wakes_up(crew: Crew) -> None:
    """A frozen worker was taken for dead; it goes on, and answers what another one has answered since."""
    client, hands = crew.client(), [crew.hand("Ann"), crew.hand("Bob")]
    crew.asks(client, b"photo")
    frozen = crew.one_of(hands, [b"photo"], "two workers were free", "a free worker is given nothing")
    other = next(hand for hand in hands if hand is not frozen)
    late = frozen.given.popleft()
    crew.dies(frozen, "it was frozen with a job in hand")
    why = "a worker was frozen with a job in hand; another one did it; then the first one woke up and answered as well"
    again = crew.second_try(other, client, [b"photo"], why)
    crew.answers(other, again, b"by the other")
    crew.final(client, b"by the other", why=why)
    crew.answers(frozen, late, b"by the frozen one")
    crew.no_more(client, why)


def soak(careful, random: randoms.Random, seconds: float) -> str:
    """Workers that crash and freeze at random: each request one FINAL, two tries at most."""
    return day(careful, random, seconds, most=2, faults=("crash", "freeze"))
