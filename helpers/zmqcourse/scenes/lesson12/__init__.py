"""Lesson 12: senders and their knobs, a scoreboard, how long messages waited, a queue in the middle."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Sequence
from itertools import pairwise
from math import inf
from typing import Any

from ipywidgets import HTML, FloatSlider
from zmqlive import Stage, figures
from zmqlive.trace import Trace

NAMES = ("flood", "steady", "rare")
Rows = list[tuple[str, float, float]]


def knobs(work: float) -> tuple[dict[str, FloatSlider], FloatSlider]:
    """A slider for the pause of each sender, and one for the reader's work, in seconds."""
    pauses = {
        name: FloatSlider(value=value, min=0.02, max=1, step=0.02, description=f"{name}, s")
        for name, value in zip(NAMES, (0.04, 0.08, 0.3), strict=True)
    }
    return pauses, FloatSlider(value=work, min=0, max=0.2, step=0.01, description="work, s")


def scoreboard(index: Callable[[Sequence[float]], float]) -> tuple[HTML, Callable[[bytes], None]]:
    """A text, and what to call with each message: it says whose the last fifty were, and what `index` makes of that."""
    text, recent = HTML(), deque(maxlen=50)

    def seen(message: bytes) -> None:
        recent.append(message.split()[0].decode())
        shares = [recent.count(name) for name in NAMES]
        said = ", ".join(f"{name} {share}" for name, share in zip(NAMES, shares, strict=True))
        text.value = f"last {len(recent)}: {said}. Jain's index {index(shares):.2f}"

    return text, seen


def served(trace: Trace, reader: str = "reader") -> Rows:
    """Of each message that was read: its sender's name (it stands in the message), when it was sent, when read."""
    sent: dict[tuple[bytes, ...], float] = {}
    for m in trace.messages:
        sent[m.frames] = min(m.sent, sent.get(m.frames, inf))     # the first hop counts
    read = [m for m in trace.messages if m.received and trace.role_of(m.target) == reader]
    return [(m.frames[0].split()[0].decode(), sent[m.frames], m.received) for m in read]


def ahead(trace: Trace, name: str, since: float = 0.0) -> int:
    """How many messages were read, at most, while one of this sender's waited."""
    rows = served(trace)
    mine = [(sent, got) for who, sent, got in rows if who == name and sent > since]
    return max((sum(sent < other < got for *_, other in rows) for sent, got in mine), default=0)


def waits(rows: Rows, name: str = "rare", since: float = 0.0) -> list[tuple[float, float]]:
    """Of each message of this sender: when it was sent after `since`, and how long it waited."""
    return [(sent - since, got - sent) for who, sent, got in rows if who == name and sent > since]


def dots(waited: dict[str, list[tuple[float, float]]], **options: Any) -> Any:
    """A figure: how long each message waited, by when it was sent."""
    return figures.chart(
        "How long a message of the rare one waited",
        {label: tuple(zip(*each, strict=True)) for label, each in waited.items()},
        x="sent at, s", y="seconds", kind="dots", **options,
    )


def compared(rows: Rows, pauses: dict[str, FloatSlider], since: float,
             fair: Callable[[dict[str, float], float], dict[str, float]]) -> tuple[dict[str, dict[str, float]], Any]:
    """What each sender asked for since then, should have got by `fair(asked, whole)`, and got; and a figure of it."""
    got = Counter(name for name, _, read in rows if read > since)
    seconds = max(read for *_, read in rows) - since
    asked = {name: seconds / pauses[name].value for name in NAMES}
    found = {"asked": asked, "max-min fair": fair(asked, got.total()), "got": {name: got[name] for name in NAMES}}
    table = {label: [round(each[name]) for name in NAMES] for label, each in found.items()}
    return found, figures.bars("What each asked, should get, and got", table, groups=NAMES, y="messages")


def line(title: str, *roles: tuple[Callable[..., Any], ...], sender: Callable[..., Any],
         pauses: dict[str, FloatSlider], transport: str = "inproc") -> Stage:
    """Three senders, and roles one behind the other; each role is called with the endpoints before and behind it.

    `roles`: (function, further arguments…); the first is the one that senders connect to, behind the last is nothing.
    """
    stage = Stage(title, seconds=600)
    ends = [stage.endpoint(transport, name=role.__name__) for role, *_ in roles]
    for (role, *arguments), (end, behind) in zip(roles, [*pairwise(ends), (ends[-1], None)], strict=True):
        stage.add(role, *([end] if behind is None else [end, behind]), *arguments)
    for name in NAMES:
        stage.add(sender, ends[0], name, pauses[name], name=name)
    return stage.start()
