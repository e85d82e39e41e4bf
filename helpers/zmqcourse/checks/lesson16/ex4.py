"""16.4, find the fault: a client that is silent while it waits."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

import zmq

from ...exercise import Late, Wrong, exercise
from ...trial import Trial, expect_type, show, trial
from .threads import of_two_threads

PAUSE = 0.2  # seconds
SILENT = 2.5  # pauses without a message that are no accident
HAIL = 4  # beats in a pause: more than three


@dataclass(frozen=True)
class Question:
    """What is asked; what the office answers, after how many pauses."""

    body: bytes
    answer: bytes
    pauses: float = 0.0


TALK = (
    Question(b"quick", b"at once"),
    Question(b"slow", b"", 6),
    Question(b"alive", b"alive", 0.7),
    Question(b"", b"\x00\xff", 3),
    Question(b"slow again", b"question", 4),
)
MANY = tuple(Question(b"%d" % number, b"a%d" % number) for number in range(300))


@exercise(
    "16.4",
    title="Find the fault",
    hints=(
        "Who waits in `recv` does nothing else. What can wait for an answer, and come back when there is none yet?",
        "`dealer.poll(milliseconds)` waits so long at most, and says whether there is something. `pause`: seconds.",
        "`while not dealer.poll(pause * 500): dealer.send(b\"alive\")`, and only then `answers.append(dealer.recv())`.",
    ),
)
def is_heard_while_it_waits(mended) -> str:
    """`mended(ctx, office, questions, pause)` is never silent for longer than `pause`; returns the answers."""
    with trial(seconds=12) as t, of_two_threads():
        beats = _talk(t, mended, TALK)
    with trial(seconds=8) as t, of_two_threads():
        _talk(t, mended, MANY)
    with trial() as t, of_two_threads():
        _talk(t, mended, ())
    slow = sum(question.pauses > 1 for question in TALK)
    longest = max(question.pauses for question in TALK)
    return f"{slow} answers that took up to {longest:g} pauses, {beats} beats meanwhile; then {len(MANY)} quick ones"


class Office:
    """Listens all the time, and notes when it heard what from whom."""

    def __init__(self, talk: Sequence[Question]) -> None:
        self.talk = talk
        self.heard: list[tuple[float, bytes, list[bytes]]] = []
        self.over = threading.Event()

    def listen(self, ctx: zmq.Context, front: str) -> None:
        with ctx.socket(zmq.ROUTER) as router:
            router.bind(front)
            coming, due = iter(self.talk), []
            while not self.over.is_set():
                if router.poll(5):
                    client, *frames = router.recv_multipart()
                    self.heard.append((time.monotonic(), client, frames))
                    if frames[0] == b"question" and (question := next(coming, None)):
                        due.append((time.monotonic() + question.pauses * PAUSE, client, question.answer))
                while due and due[0][0] <= time.monotonic():
                    _, client, answer = due.pop(0)
                    router.send_multipart([client, answer])


def _talk(t: Trial, mended, talk: Sequence[Question]) -> int:
    """One call of the answer; how many beats there were."""
    office, front = Office(talk), t.endpoint()
    t.peer(office.listen, front)
    job = t.start(mended, t.ctx, front, [question.body for question in talk], PAUSE)
    try:
        answers = t.finish(job)
        ended = time.monotonic()
    finally:
        office.over.set()
    expect_type(answers, (list, tuple), "what `mended` returned")
    wanted = [question.answer for question in talk]
    if list(answers) != wanted:
        raise Wrong("these are not the answers, in order", seen=f"`{show(answers)}`", expected=f"`{show(wanted)}`")
    _asked(office, talk)
    _one_client(office)
    beats = sum(frames == [b"alive"] for _, _, frames in office.heard)
    _beats(office, ended, beats, t.pace)
    return beats


def _asked(office: Office, talk: Sequence[Question]) -> None:
    """Beats and questions came, each question once, in order, and nothing else."""
    asked = [frames for _, _, frames in office.heard if frames != [b"alive"]]
    wanted = [[b"question", question.body] for question in talk]
    if asked != wanted:
        odd = next((a for a, b in zip(asked, wanted, strict=False) if a != b), (asked or wanted)[-1])
        raise Wrong(
            "the office did not get each question once, in order, beside beats",
            seen=f"{len(asked)} of {len(wanted)}; `{show(odd)}`",
            expected='`[b"question", question]` for each, and `b"alive"` between them',
        )


def _one_client(office: Office) -> None:
    if len({client for _, client, _ in office.heard}) > 1:
        raise Wrong(
            "the office saw more than one client",
            seen="beats on another connection than the questions: who asks is silent all the same",
            expected="one DEALER for both: the office knows its clients by their connection",
        )


def _beats(office: Office, ended: float, beats: int, pace: float) -> None:
    times = [when for when, _, _ in office.heard] + [ended]
    if len(times) < 2:
        return
    most = HAIL * (ended - times[0]) / PAUSE + len(office.talk) + 3
    if beats > most:
        raise Wrong(
            "that is a hail of beats",
            seen=f"{beats} in {ended - times[0]:.1f} s, with a pause of {PAUSE:g} s",
            expected="about two in a pause: enough that one is always in time",
        )
    silent = max(b - a for a, b in itertools.pairwise(times))
    if silent > SILENT * PAUSE:
        # at a pace of 5 a right answer may be kept waiting for so long as well
        raise (Wrong if _fewest(office) < 2 and pace < 5 else Late)(
            "the office heard nothing for too long",
            tried=f"a pause of {PAUSE:g} s, and answers that take up to {max(q.pauses for q in office.talk):g} pauses",
            seen=f"{silent:.2f} s without a beat or a question",
            expected=f"something at least once in {PAUSE:g} s, also while an answer is waited for",
        )
    between = [b - a for (a, _, _), (b, _, frames) in itertools.pairwise(office.heard) if frames == [b"alive"]]
    if between and (usual := median(between)) >= PAUSE:
        # so late is one beat now and then, on a busy machine; half of all beats are not, in a right answer
        raise (Wrong if pace < 2 else Late)(
            "each beat comes a little too late",
            tried=f"a pause of {PAUSE:g} s",
            seen=f"half of the beats came {usual:.3f} s or more after what the office had heard last",
            expected=f"something at least once in {PAUSE:g} s: begin a beat before that is over",
        )


def _fewest(office: Office) -> int:
    """The fewest beats while an answer was waited for that took three pauses or more."""
    counts: list[int] = []
    for _, _, frames in office.heard:
        if frames != [b"alive"]:
            counts.append(0)
        elif counts:
            counts[-1] += 1
    slow = zip(office.talk, counts, strict=False)
    return min((count for question, count in slow if question.pauses >= 3), default=HAIL)
