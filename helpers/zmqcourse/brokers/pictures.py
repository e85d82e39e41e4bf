"""A picture of each experiment: a bar for each system, so that all can be read in one look."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from zmqlive.plotting import Plot, colour, lane, legend, nothing, shorten, style

INCHES = 0.21  # that a bar takes
NAME, LABEL = 40, 60  # characters that there is room for


class Bar(NamedTuple):
    """One system: the parts that its bar is made of, kind → amount, and what is written behind it."""

    name: str
    parts: Mapping[str, float]
    label: str


def bars(title: str, drawn: Sequence[Bar], kinds: Mapping[str, str], *, x: str, log: bool = False) -> Plot:
    """Bars that lie, one below the other. `kinds` are the names of the parts and the colours that they have, in the
    order of the legend; "lane0" and the like, or "bad"."""
    plot = Plot(height=1.1 + INCHES * max(4, len(drawn)), title=title)
    with style():
        axes = plot.axes_
        for kind, ink in kinds.items():
            _parts(axes, drawn, kind, ink, log)
        for place, bar in enumerate(drawn):
            end = max(sum(bar.parts.values()), axes.get_xlim()[0] if log else 0)
            axes.annotate(shorten(bar.label, LABEL), (end, place), xytext=(4, 0), textcoords="offset points",
                          va="center", fontsize=8, color=colour("dim"))
        axes.set_yticks(range(len(drawn)), [shorten(bar.name, NAME) for bar in drawn])
        axes.tick_params(axis="y", length=0)
        axes.set_ylim(max(len(drawn), 1) - 0.4, -0.6)  # the first one on top
        axes.set_xlabel(x)
        legend(axes)
        if not drawn:
            nothing(axes, "There is nothing to draw: no system ran.")
    told = "; ".join(f"{bar.name.strip()} {_told(bar)}" for bar in drawn)
    plot.summary = f"{title}. {told}." if told else f"{title}."
    return plot


def _parts(axes, drawn: Sequence[Bar], kind: str, ink: str, log: bool) -> None:
    """The parts of one kind, each beginning where those before it end."""
    having = [(place, bar) for place, bar in enumerate(drawn) if bar.parts.get(kind)]
    if not having:
        return
    before = [sum(amount for other, amount in _until(bar.parts, kind)) for _, bar in having]
    colour_of = colour(ink) if ink == "bad" else lane(int(ink[-1]))
    axes.barh([place for place, _ in having], [bar.parts[kind] for _, bar in having], 0.72, before or 0,
              color=colour_of, label=kind, log=log)
    axes.set_xlim(0.5 if log else 0, None)


def _until(parts: Mapping[str, float], kind: str) -> list[tuple[str, float]]:
    names = list(parts)
    return [(name, parts[name]) for name in names[: names.index(kind)]]


def _told(bar: Bar) -> str:
    said = ", ".join(f"{amount:,.0f} {kind}" for kind, amount in bar.parts.items())
    return f"{said} ({bar.label})" if bar.label else said
