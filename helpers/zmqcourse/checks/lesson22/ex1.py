"""22.1: follow a table without a gap, whatever is lost on the way."""

from __future__ import annotations

import random as randoms

from ...exercise import exercise
from ...trial import trial
from . import joining
from .joining import ROWS
from .office import OFTEN, Office

IN_TURN = (
    joining.nothing_is_missing,
    joining.one_is_lost,
    joining.late_ones,
    joining.made_meanwhile,
    joining.a_row_goes_and_comes,
    joining.the_last_is_lost,
    joining.one_snapshot_a_hole,
    joining.any_bytes,
    joining.the_line_is_cut,
    joining.nothing_is_missing,
)
BIG = 3000  # rows


@exercise(
    "22.1",
    title="A copy without a gap",
    hints=(
        "Keep one number: that of the last change which is in your copy. A snapshot sets it, and so does each update "
        "that you take in. Which numbers may come next, and what does each of the others mean?",
        "Three cases: not above the last: it is in your copy. The last + 1: take it in. Above that: something is "
        "missing, so ask for a snapshot, which may be newer than the update that has shown it. And HUGZ carries the "
        "number of the last change: when is that a hole?",
        "Read the SUB one message at a time; while you wait for a snapshot, leave what comes in its queue. A snapshot "
        "is the whole table: `copy.clear()`, then `copy.update(rows)`. What you find in the queue afterwards is judged "
        "by its number like all else.",
    ),
)
def nothing_is_missing(follow) -> str:
    """`follow(ctx, snapshots, updates, copy)`: keeps `copy` the same as the server's table."""
    with trial(seconds=12) as t:
        joining.subscription_is_late(Office(t, follow, rows=ROWS, held=True))
    changes = asks = 0
    for rows in ROWS, {}:
        with trial(seconds=40) as t:
            office = Office(t, follow, rows=rows)
            office.joined()
            for scene in IN_TURN:
                scene(office)
            changes, asks = changes + office.changes, asks + office.asks
    with trial(seconds=12) as t:
        office = Office(t, follow, rows={b"%d" % number: b"row" for number in range(BIG)})
        office.joined()
        joining.nothing_is_missing(office)
        joining.one_is_lost(office)
    return (
        f"{changes:,} changes, some lost, some late, a line that was cut, a table of {BIG:,} rows: the copy was whole "
        f"each time, with {asks} snapshots"
    )


# --- the same for longer


def soak(follow, random: randoms.Random, seconds: float) -> str:
    """Updates are lost at random, one, several, and the last; rows go and come; lines are cut; snapshots are slow."""
    rounds = 0
    with trial(seconds=seconds + 60) as t:
        office, over = Office(t, follow, rows=ROWS), t.deadline(seconds)
        office.joined()
        while not over.over:
            rounds += 1
            if random.random() < 0.1:
                office.updates.cut()
                office.passes(random.uniform(0, 4 * OFTEN))
            office.prompt = random.random() < 0.5
            for _ in range(random.randrange(40)):
                value = b"" if random.random() < 0.2 else b"%d" % office.number
                office.set(b"train %d" % random.randrange(60), value, lost=random.random() < 0.05)
                office.look()
            if office.updates.state == "cut":
                office.updates.mend()
            office.passes(random.uniform(0, 2 * OFTEN))
            office.prompt = True
            office.whole("updates were lost, a line was cut, snapshots were slow", "the copy is not whole")
    return f"{office.changes:,} changes in {rounds} rounds, {office.asks} snapshots; the copy was whole after each"
