"""05.2: a worker that does each number once and acknowledges every copy."""

from __future__ import annotations

import threading
import time

import zmq

from ...exercise import Wrong, exercise
from ...trial import show, trial
from .acks import acknowledged

MANY = 400
QUIET = 1.05  # seconds without a task


class _Effect:
    """What the worker is to do once for each number: notes its calls, and waits at the gate."""

    __name__ = "effect"

    def __init__(self) -> None:
        self.calls: list[bytes] = []
        self.gate = threading.Event()

    def __call__(self, text: bytes) -> None:
        self.calls.append(text)
        self.gate.wait(5.0)


@exercise(
    "05.2",
    title="Same id, one effect, two acks",
    hints=(
        "The worker of design 3 remembers the numbers that it has done. What does it do for one that it knows?",
        "Remember *numbers*, all of them, in a set made before the loop; the text does not tell a repeat, and a "
        "smaller number may come later: its first copy may have been lost.",
        "`if number not in done:` effect, then `done.add(number)`. After that, in either case: `ack.send(number)`.",
    ),
)
def one_effect_for_each_number(once) -> str:
    """`once(ctx, tasks, acks, effect)` calls `effect(text)` once a number, and acknowledges every task after it."""
    with trial() as t:
        push, tasks = t.bind(zmq.PUSH)
        pull, acks = t.bind(zmq.PULL)
        effect = _Effect()
        t.start(once, t.ctx, tasks, acks, effect)

        t.send(push, b"1", b"tea", expected="a PULL that is connected to `tasks`")
        t.wait(lambda: effect.calls, expected="`effect(b'tea')` is called for the task `[b'1', b'tea']`", seconds=1)
        t.silence(pull, seconds=0.15, expected="no ack while the effect is still under way")
        effect.gate.set()
        acknowledged(t, pull, b"1", "the first task is acknowledged")

        for number, text, said in (
            (b"1", b"tea", "a repeat is acknowledged again: the first ack may be what was lost"),
            (b"2", b"tea", "a new number with a text that was there before"),
            (b"7", b"soup", "a new task"),
            (b"1", b"tea", "a repeat of one that was done a while ago"),
            (b"5", b"plum", "a smaller number, and new: its first copy was lost on the road"),
            (b"12", b"STOP", "a new task, whose text is any bytes"),
            (b"11", b"", "a smaller number, an empty text"),
        ):
            t.send(push, number, text)
            acknowledged(t, pull, number, said)
        for _ in range(2):
            t.send(push, b"4", b"rice")
        for _ in range(2):
            acknowledged(t, pull, b"4", "two copies, one behind the other: two acks")
        for number in range(100, 100 + MANY):
            t.send(push, b"%d" % number, b"\x00\xff")
        got = t.receive_many(pull, MANY, expected=f"{MANY} tasks in a row: as many acks")
        if sorted(got) != sorted([b"%d" % number] for number in range(100, 100 + MANY)):
            raise Wrong("these are not the acks", tried=f"{MANY} tasks in a row", expected="the number of each, once")
        t.send(push, b"1", b"tea")
        acknowledged(t, pull, b"1", f"a repeat of the first one, after {MANY} others")
        time.sleep(QUIET)
        t.send(push, b"3", b"cake")
        acknowledged(t, pull, b"3", f"a task after {QUIET} s without any")
        t.silence(pull, seconds=0.05, expected="one ack for each task that came in")
        _effects(effect.calls)
    return f"{MANY + 13} tasks, five of them repeats, numbers in any order, a second of silence: {MANY + 8} effects"


def _effects(calls: list[bytes]) -> None:
    expected = [b"tea", b"tea", b"soup", b"plum", b"STOP", b"", b"rice", *[b"\x00\xff"] * MANY, b"cake"]
    if calls != expected:
        few = [call for call in calls if call != b"\x00\xff"]
        wanted = [call for call in expected if call != b"\x00\xff"]
        raise Wrong(
            "these are not the effects that were wanted",
            tried="the tasks `1 tea`, `1 tea`, `2 tea`, `7 soup`, `1 tea`, `5 plum`, `12 STOP`, `11` and no text, "
            f"`4 rice`, `4 rice`, {MANY} others, `1 tea`, `3 cake`",
            seen=f"`effect` was called {len(calls)} times; but for the {MANY} others, with `{show(few)}`",
            expected=f"{len(expected)} times, `{show(wanted)}`: once for each number",
        )
