"""19.2: several requests under way: answers in any order and in parts, and never more than the window."""

from __future__ import annotations

import random as randoms
from collections import deque
from collections.abc import Callable, Sequence

import zmq

from ...exercise import Late, Wrong, exercise
from ...trial import Job, Trial, show, trial
from .words import Asked, C, asked, reply

MANY = 1500
WINDOW = 3


@exercise(
    "19.2",
    title="A client with a window",
    hints=(
        "One DEALER, and a dict from the id of what is under way to its place in the list and the parts that "
        "have come. Its length is what the window bounds.",
        "In each turn: while there is something left to ask and the dict is not full, send the next one. Then "
        "take in one message, whatever it answers.",
        "A PARTIAL adds its part to those of its id, and leaves it under way. A FINAL adds the last part, and "
        "takes the id out of the dict: now there is room for the next request.",
    ),
)
def so_many_are_under_way(ask_all) -> str:
    """`ask_all(ctx, endpoint, service, requests, window)`: for each request the list of its parts."""
    for scene in (
        _newest_first,
        _in_parts,
        _equal_and_strange,
        _one_at_a_time,
        _more_room_than_requests,
        _nothing,
        _many,
    ):
        with trial(seconds=6) as t:
            scene(t, ask_all)
    return f"windows of {WINDOW}, 1 and more than there is; answers in parts, newest first; {MANY} in a random order"


class Desk:
    """A broker that looks at each request that comes in, and answers when it likes."""

    def __init__(self, t: Trial, ask_all, requests: Sequence[bytes], window: int) -> None:
        self.t, self.requests, self.window = t, list(requests), window
        self.router, endpoint = t.bind(zmq.ROUTER, sndhwm=0, rcvhwm=0)
        self.job: Job = t.start(ask_all, t.ctx, endpoint, b"resize", list(requests), window)
        self.under_way: deque[Asked] = deque()
        self.came = 0
        self.ids: set[bytes] = set()

    def takes(self) -> None:
        """Read what has come in."""
        while self.router.poll(0):
            request = asked(self.router.recv_multipart())
            if request.service != b"resize" or len(request.body) != 2:
                raise Wrong(
                    "that is not `id, request` for the service",
                    seen=f"to `{show(request.service)}`: `{show(request.body)}`",
                    expected="to the service that was named, a body of two frames",
                )
            if request.body[0] in self.ids:
                raise Wrong(
                    "two requests have the same id", seen=f"`{show(request.body[0])}`", expected="an id of its own each"
                )
            if self.came >= len(self.requests):
                raise Wrong(
                    "something was asked twice",
                    tried=f"{len(self.requests)} requests",
                    seen=f"one more: `{show(request.body)}`",
                )
            self.came += 1
            self.ids.add(request.body[0])
            self.under_way.append(request)
            if len(self.under_way) > self.window:
                raise Wrong(
                    "more requests are under way than the window allows",
                    tried=f"a window of {self.window}",
                    seen=f"{len(self.under_way)} without a FINAL",
                    expected="the next one goes out when a FINAL has come in; a PARTIAL is no end",
                )

    def is_full(self, why: str) -> None:
        """As many are under way as there may be."""
        wanted = min(self.window, len(self.requests) - self.came + len(self.under_way))

        def full() -> bool:
            self.takes()
            return len(self.under_way) >= wanted

        self.t.wait(
            full,
            seconds=1.5,
            expected=f"{wanted} requests under way: {why}",
            said="fewer requests are under way than the window allows",
        )

    def stays(self) -> None:
        """Nothing more comes, with the window full."""
        self.takes()
        if self.router.poll(150):
            self.takes()

    def part(self, to: Asked, part: bytes) -> None:
        reply(self.t, self.router, to, C.PARTIAL, to.body[0], part)

    def final(self, to: Asked, part: bytes) -> None:
        self.under_way.remove(to)
        reply(self.t, self.router, to, C.FINAL, to.body[0], part)

    def ends(self, wanted: Callable[[bytes], list[bytes]], tried: str) -> None:
        """The call returns, for each request, what it was answered."""
        got = self.t.finish(self.job, seconds=2.0)
        try:
            found = [list(parts) for parts in got]
        except TypeError:
            raise Wrong("`ask_all` returned no list of lists", seen=f"`{show(got)}`", tried=tried) from None
        expected = [wanted(request) for request in self.requests]
        if len(found) != len(expected):
            raise Wrong("not every request has its answer", tried=tried, seen=f"{len(found)} of {len(expected)}")
        for request, parts, right in zip(self.requests, found, expected, strict=True):
            if parts != right:
                said = (
                    "an answer stands at another request's place"
                    if parts in expected
                    else "parts of an answer are missing, or others"
                )
                raise Wrong(
                    said,
                    tried=f"{tried}; the request `{show(request)}`",
                    seen=f"`{show(parts)}`",
                    expected=f"`{show(right)}`",
                )


def _done(request: bytes) -> list[bytes]:
    return [b"done: " + request]


def _newest_first(t: Trial, ask_all) -> None:
    desk = Desk(t, ask_all, [b"photo %d" % n for n in range(8)], WINDOW)
    desk.is_full("so many may go out at once")
    desk.stays()
    while desk.under_way:
        newest = desk.under_way[-1]
        desk.final(newest, *_done(newest.body[1]))
        desk.is_full("one was answered, the others still wait: there is room for the next")
    desk.ends(_done, "the newest was answered first each time")


def _in_parts(t: Trial, ask_all) -> None:
    """Parts of several answers come in turns; a part is no end."""
    desk = Desk(t, ask_all, [b"photo %d" % n for n in range(7)], WINDOW)
    while desk.came < 7 or desk.under_way:
        desk.is_full("answers come in parts")
        batch = list(desk.under_way)
        for part in b"head", b"", b"body":
            for request in batch:
                desk.part(request, part + request.body[1])
        desk.stays()
        for request in reversed(batch):
            desk.final(request, b"end")
    desk.ends(
        lambda r: [b"head" + r, r, b"body" + r, b"end"], "each answer came in three PARTIALs and a FINAL, in turns"
    )


def _equal_and_strange(t: Trial, ask_all) -> None:
    """Equal requests have answers of their own."""
    odd = [b"", C.NAME, C.FINAL, b"\x00\xff", b"404", b""]
    desk = Desk(t, ask_all, odd, 2)
    told: list[bytes] = []
    while desk.came < len(odd) or desk.under_way:
        desk.is_full("requests may be equal, and of any bytes")
        oldest = desk.under_way[0]
        told.append(oldest.body[1])
        desk.final(oldest, oldest.body[1] + b"!")
    desk.ends(lambda r: [r + b"!"], "requests of any bytes, some of them equal")


def _one_at_a_time(t: Trial, ask_all) -> None:
    desk = Desk(t, ask_all, [b"1", b"2", b"3"], 1)
    for _ in range(3):
        desk.is_full("a window of 1")
        desk.stays()
        desk.part(desk.under_way[0], b"part")
        desk.stays()
        desk.final(desk.under_way[0], b"end")
    desk.ends(lambda _: [b"part", b"end"], "a window of 1")


def _more_room_than_requests(t: Trial, ask_all) -> None:
    desk = Desk(t, ask_all, [b"1", b"2"], 10)
    desk.is_full("both, at once")
    for request in list(desk.under_way):
        desk.final(request, *_done(request.body[1]))
    desk.ends(_done, "a window of 10, and two requests")


def _nothing(t: Trial, ask_all) -> None:
    desk = Desk(t, ask_all, [], 5)
    desk.ends(_done, "no request at all")


def _many(t: Trial, ask_all, random: randoms.Random | None = None) -> None:
    random = random or randoms.Random(19)
    desk = Desk(t, ask_all, [b"photo %d" % n for n in range(MANY)], 40)
    while desk.came < MANY or desk.under_way:
        desk.is_full("the window is 40")
        for _ in range(random.randrange(1, len(desk.under_way) + 1)):
            request = random.choice(desk.under_way)
            if random.random() < 0.3:
                desk.part(request, b"part")
            desk.final(request, *_done(request.body[1]))
    got = t.finish(desk.job, seconds=2.0)
    last = [list(parts)[-1:] for parts in got]
    if last != [_done(request) for request in desk.requests]:
        raise Late("an answer stands at another request's place", tried=f"{MANY} requests, answered in a random order")


# --- the same for longer


def soak(ask_all, random: randoms.Random, seconds: float) -> str:
    """Again and again some hundreds, with windows and orders drawn at random."""
    done = calls = 0
    with trial(seconds=seconds + 60) as t:
        over = t.deadline(seconds)
        while not over.over:
            count, window = random.randrange(1, 400), random.randrange(1, 60)
            desk = Desk(t, ask_all, [random.randbytes(random.randrange(20)) for _ in range(count)], window)
            while desk.came < count or desk.under_way:
                desk.is_full(f"a window of {window}")
                for _ in range(random.randrange(1, len(desk.under_way) + 1)):
                    request = random.choice(desk.under_way)
                    desk.part(request, request.body[1])
                    desk.final(request, request.body[0])
            got = [list(parts) for parts in t.finish(desk.job, seconds=5.0)]
            if [parts[0] for parts in got] != desk.requests or len({parts[1] for parts in got}) != count:
                raise Wrong("an answer stands at another request's place")
            done, calls = done + count, calls + 1
            desk.router.close(linger=0)
    return (
        f"{calls} calls, {done} requests, each with its own answer in two parts, never more under way than the window"
    )
