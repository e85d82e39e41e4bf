"""23.3: a line that is slow and loses nothing: who takes slowness for loss fills it with what is on its way."""

from __future__ import annotations

import random as randoms
import time
from collections.abc import Callable
from typing import Any

from ...exercise import Late, exercise
from ...trial import Trial, trial
from .desk import PIECE, Desk, file_of
from .ex1 import MORE, newest, nothing_lost, oldest

PATIENCE = 0.3  # seconds, on a quiet machine, as given to the answer
WINDOW = 8
SLOW = 0.3  # of patience, between two answers: a window takes more than twice as long as patience
AGAIN = "a piece was asked for again while others were still coming"


@exercise(
    "23.3",
    title="Find the fault: a line that is full",
    hints=(
        "A window of eight takes eight times as long on the line as one piece. How long after its question does the "
        "last piece of a window come, and when does `impatient` ask for it again?",
        "The line is slow, and loses nothing. What tells that something is lost? Not that a piece is late; but that "
        "*nothing at all* comes any more.",
        "The clock has to start anew with each piece that comes. `poll` does that by itself, if it is given all of "
        "`patience` each time.",
    ),
)
def slowness_is_no_loss(mended) -> str:
    """`mended(ctx, endpoint, piece, window, patience, write)`: asks again when nothing more comes, not before."""
    for scene in (_slow_and_whole, _a_whole_window_lost, _lost):
        with trial(seconds=25) as t:
            scene(t, mended)
    return (
        f"a window of {WINDOW} that takes {SLOW * WINDOW:.1f} times as long as patience: each piece asked for once; "
        "single answers, the last ones and a whole window lost: asked for again when nothing came any more"
    )


def _patience(t: Trial) -> float:
    return PATIENCE * min(t.pace, 8.0)


def _slowly(desk: Desk, pieces: int, why: str) -> None:
    """Answer so many questions, the oldest first, one after each while."""
    for _ in range(pieces):
        due = time.monotonic() + SLOW * desk.patience
        desk.wait(
            lambda due=due: (desk.open and time.monotonic() > due) or desk.job.wait(0),
            seconds=4,
            expected="a question",
            said="it has stopped asking",
        )
        if desk.job.wait(0):
            return
        desk.asked_once(why, AGAIN)
        desk.answers(oldest(desk.open))


def _slow_and_whole(t: Trial, mended: Callable[..., Any]) -> None:
    data = file_of(20, 9)
    desk = Desk(t, mended, data, window=WINDOW, patience=_patience(t))
    desk.is_full("nothing has come yet", calm=False)
    why = (
        f"a window of {WINDOW}; an answer came every {desk.patience * SLOW:.2f} s, patience is {desk.patience:.2f} s"
    )
    _slowly(desk, 2 * WINDOW, why)
    desk.serves(nothing_lost, order=oldest, seconds=8)
    desk.ends(why)
    desk.asked_once(why, AGAIN)


def _lost(t: Trial, mended: Callable[..., Any]) -> None:
    """The first, some between, the last, the end; the others come in another order, so that all must be kept."""
    for pieces, lost in (21, (0, 5, 6, 20, 21)), (7, (7,)), (0, (0,)), (16, (8, 16)):
        data = file_of(pieces)
        desk = Desk(t, mended, data, window=WINDOW, patience=_patience(t))
        desk.serves(
            lambda piece, time, lost=lost: piece in lost and time == 1,
            order=newest,
            seconds=12,
            said="an answer was lost, and it waits for ever",
        )
        why = f"a file of {pieces} pieces; answers were lost: {list(lost)}"
        desk.ends(why)
        desk.asked_once(why, MORE, lost=lambda piece, lost=lost: piece in lost)
        desk.router.close(linger=0)


def _a_whole_window_lost(t: Trial, mended: Callable[..., Any]) -> None:
    """All that was under way is lost at once, as when a line breaks; it is asked for again soon after the silence."""
    data = file_of(12, 40)
    desk = Desk(t, mended, data, window=WINDOW, patience=_patience(t))
    desk.is_full("nothing has come yet", calm=False)
    _slowly(desk, 3, "three answers came, slowly")
    desk.calm(0.05)
    gone = {asked.offset for asked in desk.open}
    desk.open.clear()
    began = time.monotonic()
    desk.wait(
        lambda: {asked.offset for asked in desk.open} >= gone or desk.job.wait(0),
        seconds=PATIENCE * 4 + 2,
        expected="all that was lost, asked for again",
        said="an answer was lost, and it waits for ever",
    )
    if time.monotonic() - began > 3 * desk.patience:
        raise Late(
            "it is silent for long after all was lost",
            seen=f"{time.monotonic() - began:.1f} s",
            expected=f"patience is {desk.patience:.1f} s",
        )
    desk.serves(nothing_lost, order=oldest, seconds=8)
    desk.ends("all that was under way was lost at once")


def soak(mended: Callable[..., Any], random: randoms.Random, seconds: float) -> str:
    """Slow lines that lose nothing, and quick ones that lose, drawn at random."""
    files = pieces = lost = 0
    with trial(seconds=seconds + 90) as t:
        patience = 0.15 * min(t.pace, 8.0)  # asked for once: the clock goes on by the slowest pace that it has told
        over = t.deadline(seconds)
        while not over.over:
            data = file_of(random.randrange(40), random.randrange(PIECE))
            desk = Desk(t, mended, data, window=random.randrange(2, 16), patience=patience)
            if random.random() < 0.4:
                _slowly(desk, 15, "a slow line that loses nothing")
                chance = 0.0
            else:
                chance = random.uniform(0, 0.2)

            def is_lost(piece: int, time: int, chance: float = chance) -> bool:
                nonlocal lost
                gone = random.random() < chance
                lost += gone
                return gone

            desk.serves(is_lost, order=random.choice, seconds=60)
            desk.ends("a line drawn by lot")
            if not chance and not t.clock.busy:
                desk.asked_once("a slow line that loses nothing", AGAIN)
            desk.router.close(linger=0)
            files, pieces = files + 1, pieces + len(desk.times)
    return f"{files} files, {pieces} pieces, {lost} answers lost; all whole, and none asked for again on a slow line"
