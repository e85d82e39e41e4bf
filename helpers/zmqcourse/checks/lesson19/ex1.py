"""19.1: wait until all services are there, by asking the broker, and nobody else."""

from __future__ import annotations

import random as randoms
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from itertools import pairwise

import zmq

from ...exercise import Delayed, Late, Wrong, exercise
from ...trial import Job, Trial, show, trial
from .words import C, asked, reply

MMI = b"mmi.service"
SERVICES = [b"resize", b"store", b"count"]
PATIENCE = 0.8  # seconds, on a quiet machine, as given to the answer
IN_TIME = 0.3  # seconds in which a question is answered; the exercise names half a second
OFTEN = 40  # questions a second about one service that are too many
Offered = Callable[[bytes, int], bool]  # of a service: is it there when it is asked about for the nth time?


@exercise(
    "19.1",
    title="Wait until all are there",
    hints=(
        "One question is one REQUEST to the service `mmi.service`, whose body is the name that you want to know "
        "of; the "
        'lesson\'s `ask` sends it. Its answer is `[b"200"]` if that is offered now; anything else, and no '
        "answer, is no.",
        "A round: ask about each of them. Those that were not 200 in *this* round are missing; nothing is carried over "
        "from one round to the next, for who was there may have gone.",
        "`ask` takes a `patience`: half a second each. Look at the time after each round, and sleep a little before "
        "the next.",
    ),
)
def all_are_there_at_the_same_time(absent) -> str:
    """`absent(ctx, endpoint, services, patience)`: the services that are missing; none as soon as all are there."""
    scenes = (
        _all_are_there,
        _one_comes_later,
        _never_at_once,
        _no_such_question,
        _a_broker_that_comes_late,
        _no_broker,
    )
    for scene in scenes:
        with trial() as t:
            scene(t, absent)
    return (
        f"{len(SERVICES)} services: there at once, one late, never all at once, a broker without mmi.service, a "
        "late one and none at all; no worker was asked anything"
    )


def _patience(t: Trial) -> float:
    """In which an answer has time for some rounds of questions on this machine now."""
    return PATIENCE * min(t.pace, 8.0)


def _start(t: Trial, absent, endpoint: str, patience: float) -> Job:
    return t.start(absent, t.ctx, endpoint, list(SERVICES), patience)


def _serve(t: Trial, router: zmq.Socket, job: Job, offered: Offered, no: bytes = b"404") -> Counter[bytes]:
    """Answer until the call is over; how often each service was asked about. Raises `Delayed` when the check itself was
    kept waiting, so that it answered too late."""
    times: Counter[bytes] = Counter()
    looked = [time.monotonic()]

    def answers() -> bool:
        looked.append(time.monotonic())
        while router.poll(0):
            request = asked(router.recv_multipart())
            if request.service != MMI:
                raise Wrong(
                    "a service itself was asked, not the broker",
                    seen=f"a request to `{show(request.service)}`",
                    expected="a request to `mmi.service`, which the broker answers by itself",
                )
            if len(request.body) != 1 or request.body[0] not in SERVICES:
                raise Wrong("that names no service", seen=f"`{show(request.body)}`", expected="one frame: its name")
            times[request.body[0]] += 1
            reply(t, router, request, C.FINAL, b"200" if offered(request.body[0], times[request.body[0]]) else no)
        return job.wait(0)

    t.wait(answers, expected="the call comes to its end", said="`absent` did not come back", seconds=PATIENCE + 3)
    if max(after - before for before, after in pairwise(looked)) > IN_TIME:
        raise Delayed("the check's broker was too slow", expected="an answer of the broker in good time")
    return times


def _expect(t: Trial, job: Job, wanted: list[bytes], tried: str, said: str) -> None:
    got = t.finish(job)
    try:
        found = list(got)
    except TypeError:
        raise Wrong("`absent` returned no list of services", seen=f"`{show(got)}`", expected=f"`{wanted}`") from None
    if sorted(found) != sorted(wanted):
        raise Wrong(said, tried=tried, seen=f"`{show(found)}`", expected=f"`{wanted}`, those that are missing")


def _all_are_there(t: Trial, absent) -> None:
    router, endpoint = t.bind(zmq.ROUTER)
    began = time.monotonic()
    job = _start(t, absent, endpoint, patience=30.0)
    times = _serve(t, router, job, lambda *_: True)
    _expect(t, job, [], "all were offered from the beginning", "somebody is said to be missing who is there")
    if set(times) != set(SERVICES):
        raise Wrong("not all of them were asked about", seen=f"`{dict(times)}`", expected=f"each of `{SERVICES}`")
    if time.monotonic() - began > 2.0 * t.pace:
        raise Late("all were there, and it waited on", expected="it comes back as soon as all are there")


def _one_comes_later(t: Trial, absent) -> None:
    router, endpoint = t.bind(zmq.ROUTER)
    job = _start(t, absent, endpoint, patience=30.0)
    _serve(t, router, job, lambda service, time: service != b"store" or time > 3)
    tried = "`store` was offered from the fourth question about it on"
    _expect(t, job, [], tried, "it did not wait for one that came later")


def _never_at_once(t: Trial, absent) -> None:
    """One goes, and then another comes: each was there at some time, and never all of them."""
    router, endpoint = t.bind(zmq.ROUTER)
    gone = False

    def offered(service: bytes, time: int) -> bool:
        nonlocal gone
        gone = gone or time > (2 if service == b"resize" else 6)
        return service == b"count" or (service == b"store") == gone

    began, patience = time.monotonic(), _patience(t)
    job = _start(t, absent, endpoint, patience)
    times = _serve(t, router, job, offered)
    lasted = time.monotonic() - began
    tried = "`resize` went, then `store` came: each was there at some time, and never all of them"
    if not gone:
        raise Late("it asked about each of them twice at most", tried=tried, seen=f"`{dict(times)}`")
    _expect(t, job, [b"resize"], tried, "it says who was missing at some time, and not who is missing now")
    most, name = max((count, name) for name, count in times.items())
    if most > OFTEN * max(lasted, patience):
        raise Wrong(
            "the broker is flooded with questions",
            tried=tried,
            seen=f"{most} questions about `{show(name)}` in {lasted:.1f} s",
            expected="a little sleep between two rounds",
        )


def _no_such_question(t: Trial, absent) -> None:
    router, endpoint = t.bind(zmq.ROUTER)
    job = _start(t, absent, endpoint, _patience(t))
    _serve(t, router, job, lambda *_: False, no=b"501")
    tried = "the broker answered 501: it has no `mmi.service`"
    _expect(t, job, SERVICES, tried, "another answer than 200 was taken for yes")


def _a_broker_that_comes_late(t: Trial, absent) -> None:
    endpoint = t.endpoint("tcp")
    job = _start(t, absent, endpoint, patience=30.0)
    t.wait(lambda: t.stage.sent(job.name), seconds=2.0, expected="a question, although nobody is there yet")
    router = t.socket(zmq.ROUTER)
    router.bind(endpoint)
    _serve(t, router, job, lambda *_: True)
    _expect(t, job, [], "the broker came after the first question", "a broker that came late was not asked")


def _no_broker(t: Trial, absent) -> None:
    endpoint = t.endpoint("tcp")
    began, patience = time.monotonic(), _patience(t)
    job = _start(t, absent, endpoint, patience)
    expected, said = "an end when patience is over", "`absent` did not come back"
    t.wait(lambda: job.wait(0), seconds=PATIENCE + 3, expected=expected, said=said)
    if time.monotonic() - began < 0.8 * patience:
        tried = f"a patience of {patience:.1f} s, and nobody at the endpoint"
        raise Wrong("it gave up before its patience was over", tried=tried)
    _expect(t, job, SERVICES, "nobody was at the endpoint", "who never answered is not said to be missing")


# --- the same for longer


def soak(absent, random: randoms.Random, seconds: float) -> str:
    """Services that come and go at random: it returns `[]` only after a round in which all were there. Where the check
    itself was kept waiting a call tells nothing, and is not counted."""
    calls = rounds = 0
    with trial(seconds=seconds + 60) as t:
        over = t.deadline(seconds)
        while not over.over:
            router, endpoint = t.bind(zmq.ROUTER)
            last: dict[bytes, bool] = {}

            def offered(service: bytes, _: int, last=last) -> bool:
                last[service] = random.random() < 0.7
                return last[service]

            job = _start(t, absent, endpoint, patience=random.uniform(0.2, 2.0))
            with suppress(Late):
                rounds += sum(_serve(t, router, job, offered).values()) // len(SERVICES)
                wanted = [service for service in SERVICES if not last.get(service)]
                _expect(t, job, wanted, "services came and went", "who is missing is not said")
                calls += 1
            router.close(linger=0)
    return f"{calls} calls, {rounds} rounds of questions: each said who was missing in its last round"
