"""17.3: find the fault: a broker with a list of requests, in which repeats stand beside what they repeat."""

from __future__ import annotations

import random as randoms
import threading
from typing import NamedTuple

import zmq

from ...exercise import Wrong, exercise
from ...trial import Job, Trial, show, trial
from ..telling import all_is_told, gone

REPEATS = 5
ORDERS = 4
NEWEST = "the answer did not come to the newest try"


@exercise(
    "17.3",
    title="Find the fault: busy all afternoon",
    hints=(
        "Count in the record: how many orders were there, and how many requests stood in `waiting` when the worker "
        "came? Which of those did a client still wait for?",
        "A request that still waits has not been begun. When its id comes once more, nothing is lost if the new one "
        "takes the old one's place: only the way back is another. A dict from id to request keeps places by itself.",
        "And when an answer comes while a repeat of it waits: the work is done, so the repeat goes off the list, and "
        "the answer goes to whoever sent the repeat. That somebody is at work on an id is no reason to refuse it: that "
        "worker may be dead.",
    ),
)
def a_repeat_is_no_new_request(mended) -> str:
    """`mended(ctx, front, back)`: the list's broker, for which a repeat takes the place of what it repeats."""
    for scene in (
        _nobody_at_work,
        _everyone_in_turn,
        _two_at_work,
        _asked_again_while_at_work,
        _the_worker_died_with_it,
        _asked_again_after_the_answer,
        _strange_bytes,
    ):
        with trial() as t:
            front, back = t.endpoint(), t.endpoint()
            scene(Desk(t, front, back, t.start(mended, t.ctx, front, back)))
    return (
        f"{ORDERS} orders asked {REPEATS} times each before a worker came: {ORDERS} pieces of work, in the order of "
        "coming, each answer to the newest try; repeats of what was at work, of what died with its worker, and of what "
        "had been answered"
    )


class Given(NamedTuple):
    """What a worker was given: the way back, id, order."""

    way: list[bytes]
    id: bytes
    order: bytes


class Desk:
    """The check's clients and workers around one broker, the answer."""

    def __init__(self, t: Trial, front: str, back: str, broker: Job) -> None:
        self.t, self.front, self.back = t, front, back
        self._broker = broker
        self._reads = True
        self._rounds = 0

    def asks(self, id: bytes, order: bytes = b"tea") -> zmq.Socket:
        """A try: a REQ that has asked, and that the broker has read, if it reads while nobody is free."""
        before = self.t.stage.received(self._broker.name)
        req = self.t.connect(zmq.REQ, self.front, linger=0)
        self.t.send(req, id, order, expected="a ROUTER bound at `front`")
        all_is_told(self.t, [req])
        reads = self.t.deadline(0.3)
        while self._reads and self.t.stage.received(self._broker.name) == before:
            self._reads = not reads.over
            self.t.wait(lambda: True, expected="a broker that has not failed")
        return req

    def gives_up(self, *tries: zmq.Socket) -> None:
        gone(self.t, *tries)

    def worker(self) -> zmq.Socket:
        """A worker that has said READY."""
        worker = self.t.connect(zmq.REQ, self.back, linger=0)
        self.t.send(worker, b"READY", expected="a ROUTER bound at `back`")
        return worker

    def works(self, worker: zmq.Socket, id: bytes, why: str, order: bytes = b"tea") -> Given:
        """The job that this worker is given, which must be this one."""
        job = self.given(worker, f"`{show(id)}`: {why}")
        if (job.id, job.order) != (id, order):
            raise Wrong(
                "another request was given", tried=why, seen=f"`{show(job.id)}`", expected=f"`{show(id)}`, as it came"
            )
        return job

    def given(self, worker: zmq.Socket, expected: str) -> Given:
        """The job that this worker is given. Raises `Late` when there is none."""
        self.t.wait(lambda: worker.poll(0), seconds=1.5, expected=expected, said="a free worker is given nothing")
        frames = self.t.receive(worker)
        if len(frames) != 4 or frames[1]:
            raise Wrong("a job did not arrive as client, empty, id, order", seen=f"`{show(frames)}`")
        return Given(frames[:2], *frames[2:])

    def answers(self, worker: zmq.Socket, job: Given, body: bytes) -> None:
        self.t.send(worker, *job.way, job.id, body)

    def hears(self, client: zmq.Socket, id: bytes, body: bytes, why: str, said: str = NEWEST) -> None:
        """This try, the newest, gets the answer. Raises `Late`, with the sentence `said`, when there is none."""
        expected = f"`{show(id)}` answered: {why}"
        self.t.wait(lambda: client.poll(0), seconds=1.5, expected=expected, said=said)
        got = self.t.receive(client)
        if got != [id, body]:
            raise Wrong(
                "another answer came than the worker gave", tried=why, seen=f"`{show(got)}`", expected=f"`{[id, body]}`"
            )

    def heard(self, client: zmq.Socket, id: bytes, why: str, said: str = NEWEST) -> None:
        """The same after `runs_dry`: what is not there by then will never come."""
        all_is_told(self.t, [client])
        if not client.poll(0):
            raise Wrong(said, tried=why, expected=f"`{show(id)}` answered")
        self.hears(client, id, b"done " + id, why)

    def runs_dry(self, worker: zmq.Socket, why: str, *done: bytes) -> list[bytes]:
        """The worker does all that it is given until one that asks only now has its answer; the ids, each once. `done`
        are those that it has done before."""
        self._rounds += 1
        ids, mark = list(done), b"last %d" % self._rounds
        last = self.asks(mark)
        while not last.poll(0):
            job = self.given(worker, f"one job after the other: {why}")
            self.answers(worker, job, b"done " + job.id)
            if job.id == mark:
                self.hears(last, mark, b"done " + mark, why)
                break
            ids.append(job.id)
        if len(ids) > len(set(ids)):
            raise Wrong(
                "a repeat was done as if it were new",
                tried=why,
                seen=f"{len(set(ids))} orders, {len(ids)} pieces of work",
                expected="each order once: a repeat takes the place of what waits, and goes when that is answered",
            )
        return ids[len(done) :]


def _ids(count: int) -> list[bytes]:
    return [b"id %d" % number for number in range(count)]


def _nobody_at_work(desk: Desk) -> None:
    """Lunch: all have asked again and again when the only worker comes."""
    newest: dict[bytes, zmq.Socket] = {}
    for _ in range(REPEATS):
        for id in _ids(ORDERS):
            if id in newest:
                desk.gives_up(newest[id])
            newest[id] = desk.asks(id)
    why = f"{ORDERS} orders had been asked {REPEATS} times each when the first worker came"
    ids = desk.runs_dry(desk.worker(), why)
    if ids != _ids(ORDERS):
        raise Wrong("not all orders were done in their turn", tried=why, seen=f"`{ids}`", expected=f"`{_ids(ORDERS)}`")
    for id, client in newest.items():
        desk.heard(client, id, why)


def _everyone_in_turn(desk: Desk) -> None:
    """A repeat does not go to the end of the line: the one who has waited longest is next."""
    first = desk.asks(b"id 0")
    others = [desk.asks(id) for id in _ids(3)[1:]]
    desk.gives_up(first)
    newest = [desk.asks(b"id 0"), *others]
    worker = desk.worker()
    for id, client in zip(_ids(3), newest, strict=True):
        why = "who had asked first asked again, when two others had come after"
        desk.answers(worker, desk.works(worker, id, f"{why}; a repeat keeps the place of the first"), id)
        desk.hears(client, id, id, why)


def _two_at_work(desk: Desk) -> None:
    """Nobody asks again: each order is begun once, and nobody who is free stands idle."""
    why = "two workers were free when two orders came"
    workers = [desk.worker(), desk.worker()]
    all_is_told(desk.t, workers)
    clients = {id: desk.asks(id) for id in _ids(2)}
    jobs = [desk.given(worker, f"an order for each: {why}") for worker in workers]
    if jobs[0].id == jobs[1].id:
        raise Wrong(
            "two workers were given the same request",
            tried=f"{why}; nobody asked again",
            seen=f"`{show(jobs[0].id)}`, twice",
            expected="what is given out goes off the list",
        )
    for worker, job in zip(workers, jobs, strict=True):
        desk.answers(worker, job, job.id)
    for id, client in clients.items():
        desk.hears(client, id, id, why, "an order was not answered")


def _asked_again_while_at_work(desk: Desk) -> None:
    """The answer to the first try is the answer to the third, too; then nobody need do it again."""
    why = "a request was asked twice more while the only worker was at work on it"
    first = desk.asks(b"id 0")
    worker = desk.worker()
    job = desk.works(worker, b"id 0", "the only request")
    other = desk.asks(b"id 1")
    desk.gives_up(first)
    second = desk.asks(b"id 0")
    desk.gives_up(second)
    third = desk.asks(b"id 0")
    desk.answers(worker, job, b"done id 0")
    desk.runs_dry(worker, why, b"id 0")
    desk.heard(third, b"id 0", why)
    desk.heard(other, b"id 1", why)


def _the_worker_died_with_it(desk: Desk) -> None:
    why = "a worker died with a request in hand, and its client asked again"
    first = desk.asks(b"id 0")
    dead = desk.worker()
    desk.works(dead, b"id 0", "the only request")
    gone(desk.t, dead)
    desk.gives_up(first)
    second, other = desk.asks(b"id 0"), desk.asks(b"id 1")
    ids = desk.runs_dry(desk.worker(), why)
    if b"id 0" not in ids:
        raise Wrong("what died with its worker is never done", tried=why, seen=f"the next worker was given `{ids}`")
    desk.heard(second, b"id 0", why)
    desk.heard(other, b"id 1", why)


def _asked_again_after_the_answer(desk: Desk) -> None:
    """The answer met a client that had just gone: done again or remembered, it must come to the next try."""
    why = "the answer met a client that had just given up, and asked again"
    first = desk.asks(b"id 0")
    worker = desk.worker()
    job = desk.works(worker, b"id 0", "the only request")
    desk.gives_up(first)
    desk.answers(worker, job, b"done id 0")
    desk.runs_dry(worker, why)  # by then the answer has gone to nobody
    second = desk.asks(b"id 0")
    desk.runs_dry(worker, why)
    desk.heard(second, b"id 0", why, "a client that asked again hangs")


def _strange_bytes(desk: Desk) -> None:
    worker = desk.worker()
    for id, order in ((b"READY", b"READY"), (b"", b""), (b"\x00\xff", b"\x00" * 10_000)):
        client = desk.asks(id, order)
        job = desk.works(worker, id, "ids and orders of any bytes", order)
        desk.answers(worker, job, order)
        desk.hears(client, id, order, "ids and orders of any bytes")


# --- the same for longer


def soak(mended, random: randoms.Random, seconds: float) -> str:
    """Six clients that ask again and again, two workers that leave at random, some with a job in hand."""
    with trial(seconds=seconds + 60) as t:
        front, back, over = t.endpoint(), t.endpoint(), threading.Event()
        t.start(mended, t.ctx, front, back)
        seeds = [random.random() for _ in range(8)]
        asked, right, done, left = [0] * 6, [0] * 6, [0] * 2, [0] * 2
        pace = t.pace

        def client(ctx: zmq.Context, place: int) -> None:
            chance, orders = randoms.Random(seeds[place]), 0
            while not over.is_set():
                orders += 1
                id = b"%d.%d" % (place, orders)
                heard = False
                while not heard:
                    with ctx.socket(zmq.REQ) as req:
                        req.linger = 0
                        req.connect(front)
                        req.send_multipart([id, b"order"])
                        asked[place] += 1
                        heard = bool(req.poll(1000 * pace * chance.uniform(0.01, 0.2)))
                        if heard and req.recv_multipart() != [id, b"order"]:
                            raise Wrong("a client got another's answer")
                right[place] += 1

        def worker(ctx: zmq.Context, place: int) -> None:
            chance = randoms.Random(seeds[6 + place])
            while True:
                with ctx.socket(zmq.REQ) as req:
                    req.linger = 0
                    req.connect(back)
                    req.send(b"READY")
                    for _ in range(chance.randrange(1, 40)):
                        frames = req.recv_multipart()
                        if chance.random() < 0.05:
                            break  # it dies with a job in hand
                        threading.Event().wait(pace * chance.uniform(0.0, 0.05))
                        done[place] += 1
                        req.send_multipart(frames)
                    left[place] += 1

        clients = [t.peer(client, place) for place in range(6)]
        for place in range(2):
            t.peer(worker, place)
        ends = t.deadline(seconds)
        t.wait(lambda: ends.over, seconds=seconds + 5, expected="a minute of service")
        over.set()
        t.wait(
            lambda: not any(each.is_alive() for each in clients),
            seconds=20,
            expected="every order is answered, with so many tries as it takes",
            said="an order is never answered",
        )
        return (
            f"{sum(right)} orders, asked {sum(asked)} times, all answered right in {sum(done)} pieces of work; workers "
            f"left {sum(left)} times"
        )
