"""10.3: how many want which topic, by what an XPUB is told."""

from __future__ import annotations

import zmq

from ...exercise import Late, Wrong, exercise
from ...trial import Trial, expect_type, show, trial
from .middle import leave, subscriber

QUIET = 0.2  # seconds of silence after which `demand` has to return
MANY = 30


@exercise(
    "10.3",
    title="Who wants what?",
    hints=(
        "An XPUB reports the first and the last. `xpub_verbose` adds all who come; "
        "with one letter more it adds all who go.",
        '`xpub_verboser = True`. Each event is one frame: `event[:1]` is `b"\\1"` or `b"\\0"`, '
        "`event[1:]` the topic.",
        "`while xpub.poll(quiet * 1000):` receive, add 1 or -1 to `wanted[topic]`, delete it at 0, "
        "ignore any other first byte. After the loop, `return wanted`.",
    ),
)
def demand_is_counted(listen, demand) -> str:
    """`listen(ctx, endpoint)` gives an XPUB; `demand(xpub, quiet, wanted)` counts by topic."""
    with trial(seconds=8) as t:
        endpoint = t.endpoint("inproc", name="demand")
        xpub = t.take(t.run(listen, t.ctx, endpoint), zmq.XPUB)
        wanted: dict[bytes, int] = {}

        def now(expected: dict[bytes, int], tried: str) -> None:
            _is_counted(t, demand, xpub, wanted, expected, tried)

        now({}, "nobody has come")
        three = [subscriber(t, endpoint, "hall") for _ in range(3)]
        both = subscriber(t, endpoint, "attic", "hall")
        logger = subscriber(t, endpoint, "")
        now(
            {b"hall": 4, b"attic": 1, b"": 1},
            "four came for `hall`, one of them for `attic` too, one for everything",
        )
        leave(three[0], both)
        now({b"hall": 2, b"": 1}, "two closed their sockets: one for `hall`, one for `hall` and `attic`")
        three[1].unsubscribe("hall")
        three[1].subscribe("cellar")
        now({b"hall": 1, b"cellar": 1, b"": 1}, "one changed from `hall` to `cellar`")
        stranger = t.connect(zmq.XSUB, endpoint)
        for frame in (b"hello", b"\1attic", b"\2attic"):
            stranger.send(frame)
        now(
            {b"hall": 1, b"cellar": 1, b"attic": 1, b"": 1},
            "an XSUB came for `attic`; it also sent `hello` and `\\x02attic`, which are no subscriptions",
        )
        leave(three[1], three[2], stranger, logger)
        now({}, "all have gone")
        again = [subscriber(t, endpoint, "hall", b"\0\1\xff") for _ in range(MANY)]
        now({b"hall": MANY, b"\0\1\xff": MANY}, f"{MANY} came back, each for `hall` and for `\\x00\\x01\\xff`")
        leave(*again[1:])
        now({b"hall": 1, b"\0\1\xff": 1}, f"all but one of {MANY} have gone")
        leave(again[0])
        now({}, "all have gone once more")
        _waits_until_quiet(t, demand, xpub, endpoint)
    return f"{MANY + 8} came and went, most of them without a word, some came back; counted right {9} times"


def _is_counted(t: Trial, demand, xpub: zmq.Socket, wanted: dict, expected: dict, tried: str) -> None:
    end = t.deadline(1.0)
    while True:  # a socket that closes is gone a moment later
        got = t.run(demand, xpub, QUIET, wanted, seconds=2.0)
        expect_type(got, dict, "what `demand` returned")
        if got == expected or end.over:
            break
    if got != expected:
        raise Wrong(
            "`demand` counted wrongly",
            tried=tried,
            seen=f"it returned `{show(got)}`",
            expected=f"`{expected}`",
        )
    if wanted != expected:
        raise Wrong(
            "`demand` did not keep the dict that it was handed up to date",
            tried=tried,
            seen=f"it returned the right dict, but `wanted` is `{show(wanted)}`",
            expected="the same dict each time: what was counted before must not be forgotten",
        )


def _waits_until_quiet(t: Trial, demand, xpub: zmq.Socket, endpoint: str) -> None:
    slow = min(t.pace, 3)
    quiet, pause = 0.5 * slow, 0.15 * slow
    job = t.start(demand, xpub, quiet, {})
    tried = f"three came for `hall`, {pause:.2f} s apart; `quiet` was {quiet:.1f} s"
    for number in range(3):
        subscriber(t, endpoint, "hall")
        if job.wait(pause):
            raise Late(
                "`demand` came back before it was quiet",
                tried=tried,
                seen=f"it returned when {number + 1} of three had come: `{show(t.finish(job))}`",
                expected="`quiet` is in seconds, and `poll` counts milliseconds",
            )
    got = t.finish(job, seconds=2.0 + quiet)
    if got != {b"hall": 3}:
        raise Late("`demand` did not read until it was quiet", tried=tried, seen=f"it returned `{show(got)}`",
                   expected="`{b'hall': 3}`")  # fmt: skip
