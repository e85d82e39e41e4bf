"""Strips: bars that lie, one below the other, for many names that are to be read in one look.

    figures.strips("A worker was killed", [Strip("ZeroMQ", {"lost": 49}, "49 lost"), Strip("a log", {"twice": 8}, "")],
                   {"lost": "bad", "twice": "lane0"}, x="tasks")
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from matplotlib.axes import Axes

from .canvas import Plot, colour, legend, nothing, shorten, style

INCHES = 0.21  # that a bar takes
NAME, LABEL = 40, 64  # characters that there is room for
SHARE = 0.47  # of the axis is the longest bar's; the rest is for what is written behind it


class Strip(NamedTuple):
    """One bar: its name, the parts that its bar is made of, kind → amount, and what is written behind it."""

    name: str
    parts: Mapping[str, float]
    label: str


def strips(title: str, drawn: Sequence[Strip], kinds: Mapping[str, str], *, x: str, log: bool = False) -> Plot:
    """Bars that lie, the first on top. `kinds`: the names of the parts, in the order of the legend, and the colour that
    each has in the palette. With `log` each mark of the axis is ten times as many, and begins below 1."""
    plot = Plot(height=1.1 + INCHES * max(4, len(drawn)), title=title)
    with style():
        axes = plot.axes_
        for kind, ink in kinds.items():
            _parts(axes, drawn, kind, ink, log)
        left = 0.5 if log else 0.0
        for place, bar in enumerate(drawn):
            end = max(sum(bar.parts.values()), left)
            axes.annotate(shorten(bar.label, LABEL), (end, place), xytext=(4, 0), textcoords="offset points",
                          va="center", fontsize=8, color=colour("dim")).set_in_layout(False)
        longest = max([sum(bar.parts.values()) for bar in drawn] + [2 * left, 1])
        axes.set_xlim(left, left * (longest / left) ** (1 / SHARE) if log else longest / SHARE)
        marks = [10.0**power for power in range(int(math.log10(longest)) + 1)] if log else axes.get_xticks()
        marks = [float(mark) for mark in marks if mark <= longest]
        axes.set_xticks(marks, [f"{mark:,.0f}" if mark == int(mark) else f"{mark:g}" for mark in marks])
        axes.minorticks_off()
        axes.set_yticks(range(len(drawn)), [shorten(bar.name, NAME) for bar in drawn])
        axes.tick_params(axis="y", length=0)
        axes.set_ylim(max(len(drawn), 1) - 0.4, -0.6)  # the first one on top
        axes.set_xlabel(x)
        legend(axes)
        if not drawn:
            nothing(axes, "There is nothing to draw.")
    told = "; ".join(f"{bar.name.strip()} {_told(bar)}" for bar in drawn)
    plot.summary = f"{title}. {told}." if told else f"{title}."
    return plot


def _parts(axes: Axes, drawn: Sequence[Strip], kind: str, ink: str, log: bool) -> None:
    """The parts of one kind, each beginning where those before it end."""
    having = [(place, bar) for place, bar in enumerate(drawn) if bar.parts.get(kind)]
    if not having:
        return
    before = [sum(amount for other, amount in _until(bar.parts, kind)) for _, bar in having]
    axes.barh([place for place, _ in having], [bar.parts[kind] for _, bar in having], 0.72, before or 0,
              color=colour(ink), label=kind, log=log)


def _until(parts: Mapping[str, float], kind: str) -> list[tuple[str, float]]:
    names = list(parts)
    return [(name, parts[name]) for name in names[: names.index(kind)]]


def _told(bar: Strip) -> str:
    said = ", ".join(f"{amount:,.0f} {kind}" for kind, amount in bar.parts.items())
    return f"{said} ({bar.label})" if bar.label else said
