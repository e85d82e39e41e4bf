"""03.2: a worker that leaves its broker: it takes names, and reports each with its result."""

from __future__ import annotations

from collections import Counter
from typing import Any

import zmq

from ...exercise import Late, Wrong, exercise, show
from ...trial import Trial, trial

NAMES = (b"cat.png", b"\xff\xd8\x00 raw", b"", b"dog.png", b"cat.png", b"b" * 3000, b"1", b"END", b"", b"cat.png", b"2")
EMPTY = b"1"  # of this one nothing is left
MANY = 400
SILENT = 1.4  # seconds without a name


class Shrink:
    """The work: notes what it was called with."""

    def __init__(self) -> None:
        self.calls: list[bytes] = []

    def __call__(self, name: bytes) -> bytes:
        if not isinstance(name, bytes):
            raise Wrong(
                "`shrink` was not called with the name as it came",
                seen=f"it got `{name!r}`, a `{type(name).__name__}`"[:200],
                expected="the bytes that were received: a name can be any bytes",
            )
        self.calls.append(name)
        return small(name)


def small(name: bytes) -> bytes:
    return b"" if name == EMPTY else b"small " + name[::-1]


@exercise(
    "03.2",
    title="The worker, without a broker",
    hints=(
        "Two sockets, both connected: one takes in, one hands out. `producer` and `worker` in the lesson have both.",
        "In a loop: receive a name, call `shrink`, and send name and result together with `send_multipart`.",
        "`name = pull.recv()`, then `push.send_multipart([name, shrink(name)])`, within `while True:`.",
    ),
)
def shrinks_and_reports(shrinker) -> str:
    """`shrinker(ctx, tasks, done, shrink)` reports each name that it is given with its result, in two frames."""
    with trial(seconds=6) as t:
        push, tasks = t.bind(zmq.PUSH)
        done = t.endpoint()
        shrink = Shrink()
        t.start(shrinker, t.ctx, tasks, done, shrink)
        for name in NAMES:
            t.send(push, name, expected="a PULL that is connected to `tasks`")
        t.wait(lambda: len(shrink.calls) >= 1, seconds=2.5, expected="`shrink` is called")
        pull, _ = t.bind(zmq.PULL, done)  # whoever collects comes late
        for number, name in enumerate(NAMES):
            _reported(t, pull, shrink, name, NAMES[: number + 1])
        t.silence(pull, seconds=SILENT, expected="one report for each name")
        t.send(push, b"after a silence")
        _reported(t, pull, shrink, b"after a silence", (*NAMES, b"after a silence"))
    with trial(seconds=6) as t:  # two of them share the work
        push, tasks = t.bind(zmq.PUSH)
        pull, done = t.bind(zmq.PULL)
        shrink = Shrink()
        for number in (1, 2):
            t.start(shrinker, t.ctx, tasks, done, shrink, name=f"shrinker {number}")
        t.wait(lambda: len(_takers(t)) == 2, expected="both workers connected to `tasks`")
        sent = [b"%d.png" % number for number in range(MANY)]
        for name in sent:
            t.send(push, name)
        got = t.receive_many(pull, len(sent), expected="a report for each name, whichever worker it went to")
        if Counter(map(_first, got)) != Counter(sent):
            missing = [name for name in sent if name not in map(_first, got)]
            raise Wrong(
                "not every name was reported once",
                tried=f"two workers and {len(sent)} names",
                seen=f"none for `{missing[:3]}`",
                expected="one report each",
            )
    return f"{len(NAMES)} names of any bytes, some of them again, a collector that came late, a silence, {MANY} for two"


def _takers(t: Trial) -> list[Any]:
    """The connections over which the check's PUSH hands out."""
    trace = t.trace
    kinds = {socket.id: (socket.role, socket.type) for socket in trace.sockets}
    return [each for each in trace.connections if ("check", "PUSH") in (kinds[each.source], kinds[each.target])]


def _first(frames: list[bytes]) -> bytes:
    return frames[0]


def _reported(t: Trial, pull: zmq.Socket, shrink: Shrink, name: bytes, so_far: tuple[bytes, ...]) -> None:
    try:
        frames = t.receive(pull, seconds=2.5, expected=f"a report of `{show(name)}`, each time that it comes")
    except Late as late:
        if not all(job.done for job in t.jobs):
            raise
        said = f"`shrinker` came to an end after {len(shrink.calls)} names"
        raise Wrong(said, tried=f"the name `{show(name)}`", expected="it works for ever, silence or not") from late
    calls, wanted = shrink.calls.count(name), so_far.count(name)
    if calls < wanted or calls > NAMES.count(name) + (name not in NAMES):
        raise Wrong(
            f"`shrink` was called {'more than once' if calls > wanted else 'not at all'} before the report came",
            tried=f"the name `{show(name)}`",
            expected="first the work, once, and then the report",
        )
    expected = [name, small(name)]
    if frames != expected:
        how = "one frame" if len(frames) == 1 else f"{len(frames)} frames"
        if frames == expected[::-1]:
            how = "the two frames, in the wrong order"
        raise Wrong(
            "the report is not the name and its result",
            tried=f"the name `{show(name)}`",
            seen=f"{how}: `{show(frames)}`",
            expected="two frames: the name, then what `shrink(name)` returned; for each name that comes, in turn",
        )
