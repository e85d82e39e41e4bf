"""08.2: a least-recently-used broker that lets workers go, and takes them back."""

from __future__ import annotations

import random as randoms
import time

import zmq

from ...exercise import Wrong, exercise
from ...trial import Trial, show, trial
from .race import race
from .talk import BYE, READY, answer, expect, job_at, nothing_for, whoever

ROUNDS = 4  # of a BYE that meets a request
MUCH = bytes(16_000_000)  # an answer that a broker needs some milliseconds for


@exercise(
    "08.2",
    title="A broker that lets go",
    hints=(
        "Begin with the lesson's `least_recently_used`: two ROUTERs, a list of free workers, and clients are "
        "read only while the list is not empty.",
        'A worker\'s message is `worker, empty, …`; what follows is `[b"READY"]`, `[b"BYE"]` or an answer. '
        "After a BYE the list may be empty, although the poll before it has seen a request.",
        "Keep a set of those who said BYE. Hand on what they still answer, but put them on the list no more, until "
        "they say READY again. And nobody stands on the list twice.",
    ),
)
def the_free_one_works_and_the_leaving_one_goes(lru_broker) -> str:
    """`lru_broker(ctx, front, back)` gives jobs to the one free the longest, and lets workers leave and return."""
    for scene in (_jobs_and_answers, _leaving, _returning):
        with trial() as t:
            front, back = t.endpoint(), t.endpoint()
            t.start(lru_broker, t.ctx, front, back)
            scene(t, front, back)
    with trial() as t:
        front, back = t.endpoint("inproc"), t.endpoint("inproc")
        t.start(lru_broker, t.ctx, front, back)
        _both_at_once(t, front, back)
    with trial() as t:
        times = race(t, lru_broker)
    return (
        f"jobs that waited for a worker, words that look like READY and BYE, {ROUNDS} BYEs that met a request, "
        f"workers that came back under their names; in the race {times}"
    )


# --- jobs and answers


def _jobs_and_answers(t: Trial, front: str, back: str) -> None:
    ann, eve = t.connect(zmq.REQ, front), t.connect(zmq.REQ, front, routing_id=b"BYE")
    t.send(ann, b"from ann", expected="a ROUTER bound at `front`")  # before there is any worker
    first = t.connect(zmq.REQ, back)
    t.send(first, b"READY", expected="a ROUTER bound at `back`")
    anns = job_at(t, first, [b"from ann"], "the job that had waited for a worker")
    t.send(eve, b"head", b"", b"READY")  # three frames, and a body that must not be mistaken
    t.silence(first, expected="a worker with a job in hand gets no second one")
    second = t.connect(zmq.REQ, back)
    t.send(second, b"READY")
    eves = job_at(t, second, [b"head", b"", b"READY"], "the second client's job, for the worker that has come late")
    answer(t, second, eves, [b"eve's", b"READY"], eve)
    answer(t, first, anns, [b"READY"], ann)
    t.send(ann, b"again")  # free since: second, first
    place, frames = whoever(t, [first, second], expected="the next job, for one of two free workers")
    if place == 0:
        raise Wrong(
            "the job went to another worker",
            tried="two workers were free; the second had answered first",
            seen="the job went to the one that had answered last",
            expected="the one that has been free the longest: take from the front of the list, add at its end",
        )
    t.send(eve, b"BYE")
    anns, eves = frames, job_at(t, first, [b"BYE"], "the job after it, for the other free worker")
    answer(t, first, eves, [b"BYE"], eve)
    answer(t, second, anns, [b""], ann)
    _many(t, front, (first, second))


def _many(t: Trial, front: str, workers: tuple[zmq.Socket, ...]) -> None:
    """One client with many requests at once, of one frame and of several: each is done once."""
    asking = t.connect(zmq.DEALER, front)
    wanted = [[b"%d" % number, b"", b"BYE"][: 1 + number % 3] for number in range(24)]
    for body in wanted:
        t.send(asking, b"", *body)
    done = []
    for number in range(len(wanted)):
        place, frames = whoever(t, workers, expected=f"job {number + 1} of {len(wanted)}, which all came at once")
        done.append(frames[2:])
        t.send(workers[place], *frames)
        expect(
            t.receive(asking, expected="an answer for each request"),
            [b"", *done[-1]],
            "another answer came than the worker gave",
            tried=f"a worker answered `{show(done[-1])}`",
        )
    if sorted(done) != sorted(wanted):
        raise Wrong(
            "not every request was done once, as it was sent",
            tried=f"{len(wanted)} requests of one client, of one to three frames, waited for two workers",
            seen=f"the workers got `{show(done)}`",
        )


# --- leaving


def _leaving(t: Trial, front: str, back: str) -> None:
    client, other = t.connect(zmq.REQ, front), t.connect(zmq.REQ, front)
    idle, busy = t.connect(zmq.DEALER, back), t.connect(zmq.DEALER, back)
    t.send(idle, *READY, expected="a ROUTER bound at `back`")
    t.send(client, b"one")
    _, who, _, _ = _four(t, idle, b"one", "the first job, for the one worker that is free")
    t.send(idle, b"", who, b"", b"done")  # and free again
    t.receive(client, seconds=1.5, expected="its answer")
    t.send(idle, *BYE)
    _bye(t, idle, "a worker that was free said BYE")
    t.send(client, b"two")
    t.silence(idle, expected="after the broker's BYE, nothing more for this worker: the job waits for another one")
    t.send(busy, *READY)
    frames = _four(t, busy, b"two", "the job that had waited, for a worker that has just come")
    t.send(busy, *BYE)  # with a job in hand: they have crossed
    _bye(t, busy, "a worker said BYE while a job was on its way to it")
    t.send(busy, b"", frames[1], b"", b"done too")
    got = t.receive(client, seconds=1.5, expected="what a worker answers after its BYE comes to the client")
    expect(got, [b"done too"], "another answer came than the worker gave", tried="a worker answered after its BYE")
    t.send(other, b"three")
    t.silence(busy, expected="after the broker's BYE, nothing more, although the worker has handed in an answer since")
    new = t.connect(zmq.REQ, back)
    t.send(new, b"READY")
    job_at(t, new, [b"three"], "the job that had waited, for a new worker")


def _four(t: Trial, worker: zmq.Socket, body: bytes, expected: str) -> list[bytes]:
    """The job that a DEALER is given: empty, client, empty, body."""
    frames = t.receive(worker, seconds=1.5, expected=expected)
    if len(frames) != 4 or [frames[0], frames[2], frames[3]] != [b"", b"", body]:
        raise Wrong(
            "a job did not arrive as client, empty, request",
            tried=f"a client sent `{show(body)}`",
            seen=f"the worker, a DEALER, got `{show(frames)}`",
        )
    return frames


def _bye(t: Trial, worker: zmq.Socket, tried: str) -> None:
    got = t.receive(worker, seconds=1.5, expected="the broker's BYE for a worker that said BYE")
    expect(got, BYE, "a worker that leaves did not get BYE", tried=tried)


# --- coming back


def _returning(t: Trial, front: str, back: str) -> None:
    """A name that said BYE says READY again; and one that never said BYE, since it was killed, does as well."""
    client = t.connect(zmq.DEALER, front)
    bob = t.connect(zmq.DEALER, back, routing_id=b"bob")
    for time_ in ("first", "second", "third"):
        tried = f"a worker said READY and BYE under one name; now the {time_} time"
        t.send(bob, *READY, expected="a ROUTER bound at `back`")
        t.send(client, b"", b"for bob")
        frames = _four(t, bob, b"for bob", f"a job for a worker that has said READY. {tried}")
        if time_ == "second":  # it leaves with a job in hand
            t.send(bob, *BYE)
            _bye(t, bob, tried)
            t.send(bob, *frames)
        else:
            t.send(bob, *frames)
            t.send(bob, *BYE)
            _bye(t, bob, tried)
        t.receive(client, seconds=1.5, expected="its answer")
    for body in (b"waits", b"waits too"):
        t.send(client, b"", body)
    t.silence(bob, seconds=0.1, expected="after the broker's BYE, nothing more for this worker")
    t.send(bob, *READY)
    for body in (b"waits", b"waits too"):
        frames = _four(t, bob, body, "job after job that had waited, for a worker that has come back and answers")
        t.send(bob, *frames)
        t.receive(client, seconds=1.5, expected="its answer")
    t.send(bob, *READY)  # on the list already: it was killed and began anew
    for body in (b"1", b"2"):
        t.send(client, b"", body)
    _four(t, bob, b"1", "the first of two jobs")
    nothing_for(
        t,
        bob,
        "a worker was given a second job while it had one in hand",
        tried="a free worker said READY once more, as one does that was killed and started again under its name",
        expected="nobody stands on the list twice",
    )


# --- BYE and a request in one poll


def _both_at_once(t: Trial, front: str, back: str) -> None:
    """The one free worker goes in the moment in which a request comes: the request is not lost, the broker goes on.

    Both have come when the broker polls again, for before it has an answer in hand that takes a while to pass on.
    """
    client, worker = t.connect(zmq.DEALER, front), t.connect(zmq.DEALER, back)
    for number in range(ROUNDS):
        t.send(worker, *READY)
        t.send(client, b"", b"much?")
        *envelope, _ = _four(t, worker, b"much?", "a job for the only free worker")
        body = b"job %d" % number
        t.send(worker, *envelope, MUCH)
        t.send(worker, *BYE)
        t.send(client, b"", body)
        t.receive(client, expected="an answer for each request")
        got = t.receive(worker, seconds=1.5, expected="BYE, or a job that has crossed the worker's BYE")
        crossed = got != BYE
        if crossed:
            _bye(t, worker, "BYE from the only free worker, and a request, in the same moment")
        else:
            t.send(worker, *READY)
            expected = "the request that came as the only free worker left: it waits for the next READY"
            got = _four(t, worker, body, expected)
        t.send(worker, *got)
        t.receive(client, seconds=1.5, expected="an answer for each request")
        if not crossed:
            t.send(worker, *BYE)
            _bye(t, worker, "a worker said BYE after its answer")


# --- the same for longer


def soak(lru_broker, random: randoms.Random, seconds: float) -> str:
    """Workers leave at random times, idle or at work, and come back under their names; none is there for 2 s.

    Raises `Wrong` when a request is lost or answered wrong; else a sentence with the ledger.
    """
    with trial(seconds=seconds + 60) as t:
        front, back = t.endpoint(), t.endpoint()
        asked, right, left, over = [0] * 6, [0] * 6, [0] * 4, []
        seeds = [random.random() for _ in range(10)]
        job = t.start(lru_broker, t.ctx, front, back)

        def worker(ctx: zmq.Context, place: int) -> None:
            chance = randoms.Random(seeds[place])
            while not over:
                with ctx.socket(zmq.DEALER) as dealer:
                    dealer.routing_id = b"worker %d" % place
                    dealer.connect(back)
                    _works_and_leaves(dealer, chance)
                left[place] += 1
                time.sleep(chance.uniform(0.05, 0.3))  # until the broker's side of the connection is gone

        def client(ctx: zmq.Context, place: int) -> None:
            chance = randoms.Random(seeds[4 + place])
            with ctx.socket(zmq.DEALER) as dealer:
                dealer.connect(front)
                while not over:
                    burst = [[b"", b"%d" % n, chance.choice((b"READY", b"BYE", b""))] for n in range(20)]
                    for frames in burst:
                        dealer.send_multipart(frames)
                    asked[place] += len(burst)
                    right[place] += sum(dealer.recv_multipart() in burst for _ in burst)

        for place in range(6):
            t.peer(client, place)
        job.wait(2.0)  # nobody works yet
        for place in range(4):
            t.peer(worker, place)
        job.wait(seconds)
        late = t.connect(zmq.REQ, back)  # one that stays, so that the last requests find somebody
        over.append(True)
        t.send(late, b"READY")
        while right != asked:
            if late.poll(20):
                t.send(late, *late.recv_multipart())
            t.wait(lambda: True, expected="an answer for each request", seconds=30)
            if not t.left:
                raise Wrong("requests were lost", seen=f"{sum(asked)} were asked, {sum(right)} answered right")
        return (
            f"{sum(asked)} requests of 6 clients, nobody at work for 2 s, then 4 workers that left {sum(left)} times "
            f"and came back under their names; {sum(right)} answered right, none lost"
        )


def _works_and_leaves(dealer: zmq.Socket, chance: randoms.Random) -> None:
    """A worker's life: READY, some jobs, BYE at any time, then what has crossed, until the broker's BYE."""
    dealer.send_multipart(READY)
    jobs, leaving = chance.randrange(200), False
    while True:
        if not leaving and (jobs <= 0 or chance.random() < 0.005):
            leaving = True
            dealer.send_multipart(BYE)
        if dealer.poll(20):
            frames = dealer.recv_multipart()
            if frames == BYE:
                return
            jobs -= 1
            dealer.send_multipart(frames)
