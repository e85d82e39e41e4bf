"""22.2: a server of a table: snapshots of one moment, rows that end, numbers and an epoch."""

from __future__ import annotations

import random as randoms
import time
from collections.abc import Callable
from typing import Any, NamedTuple

import zmq

from ...exercise import Late, Wrong, exercise
from ...trial import Trial, show, trial
from .words import ASK, END, HUGZ, Said, difference, said

BIG = 6000  # rows, of BYTES each: more than what a socket's mark and the system's buffers hold
BYTES = 2000
TTL = 0.5  # seconds, on a quiet machine
LONG = 4.0
EARLY = 0.95  # of its time: what goes sooner has not had it


@exercise(
    "22.2",
    title="The server of the table",
    hints=(
        "One thread, one poller, one loop: a ROUTER, a PUB, a PULL. A change is the same five steps whoever makes it, a "
        "client or the end of a row: next number, table, update. Make it one function.",
        "While you answer, nobody changes the table, so all that you send in one go is of one moment. What becomes of "
        "the rows when their reader is slow? (Lesson 06: a mark; and a ROUTER does not wait.)",
        "For rows that end keep key → `time.monotonic()` at which it ends; *each* change of a key forgets or renews it. "
        "How long may `poll` wait, so that neither an end nor HUGZ comes late?",
    ),
)
def snapshots_and_ends(serve) -> str:
    """`serve(ctx, snapshots, updates, collector)`: the server of a table that clients change."""
    changes = 0
    for scenes in (
        (_changes_are_told, _silence, _two_lives),
        (_snapshots, _deletions, _somebody_leaves),
        (_rows_that_end, _renewed, _ends_in_silence, _many_end),
        (_a_slow_reader,),
    ):
        with trial(seconds=30) as t:
            desk = Desk(t, serve)
            for scene in scenes:
                scene(desk)
            desk.take()
            changes += desk.number
    return (
        f"{changes:,} changes, each with the next number; snapshots between them, also of {BIG * BYTES // 1_000_000} MB for "
        "a slow reader, each of one moment; rows ended when their time was over, and no other"
    )


class Told(NamedTuple):
    """An update, as it came, and when: time.monotonic()."""

    at: float
    said: Said


class Desk:
    """The answer, and who listens to all that it says. `log`: the updates, the first of which has number 1."""

    def __init__(self, t: Trial, serve: Callable[..., Any]) -> None:
        self.t, self.serve = t, serve
        self.snapshots, self.updates, self.collector = (t.endpoint("tcp") for _ in range(3))
        self.log: list[Told] = []
        self.hugs = 0
        self.epoch = b""
        self.sub = t.connect(zmq.SUB, self.updates, rcvhwm=0, subscribe=b"")
        self.push = t.connect(zmq.PUSH, self.collector, sndhwm=0)
        self.dealer = t.connect(zmq.DEALER, self.snapshots, rcvhwm=0)
        t.start(serve, t.ctx, self.snapshots, self.updates, self.collector)
        self.wait(lambda: self.hugs, "HUGZ on `updates`, while nothing changes", "no HUGZ comes")

    @property
    def number(self) -> int:
        return len(self.log)

    # --- what it says

    def take(self) -> None:
        """Reads all that has come, and sees to its order."""
        while self.sub.poll(0):
            each = said(self.sub.recv_multipart())
            self._same_epoch(each)
            if each.key == HUGZ:
                self.hugs += 1
                if each.number != self.number:
                    seen, expected = f"{each.number}", f"{self.number}, the last change's"
                    raise Wrong("HUGZ does not carry the number of the last change", seen=seen, expected=expected)
                continue
            if each.number != self.number + 1:
                tried = "changes, one after the other; each takes the next number, also one that ends a row"
                seen, expected = f"{each.number} after {self.number}", f"{self.number + 1}"
                raise Wrong("the numbers of the updates do not follow each other", tried=tried, seen=seen, expected=expected)
            self.log.append(Told(time.monotonic(), each))

    def _same_epoch(self, each: Said) -> None:
        if not each.epoch:
            raise Wrong("no epoch in the third frame", seen=f"`{show(list(each))}`", expected="what tells this server's life")
        self.epoch = self.epoch or each.epoch
        if each.epoch != self.epoch:
            raise Wrong(
                "the epoch has changed although it is the same server",
                seen=f"`{show(each.epoch)}` after `{show(self.epoch)}`",
                expected="one for as long as it runs",
            )

    def wait(self, condition: Callable[[], Any], expected: str, but: str, seconds: float = LONG) -> Any:
        def holds() -> Any:
            self.take()
            return condition()

        return self.t.wait(holds, expected=expected, said=but, seconds=seconds)

    def table(self, number: int) -> dict[bytes, bytes]:
        """What the table was after so many changes."""
        table: dict[bytes, bytes] = {}
        for told in self.log[:number]:
            if told.said.value:
                table[told.said.key] = told.said.value
            else:
                table.pop(told.said.key, None)
        return table

    # --- what it is told and asked

    def change(self, key: bytes, value: bytes, properties: bytes = b"") -> None:
        self.push.send_multipart([key, b"", b"", properties, value], zmq.DONTWAIT)

    def changed(self, *changes: tuple[bytes, ...], but: str = "a change is not told to all") -> list[Said]:
        """Each (key, value) or (key, value, properties) is told, in this order, as it came."""
        self.take()
        before = self.number
        for each in changes:
            self.change(*each)
        self.wait(lambda: self.number >= before + len(changes), f"{len(changes)} updates", but)
        heard = [told.said for told in self.log[before : before + len(changes)]]
        wanted = [(key, value, *(more or (b"",))) for key, value, *more in changes]
        for one, expected in zip(heard, wanted, strict=True):
            if (one.key, one.value, one.properties) != expected:
                seen = f"`{show([one.key, one.properties, one.value])}`"
                raise Wrong("an update is not the change that was made", seen=seen, expected=f"`{show(list(expected))}`")
        return heard

    def ask(self, dealer: zmq.Socket[Any]) -> None:
        dealer.send_multipart([ASK, b""], zmq.DONTWAIT)

    def read(self, dealer: zmq.Socket[Any], tried: str, meanwhile: Callable[[], None] = lambda: None) -> dict[bytes, bytes]:
        """A snapshot, which must be that of one moment. When its end is missing, another one is asked for: what comes
        then comes behind it."""
        rows: list[Said] = []

        def arrives() -> Said | None:
            while dealer.poll(0):
                each = said(dealer.recv_multipart())
                self._same_epoch(each)
                if each.key == END:
                    return each
                rows.append(each)
            meanwhile()
            return None

        expected, but = "rows, then KTHXBAI", "no snapshot comes"
        try:
            end = self.wait(arrives, expected, but)
        except Late:
            if not rows:
                raise
            self.ask(dealer)
            end = self.wait(arrives, expected, "the end of a snapshot does not come")
        self.wait(lambda: self.number >= end.number, f"change {end.number}, which the snapshot has", "it was not told to all")
        found = {each.key: each.value for each in rows}
        wanted = self.table(end.number)
        if len(found) == len(rows) and found == wanted:
            return found
        seen, expected = difference(found, wanted)
        at = f"the snapshot of number {end.number}"
        missing = sum(key not in found for key in wanted)
        if len(found) != len(rows) or missing > len(wanted) / 10:
            lost = f"{len(rows)} rows, {missing} missing"
            raise Wrong("a snapshot is not whole", tried=tried, seen=lost, expected=f"{len(wanted)} rows, each once")
        raise Wrong("a snapshot is not of one moment", tried=tried, seen=f"{at} has {seen}", expected=expected)

    def snapshot(self, tried: str) -> dict[bytes, bytes]:
        self.ask(self.dealer)
        return self.read(self.dealer, tried)


# --- changes


def _changes_are_told(desk: Desk) -> None:
    every = bytes(range(256))
    desk.changed((b"train 1", b"platform 1"), (b"train 2", b"platform 2"), (b"train 1", b"platform 3"))
    desk.changed((every, every[::-1]), (b"big", b"x" * 100_000), (b"train 2", b"platform 2"))
    desk.changed((b"train 3", b"1", b"colour=red\n"), (b"train 1", b""))
    desk.changed(*((b"train %d" % (number % 7), b"%d" % number) for number in range(200)))
    desk.snapshot("some changes were made")


def _silence(desk: Desk) -> None:
    before = desk.hugs
    desk.wait(lambda: desk.hugs >= before + 3, "HUGZ at least twice a second", "no HUGZ comes while nothing changes")
    desk.changed((b"train 1", b"after a silence"))


def _two_lives(desk: Desk) -> None:
    other = Desk(desk.t, desk.serve)
    if other.epoch == desk.epoch:
        raise Wrong(
            "two lives of the server have the same epoch",
            tried="`serve` was started twice",
            seen=f"`{show(desk.epoch)}` from both",
            expected="one that no other start has: `uuid4().bytes`, say",
        )


# --- snapshots


def _snapshots(desk: Desk) -> None:
    desk.snapshot("nothing was changed yet")
    for start in range(0, 2000, 400):
        desk.changed(*((b"train %d" % number, b"platform %d" % number) for number in range(start, start + 400)))
    tried = "2000 rows; changes were made while a snapshot was asked for and sent"
    for _ in range(3):
        step = iter(range(100_000))

        def changes(step=step) -> None:
            number = next(step)
            for key in b"train %d" % (1999 - number % 50), b"train %d" % (number % 50):
                desk.change(key, b"" if number % 3 == 0 else b"changed %d" % number)

        desk.ask(desk.dealer)
        desk.read(desk.dealer, tried, changes)
    others = [desk.t.connect(zmq.DEALER, desk.snapshots, rcvhwm=0) for _ in range(3)]
    for dealer in others:
        desk.ask(dealer)
    for dealer in others:
        desk.read(dealer, "three asked at the same time")
    _caught_up(desk)


def _caught_up(desk: Desk) -> None:
    """All changes made so far have been told."""
    desk.change(b"mark", b"%d" % time.monotonic_ns())
    desk.wait(lambda: desk.log and desk.log[-1].said.key == b"mark", "the update of `mark`", "a change is not told to all")


def _deletions(desk: Desk) -> None:
    desk.changed((b"train 5", b"here"), (b"train 6", b"here"), (b"train 5", b""), (b"train 6", b""))
    rows = desk.snapshot("the last two changes were deletions")
    if b"train 5" in rows:
        raise Wrong("a row that was deleted is in the snapshot", seen=f"`{show(rows[b'train 5'])}`")
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
    for start in range(0, BIG, 500):
        desk.changed(*((b"row %d" % number, b"x" * BYTES) for number in range(start, start + 500)))
    slow = desk.t.connect(zmq.DEALER, desk.snapshots)
    desk.ask(slow)
    end = desk.t.deadline(0.5)
    desk.wait(lambda: slow.poll(0) or end.over, "the first row", "no snapshot comes", seconds=60)
    desk.changed(
        *((b"row %d" % number, b"new") for number in range(0, BIG, 100)),
        but="changes wait for somebody who asked for a snapshot and does not read",
    )
    desk.read(slow, f"{BIG} rows of {BYTES} bytes, for somebody who began to read late; meanwhile {BIG // 100} changes")


# --- rows that end


def _ttl(desk: Desk, factor: float = 1.0) -> float:
    return round(TTL * factor * min(desk.t.pace, 6.0), 2)


def _property(seconds: float) -> bytes:
    return b"ttl=%s\n" % str(seconds).encode()


def _ended(desk: Desk, key: bytes, since: int = 0) -> list[Told]:
    """The deletions of this key after the first so many updates."""
    return [told for told in desk.log[since:] if told.said.key == key and not told.said.value]


def _rows_that_end(desk: Desk) -> None:
    for properties in b"", b"colour=red\n":
        ttl = _ttl(desk)
        key, before, began = b"delayed", desk.number, time.monotonic()
        desk.changed((key, b"10 minutes", properties + _property(ttl)))
        tried = f"a row with `{show(properties + _property(ttl))}`, and nothing else"
        desk.snapshot(tried)
        _has_ended(desk, key, before, tried)
        lasted = _ended(desk, key, before)[0].at - began
        if lasted < EARLY * ttl:
            raise Wrong("a row ended before its time", tried=tried, seen=f"after {lasted:.2f} s", expected=f"{ttl:g} s")
        if key in desk.snapshot(tried):
            raise Wrong("a row whose time is over is in the snapshot", tried=tried)


def _has_ended(desk: Desk, key: bytes, before: int, tried: str) -> None:
    """Its end is told. When it is not, one more change is made: what only waits for that is told apart."""
    said_ = "a row whose time is over is not deleted for all"
    expected = "an update with an empty value, when its time is over"
    try:
        desk.wait(lambda: _ended(desk, key, before), expected, said_, seconds=6 * TTL + 1)
    except Late as late:
        desk.change(b"wakes", b"it up")
        try:
            desk.wait(lambda: _ended(desk, key, before), expected, said_, seconds=1.0)
        except Late:
            late.details.update(tried=tried)
            raise late from None
        raise Wrong("a row ends only when something else comes", tried=tried, expected=expected) from None


def _renewed(desk: Desk) -> None:
    """What was changed before its time was over has a new time, or none; a row with a longer time tells when to look."""
    short, long_, longest = _ttl(desk), _ttl(desk, 2), _ttl(desk, 4)
    before = desk.number
    desk.changed(
        (b"for good", b"1", _property(short)),
        (b"longer", b"1", _property(short)),
        (b"gone", b"1", _property(short)),
        (b"for good", b"2"),
        (b"longer", b"2", _property(longest)),
        (b"gone", b""),
        (b"tells", b"1", _property(long_)),
    )
    tried = f"rows with {short:g} s were set again before that, without an end or with {longest:g} s; one was deleted"
    _has_ended(desk, b"tells", before, f"a row with {long_:g} s")
    ends = {key: len(_ended(desk, key, before)) for key in (b"for good", b"longer", b"gone")}
    if ends[b"for good"] or ends[b"longer"]:
        key = "for good" if ends[b"for good"] else "longer"
        raise Wrong("a row ended that had been set again", tried=tried, seen=f"`{key}` is gone", expected="its last setting counts")
    if ends[b"gone"] != 1:
        raise Wrong("a row that had been deleted was deleted once more", tried=tried, seen=f"{ends[b'gone']} deletions", expected="1")
    _has_ended(desk, b"longer", before, tried)
    if b"for good" not in desk.snapshot(tried):
        raise Wrong("a row ended that had been set again", tried=tried, seen="`for good` is gone")


def _ends_in_silence(desk: Desk) -> None:
    """What has ended is told once, and no number is used up after it."""
    desk.changed((b"once", b"1", _property(_ttl(desk, 0.5))))
    before = desk.number
    _has_ended(desk, b"once", before, "a row with an end")
    hugs = desk.hugs
    desk.wait(lambda: desk.hugs >= hugs + 4, "HUGZ", "no HUGZ comes while nothing changes")
    if len(_ended(desk, b"once", before)) > 1:
        raise Wrong("a row that has ended is deleted again and again", seen=f"{len(_ended(desk, b'once', before))} deletions")


def _many_end(desk: Desk) -> None:
    before = desk.number
    ttl = _property(_ttl(desk))
    desk.changed(*((b"many %d" % number, b"1", ttl) for number in range(200)))
    for number in range(200):
        _has_ended(desk, b"many %d" % number, before, "200 rows with the same time")
    desk.snapshot("200 rows ended at the same time")


# --- the same for longer


def soak(serve, random: randoms.Random, seconds: float) -> str:
    """Changes, ends and snapshots at random: each snapshot is of one moment; each row ends when its last time is over."""
    snapshots = 0
    with trial(seconds=seconds + 90) as t:
        desk, over = Desk(t, serve), t.deadline(seconds)
        while not over.over:
            changes = []
            for _ in range(random.randrange(1, 60)):
                key = b"train %d" % random.randrange(80)
                ends = random.random() < 0.3
                value = b"" if random.random() < 0.2 else b"%d" % random.randrange(1000)
                changes.append((key, value, _property(round(random.uniform(0.05, 0.6), 2)) if ends and value else b""))
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
