"""Figures of numbers that a lesson has worked out itself: `chart` for curves, `bars` for amounts.

    figures.chart("Speed-up", {"measured": (workers, factors, "dots"), "Amdahl's law": (fine, law)},
                  x="workers", y="times as fast")
    figures.bars("Who was served", {"messages": [12, 3]}, groups=["quick", "slow"], y="messages")

Both look like the figures that are drawn from a record.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes

from .canvas import Plot, colour, lane, legend, nothing, style

KINDS = ("line", "step", "dots")
MARKERS = "osD^v"   # colour is not all that tells dots apart
MOST_LABELS = 24    # bars that can have their number written on them


class Curve(NamedTuple):
    """Points of one curve. `kind` is one of KINDS ("" takes the chart's); `error` is half an error bar each."""

    x: Sequence[float]
    y: Sequence[float]
    kind: str = ""
    error: Sequence[float] | None = None


def chart(title: str, curves: Mapping[str, tuple], *, x: str = "", y: str = "", kind: str = "line",
          spans: Mapping[str, tuple[float, float]] | None = None) -> Plot:
    """Curves of your own numbers: name → (xs, ys), (xs, ys, kind) or (xs, ys, kind, errors); see `Curve`.

    `spans` are shaded parts of the x axis: name → (from, to). The y axis begins at 0 unless something lies
    below. Raises ValueError for a kind that does not exist and for points without a partner.
    """
    drawn = {name: _curve(name, points, kind) for name, points in curves.items()}
    plot = Plot(height=3.1, title=title)
    with style():
        axes = plot.axes_
        for number, (name, curve) in enumerate(drawn.items()):
            _draw(axes, curve, name, lane(number), MARKERS[number % len(MARKERS)])
        for name, (a, b) in (spans or {}).items():
            axes.axvspan(a, b, color=colour("badbg"), zorder=0, label=name)
        axes.set(xlabel=x, ylabel=y)
        if min((min(curve.y, default=0) for curve in drawn.values()), default=0) >= 0:
            axes.set_ylim(0, (axes.get_ylim()[1] or 1) * 1.05)
        legend(axes)
        if not any(len(curve.x) for curve in drawn.values()):
            nothing(axes, "There is nothing to draw.")
    said = "; ".join(f"{name or y} from {_short(curve.y[0])} to {_short(curve.y[-1])}, at most {_short(max(curve.y))}"
                     for name, curve in drawn.items() if len(curve.y))
    plot.summary = f"{title}. {said}." if said else f"{title}."
    return plot


def _curve(name: str, points: tuple, kind: str) -> Curve:
    curve = Curve(*points)
    curve = curve._replace(x=list(curve.x), y=list(curve.y), kind=curve.kind or kind)
    if curve.kind not in KINDS:
        raise ValueError(f"There is no kind of curve called {curve.kind!r}: choose one of {', '.join(KINDS)}.")
    if len(curve.x) != len(curve.y):
        raise ValueError(f"The curve {name!r} has {len(curve.x)} values along x and {len(curve.y)} along y.")
    return curve


def _draw(axes: Axes, curve: Curve, name: str, ink: str, marker: str) -> None:
    label = name or None
    if curve.kind == "dots":
        axes.errorbar(curve.x, curve.y, curve.error, fmt=marker, ms=5, lw=1.2, color=ink, label=label, zorder=3)
    elif curve.kind == "step":
        axes.step(curve.x, curve.y, where="post", lw=1.6, color=ink, label=label)
    else:
        axes.plot(curve.x, curve.y, lw=1.6, color=ink, label=label)


def bars(title: str, amounts: Mapping[str, float | Sequence[float]], *, groups: Sequence[str] = (),
         y: str = "") -> Plot:
    """Amounts side by side. Without `groups` a bar for each name; with them each name has a value for each
    group: {"lost": [166, 0], "twice": [0, 7]}, groups=["ZeroMQ", "a broker"]. None is a bar that cannot be.

    Raises ValueError when a name has not as many values as there are groups.
    """
    rows = {name: list(values) if groups else [values] for name, values in amounts.items()}
    for name, values in rows.items():
        if groups and len(values) != len(groups):
            raise ValueError(f"{name!r} has {len(values)} values, and there are {len(groups)} groups.")
    plot = Plot(height=3.1, title=title)
    with style():
        axes = plot.axes_
        if groups:
            width = 0.8 / max(1, len(rows))
            for number, (name, values) in enumerate(rows.items()):
                places = np.arange(len(groups)) + (number - (len(rows) - 1) / 2) * width
                _bars(axes, places, values, width * 0.92, lane(number), name, len(groups) * len(rows))
            names = list(groups)
            legend(axes)
        else:
            names = list(rows)
            _bars(axes, np.arange(len(names)), [values[0] for values in rows.values()], 0.6, lane(0), "", len(names))
        crowded = max(map(len, names), default=0) * len(names) > 95    # characters that the axes have room for
        axes.set_xticks(range(len(names)), names, rotation=30 if crowded else 0, ha="right" if crowded else "center")
        axes.tick_params(axis="x", length=0)
        axes.set(ylabel=y, ylim=(0, (axes.get_ylim()[1] or 1) * 1.08))
    said = "; ".join(_said(name, values, groups) for name, values in rows.items())
    plot.summary = f"{title}. {said}." if said else f"{title}."
    return plot


def _bars(axes: Axes, places: np.ndarray, values: list[float | None], width: float, ink: str, label: str,
          many: int) -> None:
    drawn = axes.bar(places, [value or 0 for value in values], width, color=ink, label=label or None)
    if many <= MOST_LABELS:
        axes.bar_label(drawn, ["–" if value is None else _short(value) for value in values], padding=2, fontsize=8.5,
                       color=colour("dim"))


def _said(name: str, values: list[float | None], groups: Sequence[str]) -> str:
    told = ["none" if value is None else _short(value) for value in values]
    return f"{name}: " + (", ".join(f"{g} {v}" for g, v in zip(groups, told, strict=True)) if groups else told[0])


def _short(value: float) -> str:
    """As many digits as can be read off a picture."""
    return f"{value:,.0f}" if value == int(value) or abs(value) >= 100 else f"{value:.3g}"
