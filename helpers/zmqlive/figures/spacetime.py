"""Messages in space and time: roles as upright lines, time downwards, a slanted arrow for each message."""

from __future__ import annotations

import bisect
from collections.abc import Iterable

from matplotlib.axes import Axes

from ..trace import Message, Trace
from .canvas import Plot, colour, frozen, lane, nothing, shorten, style

FIRST = 60        # messages shown when no window is asked for
MOST = 160        # and in any window
LABELS = 40       # up to so many arrows carry what they carry
COLUMNS = 14
UNITS = ((1, "seconds", 0.5), (1e3, "milliseconds", 0.5e-3), (1e6, "microseconds", 0.0))


def spacetime(trace: Trace, t0: float | None = None, t1: float | None = None) -> Plot:
    """The messages on their way between `t0` and `t1` (seconds); by default the first sixty.

    An arrow runs from the sender's line, when it was sent, to the receiver's, when it was received. A cross
    beside its sender ends one that was dropped, a dot one that is still waiting. A box on a line: the role
    was at work on a message; hatched: it was blocked in send. What is left out is said below the picture.
    """
    trace = frozen(trace)
    messages = sorted(trace.messages, key=lambda m: m.sent)
    start, stop, inside, left_out = _window(messages, t0, t1, trace.seconds)
    columns, more = _columns(trace, inside)
    inside = [m for m in inside if _column(trace, columns, m.source) is not None]
    note = " ".join(filter(None, (left_out, more, trace.note)))
    scale, unit = next(((k, name) for k, name, least in UNITS if stop - start >= least), UNITS[-1][:2])
    window = f"{start * scale:,.4g} to {stop * scale:,.4g} {unit}"
    plot = Plot(height=5.4, title=f"Messages in space and time, {window}", note=note)
    with style():
        axes = plot.axes_
        for x in range(len(columns)):
            axes.axvline(x, color=colour("line"), lw=1.2, zorder=1)
        _boxes(axes, trace, columns, inside, start, stop)
        _arrows(axes, trace, columns, inside, start, stop)
        axes.set(xlim=(-0.5, max(len(columns), 1) - 0.5), ylim=(stop, start), ylabel=unit)
        axes.yaxis.set_major_formatter(lambda value, _: f"{value * scale:,.6g}")
        letters = 16 if len(columns) < 8 else 9
        axes.set_xticks(range(len(columns)), [shorten(name, letters) for name in columns])
        axes.xaxis.tick_top()
        axes.tick_params(axis="x", length=0, labelcolor=colour("ink"), labelsize=9)
        axes.spines[["bottom", "left"]].set_visible(False)
        if not inside:
            nothing(axes, "No message was sent in this time." if messages else "No message was sent.")
    fates = {fate: sum(m.fate == fate for m in inside) for fate in ("received", "waiting", "dropped", "lost")}
    counted = ", ".join(f"{n} {fate}" for fate, n in fates.items() if n or fate == "received")
    plot.summary = (f"Messages in space and time, {window}, between {', '.join(columns) or 'nobody'}: "
                    f"{counted}. {note}").strip()
    return plot


def _window(messages: list[Message], t0: float | None, t1: float | None,
            seconds: float) -> tuple[float, float, list[Message], str]:
    """The window, what is in it, and what of that is not shown."""
    times = [m.sent for m in messages]
    start = t0 if t0 is not None else max(0.0, times[0]) if times else 0.0
    first, said = bisect.bisect_left(times, start), ""
    if t1 is None:
        inside = messages[first:first + FIRST]
        whole = first + FIRST >= len(messages)
        last = [m.sent if m.received is None else m.received for m in inside]
        stop = max(last, default=seconds) if whole or not inside else messages[first + FIRST].sent
        if not whole:
            said = f"The first {len(inside)} of {len(messages) - first:,} messages; t0 and t1 choose others."
    else:
        inside, stop = messages[first:bisect.bisect_right(times, t1)], t1
    if t0 is not None:    # and those that were on their way by then
        inside = [m for m in messages[:first] if m.received is not None and m.received >= start] + inside
    if len(inside) > MOST:
        said = f"{MOST} of the {len(inside):,} messages of this time are drawn."
        inside = [inside[i * len(inside) // MOST] for i in range(MOST)]
    if stop <= start:
        stop = start + 0.001
    margin = (stop - start) * 0.03    # twice as much above, where the first label stands
    return max(0.0, start - 2 * margin), stop + margin, inside, said


def _name(trace: Trace, socket: int, crowded: set[str]) -> str:
    info = trace.socket(socket)
    own = info.role and info.role not in crowded
    return info.role if own else f"{info.role} {info.type} {info.id}".strip()


def _columns(trace: Trace, messages: Iterable[Message]) -> tuple[dict[str, set[int]], str]:
    """Lines from left to right, each with its sockets: senders before receivers. A role that talks to itself
    is shown as its sockets."""
    crowded = {trace.role_of(c.source) for c in trace.connections
               if trace.role_of(c.source) == trace.role_of(c.target)}
    busy: dict[str, int] = {}
    rank: dict[int, int] = {}
    for m in messages:
        for socket in (m.source, m.target):
            if socket is not None:
                busy[_name(trace, socket, crowded)] = busy.get(_name(trace, socket, crowded), 0) + 1
    for _ in range(len(trace.sockets)):    # a socket stands right of those that it receives from
        before = dict(rank)
        names = {s.id: _name(trace, s.id, crowded) for s in trace.sockets}
        for c in trace.connections[:400]:
            level = max((rank.get(s, 0) for s, n in names.items() if n == names[c.source]), default=0)
            rank[c.target] = max(rank.get(c.target, 0), min(level + 1, len(trace.sockets)))
        if rank == before or len(trace.sockets) > 60:
            break
    found: dict[str, set[int]] = {}
    for s in trace.sockets:
        found.setdefault(_name(trace, s.id, crowded), set()).add(s.id)
    names = sorted((name for name in found if name in busy),
                   key=lambda name: (max(rank.get(s, 0) for s in found[name]), min(found[name])))
    kept = sorted(names, key=lambda name: -busy[name])[:COLUMNS]
    more = f"{len(names) - len(kept)} less busy lines are left out." if len(kept) < len(names) else ""
    return {name: found[name] for name in names if name in kept}, more


def _column(trace: Trace, columns: dict[str, set[int]], socket: int | None) -> int | None:
    return next((x for x, sockets in enumerate(columns.values()) if socket in sockets), None)


def _boxes(axes: Axes, trace: Trace, columns: dict[str, set[int]], messages: list[Message], start: float,
           stop: float) -> None:
    for x, sockets in enumerate(columns.values()):
        for m in messages:
            if m.target in sockets and m.received is not None:
                done = stop if m.done is None else min(m.done, stop)
                if done - m.received > (stop - start) / 400:
                    axes.bar(x, done - m.received, 0.09, m.received, color=colour("faint"), ec=colour("dim"),
                             lw=0.8, zorder=2)
        for each in trace.blocked:
            if each.socket in sockets and each.start < stop and (each.end is None or each.end > start):
                a, b = max(each.start, start), stop if each.end is None else min(each.end, stop)
                axes.bar(x, b - a, 0.13, a, color=colour("badbg"), ec=colour("bad"), hatch="////", lw=0.8,
                         zorder=3)


def _arrows(axes: Axes, trace: Trace, columns: dict[str, set[int]], messages: list[Message], start: float,
            stop: float) -> None:
    for m in messages:
        a, b = (_column(trace, columns, socket) for socket in (m.source, m.target))
        head, kind = _head(m, a, b, len(columns), stop)
        tail = (a, m.sent)
        if m.sent < start and b is not None:    # comes in from above
            tail = (_between(m, a, b, start), start)
        ink, thick = colour("bad") if kind == "x" else lane(a), 0.5 if m.heartbeat else 1.1
        if kind == ">":
            axes.annotate("", head, tail, zorder=4,
                          arrowprops={"arrowstyle": "-|>,head_width=0.16,head_length=0.4", "color": ink,
                                      "lw": thick, "shrinkA": 0, "shrinkB": 0})
        else:
            dashed = (0, (3, 2)) if kind in "xo" else "-"
            axes.plot(*zip(tail, head, strict=True), lw=thick, color=ink, zorder=4, ls=dashed)
            if kind in "xo":
                axes.plot(*head, kind, ms=7 if kind == "x" else 4, mew=2, color=ink, zorder=5)
        if len(messages) <= LABELS and m.sent >= start:
            right = head[0] >= tail[0]
            axes.annotate(_text(m), tail, xytext=(5 if right else -5, 1), fontsize=7.5, va="bottom", zorder=6,
                          textcoords="offset points", ha="left" if right else "right", color=colour("ink"))


def _head(m: Message, a: int, b: int | None, columns: int, stop: float) -> tuple[tuple[float, float], str]:
    """Where the arrow from column `a` ends, and how: ">" arrived, "x" lost, "o" waits, "-" goes on below."""
    if m.received is not None and b is not None:
        return ((b, m.received), ">") if m.received <= stop else ((_between(m, a, b, stop), stop), "-")
    towards = 1 if (b > a if b is not None else a + 1 < columns) else -1
    kind = "o" if m.fate == "waiting" else "x"
    # Dropped is what its sender has no room for: that ends beside it, and not at a line on the way.
    aside, later = (0.22, 0.02) if kind == "x" else (0.4, 0.06)
    return (a + towards * aside, m.sent + (stop - m.sent) * later), kind


def _between(m: Message, a: int, b: int, t: float) -> float:
    """Where it is drawn at time `t`."""
    return a + (b - a) * (t - m.sent) / (m.received - m.sent)


def _text(message: Message) -> str:
    """The payload, short: the last frame as text if it is one."""
    last = message.frames[-1] if message.frames else b""
    try:
        text = last.decode()
    except UnicodeDecodeError:
        text = last.hex()
    return shorten(text if text.isprintable() else last.hex(), 14)
