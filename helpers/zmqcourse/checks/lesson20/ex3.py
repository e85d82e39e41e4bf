"""20.3: find the fault: what was under way when somebody died is never done."""

from __future__ import annotations

import random as randoms
import time
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

from ...exercise import Wrong, exercise
from ...trial import show, trial
from ..lesson07.servers import back, gone
from .hall import NEVER, UNWRITTEN, WINDOW, Hall
from .store import until_read

LONG, SHORT = 60.0, 0.25  # seconds of a quiet machine after which a request is asked again
OTHERS = 30  # answered while one is not
WAITING = "those that are never answered keep others waiting"


@exercise(
    "20.3",
    title="Find the fault: never done, and never missed",
    hints=(
        "In what the run left: which rows have no answer, and what do they have in common? Who knew, when the "
        "dispatcher was killed, that these had not been done?",
        "`taken` is true for as long as the process that took it lives, and a service that took it. So it belongs into "
        "that process's memory, with the time: `asked = {}`, id → when. What must outlive the process is the answer, "
        "and that is in the file.",
        "In each turn: the rows without an answer, those that were asked the longest ago first (`asked.get(id, 0)`). "
        "Whoever was asked less than `patience` ago is under way; as long as fewer than eight are, ask the next. An "
        "answer is written down by the id that it carries.",
    ),
)
def nothing_stays_behind(mended) -> str:
    """`mended(ctx, path, endpoint, patience)`: the lesson's `dispatch_many`, which loses nothing with anybody."""
    told: Counter[str] = Counter()
    for patience, scenes in ((LONG, CALM), (SHORT, IMPATIENT)):
        with TemporaryDirectory(ignore_cleanup_errors=True) as folder, trial(seconds=15) as t:
            hall = Hall(t, mended, Path(folder), patience)
            for scene in scenes:
                scene(hall)
            told.update(requests=len(hall.bodies), asked=hall.times.total(), kills=hall.kills)
    return (
        f"{told['requests']} requests, asked {told['asked']} times, {WINDOW} under way and no more; the dispatcher was "
        f"killed {told['kills']} times, once between an answer and its commit, the service once; answers in any order, "
        "late, double and empty, and some that never came: each in its own row"
    )


def _ids(name: bytes, count: int) -> list[bytes]:
    return [b"%s %d" % (name, number) for number in range(count)]


def _eight_under_way(hall: Hall) -> None:
    """The service holds what comes: eight, and no ninth before one is answered; then it answers the last one first."""
    ids = _ids(b"first", 20)
    hall.hands_in(*ids)
    why = f"{len(ids)} requests in the file, while the service answers none"

    def eight() -> None:
        hall.full(why)
        if hall.router.poll(100 * hall.t.pace):
            hall.reads()
        _each_once(hall, ids, why)
        if len(hall.under_way) > WINDOW:
            raise Wrong("too many are under way", tried=why, seen=f"{len(hall.under_way)}", expected=f"{WINDOW}")

    eight()
    for _ in range(3):
        last = list(hall.under_way)[-1]
        hall.answers(last, body=b"for " + last)
        eight()
        hall.goes_to(last, b"for " + last, "the one that was asked last was answered first")
    hall.runs_dry(why)
    _each_once(hall, ids, why)


def _each_once(hall: Hall, ids: list[bytes], why: str) -> None:
    often = [id for id in ids if hall.times[id] > 1]
    if often:
        raise Wrong(
            "a request was asked again before its patience was over",
            tried=f"{why}; patience {hall.patience:.0f} s",
            seen=f"`{show(often[0])}`, {hall.times[often[0]]} times",
            expected="once: whoever was asked is under way, and not forgotten while this process lives",
        )


def _killed_with_an_answer(hall: Hall) -> None:
    """It has read the answer, and cannot write it: killed between the two, it knows nothing of it."""
    why = "the dispatcher was killed when it had read an answer, before it could be written down"
    hall.hands_in(b"between")
    hall.comes({b"between"}, "a new request", "a new request is not asked")
    with hall.store.locked():
        until_read(hall.t, lambda: hall.answers(b"between"))
        hall.killed()
    hall.starts_again()
    for later in b"later", b"later still":  # there is room for both: who asks these has passed over the other one
        hall.hands_in(later)
        hall.comes({later}, "a new request", "a new request is not asked")
        hall.answers(later)
        hall.is_written(later, why="a new request was asked and answered")
    if b"between" not in hall.under_way:
        raise Wrong(NEVER, tried=why, seen="after its restart it asked two others, which had come later",
                    expected="`between`, asked again: its answer is not in the file")
    hall.runs_dry(why)
    hall.is_written(b"between", why=why)


def _killed_while_they_work(hall: Hall) -> None:
    ids, why = _ids(b"work", WINDOW + 2), "the dispatcher was killed while requests were under way"
    hall.hands_in(*ids)
    hall.comes(set(ids[:1]), "new requests", "a new request is not asked")
    hall.killed()
    hall.starts_again()
    hall.runs_dry(why)
    hall.is_written(*ids, why=why)


def _in_the_meantime(hall: Hall) -> None:
    """Others hand in and close while the service works; answers come twice, or are empty, or to nobody."""
    hall.hands_in(b"held")
    hall.comes({b"held"}, "a new request", "a new request is not asked")
    hall.hands_in(b"closed", b"\x00\xff", b"")
    hall.comes({b"closed", b"\x00\xff", b""}, "handed in while another one was under way", "a new request is not asked")
    held, closed = hall.under_way[b"held"], hall.under_way[b"closed"]
    hall.store.does("DELETE FROM requests WHERE id = ?", b"closed")
    hall.answers(b"closed")
    hall.answers(b"", b"\x00\xff", body=b"")
    hall.answers(b"held")
    hall.t.send(hall.router, *held.way, b"held", b"another answer")
    hall.t.send(hall.router, *closed.way, b"nobody's", b"done")
    hall.hands_in(b"last")
    hall.comes({b"last"}, "a new request", "a new request is not asked")
    hall.answers(b"last")
    hall.is_written(b"last", why="a new request was asked and answered")
    hall.is_written(b"", b"\x00\xff", body=b"", why="their answers are empty")
    _each_once(hall, [b"", b"\x00\xff", b"held"], "answered, with nothing or twice")
    hall.t.wait(lambda: (hall.store.row(b"held") or (b"", b""))[1] is not None, seconds=3,
                expected="`done` in the row of `held`", said=UNWRITTEN)
    if hall.store.row(b"held") != (hall.bodies[b"held"], b"done"):
        raise Wrong("a second answer took the place of the first", seen=f"`{show(hall.store.row(b'held'))}`")
    if hall.store.row(b"closed") or hall.store.row(b"nobody's"):
        raise Wrong("a row is there that was closed, or never handed in", tried="its answer came when it was closed")


def _the_service_dies(hall: Hall) -> None:
    ids, why = _ids(b"with it", WINDOW + 4), "the service died with what was under way, and came back"
    hall.hands_in(*ids)
    hall.full("new requests")
    gone(hall.router, hall.endpoint)
    hall.under_way.clear()
    hall.router = back(hall.t, hall.endpoint)
    hall.runs_dry(why)
    hall.is_written(*ids, why=why)


def _nobody_answers(hall: Hall) -> None:
    """Nine that are never answered, one that was answered with nothing, and one that would be."""
    hall.hands_in(b"empty")
    hall.comes({b"empty"}, "a new request", "a new request is not asked")
    hall.answers(b"empty", body=b"")
    hall.is_written(b"empty", body=b"", why="its answer is empty")
    times, mute = hall.times[b"empty"], _ids(b"mute", WINDOW + 1)
    hall.hands_in(*mute)
    hall.comes(set(mute), f"{len(mute)} requests that are not answered", WAITING)
    hall.hands_in(b"behind them")
    hall.comes({b"behind them"}, f"another one, behind {len(mute)} that are never answered", WAITING)
    hall.answers(b"behind them")
    hall.is_written(b"behind them", why="it stood behind others that are never answered")
    for _ in range(3):
        hall.comes(set(mute), "those that were not answered, again and again", NEVER)
    if hall.times[b"empty"] > times:
        raise Wrong("an empty answer is taken for none", seen="a request that had one was asked again")
    hall.answers(*mute)
    hall.runs_dry("they were answered at last")
    hall.is_written(*mute, why="they were answered at last")


def _others_are_answered(hall: Hall) -> None:
    """One is not answered, and others are, one soon after the other: each has a patience of its own."""
    hall.hands_in(b"alone")
    hall.comes({b"alone"}, "a new request", "a new request is not asked")
    times, began, others = hall.times[b"alone"], time.monotonic(), 0
    while hall.times[b"alone"] == times:
        others += 1
        hall.hands_in(other := b"other %d" % others)
        hall.comes({other}, "a new request", "a new request is not asked")
        hall.answers(other)
        hall.is_written(other, why="a new request was asked and answered")
        if others >= OTHERS and time.monotonic() - began > OTHERS / 5 * hall.patience:
            tried = "one request was not answered; others were handed in and answered all the time"
            raise Wrong(NEVER, tried=tried, seen=f"{others} others were answered meanwhile")
    hall.answers(b"alone")
    hall.is_written(b"alone", why="it was answered at last")


def _closed_under_way(hall: Hall) -> None:
    """Eight are closed while they are under way, and nobody answers them: their places are free again."""
    closed = _ids(b"closed", WINDOW)
    hall.hands_in(*closed)
    hall.comes(set(closed), "new requests", "a new request is not asked")
    for id in closed:
        hall.store.does("DELETE FROM requests WHERE id = ?", id)
    hall.hands_in(b"after them")
    hall.comes({b"after them"}, f"a new one, when {WINDOW} under way were closed and never answered", WAITING)
    hall.answers(b"after them")
    hall.is_written(b"after them", why="those before it were closed")


CALM = (_eight_under_way, _killed_with_an_answer, _killed_while_they_work, _in_the_meantime)
IMPATIENT = (_the_service_dies, _nobody_answers, _others_are_answered, _closed_under_way)


# --- the same for longer


def soak(mended, random: randoms.Random, seconds: float) -> str:
    """Requests come all the time; the dispatcher is killed, the service dies, drops and answers twice, at random."""
    with TemporaryDirectory(ignore_cleanup_errors=True) as folder, trial(seconds=seconds + 90) as t:
        hall = Hall(t, mended, Path(folder), SHORT)
        over, deaths, dropped = t.deadline(seconds), 0, 0
        while not over.over:
            hall.hands_in(*[b"%d" % (len(hall.bodies) + n) for n in range(random.randrange(1, 20))])
            turns, fault = random.randrange(3, 30), random.choice(("dispatcher", "service", "neither"))
            for _ in range(turns):
                if hall.router.poll(20):
                    hall.reads()
                for id in list(hall.under_way):
                    came, chance = hall.under_way[id], random.random()
                    if chance < 0.1:
                        hall.under_way.pop(id)
                        dropped += 1
                    elif chance < 0.6:
                        hall.answers(id)
                        if chance < 0.2:
                            t.send(hall.router, *came.way, id, b"done")
            if fault == "dispatcher":
                hall.killed()
                hall.starts_again()
            elif fault == "service":
                gone(hall.router, hall.endpoint)
                hall.under_way.clear()
                hall.router = back(t, hall.endpoint)
                deaths += 1
        hall.t.wait(lambda: hall.runs_dry("at the end") or True, expected="an answer for all")
        hall.is_written(*hall.bodies, why="at the end")
    return (
        f"{len(hall.bodies)} requests, asked {hall.times.total()} times; the dispatcher killed {hall.kills} times, the "
        f"service {deaths} times, {dropped} times it said nothing; each has its answer"
    )
