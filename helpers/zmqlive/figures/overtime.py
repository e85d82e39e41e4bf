"""Figures of a record: how much waited, how fast it went, who did what when, and which way the messages took.

    from zmqlive import figures
    figures.depth(stage.trace())

Each of these takes a `Trace` and returns a matplotlib figure (see `plotting.Plot`); `chart` and `bars` draw
numbers that you have worked out yourself. All are drawn for the light and the dark theme at once, have a
fixed size, and carry a `summary` in words. What is too much to be seen is drawn more coarsely; what is left
out is named in the figure.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes

from ..trace import Connection, Message, Trace
from .activity import lanes
from .canvas import LANES, PIXELS, Plot, colour, frozen, lane, legend, merged, nothing, shorten, steps, style
from .frames import frames
from .numbers import bars, chart
from .spacetime import spacetime

__all__ = ["bars", "chart", "depth", "frames", "lanes", "rates", "spacetime"]

MOST_LINES = len(LANES)
Curve = tuple[list[float], list[float]]


# --- how much waited

def depth(trace: Trace, connection: int | None = None) -> Plot:
    """Messages waiting over time, against what the connection may hold.

    `connection` is the id of one; None shows all together and, where there are only a few, each as well.
    Hatched: a sender was blocked. Crosses: a message was dropped. Raises ValueError for a connection that is
    not in the trace.
    """
    trace = frozen(trace)
    chosen = _connections(trace, connection)
    one = chosen[0] if len(chosen) == 1 else None
    title = f"Messages waiting: {_way(trace, one)}" if one else "Messages waiting, all connections"
    plot = Plot(height=3.1, title=title, note=trace.note)
    times, depths = _settled(trace.depth(one.id if one else None))
    end = max(trace.seconds, times[-1]) or 1.0
    limit = _limit(chosen, trace)
    near = limit if limit and limit.messages <= 4 * max(1, *depths) else None    # else it flattens the curve
    top = max(1, *depths, near.messages if near else 0) * 1.18
    blocked = _blocked(trace, {socket for each in chosen for socket in (each.source, each.target)}, end)
    lost = [m for m in trace.messages
            if m.fate in ("dropped", "lost") and (connection is None or m.connection == connection)]
    with style():
        axes = plot.axes_
        _curves(axes, trace, chosen, _until(steps(times, depths), end), end)
        if near:
            _line(axes, near)
        _shade(axes, blocked, end)
        _crosses(axes, lost, end, top * 0.95)
        _marks(axes, trace)
        axes.set(xlim=(0, end), ylim=(0, top), xlabel="seconds", ylabel="messages")
        axes.yaxis.get_major_locator().set_params(integer=True)
        axes.yaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
        legend(axes)
        if not trace.messages and not trace.counts:
            nothing(axes, "No message was sent.")
    held = f"{_way(trace, one)}: " if one else ""
    plot.summary = (f"Messages waiting, {held}at most {max(depths):,}, {depths[-1]:,} at the end"
                    f"{f'; {limit.label}' if limit else ''}; senders blocked {_times(len(blocked))}, "
                    f"{sum(b - a for a, b in blocked):.2f} s in all; {len(lost):,} dropped.")
    return plot


class Limit(NamedTuple):
    """What connections may hold: messages, how to say so, and whether that is exact."""

    messages: int
    label: str
    exact: bool


def _connections(trace: Trace, wanted: int | None) -> list[Connection]:
    found = [each for each in trace.connections if wanted in (None, each.id)]
    if wanted is not None and not found:
        ids = ", ".join(str(each.id) for each in trace.connections) or "none"
        raise ValueError(f"There is no connection {wanted!r} in this trace: it has {ids}.")
    return found


def _way(trace: Trace, connection: Connection) -> str:
    a, b = (trace.socket(id) for id in (connection.source, connection.target))
    return f"{a.role or a.type} → {b.role or b.type}"


def _limit(chosen: list[Connection], trace: Trace) -> Limit | None:
    if chosen and all(each.capacity is not None for each in chosen):
        total = sum(each.capacity for each in chosen)
        return Limit(total, f"capacity {total:,}", True)
    if len(chosen) == 1:
        out, into = trace.socket(chosen[0].source).sndhwm, trace.socket(chosen[0].target).rcvhwm
        if out and into:    # over tcp and ipc the system's own buffers come on top
            return Limit(out + into, f"both high-water marks: {out:,} + {into:,}", False)
    return None


def _curves(axes: Axes, trace: Trace, chosen: list[Connection], all_: Curve, end: float) -> None:
    if 1 < len(chosen) <= MOST_LINES:
        for i, each in enumerate(chosen):
            curve = steps(*_settled(trace.depth(each.id)))
            axes.step(*_until(curve, end), where="post", lw=1.3, color=lane(i),
                      label=shorten(_way(trace, each), 24))
        axes.step(*all_, where="post", lw=1.6, color=colour("ink"), label="all")
    else:
        axes.fill_between(*all_, step="post", color=lane(0), alpha=0.18, lw=0)
        axes.step(*all_, where="post", lw=1.5, color=lane(0))


def _line(axes: Axes, limit: Limit) -> None:
    axes.axhline(limit.messages, color=colour("bad"), lw=1.3, ls="--" if limit.exact else ":")
    axes.annotate(limit.label, (1, limit.messages), xycoords=axes.get_yaxis_transform(), xytext=(0, 3),
                  textcoords="offset points", ha="right", va="bottom", color=colour("bad"), fontsize=8.5)


def _crosses(axes: Axes, lost: list[Message], end: float, y: float) -> None:
    """A cross for each message that was dropped, one for those that would stand on each other."""
    if lost:
        width = end / PIXELS * 8
        places = sorted({int(m.sent / width) for m in lost})
        axes.plot([(place + 0.5) * width for place in places], [y] * len(places), "x", ms=5, mew=1.5,
                  color=colour("bad"), label=f"{len(lost):,} dropped", clip_on=False)


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count:,} times"


def _settled(curve: Curve) -> Curve:
    """Of several values at one time only the last: what a counting record says of two sockets, one by one."""
    return tuple(list(part) for part in zip(*dict(zip(*curve, strict=True)).items(), strict=True))


def _until(curve: Curve, end: float) -> Curve:
    return [*curve[0], end], [*curve[1], curve[1][-1]]


def _blocked(trace: Trace, sockets: Iterable[int], end: float) -> list[tuple[float, float]]:
    chosen = [each for each in trace.blocked if each.socket in sockets]
    return merged([(each.start, end if each.end is None else each.end) for each in chosen], 0.0)


def _shade(axes: Axes, spans: list[tuple[float, float]], end: float) -> None:
    for a, b in merged(spans, end / PIXELS):
        axes.axvspan(a, max(b, a + end / PIXELS), facecolor=colour("badbg"), edgecolor=colour("bad"),
                     hatch="////", lw=0, alpha=0.55, zorder=0, label="sender blocked")


def _marks(axes: Axes, trace: Trace) -> None:
    """What was done from outside: a line for each, words for the first dozen."""
    for mark in trace.marks[:100]:
        axes.axvline(mark.t, color=colour("dim"), lw=1, ls=(0, (2, 2)))
    for mark in trace.marks[:12]:
        axes.annotate(shorten(f"{mark.where} {mark.what}", 28), (mark.t, 0), xytext=(2, 3), rotation=90,
                      xycoords=axes.get_xaxis_transform(), textcoords="offset points", fontsize=8,
                      color=colour("dim"), ha="left", va="bottom")


# --- how fast it went

def rates(trace: Trace, *, window: float | None = None) -> Plot:
    """Messages received a second, by role, and sent by all together (dashed, where every message was kept).

    `window` is the width of a step in seconds; None takes about forty steps. The busiest roles have a line
    each, the others one together.
    """
    trace = frozen(trace)
    end = trace.seconds or 1.0
    window = window or max(0.01, end / 40)
    edges = np.arange(int(np.ceil(end / window - 1e-9)) + 1) * window
    plot = Plot(height=3.1, title="Messages received a second", note=trace.note)
    busy: Counter[str] = Counter()
    lines: dict[str, np.ndarray] = {}
    for sock, values in zip(trace.sockets, _rates(trace, edges), strict=True):
        if sock.received:
            name = sock.role or sock.type
            busy[name] += sock.received
            lines[name] = lines.get(name, 0) + values
    first = [name for name, _ in busy.most_common(MOST_LINES - (len(busy) > MOST_LINES))]
    rest = [lines[name] for name in lines if name not in first]
    with style():
        axes = plot.axes_
        for i, name in enumerate(sorted(first, key=list(lines).index)):
            axes.stairs(lines[name], edges, baseline=None, color=lane(i), lw=1.6, label=shorten(name, 22))
        if rest:
            axes.stairs(sum(rest), edges, baseline=None, color=colour("dim"), lw=1.6,
                        label=f"{len(rest)} others")
        if trace.exact and lines:
            sent, _ = np.histogram([m.sent for m in trace.messages], edges)
            axes.stairs(sent / window, edges, baseline=None, color=colour("ink"), lw=1.2, ls=(0, (3, 2)),
                        label="sent, all")
        _marks(axes, trace)
        axes.set(xlim=(0, end), xlabel="seconds", ylabel="messages / s")
        axes.set_ylim(0, (axes.get_ylim()[1] or 1) * 1.12)
        axes.yaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
        legend(axes)
        if not lines:
            nothing(axes, "No message was received.")
    said = "; ".join(f"{name} {busy[name] / end:,.0f} a second on average" for name in first)
    plot.summary = f"Messages received: {said or 'none'}{f'; {len(rest)} other roles' if rest else ''}."
    return plot


def _rates(trace: Trace, edges: np.ndarray) -> list[np.ndarray]:
    """Messages received a second between the edges, for each socket: from the messages while each was kept,
    from the counts since then."""
    arrivals: dict[int, list[float]] = {sock.id: [] for sock in trace.sockets}
    counts: dict[int, list[tuple[float, int]]] = {sock.id: [] for sock in trace.sockets}
    for m in trace.messages:
        if m.received is not None and m.target in arrivals:
            arrivals[m.target].append(m.received)
    for each in trace.counts:
        counts[each.socket].append((each.t, each.received))
    found = []
    for sock in trace.sockets:
        arrived, counted = np.sort(arrivals[sock.id]), sorted(counts[sock.id])
        so_far = np.searchsorted(arrived, edges).astype(float)
        if counted:
            since = edges >= counted[0][0]
            so_far[since] = np.interp(edges[since], *zip(*counted, strict=True))
        found.append(np.diff(so_far) / np.diff(edges))
    return found
