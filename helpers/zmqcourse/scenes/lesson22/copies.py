"""Copies of a table over ways of unequal speed: what they miss, and what is said on the way."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from zmqlive import Stage, figures
from zmqlive.figures import Plot
from zmqlive.trace import Message, Trace

from .numbers import END, missing, snapshots, updates

Role = Callable[..., Any]
PAUSE = 0.01  # seconds between two changes
CROSSINGS = 5  # of the line, until a subscription is there: two hellos in parts, READY, and the subscription itself
ROWS = 20
KINDS = {"subscribe, then ask": False, "ask when you have heard something": True}


def one_copy(server: Role, board: Role) -> tuple[Trace, Message]:
    """One board joins. The record, and the end of its snapshot."""
    with Stage("One copy", seconds=60) as stage:
        ends = [stage.endpoint("tcp", name=name) for name in ("snapshots", "updates")]
        stage.add(server, *ends, PAUSE, {b"train 0": b"0"}, name="server")
        stage.start()
        stage.wait(lambda s: s.sent("server"), timeout=30)
        stage.add(board, *ends, {}, name="board")
        stage.wait(lambda s: updates(s.trace(), "board"), timeout=30)
    trace = stage.trace()
    return trace, next(m for m in trace.messages if m.received is not None and m.frames[0] == END)


def by_delay(server: Role, board: Role, delays: Sequence[float]) -> dict[str, list[int]]:
    """Boards that join over lines on which updates take so many seconds longer each way than snapshots do: by the way
    in which they join, how many changes each misses."""
    with Stage("Delays", seconds=120) as stage:
        snapshots_, updates_ = (stage.endpoint("tcp", name=name) for name in ("snapshots", "updates"))
        stage.add(server, snapshots_, updates_, PAUSE, {b"train %d" % n: b"0" for n in range(ROWS)}, name="server")
        stage.start()
        stage.wait(lambda s: s.sent("server") >= 20, timeout=30)
        names = []
        for number, delay in enumerate(delays):
            line = stage.link(updates_, name=f"line {number}", latency=delay)
            for kind, listens in KINDS.items():
                names.append(f"{kind} {number}")
                stage.add(board, snapshots_, line.endpoint, {}, listens, name=names[-1])

        def all_go_on(stage: Stage) -> bool:
            trace = stage.trace()
            return all(_after_its_snapshot(trace, name) >= 20 for name in names)

        stage.wait(all_go_on, timeout=60)
        trace = stage.trace()
    return {kind: [missing(trace, f"{kind} {number}") for number in range(len(delays))] for kind in KINDS}


def _after_its_snapshot(trace: Trace, name: str) -> int:
    """How many updates it has received that are newer than its snapshot."""
    ends = snapshots(trace, name)
    return sum(each.number > ends[-1].number for each in updates(trace, name)) if ends else 0


def gap_against_delay(delays: Sequence[float], gaps: dict[str, list[int]]) -> Plot:
    """What was measured, beside the changes that are made while the line is crossed five times."""
    ms = [1000 * delay for delay in delays]
    law = [CROSSINGS * delay / PAUSE for delay in delays]
    curves: dict[str, tuple] = {f"{CROSSINGS} × delay × changes a second": (ms, law)}
    curves |= {kind: (ms, each, "dots") for kind, each in gaps.items()}
    title = "What a newcomer misses"
    return figures.chart(title, curves, x="how much longer an update takes than a snapshot, one way, ms", y="changes")
