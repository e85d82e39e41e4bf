"""15.3: a customer who repeats, and presses that remember: each photo is printed once, whoever dies."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import zmq

from ...exercise import Late, Wrong, exercise
from ...trial import Job, Trial, show, trial

SOON = 1.0


def _get(t: Trial, socket: zmq.Socket, expected: str, seconds: float = SOON) -> list[bytes]:
    return t.receive(socket, seconds=seconds, expected=expected)


def _same(got: list[bytes], wanted: list[bytes], said: str) -> None:
    if got != wanted:
        raise Wrong(said, seen=f"`{show(got)}`", expected=f"`{show(wanted)}`")


PATIENCE = 0.2
WISHES = [[b"7", b"cat"], [b"8", b"dog"], [b"9", b"cat"]]
PRINTED = b"printed"


@exercise(
    "15.3",
    title="Survive the fault script",
    hints=(
        "The customer: one order at a time, again and again under the same number, until `[number, b\"printed\"]` is "
        "what it receives. The press: what is in the album already is not printed again, but answered.",
        "REQ_RELAXED and REQ_CORRELATE, or a new REQ for each try, keep old answers out. `INSERT OR IGNORE` in a `with "
        "db:` keeps second prints out (lesson 05); the answer comes after it.",
        "Customer: `while answer != [number, b\"printed\"]:` send, then `with suppress(zmq.Again): answer = "
        "req.recv_multipart()`. Press: `*way, number, photo = req.recv_multipart()`, the `INSERT`, then "
        "`req.send_multipart([*way, number, b\"printed\"])`.",
    ),
)
def each_photo_is_printed_once(customer_who_repeats, press_that_remembers) -> None:
    """The customer repeats under the same number; presses print what is new, and answer everything."""
    with trial(seconds=6) as t:
        _customer(t, customer_who_repeats)
    with TemporaryDirectory(ignore_cleanup_errors=True) as folder, trial(seconds=6) as t:
        _presses(t, press_that_remembers, _Album(Path(folder, "album.db")))


Order = tuple[list[bytes], list[bytes]]  # the way back; number and photo


def _asked(t: Trial, desk: zmq.Socket, expected: str, seconds: float = 1.5) -> Order:
    frames = _get(t, desk, expected, seconds)
    return frames[:-2], frames[-2:]


def _wants(got: list[bytes], wish: list[bytes], said: str, tried: str) -> None:
    if got != wish:
        raise Wrong(said, tried=tried, seen=f"`{show(got)}`", expected=f"`{show(wish)}`")


def _customer(t: Trial, customer: Callable[..., None]) -> None:
    endpoint = t.endpoint()
    desk = t.socket(zmq.ROUTER)
    desk.bind(endpoint)
    job = t.start(customer, t.ctx, endpoint, [list(wish) for wish in WISHES], PATIENCE)
    first, second, third = WISHES
    lost, got = _asked(t, desk, "the first order, at a desk that is bound to `orders`")
    _wants(got, first, "this is not the first order", "a desk was there")
    since = time.monotonic()
    again, got = _asked(t, desk, "the same order again, when `patience` is over", 1.2)
    _wants(got, first, "the order was not repeated as it was", f"no answer; patience {PATIENCE} s")
    if time.monotonic() - since < PATIENCE * 0.6:
        raise Wrong("the order was repeated too soon", tried=f"patience {PATIENCE} s",
                    seen=f"again after {time.monotonic() - since:.2f} s", expected="an answer has `patience` seconds")
    desk.send_multipart([*again, first[0], PRINTED])
    _, got = _asked(t, desk, "the second order, when the first is printed")
    _wants(got, second, "this is not the next order", "the first order was answered")
    for way in (again, lost):  # an answer that comes twice, and one that comes late
        desk.send_multipart([*way, first[0], PRINTED])
    tried = "the first order's answer came a second time, and a third time, late; none for the second order"
    _, got = _asked(t, desk, "the second order again: it has no answer yet")
    _wants(got, second, "an old answer was taken for a new one", tried)
    desk.close(linger=0)
    desk = _another_desk(t, endpoint, job)
    way, got = _asked(t, desk, "the second order, at a desk that was started again", 2.5)
    _wants(got, second, "this is not the order that has no answer", "the desk was killed, and started again")
    desk.send_multipart([*way, second[0], PRINTED])
    while True:  # the answer and a repeat may have crossed
        way, got = _asked(t, desk, "the third order, when the second is printed")
        desk.send_multipart([*way, got[0], PRINTED])
        if got != second:
            break
    _wants(got, third, "this is not the next order", "two orders were answered")
    t.finish(job, seconds=1.5)


def _another_desk(t: Trial, endpoint: str, job: Job) -> zmq.Socket:
    """The port is free when the old socket's thread has let it go."""
    if job.done:
        t.finish(job)
        raise Wrong("the customer gave up", tried="the desk was killed", expected="it asks again until it is answered")
    desk = t.socket(zmq.ROUTER)

    def bound() -> bool:
        try:
            desk.bind(endpoint)
        except zmq.ZMQError:
            return False
        return True

    t.wait(bound, seconds=2, expected="(the check could not open its desk again: run it once more)")
    return desk


class _Album:
    """The file that all presses print into, seen from outside."""

    def __init__(self, path: Path) -> None:
        self.path = path
        with closing(sqlite3.connect(path)) as db:
            db.execute("CREATE TABLE prints (number PRIMARY KEY, photo)")
            db.commit()

    def prints(self) -> list[tuple[bytes, bytes]]:
        with closing(sqlite3.connect(self.path)) as db:
            return sorted(db.execute("SELECT number, photo FROM prints").fetchall())

    def expect(self, wanted: list[tuple[bytes, bytes]], tried: str) -> None:
        if self.prints() != wanted:
            raise Wrong("the album does not hold each photo once", tried=tried, seen=f"`{show(self.prints())}`",
                        expected=f"`{show(wanted)}`, when the answer is there")


WAY = [b"\0desk", b"\0ann", b"\0\0\0\1", b""]


def _presses(t: Trial, press: Callable[..., None], album: _Album) -> None:
    broker, endpoint = t.bind(zmq.ROUTER)
    role = t.role(press, endpoint, str(album.path), name="press")
    doomed = _ready(t, broker)
    t.start(press, t.ctx, endpoint, str(album.path))
    other = _ready(t, broker)
    cat, dog, owl = (b"7", b"cat"), (b"8", b"dog"), (b"9", b"cat")

    _print(t, broker, other, cat, "a job")
    album.expect([cat], "one job")
    with closing(sqlite3.connect(album.path)) as db:
        db.execute("BEGIN IMMEDIATE")  # nobody else can print now
        _job(t, broker, other, dog)
        if broker.poll(350):
            raise Wrong("the press answered before the print was in the album", tried="an album that is slow",
                        seen=f"`{show(broker.recv_multipart()[1:])}`", expected="the answer comes after the commit")
    _answer(t, broker, other, dog, "a job, and an album that was slow", 3)
    album.expect([cat, dog], "two jobs")

    for number, photo in (cat, dog):  # its answer was lost, and the order comes again, to another press
        _print(t, broker, doomed, (number, photo), "a job that another press had done: its answer was lost")
    album.expect([cat, dog], "two jobs, both repeated to another press")
    _job(t, broker, doomed, owl)
    t.wait(lambda: len(album.prints()) == 3 or broker.poll(0), seconds=2, expected="a print for a new number")
    t.stage.kill(role.name)
    while broker.poll(50):  # an answer that it had still sent
        broker.recv_multipart()
    _print(t, broker, other, owl, "a press was killed with this job; it comes again, to another one")
    _print(t, broker, other, cat, "an old job, once more")
    album.expect([cat, dog, owl], "three jobs, each of them at least twice; one press was killed")


def _ready(t: Trial, broker: zmq.Socket) -> bytes:
    press, *said = _get(t, broker, "`READY` from a press that is connected to `presses`", 2.5)
    _same(said, [b"", b"READY"], "a press did not say READY as in the lesson")
    return press


def _job(t: Trial, broker: zmq.Socket, press: bytes, job: tuple[bytes, bytes]) -> None:
    t.send(broker, press, b"", *WAY, *job)


def _answer(t: Trial, broker: zmq.Socket, press: bytes, job: tuple[bytes, bytes], tried: str, seconds: float) -> None:
    got = _get(t, broker, f"an answer to the job `{show(job)}`: {tried}", seconds)
    wanted = [press, b"", *WAY, job[0], PRINTED]
    if got != wanted:
        raise Wrong("this is not the answer", tried=tried, seen=f"`{show(got[2:])}`", expected=f"`{show(wanted[2:])}`")


def _print(t: Trial, broker: zmq.Socket, press: bytes, job: tuple[bytes, bytes], tried: str) -> None:
    _job(t, broker, press, job)
    _answer(t, broker, press, job, tried, 1.5)
