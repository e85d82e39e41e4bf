"""06.2: a send that waits for room, but no longer than its caller can wait."""

from __future__ import annotations

import time
from typing import Any

import zmq

from ...exercise import Late, Wrong, exercise
from ...trial import Trial, show, trial

THEIRS = 60_000  # the caller's own limit on the socket, in ms: it stays


@exercise(
    "06.2",
    title="Wait, but not for ever",
    hints=(
        "`poll` can ask for room as well as for messages: `push.poll(milliseconds, zmq.POLLOUT)`.",
        "`patience` is in seconds and `poll` counts milliseconds. What it returns is 0 when there was no room in time.",
        "`if push.poll(patience * 1000, zmq.POLLOUT):` send and return True; otherwise return False.",
    ),
)
def offers_are_bounded(offer) -> str:
    """`offer(push, message, patience)` sends in time and returns True, or sends nothing and returns False."""
    with trial(seconds=6) as t:
        pull, endpoint = t.bind(zmq.PULL, "inproc://offers", rcvhwm=1)
        push = t.connect(zmq.PUSH, endpoint, sndhwm=1, sndtimeo=THEIRS)
        _offered(t, offer, push, b"", 0.4, True, "there is room")
        _offered(t, offer, push, b"\x00\xff" * 50_000, 0, True, "there is room")
        seconds = _offered(t, offer, push, b"refused", 0.4, False, "the queue is full, and stays so")
        if seconds < 0.3 or seconds > 1.2 * t.pace:
            raise (Wrong if seconds < 0.3 else Late)(
                "`offer` did not wait as long as its patience",
                tried="`offer(push, b'refused', 0.4)` on a full queue",
                seen=f"it returned after {seconds:.2f} s",
                expected="about 0.4 s: `patience` is in seconds",
            )
        _offered(t, offer, push, b"refused, too", 0, False, "the queue is full, and there is no patience")
        _room_comes(t, offer, push, pull)
        nobody, _ = t.bind(zmq.PUSH)
        _offered(t, offer, nobody, b"refused", 0.1, False, "the PUSH has bound, and nobody is there")
    return "room at once, room in time, no room in time, nobody there: told apart; what was refused never arrived"


def _room_comes(t: Trial, offer, push: zmq.Socket[Any], pull: zmq.Socket[Any]) -> None:
    """It is read from while the offer waits."""
    patience = 3.0 * t.pace
    began = time.monotonic()
    job = t.start(offer, push, b"third", patience)
    t.wait(lambda: job.where() or job.done, expected="the call is under way", seconds=1)
    job.wait(0.3 * t.pace)  # it has met the full queue before there is room
    came = [t.receive(pull), t.receive(pull)]  # makes room while it waits
    tried = f"`offer(push, b'third', {patience:.1f})` on a full queue, which was read from a moment later"
    if t.finish(job, seconds=3.5) is not True:
        raise Wrong(
            "there was room before the patience was over",
            tried=tried,
            seen=f"it returned `{job.value!r}`",
            expected="`True`, as soon as there is room",
        )
    if time.monotonic() - began > 0.9 * patience:
        raise Late(
            "there was room, and `offer` went on waiting",
            tried=tried,
            seen=f"it returned after {time.monotonic() - began:.1f} s",
            expected="`True`, as soon as there is room",
        )
    came.append(t.receive(pull, seconds=1, expected="`third`, once, and nothing of what was refused"))
    if came != [[b""], [b"\x00\xff" * 50_000], [b"third"]]:
        raise Wrong(
            "other messages came out than were accepted",
            seen=f"`{show([frame for frames in came for frame in frames])}`",
            expected="the three that were accepted, in order",
        )
    t.silence(pull, expected="each accepted message once")


def _offered(t: Trial, offer, push, message: bytes, patience: float, expected: bool, why: str) -> float:
    began = time.monotonic()
    answer = t.run(offer, push, message, patience, seconds=2.5)
    if answer is not expected:
        raise Wrong(
            "`offer` gave the wrong answer",
            tried=f"`offer(push, {show(message)}, {patience})`: {why}",
            seen=f"it returned `{show(answer)}`",
            expected=f"`{expected}`",
        )
    return time.monotonic() - began
