"""22.2: a server of a table: snapshots of one moment, rows that end, numbers and an epoch."""

from __future__ import annotations

import random as randoms
import time
from itertools import pairwise

import zmq

from ...exercise import Late, Wrong, exercise
from ...trial import show, trial
from .desk import Desk
from .ends import ends_in_silence, ends_without_rest, lasts, many_end, renewed, rows_that_end
from .words import END, Said, said

BIG = 4000  # rows, of BYTES each: more than what a socket's mark and the system's buffers hold
BYTES = 8000
SELDOM = 0.6  # seconds: not even once were two HUGZ as near to each other as they should always be, 0.5
MANY = 100  # snapshots in a row, after which HUGZ is overdue


@exercise(
    "22.2",
    title="The server of the table",
    hints=(
        "One thread, one poller, one loop: a ROUTER, a PUB, a PULL. A change is the same steps whoever makes it, a "
        "client or the end of a row: next number, table, update. Make it one function.",
        "While you answer, nobody changes the table, so all that you send in one go is of one moment. What becomes of "
        "the rows when their reader is slow? (Lesson 06: a mark; and a ROUTER does not wait.)",
        "For rows that end keep key → `time.monotonic()` at which it ends; *each* change of a key forgets or renews "
        "it. How long may `poll` wait, so that neither an end nor HUGZ comes late?",
    ),
)
def snapshots_and_ends(serve) -> str:
    """`serve(ctx, snapshots, updates, collector)`: the server of a table that clients change."""
    changes = 0
    for scenes in (
        (_changes_are_told, _silence, _two_lives),
        (_deletions, _snapshots, _somebody_leaves),
        (rows_that_end, renewed, ends_in_silence, ends_without_rest, many_end),
        (_a_slow_reader,),
    ):
        with trial(seconds=30) as t:
            desk = Desk(t, serve)
            for scene in scenes:
                scene(desk)
            desk.take()
            changes += desk.number
    return (
        f"{changes:,} changes, each with the next number; snapshots between them, also of "
        f"{BIG * BYTES // 1_000_000} MB for a slow reader, each of one moment; rows ended when their time was over, "
        "and no other"
    )


# --- changes


def _changes_are_told(desk: Desk) -> None:
    every = bytes(range(256))
    desk.changed((b"train 1", b"platform 1"), (b"train 2", b"platform 2"), (b"train 1", b"platform 3"))
    desk.changed((every, every[::-1]), (b"big", b"x" * 100_000), (b"train 2", b"platform 2"))
    desk.changed((b"train 3", b"1", b"colour=red\n"), (b"train 1", b""), (b"never there", b""))
    desk.changed(*((b"train %d" % (number % 7), b"%d" % number) for number in range(200)))
    desk.snapshot("some changes were made")


def _silence(desk: Desk) -> None:
    before, expected = desk.hugs, "HUGZ at least twice a second"
    said_ = "HUGZ comes too seldom while nothing changes"
    desk.wait(lambda: desk.hugs >= before + 6, expected, said_, seconds=6.0)
    shortest = min(later - earlier for earlier, later in pairwise(desk.hugged[before:]))
    if shortest > SELDOM:
        raise Late(said_, seen=f"{shortest:.2f} s from one to the next, at least", expected=expected)
    desk.changed((b"train 1", b"after a silence"))
    _asked_all_the_time(desk)


def _asked_all_the_time(desk: Desk) -> None:
    """Nothing changes, and one snapshot after the other is asked for."""
    before, over, answers, late = desk.hugs, desk.t.deadline(2.0), 0, 0
    said_ = "HUGZ comes too seldom while snapshots are asked for"

    def hugged() -> bool:
        nonlocal answers, late
        while desk.dealer.poll(0):
            if desk.dealer.recv_multipart()[0] == END:
                answers += 1
                desk.ask(desk.dealer)
        late = late or (answers if over.over else 0)
        if late and answers > late + MANY and desk.hugs < before + 2:
            raise Wrong(said_, tried="nothing was changed", seen=f"{answers} snapshots, {desk.hugs - before} HUGZ")
        return desk.hugs >= before + 2

    desk.ask(desk.dealer)
    desk.wait(hugged, "HUGZ at least twice a second", said_, seconds=10.0)
    _number_of_end(desk)  # the last snapshot is read, too


def _two_lives(desk: Desk) -> None:
    epochs = [desk.epoch, *(Desk(desk.t, desk.serve).epoch for _ in range(3))]
    twice = [epoch for epoch in epochs if epochs.count(epoch) > 1]
    if twice:
        raise Wrong(
            "two lives of the server have the same epoch",
            tried="`serve` was started again, soon after",
            seen=f"`{show(twice[0])}` from both",
            expected="one that no other start has: `uuid4().bytes`, say",
        )


# --- snapshots


def _snapshots(desk: Desk) -> None:
    desk.snapshot("nothing was changed yet")
    for start in range(0, 2000, 400):
        desk.changed(*((b"train %d" % number, b"platform %d" % number) for number in range(start, start + 400)))
    tried = "2000 rows; changes were made while a snapshot was asked for and sent"
    for turn in range(3):
        desk.ask(desk.dealer)
        for number in range(100):
            for key in b"train %d" % (1999 - number % 50), b"train %d" % (number % 50):
                desk.change(key, b"" if number % 3 == turn else b"changed %d" % number)
        desk.read(desk.dealer, tried)
    others = [desk.t.connect(zmq.DEALER, desk.snapshots, rcvhwm=0) for _ in range(3)]
    for dealer in others:
        desk.ask(dealer)
    for dealer in others:
        desk.read(dealer, "three asked at the same time")
    _caught_up(desk)


def _caught_up(desk: Desk) -> None:
    """All changes made so far have been told."""
    desk.change(b"mark", b"%d" % time.monotonic_ns())
    desk.wait(
        lambda: desk.log and desk.log[-1].said.key == b"mark", "the update of `mark`", "a change is not told to all"
    )


def _deletions(desk: Desk) -> None:
    desk.changed((b"train 5", b"here"), (b"train 6", b"here"), (b"train 5", b""), (b"train 6", b""))
    desk.ask(desk.dealer)
    end = desk.number
    number = _number_of_end(desk)
    if number != end:
        raise Wrong(
            "KTHXBAI does not carry the number of the last change",
            tried="the last two changes were deletions",
            seen=f"{number}",
            expected=f"{end}: who takes the snapshot goes on from there",
        )
    desk.snapshot("the last two changes were deletions")


def _number_of_end(desk: Desk) -> int:
    def arrives() -> Said | None:
        while desk.dealer.poll(0):
            each = said(desk.dealer.recv_multipart())
            if each.key == END:
                return each
        return None

    return desk.wait(arrives, "KTHXBAI", "the end of a snapshot does not come").number


def _somebody_leaves(desk: Desk) -> None:
    for _ in range(5):
        leaver = desk.t.connect(zmq.DEALER, desk.snapshots)
        desk.ask(leaver)
        leaver.poll(0)
        leaver.close(linger=100)
    desk.snapshot("somebody else asked, and left without reading")
    desk.changed((b"train 7", b"after somebody left"))


def _a_slow_reader(desk: Desk) -> None:
    """Changes go on while a big table waits for somebody who does not read, and then reads."""
    for start in range(0, BIG, 400):
        desk.changed(*((b"row %d" % number, b"x" * BYTES) for number in range(start, start + 400)))
    slow = desk.t.connect(zmq.DEALER, desk.snapshots)
    desk.ask(slow)
    end = desk.t.deadline(0.5)
    desk.wait(lambda: slow.poll(0) or end.over, "the first row", "no snapshot comes", seconds=60)
    desk.changed(
        *((b"row %d" % number, b"new") for number in range(0, BIG, 100)),
        but="changes wait for somebody who asked for a snapshot and does not read",
    )
    desk.read(slow, f"{BIG} rows of {BYTES} bytes, for somebody who began to read late; meanwhile {BIG // 100} changes")


# --- the same for longer


def soak(serve, random: randoms.Random, seconds: float) -> str:
    """Changes, ends and snapshots at random: each snapshot is of one moment; a row ends when its last time is over."""
    snapshots = 0
    with trial(seconds=seconds + 90) as t:
        desk, over = Desk(t, serve), t.deadline(seconds)
        while not over.over:
            changes = []
            for _ in range(random.randrange(1, 60)):
                key = b"train %d" % random.randrange(80)
                ends = random.random() < 0.3
                value = b"" if random.random() < 0.2 else b"%d" % random.randrange(1000)
                changes.append((key, value, lasts(round(random.uniform(0.05, 0.6), 2)) if ends and value else b""))
            for each in changes:
                desk.change(*each)
            for _ in range(random.randrange(4)):
                desk.snapshot("changes and ends at random")
                snapshots += 1
        ends = t.deadline(2.0)
        desk.wait(lambda: ends.over, "the last ends", "a while did not pass", seconds=60)
        last = {told.said.key: told.said for told in desk.log}
        left = [each for each in last.values() if each.value and each.properties]
        if left:
            raise Late("a row whose time is over is not deleted for all", seen=f"`{show(left[0].key)}`")
        gone = sum(not told.said.value for told in desk.log)
    return f"{desk.number:,} changes, {gone:,} of them deletions and ends; {snapshots} snapshots, each of one moment"
