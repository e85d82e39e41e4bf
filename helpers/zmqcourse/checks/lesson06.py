"""Lesson 06: what waits where, and what happens when there is no more room."""

from __future__ import annotations

import time

import zmq

from ..exercise import Wrong, exercise
from ..trial import Trial, trial

FULL = 5_000  # sends after which a queue is called unlimited


def _fill(push: zmq.Socket) -> int:
    """Send until there is no room for a moment; how many were accepted."""
    count = 0
    while count < FULL and push.poll(50, zmq.POLLOUT):
        push.send(b"%d" % count, zmq.DONTWAIT)
        count += 1
    return count


@exercise(
    "06.1",
    title="Bound the memory",
    hints=(
        "On inproc the two marks add up. Which pairs of marks have the sum `room`?",
        "Set `pull.rcvhwm` and `push.sndhwm` before `bind` and `connect`. A mark of 0 would mean no limit.",
        "`pull.rcvhwm = 1` and `push.sndhwm = room - 1`, then bind the one and connect the other.",
    ),
)
def exactly_so_many_fit(bounded) -> None:
    """`bounded(ctx, endpoint, room)` returns a connected `(push, pull)` between which exactly `room` messages fit."""
    for room in (2, 10, 101):
        with trial() as t:
            pair = t.run(bounded, t.ctx, "inproc://bounded", room)
            if not isinstance(pair, tuple) or len(pair) != 2:
                raise Wrong(
                    "`bounded` did not return two sockets",
                    seen=f"it returned `{pair!r}`",
                    expected="`return push, pull`",
                )
            push, pull = t.take(pair[0], zmq.PUSH), t.take(pair[1], zmq.PULL)
            count = _fill(push)
            if count != room:
                raise Wrong(
                    "not as many messages fit as were asked for",
                    tried=f"`bounded(ctx, endpoint, {room})`, then sending until the PUSH was full; nobody read",
                    seen=f"{count} were accepted" if count < FULL else f"{count} were accepted, and no end",
                    expected=f"{room}",
                    look="the first run of the lesson (how many were accepted), and under “When it breaks” a mark set "
                    "too late",
                )
            t.receive_many(pull, room, expected=f"all {room} messages come out again")


@exercise(
    "06.2",
    title="Wait, but not for ever",
    hints=(
        "`poll` can ask for room as well as for messages: `push.poll(milliseconds, zmq.POLLOUT)`.",
        "`patience` is in seconds and `poll` counts milliseconds. What it returns is 0 when there was no room in time.",
        "`if push.poll(patience * 1000, zmq.POLLOUT):` send and return True; otherwise return False.",
    ),
)
def offers_are_bounded(offer) -> None:
    """`offer(push, message, patience)` sends in time and returns True, or sends nothing and returns False."""
    with trial() as t:
        pull, endpoint = t.bind(zmq.PULL, "inproc://offers", rcvhwm=1)
        push = t.connect(zmq.PUSH, endpoint, sndhwm=1)
        _offered(t, offer, push, b"first", 0.4, True, "there is room")
        _offered(t, offer, push, b"second", 0.4, True, "there is room")
        seconds = _offered(t, offer, push, b"refused", 0.4, False, "the queue is full, and stays so")
        if not 0.3 < seconds < 1.2:
            raise Wrong(
                "`offer` did not wait as long as its patience",
                tried="`offer(push, b'refused', 0.4)` on a full queue",
                seen=f"it returned after {seconds:.2f} s",
                expected="about 0.4 s: `patience` is in seconds",
            )
        job = t.start(offer, push, b"third", 3.0)
        t.wait(lambda: job.where() or job.done, expected="the call is under way", seconds=1)
        t.receive(pull)  # makes room while it waits
        t.receive(pull)
        if t.finish(job, seconds=2.0) is not True:
            raise Wrong(
                "there was room before the patience was over",
                tried="`offer(push, b'third', 3.0)` on a full queue, which was read from a moment later",
                seen=f"it returned `{job.value!r}`",
                expected="`True`, as soon as there is room",
            )
        message = t.receive(pull, seconds=1, expected="`third`, once, and nothing of what was refused")
        if message != [b"third"]:
            raise Wrong("another message came out than was accepted", seen=f"`{message}`", expected="`[b'third']`")
        t.silence(pull, expected="each accepted message once")


def _offered(t: Trial, offer, push, message: bytes, patience: float, expected: bool, why: str) -> float:
    began = time.monotonic()
    answer = t.run(offer, push, message, patience, seconds=2.5)
    if answer is not expected:
        raise Wrong(
            "`offer` gave the wrong answer",
            tried=f"`offer(push, {message!r}, {patience})`: {why}",
            seen=f"it returned `{answer!r}`",
            expected=f"`{expected}`",
        )
    return time.monotonic() - began


@exercise(
    "06.3",
    title="Only the newest",
    hints=(
        "Not the length of the queue is the point, but what a full one does with the newest.",
        "`CONFLATE` keeps a single message, always the last. Like every limit it is set before `connect`.",
        '`sub.conflate = True`, `sub.subscribe("")`, `sub.connect(endpoint)`, then return it, open.',
    ),
)
def the_newest_is_shown(newest_only) -> None:
    """`newest_only(ctx, endpoint)` returns a SUB that hears all and keeps only the newest reading."""
    with trial() as t:
        pub, endpoint = t.bind(zmq.XPUB, sndhwm=0)
        sub = t.take(t.run(newest_only, t.ctx, endpoint), zmq.SUB)
        subscription = t.receive(pub, seconds=1, expected="a subscription to everything, at `endpoint`")
        if subscription != [b"\1"]:
            raise Wrong("it does not hear everything", seen=f"its subscription is `{subscription[0][1:]!r}`",
                        expected='`sub.subscribe("")`: the empty prefix fits all')
        count = 3000
        for number in range(count):
            pub.send(b"%d" % number)
        looks = []
        while not looks or looks[-1] != count - 1:
            if len(looks) == 20:
                break
            looks.append(int(t.receive(sub, seconds=1, expected="the newest reading")[0]))
        # A few looks may fall into the time in which readings still come in; a queue would show them all.
        if looks[-1] != count - 1:
            raise Wrong(
                "the dashboard shows old readings",
                tried=f"{count} readings were published; then the dashboard looked {len(looks)} times",
                seen=f"it saw {looks[0]}, {looks[1]}, {looks[2]} …, {looks[-1]}",
                expected=f"{count - 1}, the newest",
                look="the two runs of the lesson: first a queue, then `CONFLATE`",
            )
        t.silence(sub, expected="the newest reading once, and then nothing")


@exercise(
    "06.4",
    title="Spend credit",
    hints=(
        "Two sockets: a PUSH for the tasks, a PULL for the credits. Both connect; the worker has bound.",
        "Each message on `credits` allows one task. What does the producer do before it may send?",
        "In the loop: `credit.recv()`, which waits for one, and then `push.send(b\"%d\" % number)`.",
    ),
)
def credit_is_kept_to(spend) -> None:
    """`spend(ctx, tasks, credits, numbers)` sends one task for each credit that it received."""
    with trial() as t:
        pull, tasks = t.bind(zmq.PULL)
        credit, credits = t.bind(zmq.PUSH)
        numbers = list(range(100, 112))
        job = t.start(spend, t.ctx, tasks, credits, numbers)
        t.silence(pull, seconds=0.3, expected="no task before there is credit")
        got: list[bytes] = []
        for handful in (3, 1, 8):
            for _ in range(handful):
                t.send(credit, b"", expected="a PULL that is connected to `credits`")
            for _ in range(handful):
                got += t.receive(pull, seconds=1, expected=f"{len(got) + 1} tasks for as many credits")
            if len(got) < len(numbers):
                t.silence(pull, seconds=0.1, expected=f"{len(got)} tasks for as many credits")
        expected = [b"%d" % number for number in numbers]
        if got != expected:
            raise Wrong("these are not the numbers, in order", seen=f"`{got}`", expected=f"`{expected}`")
        t.finish(job, seconds=1.5)

