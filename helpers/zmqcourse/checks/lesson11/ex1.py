"""11.1: a sink that knows what is there, and what is missing."""

from __future__ import annotations

import json
import random
import time
from collections import Counter
from collections.abc import Sequence

import zmq

from ...exercise import Late, Wrong, exercise, show
from ...trial import Trial, expect_type, trial
from .sums import same

TEXTS = ("the rays of light", "light", "", "the Phænomena", "of it's colours", "light the light")
LONG = 60.0     # a patience, in seconds, that nobody has who waits for the last result in vain
GAP = 0.3       # quiet seconds between two results that are slow in coming
PATIENCE = 0.6  # so three of them are longer than this


def _counts(number: int) -> Counter:
    # those of pages 1 and 7 are alike, as are those of 2 and 8, which are empty
    text, own = TEXTS[number % len(TEXTS)], "" if number % len(TEXTS) == 1 else f" page{number}"
    return Counter(f"{text}{own}".split()) if text else Counter()


# How many there are in all, which come, in this order.
JOBS: tuple[tuple[int, Sequence[int], str], ...] = (
    (12, range(9), "the last three never came"),
    (12, range(3, 12), "the first three never came"),
    (7, [6], "only the last one came"),
    (7, [0, 0], "only the first one came, twice"),
    (30, [29, *random.Random(3).sample(range(29), 20), 29, 29], "ten never came, the last one came three times"),
    (12, [11, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3], "two came, one of them twelve times"),
)


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
def the_sink_knows_what_is_there(gather) -> str:
    """`gather(ctx, results, patience)` returns `(found, missing)`: the sum, and the numbers that did not come."""
    _all_come(gather)
    for total, came, what in JOBS:
        _gone(gather, total, came, what)
    for _ in range(3):
        if _slow_in_coming(gather):
            break
    else:
        raise Late("the check could not send its results in time", tried=f"results {GAP} s apart")
    lost = sum(total - len(set(came)) for total, came, _ in JOBS)
    return (f"{len(JOBS) + 2} jobs, {lost} results lost, the first, the last and between, many that came again, some "
            "slow in coming: each missing one named, none counted twice")


def _all_come(gather) -> None:
    """In any order, some of them twice, by three ways; the last one late. A job of one piece, too."""
    order = random.Random(11).sample(range(12), 12)
    with trial(seconds=8) as t:
        results = t.endpoint()
        job = t.start(gather, t.ctx, results, LONG)
        workers = [t.connect(zmq.PUSH, results, reconnect_ivl=10) for _ in range(3)]
        for n in order[:4] + order[:2] + order[4:-1] + order[5:-1]:
            _result(t, workers[n % 3], n, 12)
        if job.wait(0.2):
            _compare(_pair(t.finish(job)), order[:-1], 12, "all results but one, and a patience of a minute")
            raise Wrong("`gather` gave up at another time", expected="not before its patience is over")
        _result(t, workers[0], order[-1], 12)
        _compare(_at_once(t, job), range(12), 12, "12 results, several of them twice")
    with trial() as t:
        job = t.start(gather, t.ctx, "inproc://results", LONG)
        _result(t, t.connect(zmq.PUSH, "inproc://results"), 0, 1)
        _compare(_at_once(t, job), [0], 1, "a job of one piece")


def _at_once(t: Trial, job) -> tuple[Counter, list[int]]:
    end = t.deadline(2.5)
    while not job.wait(0.02):
        if end.over:
            raise Late("`gather` goes on waiting when all are there", tried=f"`{job.call}`",
                       expected="it returns at once, however long its patience is")
    return _pair(t.finish(job))


def _gone(gather, total: int, came: Sequence[int], what: str) -> None:
    """Some are missing. What comes waits already when the sink begins, so its patience is never tried by the check."""
    with trial(seconds=5) as t:
        patience = 0.25 * t.pace
        worker = t.connect(zmq.PUSH, "inproc://results")
        for n in came:
            _result(t, worker, n, total)
        pair = _pair(t.run(gather, t.ctx, "inproc://results", patience))
        _compare(pair, came, total, f"{total} results in all; {what}")


def _slow_in_coming(gather) -> bool:
    """The last ones come less than the patience apart, and together more. Whether the check was on time."""
    came, total = [n for n in range(12) if n % 4 or n == 0], 12
    with trial(seconds=8) as t:
        pace = t.pace
        patience = PATIENCE * pace
        worker = t.connect(zmq.PUSH, "inproc://results")
        for n in came[:-3]:
            _result(t, worker, n, total)
        before, gaps = time.monotonic(), []
        job = t.start(gather, t.ctx, "inproc://results", patience)
        for n in came[-3:]:
            time.sleep(GAP * pace)
            if time.monotonic() - before > 0.85 * patience:
                return False
            if job.done:
                _compare(_pair(t.finish(job)), came, total, f"results {GAP * pace:.1f} s apart; `patience` was "
                                                            f"{patience:.1f} (seconds), for each of them")
            _result(t, worker, n, total)
            gaps.append(time.monotonic() - before)
            before = time.monotonic()
        pair = _pair(t.finish(job, seconds=5))
        waited = (job.ended or before) - before
        tried = f"{len(came)} of {total} results, the last ones {max(gaps):.1f} s apart; `patience` was {patience:.1f}"
        _compare(pair, came, total, f"{tried} (seconds)")
        said = f"it returned {waited:.2f} s after the last one"
        if waited < 0.5 * patience:
            raise Wrong("`gather` gave up at another time", tried=tried, seen=said, expected=f"after {patience:.1f} s")
        if waited > 2 * patience + pace:
            raise Late("`gather` gave up at another time", tried=tried, seen=said, expected=f"after {patience:.1f} s")
    return True


def _result(t: Trial, worker: zmq.Socket, n: int, total: int) -> None:
    frames = b"%d" % n, b"%d" % total, json.dumps(_counts(n)).encode()
    t.send(worker, *frames, expected="a PULL that is bound at `results`, until all is there")


def _pair(value: object) -> tuple[Counter, list[int]]:
    if not isinstance(value, (tuple, list)) or len(value) != 2:
        raise Wrong("`gather` did not return two things", seen=f"it returned `{show(value)}`",
                    expected="`return found, missing`")
    expect_type(value[0], Counter, "the first, `found`,")
    expect_type(value[1], (list, tuple), "the second, `missing`,")
    return value[0], list(value[1])


def _compare(pair: tuple[Counter, list[int]], came: Sequence[int], total: int, tried: str) -> None:
    found, missing = pair
    expected = sorted(set(range(total)) - set(came))
    if missing != expected:
        raise Wrong("not the numbers that are missing", tried=tried, seen=f"`{show(missing)}`",
                    expected=f"`{expected}`")
    same(found, sum((_counts(n) for n in set(came)), Counter()), tried)
