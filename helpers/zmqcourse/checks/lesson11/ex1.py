"""Lesson 11: one job for many workers: a sink that knows, work for whoever comes late, a whole word count."""

from __future__ import annotations

import json
import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from itertools import chain

import zmq

from ..exercise import Wrong, exercise
from ..trial import Trial, expect_type, show, trial

# ---- 11.1 ---------------------------------------------------------------------------------------------------

TEXTS = ("the rays of light", "light", "", "the Phænomena", "of it's colours", "light the light")
LISTS = [Counter(f"{text} page{n}".split()) for n, text in enumerate(TEXTS * 2)]  # page7: on page 7 only


@exercise(
    "11.1",
    title="A sink that knows",
    hints=(
        "Not how many came is the question, but which: keep the numbers that are there in a set.",
        "`pull.poll(patience * 1000)` says whether something came in time. Go on while it does, and while the set is "
        "smaller than `total`, which you know from the first result on.",
        "In the loop: `total = int(of)`; if `int(number)` is new, add it to the set, and update `found`. "
        "Missing is `set(range(total)) - there`, sorted.",
    ),
)
def the_sink_knows_what_is_there(gather) -> None:
    """`gather(ctx, results, patience)` returns `(found, missing)`: the sum, and the numbers that did not come."""
    order = list(range(len(LISTS)))
    random.Random(11).shuffle(order)
    with trial() as t:  # all come, in any order, some of them twice
        results = t.endpoint()
        began = time.monotonic()
        job = t.start(gather, t.ctx, results, 2.5)
        workers = [_worker(t, results) for _ in range(3)]
        for n in order[:4] + order[:2] + order[4:-1] + order[5:-1]:
            _result(t, workers[n % 3], n)
        time.sleep(0.2)  # the last one takes its time
        _result(t, workers[0], order[-1])
        tried = f"{len(LISTS)} results, several of them twice; `patience` was 2.5 (seconds)"
        _compare(_pair(t.finish(job, seconds=3.2)), range(len(LISTS)), tried)
        if time.monotonic() - began > 2.2:
            raise Wrong("`gather` goes on waiting when all are there", expected="it returns at once")
    for _ in range(3):
        gaps: list[float] = []
        try:
            return _some_are_missing(gather, [n for n in order if n % 4], gaps)
        except Wrong as wrong:
            told = wrong
            if max(gaps) < 0.4:  # else the check itself was late, and the patience over: once more
                break
    raise told


def _some_are_missing(gather, came: list[int], gaps: list[float]) -> None:
    """Three are missing; the last ones come less than the patience apart, and together more. Notes the gaps."""
    with trial() as t:
        results = t.endpoint()
        before = time.monotonic()
        job = t.start(gather, t.ctx, results, 0.5)
        workers = [_worker(t, results) for _ in range(3)]
        for n in came:
            time.sleep(0.2 if n in came[-3:] else 0)
            _result(t, workers[n % 3], n)
            gaps.append(time.monotonic() - before)
            before = time.monotonic()
        pair = _pair(t.finish(job, seconds=1.8))
        seconds = time.monotonic() - before
        tried = f"{len(came)} of {len(LISTS)} results, the last ones 0.2 s apart; `patience` was 0.5 (seconds)"
        _compare(pair, came, tried)
        if not 0.25 < seconds < 1.5:
            raise Wrong("`gather` gave up at another time", tried=tried,
                        seen=f"it returned {seconds:.2f} s after the last one", expected="after about 0.5 s")


def _worker(t: Trial, results: str) -> zmq.Socket:
    return t.connect(zmq.PUSH, results, reconnect_ivl=10)


def _result(t: Trial, worker: zmq.Socket, n: int) -> None:
    frames = b"%d" % n, b"%d" % len(LISTS), json.dumps(LISTS[n]).encode()
    t.send(worker, *frames, expected="a PULL that is bound at `results`, until all is there")


def _pair(value: object) -> tuple[Counter, list[int]]:
    if not isinstance(value, tuple) or len(value) != 2:
        raise Wrong("`gather` did not return two things", seen=f"it returned `{show(value)}`",
                    expected="`return found, missing`")
    expect_type(value[0], Counter, "the first, `found`,")
    expect_type(value[1], list, "the second, `missing`,")
    return value


def _compare(pair: tuple[Counter, list[int]], came, tried: str) -> None:
    found, missing = pair
    expected = sorted(set(range(len(LISTS))) - set(came))
    if missing != expected:
        said = "not the numbers that are missing"
        raise Wrong(said, tried=tried, seen=f"`{show(missing)}`", expected=f"`{expected}`")
    _same(found, sum((LISTS[n] for n in came), Counter()), tried)


def _same(found: Counter, expected: Counter, tried: str) -> None:
    """The counts must be those; says of one word how they differ."""
    for word in sorted(expected.keys() | found.keys(), key=str):
        if found[word] != expected[word]:
            raise Wrong(
                "the sum is not right",
                tried=tried,
                seen=f"`{word}`: {found[word]}",
                expected=f"`{word}`: {expected[word]}",
            )


# ---- 11.2 ---------------------------------------------------------------------------------------------------

PAGES = [b"END", b"", b"\0\xff", *(b"page %d" % n for n in range(37))]
QUICK, SLOW = 0.015, 0.15  # seconds of work


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
def late_workers_get_work(hand_out, asking_worker) -> None:
    """`hand_out(ctx, tasks, pages)` and `asking_worker(ctx, tasks, results, work)`: who is free gets the next page."""
    with trial() as t:
        pull, results = t.bind(zmq.PULL)
        tasks = t.endpoint()
        took: dict[str, list[bytes]] = {"quick": [], "slow": [], "late": []}

        def begin(name: str) -> None:
            t.start(asking_worker, t.ctx, tasks, results, _work(took[name], SLOW if name == "slow" else QUICK))

        begin("slow")  # before anybody is bound
        t.start(hand_out, t.ctx, tasks, list(PAGES))
        t.wait(lambda: took["slow"], seconds=1.5, expected="a worker that was there first gets a page")
        begin("quick")
        t.wait(lambda: took["quick"], seconds=1.5, expected="a second worker gets a page while the first one works")
        got = [t.receive(pull, seconds=1.0, expected="results, while there are pages") for _ in range(6)]
        begin("late")
        while len(got) < len(PAGES):
            got.append(t.receive(pull, seconds=1.0, expected=f"a result of each of {len(PAGES)} pages; "
                                                             f"{len(got)} have come"))
            _only_results(got[-1])
        t.silence(pull, seconds=0.1, expected="one result for each page")
        _each_page_once(got, took)
        told = ", ".join(f"{name} {len(pages)}" for name, pages in took.items())
        tried = f"{len(PAGES)} pages; two workers, one of them ten times slower; a third that came after six results"
        if len(took["late"]) < 6:
            raise Wrong("the late worker did not get its share", tried=tried, seen=f"pages: {told}",
                        expected="what is not yet in work goes to whoever is free")
        if len(took["slow"]) > 12:
            raise Wrong("too much waits at the slow worker", tried=tried, seen=f"pages: {told}",
                        expected="a slow worker has few pages before it: the quick ones do the others")


def _work(pages: list[bytes], seconds: float) -> Callable[[bytes], bytes]:
    """Work that notes what it was given."""

    def work(page: bytes) -> bytes:
        expect_type(page, bytes, "what `work` was given")
        pages.append(page)
        time.sleep(seconds)
        return b"done: " + page

    return work


def _only_results(frames: list[bytes]) -> None:
    if frames not in [[b"done: " + page] for page in PAGES]:
        raise Wrong("something came that is no result of a page", seen=f"`{show(frames)}`",
                    expected="what `work` returned, one frame")


def _each_page_once(got: list[list[bytes]], took: dict[str, list[bytes]]) -> None:
    results, worked = (Counter(each) for each in ((frames[0] for frames in got), chain(*took.values())))
    for page in PAGES:
        if results[b"done: " + page] != 1 or worked[page] != 1:
            raise Wrong(
                "each page is done once",
                tried=f"the page `{page!r}`, among others",
                seen=f"`work` was given it {worked[page]} times; {results[b'done: ' + page]} results came",
                expected="one worker, one result, whatever the page holds",
            )


# ---- 11.3 ---------------------------------------------------------------------------------------------------

SHORT, LONG = 0.012, 0.12
BOOK = ["The rays, and Light.", "", "refrangible Rays!", *(f"On page {n} the light is bent; æther." for n in range(37))]


@exercise(
    "11.3",
    title="Word count with four workers",
    hints=(
        "Begin with 11.2, in one function: the four workers are threads; the function itself hands out and gathers.",
        "If each question carries the last result, one REP does both. `[b\"page\", …]` or `[b\"END\"]` is the answer.",
        "Answer with a page as long as there are pages, then four times with END; before each answer "
        "`found.update(json.loads(desk.recv()))`. Join the threads when your socket is closed.",
    ),
)
def four_workers_count_the_words(word_count) -> None:
    """`word_count(ctx, pages, count)` shares the pages among four threads and returns the sum of their Counters."""
    with trial() as t:
        took: dict[threading.Thread, int] = {}
        guard, busy, most = threading.Lock(), 0, 0

        def count(page: str) -> Counter:
            nonlocal busy, most
            expect_type(page, str, "what `count` was given")
            with guard:
                took[threading.current_thread()] = took.get(threading.current_thread(), 0) + 1
                busy += 1
                most = max(most, busy)
            time.sleep(LONG if page == BOOK[7] else SHORT)
            with guard:
                busy -= 1
            return Counter(page.lower().split())

        job = t.start(word_count, t.ctx, list(BOOK), count)
        found = t.finish(job, seconds=3.5)
        expect_type(found, Counter, "what `word_count` returned")
        tried = f"{len(BOOK)} pages, some of them empty"
        if sum(took.values()) != len(BOOK):
            raise Wrong("each page is counted once", tried=tried, seen=f"`count` was called {sum(took.values())} times")
        _same(found, sum((Counter(page.lower().split()) for page in BOOK), Counter()), tried)
        _four(took, most, job.thread, tried)
        if sum(each.received for each in t.trace.sockets) < len(BOOK):
            raise Wrong("the pages did not travel by messages", tried=tried, seen="fewer messages than pages",
                        expected="each page reaches its worker in a message, each result comes back in one")


def _four(took: dict[threading.Thread, int], most: int, main: threading.Thread, tried: str) -> None:
    threads = "one thread" if len(took) == 1 else f"{len(took)} threads"
    said = f"{threads} counted: {', '.join(map(str, sorted(took.values(), reverse=True)))} pages"
    if main in took:
        raise Wrong("the thread that called `word_count` counted pages itself", tried=tried, seen=said,
                    expected="four threads of your own do")
    if len(took) != 4:
        raise Wrong("not four workers had work", tried=tried, seen=said, expected="four, with some pages each",
                    look="the lesson's first run: who is there when the pages are dealt out?")
    # The page that takes long is one worker's, so nobody else may have more than the others leave.
    if most < 4 or max(took.values()) > len(BOOK) / 2:
        raise Wrong(
            "the four do not share the work",
            tried=tried,
            seen=f"{said}; at most {most} at the same time",
            expected="all four at work at the same time, and none with more than half of the pages",
        )
