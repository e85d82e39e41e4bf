"""Lesson 01's apparatus: visits read from a trace, error bars, the drawings, and a live point beside the wall.

A visit is (arrival, start, end) in seconds: came, was served from, left.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Sequence
from itertools import accumulate
from statistics import mean, stdev
from typing import Any

from ipywidgets import HTML, FloatSlider, VBox
from zmqlive import figures
from zmqlive.trace import Trace

Visit = tuple[float, float, float]
LATEST = 200  # messages that the live point is made of
EVERY = 1.0  # seconds between two pictures of it
FEW = 40  # messages that a point needs at least


def visits_of(trace: Trace) -> list[Visit]:
    """What was sent, received and done, by the time at which it was sent."""
    return sorted((m.sent, m.received, m.done) for m in trace.messages if m.done is not None)


def inside(visits: Iterable[Visit]) -> tuple[list[float], list[int]]:
    """How many are inside over time, as a step function."""
    visits = list(visits)
    steps = sorted([(came, 1) for came, _, _ in visits] + [(left, -1) for _, _, left in visits])
    return [t for t, _ in steps], list(accumulate(step for _, step in steps))


def number_at(visits: Sequence[Visit], count: int) -> list[int]:
    """How many are inside at so many moments, evenly from the first arrival to the last end."""
    first, last = visits[0][0], max(left for _, _, left in visits)
    moments = [first + (last - first) * (n + 0.5) / count for n in range(count)]
    return [sum(came <= t < left for came, _, left in visits) for t in moments]


def with_bar(values: Sequence[float], stretches: int = 8) -> tuple[float, float]:
    """The mean, and two standard errors of it: from how much the means of so many stretches of the run differ."""
    size = len(values) // stretches
    means = [mean(values[n * size : (n + 1) * size]) for n in range(stretches)]
    return mean(means), 2 * stdev(means) / math.sqrt(stretches)


def strips(visits: Sequence[Visit], count: int = 30) -> figures.Plot:
    """The first visits as strips, each as long as its stay: a line down crosses as many as are inside."""
    plot = figures.Plot(height=3.1, title="Each message's stay is a strip")
    axes = plot.axes_
    for row, (came, start, left) in enumerate(visits[:count]):
        for begin, end, ink in ((came, start, "wait"), (start, left, "work")):
            axes.barh(row, end - begin, left=begin, height=0.9, color=_INK[ink], label=ink if not row else None)
    axes.invert_yaxis()
    axes.set(xlabel="seconds", ylabel="message")
    axes.legend(frameon=False, fontsize=8.5)
    plot.summary = f"The stays of {min(count, len(visits))} messages, one below the other: wait, then work."
    return plot


_INK = {"wait": figures.PALETTE["line"][0], "work": figures.PALETTE["lane0"][0]}


def simulated(till: Callable[..., list[Visit]], gaps: Sequence[float], services: Sequence[float]) -> VBox:
    """Two sliders, and what `till` does with 300 customers; times in minutes."""
    come = FloatSlider(value=1, min=0.2, max=2, continuous_update=False, description="arrivals/min")
    take = FloatSlider(value=0.8, min=0.1, max=2, continuous_update=False, description="service, min")
    picture = HTML()

    def draw(change: Any = None) -> None:
        visits = till(accumulate(gap / come.value for gap in gaps[:300]), [s * take.value for s in services[:300]])
        wait = mean(start - came for came, start, _ in visits)
        title = f"Simulated: utilisation {come.value * take.value:.2f}, mean wait {wait:.1f} min"
        drawn = figures.chart(title, {"": (*inside(visits), "step")}, x="minutes", y="customers in the shop")
        picture.value = drawn.html()

    for slider in (come, take):
        slider.observe(draw, "value")
    draw()
    return VBox([come, take, picture])


# --- the wall


def measured(visits: Sequence[Visit]) -> tuple[float, float, float]:
    """Utilisation of one till, and mean stay with its error bar, in services."""
    took = mean(end - start for _, start, end in visits)
    busy = took * len(visits) / (max(end for _, _, end in visits) - visits[0][0])
    return busy, *with_bar([(end - came) / took for came, _, end in visits])


def wall(title: str, **points: tuple[Sequence[float], Sequence[float], Sequence[float]]) -> figures.Plot:
    """1/(1 − ρ), and points beside it: name → utilisations, stays in services, error bars."""
    fine = [n / 100 for n in range(1, 96)]
    curves: dict[str, tuple] = {"M/M/1: 1 / (1 − ρ)": (fine, [1 / (1 - rho) for rho in fine])}
    curves |= {name.replace("_", " "): (x, y, "dots", bars) for name, (x, y, bars) in points.items()}
    return figures.chart(title, curves, x="utilisation", y="mean stay, in services")


def walk(ctx: Any, trace: Callable[[], Trace], picture: HTML) -> None:
    """A role that draws: once a second the latest messages of the record as a point beside the wall."""
    while True:
        time.sleep(EVERY)
        latest = visits_of(trace())[-LATEST:]
        if len(latest) >= FEW:
            busy, stay, bar = measured(latest)
            title = f"The latest {len(latest)} messages: utilisation {busy:.2f}, a stay of {stay:.1f} services"
            drawn = wall(title, real_sockets=([busy], [stay], [bar]))
            picture.value = drawn.html()
