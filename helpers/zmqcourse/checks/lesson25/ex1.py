"""25.1: who is there: a connection is not a peer, and silence is not an event."""

from __future__ import annotations

import random as randoms

from ...exercise import Wrong, exercise
from ...trial import trial
from .street import BEATS, QUIET, STRANGER, TALKER, Street

ADA, BOB, CID = b"Ada", b"Bob", b"Cid"
SHORT = 3  # words that are held up, fewer than patience has
LONG = 0.6  # seconds of patience in a run that lasts, for a machine may become busy meanwhile


@exercise(
    "25.1",
    title="Who is there?",
    hints=(
        "A SUB for each feed, and a monitor for each SUB, made before `connect`: then you know whose message and whose "
        "event it is. All of them in one poller, with a timeout that is short beside `patience`.",
        "Two things are to be known of each feed, and they come from two places: since when its connection stands (the "
        "monitor: HANDSHAKE_SUCCEEDED, DISCONNECTED), and when it last said something (the SUB). What you tell follows "
        "from both.",
        "Each time round, for each feed: `gone` without a connection; `silent` when neither handshake nor word is "
        "younger than `patience`; `there` when a word has come since the handshake; else what it was. Send it only if "
        "it is not what you told last.",
    ),
)
def who_is_there(watch) -> str:
    """`watch(ctx, feeds, patience, news)`: there, silent or gone, of each feed, when it changes."""
    with trial(seconds=25) as t, Street(t, watch) as street:
        for scene in (_all_begin, _a_short_hold_up, _three_faults, _all_come_back, _a_handshake_is_no_word):
            scene(street)
    return (
        "six feeds: one held up and back without having been gone, one cut off, one half-open, one that connects and "
        "says nothing, one that talks all the time; and a port that takes connections and is no peer"
    )


def _all_begin(street: Street) -> None:
    for name in (ADA, BOB, CID, TALKER):
        street.is_told(name, b"there", "its first word has come")
    street.is_told(QUIET, b"silent", "its connection stands, and it has never said a word")
    street.passes(BEATS)
    street.same(STRANGER, [[]], "a port takes connections, and speaks no ZMTP: it was never there, and so is not gone")
    street.all_quiet("some speak, one does not")


def _a_short_hold_up(street: Street) -> None:
    line = street.feeds[ADA].line
    line.hold()
    street.passes(SHORT)
    line.mend()
    street.passes(BEATS)
    street.all_quiet(f"a line was held up for {SHORT} eighths of `patience`, and went on")


def _three_faults(street: Street) -> None:
    lines = {name: street.feeds[name].line for name in (ADA, BOB, CID)}
    lines[ADA].hold()
    lines[BOB].cut()
    lines[CID].half_open()
    street.is_told(BOB, b"gone", "its connection was cut")
    street.is_told(ADA, b"silent", "its line is held up; another feed talks all the time")
    street.is_told(CID, b"silent", "what it says vanishes; its connection stands")
    street.passes(BEATS // 2)
    street.all_quiet("three feeds were not heard any more, and all of it had been told")


def _all_come_back(street: Street) -> None:
    lines = {name: street.feeds[name].line for name in (ADA, BOB, CID)}
    lines[ADA].mend()
    street.is_told(ADA, b"there", "its line goes on: the connection was never down")
    connections = len(street.feeds[ADA].connections)
    if connections > 1:
        raise Wrong(
            "a connection was given up for a silence",
            tried="a line was held up, and went on",
            seen=f"{connections} connections over it, one after the other",
            expected="the first one, and nothing lost: `silent`, then `there`",
        )
    lines[BOB].mend()
    street.is_told(BOB, b"there", "it has connected again, and speaks")
    lines[CID].mend()
    tried = "its connection was reset, came again, and it speaks"
    _is_back(street, CID)
    street.same(CID, [[b"gone", b"there"], [b"there"]], tried)  # it may be back before somebody has looked
    street.passes(BEATS)
    street.all_quiet("all three are back")


def _is_back(street: Street, name: bytes) -> None:
    """It is called there, whatever was told of it before."""
    said = "one who speaks was not called there"
    street.until(lambda: street.told[name][-1:] == [b"there"], f"`{name.decode()}, there`", said=said)


def _a_handshake_is_no_word(street: Street) -> None:
    feed, quiet = street.feeds[BOB], street.feeds[QUIET]
    quiet.talks = True
    street.is_told(QUIET, b"there", "it says something at last")
    quiet.talks = feed.talks = False
    feed.line.cut()
    street.is_told(BOB, b"gone", "its connection was cut")
    feed.line.mend()
    street.is_told(BOB, b"silent", "it has connected again, and has not said a word since")
    street.is_told(QUIET, b"silent", "it says nothing any more")
    feed.talks = True
    street.is_told(BOB, b"there", "it says something again")
    street.all_quiet("one came back without a word, and then spoke")


# --- the same for longer


def soak(watch, random: randoms.Random, seconds: float) -> str:
    """Lines are held up, cut and half-open at random; each is told, and each who comes back."""
    faults = 0
    with trial(seconds=seconds + 60) as t, Street(t, watch, LONG) as street:
        over = t.deadline(seconds)
        _all_begin(street)
        while not over.over:
            name = random.choice((ADA, BOB, CID))
            line, fault = street.feeds[name].line, random.choice(("hold", "cut", "half_open"))
            getattr(line, fault)()
            street.is_told(name, b"gone" if fault == "cut" else b"silent", f"a line: {fault}")
            street.passes(random.randrange(BEATS))
            line.mend()
            _is_back(street, name)
            street.same(name, [[b"there"], [b"gone", b"there"]], f"a line: {fault}, and mended")
            street.passes(random.randrange(BEATS))
            street.all_quiet("a line was mended")
            faults += 1
    return f"{faults} faults of three kinds, each told once, and each return; nobody else was called anything"
