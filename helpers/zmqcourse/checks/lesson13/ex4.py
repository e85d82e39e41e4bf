"""13.4: a station that measures its own time, without the lab."""

from __future__ import annotations

import time
from collections.abc import Sequence

import zmq

from ...exercise import Late, Wrong, exercise, show
from ...trial import Job, Trial, expect_type, trial

ROOM = 2                            # the station's marks, by the exercise
KEPT_WAITING, WORK, STUCK, AT_END = 0.25, 0.06, 0.5, 0.15      # seconds of a quiet machine
MOST = 40                           # pictures that a station without marks is offered
ALIKE = 0.8                         # of the time blocked: what is waited for is less
NEARLY = 0.85                       # of a time: a thread may need a moment between two lines
WHAT = ("waits, in `recv`", "works, in `work`", "blocked, in `send`")


@exercise(
    "13.4",
    title="Find the fault: everybody is busy",
    hints=(
        "Where is a station whose `send` does not return, and what does its clock count that as?",
        "Take the time at four places: before `recv`, before `work`, before `send`, after `send`. Each difference "
        "belongs into one of three sums.",
        "`done = work(*frames)` on a line of its own, with a look at the clock before and after it; the message that "
        "brings END was waited for, too, and it is sent on, too.",
    ),
)
def the_books_are_true(mended) -> str:
    """`mended(ctx, into, out, work)` returns the seconds in which it waited, worked and was blocked."""
    with trial(seconds=12) as t:
        tried, told = _one_day(t, mended)
    with trial(seconds=4) as t:
        _nothing_to_do(t, mended)
    return f"{tried}: by your station's own clock {_sentence(told)}"


class Bench:
    """The work that the station is given; knows how long it took."""

    def __init__(self, t: Trial) -> None:
        self.t, self.done, self.seconds, self.ended = t, 0, 0.0, 0.0

    def work(self, *frames: bytes) -> list[bytes]:
        began = time.monotonic()
        _pass(self.t, WORK)
        self.ended = time.monotonic()
        self.seconds += self.ended - began
        self.done += 1
        return [b"done", *frames]


def _pass(t: Trial, seconds: float) -> None:
    """Let so much time pass, by the trial's clock."""
    end = t.deadline(seconds)
    while not end.over:
        time.sleep(0.01)


def _one_day(t: Trial, mended) -> tuple[str, Sequence[float]]:
    """A wait, some pictures, a road that is full, another wait, END."""
    push, into = t.bind(zmq.PUSH, "inproc://into", sndhwm=1)
    pull, out = t.bind(zmq.PULL, "inproc://out", rcvhwm=1)
    bench, began = Bench(t), time.monotonic()
    job = t.start(mended, t.ctx, into, out, bench.work)
    t.wait(lambda: push.poll(0, zmq.POLLOUT), seconds=2.0, expected="a PULL that is connected to `into`")
    connected = time.monotonic()
    _pass(t, KEPT_WAITING)
    waits = time.monotonic() - connected
    sent = _fill(t, push, bench)
    stuck = bench.done
    _pass(t, STUCK)
    while waits > ALIKE / 2 * (time.monotonic() - bench.ended):
        _pass(t, AT_END)
    if bench.done > stuck or bench.done > ROOM + 1 + 1:
        raise Wrong("too much waits behind the station", tried="nobody took anything at `out`",
                    seen=f"it has worked on {bench.done} pictures, and goes on",
                    expected=f"a mark of {ROOM} at its PUSH, set before it connects, as in the program that you mend")
    blocked = time.monotonic() - bench.ended
    for number in range(sent):
        got = t.receive(pull, seconds=3.0, expected=f"picture {number} of {sent}")
        if got != [b"%d" % number, b"done", b"1 1", b"%d" % number]:
            raise Wrong("something else came out of the station", seen=f"`{show(got)}`",
                        expected=f"picture {number}: its number, and what `work` returned")
    quiet = time.monotonic()
    _pass(t, AT_END)
    waits += time.monotonic() - quiet
    t.send(push, b"END")
    if (got := t.receive(pull, seconds=2.0, expected="END, handed on")) != [b"END"]:
        raise Wrong("something else came out of the station", seen=f"`{show(got)}`", expected="`[b'END']`, as it came")
    told = t.finish(job, seconds=2.0)
    whole = (job.ended or time.monotonic()) - began
    tried = f"a station that waited {waits:.2f} s, worked {bench.seconds:.2f} s, was blocked {blocked:.2f} s"
    if waits > ALIKE * blocked:      # on a busy machine: who takes one for the other could not be told
        raise Late("the station waited for nearly as long as it was blocked", tried=tried)
    _compare(told, (waits, bench.seconds, blocked), whole, tried)
    return tried, told


def _fill(t: Trial, push: zmq.Socket, bench: Bench) -> int:
    """Send pictures until nobody takes any more and the station can work on none; how many."""
    sent, before = 0, -1
    while sent < MOST and (push.poll(0, zmq.POLLOUT) or bench.done != before):
        before = bench.done
        while sent < MOST and push.poll(0, zmq.POLLOUT):
            t.send(push, b"%d" % sent, b"1 1", b"%d" % sent)
            sent += 1
        _pass(t, 3 * WORK)
    if sent == MOST:
        raise Wrong("too much waits in front of the station", tried=f"{MOST} pictures, and nobody took any at `out`",
                    seen=f"it took them all in, and has worked on {bench.done}",
                    expected=f"marks of {ROOM} on both sockets, set before they connect, as in the program to mend")
    return sent


def _compare(told: object, true: tuple[float, float, float], whole: float, tried: str) -> None:
    expect_type(told, (tuple, list), "what `mended` returned")
    if len(told) != 3 or any(isinstance(each, bool) or not isinstance(each, (int, float)) for each in told):
        raise Wrong("`mended` did not return three numbers", seen=f"it returned `{show(told)}`",
                    expected="`return waits, works, blocked`, in seconds")
    for what, said, at_least in zip(WHAT, told, true, strict=True):
        if said < NEARLY * at_least:
            raise Wrong(f"too little for *{what}*", tried=tried, seen=_sentence(told),
                        expected=f"{at_least:.2f} s or a little more", look="which line of yours takes which time")
    if sum(told) > 1.02 * whole + 0.01:
        raise Wrong("more seconds than there were", tried=f"{tried}; {whole:.2f} s in all", seen=_sentence(told),
                    expected="each moment in one of the three, in seconds")


def _sentence(told: Sequence[float]) -> str:
    return ", ".join(f"{what.split(',')[0]} {said:.2f} s" for what, said in zip(WHAT, told, strict=True))


def _nothing_to_do(t: Trial, mended) -> None:
    """END and nothing else."""
    push, into = t.bind(zmq.PUSH, "inproc://into")
    pull, out = t.bind(zmq.PULL, "inproc://out")
    bench, began = Bench(t), time.monotonic()
    job: Job = t.start(mended, t.ctx, into, out, bench.work)
    t.send(push, b"END", expected="a PULL that is connected to `into`")
    t.receive(pull, seconds=2.0, expected="END, handed on")
    told = t.finish(job, seconds=2.0)
    _compare(told, (0.0, 0.0, 0.0), time.monotonic() - began, "END, and no picture before it")
    if bench.done:
        raise Wrong("the station worked on END", expected="END is handed on as it is")
