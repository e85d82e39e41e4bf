"""Lesson 15: one system from all patterns: choosing them, a desk that never waits, ends that survive."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import zmq

from ..exercise import Wrong, exercise
from ..trial import Job, Trial, expect_type, show, trial

SOON = 1.0  # seconds in which anything over loopback arrives


def _get(t: Trial, socket: zmq.Socket, expected: str, seconds: float = SOON) -> list[bytes]:
    return t.receive(socket, seconds=seconds, expected=expected)


# ---- 15.1 ---------------------------------------------------------------------------------------------------

Kinds = tuple[int, int]
Line = Callable[[Trial, Kinds], None]


def _put(t: Trial, socket: zmq.Socket, *frames: bytes) -> None:
    if not socket.poll(SOON * 1000, zmq.POLLOUT):
        raise Wrong(
            "one side cannot send what this line needs",
            seen=f"a {zmq.SocketType(socket.type).name} could not send `{show(list(frames))}`",
        )
    socket.send_multipart(frames, zmq.DONTWAIT)


def _ends(t: Trial, kinds: Kinds, count: int, *, binds: int) -> tuple[zmq.Socket, list[zmq.Socket]]:
    """One socket that is bound, and so many of the other type that are connected to it. `binds`: 0 or 1."""
    one, endpoint = t.bind(kinds[binds])
    return one, [t.connect(kinds[1 - binds], endpoint) for _ in range(count)]


def _ticket(t: Trial, kinds: Kinds) -> None:
    till, guests = _ends(t, kinds, 2, binds=1)
    for number, guest in enumerate(guests):
        _put(t, guest, b"guest %d" % number)
        try:
            guest.send(b"and again", zmq.DONTWAIT)
        except zmq.ZMQError as error:
            if error.errno == zmq.EFSM:
                continue
        raise Wrong("a guest could ask again before it had its ticket", expected="a socket that keeps to lockstep")
    for _ in guests:
        frames = _get(t, till, "a guest's question")
        till.send_multipart([*frames[:-1], b"ticket for " + frames[-1]])
    for number, guest in enumerate(guests):
        _same(_get(t, guest, "its ticket"), [b"ticket for guest %d" % number], "a guest did not get its own ticket")


def _booking(t: Trial, kinds: Kinds) -> None:
    hall, sites = _ends(t, kinds, 2, binds=1)
    for name, site in zip(b"ab", sites, strict=True):
        for number in b"12":
            _put(t, site, bytes([name, number]))
    asked = {}
    for _ in range(4):
        frames = _get(t, hall, "two questions of each of two websites, before any answer")
        asked[frames[-1]] = frames[:-1]
    for question in sorted(asked, key=lambda q: (q[:1], -q[1])):  # a2, a1, b2, b1: in turn, some would go astray
        hall.send_multipart([*asked[question], question])
    for name, site in zip(b"ab", sites, strict=True):
        for number in b"21":
            got = _get(t, site, "two answers for each website")[-1:]
            _same(got, [bytes([name, number])], "an answer came to a website that had not asked")


def _popcorn(t: Trial, kinds: Kinds) -> None:
    till, endpoint = t.bind(kinds[0])
    if till.poll(50, zmq.POLLOUT):
        raise Wrong("an order was sent although there was no kitchen, and is gone", expected="it waits for one")
    kitchens = [t.connect(kinds[1], endpoint) for _ in range(2)]
    made: list[list[int]] = [[], []]
    end, number = time.monotonic() + 2, 0
    while min(map(len, made)) < 2 and time.monotonic() < end:
        _put(t, till, b"%d" % number)
        number += 1
        t.wait(lambda: any(k.poll(0) for k in kitchens), seconds=SOON, expected="the order, at one of two kitchens")
        for kitchen, got in zip(kitchens, made, strict=True):
            while kitchen.poll(5):
                got.append(int(kitchen.recv_multipart()[-1]))
    if sorted(made[0] + made[1]) != list(range(number)) or not all(made):
        raise Wrong(
            "orders were not shared out",
            tried=f"orders 0 to {number - 1}, two kitchens",
            seen=f"one made {made[0][:8]}, the other {made[1][:8]}",
            expected="each order is made by exactly one of them",
        )


def _programme(t: Trial, kinds: Kinds) -> None:
    office, endpoint = t.bind(kinds[0], sndhwm=20)
    displays = [t.socket(kinds[1], rcvhwm=20) for _ in range(3)]
    for display in displays:
        if kinds[1] == zmq.SUB:
            display.subscribe(b"")
        display.connect(endpoint)
        if kinds[1] == zmq.XSUB:
            display.send(b"\1")
    *looking, _ = displays
    end = time.monotonic() + SOON
    there: set[zmq.Socket] = set()
    while len(there) < 2 and time.monotonic() < end:
        _put(t, office, b"hello")
        there |= {display for display in looking if display.poll(10)}
    _put(t, office, b"tonight: Metropolis")
    for number, display in enumerate(looking):
        frames = [b"hello"]
        while frames == [b"hello"]:
            frames = _get(t, display, "each of two displays gets each change", seconds=0.4)
        _same(frames, [b"tonight: Metropolis"], f"display {number + 1} did not get the change as it was sent")
    for _ in range(400):  # more than there is room for, in front of displays that do not look
        if not office.poll(0, zmq.POLLOUT):
            raise Wrong("the office has to wait for a display that does not look", expected="it never waits")
        office.send(bytes(20_000), zmq.DONTWAIT)


def _usher(t: Trial, kinds: Kinds) -> None:
    office, ushers = _ends(t, kinds, 2, binds=0)
    known = {}
    for name, usher in zip((b"ann", b"bob"), ushers, strict=True):
        _put(t, usher, name)
        frames = _get(t, office, "an usher says its name, and the office hears it")
        known[frames[-1]] = frames[:-1]
    for row in range(3):
        office.send_multipart([*known[b"bob"], b"row %d" % row])
        if ushers[0].poll(20):
            raise Wrong("the office meant one usher, and another one went", tried="ann and bob had said their names")
        frames = _get(t, ushers[1], "the usher whom the office has named")
        _same(frames[-1:], [b"row %d" % row], "the usher was told something else")
        ushers[1].send(b"bob")


def _projector(t: Trial, kinds: Kinds) -> None:
    one, (other,) = _ends(t, kinds, 1, binds=0)
    for speaker, listener in (other, one), (one, other), (one, other), (other, one), (other, one):
        _put(t, speaker, b"a word")
        _same(_get(t, listener, "what the other side has said"), [b"a word"], "a word came otherwise than it was sent")
    third = t.connect(kinds[1], one.getsockopt_string(zmq.LAST_ENDPOINT))
    if third.poll(100, zmq.POLLOUT):
        third.send(b"let me in")
    for _ in range(3):
        _put(t, one, b"between us")
    if one.poll(100) or third.poll(0):
        raise Wrong("a third one got into the conversation", expected="a socket that has one partner, and no other")
    for _ in range(3):
        _get(t, other, "what is said goes to the one partner")


def _same(got: list[bytes], wanted: list[bytes], said: str) -> None:
    if got != wanted:
        raise Wrong(said, seen=f"`{show(got)}`", expected=f"`{show(wanted)}`")


LINES: dict[str, Line] = {
    "ticket": _ticket,
    "booking": _booking,
    "popcorn": _popcorn,
    "programme": _programme,
    "usher": _usher,
    "projector": _projector,
}


@exercise(
    "15.1",
    title="Which pattern?",
    hints=(
        "For each line: does anything come back? Who chooses the receiver? What if there is no room, or nobody? The "
        "table of the print shop has a line for nearly each of these.",
        "Lockstep is REQ; many questions under way are DEALER and ROUTER; a ROUTER also chooses whom it sends to; "
        "sharing out is PUSH, telling all is PUB, two and no third is PAIR.",
        '`"ticket": (zmq.REQ, zmq.REP)`, `"booking": (zmq.DEALER, …)`, `"popcorn": (zmq.PUSH, …)`, '
        '`"programme": (zmq.PUB, …)`, `"usher": (zmq.ROUTER, …)`, `"projector": (zmq.PAIR, …)`.',
    ),
)
def each_line_does_what_it_must(patterns) -> None:
    """`patterns()` gives two socket types for each line; each line is built of them, and tried."""
    with trial() as t:
        chosen = t.run(patterns)
        expect_type(chosen, dict, "what `patterns()` returned")
        if set(chosen) != set(LINES):
            raise Wrong("these are not the six lines", seen=f"`{show(sorted(map(str, chosen)))}`",
                        expected=", ".join(f"`{name}`" for name in LINES))
    for name, line in LINES.items():
        kinds = _kinds(name, chosen[name])
        try:
            with trial(seconds=3) as t:
                line(t, kinds)
        except Wrong as wrong:
            raise Wrong(f"`{name}`: {wrong.message}", **_more(wrong, kinds)) from None
        except zmq.ZMQError as error:
            said = "refuses what this line needs"
            raise Wrong(f"`{name}`: one of the sockets {said}", tried=_pair(kinds), seen=f"`{error}`") from None


def _kinds(name: str, pair: object) -> Kinds:
    if isinstance(pair, (tuple, list)) and len(pair) == 2 and all(kind in list(zmq.SocketType) for kind in pair):
        return (int(pair[0]), int(pair[1]))
    raise Wrong(f"`{name}` is `{show(pair)}`", expected="two socket types, such as `(zmq.REQ, zmq.REP)`")


def _pair(kinds: Kinds) -> str:
    return " and ".join(f"`zmq.{zmq.SocketType(kind).name}`" for kind in kinds)


def _more(wrong: Wrong, kinds: Kinds) -> dict[str, str]:
    details = wrong.details
    tried = _pair(kinds) + (f"; {details['tried']}" if details["tried"] else "")
    return {"tried": tried, "seen": details["seen"], "expected": details["expected"]}


# ---- 15.2 ---------------------------------------------------------------------------------------------------


@exercise(
    "15.2",
    title="A front desk that never waits",
    hints=(
        "ROUTER for the customers, DEALER for the workers, PUB for the news, all bound. Which of the three can wait in "
        "`send`? Only that one needs care.",
        "One poller watches ROUTER and DEALER. An order goes out with `zmq.DONTWAIT`; `zmq.Again` means that nobody "
        "has room, and the customer gets its envelope back with `BUSY`.",
        '`envelope = frames[:frames.index(b"") + 1]`, then `customers.send_multipart([*envelope, b"BUSY"])`. In each '
        "of the three cases, `told.send_multipart([what, frames[-1]])`.",
    ),
)
def nobody_holds_the_desk_up(front_desk) -> None:
    """`front_desk(ctx, orders, jobs, news)` hands on, refuses what there is no room for, and tells the news."""
    with trial(seconds=6) as t:
        orders, news = t.endpoint(), t.endpoint()
        jobs = t.endpoint("inproc")
        t.start(front_desk, t.ctx, orders, jobs, news)
        ear = t.socket(zmq.SUB)
        deaf = t.socket(zmq.SUB, rcvhwm=1)
        for sub in (ear, deaf):
            sub.subscribe(b"")
            sub.connect(news)
        ann = t.connect(zmq.REQ, orders, req_relaxed=True, req_correlate=True)
        eve = t.connect(zmq.DEALER, orders)
        _refused(t, ann, ear)
        workers = _workers(t, jobs, eve)
        _there_and_back(t, ann, eve, workers, ear)
        _full(t, ann, eve, workers)


def _refused(t: Trial, ann: zmq.Socket, ear: zmq.Socket) -> None:
    """Nobody works yet; and the listener's subscription arrives sooner or later."""
    end = time.monotonic() + 1.5
    while True:
        t.send(ann, b"head", b"", b"cat", expected="a ROUTER bound at `orders`")
        got = _get(t, ann, "`BUSY`, at once, behind the whole envelope: no worker is there")
        _same(got, [b"BUSY"], "the customer got something else than BUSY")
        if ear.poll(30):
            return _told(t, ear, [b"busy", b"cat"])
        if time.monotonic() > end:
            raise Wrong("no news came", tried="orders that were refused", expected="a PUB bound at `news`")


def _told(t: Trial, ear: zmq.Socket, wanted: list[bytes]) -> None:
    got = _get(t, ear, f"the news `{show(wanted)}`")
    while got == [b"busy", b"cat"] != wanted:  # of an earlier try
        got = _get(t, ear, f"the news `{show(wanted)}`")
    _same(got, wanted, "this is not the news")


def _workers(t: Trial, jobs: str, eve: zmq.Socket) -> list[zmq.Socket]:
    """Two workers, both known to the desk: each has had an order. They answer as a REP would, but when they like."""
    workers = [t.connect(zmq.DEALER, jobs, rcvhwm=1) for _ in range(2)]
    served: set[int] = set()
    end = time.monotonic() + 1.5
    while len(served) < 2 and time.monotonic() < end:
        t.send(eve, b"", b"cat", expected="a ROUTER that takes many orders of one customer")
        t.wait(lambda: eve.poll(0) or any(w.poll(0) for w in workers), seconds=SOON,
               expected="an order goes to a worker that is connected to `jobs`")
        while eve.poll(0):
            eve.recv_multipart()
        for number, worker in enumerate(workers):
            while worker.poll(5):
                frames = _order(t, worker)
                worker.send_multipart([*frames[:-1], b"cat"])
                served.add(number)
                _get(t, eve, "the answer, for the customer who asked")
    if len(served) < 2:
        raise Wrong("one of two workers never got an order", expected="a DEALER bound at `jobs`: each in turn")
    return workers


def _order(t: Trial, worker: zmq.Socket) -> list[bytes]:
    frames = _get(t, worker, "an order, at one of the workers")
    if b"" not in frames[:-1] or not frames[0]:
        raise Wrong("an order came without its envelope, so that nobody could answer it", seen=f"`{show(frames)}`",
                    expected="all frames that the desk has received, in one message")
    return frames


def _there_and_back(
    t: Trial, ann: zmq.Socket, eve: zmq.Socket, workers: list[zmq.Socket], ear: zmq.Socket
) -> None:
    while ear.poll(50):
        ear.recv_multipart()
    t.send(ann, b"two", b"", b"dog")
    _told(t, ear, [b"in", b"dog"])
    for number in range(3):
        t.send(eve, b"", b"photo %d" % number)
        _told(t, ear, [b"in", b"photo %d" % number])
    held = [(worker, _order(t, worker)) for worker in workers for _ in range(2)]
    for worker, frames in sorted(held, key=lambda h: h[1][-1], reverse=True):  # the last first
        worker.send_multipart([*frames[:-1], b"print of", b"", frames[-1]])
        who, envelope = (ann, [b"two", b""]) if frames[-1] == b"dog" else (eve, [b""])
        got = _get(t, who, "each answer comes to the customer who asked, in whatever order workers answer")
        wanted = [*envelope, b"print of", b"", frames[-1]]
        _same(got, wanted, "an answer did not come as it was sent")
        _told(t, ear, [b"out", frames[-1]])


def _full(t: Trial, ann: zmq.Socket, eve: zmq.Socket, workers: list[zmq.Socket]) -> None:
    """Workers that do nothing: sooner or later there is no room, and the desk says so to everybody."""
    for number in range(6000):
        t.send(eve, b"", b"photo %d" % number, expected="a desk that goes on reading its customers' orders")
        if eve.poll(2 if number % 500 == 499 else 0):
            break
    got = _get(t, eve, "`BUSY`, when both workers have all they can hold, and do nothing", seconds=3)
    _same(got, [b"", b"BUSY"], "the customer got something else than BUSY")
    t.send(ann, b"one", b"more")
    got = _get(t, ann, "`BUSY` at once, for the next customer too", seconds=2)
    _same(got, [b"BUSY"], "the customer got something else than BUSY")
    frames = _order(t, workers[0])
    workers[0].send_multipart([*frames[:-1], b"at last"])
    while (got := _get(t, eve, "an answer still passes, when there is no room for orders"))[-1] != b"at last":
        _same(got, [b"", b"BUSY"], "the customer got something else than an answer or BUSY")


# ---- 15.3 ---------------------------------------------------------------------------------------------------

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
