"""13.1: which stage sets the pace, read from the trace."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from zmqlive.roles import StageTimeout
from zmqlive.trace import Trace

from ...exercise import Wrong, exercise, show
from ...trial import Trial, expect_type, trial
from .lines import Shares, book, line

STAGES = ("decode", "filter", "shrink")

# What the line is, what its workers do with their time (waiting, at work, blocked), the one that sets the pace.
BOOKS: tuple[tuple[str, dict[str, tuple[Shares, ...]], str], ...] = (
    (
        "four workers at one stage, each with a little rest",
        {"decode": ((0, 0.6, 0.4),), "filter": ((0.1, 0.85, 0.05),) * 4, "shrink": ((0.5, 0.5, 0),)},
        "filter",
    ),
    (
        "three workers with half a day's work, and one with a whole one",
        {"decode": ((0, 0.55, 0.45),) * 3, "filter": ((0.02, 0.96, 0.02),), "shrink": ((0.45, 0.55, 0),) * 3},
        "filter",
    ),
    (
        "the first worker of a stage does less than its colleagues",
        {"decode": ((0, 0.4, 0.6),), "filter": ((0.4, 0.5, 0.1), *((0.02, 0.96, 0.02),) * 3),
         "shrink": ((0.4, 0.6, 0),)},
        "filter",
    ),
    (
        "the last worker of a stage does less than its colleagues",
        {"decode": ((0, 0.4, 0.6),), "filter": (*((0.02, 0.96, 0.02),) * 3, (0.4, 0.5, 0.1)),
         "shrink": ((0.4, 0.6, 0),)},
        "filter",
    ),
    (
        "one busy worker beside two with hardly anything to do",
        {"decode": ((0, 0.4, 0.6),), "filter": ((0.1, 0.88, 0.02),) * 2, "shrink": ((0, 1, 0), *((0.9, 0.1, 0),) * 2)},
        "filter",
    ),
    (
        "the first stage is the slow one: nobody is blocked",
        {"decode": ((0.02, 0.98, 0),), "filter": ((0.6, 0.4, 0),), "shrink": ((0.4, 0.6, 0),) * 2},
        "decode",
    ),
    (
        "the last stage is the slow one: nobody before it waits",
        {"decode": ((0, 0.3, 0.7),), "filter": ((0, 0.6, 0.4),) * 2, "shrink": ((0.03, 0.97, 0),) * 2},
        "shrink",
    ),
    (
        "twelve workers, and a stage whose name begins like another's",
        {"scan": ((0.04, 0.92, 0.04),) * 12, "scanline": ((0.6, 0.4, 0),) * 12, "bind": ((0.3, 0.7, 0),)},
        "scan",
    ),
)

# Lines that run: what each is, seconds of each stage, workers of each stage, the one that sets the pace.
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

    On a busy machine a line may run otherwise than it was built; it runs again, and at last is left out: the books
    above, which no clock has written, are always there.
    """
    found: dict[int, Trace] = {}
    for _ in range(2):
        missing = [place for place in range(len(LINES)) if place not in found]
        recorded = zip(missing, _recorded([LINES[place] for place in missing]), strict=True)
        found |= {place: trace for place, trace in recorded if _clear(trace, LINES[place][3])}
    return dict(sorted(found.items()))


def _recorded(lines: Sequence[tuple[str, Sequence[float], Sequence[int], str]]) -> list[Trace]:
    stages = [line(dict(zip(STAGES, seconds, strict=True)), dict(zip(STAGES, team, strict=True)))
              for _, seconds, team, _ in lines]
    try:
        for stage in stages:
            stage.wait(lambda s: s.received("album") >= 22, timeout=10)
    except StageTimeout:
        pass        # what is not clear is left out
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
def the_one_without_rest(bottleneck) -> str:
    """`bottleneck(trace, stages)` names the stage that sets the pace of a line."""
    with trial() as t:
        for what, workers, right in BOOKS:
            told = "; ".join(
                f"{name}: " + ", ".join(f"{work:.0%}" for _, work, _ in each) for name, each in workers.items()
            )
            _ask(t, bottleneck, book(workers), list(workers), right, f"{what}. Of their time they are at work: {told}")
    traces = _traces()
    for place, trace in traces.items():
        what, seconds, team, right = LINES[place]
        workers = ", ".join(f"{name} {n} × {each} s" for name, n, each in zip(STAGES, team, seconds, strict=True))
        with trial() as t:
            _ask(t, bottleneck, trace, list(STAGES), right, f"the trace of a real line: {what} ({workers})")
    return f"{len(BOOKS) + len(traces)} lines, with 1 to 12 workers at a stage, the bottleneck in every place"


def _ask(t: Trial, bottleneck: Any, trace: Trace, stages: list[str], right: str, tried: str) -> None:
    got = t.run(bottleneck, trace, stages)
    expect_type(got, str, "what `bottleneck` returned")
    if got != right:
        raise Wrong(
            "another stage sets the pace",
            tried=tried,
            seen=f"`{show(got)}`",
            expected=f"`{right!r}`: taken together, its workers rest least: they neither wait nor are blocked",
            look="the lanes of the lesson, and what it says under them",
        )
