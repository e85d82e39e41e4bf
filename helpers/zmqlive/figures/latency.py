"""How long answers took: a histogram on a logarithmic axis, and the percentiles that people are promised."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter

from .canvas import Plot, lane, legend, nothing, style

PERCENTILES = (50.0, 99.0, 99.9)
PER_DECADE = 12      # bars from 1 ms to 10 ms
_STYLES = ("-", "--", ":")      # of the percentiles' lines, in their order


def latency(title: str, times: Mapping[str, Iterable[float]]) -> Plot:
    """A histogram of `times` (seconds) for each name, with the median, the 99th and the 99.9th percentile.

    A percentile is the smallest time within which at least that share of the answers came (nearest rank): one that was
    measured, and so the longest where there are too few to say more. Raises ValueError for a time that is not above 0.
    """
    series = {name: np.sort(np.asarray(list(values), dtype=float)) for name, values in times.items()}
    for name, values in series.items():
        if len(values) and not (values[0] > 0 and math.isfinite(values[-1])):
            wrong = values[0] if values[0] <= 0 else values[-1]
            raise ValueError(f"{name!r} has a time of {wrong:g} s: what an answer took is above 0, and finite.")
    plot = Plot(height=3.1, title=title)
    with style():
        axes = plot.axes_
        measured = [values for values in series.values() if len(values)]
        if measured:
            edges = _edges(min(v[0] for v in measured), max(v[-1] for v in measured))
            for number, (name, values) in enumerate(series.items()):
                if len(values):
                    _draw(axes, name, values, edges, lane(number))
            axes.set_xscale("log")
            axes.xaxis.set_major_formatter(FuncFormatter(lambda t, _: _time(t)))
            axes.set(xlabel="time until the answer", ylabel="answers", ylim=(0, axes.get_ylim()[1] * 1.05))
            legend(axes)
        else:
            nothing(axes, "Nothing was measured.")
    said = "; ".join(f"{name}: {len(values):,} answers, {_percentiles(values)}, at most {_time(values[-1])}"
                     for name, values in series.items() if len(values))
    plot.summary = f"{title}. {said or 'Nothing was measured'}."
    return plot


def percentile(ordered: np.ndarray, share: float) -> float:
    """The nearest-rank percentile of times in ascending order; `share` is in percent, above 0."""
    return float(ordered[max(0, math.ceil(round(len(ordered) * share / 100, 9)) - 1)])


def _edges(least: float, most: float) -> np.ndarray:
    first, last = (math.floor(math.log10(least) * PER_DECADE), math.ceil(math.log10(most) * PER_DECADE))
    return 10.0 ** (np.arange(first, max(last, first + 1) + 2) / PER_DECADE)


def _draw(axes: Axes, name: str, values: np.ndarray, edges: np.ndarray, ink: str) -> None:
    counts, _ = np.histogram(values, edges)
    axes.stairs(counts, edges, fill=True, color=ink, alpha=0.25, lw=0)
    axes.stairs(counts, edges, color=ink, lw=1.6, label=f"{name}: {_percentiles(values)}")
    for share, line in zip(PERCENTILES, _STYLES, strict=True):
        axes.axvline(percentile(values, share), color=ink, lw=1.1, ls=line)


def _percentiles(values: np.ndarray) -> str:
    return ", ".join(f"p{share:g} {_time(percentile(values, share))}" for share in PERCENTILES)


def _time(seconds: float) -> str:
    """In the unit in which it is read: 250 µs, 1.2 ms, 3 s."""
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= 0.9995 * size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds / 1e-9:.3g} ns"
