"""15.1: six lines of a cinema; each is built of the two socket types that were chosen, and tried."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

import zmq

from ...exercise import Late, Wrong, exercise
from ...trial import Trial, expect_type, show, trial
from ..telling import all_is_told

SOON = 1.0  # seconds in which anything over loopback arrives
# Changes of the programme: of any bytes, also those with which a subscription begins.
CHANGES = ([b"tonight: Metropolis"], [b"\0\1", b""], [b"\1film"], [b"\1film"], [bytes(70_000)])
Kinds = tuple[int, int]
Line = Callable[[Trial, Kinds], int]


def _get(t: Trial, socket: zmq.Socket, expected: str, seconds: float = SOON) -> list[bytes]:
    return t.receive(socket, seconds=seconds, expected=expected)


def _put(t: Trial, socket: zmq.Socket, *frames: bytes) -> None:
    end = t.deadline(SOON)
    while not socket.poll(20, zmq.POLLOUT):
        if end.over:
            raise Late(
                "one side cannot send what this line needs",
                seen=f"a {zmq.SocketType(socket.type).name} could not send `{show(list(frames))}`",
            )
    socket.send_multipart(frames, zmq.DONTWAIT)


def _same(got: list[bytes], wanted: list[bytes], said: str) -> None:
    if got != wanted:
        raise Wrong(said, seen=f"`{show(got)}`", expected=f"`{show(wanted)}`")


def _ends(t: Trial, kinds: Kinds, count: int, *, binds: int) -> tuple[zmq.Socket, list[zmq.Socket]]:
    """One socket that is bound, and so many of the other type that are connected to it. `binds`: 0 or 1."""
    one, endpoint = t.bind(kinds[binds])
    return one, [t.connect(kinds[1 - binds], endpoint) for _ in range(count)]


# --- the lines: each is tried, and says how many messages it has carried


def _ticket(t: Trial, kinds: Kinds) -> int:
    till, guests = _ends(t, kinds, 3, binds=1)
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
    return 2 * len(guests)


def _booking(t: Trial, kinds: Kinds) -> int:
    hall, sites = _ends(t, kinds, 2, binds=1)
    for name, site in zip(b"ab", sites, strict=True):
        for number in b"12":
            _put(t, site, bytes([name, number]))
    asked = {}
    for _ in range(4):
        frames = _get(t, hall, "two questions of each of two websites, before any answer")
        asked[frames[-1]] = frames[:-1]
    for question in sorted(asked, key=lambda q: (q[:1], -q[-1])):  # a2, a1, b2, b1: in turn, some would go astray
        hall.send_multipart([*asked[question], question])
    for name, site in zip(b"ab", sites, strict=True):
        for number in b"21":
            got = _get(t, site, "two answers for each website")[-1:]
            _same(got, [bytes([name, number])], "an answer came to a website that had not asked")
    return 2 * len(asked)


def _popcorn(t: Trial, kinds: Kinds) -> int:
    till, endpoint = t.bind(kinds[0])
    if till.poll(50, zmq.POLLOUT):
        raise Wrong("an order was sent although there was no kitchen, and is gone", expected="it waits for one")
    kitchens = [t.connect(kinds[1], endpoint) for _ in range(2)]
    made: list[list[bytes]] = [[], []]
    sent: list[bytes] = []
    end = t.deadline(2.0)
    while min(map(len, made)) < 3 and not end.over:
        sent.append(b"%d" % len(sent))
        _put(t, till, sent[-1])
        came = t.wait(lambda: _what_came(kitchens), seconds=SOON, expected="the order, at one of two kitchens")
        for place, frames in came:
            made[place].append(frames[-1])
    if sorted(made[0] + made[1]) != sorted(sent) or not all(made):
        raise Wrong(
            "orders were not shared out",
            tried=f"{len(sent)} orders, two kitchens",
            seen=f"one made `{show(made[0][:4])}`, the other `{show(made[1][:4])}`",
            expected="each order is made by exactly one of them",
        )
    return len(sent)


def _what_came(sockets: list[zmq.Socket]) -> list[tuple[int, list[bytes]]]:
    """At which of these what is there. A socket may say that there is a message, and then find none that is for it."""
    came = []
    for place, socket in enumerate(sockets):
        with suppress(zmq.Again):
            came.append((place, socket.recv_multipart(zmq.DONTWAIT)))
    return came


def _programme(t: Trial, kinds: Kinds) -> int:
    office, endpoint = t.bind(kinds[0], sndhwm=20)
    displays = [t.socket(kinds[1], rcvhwm=20) for _ in range(3)]
    for display in displays:
        if kinds[1] == zmq.SUB:
            display.subscribe(b"")
        display.connect(endpoint)
        if kinds[1] == zmq.XSUB:
            display.send(b"\1")
    *looking, _ = displays
    end = t.deadline(SOON)
    there: set[zmq.Socket] = set()
    while len(there) < len(looking) and not end.over:
        _put(t, office, b"hello")
        there |= {display for display in looking if display.poll(10)}
    for change in CHANGES:
        _put(t, office, *change)
    for number, display in enumerate(looking):
        for change in CHANGES:
            frames = [b"hello"]
            while frames == [b"hello"]:
                frames = _get(t, display, "each of two displays gets each change", seconds=0.4)
            _same(frames, change, f"display {number + 1} did not get the change as it was sent")
    for _ in range(400):  # more than there is room for, in front of displays that do not look
        if not office.poll(0, zmq.POLLOUT):
            raise Wrong("the office has to wait for a display that does not look", expected="it never waits")
        office.send(bytes(20_000), zmq.DONTWAIT)
    return len(looking) * len(CHANGES)


def _usher(t: Trial, kinds: Kinds) -> int:
    office, ushers = _ends(t, kinds, 2, binds=0)
    known = {}
    for name, usher in zip((b"ann", b"bob"), ushers, strict=True):
        _put(t, usher, name)
        frames = _get(t, office, "an usher says its name, and the office hears it")
        known[frames[-1]] = frames[:-1]
    rows = (b"row 1", b"row 2", b"row 3")
    for row in rows:
        office.send_multipart([*known[b"bob"], row], zmq.DONTWAIT)
        all_is_told(t, ushers)
        if ushers[0].poll(20):
            raise Wrong("the office meant one usher, and another one went", tried="ann and bob had said their names")
        frames = _get(t, ushers[1], "the usher whom the office has named")
        _same(frames[-1:], [row], "the usher was told something else")
        _put(t, ushers[1], b"bob")
    return 2 * len(rows) + len(ushers)


def _projector(t: Trial, kinds: Kinds) -> int:
    one, (other,) = _ends(t, kinds, 1, binds=0)
    for speaker, listener in (other, one), (one, other), (one, other), (other, one), (other, one):
        _put(t, speaker, b"a word")
        _same(_get(t, listener, "what the other side has said"), [b"a word"], "a word came otherwise than it was sent")
    third = t.connect(kinds[1], one.getsockopt_string(zmq.LAST_ENDPOINT))
    if third.poll(100, zmq.POLLOUT):
        third.send(b"let me in", zmq.DONTWAIT)
    all_is_told(t, (one, third))
    for _ in range(3):
        _put(t, one, b"between us")
    all_is_told(t, (one, third))
    if one.poll(100) or third.poll(0):
        raise Wrong("a third one got into the conversation", expected="a socket that has one partner, and no other")
    for _ in range(3):
        _get(t, other, "what is said goes to the one partner")
    return 8


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
def each_line_does_what_it_must(patterns) -> str:
    """`patterns()` gives two socket types for each line; each line is built of them, and tried."""
    with trial() as t:
        chosen = t.run(patterns)
        expect_type(chosen, dict, "what `patterns()` returned")
    if set(chosen) != set(LINES):
        raise Wrong("these are not the six lines", seen=f"`{show(sorted(map(str, chosen)))}`",
                    expected=", ".join(f"`{name}`" for name in LINES))
    carried = sum(_tried(name, line, _kinds(name, chosen[name])) for name, line in LINES.items())
    return (
        f"{len(LINES)} lines built and tried: {carried} messages where they belong, one display that does not look, "
        "one stranger kept out"
    )


def _tried(name: str, line: Line, kinds: Kinds) -> int:
    try:
        with trial() as t:
            return line(t, kinds)
    except Wrong as wrong:
        details = wrong.details
        tried = _pair(kinds) + (f"; {details['tried']}" if details["tried"] else "")
        said = f"`{name}`: {wrong.message}"
        raise type(wrong)(said, tried=tried, seen=details["seen"], expected=details["expected"]) from None
    except zmq.ZMQError as error:
        said = f"`{name}`: one of the sockets refuses what this line needs"
        raise Wrong(said, tried=_pair(kinds), seen=f"`{error}`") from None


def _kinds(name: str, pair: object) -> Kinds:
    if isinstance(pair, (tuple, list)) and len(pair) == 2 and all(kind in list(zmq.SocketType) for kind in pair):
        return (int(pair[0]), int(pair[1]))
    raise Wrong(f"`{name}` is `{show(pair)}`", expected="two socket types, such as `(zmq.REQ, zmq.REP)`")


def _pair(kinds: Kinds) -> str:
    return " and ".join(f"`zmq.{zmq.SocketType(kind).name}`" for kind in kinds)
