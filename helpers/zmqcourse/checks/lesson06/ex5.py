"""06.5: a gateway with a stated need: no alarm is lost, readings are the newest, and only so many are under way."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import zmq

from ...exercise import Late, Wrong, exercise
from ...trial import Job, Trial, show, trial

MANY = 400
KEPT = 20  # credits that wait for something to be sent
QUIET = 1.05  # seconds in which nothing happens


@exercise(
    "06.5",
    title="Find the fault: the alarm that was dropped",
    hints=(
        "Two things are wrong. Over tcp a mark does not bound what is under way; and who drops what does not fit drops "
        "alarms as well. What bounds it end to end? And what may be dropped?",
        "One message for each credit. The gateway reads events at once, whether there is credit or not, keeps every "
        "alarm and only the newest reading, and counts its credit. A `zmq.Poller` waits for both sockets.",
        "`alarms = deque()`, `newest = None`, `have = 0`. After each poll: `while have and (alarms or newest is not "
        "None):` send the oldest alarm if there is one, else the reading, which is then `None`; `have -= 1`.",
    ),
)
def the_need_is_met(mended) -> str:
    """`mended(ctx, events, centre, credits)`: a message for each credit, all alarms first, else the newest reading."""
    with trial(seconds=6) as t:
        post = Post(t, mended)
        post.events([(b"reading", b"%d" % number) for number in range(MANY)])
        post.events([(b"alarm", b"fire"), (b"reading", b"last"), (b"alarm", b""), (b"alarm", b"fire")])
        t.silence(post.centre, seconds=0.15, expected="nothing before there is credit")
        post.credit(1, [(b"alarm", b"fire")], "the oldest alarm first")
        post.credit(2, [(b"alarm", b""), (b"alarm", b"fire")], "every alarm, in order, also one that repeats")
        post.credit(1, [(b"reading", b"last")], "no alarm waits: the newest reading")

        post.credit(2 + KEPT, [], "nothing is there to be sent: the credit is kept")
        t.silence(post.centre, seconds=QUIET, expected="nothing, for a second: there is neither alarm nor reading")
        post.events([(b"reading", b"")])
        post.events([(b"alarm", b"\x00\xff")])
        each = [(b"reading", b""), (b"alarm", b"\x00\xff")]
        post.comes(each, "there is credit: a reading goes on as it comes, whatever its bytes, and then an alarm")
        kept = [(b"alarm", b"%d" % number) for number in range(KEPT)]
        post.events(kept)
        post.comes(kept, f"credit was given {2 + KEPT} times: every time it is kept")
        post.events([(b"reading", b"same"), (b"reading", b"same")])
        post.credit(1, [(b"reading", b"same")], "no alarm waits: the newest reading")
        post.credit(1, [], "a reading goes on once")
        post.events([(b"alarm", b"x" * 10_000)])
        post.comes([(b"alarm", b"x" * 10_000)], "there is credit: an alarm goes on as it comes")

        alarms = [(b"alarm", b"%d" % number) for number in range(MANY)]
        post.events(alarms)
        post.events([(b"reading", b"same")])
        post.credit(MANY, alarms, f"{MANY} alarms: none may be lost")
        post.credit(1, [(b"reading", b"same")], "after the alarms the newest reading, though it looks like the last")
        t.silence(post.centre, seconds=0.05, expected="one message for each credit")
        return (
            f"{post.came} events: {MANY + KEPT + 5} alarms, all sent on, in order; never more under way than there was "
            "credit for; of the readings each time the newest"
        )


@dataclass
class Post:
    """The answer at work between the check's sensors and its centre."""

    t: Trial
    answer: Any
    came: int = 0
    credited: int = 0

    def __post_init__(self) -> None:
        t = self.t
        self.sensor, events = t.bind(zmq.PUSH, sndhwm=10)
        self.centre, centre = t.bind(zmq.PULL, rcvhwm=0)
        self.credits, credits = t.bind(zmq.PUSH)
        self.job: Job = t.start(self.answer, t.ctx, events, centre, credits)

    def events(self, events: list[tuple[bytes, bytes]]) -> None:
        """Send these, and wait until the answer has read them: else nobody could say which is the newest."""
        read = "all events are read as they come, whether there is credit or not: the sensors must not wait"
        for kind, value in events:
            with self._at_work():
                self.t.send(self.sensor, kind, value, expected=read)
        self.came += len(events)
        with self._at_work():
            self.t.wait(lambda: self._read() >= self.came, expected=read, seconds=1.5)

    def credit(self, count: int, expected: list[tuple[bytes, bytes]], why: str) -> None:
        """Give so much credit, and see what comes for it."""
        with self._at_work():
            for _ in range(count):
                self.t.send(self.credits, b"", expected="a PULL that is connected to `credits`")
            self.credited += count
            self.t.wait(lambda: self._read() >= self.came, expected="credit is read as it comes", seconds=1.5)
        self.comes(expected, why)

    def _read(self) -> int:
        """Messages that were received on sockets other than the check's, but for credits."""
        stage = self.t.stage
        return stage.received() - stage.received("check") - self.credited

    @contextmanager
    def _at_work(self) -> Iterator[None]:
        """What does not come from an answer that has ended will never come: that is no matter of time."""
        try:
            yield
        except Late:
            if self.job.done:
                self.t.finish(self.job)  # says what it raised, if it did
                raise Wrong(f"`{self.job.name}` has ended", expected="it goes on until it is stopped") from None
            raise

    def comes(self, expected: list[tuple[bytes, bytes]], why: str) -> None:
        for each in expected:
            with self._at_work():
                frames = self.t.receive(self.centre, seconds=1.5, expected=f"`{show(list(each))}`: {why}")
            if tuple(frames) != each:
                expected_one = f"`{show(list(each))}`"
                raise Wrong("another message came", tried=why, seen=f"`{show(frames)}`", expected=expected_one)
        if self.centre.poll(0):
            more = self.centre.recv_multipart(zmq.DONTWAIT)
            raise Wrong("one message too many arrived", tried=why, seen=f"`{show(more)}`", expected="one a credit")
