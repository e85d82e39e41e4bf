"""30.3: find the fault: a kernel that is dead, and one that is only busy."""

from __future__ import annotations

import random as randoms
from typing import Any

from ...exercise import Clock, Deadline, Late, Wrong, exercise
from ...kernels import CHANNELS, HOLDS, SLEEPS, Info, Kernel, answers, running
from ...trial import Trial, show, trial
from .desk import Desk

PATIENCE = 0.3  # seconds, of a quiet machine
LONGER = 0.8  # the same with a real kernel
TIMES = 5  # the check's own question, asked so many times over, is done later than anybody who comes back
STATES = ("idle", "busy", "stuck", "gone")
ANSWER = {"idle": CHANNELS, "busy": ("hb", "control"), "stuck": ("hb",), "gone": ()}
DOES = {
    "idle": "everything answers",
    "busy": "heartbeat and control answer, shell does not",
    "stuck": "only the heartbeat answers",
    "gone": "nothing answers",
}


@exercise(
    "30.3",
    title="Find the fault: killed at work",
    hints=(
        "Which of the kernel's sockets is served by the thread that runs cells, and which are not? The lesson's table "
        "says who answers when.",
        "Three sockets: a REQ to hb (any bytes), a DEALER to control and one to shell (`kernel_info_request`). Ask all "
        "three at once, and see for `patience` seconds who answers.",
        "shell: idle. Else control: busy. Else hb: stuck. Else gone. Set `linger` to 0 on all of them: what was asked "
        "of who is gone would keep the context from its end.",
    ),
)
def dead_or_busy(state) -> str:
    """`state(ctx, info, patience)`: idle, busy, stuck or gone."""
    for wanted in STATES:
        with trial(seconds=12) as t:
            desk = Desk(t, answers=ANSWER[wanted])
            _is(t, state, desk, desk.info, wanted, DOES[wanted])
    with trial(seconds=12) as t:
        info = Desk(t).info | {f"{name}_port": _port(t.endpoint(name=name)) for name in CHANNELS}
        _is(t, state, None, info, "gone", "nobody is bound to its ports any more")
    with Kernel() as kernel:
        _real(state, kernel)
    return "a kernel of the check's own in four states; a real one that did nothing, ran a cell, was frozen, and held C"


def _is(t: Trial, state: Any, desk: Desk | None, info: Info, wanted: str, tried: str) -> None:
    patience = round(PATIENCE * t.pace, 2)
    job = t.start(state, t.ctx, info, patience)
    rounds: list[Any] = []

    def reference(_: Any) -> None:
        while not job.done and len(rounds) < TIMES:
            answers(info, patience)
            rounds.append(None)

    t.peer(reference)
    expected = f"`{wanted}` within three times `patience`, which was {patience:g} s"

    def turn() -> bool:
        if desk is not None:
            desk.pump()
        if len(rounds) == TIMES and wanted == "gone" and not job.done:
            seen = f"it is at {job.where()}, and who began then and asked {TIMES} times has been told each time"
            raise Wrong("it waits for an answer that never comes", tried=tried, seen=seen, expected=expected)
        return job.done

    t.wait(turn, expected=expected, said="`state` does not come back", seconds=8.0)
    _same(t.finish(job), wanted, tried, Wrong)
    if desk is not None and wanted == "gone":
        _lets_go(t)


def _same(value: Any, wanted: str, tried: str, kind: type[Wrong]) -> None:
    if value == wanted:
        return
    seen, expected = f"`{show(value)}`", f"`{wanted}`"
    if value not in STATES:
        raise Wrong("that is none of the four states", tried=tried, seen=seen, expected=f"one of `{STATES}`")
    raise kind(_SAID.get((wanted, value), f"a kernel that is {wanted} is called {value}"), tried=tried, seen=seen,
               expected=expected)  # fmt: skip


_SAID = {
    ("busy", "gone"): "a kernel at work is called gone, and would be killed",
    ("stuck", "gone"): "a kernel in one long call is called gone, and would be killed",
    ("gone", "busy"): "a kernel that answers nothing is called busy, and would be waited for for ever",
}


def _lets_go(t: Trial) -> None:
    """No socket of the answer's holds on to what it has asked."""
    for socket in t.trace.sockets:
        for _, what, how in socket.facts:
            if what == "close" and socket.role not in ("check",) and socket.type in ("REQ", "DEALER"):
                linger = int(how.split()[-1])
                if not 0 <= linger <= 1000:
                    raise Wrong(
                        "a question to who is gone was kept, and its context will never end",
                        tried="nothing answers; then the context is to end",
                        seen=f"a {socket.type} was closed with LINGER {linger}",
                        expected="`linger = 0`: what nobody has taken by then is of no use",
                    )


def _port(endpoint: str) -> int:
    return int(endpoint.rpartition(":")[2])


def _real(state: Any, kernel: Kernel) -> None:
    """Each is `Late`: how soon a real kernel answers is the machine's affair."""

    def says(wanted: str, tried: str) -> None:
        with trial(seconds=12) as t:
            value = t.run(state, t.ctx, kernel.info, round(LONGER * t.pace, 2))
            _same(value, wanted, f"a real kernel: {tried}", Late)

    says("idle", "it does nothing")
    with running(kernel, SLEEPS):
        says("busy", "a cell sleeps")
    kernel.freeze()
    says("gone", "it is frozen")
    kernel.thaw()
    with running(kernel, HOLDS):
        says("stuck", "one call of C does not give Python's lock away")


# --- the same for longer


def soak(state, random: randoms.Random, seconds: float) -> str:
    """A kernel of the check's own in random states."""
    asked, over = 0, Deadline(Clock(), seconds)
    while not over.over:
        wanted = random.choice(STATES)
        with trial(seconds=12) as t:
            desk = Desk(t, answers=ANSWER[wanted])
            _is(t, state, desk, desk.info, wanted, DOES[wanted])
        asked += 1
    return f"{asked} times a kernel of the check's own, in random states"
