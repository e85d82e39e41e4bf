"""17.2: find the fault: a worker that says READY to every broker it gets, without a heartbeat."""

from __future__ import annotations

import random as randoms
import threading

import zmq

from ...exercise import Wrong, exercise
from ...trial import Job, Trial, show, trial
from ..lesson07.servers import back, bind, gone
from ..telling import all_is_told
from .brokers import READY, SOON, answered, hangs_up, heard, job, once, ready, work

RESTARTS = 3
HANG_UPS = 4


@exercise(
    "17.2",
    title="Find the fault: connected, and forgotten",
    hints=(
        "The new broker's list is empty. Who could tell it? Only a worker knows that it is one, and only its socket "
        "knows that the connection is a new one: `dealer.get_monitor_socket(events)` gives a PAIR that says so, and "
        "`recv_monitor_message` from `zmq.utils.monitor` reads it.",
        "One poller, two sockets: the DEALER and its monitor. Ask for one event only, `zmq.EVENT_HANDSHAKE_SUCCEEDED`: "
        "when it comes, somebody is there who speaks ZMTP, whether for the first time or again. That is when to say "
        "READY, and the only time.",
        "Do both in the same thread: `for socket, _ in poller.poll()`, and `if socket is monitor`. What comes from the "
        "monitor while `work` is under way waits there until you look; the answer goes out first.",
    ),
)
def every_broker_is_told(returning) -> str:
    """`returning(ctx, back, work)`: does jobs for whatever broker is at `back`, and says READY to each, once."""
    for scene in (
        _the_same_broker,
        _a_new_broker_each_time,
        _at_work_when_it_dies,
        _done_before_the_next_is_there,
        _a_cut_and_a_mend,
        _somebody_who_hangs_up,
    ):
        with trial(seconds=10) as t:
            scene(t, returning)
    return (
        f"{RESTARTS} restarts while idle, two at work, a cut, {HANG_UPS} connections that came to nothing: "
        "READY once to each broker, never at work, and what was in hand was handed in"
    )


def _starts(t: Trial, returning, endpoint: str, does=work) -> Job:
    return t.start(returning, t.ctx, endpoint, does)


def _the_same_broker(t: Trial, returning) -> None:
    router, endpoint = t.bind(zmq.ROUTER)
    _starts(t, returning, endpoint)
    name = ready(t, router, "the worker has been started, and its broker was there before it")
    for body in (b"job", b"", b"READY", b"\x00\xff" * 1000):
        job(t, router, name, body, "a broker that stays")
    once(t, router, name, "four jobs were done, and then there was nothing to do", seconds=1.2 * SOON)


def _a_new_broker_each_time(t: Trial, returning) -> None:
    endpoint = t.endpoint("tcp")
    _starts(t, returning, endpoint)  # before there is a broker
    router = back(t, endpoint)
    name = ready(t, router, "the worker was there first, then its broker came")
    for number in range(1, RESTARTS + 1):
        if number > 1:
            job(t, router, name, b"job", f"a worker that has come back {number - 1} times")
        gone(router, endpoint)
        router = back(t, endpoint)
        when = f"the broker died while the worker was idle, and a new one came: restart {number}"
        but = "a new broker has not heard of the worker" if number == 1 else "the worker came back once, then no more"
        name = ready(t, router, when, but)
    job(t, router, name, b"job", "the last broker")


class Gate:
    """Work that waits: `begun` is set when it has the job, it goes on when `open` is set, and then `done` is."""

    def __init__(self) -> None:
        self.begun, self.open, self.done = threading.Event(), threading.Event(), threading.Event()

    def work(self, body: bytes) -> bytes:
        self.begun.set()
        self.open.wait(15)
        self.done.set()
        return work(body)


def _takes_a_job(t: Trial, returning, endpoint: str, gate: Gate) -> None:
    """The worker has just begun a job of Ann's when its broker dies."""
    router = back(t, endpoint)
    _starts(t, returning, endpoint, gate.work)
    name = ready(t, router, "the worker has been started")
    t.send(router, name, b"", b"ann", b"", b"long")
    t.wait(gate.begun.is_set, seconds=2.0, expected="`work` is called with the job")
    gone(router, endpoint)


def _at_work_when_it_dies(t: Trial, returning) -> None:
    when = "the broker died while the worker was at work, and a new one was there before it was done"
    endpoint, gate = t.endpoint("tcp"), Gate()
    try:
        _takes_a_job(t, returning, endpoint, gate)
        router = _back_and_met(t, endpoint)
        if router.poll(200):
            frames = t.receive(router)[1:]
            raise Wrong(
                "the worker said READY while it was at work" if frames == READY else "an answer came too early",
                tried=when,
                seen=f"`{show(frames)}`",
                expected="READY says: I am free",
            )
    finally:
        gate.open.set()
    _hands_in(t, router, when)


def _done_before_the_next_is_there(t: Trial, returning) -> None:
    when = "the broker died while the worker was at work, and a new one came when it was done"
    endpoint, gate = t.endpoint("tcp"), Gate()
    try:
        _takes_a_job(t, returning, endpoint, gate)
        hangs_up(t, endpoint, 1)  # now its socket knows: what it is given before that may be lost with the connection
    finally:
        gate.open.set()
    t.wait(gate.done.is_set, seconds=2.0, expected="`work` comes to its end")
    _hands_in(t, back(t, endpoint), when)


def _back_and_met(t: Trial, endpoint: str) -> zmq.Socket:
    """A new broker, to which the worker is connected again: libzmq does that, whatever the worker is at."""
    router = t.socket(zmq.ROUTER)
    monitor = router.get_monitor_socket(zmq.EVENT_HANDSHAKE_SUCCEEDED)
    bind(t, router, endpoint)
    t.wait(lambda: monitor.poll(0), seconds=3.0, expected="the worker's socket stays open, and connects again")
    router.disable_monitor()
    monitor.close()
    return router


def _hands_in(t: Trial, router: zmq.Socket, when: str) -> None:
    """What the worker had in hand comes to the new broker; so does READY, before it or after, at most once."""
    expected = f"the answer, at the broker that is there now: {when}"
    but = "what the worker had in hand was not handed in"
    said = heard(t, router, expected, but=but)
    told = said.frames == READY
    if told:
        t.send(router, said.name, b"", b"eve", b"", b"next")
        said = heard(t, router, expected, but=but)
        if said.frames[1:2] == [b"eve"]:
            raise Wrong(but, tried=when, seen="the worker went on to its next job", expected=expected)
    answered(said, b"ann", b"long", when)
    if told:
        answered(heard(t, router, f"the next job: {when}", but="a job was not answered"), b"eve", b"next", when)
    elif router.poll(300):
        frames = t.receive(router)[1:]
        if frames != READY:
            raise Wrong("the worker said something unasked", tried=when, seen=f"`{show(frames)}`")
    once(t, router, said.name, when)
    job(t, router, said.name, b"next", when)


def _a_cut_and_a_mend(t: Trial, returning) -> None:
    router, target = t.bind(zmq.ROUTER)
    link = t.link(target)
    _starts(t, returning, link.endpoint)
    ready(t, router, "the worker has been started")
    link.cut()
    all_is_told(t, [router])  # a ROUTER refuses a name for as long as it knows it from the connection before
    link.mend()
    name = ready(t, router, "the line was cut and mended; to the same broker the worker is somebody new")
    job(t, router, name, b"job", "the line was cut and mended")


def _somebody_who_hangs_up(t: Trial, returning) -> None:
    """A program in front of the broker that accepts before the broker is there: connected is not yet shaken hands."""
    endpoint = t.endpoint("tcp")
    _starts(t, returning, endpoint)
    hangs_up(t, endpoint, HANG_UPS)
    router = back(t, endpoint)
    name = ready(t, router, f"{HANG_UPS} times somebody took the connection and hung up at once; then the broker came")
    job(t, router, name, b"job", "a broker that came after connections that came to nothing")


# --- the same for longer


def soak(returning, random: randoms.Random, seconds: float) -> str:
    """Three workers; brokers that die at random times, with jobs in hand or none. Everyone is back each time."""
    brokers = jobs = given = 0
    with trial(seconds=seconds + 120) as t:
        endpoint, over = t.endpoint("tcp"), t.deadline(seconds)
        for _ in range(3):
            _starts(t, returning, endpoint)
        while not over.over:
            router, names = back(t, endpoint), []
            brokers += 1
            while len(names) < 3:
                expected = f"READY of three workers, to broker {brokers}; {len(names)} came"
                said = heard(t, router, expected, but="a worker was forgotten", seconds=5.0)
                if said.frames == READY:
                    names.append(said.name)
            if len(set(names)) != 3:
                raise Wrong("a worker said READY twice", seen=f"`{names}`, to broker {brokers}")
            for number in range(random.randrange(30)):
                name = random.choice(names)
                t.send(router, name, b"", b"ann", b"", b"%d" % number)
                given += 1
                if random.random() < 0.9:
                    said = heard(t, router, "an answer", but="a job was not answered")
                    jobs += 1
                    if said.name not in names or said.frames[:3] != [b"", b"ann", b""]:
                        raise Wrong("that is no answer", seen=f"`{said.frames}`")
            gone(router, endpoint)
    return (
        f"{brokers} brokers died: 3 of 3 workers said READY to each; {jobs} of {given} jobs answered before they died"
    )
