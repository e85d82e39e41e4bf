"""What a copy must survive whoever the server is: late subscriptions, losses, late updates, a line that is cut."""

from __future__ import annotations

from .office import MOMENT, OFTEN, Office

MORE = "more than one snapshot was asked for because of one hole"
ROWS = {b"train %d" % number: b"platform %d" % (number % 9) for number in range(40)}


def subscription_is_late(office: Office) -> None:
    """The office is `held`: what asks at once has its snapshot long before its subscription is there."""
    end = office.t.deadline(MOMENT)
    office.until(lambda: office.asks or end.over, "a while to pass", said="a while did not pass", seconds=60)
    office.passes(OFTEN)
    office.set(b"train 1", b"moved")
    office.set(b"train 2", b"moved as well")
    office.updates.mend()
    office.until(lambda: office.subscribed, "a SUB that subscribes to all, at `updates`", said="nobody has subscribed")
    office.marked(
        "the subscription was on its way for a while; meanwhile two changes were made; then one more came",
        "a change that was made before your subscription arrived is missing",
    )


def late_ones(office: Office) -> None:
    """A hole; what came after it, HUGZ too, lies unread while a newer snapshot is on its way. The last was lost."""
    asked = office.opens_a_hole(3, b"1")
    office.set(b"train 5", b"1")
    office.set(b"train 5", b"2")
    office.hugz()
    office.set(b"train 6", b"")
    office.set(b"train 5", b"3", lost=True)
    office.set(b"train 6", b"back again", lost=True)
    office.prompt = True
    office.until(lambda: not office.open, "the answer", said="it was not answered")
    office.hugs = True
    why = "a snapshot was asked for and was newer than three updates that were on their way, and were read after it"
    office.marked(why, "an update that is older than the snapshot was taken in")
    office.asked_no_more_than(asked + 1, why, MORE)


def made_meanwhile(office: Office) -> None:
    """Changes that come after the snapshot was made, and before it arrives."""
    asked = office.opens_a_hole(3, b"2")
    office.snapshots.hold("back")
    office.prompt = True
    office.look()
    office.set(b"train 7", b"while it was on its way")
    office.set(b"train 8", b"as well")
    office.passes(2 * OFTEN)
    office.snapshots.mend()
    office.hugs = True
    why = "two changes were made while a snapshot was on its way; their updates came before it"
    office.marked(why, "a change that was made while the snapshot was on its way is missing")
    office.asked_no_more_than(asked + 1, why, MORE)


def one_is_lost(office: Office) -> None:
    office.quiet()
    office.prompt = True
    office.set(b"train 9", b"lost", lost=True)
    office.marked(
        "one update was lost; the next one came",
        "what was lost is still missing, although the next update has shown it",
    )
    office.set(b"train 9", b"", lost=True)
    office.marked(
        "the update that deletes `train 9` was lost; the next one came, and a snapshot was asked for",
        "a row that is not in the snapshot is still in the copy",
    )
    office.hugs = True


def the_last_is_lost(office: Office) -> None:
    for keys in (b"train 11",), (b"train 11", b"train 12"):
        for key in keys:
            office.set(key, b"lost %d" % office.number, lost=True)
        office.whole(
            f"{len(keys)} updates were lost; nothing came after but HUGZ",
            "what was lost is still missing, although HUGZ has told the number",
        )


def a_row_goes_and_comes(office: Office) -> None:
    for value in b"", b"back", b"back":
        office.set(b"train 13", value)
    office.set(b"never there", b"")
    office.set(b"train 14", b"")
    why = "a row was deleted (an empty value) and set again; one was deleted, and one that had never been there"
    office.marked(why, "the copy is not the same after a deletion")


def any_bytes(office: Office) -> None:
    every, asked = bytes(range(256)), office.asks
    office.set(every, every[::-1])
    office.set(b"", b"no key")
    office.set(b"big", b"x" * 300_000)
    office.set(b"\xff\x00", b"\x00")
    for key in b"HUGZ ", b"KTHXBAI\n", b" ", b"ICANHAZ?":
        office.set(key, b" \n")
    why = "keys and values of any bytes, one of 300 kB"
    office.marked(why, "the copy is not the same when the bytes are unusual")
    office.asked_no_more_than(asked, why, "a snapshot was asked for although no number was missing")


def nothing_is_missing(office: Office) -> None:
    office.marked("nothing was lost", "the copy is not the same")
    office.passes(2 * OFTEN)
    asked = office.asks
    for number in range(300):
        office.set(b"train %d" % (number % 50), b"%d" % number)
        if number % 30 == 0:
            office.hugz()
    why = "300 changes, and HUGZ in between; nothing was lost"
    office.marked(why, "the copy is not the same")
    office.asked_no_more_than(asked, why, "a snapshot was asked for although no number was missing")


def one_snapshot_a_hole(office: Office) -> None:
    """While the answer is on its way, more updates come."""
    asked = office.opens_a_hole(15)
    for number in range(20):
        office.set(b"train 17", b"%d" % number)
    office.passes(2 * OFTEN)
    office.prompt = office.hugs = True
    why = "one update was lost; while the snapshot was on its way, 20 more came"
    office.marked(why, "the copy is not the same")
    office.asked_no_more_than(asked + 1, why, MORE)


def the_line_is_cut(office: Office) -> None:
    for seconds in OFTEN, 4 * OFTEN:
        office.updates.cut()
        for number in range(30):
            office.set(b"train %d" % number, b"while it was cut")
        office.passes(seconds)
        office.look()
        before = office.subscribed
        office.updates.mend()
        office.until(lambda before=before: office.subscribed > before, "a subscription", said="nobody subscribes again")
        office.whole(
            "the updates' line was cut, and mended; HUGZ came", "what was made while the line was cut is missing"
        )
