"""25.3: find the fault: an end within a second, whatever the sink does, and with nothing lost that could be sent."""

from __future__ import annotations

import queue
import random as randoms
import threading
import time
from contextlib import suppress
from typing import Any

import zmq
from zmqlive.net import Link
from zmqlive.roles import interrupts

from ...exercise import Late, Wrong, exercise
from ...trial import Job, Trial, show, trial

END = 1.3  # quiet seconds from the stop to the end: one, and a little for the machine
EVER = 3.0  # quiet seconds after which it hangs, however busy the machine is
AWAY = 0.2  # seconds after the stop for which the sink is away
TRIES_AGAIN = 0.3  # quiet seconds in which a socket that is not closed would have connected
SWIFT = 0.35  # and after which it may have come too late
MANY, TOO_MANY = 200, 1500  # readings; the second is more than a socket takes that is connected to nobody
WAITS = "readings wait, although the sink is there"
LOST = "readings were lost at the end, and the sink was there"
BIG, BIGS = 100_000, 120  # bytes of a reading, and how many of those no kernel takes


@exercise(
    "25.3",
    title="Find the fault: the last readings of the day",
    hints=(
        "Where can a reading be when `stop` is set? In `readings`, in the socket, on its way. And where can the "
        "program be? In `get`, in `send`, in `term`. `linger = 0` gives up what is in the socket, and helps nobody who "
        "is in `send`.",
        "A call that may wait for the sink gets a limit: ask `push.poll(50, zmq.POLLOUT)` before you take a reading, "
        "and look at `stop` each time round. When it is set, go on until `readings` is empty, or the time is nearly "
        "over.",
        "One deadline for all of it: at the stop, `time.monotonic() + 0.8`. What is left of it when the loop is over "
        "is the socket's `linger`, in milliseconds, set before it is closed; then end the context, which waits for it.",
    ),
)
def an_orderly_end(mended) -> str:
    """`mended(readings, sink, stop)`: the clerk, without its faults."""
    for scene in (_goes_on_and_ends, _just_then, _comes_back, _never_comes, _takes_no_more, _freezes):
        with trial(seconds=15) as t:
            scene(t, mended)
    return (
        f"{2 * MANY} readings to a sink that lives, {MANY + TOO_MANY} to one that came back after the stop: none lost, "
        "none twice; an end within a second with a sink that was away, took no more, or was frozen"
    )


class Readings(queue.Queue):
    """With a `last` one, which comes, and with it the stop, just when this call has said that there are none."""

    def __init__(self, stop: threading.Event) -> None:
        super().__init__()
        self._stop = stop
        self.last: bytes | None = None
        self.at = ""  # "get" or "empty"

    def empty(self) -> bool:
        was = super().empty()
        if was and self.at == "empty":
            self.last_comes()
        return was

    def get(self, block: bool = True, timeout: float | None = None) -> bytes:
        try:
            return super().get(block, timeout)
        except queue.Empty:
            if self.at == "get":
                self.last_comes()
            raise

    def last_comes(self) -> None:
        last, self.last = self.last, None
        if last is not None:
            self.put(last)
            self._stop.set()


class Clerk:
    """The answer at work, and what it is handed."""

    def __init__(self, t: Trial, mended: Any, sink: str, line: Link | None = None) -> None:
        self.t, self._sink, self._line = t, sink, line
        self.stop = threading.Event()
        self.readings = Readings(self.stop)
        self.job: Job = t.start(mended, self.readings, sink, self.stop, name="mended")

    def gets(self, *readings: bytes) -> None:
        for each in readings:
            self.readings.put(each)

    def ends(self, tried: str) -> None:
        """It returns so soon after the stop."""
        soon, ever = self.t.deadline(END), self.t.deadline(EVER)
        while not self.job.wait(0.01) and not ever.over:
            continue
        late, hangs = soon.over, not self.job.done
        seen = f"it was still at {self.job.where()}" if hangs else "it came later"
        if hangs:
            self._relieved()
        else:
            self.t.finish(self.job)
        if late:
            said, expected = "it does not come to its end in time", "an end within a second after `stop`"
            raise (Wrong if hangs else Late)(said, tried=tried, seen=seen, expected=expected)

    def _relieved(self) -> None:
        """Somebody takes all, so that what hangs in `term` comes to an end."""
        if self._line is not None:
            self._line.mend()
        else:
            with suppress(zmq.ZMQError):  # there is a sink
                self.t.bind(zmq.PULL, self._sink)
        self.job.wait(2.0)

    def still_works(self) -> None:
        if self.job.wait(0):
            self.t.finish(self.job)
            raise Wrong("it ended although nobody had set `stop`")

    def is_stuck(self) -> None:
        """It takes no more readings, for whatever reason."""
        same, before = 0, -1

        def stuck() -> bool:
            nonlocal same, before
            now = self.readings.qsize()
            same, before = (same + 1 if now == before else 0), now
            interrupts.original(0.01)
            return same > 20

        self.t.wait(stuck, expected="a clerk that takes readings")
        self.still_works()


def _numbered(first: int, count: int) -> list[bytes]:
    return [b"%d" % number for number in range(first, first + count)]


def _arrive(clerk: Clerk, pull: zmq.Socket, wanted: list[bytes], tried: str, said: str) -> None:
    """Raises `Late`, saying `said`, when they do not come; `Wrong` when none can come any more, or others do."""
    got: list[bytes] = []
    expected = f"{len(wanted)} readings at the sink"
    over = None  # for what is on its way when it has ended

    def come() -> bool:
        nonlocal over
        while pull.poll(0):
            got.extend(pull.recv_multipart())
        if clerk.job.done and len(got) < len(wanted):
            over = over or clerk.t.deadline(0.3)
            if over.over:
                raise Wrong(said, tried=tried, seen=f"{len(got)} arrived, and it had ended", expected=expected)
        return len(got) >= len(wanted)

    try:
        clerk.t.wait(come, seconds=1.5, expected=expected, said=said)
    except Late as late:
        late.details.update(tried=tried, seen=f"{len(got)} arrived")
        raise
    if got != wanted:
        first = next((n for n, (mine, yours) in enumerate(zip(wanted, got, strict=False)) if mine != yours), -1)
        raise Wrong(
            "the readings are not those that it was handed, in their order, each once",
            tried=tried,
            seen=f"`{show(got[first])}` as number {first % len(got) + 1}",
            expected=f"`{show(wanted[first])}`",
        )


def _goes_on_and_ends(t: Trial, mended: Any) -> None:
    pull, sink = t.bind(zmq.PULL)
    clerk = Clerk(t, mended, sink)
    first = [b"", bytes(300), *_numbered(0, MANY - 2)]
    clerk.gets(*first)
    _arrive(clerk, pull, first, "a sink that lives; `stop` is not set", WAITS)
    clerk.still_works()
    rest = _numbered(MANY, MANY)
    clerk.gets(*rest)
    clerk.stop.set()
    _arrive(clerk, pull, rest, "a sink that lives; `stop` was set right after the last reading", LOST)
    clerk.ends("a sink that lives, and has everything")
    t.silence(pull, seconds=0.05, expected="each reading once")


def _just_then(t: Trial, mended: Any) -> None:
    """The last reading comes between two looks of the clerk's."""
    for at in "get", "empty":
        pull, sink = t.bind(zmq.PULL)
        clerk = Clerk(t, mended, sink)
        clerk.gets(b"first")
        _arrive(clerk, pull, [b"first"], "a sink that lives", WAITS)
        clerk.readings.at, clerk.readings.last = at, b"last"
        looks = t.deadline(0.3)
        while clerk.readings.last and not looks.over:
            interrupts.original(0.005)
        clerk.readings.last_comes()  # to whoever does not ask like this
        tried = f"the last reading was put, and `stop` set, just when `readings.{at}` had found none"
        _arrive(clerk, pull, [b"last"], tried, LOST)
        clerk.ends(tried)


def _comes_back(t: Trial, mended: Any) -> None:
    """The sink is away when the stop comes, and back in a moment."""
    for count in MANY, TOO_MANY:
        _is_back_in_a_moment(t, mended, count)


def _is_back_in_a_moment(t: Trial, mended: Any, count: int) -> None:
    sink = t.endpoint(name=f"back {count}")
    clerk = Clerk(t, mended, sink)
    clerk.gets(*_numbered(0, count))
    clerk.is_stuck()
    began = time.monotonic()
    clerk.stop.set()
    interrupts.original(AWAY)
    pull, _ = t.bind(zmq.PULL, sink)
    slow = time.monotonic() - began > SWIFT
    got = 0
    end = t.deadline(2.0)
    while got < count and not end.over and not (clerk.job.done and not pull.poll(200)):
        if pull.poll(20):
            pull.recv()
            got += 1
    tried = f"{count:,} readings; the sink was away, and came back {AWAY:g} s after `stop`"
    if clerk.job.done:
        t.finish(clerk.job)
    if got < count:
        raise (Late if slow or t.pace > 1.5 else Wrong)(
            "readings were lost that could have been handed over in time",
            tried=tried,
            seen=f"{got:,} of {count:,} arrived",
            expected="all of them: the second was not over",
        )
    clerk.ends(tried)


def _never_comes(t: Trial, mended: Any) -> None:
    sink = t.endpoint()
    clerk = Clerk(t, mended, sink)
    clerk.gets(*_numbered(0, 5))
    clerk.is_stuck()
    clerk.stop.set()
    clerk.ends("5 readings; the sink is away, and stays away")
    pull, _ = t.bind(zmq.PULL, sink)
    end = t.deadline(TRIES_AGAIN)
    while not end.over:
        if pull.poll(20):
            raise Wrong(
                "it said that it had ended, and its last readings were still in its socket",
                tried="a sink came when it had returned",
                seen=f"`{show(pull.recv())}` arrived after all",
                expected="an end when they have been handed over or given up: its program may exit then",
            )


def _takes_no_more(t: Trial, mended: Any) -> None:
    clerk = Clerk(t, mended, t.endpoint())
    clerk.gets(*_numbered(0, TOO_MANY))
    clerk.is_stuck()
    clerk.stop.set()
    clerk.ends(f"{TOO_MANY:,} readings, more than a socket takes; the sink is away, and stays away")


def _freezes(t: Trial, mended: Any) -> None:
    pull, sink = t.bind(zmq.PULL)
    line = t.link(sink)
    clerk = Clerk(t, mended, line.endpoint, line)
    clerk.gets(b"first")
    _arrive(clerk, pull, [b"first"], "a sink that lives", WAITS)
    line.hold()
    clerk.gets(*[bytes(BIG)] * BIGS)
    clerk.is_stuck()
    clerk.stop.set()
    clerk.ends(f"a sink that was frozen, with {BIGS} readings of {BIG:,} bytes on the way")


# --- the same for longer


def soak(mended, random: randoms.Random, seconds: float) -> str:
    """Clerks are stopped at random, with a sink that lives, is away, or lives behind a slow line."""
    ends = sent = away = 0
    with trial(seconds=seconds + 60) as t:
        over = t.deadline(seconds)
        while not over.over:
            if random.random() < 0.3:
                clerk = Clerk(t, mended, t.endpoint(name=f"away {away}"))
                clerk.gets(*_numbered(0, random.choice((1, 50, TOO_MANY))))
                if random.random() < 0.5:
                    clerk.is_stuck()
                clerk.stop.set()
                clerk.ends("a sink that is away")
                away += 1
            else:
                pull, sink = t.bind(zmq.PULL)
                line = t.link(sink, latency=random.uniform(0, 0.05))
                clerk = Clerk(t, mended, random.choice((sink, line.endpoint)))
                readings = _numbered(0, random.randrange(MANY))
                clerk.gets(*readings)
                clerk.stop.set()
                _arrive(clerk, pull, readings, "a sink that lives", LOST)
                clerk.ends("a sink that lives")
                pull.close(linger=0)
                line.close()
                sent += len(readings)
            ends += 1
            t.jobs.clear()
    return f"{ends} ends, {away} of them with a sink that was away; {sent:,} readings to one that lived, none lost"
