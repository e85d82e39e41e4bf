"""04.2: a collector of lines whose senders come and go."""

from __future__ import annotations

import time

import zmq

from ...exercise import Wrong, exercise
from ...trial import Trial, trial

LATE = 2.2  # seconds after the others
EARLY = [b"started", b"", b"started", b"\x00\xff", b"END"]  # equal lines, an empty one, bytes that are no text
SENDERS, EACH = 3, 150


@exercise(
    "04.2",
    title="The side that stays",
    hints=(
        "Who comes and goes here, and who stays? That one binds, whether it sends or receives.",
        "A PULL, bound to `endpoint`, hears all senders that connect, early ones too.",
        "`[pull.recv() for _ in range(count)]` takes `count` lines; return it from inside the `with`.",
    ),
)
def lines_are_collected(collect) -> str:
    """`collect(ctx, endpoint, count)` binds and returns the first `count` lines, of early and late senders."""
    with trial() as t:
        _no_more_than_wanted(t, collect)
    with trial(seconds=6) as t:
        _early_and_late(t, collect)
    with trial() as t:
        _many(t, collect)
    late = f"{len(EARLY) + 2} lines, the last {LATE:g} s late"
    return f"{late}; {SENDERS * EACH} of {SENDERS} senders that left; none too many"


def _lines(t: Trial, job, count: int, told: str) -> list[bytes]:
    try:
        lines = t.finish(job)
    except Wrong as wrong:
        raise wrong.add(expected=f"{told}; nobody is bound there unless you are") from None
    if not isinstance(lines, list) or not all(isinstance(line, bytes) for line in lines):
        raise Wrong(
            "`collect` did not return a list of bytes",
            seen=f"it returned `{lines!r}`"[:200],
            expected="each line as it came, in a list",
        )
    if len(lines) != count:
        raise Wrong(
            "that is not as many lines as were asked for", tried=told, seen=f"{len(lines)} lines", expected=f"{count}"
        )
    return lines


def _same(lines: list[bytes], expected: list[bytes], told: str) -> None:
    if sorted(lines) != sorted(expected):
        raise Wrong(
            "these are not the lines that were sent",
            tried=told,
            seen=_shown([line for line in lines if line not in expected] or lines),
            expected=_shown(expected) + ", in any order",
        )


def _early_and_late(t: Trial, collect) -> None:
    endpoint = t.endpoint("tcp")
    early = t.connect(zmq.PUSH, endpoint)
    for line in EARLY:
        early.send(line)
    count = len(EARLY) + 2
    job = t.start(collect, t.ctx, endpoint, count)
    late = t.connect(zmq.PUSH, endpoint)
    late.send(b"late 1")
    began = time.monotonic()
    while not job.done and time.monotonic() < began + LATE:
        time.sleep(0.02)
    late.send(b"late 2")
    told = f"{count} lines are sent to `endpoint`, the last of them after {LATE:g} s"
    _same(_lines(t, job, count, told), [*EARLY, b"late 1", b"late 2"], told)


def _many(t: Trial, collect) -> None:
    endpoint = t.endpoint("inproc")
    job = t.start(collect, t.ctx, endpoint, SENDERS * EACH)
    sent = []
    for n in range(SENDERS):
        push = t.connect(zmq.PUSH, endpoint)
        for k in range(EACH):
            sent.append(b"%d: %d" % (n, k % 10))
            t.send(push, sent[-1], expected="a PULL that is bound to `endpoint`")
        push.close()
    told = f"{SENDERS} senders one after the other, {EACH} lines each, many of them equal"
    _same(_lines(t, job, len(sent), told), sent, told)


def _no_more_than_wanted(t: Trial, collect) -> None:
    endpoint = t.endpoint("tcp")
    push = t.connect(zmq.PUSH, endpoint)
    sent = [*EARLY, *(b"line %d" % n for n in range(6))]
    for line in sent:
        push.send(line)
    told = f"one sender, {len(sent)} lines, of which {len(EARLY)} are asked for"
    lines = _lines(t, t.start(collect, t.ctx, endpoint, len(EARLY)), len(EARLY), told)
    if lines != EARLY:
        raise Wrong("these are not the first lines", tried=told, seen=_shown(lines), expected=_shown(EARLY))


def _shown(lines: list[bytes]) -> str:
    more = f" and {len(lines) - 8} more" if len(lines) > 8 else ""
    return ", ".join(f"`{line!r}`" for line in lines[:8]) + more
