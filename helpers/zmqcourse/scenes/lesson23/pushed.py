"""All of a file at once, to a slow reader and a quick one: what is dropped, what waits, and who has to wait."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from zmqlive import Stage
from zmqlive.trace import Message

Role = Callable[..., Any]
PAUSE = 0.005  # seconds that the slow reader needs for a piece
CALM = 1.0  # seconds in which nothing more comes, once all is sent


class Pushed(NamedTuple):
    """What became of a file, in pieces: those that the slow reader got, the most that waited for both, and those that
    the slow one had when the quick one got its first."""

    arrived: int
    waited: int
    before: int


def three_ways(server: Role, reader: Role, path: Path, pieces: int) -> list[Pushed]:
    """The same file by a ROUTER with a mark of 10, without a mark, and with a mark of 10 and ROUTER_MANDATORY."""
    return [_pushed(server, reader, path, pieces, *how) for how in ((10, False), (0, False), (10, True))]


def _pushed(server: Role, reader: Role, path: Path, pieces: int, mark: int, mandatory: bool) -> Pushed:
    with Stage("All at once", seconds=120) as stage:
        endpoint = stage.endpoint("tcp", name="file")
        stage.add(server, endpoint, path, mark, mandatory, name="server")
        stage.add(reader, endpoint, mark, PAUSE, name="slow")
        stage.wait(lambda s: s.received("server") == 1, timeout=30)
        stage.add(reader, endpoint, mark, 0, name="quick")
        seen, since = (0, 0), time.monotonic()

        def over(stage: Stage) -> bool:
            nonlocal seen, since
            now = stage.received("slow"), stage.received("quick")
            if now != seen:
                seen, since = now, time.monotonic()
            return stage.sent("server") == 2 * (pieces + 1) and time.monotonic() - since > CALM

        stage.wait(over, timeout=90)
    trace = stage.trace()
    all_of_it = [m for m in trace.messages if m.received is not None and m.frames[-1]]  # but for the empty one
    came = {name: [m for m in all_of_it if trace.role_of(m.target) == name] for name in ("slow", "quick")}
    first = min(m.received for m in came["quick"])
    before = sum(m.received < first for m in came["slow"])
    return Pushed(len(came["slow"]), _most([*came["slow"], *came["quick"]]), before)


def _most(came: list[Message]) -> int:
    """The most of these that were under way at one time."""
    steps: Counter[float] = Counter()
    for message in came:
        steps[message.sent] += 1
        steps[message.received] -= 1
    most = count = 0
    for t in sorted(steps):
        count += steps[t]
        most = max(most, count)
    return most
