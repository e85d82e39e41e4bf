"""18.2: a broker that drops the frozen, and keeps the busy."""

from __future__ import annotations

import random as randoms
import time

import zmq

from ...exercise import Late, Wrong, exercise
from ...trial import Trial, show, trial
from ..telling import all_is_told
from .beats import LIVENESS, LONG, complaint
from .crew import Crew

SPAN = 10  # intervals


@exercise(
    "18.2",
    title="A broker that drops the frozen and keeps the busy",
    hints=(
        "Two things are to be known of a worker, and they are not the same: whether it *lives* (when was it last heard "
        "from?) and whether it is *free* (has it said READY or answered since its last job?). A dict for the one, a "
        "list for the other.",
        "Each time round: take what has come; drop everybody whose time is over, from both; give jobs; beat, if an "
        "interval has passed, to all whom you know. `poll` waits no longer than until the next heartbeat is due, and "
        "nothing of this waits for `poll` to find nothing.",
        "A heartbeat prolongs a life that you know of, `if worker in lives`, and nothing else. From a worker that you "
        "have dropped it says nothing: it may be frozen in the middle of a job. Your silence makes it say READY again.",
    ),
)
def the_frozen_go_and_the_busy_stay(paranoid_broker) -> str:
    """`paranoid_broker(ctx, front, back, interval, liveness)`: least recently used, with heartbeats both ways."""
    for scene in (_jobs, _frozen, _busy, _frozen_at_work, _back_again, _answers_are_life):
        with trial(seconds=20) as t:
            front, back = t.endpoint(), t.endpoint()
            crew = Crew(t, back)
            t.start(paranoid_broker, t.ctx, front, back, crew.interval, LIVENESS)
            scene(t, front, crew)
    return (
        "five frozen workers were dropped, first, last and at work; one that was busy for three times as long was "
        "kept, and had one job; who was thawed at work got nothing until it answered; no request was done twice"
    )


def _asks(t: Trial, front: str, *request: bytes) -> zmq.Socket:
    client = t.connect(zmq.REQ, front)
    t.send(client, *request, expected="a ROUTER bound at `front`")
    return client


def _jobs(t: Trial, front: str, crew: Crew) -> None:
    bob, cid = crew.hire("Bob", "Cid")
    bob.beats, began = 0, time.monotonic()
    crew.beats_of(bob, SPAN)
    span = (time.monotonic() - began) / crew.interval
    if span < SPAN / 2:
        seen = f"{SPAN} in {span:.1f} intervals"
        raise Wrong("the broker beats more often than once an interval", seen=seen)
    if span > 3 * SPAN:
        seen = f"{SPAN} in {span:.0f} intervals"
        raise Late("the broker's heart beats too slowly", seen=seen, expected="one each interval")
    requests = [[b"head", b"\x02"], [b"\x01"], [b"", b"", b"late"]]
    clients = [_asks(t, front, *requests[0])]
    if crew.given(requests[0], "the first job, for one of two free workers") is not bob:
        raise Wrong("a job went to another worker", tried="Bob had been free for longer than Cid", seen="Cid got it")
    clients.append(_asks(t, front, *requests[1]))
    crew.given(requests[1], "the next job, for the other one", cid)
    clients.append(_asks(t, front, *requests[2]))
    crew.beats_of(bob, 2)  # nobody is free: it waits
    cid.answer(b"\x02")
    crew.heard(clients[1], b"\x02", "Cid answered first")
    crew.given(requests[2], "a request that waited until somebody was free", cid)
    bob.answer(b"")
    crew.heard(clients[0], b"", "Bob answered")
    cid.answer(b"\x01")
    crew.heard(clients[2], b"\x01", "Cid answered again")


def _frozen(t: Trial, front: str, crew: Crew) -> None:
    ada, bob, cid, dan, eve = crew.hire("Ada", "Bob", "Cid", "Dan", "Eve")
    crew.silence(bob, ada, cid, eve)
    for number in range(4):
        client = _asks(t, front, b"%d" % number)
        expected = "a worker that lives: three of five were frozen, first, third and last on the list"
        crew.given([b"%d" % number], expected, bob, dan).answer(b"done")
        crew.heard(client, b"done", "a living worker answered")


def _busy(t: Trial, front: str, crew: Crew) -> None:
    long = _asks(t, front, b"long")
    all_is_told(t, [long])
    busy, other = crew.hire("the busy one", "the other")
    crew.given([b"long"], "a job for the first worker that comes: it had been asked before", busy)
    crew.beats_of(busy, 3 * LIVENESS)
    crew.hiccup(other, busy)
    for number in range(5):
        client = _asks(t, front, b"%d" % number)
        crew.given([b"%d" % number], "a job for the free one; the busy one beats, and is not free", other)
        other.answer(b"done")
        crew.heard(client, b"done", "the other worker answered")
    busy.answer(b"at last")
    crew.heard(long, b"at last", "a worker had been busy for a long time, and beat all the while")


def _frozen_at_work(t: Trial, front: str, crew: Crew) -> None:
    frozen, other = crew.hire("the frozen one", "the other")
    first = _asks(t, front, b"first")
    crew.given([b"first"], "a job for the one that has been free the longest", frozen)
    crew.silence(other, frozen)
    if other.jobs:
        raise Wrong(
            "a job was given to two workers",
            tried="a worker was frozen while it had a job in hand",
            seen="the job was given to another one as well",
            expected="it may still be done: its client asks again when it has waited long enough",
        )
    second = _asks(t, front, b"second")
    crew.given([b"second"], "the next job, for the one that lives", other)
    third = _asks(t, front, b"third")  # waits: nobody is free
    had, frozen.beating = frozen.beats, True  # thawed, and still at work
    crew.beats_of(other, LIVENESS + 2)
    if frozen.beats > had:
        raise Wrong(
            "a heartbeat brought back a worker that had been dropped",
            tried="a worker was frozen, dropped, and thawed: now it beats",
            seen="it got heartbeats again",
            expected="silence: then it takes its broker for dead, and says READY when it is free. If you beat, it "
            "never will",
        )
    frozen.answer(b"after all")
    crew.given([b"third"], "a request that waited; the worker that has just answered is free", frozen)
    frozen.answer(b"3")
    other.answer(b"2")
    crew.heard(second, b"2", "the other worker answered")
    crew.heard(third, b"3", "the worker that had come back answered")
    if not first.poll(1000):  # which was answered before these two
        raise Wrong(
            "an answer did not arrive",
            tried="a worker was dropped while it had a job in hand, and answered after all",
            expected="its client may still wait: an answer is an answer, whoever gives it",
        )
    crew.heard(first, b"after all", "a worker was dropped while it had a job in hand, and answered after all")


def _back_again(t: Trial, front: str, crew: Crew) -> None:
    bob, cid = crew.hire("Bob", "Cid")
    _asks(t, front, b"lost")
    crew.given([b"lost"], "a job for the one that has been free the longest", bob)
    crew.silence(cid, bob)
    bob.jobs.clear()  # it has been started anew, under its name
    crew.ready(bob)
    crew.ready(bob)  # and once more, as after a long silence of the broker's
    clients = {b"%d" % number: _asks(t, front, b"%d" % number) for number in range(3)}
    expected = "a job for each of two workers; one had been dropped, and has said READY again"
    crew.until(lambda: bob.jobs and cid.jobs, expected, said="a worker that has come back gets no job")
    crew.beats_of(bob, 2)  # three requests, and nobody is given two
    while clients:
        worker = crew.until(lambda: [w for w in crew.workers if w.jobs], "a job for whoever is free")[0]
        request = worker.jobs[0][-1]
        client = clients.pop(request, None)
        if client is None:
            raise Wrong("a request was given twice", seen=f"`{show(request)}`, to {worker.name}")
        worker.answer(b"done " + request)
        crew.heard(client, b"done " + request, f"{worker.name} answered")


def _answers_are_life(t: Trial, front: str, crew: Crew) -> None:
    """One who answers job after job, and never beats, lives as well."""
    quiet, other = crew.hire("the quiet one", "the other")
    client, longest = t.connect(zmq.REQ, front), 0.0
    quiet.beating, had, goal = False, quiet.beats, other.beats + 3 * LIVENESS
    while other.beats < goal:
        t.send(client, b"job")
        worker = crew.given([b"job"], "a job for one of two workers")
        longest = max(longest, time.monotonic() - quiet.sent)
        worker.answer(b"done")
        crew.heard(client, b"done", "a worker answered")
    if quiet.beats - had < 2 * LIVENESS:
        raise complaint(
            longest,
            0.5 * LIVENESS * crew.interval,
            "a worker that answers was taken for dead",
            tried="it answered job after job, and sent no heartbeats meanwhile",
            seen=f"it got {quiet.beats - had} heartbeats; another one got {3 * LIVENESS}",
            expected="whatever a worker says is a sign of life",
        )


# --- the same for longer


def soak(paranoid_broker, random: randoms.Random, seconds: float) -> str:
    """Workers freeze and thaw at random times, at work or not, and come back; their clients ask until they are served.

    Raises `Wrong` when a worker gets two jobs, one that lives is forgotten, or a client is not served.
    """
    frozen = served = asked = 0
    with trial(seconds=seconds + 60) as t:
        front, back = t.endpoint(), t.endpoint()
        crew = Crew(t, back, LONG)
        t.start(paranoid_broker, t.ctx, front, back, crew.interval, LIVENESS)
        always, *others = crew.hire("always", "Bob", "Cid", "Dan")
        client, over = t.connect(zmq.REQ, front), t.deadline(seconds)
        while not over.over:
            t.send(client, b"%d" % asked)
            worker = crew.given([b"%d" % asked], "a worker that lives and is free")
            asked += 1
            worker.answer(b"done")
            crew.heard(client, b"done", "a worker answered")
            served += 1
            if random.random() < 0.02:
                victims = random.sample(others, random.randrange(1, 4))
                crew.silence(always, *victims)
                frozen += len(victims)
                for worker in victims:
                    crew.ready(worker)
    return f"{served} of {asked} requests served, workers frozen and dropped {frozen} times, all came back"
