"""18.1: a worker that beats whatever it does, and notices a broker that is gone."""

from __future__ import annotations

import random as randoms
import time
from collections.abc import Callable, Iterator

import zmq

from ...exercise import Late, Wrong, exercise
from ...trial import Trial, show, trial
from .beats import BEAT, LONG, READY, complaint, interval_of, still_right

LIVENESS = 4
SPAN = 10  # intervals for which a scene looks
SLICES = 4  # of work in an interval
JOBS = ([b"ann", b"", b"job"], [b"\x02", b"", b"\x02"], [b"ann", b"", b"\x01"], [b"a", b"b", b"", b""])


@exercise(
    "18.1",
    title="A worker that beats and notices",
    hints=(
        "Two clocks: when the next heartbeat is due, and when the broker was last heard from. Neither may depend on "
        "whether `poll` found something: look at both each time round, and let `poll` wait no longer than until the "
        "next heartbeat is due.",
        "`for answer in work(request):` hands you the slices; look at the first clock in there, too. After the loop, "
        "`answer` is what was yielded last. `[b\"\\x02\"]` is a heartbeat: one frame. A job has more, and `*way, "
        "request = frames` takes the request off its envelope.",
        "After a long job its broker's heartbeats wait unread. So do not hold that time against it: count its silence "
        "from the end of the job (or read what waits before you judge). READY starts the second clock anew.",
    ),
)
def it_beats_whatever_it_does(paranoid_worker) -> str:
    """`paranoid_worker(ctx, back, interval, liveness, work)`: beats while it waits and works; READY after silence."""
    scenes = (_silence, _both_beat, _job_after_job, _a_long_job, _silent_while_it_works)
    for scene in scenes:
        with trial(seconds=12) as t:
            scene(t, Broker(t, paranoid_worker))
    return (
        f"{SPAN} intervals of heartbeats, of jobs and of one long job, its heart never stopped; its broker fell silent "
        "five times, also while it worked, and was told READY each time, never too early"
    )


class Broker:
    """The broker of one worker, which is the answer. It has said READY."""

    def __init__(self, t: Trial, paranoid_worker: Callable[..., None], interval: float = 0.0) -> None:
        self.t, self.interval = t, interval or interval_of(t)
        self.limit = 0.6 * (LIVENESS - 1) * self.interval  # seconds for which the check itself may be held up
        self.router, back = t.bind(zmq.ROUTER)
        t.start(paranoid_worker, t.ctx, back, self.interval, LIVENESS, self.slices)
        self.name, *said = t.receive(self.router, seconds=2.0, expected="READY from a DEALER connected to `back`")
        self.sent = time.monotonic()
        self.begin()
        if said != [READY]:
            raise Wrong("the first word is not READY", seen=f"`{show(said)}`", expected=f"`{show([READY])}`, one frame")

    def slices(self, request: bytes) -> Iterator[bytes]:
        """Work: of a request that says so many slices so many of them, else one; at last the answer."""
        for _ in range(int(request) if request.isdigit() else 1):
            time.sleep(self.interval / SLICES)
            yield b"a slice"
        yield b"done: " + request

    def begin(self) -> None:
        """Count anew."""
        self.beats = self.readies = 0
        self.answers: list[list[bytes]] = []
        self.began, self.held_up = time.monotonic(), 0.0

    def say(self, *frames: bytes) -> None:
        now = time.monotonic()
        self.t.send(self.router, self.name, *frames)
        self.held_up = max(self.held_up, now - self.sent)
        self.sent = now

    def attend(self, intervals: float, *, beat: bool = False, until: Callable[[], bool] = lambda: False) -> None:
        """For so many intervals, or `until` it holds: hear what comes; beat twice an interval, if it is to."""
        end = time.monotonic() + intervals * self.interval
        while time.monotonic() < end and not until():
            if beat and time.monotonic() >= self.sent + self.interval / 2:
                self.say(BEAT)
            if not self.router.poll(self.interval * 100):
                still_right(self.t)
                continue
            self.name, *said = self.router.recv_multipart()
            if said == [BEAT]:
                self.beats += 1
            elif said == [READY]:
                self.readies += 1
                return
            else:
                self.answers.append(said)

    @property
    def passed(self) -> float:
        """Intervals since `begin`."""
        return (time.monotonic() - self.began) / self.interval

    def its_heart_beats(self, when: str, but: str, least: float = 0.25) -> None:
        """Raises unless it beat about once an interval, `least` times in one."""
        span = self.passed
        details = {"tried": when, "seen": f"{self.beats} heartbeats in {span:.0f} intervals"}
        if self.beats < least * span:
            kind = Wrong if self.beats < 0.4 * least * span else Late
            raise kind(but, **details, expected="one each interval, whatever else it does")
        if self.beats > 2 * span + 2:
            raise Wrong("it beats more often than once an interval", **details)

    def no_ready(self, when: str, but: str) -> None:
        if self.readies:
            raise complaint(self.held_up, self.limit, but, tried=when, seen="READY came once more")

    def _passed_over(self, job: list[bytes], when: str) -> None:
        """There is no answer to this job: whether there is one to another."""
        self.say(b"ann", b"", b"another job")
        self.attend(10, beat=True, until=lambda: bool(self.answers))
        kind = Wrong if self.answers else Late
        raise kind("a job was not answered", tried=f"{when}: `{show(job)}`", expected="what has more frames than one "
                   "is a job, whatever is in it")

    def answered(self, job: list[bytes], when: str) -> None:
        """Wait for the answer to this job, which must come next."""
        self.attend(10, until=lambda: bool(self.answers))
        if not self.answers:
            self._passed_over(job, when)
        wanted, got = [*job[:-1], b"done: " + job[-1]], self.answers.pop(0)
        if got != wanted:
            raise Wrong(
                "that is not the answer behind its job's envelope",
                tried=f"the worker was sent `{show(job)}`",
                seen=f"`{show(got)}`",
                expected=f"`{show(wanted)}`: all but the last frame as it came, then what `work` yielded last",
            )


def _both_beat(t: Trial, broker: Broker) -> None:
    when = "the broker beat twice an interval; there were no jobs"
    broker.attend(SPAN, beat=True)
    broker.no_ready(when, "it took its broker for dead, whose heartbeats never stopped")
    broker.its_heart_beats(when, "its heart stops while messages come: a heartbeat is due by the clock, not when "
                                 "`poll` finds nothing")


def _job_after_job(t: Trial, broker: Broker) -> None:
    """No heartbeat from the broker: each job is a sign of life. The next one comes with each answer."""
    when, number = "a job, and the next one with each answer; no heartbeats from the broker", 0
    while broker.passed < SPAN:
        job = JOBS[number % len(JOBS)]
        broker.say(*job)
        broker.attend(LIVENESS - 1.5, until=lambda: bool(broker.answers))
        broker.no_ready(when, "jobs came all the time, heartbeats did not, and it took its broker for dead")
        broker.answered(job, when)
        number += 1
    broker.its_heart_beats(when, "its heart stops while jobs come")


def _a_long_job(t: Trial, broker: Broker) -> None:
    when = f"one job of {SPAN} intervals, in {SPAN * SLICES} slices; the broker beat all the time"
    job = [b"ann", b"", b"%d" % (SPAN * SLICES)]
    broker.say(*job)
    broker.begin()
    broker.attend(4 * SPAN, beat=True, until=lambda: bool(broker.answers))
    broker.no_ready(when, "it said READY while it had a job in hand")
    broker.its_heart_beats(when, "it is silent while it works: its broker must take it for dead")
    broker.answered(job, when)
    broker.begin()
    broker.attend(LIVENESS + 1, beat=True)
    broker.no_ready(when, "it took its broker for dead for the time in which it did not look itself")


def _silent_while_it_works(t: Trial, broker: Broker) -> None:
    when = f"a job of {SPAN} intervals, while the broker said nothing"
    job = [b"ann", b"", b"%d" % (SPAN * SLICES)]
    broker.say(*job)
    broker.begin()
    broker.attend(4 * SPAN, until=lambda: bool(broker.answers))
    if broker.readies:
        raise Wrong("it said READY while it had a job in hand", tried=when, expected="READY says: I am free")
    broker.its_heart_beats(when, "it is silent while it works: its broker must take it for dead")
    broker.answered(job, when)
    _ready_again(broker, f"{when}, nor afterwards")


def _silence(t: Trial, broker: Broker) -> None:
    broker.say(BEAT)
    beats, all_began = 0, time.monotonic()
    for times in range(1, 4):
        began = time.monotonic()
        _ready_again(broker, "the broker fell silent" if times == 1 else f"its silence went on: READY number {times}")
        silent = (time.monotonic() - began) / broker.interval
        if silent < 0.9 * (LIVENESS - 1):
            kind = Wrong if times == 1 else Late  # after that, the check itself may have seen the one before late
            raise kind(
                "READY came too early",
                tried=f"the broker was silent; interval × liveness is {LIVENESS} intervals",
                seen=f"READY after {silent:.1f} intervals",
                expected="one missed heartbeat is no death",
            )
        beats += broker.beats
    broker.beats, broker.began = beats, all_began
    broker.its_heart_beats("the broker was silent all the time", "its heart stops while it hears nothing", least=0.5)
    broker.say(BEAT)  # it is back
    broker.begin()
    broker.attend(SPAN / 2, beat=True)
    broker.no_ready("the broker was back", "it went on saying READY to a broker that was back")
    job = [b"ann", b"", b"again"]
    broker.say(*job)
    broker.answered(job, "the broker was back")
    _ready_again(broker, "the broker fell silent for the second time")


def _ready_again(broker: Broker, when: str) -> None:
    broker.begin()
    most = 2 * LIVENESS + 2  # heartbeats of its own
    broker.attend(6 * LIVENESS, until=lambda: broker.readies > 0 or broker.beats > most)
    if not broker.readies and broker.passed < LIVENESS:
        seen = f"{broker.beats} heartbeats in {broker.passed:.1f} intervals"
        raise Wrong("it beats more often than once an interval", tried=when, seen=seen)
    if not broker.readies:
        kind = Wrong if broker.beats > most else Late
        raise kind(
            "it does not notice that its broker is silent",
            tried=when,
            seen=f"no READY in {broker.passed:.0f} intervals, but {broker.beats} heartbeats",
            expected=f"READY again after interval × liveness: {LIVENESS} intervals",
        )
    if broker.answers:
        raise Wrong("an answer came that nobody had asked for", seen=f"`{show(broker.answers[0])}`")


# --- the same for longer


def soak(paranoid_worker, random: randoms.Random, seconds: float) -> str:
    """A broker that beats, gives jobs, or is silent, for random times. Raises `Wrong` for the first broken promise."""
    jobs = silences = 0
    with trial(seconds=seconds + 60) as t:
        broker, over = Broker(t, paranoid_worker, LONG), t.deadline(seconds)
        while not over.over:
            broker.begin()
            kind = random.random()
            if kind < 0.4:
                broker.attend(random.uniform(1, SPAN), beat=True)
                broker.no_ready("the broker beat", "it took its broker for dead, whose heartbeats never stopped")
            elif kind < 0.8:
                job = [b"ann", b"", b"%d" % random.randrange(SPAN * SLICES)]
                broker.say(*job)
                broker.attend(4 * SPAN, beat=True, until=lambda: bool(broker.answers))
                broker.no_ready("a job", "it said READY while it had a job in hand")
                broker.answered(job, "a job")
                jobs += 1
            else:
                _ready_again(broker, "the broker fell silent")
                silences += 1
            broker.say(BEAT)
    return f"{jobs} jobs answered, {silences} silences noticed, no READY too many"
