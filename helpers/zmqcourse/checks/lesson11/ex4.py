"""11.4: a desk that gives a dead worker's page out again."""

from __future__ import annotations

import json
import time
from collections import Counter
from itertools import count

import zmq

from ...exercise import Late, Wrong, exercise, show
from ...trial import Job, Trial, expect_type, trial
from .sums import same

PAGES = ["The rays", "", "of light", "of light", "Phænomena", "WAIT", "END", *(f"page {n}" for n in range(13))]
EARLY = 0.6         # a page that is out for so much of the patience must not be given out again
TRIES = 3


@exercise(
    "11.4",
    title="Find the fault: one is killed",
    hints=(
        "Who still knows the text of a page that was given out, and has not come back? Until when must somebody?",
        "A page leaves the list when its *result* comes, not when it is given out. Beside each: when was it given out "
        "last? It may be given to whoever asks when that is longer ago than `patience`.",
        "`left = dict(enumerate(pages))`, `given = {}`. A result: `if int(number) in left:` delete it there, and "
        "count it. A question: the first number in `left` that is not in `given`, or there for too long; else WAIT.",
    ),
)
def nobody_takes_a_page_along(mended) -> str:
    """`mended(ctx, tasks, pages, patience)` gives out again what did not come back, and counts each page once."""
    _all_well(mended)
    for _ in range(TRIES):
        if _not_too_early(mended):
            break
    else:
        raise Late("the check could not ask in time", tried="two workers, one after the other")
    for _ in range(TRIES):
        if _its_own_patience(mended):
            break
    dead = _some_die(mended) + _one_after_the_other(mended)
    _both_come_back(mended)
    return (f"{dead} workers that died, one with the last page; results that came late, and twice; nobody "
            "for a while: each page counted once")


class Desk:
    """The answer at work, and workers of the check that ask it."""

    def __init__(self, t: Trial, mended, pages: list[str], patience: float) -> None:
        self.t, self.pages, self.tasks = t, pages, t.endpoint()
        self.job: Job = t.start(mended, t.ctx, self.tasks, list(pages), patience)
        self._name = count(1)

    def worker(self) -> zmq.Socket:
        return self.t.connect(zmq.REQ, self.tasks, reconnect_ivl=10)

    def ask(self, worker: zmq.Socket, brings: int | None = None) -> int | str:
        """Ask, and bring the result of a page: the number of the page that is given, or the word."""
        frames = (b"", b"") if brings is None else (b"%d" % brings, json.dumps(counted(self.pages[brings])).encode())
        self.t.send(worker, *frames, expected="a REP that is bound at `tasks`")
        got = self.t.receive(worker, seconds=2.0, expected="an answer to each question: a page, WAIT or END")
        if got in ([b"WAIT"], [b"END"]):
            return got[0].decode()
        number = int(got[0]) if got and got[0].isdigit() else -1
        if len(got) != 2 or not 0 <= number < len(self.pages) or got[1] != self.pages[number].encode():
            raise Wrong("that is no answer to a worker", seen=f"`{show(got)}`",
                        expected="`[number, page]`, `[b'WAIT']` or `[b'END']`")
        return number

    def page(self, worker: zmq.Socket, expected: str, brings: int | None = None) -> int:
        """Ask again and again until a page is given."""
        end = self.t.deadline(3.0)
        while isinstance(got := self.ask(worker, brings), str):
            if got == "END":
                raise Wrong("END came too early", expected=expected)
            if end.over:
                raise Late("a worker that asks is told to wait, for ever", seen="WAIT, again and again",
                           expected=expected)
            brings = None
            time.sleep(0.02)
        return got

    def finish(self, worker: zmq.Socket, number: int | None, tried: str, most: int = 1000) -> Counter[int]:
        """Let this worker do all that is left; which pages it was given."""
        given: Counter[int] = Counter()
        end = self.t.deadline(8.0)
        while (got := self.ask(worker, number)) != "END":
            if isinstance(got, int):
                given[got] += 1
            else:
                time.sleep(0.02)
            number = got if isinstance(got, int) else None
            if end.over:
                raise Late("the job does not come to its end", tried=tried, seen=f"a worker was given {given.total()} "
                           "pages, brought back each, and was told to wait", expected="END when all are counted")
        found = self.t.finish(self.job, seconds=2.5)
        expect_type(found, Counter, "what `mended` returned")
        same(found, sum((counted(page) for page in self.pages), Counter()), tried)
        return given


def counted(page: str) -> Counter:
    return Counter(page.lower().split())


def _all_well(mended) -> None:
    """One honest worker; and no page at all."""
    with trial() as t:
        desk = Desk(t, mended, PAGES, 60.0)
        given = desk.finish(desk.worker(), None, "one worker, which brings back each page")
        if set(given.values()) != {1} or len(given) != len(PAGES):
            raise Wrong("a page that had come back was given out again", seen=f"`{show(dict(given))}`",
                        expected="each of the pages once, equal ones and empty ones too")
    with trial() as t:
        found = t.run(mended, t.ctx, t.endpoint(), [], 60.0)
        expect_type(found, Counter, "what `mended` returned for no pages")


def _not_too_early(mended) -> bool:
    """What is in work is not given to anybody else before the patience is over. Whether the check was on time."""
    with trial(seconds=8) as t:
        patience = 0.8 * t.pace
        desk, first, second = Desk(t, mended, ["one", "two"], patience), None, None
        first, second = desk.worker(), desk.worker()
        began = time.monotonic()
        has = desk.page(first, "a page for the first who asks")
        other = desk.page(second, "a page for the second who asks")
        again = desk.ask(second, other)
        if time.monotonic() - began > EARLY * patience:
            return False
        if again != "WAIT":
            raise Wrong("a page was given out again too early", tried=f"`patience` was {patience:.1f} (seconds); a "
                        "page was out for less, and another worker asked", seen=f"it was given `{show(again)}`",
                        expected="WAIT: the first one is still at work")
        if desk.page(second, "the page of a worker that has been silent for longer than `patience`") != has:
            raise Wrong("another page than the missing one was given out", expected=f"page {has}")
        given = time.monotonic()
        third = desk.worker()
        again = desk.ask(third)
        if time.monotonic() - given > EARLY * patience:
            return False
        if again != "WAIT":
            raise Wrong("a page was given out again too early", tried="the page had just been given out a second time",
                        seen=f"a third worker was given `{show(again)}`", expected="WAIT: the patience begins again")
        desk.finish(second, has, "two pages, one of them given out again")
    return True


def _its_own_patience(mended) -> bool:
    """Of two pages that are out one is due, the other was given out later. Whether the check was on time."""
    with trial(seconds=8) as t:
        patience = 0.6 * t.pace
        desk = Desk(t, mended, ["one", "two"], patience)
        first, second, third = (desk.worker() for _ in range(3))
        has = desk.page(first, "a page for the first who asks")
        time.sleep(0.6 * patience)
        later = time.monotonic()
        desk.page(second, "a page for the second who asks")
        again = desk.page(third, "the page of a worker that has been silent for longer than `patience`")
        next_one = desk.ask(third)
        if time.monotonic() - later > EARLY * patience:
            return False
        if again != has or next_one != "WAIT":
            raise Wrong("a page was given out again too early", tried=f"`patience` was {patience:.1f} (seconds); two "
                        "pages were out, one for longer than that, the other for less; another worker asked twice",
                        seen=f"it was given `{show(again)}`, then `{show(next_one)}`",
                        expected=f"page {has}, then WAIT: each page has a time of its own")
    return True


def _some_die(mended) -> int:
    """Three die with a page, the last one's among them; then nobody is there for a while; then a new one comes."""
    with trial(seconds=10) as t:
        desk = Desk(t, mended, PAGES, 0.3 * t.pace)
        dead = 3
        for _ in range(dead - 1):
            worker = desk.worker()
            desk.page(worker, "a page for whoever asks")
            worker.close(linger=0)
        alive = desk.worker()
        number = desk.page(alive, "a page for whoever asks")
        while isinstance(got := desk.ask(alive, number), int):
            number = got
            if number == len(PAGES) - 1:
                break
        alive.close(linger=0)       # with the last page, or with nothing
        quiet = t.deadline(0.5)
        while not quiet.over:
            time.sleep(0.02)
        desk.finish(desk.worker(), None, f"{len(PAGES)} pages; {dead} workers died with one, the last one's among them")
    return dead


def _one_after_the_other(mended) -> int:
    """One page, and whoever takes it dies, but the last one."""
    with trial(seconds=10) as t:
        desk = Desk(t, mended, ["alone"], 0.2 * t.pace)
        for number in range(3):
            worker = desk.worker()
            desk.page(worker, f"the only page, for the worker that comes after {number} dead ones")
            worker.close(linger=0)
        desk.finish(desk.worker(), None, "one page; three workers died with it, one after the other")
    return 3


def _both_come_back(mended) -> None:
    """Two workers were slow, not dead: another one got their pages. One page is brought back twice, the slow one first
    or last. A worker that asks anew for a page, as one does that was started again, gets another."""
    for slow_first in (True, False):
        with trial(seconds=8) as t:
            desk = Desk(t, mended, ["one light", "two", "three light", "four"], 0.3 * t.pace)
            slow, slower, quick = desk.worker(), desk.worker(), desk.worker()
            a, b = (desk.page(worker, "a page for whoever asks") for worker in (slow, slower))
            if a == b:
                raise Wrong("a page was given out again too early", tried="two workers asked, one after the other",
                            seen=f"both were given page {a}", expected="a page each")
            got = desk.page(quick, "a page for whoever asks")
            while got not in (a, b):
                got = desk.page(quick, "the page of a worker that has been silent for long", got)
            for worker in (slow, quick) if slow_first else (quick, slow):
                if desk.ask(worker, a) == "END":
                    raise Wrong("END came too early", tried=f"page {a} was brought back twice, page {b} not yet",
                                expected="each page counted, once")
            if (got := desk.ask(slower, b)) != "END":
                raise Wrong("the job does not come to its end", tried="all pages were brought back, one of them twice",
                            seen=f"`{show(got)}`", expected="END for the last one that was missing")
            found = t.finish(desk.job, seconds=2.5)
            expect_type(found, Counter, "what `mended` returned")
            same(found, sum((counted(page) for page in desk.pages), Counter()),
                 "one page was given to two workers, since the first was slow; both brought its counts")
