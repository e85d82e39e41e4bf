"""Figures of a record: how much waited, how fast it went, who did what when, and which way the messages took.

    from zmqlive import figures
    figures.depth(stage.trace())

Each of these takes a `Trace` and returns a matplotlib figure (a `Plot`); `chart`, `bars`, `latency` and `yesno` draw
what you have worked out yourself, `wire` what a `zmtp.Tape` has heard. All are drawn for the light and the dark theme
at once, have a fixed size, and carry a `summary` in words. What is too much to be seen is drawn more coarsely; what is
left out is named in the figure.
"""

from __future__ import annotations

from ..later import extra

with extra("figures"):
    from .activity import lanes
    from .canvas import PALETTE, Plot
    from .frames import frames
    from .latency import latency
    from .numbers import bars, chart
    from .overtime import depth, rates
    from .spacetime import spacetime
    from .strips import Strip, strips
    from .wire import wire
    from .yesno import yesno

__all__ = [
    "PALETTE", "Plot", "Strip", "bars", "chart", "depth", "frames", "lanes", "latency", "rates", "spacetime", "strips",
    "wire", "yesno",
]
