"""Rows that end: each when its time is over, once, told to all; and no row that was set again."""

from __future__ import annotations

import time

from ...exercise import Late, Wrong
from ...trial import show
from .desk import Desk, Told

TTL = 0.5  # seconds, on a quiet machine
EARLY = 0.95  # of its time: what goes sooner has not had it
AHEAD = 300  # changes that wait for the answer while it has no rest: fewer than the default mark of its PUB
FEW = AHEAD // 10  # of them left, some of which may be under way: perhaps it had a rest
TRIES = 4
BUSY = 500  # so many are told after the time of a row is over, and it is still there: that is too late


def _ttl(desk: Desk, factor: float = 1.0) -> float:
    return round(TTL * factor * min(desk.t.pace, 6.0), 2)


def lasts(seconds: float) -> bytes:
    """The property of a row that ends after so long."""
    return b"ttl=%s\n" % str(seconds).encode()


def _ended(desk: Desk, key: bytes, since: int = 0) -> list[Told]:
    """The deletions of this key after the first so many updates."""
    return [told for told in desk.log[since:] if told.said.key == key and not told.said.value]


def rows_that_end(desk: Desk) -> None:
    for properties in b"", b"colour=red\nfirst.ttl=0.05\n":
        ttl = _ttl(desk)
        key, before, began = b"delayed", desk.number, time.monotonic()
        desk.changed((key, b"10 minutes", properties + lasts(ttl)))
        tried = f"a row with `{show(properties + lasts(ttl))}`, and nothing else"
        desk.snapshot(tried)
        _has_ended(desk, key, before, tried)
        lasted = _ended(desk, key, before)[0].at - began
        if lasted < EARLY * ttl:
            seen, expected = f"after {lasted:.2f} s", f"{ttl:g} s"
            raise Wrong("a row ended before its time", tried=tried, seen=seen, expected=expected)
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


def renewed(desk: Desk) -> None:
    """What was changed before its time was over has a new time, or none; a longer row tells when to look."""
    short, long_, longest = _ttl(desk), _ttl(desk, 2), _ttl(desk, 4)
    before, began = desk.number, time.monotonic()
    desk.changed(
        (b"for good", b"1", lasts(short)),
        (b"longer", b"1", lasts(short)),
        (b"gone", b"1", lasts(short)),
        (b"left", b"1"),
        (b"for good", b"2"),
        (b"longer", b"2", lasts(longest)),
        (b"gone", b""),
        (b"left", b"", lasts(short)),
        (b"tells", b"1", lasts(long_)),
    )
    tried = f"rows with {short:g} s were set again before that, without an end or with {longest:g} s; two were deleted"
    if time.monotonic() - began > EARLY * short:
        raise Late("nine changes took too long to be told", tried=tried)
    _has_ended(desk, b"tells", before, f"a row with {long_:g} s")
    ends = {key: len(_ended(desk, key, before)) for key in (b"for good", b"longer", b"gone", b"left")}
    if ends[b"for good"] or ends[b"longer"]:
        key = "for good" if ends[b"for good"] else "longer"
        raise Wrong(
            "a row ended that had been set again",
            tried=tried,
            seen=f"`{key}` is gone",
            expected="its last setting counts",
        )
    for key, how in (b"gone", ""), (b"left", f", the deletion itself with {short:g} s"):
        if ends[key] != 1:
            raise Wrong(
                "a row that had been deleted was deleted once more",
                tried=tried + how,
                seen=f"{ends[key]} deletions",
                expected="1",
            )
    _has_ended(desk, b"longer", before, tried)
    if b"for good" not in desk.snapshot(tried):
        raise Wrong("a row ended that had been set again", tried=tried, seen="`for good` is gone")


def ends_in_silence(desk: Desk) -> None:
    """What has ended is told once, and no number is used up after it."""
    desk.changed((b"once", b"1", lasts(_ttl(desk, 0.5))))
    before = desk.number
    _has_ended(desk, b"once", before, "a row with an end")
    hugs = desk.hugs
    desk.wait(lambda: desk.hugs >= hugs + 4, "HUGZ", "no HUGZ comes while nothing changes")
    if len(_ended(desk, b"once", before)) > 1:
        raise Wrong(
            "a row that has ended is deleted again and again", seen=f"{len(_ended(desk, b'once', before))} deletions"
        )


def many_end(desk: Desk) -> None:
    before = desk.number
    ttl = lasts(_ttl(desk))
    desk.changed(*((b"many %d" % number, b"1", ttl) for number in range(200)))
    for number in range(200):
        _has_ended(desk, b"many %d" % number, before, "200 rows with the same time")
    desk.snapshot("200 rows ended at the same time")


def ends_without_rest(desk: Desk) -> None:
    """Changes come all the time, so that there is always something to read. Where the check was perhaps too slow for
    that, the row's end says little, and another one is tried."""
    for _ in range(TRIES):
        if _ended_without_rest(desk):
            return


def _ended_without_rest(desk: Desk) -> bool:
    """Whether the row ended among changes; False when all of them may have been told before."""
    ttl = _ttl(desk)
    first, began = desk.number, time.monotonic()
    desk.changed((b"delayed", b"1", lasts(ttl)))
    made, late, rested = desk.number, 0, False
    told = f"a row with {ttl:g} s, and one change after the other"
    said_ = "a row whose time is over is not deleted while changes come"

    def ended() -> bool:
        nonlocal made, late, rested
        desk.sub.poll(5)  # what it says is answered at once, or it would have a rest
        desk.take()
        if time.monotonic() > began + ttl and made - desk.number < FEW:
            rested = True
        while made - desk.number < AHEAD:
            made += 1
            desk.change(b"train %d" % (made % 9), b"%d" % made)
        late = late or (desk.number if time.monotonic() > began + 3 * ttl else 0)
        if late and desk.number > late + BUSY and not _ended(desk, b"delayed", first):
            seen = f"more than {BUSY} changes after that, and the row is still there"
            raise Wrong(said_, tried=told, seen=seen, expected="its end among them")
        return bool(_ended(desk, b"delayed", first))

    desk.wait(ended, "an update with an empty value", said_, seconds=20 * TTL)
    desk.wait(lambda: desk.number > made, "all these changes", "a change is not told to all")
    return not rested
