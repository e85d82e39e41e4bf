"""15.3's presses: jobs that come again, to others, and at the same time; one press is killed."""

from __future__ import annotations

from collections.abc import Callable

import zmq

from ...exercise import Wrong, show
from ...trial import Trial
from .album import Album, Print

SOON = 1.0      # seconds in which anything over loopback arrives
HELD = 250      # milliseconds for which the album is busy: SQLite waits for five seconds
ROUNDS = 4      # of two presses that have the same job at the same time
PRINTED = b"printed"
WAY = [b"\0desk", b"\0ann", b"\0\0\0\1", b""]
Press = Callable[..., None]


def one_is_killed(t: Trial, press: Press, album: Album) -> int:
    """A press in a process and one in a thread; how many jobs there were."""
    broker, endpoint = t.bind(zmq.ROUTER)
    role = t.role(press, endpoint, str(album.path), name="press")
    doomed = _ready(t, broker, 8.0)
    t.start(press, t.ctx, endpoint, str(album.path))
    other = _ready(t, broker)
    done: list[Print] = []

    def does(which: bytes, job: Print, tried: str) -> None:
        """The press does the job, and each photo is in the album once."""
        _print(t, broker, which, job, tried)
        if job not in done:
            done.append(job)
        album.expect(done, tried)

    cat, dog, owl = (b"7", b"cat"), (b"8", b"dog"), (b"9", b"cat")
    does(other, cat, "a job")
    with album.busy():
        _job(broker, other, dog)
        if broker.poll(HELD):
            raise Wrong("the press answered before the print was in the album", tried="an album that is slow",
                        seen=f"`{show(broker.recv_multipart()[1:])}`", expected="the answer comes after the commit")
    _answer(t, broker, other, dog, "a job, and an album that was slow", 3)
    done.append(dog)
    album.expect(done, "two jobs")
    for job in (cat, dog):
        does(doomed, job, "a job that another press had done: its answer was lost")
    for job in ((b"\xff\0", b""), (b"", bytes(70_000)), (b"READY", PRINTED)):
        does(doomed, job, "a job of other bytes")
        does(other, job, "the same job, at another press")
    _job(broker, doomed, owl)
    t.wait(lambda: len(album.prints()) > len(done) or broker.poll(0), seconds=2, expected="a print for a new number")
    t.stage.kill(role.name)
    while broker.poll(50):  # an answer that it had still sent
        broker.recv_multipart()
    does(other, owl, "a press was killed with this job, the same photo as of another number; it came again, to another")
    does(other, cat, "an old job, once more")
    return 13


def at_once(t: Trial, press: Press, album: Album) -> int:
    """Two presses have the same job in hand before either can print; how many jobs there were."""
    broker, endpoint = t.bind(zmq.ROUTER)
    both = []
    for _ in range(2):
        t.start(press, t.ctx, endpoint, str(album.path))
        both.append(_ready(t, broker))
    jobs = [(b"%d" % number, b"photo") for number in range(ROUNDS)]
    tried = "a repeat came while another press had the order in hand"
    for count, job in enumerate(jobs, 1):
        with album.busy():
            for each in both:
                _job(broker, each, job)
            if broker.poll(HELD):
                raise Wrong("the press answered before the print was in the album", tried=tried,
                            seen=f"`{show(broker.recv_multipart()[1:])}`", expected="the answer comes after the commit")
        wanted = {tuple(_frames(each, job)) for each in both}
        while wanted:
            got = t.receive(broker, seconds=3, expected=f"an answer of each press: {tried}")
            if tuple(got) not in wanted:
                raise Wrong("this is not the answer", tried=tried, seen=f"`{show(got[2:])}`",
                            expected=f"`{show(_frames(both[0], job)[2:])}`")
            wanted.discard(tuple(got))
        album.expect(jobs[:count], tried)
    return 2 * ROUNDS


def _ready(t: Trial, broker: zmq.Socket, seconds: float = 2.5) -> bytes:
    press, *said = t.receive(broker, seconds=seconds, expected="`READY` from a press that is connected to `presses`")
    if said != [b"", b"READY"]:
        raise Wrong("a press did not say READY as in the lesson", seen=f"`{show(said)}`",
                    expected=f"`{show([b'', b'READY'])}`")
    return press


def _frames(press: bytes, job: Print) -> list[bytes]:
    """The answer to this job, as the broker receives it."""
    return [press, b"", *WAY, job[0], PRINTED]


def _job(broker: zmq.Socket, press: bytes, job: Print) -> None:
    broker.send_multipart([press, b"", *WAY, *job])


def _answer(t: Trial, broker: zmq.Socket, press: bytes, job: Print, tried: str, seconds: float) -> None:
    got = t.receive(broker, seconds=seconds, expected=f"an answer to the job `{show(job)}`: {tried}")
    wanted = _frames(press, job)
    if got != wanted:
        raise Wrong("this is not the answer", tried=tried, seen=f"`{show(got[2:])}`", expected=f"`{show(wanted[2:])}`")


def _print(t: Trial, broker: zmq.Socket, press: bytes, job: Print, tried: str) -> None:
    _job(broker, press, job)
    _answer(t, broker, press, job, tried, 1.5)
