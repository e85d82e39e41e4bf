"""08.4: find the fault: the lesson's broker gives a job to a worker that was killed while it was free."""

from __future__ import annotations

import zmq

from ...exercise import exercise
from ...trial import Trial, trial
from ..telling import all_is_told, gone
from .talk import READY, answer, expect, job_at, nothing_for

NIGHTS = 5  # workers that are killed, one after the other


@exercise(
    "08.4",
    title="Find the fault: a client that hangs in the morning",
    hints=(
        "Follow the request that nobody answered: who was at the front of `ready` when it came, and was that worker "
        "still there? What does a ROUTER do with a message for a name that nobody answers to?",
        "`backend.router_mandatory = True` makes it an error, `zmq.EHOSTUNREACH`, instead of silence. Then the request "
        "is still in your hand.",
        "Keep the request until a send has succeeded: try one free worker after the other, and when the list is empty "
        "wait for the next READY. A worker that comes back under its name must not stand on the list twice.",
    ),
)
def nothing_is_lost_with_an_idle_worker(mended) -> str:
    """`mended(ctx, front, back)`: the lesson's broker, which loses no request when free workers were killed."""
    for scene in (_one_of_two, _one_after_the_other, _all_of_them, _back_under_its_name, _slow_is_not_dead):
        with trial() as t:
            front, back = t.endpoint(), t.endpoint()
            t.start(mended, t.ctx, front, back)
            scene(t, front, back)
    return (
        f"{NIGHTS + 5} free workers killed, one, several and all at a time; one came back under its name, "
        "one was slow; every request done once"
    )


def _free(t: Trial, back: str, count: int = 1, **options) -> list[zmq.Socket]:
    """Workers that have said READY, in this order, and the broker knows it."""
    workers = []
    for _ in range(count):
        workers.append(t.connect(zmq.REQ, back, linger=0, **options))
        t.send(workers[-1], b"READY", expected="a ROUTER bound at `back`")
        all_is_told(t)
    return workers


def _one_of_two(t: Trial, front: str, back: str) -> None:
    ann = t.connect(zmq.REQ, front)
    dead, stays = _free(t, back, 2)
    gone(t, dead)
    t.send(ann, b"morning", b"", b"READY", expected="a ROUTER bound at `front`")
    body = [b"morning", b"", b"READY"]
    frames = job_at(t, stays, body, "the job, for the one that is still there: two were free, one of them was killed")
    answer(t, stays, frames, [b"done", b""], ann)
    t.send(ann, b"again")
    answer(t, stays, job_at(t, stays, [b"again"], "the next job"), [b"READY"], ann)


def _one_after_the_other(t: Trial, front: str, back: str) -> None:
    """Several dead ones at the front of the list; a client that went without its answer; then all as ever."""
    ann, gone_client = t.connect(zmq.REQ, front), t.connect(zmq.REQ, front)
    *dead, stays = _free(t, back, NIGHTS + 1)
    gone(t, *dead)
    t.send(gone_client, b"nobody waits for this")
    expected = f"the job, for the one that is still there: {NIGHTS + 1} were free, {NIGHTS} of them were killed"
    frames = job_at(t, stays, [b"nobody waits for this"], expected)
    gone(t, gone_client)
    t.send(stays, *frames)  # whose client has gone: no reason to end
    for number in range(20):
        t.send(ann, b"%d" % number)
        answer(t, stays, job_at(t, stays, [b"%d" % number], "the next job"), [b"done"], ann)


def _all_of_them(t: Trial, front: str, back: str) -> None:
    clients = [t.connect(zmq.REQ, front) for _ in range(3)]
    gone(t, *_free(t, back, 3))
    for number, client in enumerate(clients):
        t.send(client, b"%d" % number)
    all_is_told(t)
    (late,) = _free(t, back)
    for _ in clients:
        expected = "a request that came when all free workers had been killed: it waits for the next READY"
        frames = t.receive(late, seconds=1.5, expected=expected)
        t.send(late, *frames)
    for number, client in enumerate(clients):
        got = t.receive(client, seconds=1.5, expected="an answer for each request")
        expect(got, [b"%d" % number], "another answer came than the worker gave", tried=f"a client asked `{number}`")


def _back_under_its_name(t: Trial, front: str, back: str) -> None:
    client = t.connect(zmq.DEALER, front)
    (dead,) = _free(t, back, routing_id=b"bob")
    gone(t, dead)
    for attempt in range(3):  # a name is refused for as long as the broker has not let go of its old connection
        bob = t.connect(zmq.DEALER, back, routing_id=b"bob")
        t.send(bob, *READY)
        all_is_told(t)
        if not attempt:
            for body in (b"1", b"2", b"3"):
                t.send(client, b"", body)
        if bob.poll(500):
            break
        gone(t, bob)
    for body in (b"1", b"2", b"3"):
        expected = "the next job, for a worker that was killed and came back under its name"
        frames = t.receive(bob, seconds=1.5, expected=expected)
        nothing_for(
            t,
            bob,
            "a worker was given a second job while it had one in hand",
            tried="a free worker was killed and came back under its name",
            expected="nobody stands on the list twice",
            seconds=0.1,
        )
        t.send(bob, *frames)
        got = t.receive(client, seconds=1.5, expected="an answer for each request")
        expect(got, [b"", body], "another answer came than the worker gave", tried="three requests, one worker")


def _slow_is_not_dead(t: Trial, front: str, back: str) -> None:
    ann = t.connect(zmq.REQ, front)
    slow, other = _free(t, back, 2)
    t.send(ann, b"long")
    frames = job_at(t, slow, [b"long"], "a job for the one that has been free the longest")
    nothing_for(
        t,
        other,
        "a job was given to two workers",
        tried="a worker took its time over a job; another one was free",
        expected="a slow worker is not a dead one: each request is done once",
        seconds=1.0,
    )
    answer(t, slow, frames, [b"done"], ann)
    t.silence(ann, seconds=0.05, expected="one answer for each request")
