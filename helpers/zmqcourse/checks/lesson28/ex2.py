"""28.2: answers timed from when their questions were due; the service holds answers back until more questions come."""

from __future__ import annotations

import itertools
import random as randoms
import time
from typing import Any

import zmq

from ...exercise import Late, Wrong, exercise
from ...trial import Trial, show, trial

RATE, COUNT = 200, 180
STILL = range(20, 60)  # questions that come while nobody is answered
ONE = 80  # the question that is answered when all have come
PAUSE, PAUSED = 120, 0.25  # the question at which all of this program stands still, and for how many seconds
PATIENCE = 0.8  # quiet seconds in which the next question comes
TELLS = 0.08  # seconds of waiting that a stopwatch must not overlook
SEEN = 0.9  # and how much of them it must have seen: it began, and has its answers, before and after the service
A_LITTLE = 0.01  # seconds, by which two readings of a clock may differ


@exercise(
    "28.2",
    title="A stopwatch that does not wait",
    hints=(
        "When is question `i` due? At `began + i / rate`, whatever has been answered until then. So it must be "
        "possible to ask while answers are outstanding: REQ cannot, DEALER can.",
        "A loop: ask all that is due; then `poll` until the next one is due, or an answer comes; take all answers that "
        "are there. It ends when as many have come as were asked.",
        "Each answer brings its question's number back: its time is now less when *that* was due. Keep the times in a "
        "list by number, for answers may come in any order.",
    ),
)
def timed_on_a_schedule(stopwatch) -> str:
    """`stopwatch(ctx, endpoint, rate, count)`: seconds from when each question was due to its answer."""
    with trial(seconds=15) as t:
        _timed(t, stopwatch, 20, 8, {}, "a service that answers at once")
    with trial(seconds=15) as t:
        holds = {**dict.fromkeys(STILL, STILL.stop), ONE: COUNT}
        tried = f"a service that stood still from question 20 to 60, and a program that did at {PAUSE}"
        late = _timed(t, stopwatch, RATE, COUNT, holds, tried, pause=PAUSE)
    return f"{COUNT} questions on schedule, {late} of them answered late: each time was told, and told of its question"


class Service:
    """Answers questions, some only when a later one has come; when each was there and was answered."""

    def __init__(self, t: Trial, holds: dict[int, int], count: int, pause: int) -> None:
        self.t, self._holds, self._count, self._pause = t, dict(holds), count, pause
        self._router, self.endpoint = t.bind(zmq.ROUTER, rcvhwm=0, sndhwm=0)
        self._kept: dict[int, list[bytes]] = {}
        self.asked: dict[int, float] = {}
        self.answered: dict[int, float] = {}

    def serve(self, job: Any, tried: str) -> None:
        """Until all have been asked and answered. The last ones are answered when all have been asked."""
        for number in range(self._count - 3, self._count):
            self._holds.setdefault(number, self._count)
        next_one = self.t.deadline(2 * PATIENCE)
        while len(self.answered) < self._count:
            if self._router.poll(10):
                self._take(self._router.recv_multipart(), tried)
                next_one = self.t.deadline(PATIENCE)
            elif job.done and not self._router.poll(100):  # nothing is on its way any more
                self.t.finish(job)
                seen = f"{len(self.asked)} of {self._count} were asked when it returned"
                raise Wrong("it did not ask all questions", tried=tried, seen=seen, expected="each of them, once")
            elif next_one.over:
                self._nobody_asks(tried)

    def _nobody_asks(self, tried: str) -> None:
        said = "it asks nothing while an answer is outstanding" if self._kept else "it asks no more"
        seen = f"{len(self.asked)} questions came, {len(self.answered)} were answered; then none for {PATIENCE:g} s"
        raise Late(said, tried=tried, seen=seen, expected="each question when it is due, answered or not")

    def _take(self, frames: list[bytes], tried: str) -> None:
        try:
            number = int(frames[-1])
        except ValueError:
            number = -1
        if not 0 <= number < self._count:
            raise Wrong("that is no question's number", tried=tried, seen=f"`{show(frames[-1])}`", expected="`b'17'`")
        if number in self.asked:
            raise Wrong("a question was asked twice", tried=tried, seen=f"number {number}", expected="each once")
        self.asked[number] = time.monotonic()
        if number == self._pause:
            _all_stand_still(PAUSED)
        self._kept[number] = frames
        for each in [n for n in self._kept if len(self.asked) >= self._holds.get(n, 0)]:
            self.answered[each] = time.monotonic()
            self._router.send_multipart(self._kept.pop(each))


def _all_stand_still(seconds: float) -> None:
    """Holds Python's lock, so that no thread of this program comes to its turn: as a long call in C may."""
    few = 1_000_000
    began = time.perf_counter()
    sum(itertools.repeat(1, few))
    sum(itertools.repeat(1, int(few * seconds / (time.perf_counter() - began))))


def _timed(
    t: Trial, stopwatch: Any, rate: int, count: int, holds: dict[int, int], tried: str, *, pause: int = -1
) -> int:
    """How many were answered late; complains unless each was told. `pause`: see `PAUSE`."""
    service = Service(t, holds, count, pause)
    began = time.monotonic()
    job = t.start(stopwatch, t.ctx, service.endpoint, rate, count, name="stopwatch")
    service.serve(job, tried)
    times = t.finish(job)
    took = time.monotonic() - began
    _on_schedule(service, began, rate, tried)
    _are_times(times, count, took, tried)
    first = min(service.asked.values())
    waited = [service.answered[n] - first - n / rate for n in range(count)]
    asked_late = [service.asked[n] - first - n / rate for n in range(count)]
    _tell_of_it(times, waited, asked_late, tried)
    _are_not_longer(times, rate, took, tried)
    return sum(each > TELLS for each in waited)


def _are_times(times: Any, count: int, took: float, tried: str) -> None:
    if not isinstance(times, (list, tuple)) or not all(isinstance(each, (int, float)) for each in times):
        raise Wrong("that is no list of times", tried=tried, seen=f"`{show(times)}`", expected=f"{count} numbers")
    if len(times) != count:
        raise Wrong("times are missing", tried=tried, seen=f"{len(times)} times", expected=f"{count}, one a question")
    if min(times) <= 0 or max(times) > took:
        seen = f"from {min(times):.4g} to {max(times):.4g}; all of it took {took:.2f} s"
        raise Wrong("those are no answers' times in seconds", tried=tried, seen=seen, expected="seconds above 0")


def _on_schedule(service: Service, began: float, rate: int, tried: str) -> None:
    """Question `n` cannot come sooner than `n / rate` after the call: the first is due after that."""
    early = [n for n, asked in service.asked.items() if asked < began + n / rate - A_LITTLE]
    if early:
        raise Wrong(
            "questions came before they were due",
            tried=tried,
            seen=f"question {max(early)} came {service.asked[max(early)] - began:.3f} s after the call",
            expected=f"{rate} a second: {max(early) / rate:.3f} s at least",
        )


def _are_not_longer(times: list[float], rate: int, took: float, tried: str) -> None:
    """All answers were there when it returned."""
    for number, mine in enumerate(times):
        if number / rate + mine > took + A_LITTLE:
            raise Wrong(
                "times are longer than they were",
                tried=tried,
                seen=f"{mine:.3f} s for question {number}, due {number / rate:.3f} s after the first; "
                f"it returned {took:.3f} s after the call",
                expected="the time from when a question was due until its answer",
            )


def _tell_of_it(times: list[float], waited: list[float], asked_late: list[float], tried: str) -> None:
    """A question that was due so long before its answer took at least so long, however busy the machine is."""
    for number, (mine, truth) in enumerate(zip(times, waited, strict=True)):
        if truth > TELLS and mine < SEEN * truth:
            raise Wrong(
                "a question that was asked late counts from then, and not from when it was due"
                if asked_late[number] > truth / 2
                else "somebody waited, and the stopwatch does not tell of it",
                tried=tried,
                seen=f"{mine:.3f} s for question {number}",
                expected=f"{truth:.3f} s at least, from when that one was due to its answer",
            )


# --- the same for longer


def soak(stopwatch, random: randoms.Random, seconds: float) -> str:
    """Services that stand still, and answer out of turn, at random."""
    runs = asked = late = 0
    with trial(seconds=seconds + 60) as t:
        over = t.deadline(seconds)
        while not over.over:
            rate, count = random.choice((50, 200, 400)), random.randrange(10, 150)
            begin = random.randrange(count)
            end = min(count, begin + random.randrange(1, 80))
            holds = dict.fromkeys(range(begin, end), end)
            for number in random.sample(range(count), count // 20):
                holds[number] = min(count, max(number, holds.get(number, 0)) + random.randrange(1, 30))
            late += _timed(t, stopwatch, rate, count, holds, "a random service")
            runs, asked = runs + 1, asked + count
            t.jobs.clear()
    return f"{runs} runs, {asked:,} questions, {late:,} of them answered late: each told"
