"""13.3: a line that stops with nothing lost: stations that go on after END, an album that counts."""

from __future__ import annotations

import random
import time
from typing import Any

import zmq

from ...exercise import Wrong, exercise, show
from ...trial import Job, Trial, expect_type, trial
from .lines import belt


@exercise(
    "13.3",
    title="Stop with nothing lost",
    hints=(
        "The station is the lesson's, but it listens to two sockets: a `zmq.Poller` with PULL and SUB. END it hands on "
        "and forgets. The album keeps two things: what it has, by number, and how many there are, once it knows.",
        "Station: `events = dict(poller.poll())`; return if the SUB is in it. Album: `pages[int(name)] = frame`, or "
        "`announced = int(frame)` for END; after each message, see whether `len(pages) == announced`.",
        'Album: `while len(pages) != announced:` with `announced = None` at first; behind the loop `pub.send(b"STOP")` '
        "and `[pages[number] for number in sorted(pages)]`. Station: `sub.subscribe(\"\")`, and "
        '`push.send_multipart([name, *frames])` for END, `[name, *work(*frames)]` for a picture.',
    ),
)
def nothing_is_lost(stopping_station, counting_album) -> str:
    """The station goes on after END and returns after STOP; the album counts, says STOP, returns all in order."""
    with trial(seconds=6) as t:
        _station_alone(t, stopping_station)
    many = 0
    for order, end_at in ((ORDER, 3), (ORDER, len(ORDER)), ([], 0), (LONG_ORDER, 150), (LONG_ORDER, 0)):
        with trial(seconds=6) as t:
            _album_alone(t, counting_album, order, end_at)
        many += len(order)
    with trial(seconds=8) as t:
        _whole_line(t, stopping_station, counting_album)
    return (f"pictures of one frame to four, words of control among them; {many} for an album alone, END first, last "
            f"and in between; {PICTURES} through a line with a slow station: nothing lost, all stopped")


def work(*frames: bytes) -> list[bytes]:
    """What the check's stations do with a picture."""
    return [*frames[:1], b"done " + frames[-1], *frames[2:]]


# A number and some frames, any bytes, words of control among them.
SENT = (
    [b"11", b"4 3", b"\0\1\xff"],
    [b"7", b"", b""],
    [b"8", b"one"],
    [b"9", b"1 1", b"red", b"green", b"blue"],
    [b"10", b"END", b"STOP"],
    [b"2", b"STOP"],
    [b"0", b"64 64", bytes(60_000)],
)


def _station_alone(t: Trial, station: Any) -> None:
    into, out, stop = (f"inproc://{name}" for name in ("into", "out", "stop"))
    push, pull, pub = t.bind(zmq.PUSH, into)[0], t.bind(zmq.PULL, out)[0], t.bind(zmq.XPUB, stop)[0]
    job = t.start(station, t.ctx, into, out, stop, work)
    t.receive(pub, seconds=2.0, expected="a SUB that is connected to `stop` and has subscribed")
    for sent in SENT:
        _through(t, push, pull, sent, [sent[0], *work(*sent[1:])], "a picture")
    _through(t, push, pull, [b"END", b"40"], [b"END", b"40"], "END, which is handed on as it is")
    if job.wait(0.1):
        t.finish(job)
        raise Wrong(
            "the station has gone home too early",
            tried="END passed through it, and nobody had said STOP",
            seen="it returned",
            expected="it goes on: others may still have pictures that come its way later",
        )
    _through(t, push, pull, [b"12", b"1 1", b"late"], [b"12", b"1 1", b"done late"], "a picture that came after END")
    t.silence(pull, seconds=0.05, expected="each message once")
    t.send(pub, b"STOP")
    t.finish(job, seconds=2.0)
    t.silence(pull, seconds=0.05, expected="nothing more after STOP")


def _through(
    t: Trial, push: zmq.Socket, pull: zmq.Socket, sent: list[bytes], wanted: list[bytes], what: str
) -> None:
    t.send(push, *sent, expected="a PULL that is connected to `into`")
    got = t.receive(pull, seconds=2.0, expected=f"{what}, at a PUSH that is connected to `out`")
    if got != wanted:
        raise Wrong("something else came out of the station", tried=f"{what}: `{show(sent)}` went in",
                    seen=f"`{show(got)}`", expected=f"`{show(wanted)}`")


ORDER = [3, 11, 0, 2, 10, 1, 9, 5, 4, 8, 6, 7]  # in which the album gets its pictures
LONG_ORDER = random.Random(13).sample(range(300), 300)


def _page(number: int) -> bytes:
    odd = {4: b"the same", 5: b"the same", 6: b"END", 7: b"STOP", 8: b"", 9: b"5"}
    return odd.get(number, b"\0picture %d" % (900 - number))


def _album_alone(t: Trial, album: Any, order: list[int], end_at: int) -> None:
    """Pictures out of order, by two ways; END comes before the picture of this place."""
    into, stop = "inproc://into", "inproc://stop"
    job = t.start(album, t.ctx, into, stop)
    ways = [t.connect(zmq.PUSH, into) for _ in range(2)]
    sub = t.socket(zmq.SUB)
    sub.connect(stop)
    sub.subscribe("")
    messages = [[b"%d" % number, _page(number)] for number in order]
    messages.insert(end_at, [b"END", b"%d" % len(order)])
    *most, last = messages
    for turn, message in enumerate(most):
        try:
            t.send(ways[turn % 2], *message, expected="a PULL that is bound at `into`")
        except Wrong:
            _still_open(job, "END had come, and not yet all of the pictures")
            raise
    tried = "all had come but " + ("END" if last[0] == b"END" else "one picture; END had come long before")
    if sub.poll(150):
        raise Wrong("STOP came too early", tried=tried, seen=f"`{show(sub.recv_multipart())}`",
                    expected="STOP when all the pictures are there that END had told of")
    _still_open(job, tried)
    t.send(ways[0], *last, expected="a PULL that is bound at `into`")
    said = t.receive(sub, seconds=2.0, expected="STOP from a PUB that is bound at `stop`, since all is there now")
    if said != [b"STOP"]:
        raise Wrong("the album published another word", seen=f"`{show(said)}`", expected="`[b'STOP']`")
    _right_pages(t.finish(job, seconds=2.0), len(order), _page, f"{len(order)} pictures, in the order {show(order)}")


def _still_open(album: Job, tried: str) -> None:
    if album.done and album.error is None:
        raise Wrong("the album has closed too early", tried=tried, seen=f"it returned `{show(album.value)}`",
                    expected="it waits until it has as many as END had told of")


def _right_pages(got: Any, many: int, page: Any, tried: str) -> None:
    expect_type(got, (list, tuple), "what `counting_album` returned")
    wanted = [page(number) for number in range(many)]
    if list(got) == wanted:
        return
    if len(got) != many:
        raise Wrong("pictures are missing" if len(got) < many else "there are more than were sent", tried=tried,
                    seen=f"{len(got)} were returned", expected=f"{many}")
    same = all(isinstance(each, bytes) for each in got) and sorted(got) == sorted(wanted)
    raise Wrong("the pictures are not in order" if same else "these are not the pictures that were sent", tried=tried,
                seen=f"`{show(list(got)[:4])}` …", expected=f"`{show(wanted[:4])}` …: by number, 0 first")


PICTURES = 24


def _whole_line(t: Trial, station: Any, album: Any) -> None:
    """A source of the check's, three stations of which one is slow, a belt, two stations, the album."""
    raw, sharp, ready, small, stop = (f"inproc://{name}" for name in ("raw", "sharp", "ready", "small", "stop"))

    def slowly(*frames: bytes) -> list[bytes]:
        time.sleep(0.06)
        return work(*frames)

    closing = t.start(album, t.ctx, small, stop)
    t.peer(belt, sharp, ready)

    def shrink(size: bytes, pixels: bytes) -> list[bytes]:
        return [b"page " + pixels]

    jobs = [t.start(station, t.ctx, ready, small, stop, shrink) for _ in range(2)]
    jobs += [t.start(station, t.ctx, raw, sharp, stop, each) for each in (slowly, work, work)]
    source, _ = t.bind(zmq.PUSH, raw)
    t.wait(lambda: len([c for c in t.trace.connections if t.trace.role_of(c.source) == "check"]) >= 3, seconds=2.0,
           expected="three stations that are connected to `into`")
    for number in range(PICTURES):
        t.send(source, b"%d" % number, b"1 1", b"%d" % number, expected="stations that take pictures")
    t.send(source, b"END", b"%d" % PICTURES)
    got = t.finish(closing, seconds=4.0)
    tried = f"a line of five of your stations, one of them slow, and your album; {PICTURES} pictures, then END"
    _right_pages(got, PICTURES, lambda number: b"page done %d" % number, tried)
    for job in jobs:
        t.finish(job, seconds=2.0)
