"""11.2: a page for whoever asks; nobody hoards, and who comes late gets a share."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Sequence
from itertools import chain

import zmq

from ...exercise import Wrong, exercise, show
from ...trial import Trial, expect_type, trial

PAGES = [b"END", b"", b"\0\xff", b"again", b"again", b"x" * 50_000, *(b"page %d" % n for n in range(34))]
IN_HAND = 2         # pages not yet done that a worker may have: the one in work, one more
LAST = 12           # pages of a job whose workers all hang
QUICKLY = 6         # pages that the quick worker does before it is held up as well


@exercise(
    "11.2",
    title="Whoever comes late",
    hints=(
        "A page that has been sent to somebody cannot go to anybody else. So it is not sent before somebody asks.",
        "A REP that is bound, and a REQ in each worker: one question, one page. Results go out by PUSH.",
        "For each page: `rep.recv()`, `rep.send(page)`. The worker, for ever: `ask.send(b\"\")`, then "
        "`push.send(work(ask.recv()))`.",
    ),
)
def late_workers_get_work(hand_out, asking_worker) -> str:
    """`hand_out(ctx, tasks, pages)` and `asking_worker(ctx, tasks, results, work)`: who is free gets the next page."""
    told = _one_hangs_one_is_late(hand_out, asking_worker)
    _nobody_has_three(hand_out, asking_worker)
    return f"{len(PAGES)} pages, empty, large, equal, `END`; one worker that hung, one that came late ({told})"


def _nobody_has_three(hand_out, asking_worker) -> None:
    """Workers that hang with their first page, one after the other: while there is a page that nobody may have, the
    next one gets it."""
    with trial(seconds=10) as t:
        pull, results = t.bind(zmq.PULL)
        tasks = t.endpoint()
        pages, hung = PAGES[:LAST], [Hands() for _ in range(LAST // IN_HAND)]
        try:
            t.start(hand_out, t.ctx, tasks, list(pages))
            for number, each in enumerate(hung, 1):
                t.start(asking_worker, t.ctx, tasks, results, each.work)
                t.wait(lambda each=each: each.took, seconds=2.0,
                       expected=f"worker {number} gets one of {LAST} pages: {number - 1} hang before it, "
                                f"with {IN_HAND} each at most")
            for each in hung:
                each.go_on()
            got = _results(t, pull, LAST, [], f"a result of each of {LAST} pages")
        finally:
            for each in hung:
                each.go_on()
        _each_page_once(got, [each.took for each in hung], pages)


def _one_hangs_one_is_late(hand_out, asking_worker) -> str:
    """One hangs from its first page on, one for a while, one comes late."""
    with trial(seconds=10) as t:
        pull, results = t.bind(zmq.PULL)
        tasks = t.endpoint()
        hands = {"stuck": Hands(), "quick": Hands(QUICKLY), "late": Hands(len(PAGES))}

        def begin(name: str) -> None:
            t.start(asking_worker, t.ctx, tasks, results, hands[name].work)

        try:
            begin("stuck")  # before anybody is bound
            t.start(hand_out, t.ctx, tasks, list(PAGES))
            t.wait(lambda: hands["stuck"].took, seconds=2.0, expected="a worker that was there first gets a page")
            begin("quick")
            t.wait(lambda: hands["quick"].took, seconds=2.0,
                   expected="a second worker gets a page while the first one works")
            got = _results(t, pull, QUICKLY, [], "results, while there are pages")
            begin("late")
            most = len(PAGES) - 2 * IN_HAND
            _results(t, pull, most, got, f"a worker that came late does what is left: all {len(PAGES)} pages but "
                                         f"those that two others have in hand, {IN_HAND} each at most")
            hands["quick"].go_on()
            _results(t, pull, len(PAGES) - IN_HAND, got, f"all pages but those in the hands of one worker that hangs, "
                                                         f"{IN_HAND} at most")
            hands["stuck"].go_on()
            _results(t, pull, len(PAGES), got, f"a result of each of {len(PAGES)} pages")
            t.silence(pull, seconds=0.1, expected="one result for each page")
        finally:
            for each in hands.values():
                each.go_on()
        _each_page_once(got, [each.took for each in hands.values()], PAGES)
        told = ", ".join(f"{name} {len(each.took)}" for name, each in hands.items())
    return told


class Hands:
    """A worker's work: notes what it was given, and is held up from the page of this number on."""

    def __init__(self, free: int = 0) -> None:
        self.took: list[bytes] = []
        self._free, self._gate = free, threading.Event()

    def work(self, page: bytes) -> bytes:
        expect_type(page, bytes, "what `work` was given")
        self.took.append(page)
        if len(self.took) > self._free:
            self._gate.wait(60)
        return b"done: " + page

    def go_on(self) -> None:
        self._gate.set()


def _results(t: Trial, pull: zmq.Socket, many: int, got: list[list[bytes]], expected: str) -> list[list[bytes]]:
    """Results until there are so many."""
    while len(got) < many:
        got.append(t.receive(pull, seconds=1.5, expected=f"{expected}; {len(got)} have come"))
        if got[-1] not in [[b"done: " + page] for page in PAGES]:
            raise Wrong("something came that is no result of a page", seen=f"`{show(got[-1])}`",
                        expected="what `work` returned, one frame")
    return got


def _each_page_once(got: list[list[bytes]], took: Sequence[list[bytes]], pages: list[bytes]) -> None:
    results, worked = (Counter(each) for each in ((frames[0] for frames in got), chain(*took)))
    for page, many in Counter(pages).items():
        if results[b"done: " + page] != many or worked[page] != many:
            raise Wrong(
                "each page is done once",
                tried=f"the page `{show(page)}`, among others",
                seen=f"`work` was given it {worked[page]} times; {results[b'done: ' + page]} results came",
                expected=f"{many}: one worker, one result, whatever the page holds",
            )
