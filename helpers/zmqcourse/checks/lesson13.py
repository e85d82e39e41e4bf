"""Lesson 13: a line of stages: which one sets the pace, where workers help, how it stops with nothing lost."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import count
from typing import Any

import zmq
from zmqlive.stage import Stage
from zmqlive.trace import Trace

from ..exercise import Wrong, exercise
from ..trial import Job, Trial, expect_type, show, trial

ROOM = 1
STAGES = ("decode", "filter", "shrink")


# --- lines of the check's own, on real sockets


def _source(ctx: zmq.Context, out: str) -> None:
    with ctx.socket(zmq.PUSH) as push:
        push.sndhwm = ROOM
        push.bind(out)
        for number in count():
            push.send(b"%d" % number)


def _worker(ctx: zmq.Context, into: str, out: str, seconds: float) -> None:
    with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.PUSH) as push:
        pull.rcvhwm = push.sndhwm = ROOM
        pull.connect(into)
        push.connect(out)
        while True:
            picture = pull.recv_multipart()
            time.sleep(seconds)
            push.send_multipart(picture)


def _belt(ctx: zmq.Context, into: str, out: str) -> None:
    with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.PUSH) as push:
        pull.rcvhwm = push.sndhwm = ROOM
        pull.bind(into)
        push.bind(out)
        while True:
            push.send_multipart(pull.recv_multipart())


def _album(ctx: zmq.Context, into: str) -> None:
    with ctx.socket(zmq.PULL) as pull:
        pull.rcvhwm = ROOM
        pull.bind(into)
        while True:
            pull.recv()


def _line(seconds: Mapping[str, float], team: Mapping[str, int]) -> Stage:
    """A line that runs: source, then for each stage its workers and a belt, at last the album."""
    stage = Stage("a line of the check", seconds=20)
    into = stage.endpoint("inproc", name="source")
    stage.add(_source, into, name="source")
    for number, (name, each) in enumerate(seconds.items()):
        out, following = (stage.endpoint("inproc", name=f"{side} {name}") for side in ("from", "after"))
        stage.add(_worker, into, out, each, name=name, count=team[name])
        if number < len(seconds) - 1:
            stage.add(_belt, out, following, name=f"belt {number + 1}")
        else:
            stage.add(_album, out, name="album")
        into = following
    return stage.start()


def _pace(seconds: Mapping[str, float], team: Mapping[str, int]) -> float:
    """Pictures a second that come out of a line."""
    return min(team[name] / each for name, each in seconds.items())


# --- 13.1

# What the line is, seconds of each stage, workers of each stage, the one that sets the pace.
LINES = (
    ("one worker each, a slow stage in the middle", (0.01, 0.05, 0.02), (1, 1, 1), "filter"),
    ("one worker each, the last stage slow", (0.01, 0.02, 0.05), (1, 1, 1), "shrink"),
    ("one worker each, the first stage slow", (0.05, 0.01, 0.02), (1, 1, 1), "decode"),
    ("three workers at the stage that takes longest", (0.01, 0.06, 0.05), (1, 3, 1), "shrink"),
    ("three quick workers, and not quick enough", (0.01, 0.15, 0.02), (1, 3, 1), "filter"),
)


@cache
def _traces() -> dict[int, Trace]:
    """The record of each of these lines, by its place; they run at the same time.

    On a busy machine a run may go otherwise than its line was built; it is run again, and at last left out.
    """
    found: dict[int, Trace] = {}
    for _ in range(3):
        missing = [place for place in range(len(LINES)) if place not in found]
        recorded = zip(missing, _recorded([LINES[place] for place in missing]), strict=True)
        found |= {place: trace for place, trace in recorded if _clear(trace, LINES[place][3])}
    return dict(sorted(found.items()))


def _recorded(lines: Sequence[tuple[str, Sequence[float], Sequence[int], str]]) -> list[Trace]:
    stages = [_line(dict(zip(STAGES, seconds, strict=True)), dict(zip(STAGES, team, strict=True)))
              for _, seconds, team, _ in lines]
    try:
        for stage in stages:
            stage.wait(lambda s: s.received("album") >= 22, timeout=10)
    finally:
        for stage in stages:
            stage.stop()
    return [stage.trace() for stage in stages]


def _clear(trace: Trace, right: str) -> bool:
    """Whether this stage's workers had no rest, and those of the others had."""
    idle: dict[str, list[float]] = {name: [] for name in STAGES}
    for name in STAGES:
        for role in {s.role for s in trace.sockets if s.role.startswith(name)}:
            spans = [i for i in (*trace.waits, *trace.blocked) if trace.role_of(i.socket) == role]
            idle[name].append(sum((trace.seconds if i.end is None else i.end) - i.start for i in spans) / trace.seconds)
    mean = {name: sum(each) / len(each) for name, each in idle.items()}
    return all(mean[right] + 0.2 < mean[name] for name in STAGES if name != right)


@exercise(
    "13.1",
    title="Find the bottleneck",
    hints=(
        "`share(trace, trace.waits, role)` and `share(trace, trace.blocked, role)` say it of one worker. A stage has "
        "several: all roles whose first word is its name.",
        "`{socket.role for socket in trace.sockets}` are the roles, `role.split()[0]` is a worker's stage. Add up "
        "what a worker waits and is blocked, and take the mean over the stage's workers.",
        "Collect `share(…waits…) + share(…blocked…)` in a list for each stage; then "
        "`min(stages, key=lambda name: sum(idle[name]) / len(idle[name]))`.",
    ),
)
def the_one_without_rest(bottleneck) -> None:
    """`bottleneck(trace, stages)` names the stage that sets the pace of a real line."""
    for place, trace in _traces().items():
        what, seconds, team, right = LINES[place]
        with trial() as t:
            got = t.run(bottleneck, trace, list(STAGES))
        expect_type(got, str, "what `bottleneck` returned")
        if got != right:
            workers = ", ".join(f"{name} {n} × {each} s" for name, n, each in zip(STAGES, team, seconds, strict=True))
            raise Wrong(
                "another stage sets the pace",
                tried=f"the trace of a real line: {what} ({workers})",
                seen=f"`{got!r}`",
                expected=f"`{right!r}`: its workers neither wait nor are blocked, all others do",
                look="the lanes of the lesson, and what it says under them",
            )


# --- 13.2

TEAMS = (
    ({"decode": 0.04, "filter": 0.3, "shrink": 0.2}, 3),
    ({"decode": 0.04, "filter": 0.3, "shrink": 0.2}, 4),
    ({"decode": 0.04, "filter": 0.3, "shrink": 0.2}, 6),
    ({"decode": 0.04, "filter": 0.3, "shrink": 0.2}, 13),
    ({"read": 1, "check": 0.5, "copy": 0.5, "write": 2}, 12),
    ({"only": 0.2}, 5),
    ({"a": 0.09, "b": 0.31, "c": 0.2, "d": 0.02, "e": 0.11}, 20),
)
RUN = {"decode": 0.02, "filter": 0.09, "shrink": 0.06}  # seconds, for the line that is run
HIRED = 8


def _best(seconds: Mapping[str, float], workers: int) -> dict[str, int]:
    team = dict.fromkeys(seconds, 1)
    for _ in range(workers - len(seconds)):
        team[min(seconds, key=lambda name: team[name] / seconds[name])] += 1
    return team


def _team(t: Trial, share_out: Any, seconds: dict[str, float], workers: int) -> dict[str, int]:
    """The learner's team; `Wrong` unless it is one, and as fast as any."""
    given = dict(seconds)
    got = t.run(share_out, given, workers)
    tried = f"`share_out({seconds}, {workers})`"
    expect_type(got, dict, "what `share_out` returned")
    if set(got) != set(seconds) or not all(isinstance(n, int) and n >= 1 for n in got.values()):
        raise Wrong("that is no team for this line", tried=tried, seen=f"`{got}`",
                    expected="for each stage a whole number of workers, at least 1")
    if sum(got.values()) > workers:
        raise Wrong("more workers than there are", tried=tried, seen=f"`{got}`, which are {sum(got.values())}",
                    expected=f"{workers} in all")
    best = _best(seconds, workers)
    if _pace(seconds, got) < 0.999 * _pace(seconds, best):
        slow = min(seconds, key=lambda name: got[name] / seconds[name])
        raise Wrong(
            "another team is faster",
            tried=tried,
            seen=f"`{got}`: {_pace(seconds, got):.3g} pictures a second, for that is what {slow} manages",
            expected=f"`{best}`: {_pace(seconds, best):.3g} pictures a second",
        )
    return got


@exercise(
    "13.2",
    title="Scale the right stage",
    hints=(
        "Begin with one worker at each stage, and hire the others one after the other. Where does each go?",
        "A stage with `n` workers manages `n / seconds` pictures a second. The next worker goes where this is "
        "smallest, and then it is worked out again.",
        "`team = dict.fromkeys(seconds, 1)`; then, `workers - len(seconds)` times, one more for "
        "`min(seconds, key=lambda stage: team[stage] / seconds[stage])`.",
    ),
)
def the_fastest_line(share_out) -> None:
    """`share_out(seconds, workers)` gives each stage so many workers that the line is as fast as it can be."""
    with trial() as t:
        for seconds, workers in TEAMS:
            _team(t, share_out, seconds, workers)
        team = _team(t, share_out, RUN, HIRED)
        alone = dict.fromkeys(RUN, 1)
        with _line(RUN, team) as yours, _line(RUN, alone) as one_each:
            yours.wait(lambda s: s.received("album") >= 25, timeout=10)
            made = {"yours": yours.received("album"), "one each": one_each.received("album")}
        if made["yours"] < 1.5 * made["one each"]:
            raise Wrong(
                "your team is hardly faster than one worker each",
                tried=f"two real lines, side by side: `{team}` and one worker at each stage",
                seen=f"{made['yours']} pictures from yours, {made['one each']} from the other",
                expected=f"about {_pace(RUN, team) / _pace(RUN, alone):.1f} times as many",
            )


# --- 13.3


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
def nothing_is_lost(stopping_station, counting_album) -> None:
    """The station goes on after END and returns after STOP; the album counts, says STOP, returns all in order."""
    with trial() as t:
        _station_alone(t, stopping_station)
    for end_at in (3, len(ORDER)):
        with trial() as t:
            _album_alone(t, counting_album, end_at)
    with trial(seconds=5) as t:
        _whole_line(t, stopping_station, counting_album)


def work(*frames: bytes) -> list[bytes]:
    """What the check's stations do with a picture."""
    return [frames[0], b"done " + frames[-1]]


def _station_alone(t: Trial, station: Any) -> None:
    into, out, stop = (f"inproc://{name}" for name in ("into", "out", "stop"))
    push, pull, pub = t.bind(zmq.PUSH, into)[0], t.bind(zmq.PULL, out)[0], t.bind(zmq.XPUB, stop)[0]
    job = t.start(station, t.ctx, into, out, stop, work)
    t.receive(pub, seconds=1.0, expected="a SUB that is connected to `stop` and has subscribed")
    for sent in ([b"11", b"4 3", b"\0\1\xff"], [b"7", b"", b""]):
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
    t.finish(job, seconds=1.5)
    t.silence(pull, seconds=0.05, expected="nothing more after STOP")


def _through(
    t: Trial, push: zmq.Socket, pull: zmq.Socket, sent: list[bytes], wanted: list[bytes], what: str
) -> None:
    t.send(push, *sent, expected="a PULL that is connected to `into`")
    got = t.receive(pull, seconds=1.2, expected=f"{what}, at a PUSH that is connected to `out`")
    if got != wanted:
        raise Wrong("something else came out of the station", tried=f"{what}: `{show(sent)}` went in",
                    seen=f"`{show(got)}`", expected=f"`{show(wanted)}`")


ORDER = (3, 11, 0, 2, 10, 1, 9, 5, 4, 8, 6, 7)  # in which the album gets its pictures


def _page(number: int) -> bytes:
    return b"the same" if number in (4, 5) else b"\0picture %d" % (100 - number)


def _album_alone(t: Trial, album: Any, end_at: int) -> None:
    """Pictures out of order, by two ways; END comes before the picture of this place."""
    into, stop = "inproc://into", "inproc://stop"
    job = t.start(album, t.ctx, into, stop)
    ways = [t.connect(zmq.PUSH, into) for _ in range(2)]
    sub = t.socket(zmq.SUB)
    sub.connect(stop)
    sub.subscribe("")
    messages = [[b"%d" % number, _page(number)] for number in ORDER]
    messages.insert(end_at, [b"END", b"%d" % len(ORDER)])
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
    t.send(ways[0], *last)
    said = t.receive(sub, seconds=1.2, expected="STOP from a PUB that is bound at `stop`, since all is there now")
    if said != [b"STOP"]:
        raise Wrong("the album published another word", seen=f"`{show(said)}`", expected="`[b'STOP']`")
    _right_pages(t.finish(job, seconds=1.2), len(ORDER), _page, f"pictures in the order {ORDER}")


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
    t.peer(_belt, sharp, ready)
    jobs = [t.start(station, t.ctx, ready, small, stop, lambda size, pixels: [b"page " + pixels]) for _ in range(2)]
    jobs += [t.start(station, t.ctx, raw, sharp, stop, each) for each in (slowly, work, work)]
    source, _ = t.bind(zmq.PUSH, raw)
    t.wait(lambda: len([c for c in t.trace.connections if t.trace.role_of(c.source) == "check"]) >= 3, seconds=1.5,
           expected="three stations that are connected to `into`")
    for number in range(PICTURES):
        t.send(source, b"%d" % number, b"1 1", b"%d" % number, expected="stations that take pictures")
    t.send(source, b"END", b"%d" % PICTURES)
    got = t.finish(closing, seconds=2.5)
    tried = f"a line of five of your stations, one of them slow, and your album; {PICTURES} pictures, then END"
    _right_pages(got, PICTURES, lambda number: b"page done %d" % number, tried)
    for job in jobs:
        t.finish(job, seconds=1.2)
