"""Who did what when: a lane for each role."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable

from matplotlib.axes import Axes

from ..trace import Interval, Trace
from .canvas import PIXELS, Plot, colour, frozen, lane, legend, merged, nothing, shorten, style

MOST_ROWS = 40
SAMPLED = ("waiting", "at work")    # of which a record that could not keep every message has only a part
GONE = ("ended", "failed", "killed", "stopped")
Spans = list[tuple[float, float]]
# Told apart by how light they are (3 : 1, in both themes) and by how high.
LOOKS = {
    "its own code": {"facecolor": colour("ink")},
    "waiting": {"facecolor": colour("grey")},
    "at work": {"facecolor": lane(0)},
    "blocked": {"facecolor": colour("bad"), "hatch": "////", "edgecolor": colour("badbg")},
    "frozen": {"facecolor": colour("ice"), "hatch": "xx", "edgecolor": colour("paper")},
}
HEIGHTS = {"its own code": 0.3, "waiting": 0.14}    # of a row; all else 0.66


def lanes(trace: Trace) -> Plot:
    """A lane for each role: at work (from a message's arrival until the role went back to its socket),
    waiting for messages, blocked in send, frozen; a cross where it was killed or failed."""
    trace = frozen(trace)
    roles = list(dict.fromkeys([e.role for e in trace.roles] + [s.role for s in trace.sockets]))
    shown = roles[:MOST_ROWS] if len(roles) <= MOST_ROWS else roles[: MOST_ROWS - 1]
    left = f"{len(roles) - len(shown)} more roles are left out. " if len(roles) > len(shown) else ""
    plot = Plot(height=1.3 + 0.3 * max(len(shown), 1), title="Who did what when", note=left + trace.note)
    end = trace.seconds or 1.0
    work, wait, block = _work(trace, end), _spans(trace, trace.waits, end), _spans(trace, trace.blocked, end)
    said = []
    with style():
        axes = plot.axes_
        for y, role in enumerate(shown):
            alive = _alive(trace, role, end)
            doing = {"its own code": alive, "waiting": wait.get(role, []), "at work": work.get(role, []),
                     "blocked": block.get(role, []), "frozen": _frozen(trace, role, end)}
            _row(axes, y, doing, end)
            _ends(axes, trace, role, y)
            words = _shares({label: spans for label, spans in doing.items()
                             if trace.exact or label not in SAMPLED})
            said.append(f"{role or 'the program'}: {', '.join(words) or 'its own code only'}")
            axes.annotate(", ".join(word for word in words if "waiting" not in word), (1.01, y), fontsize=8,
                          xycoords=axes.get_yaxis_transform(), va="center", color=colour("dim"),
                          annotation_clip=False)
        axes.set(xlim=(0, end), ylim=(max(len(shown), 1) - 0.5, -0.5), xlabel="seconds")
        axes.set_yticks(range(len(shown)), [shorten(role or "the program", 22) for role in shown])
        axes.tick_params(axis="y", length=0, labelcolor=colour("ink"))
        axes.spines["left"].set_visible(False)
        legend(axes)
        if not shown:
            nothing(axes, "No role has run.")
    plot.summary = f"Who did what when. {'; '.join(said) or 'No role has run'}."
    return plot


def _row(axes: Axes, y: int, doing: dict[str, Spans], end: float) -> None:
    for label, spans in _without_cover(doing).items():
        high = HEIGHTS.get(label, 0.66)
        apart = label == "at work" and len(spans) <= PIXELS / 6     # few enough to see each task on its own
        drawn = [(a, max(b - a, end / PIXELS / 2)) for a, b in (spans if apart else merged(spans, end / PIXELS))]
        if drawn:
            edge = {"lw": 0.8, "ec": colour("paper")} if apart else {"lw": 0}
            axes.broken_barh(drawn, (y - high / 2, high), label=label, **LOOKS[label] | edge)


def _without_cover(doing: dict[str, Spans]) -> dict[str, Spans]:
    """What is drawn of each: where a role waits or works, nothing else stands behind it."""
    busy = merged([span for label, spans in doing.items() if label not in HEIGHTS for span in spans], 0)
    wait = _minus(doing["waiting"], busy)
    own = _minus(doing["its own code"], merged(busy + doing["waiting"], 0))
    return doing | {"its own code": own, "waiting": wait}


def _minus(spans: Spans, cover: Spans) -> Spans:
    """The spans without what is covered; `cover` is in order, without overlap."""
    out: Spans = []
    for start, end in merged(spans, 0):
        first = bisect_left(cover, start, key=lambda span: span[1])
        for a, b in cover[first:]:
            if a >= end:
                break
            if a > start:
                out.append((start, a))
            start = max(start, b)
        if start < end:
            out.append((start, end))
    return out


def _shares(doing: dict[str, Spans]) -> list[str]:
    """"62% at work" and the like: of the time that the role ran."""
    life = sum(b - a for a, b in doing["its own code"]) or 1.0
    shares = {label: sum(b - a for a, b in merged(spans, 0)) / life for label, spans in doing.items()}
    return [f"{min(share, 1):.0%} {label}" for label, share in list(shares.items())[1:] if share >= 0.005]


def _spans(trace: Trace, intervals: Iterable[Interval], end: float) -> dict[str, Spans]:
    """Intervals of sockets, by role."""
    found: dict[str, Spans] = {}
    for each in intervals:
        span = (each.start, end if each.end is None else each.end)
        found.setdefault(trace.role_of(each.socket), []).append(span)
    return found


def _work(trace: Trace, end: float) -> dict[str, Spans]:
    """From each message's arrival until it was done. The last one of a role has no end when the role never
    came back to its socket, or was told to end while it waited there: it is taken to have lasted as long as
    the longest before it."""
    found: dict[str, Spans] = {}
    open_: list[tuple[str, float]] = []
    for m in trace.messages:
        if m.heartbeat:
            continue
        if m.received is not None and m.done is not None:
            found.setdefault(trace.role_of(m.target), []).append((m.received, m.done))
        elif m.received is not None:
            open_.append((trace.role_of(m.target), m.received))
    longest = {role: max(b - a for a, b in spans) for role, spans in found.items()}
    for role, start in open_:
        found.setdefault(role, []).append((start, min(end, start + longest.get(role, end))))
    return found


def _alive(trace: Trace, role: str, end: float) -> Spans:
    """When it ran: by its own events, else by its sockets."""
    spans: Spans = []
    started: float | None = None
    for event in trace.roles:
        if event.role == role and event.state in GONE and started is not None:
            spans.append((started, event.t))
            started = None
        elif event.role == role and event.state not in GONE and started is None:
            started = event.t
    if started is not None:
        spans.append((started, end))
    if not spans:
        spans = [(s.opened, end if s.closed is None else s.closed) for s in trace.sockets if s.role == role]
    return merged(spans, 0)


def _frozen(trace: Trace, role: str, end: float) -> Spans:
    events = [event for event in trace.roles if event.role == role]
    ends = [event.t for event in events[1:]] + [end]
    return [(event.t, until) for event, until in zip(events, ends, strict=False) if event.state == "frozen"]


def _ends(axes: Axes, trace: Trace, role: str, y: int) -> None:
    for event in trace.roles:
        if event.role == role and event.state in ("killed", "failed"):
            axes.plot([event.t], [y], "X", ms=9, color=colour("bad"), mec=colour("paper"), clip_on=False,
                      zorder=5)
            axes.annotate(event.state, (event.t, y), xytext=(8, 0), textcoords="offset points", va="center",
                          fontsize=8.5, color=colour("bad"), fontweight="bold", annotation_clip=False)
