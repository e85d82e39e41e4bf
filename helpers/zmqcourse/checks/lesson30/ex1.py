"""30.1: a cell executed by hand: heard from its beginning, to its own end, and nobody else's."""

from __future__ import annotations

import random as randoms
from collections.abc import Callable
from typing import Any

from ...exercise import Late, Wrong, exercise
from ...kernels import Kernel
from ...trial import Job, Trial, show, trial
from .desk import Desk, other

DEAF = 0.6  # quiet seconds in which a listener that has connected hears nothing yet
TAKEN = 0.3  # quiet seconds in which what was said has been taken, by whoever waits for it
BURST, PAUSE = 10, 0.3  # others' cells that begin at a time, and quiet seconds between
HEARD = 20  # messages after which who listens knows that it hears
SURE = 2  # bursts later its request is not only on its way
RETURNS = 0.15  # and after which whoever ends with it has ended
Sent = tuple[list[bytes], dict[str, Any]]


@exercise(
    "30.1",
    title="Execute by hand",
    hints=(
        "Two sockets: a DEALER for shell, a SUB for iopub. The SUB first, but that is not enough: as long as it has "
        "heard nothing, it may not be connected. What makes a kernel say something, and harms nobody?",
        "Ask `kernel_info_request` on shell again and again, say each 100 ms, until the SUB has a message (its first "
        "one is not for you). Only then send the execute_request, and remember its `msg_id`.",
        "Read iopub; pass over all whose parent's `msg_id` is not yours. Collect `stream` (its name says which), "
        "`execute_result`, `error`; stop at `status` with `execution_state` idle, of yours. The reply on shell tells "
        "nothing about iopub: they are two connections.",
    ),
)
def by_hand(execute) -> str:
    """`execute(ctx, info, code)`: what the cell printed, its value, the error's name."""
    for scene in (_plain, _rich, _again, _reply_first, _others, _deaf_at_first):
        with trial(seconds=12) as t:
            scene(t, execute)
    with Kernel() as kernel, trial(seconds=30) as t:
        _real(t, execute, kernel)
    return (
        "a kernel of the check's own, whose iopub was late, on which others worked, which replied before it had "
        "printed; then three cells on a real one"
    )


class Call:
    """The answer at work with a desk."""

    def __init__(self, t: Trial, execute: Any, desk: Desk, code: str, tried: str) -> None:
        self.t, self.desk, self.tried, self.code = t, desk, tried, code
        desk.forget()
        self._pause, self._heard = t.deadline(0), 0
        self._before = t.stage.received(getattr(execute, "__name__", ""))
        self.job: Job = t.start(execute, t.ctx, desk.info, code)

    def comes(self) -> Sent:
        """Its request has come, and it hears what is said from here on."""
        expected = "an execute_request on shell"
        self.desk.until(self._has_come, expected, said="no cell came to the kernel", job=self.job)
        if not self.desk.listening:
            raise _deaf(self.tried)
        to, header = self.desk.requests[0]
        if not isinstance(header["content"], dict) or header["content"].get("code") != self.code:
            raise Wrong("another cell came", tried=self.tried, seen=f"`{show(header['content'])}`")
        return to, header

    def _has_come(self) -> bool:
        """Until then others work, which it hears. Raises `Wrong` when it hears them, and does not begin."""
        if self.desk.listening and not self.desk.requests and self._pause.over:
            self._pause = self.t.deadline(PAUSE)
            for _ in range(BURST):
                self.desk.told(other())
            self._heard += self.t.stage.received(self.job.name) - self._before > HEARD
            if self._heard > SURE:
                raise Wrong(
                    "it hears what is said on iopub, and sends no cell",
                    tried=self.tried,
                    seen=f"{HEARD} messages were heard, and there was no execute_request",
                    expected="a cell as soon as anything was heard: a second listener may get no greeting of its own",
                )
        return bool(self.desk.requests)

    def still_waits(self, says: Callable[[], Any], said: str) -> None:
        """Something is said that is not the end. Raises `Wrong`, saying `said`, when the call ends with it."""
        before = self.t.stage.received()
        says()
        taken = self.t.deadline(TAKEN)
        while self.t.stage.received() <= before and not taken.over and not self.job.wait(0.01):
            continue
        end = self.t.deadline(RETURNS)
        while not end.over and not self.job.wait(0.01):
            continue
        if self.job.done:
            value = self.t.finish(self.job)
            raise Wrong(said, tried=self.tried, seen=f"it returned `{show(value)}`", expected="its own `idle`")

    def gives(self, stdout: str, result: str | None, error: str | None) -> None:
        wanted = "a value when the kernel has said that it is idle again"
        self.desk.until(lambda: self.job.done, wanted, said="`execute` does not come back")
        is_right(self.t.finish(self.job), (stdout, result, error), self.tried)


def is_right(value: Any, wanted: tuple[str, str | None, str | None], tried: str) -> None:
    """Raises `Wrong` unless the value is this."""
    expected, seen = f"`{show(wanted)}`", f"`{show(value)}`"
    if not isinstance(value, (tuple, list)) or len(value) != 3:
        raise Wrong("that is not what was printed, a value and an error", tried=tried, seen=seen, expected=expected)
    for mine, yours, said in zip(wanted, value, _SAID, strict=True):
        if mine != yours:
            if said == _SAID[0] and isinstance(yours, str):
                said = _printed(str(mine), yours)
            raise Wrong(said, tried=tried, seen=seen, expected=expected)


_SAID = (
    "what the cell printed is not right",
    "the cell's value is not right",
    "the error's name is not right",
)


def _printed(mine: str, yours: str) -> str:
    if "theirs" in yours:
        return "what somebody else's cell has printed is in it"
    if "warning" in yours:
        return "what the cell wrote to stderr is in it"
    return "a part of what the cell printed is missing" if len(yours) < len(mine) else _SAID[0]


def _deaf(tried: str) -> Wrong:
    return Wrong(
        "the cell was sent before anything that it prints could be heard",
        tried=tried,
        seen="the execute_request came, and nobody had subscribed to iopub yet",
        expected="a sign from iopub first: `connect` and `subscribe` only begin something",
    )


# --- scenes


def _plain(t: Trial, execute: Any) -> None:
    call = Call(t, execute, Desk(t), "print('hello'); 6 * 7", "a cell that prints, and has a value")
    to, mine = call.comes()
    desk = call.desk
    desk.told(mine)
    desk.says("execute_input", {"code": call.code, "execution_count": 1}, mine)
    desk.prints("hello\n", mine)
    desk.says("execute_result", {"data": {"text/plain": "42"}, "metadata": {}, "execution_count": 1}, mine)
    desk.replies("shell", to, "execute_reply", {"status": "ok"}, mine)
    desk.told(mine, "idle")
    call.gives("hello\n", "42", None)


def _deaf_at_first(t: Trial, execute: Any) -> None:
    """iopub's connection takes a while, and somebody else has subscribed before."""
    desk = Desk(t, ear=True)
    desk.line.hold()
    call = Call(t, execute, desk, "print(1)", "iopub's connection was slow, and somebody else was connected before")
    end = t.deadline(DEAF)
    while not end.over and not call.job.done:
        desk.pump()
        if desk.requests:
            raise _deaf(call.tried)
        call.job.wait(0.01)
    desk.line.mend()
    to, mine = call.comes()
    desk.told(mine)
    desk.prints("1\n", mine)
    desk.replies("shell", to, "execute_reply", {"status": "ok"}, mine)
    desk.told(mine, "idle")
    call.gives("1\n", None, None)


def _others(t: Trial, execute: Any) -> None:
    call = Call(t, execute, Desk(t), "work()", "while it waited its turn, somebody else's cell ran to its end")
    to, mine = call.comes()
    desk, theirs = call.desk, other()
    desk.told(theirs)
    desk.prints("theirs\n", theirs)
    desk.says("execute_result", {"data": {"text/plain": "'theirs'"}, "metadata": {}}, theirs)
    desk.says("error", {"ename": "TheirError", "evalue": "", "traceback": []}, theirs)
    said = "it took another's `idle` for its own"
    call.still_waits(lambda: desk.told(theirs, "idle"), said)
    desk.told(mine)
    desk.prints("mine\n", mine)
    call.tried = "somebody asked on control in the middle of the cell"
    asks = other() | {"msg_type": "kernel_info_request"}
    desk.told(asks)
    call.still_waits(lambda: desk.told(asks, "idle"), said)
    desk.prints("mine too\n", mine)
    desk.replies("shell", to, "execute_reply", {"status": "ok"}, mine)
    desk.told(mine, "idle")
    call.gives("mine\nmine too\n", None, None)


def _reply_first(t: Trial, execute: Any) -> None:
    call = Call(t, execute, Desk(t), "print('late')", "the reply on shell came before what the cell had printed")
    to, mine = call.comes()
    desk = call.desk
    desk.told(mine)
    said = "it came back with the reply, and what the cell printed was still on its way"
    call.still_waits(lambda: desk.replies("shell", to, "execute_reply", {"status": "ok"}, mine), said)
    desk.prints("late\n", mine)
    desk.told(mine, "idle")
    call.gives("late\n", None, None)


def _rich(t: Trial, execute: Any) -> None:
    call = Call(t, execute, Desk(t), "much()", "a cell that prints in pieces, warns, shows a picture, and fails")
    to, mine = call.comes()
    desk = call.desk
    long = "x" * 70_000 + "\n"
    desk.told(mine)
    for text in "a\n", "", "b…", long:
        desk.prints(text, mine)
        desk.prints("warning\n", mine, "stderr")
    desk.says("display_data", {"data": {"text/plain": "<Figure>"}, "metadata": {}}, mine)
    desk.says("error", {"ename": "ValueError", "evalue": "no", "traceback": ["…"]}, mine)
    desk.replies("shell", to, "execute_reply", {"status": "error", "ename": "ValueError"}, mine)
    desk.told(mine, "idle")
    call.gives("a\nb…" + long, None, "ValueError")


def _again(t: Trial, execute: Any) -> None:
    desk = Desk(t)
    for number in range(3):
        call = Call(t, execute, desk, f"{number}", "three cells, one after the other")
        to, mine = call.comes()
        desk.told(mine)
        desk.says("execute_result", {"data": {"text/plain": f"{number}"}, "metadata": {}}, mine)
        desk.told(mine, "idle")
        desk.replies("shell", to, "execute_reply", {"status": "ok"}, mine)
        call.gives("", f"{number}", None)


def _real(t: Trial, execute: Any, kernel: Kernel) -> None:
    for code, wanted in (
        ("for n in range(3): print(n)\n6 * 7", ("0\n1\n2\n", "42", None)),
        ("print('so far'); 1 / 0", ("so far\n", None, "ZeroDivisionError")),
        ("name = 'Ada'", ("", None, None)),
    ):
        is_right(t.run(execute, t.ctx, kernel.info, code), wanted, f"a real kernel: `{code}`")


# --- the same for longer


def soak(execute, random: randoms.Random, seconds: float) -> str:
    """Random cells on a real kernel."""
    cells = 0
    with Kernel() as kernel, trial(seconds=seconds + 60) as t:
        over = t.deadline(seconds)
        while not over.over:
            lines = [f"line {random.random()}" for _ in range(random.randrange(4))]
            fails, value = random.random() < 0.3, random.randrange(1000)
            code = "\n".join([*(f"print({line!r})" for line in lines), "1 / 0" if fails else f"{value}"])
            wanted = "".join(f"{line}\n" for line in lines)
            result = t.run(execute, t.ctx, kernel.info, code)
            is_right(result, (wanted, None if fails else f"{value}", "ZeroDivisionError" if fails else None), code)
            t.jobs.clear()
            cells += 1
    if not cells:
        raise Late("no cell came to its end")
    return f"{cells} random cells on a real kernel"
