"""22.3: find the fault: a server that began anew, or died while it was asked."""

from __future__ import annotations

import random as randoms
import time

from ...exercise import Late, Wrong, exercise
from ...trial import show, trial
from . import joining
from .joining import ROWS
from .office import MOMENT, OFTEN, Office

PATIENCE = 0.3  # seconds, on a quiet machine
OTHER = {b"train %d" % number: b"another life" for number in range(20, 60)}
IN_PEACE = (
    joining.late_ones,
    joining.a_row_goes_and_comes,
    joining.the_last_is_lost,
    joining.the_line_is_cut,
    joining.nothing_is_missing,
)


@exercise(
    "22.3",
    title="Find the fault: yesterday's trains",
    hints=(
        "Two servers may both have a change number 40, and not the same one. What in each message tells which server "
        "said it? Compare it before you compare numbers, in an update and in HUGZ.",
        "Whom does `get_snapshot` wait for? A request dies with the server that was asked, and nobody tells. `poll` "
        "with the patience, and ask again when it is over.",
        "What if the first answer was only late, or the server died in the middle of it? Then rows of two answers lie "
        "in one DEALER. A new DEALER for each request leaves them behind, and rows of an answer without its end are "
        "thrown away.",
    ),
)
def survives_the_restart(mended) -> str:
    """`mended(ctx, snapshots, updates, copy, patience)`: the same, and servers die and begin anew."""
    lives = changes = 0
    for scenes in (
        (Office.joined, *IN_PEACE),
        (Office.joined, _begins_anew, _with_the_same_number, joining.nothing_is_missing),
        (Office.joined, _answers_late, _answers_slowly),
        (_dies_at_first, _dies_while_asked, _dies_in_the_middle),
    ):
        with trial(seconds=40) as t:
            office = Office(t, mended, PATIENCE * min(t.pace, 8.0), rows=ROWS)
            for scene in (*scenes, joining.one_is_lost):
                scene(office)
            lives, changes = lives + office.lives, changes + office.changes
    return (
        f"the server began anew {lives} times: with fewer changes, more, and as many as before, while it was asked, "
        f"and in the middle of an answer; one answered late; {changes:,} changes: the copy was whole each time"
    )


def _begins_anew(office: Office) -> None:
    for rows, number in (OTHER, 3), ({}, 0), (ROWS, office.number + 1000):
        office.restarts(rows, number)
        why = f"the server began anew: {len(rows)} other rows, number {number}"
        office.whole(why, "the copy is not that of the server's new life")
        for step in range(60):
            office.set(b"train %d" % step, b"%d" % step)
        office.marked(why + "; then 60 changes came", "rows of the server's old life are left")


def _with_the_same_number(office: Office) -> None:
    """Two lives, whose numbers go on as if they were one."""
    for _ in range(2):
        rows = OTHER if office.table != OTHER else ROWS
        office.hugs = False
        office.restarts(rows, office.number)
        office.hugs = True
        why = f"the server began anew, with other rows; it had made {office.number} changes, as many as the one before"
        office.whole(why, "the copy is not that of the server's new life")
        office.hugs = False
        office.restarts(ROWS if rows is OTHER else OTHER, office.number)
        office.until(lambda: office.listening, "a subscription", said="nobody subscribes again")
        office.marked(
            f"{why}; the first that was heard of it was the next number",
            "an update of another life was taken for the next",
        )
        office.hugs = True


def _dies_at_first(office: Office) -> None:
    """The very first request is not answered."""
    office.prompt = False
    office.until(lambda: office.asks, "a request for a snapshot", said="nobody asks for a snapshot")
    office.restarts(OTHER, 12)
    office.prompt = True
    why = "the server died when it had been asked for the first time, and another one came"
    office.whole(why, "a snapshot that will never come is waited for")


def _dies_while_asked(office: Office) -> None:
    for rows, number, silent in (OTHER, 7, 0.0), (ROWS, 200, 3 * PATIENCE):
        office.opens_a_hole(18)
        office.restarts(rows, number, silent=silent)
        office.until(
            lambda: office.open,
            "a request for a snapshot, to the server that is there now",
            said="a snapshot that will never come is waited for",
        )
        office.prompt = office.hugs = True
        office.whole(
            "the server died when it had been asked for a snapshot, and another one came",
            "a snapshot that will never come is waited for",
        )


def _dies_in_the_middle(office: Office) -> None:
    """Some rows of the answer have arrived, and are not those of the next life."""
    office.restarts({b"ghost %d" % number: b"of the dead" for number in range(20)}, 20)
    office.whole("the server began anew", "the copy is not that of the server's new life")
    for number in 9, 400:
        office.opens_a_hole(18)
        before = office.snapshots.forwarded.back
        office.answer(rows=15)
        office.until(
            lambda before=before: office.snapshots.forwarded.back > before + 15 * 40,
            "half a snapshot on its way",
            said="half a snapshot did not get through",
        )
        office.passes(OFTEN)
        office.restarts(OTHER, number)
        office.prompt = office.hugs = True
        why = "the server died in the middle of a snapshot, and another one came, with other rows"
        try:
            office.whole(why, "the copy is not that of the server's new life")
        except Wrong:
            ghosts = [key for key in dict(office.copy) if key.startswith(b"ghost") and key not in office.table]
            if not ghosts:
                raise
            seen = f"`{show(ghosts[:3])}` in the copy, which only the dead one had"
            raise Wrong("rows of a dead server's half answer are in the copy", tried=why, seen=seen) from None
        office.restarts({b"ghost %d" % step: b"of the dead" for step in range(20)}, 20)
        office.whole("the server began anew", "the copy is not that of the server's new life")


def _answers_late(office: Office) -> None:
    """It is asked, does not answer in time, is asked again, and answers both."""
    (patience,) = office.more
    for _ in range(2):
        office.opens_a_hole(18)
        asked, began = office.asks, time.monotonic()
        office.until(
            lambda asked=asked: office.asks > asked,
            "another request for a snapshot when patience is over",
            said="a snapshot that does not come is not asked for again",
            seconds=8 * PATIENCE,
        )
        office.passes(2 * PATIENCE)
        waited = (time.monotonic() - began) / patience
        if office.asks - asked > 2 * waited + 2:
            seen = f"{office.asks - asked + 1} requests"
            raise Wrong(
                "it asks again before its patience is over", tried=f"no answer for {waited:.0f} × patience", seen=seen
            )
        office.answer()
        office.set(b"train 20", b"%d" % office.number)
        office.prompt = office.hugs = True
        why = "a snapshot came too late, after it had been asked for again; then both requests were answered"
        office.whole(why, "the copy is not whole after an answer that came late")
        office.passes(MOMENT)
        asked = office.asks
        office.set(b"train 21", b"lost", lost=True)
        but = "a late answer to an older question was taken for the answer to the next"
        why += "; later one update was lost"
        office.marked(why, but)
        office.asked_no_more_than(asked + 1, why, but)


def _answers_slowly(office: Office) -> None:
    """The rows of a snapshot come all the time, and take much longer than patience."""
    (patience,) = office.more
    office.opens_a_hole(18)
    began, asked = time.monotonic(), office.asks
    office.answer(pause=patience / 3)
    pauses = len(range(0, len(office.table), 5))
    lasted = (time.monotonic() - began) / patience
    office.prompt = office.hugs = True
    why = f"a snapshot came in {pauses} portions, a third of the patience between them: {lasted:.1f} × patience in all"
    office.passes(OFTEN)
    if office.asks > asked:
        raise Late("a snapshot was given up while it came", tried=why, seen=f"{office.asks - asked} more requests")
    office.whole(why, "the copy is not whole after a snapshot that came slowly")


# --- the same for longer


def soak(mended, random: randoms.Random, seconds: float) -> str:
    """Servers die at random: idle, while they are asked, in the middle of an answer; updates are lost."""
    rounds = 0
    with trial(seconds=seconds + 90) as t:
        office, over = Office(t, mended, PATIENCE * min(t.pace, 8.0), rows=ROWS), t.deadline(seconds)
        office.joined()
        while not over.over:
            rounds += 1
            office.prompt = random.random() < 0.5
            for _ in range(random.randrange(40)):
                value = b"" if random.random() < 0.2 else b"%d %d" % (office.lives, office.number)
                office.set(b"train %d" % random.randrange(60), value, lost=random.random() < 0.05)
                office.look()
            if random.random() < 0.4:
                if office.open and random.random() < 0.5:
                    office.answer(rows=random.randrange(1 + len(office.table)))
                    office.passes(random.uniform(0, OFTEN))
                keys = random.sample(range(60), random.randrange(40))
                rows = {b"train %d" % key: b"life %d" % office.lives for key in keys}
                number = random.choice((len(rows), office.number, office.number + random.randrange(1, 50)))
                office.restarts(rows, number, silent=random.choice((0.0, 0.0, 2 * PATIENCE)))
            office.prompt = True
            office.whole("servers died at random", "the copy is not whole", seconds=8.0)
    return (
        f"{office.lives} restarts, {office.changes:,} changes in {rounds} rounds, {office.asks} snapshots; "
        "the copy was whole after each"
    )
