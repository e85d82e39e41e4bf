"""05.1: a sender that repeats until its own ack is there, and says so when it never came."""

from __future__ import annotations

import time
from typing import Any

import zmq

from ...exercise import Late, Wrong, exercise
from ...trial import Job, Trial, show, trial

STALE = 200  # acks of other messages that wait already
THEIRS = 60_000  # the caller's own limits on its sockets, in ms: they stay


@exercise(
    "05.1",
    title="At least once, or say so",
    hints=(
        "One try is: send both frames, wait for your own number on `ack`. Several tries are a loop around that.",
        "A late ack of another message ends `ack.poll`, but not the wait: note a deadline, "
        "`time.monotonic() + patience`, and poll again for what is left of it. `poll` counts in milliseconds.",
        "`while ack.poll(max(0, deadline - time.monotonic()) * 1000):` and inside, "
        "`if ack.recv() == number: return True`. After all tries, `return False`.",
    ),
)
def delivered_or_told(deliver) -> str:
    """`deliver(push, ack, number, text, patience, tries)` repeats until its own ack comes, `tries` sends in all."""
    with trial() as t:
        pull, tasks = t.bind(zmq.PULL)
        back, acks = t.bind(zmq.PUSH)
        push, ack = t.connect(zmq.PUSH, tasks, sndtimeo=THEIRS), t.connect(zmq.PULL, acks, rcvtimeo=THEIRS)
        _acked_at_once(t, deliver, push, ack, pull, back)
        _acked_the_second_time(t, deliver, push, ack, pull, back)
        _never_acked(t, deliver, push, ack, pull)
    return (
        f"an ack at once, for a text of any bytes; {STALE} acks of others in front of it; acks of others all the time; "
        "an ack at the second try; none at all: told apart, no send too many"
    )


def _acked_at_once(t: Trial, deliver, push, ack, pull, back) -> None:
    for number, text, tries in ((b"1", b"tea", 3), (b"12", b"", 1), (b"123", b"\x00\xff" * 50_000, 1)):
        job = t.start(deliver, push, ack, number, text, 1.2 * t.pace, tries)
        _sent(t, pull, [number, text])
        began = time.monotonic()
        if number == b"12":
            for count in range(STALE):
                t.send(back, b"1" if count % 2 else b"%d" % (120 + count))
        t.send(back, number)
        _answered(t, job, True, "the ack came at once")
        seconds = time.monotonic() - began
        if seconds > 0.7 * t.pace:
            raise Late(
                "the ack was there, and `deliver` went on waiting",
                tried=f"`{job.call}`, acknowledged at once",
                seen=f"it returned {seconds:.2f} s after the ack was sent",
                expected="it returns as soon as its ack is there",
            )
        t.silence(pull, seconds=0.05, expected="a single send: its ack came at once")


def _acked_the_second_time(t: Trial, deliver, push, ack, pull, back) -> None:
    t.send(back, b"1")  # the late, second ack of a message that was repeated
    patience = 0.4 * t.pace
    job = t.start(deliver, push, ack, b"2", b"coffee", patience, 3)
    _sent(t, pull, [b"2", b"coffee"])
    _repeated_in_time(t, pull, back, job, patience)
    t.send(back, b"2")
    _answered(t, job, True, "the second try was acknowledged")


def _never_acked(t: Trial, deliver, push, ack, pull) -> None:
    began = time.monotonic()
    job = t.start(deliver, push, ack, b"3", b"3", 0.2, 2)
    for _ in range(2):
        _sent(t, pull, [b"3", b"3"])
    _answered(t, job, False, "no ack ever came; two tries of 0.2 s")
    seconds = time.monotonic() - began
    if seconds < 0.35:
        raise Wrong(
            "`deliver` gave up too early",
            tried="`deliver(push, ack, b'3', b'3', 0.2, 2)`, with no ack",
            seen=f"it returned after {seconds:.2f} s",
            expected="0.4 s: the last try is waited for, too",
        )
    t.silence(pull, expected="two sends for `tries=2`, and none after `deliver` has returned")


def _sent(t: Trial, pull: zmq.Socket[Any], expected: list[bytes]) -> None:
    wanted = f"the message `{show(expected)}`, again after each `patience` without ack"
    frames = t.receive(pull, seconds=1.2, expected=wanted)
    if frames != expected:
        raise Wrong(
            "this is not the message",
            seen=f"`{show(frames)}`",
            expected=f"`{show(expected)}`, the same in every try",
        )


def _repeated_in_time(t: Trial, pull: zmq.Socket[Any], back: zmq.Socket[Any], job: Job, patience: float) -> None:
    """Others' acks come in all the time, and not its own: the repeat has to come after its patience all the same."""
    tried = f"no ack for `2`; late acks of others all the time; patience {patience:.1f} s"
    for other in (b"1", b"22", b"", b"12", b"1", b"02", b"1", b"1", b"1", b"1"):
        if pull.poll(250 * patience):
            break
        if job.done:
            t.finish(job)  # says what it raised, if it did
            raise Wrong(
                "`deliver` came back without its ack",
                tried=tried,
                seen=f"it returned `{job.value!r}`",
                expected="acks of other messages are read and ignored",
            )
        t.send(back, other)
    else:
        raise Late(
            "the message was not repeated in time",
            tried=tried,
            seen=f"after {2.5 * patience:.1f} s it had not come again",
            expected=f"again after {patience:.1f} s: others' acks make the wait neither shorter nor longer",
        )
    _sent(t, pull, [b"2", b"coffee"])

    def sends() -> list[float]:
        return sorted(m.sent for m in t.trace.messages if m.frames == (b"2", b"coffee"))

    t.wait(lambda: len(sends()) > 1, expected="both sends are in the check's record")
    first, second = sends()[:2]
    if second - first < 0.85 * patience:  # as the sender's own thread went, not as the check heard of it
        raise Wrong(
            "the message was repeated too early",
            tried=tried,
            seen=f"it was sent again after {second - first:.2f} s",
            expected=f"again after {patience:.1f} s: others' acks make the wait neither shorter nor longer",
        )


def _answered(t: Trial, job: Job, expected: bool, why: str) -> None:
    answer = t.finish(job, seconds=1.6)
    if answer is not expected:
        raise Wrong(
            "`deliver` gave the wrong answer",
            tried=f"`{job.call}`: {why}",
            seen=f"it returned `{answer!r}`",
            expected=f"`{expected}`",
        )
