"""A connection, as its two sides speak: what each said, in two columns, in the order in which it passed."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from ..zmtp import Heard, Tape
from .canvas import Plot, colour, legend_of, nothing, shorten, style

ROWS = 24           # items shown, the first ones
HALF = 50.0         # a column's width, in letters
HEX = 18            # bytes shown
INK = {"greeting": "lane5", "command": "lane1", "frame": "lane2", "garbage": "bad"}
LEFT, RIGHT = "who connects says", "who is bound says"


def wire(tape: Tape, connection: int | None = None, *, most: int = ROWS) -> Plot:
    """The first `most` items that were heard over one connection (by default the first), with their bytes.

    Raises LookupError for a connection of which nothing was heard.
    """
    known = tape.connections
    heard = tape.of(known[0] if connection is None else connection) if known or connection is not None else []
    shown = heard[:most]
    note = f"The first {most} of {len(heard)} items." if len(heard) > most else ""
    plot = Plot(height=1.2 + 0.42 * max(3, len(shown)), title="On the wire", note=note)
    with style():
        axes = plot.axes_
        for y, each in enumerate(shown):
            _item(axes, y, each)
        axes.set(xlim=(0, 2 * HALF), ylim=(max(3, len(shown)) - 0.4, -1.2), xticks=[], yticks=[])
        for x, head in ((2, f"{LEFT} →"), (HALF + 2, f"← {RIGHT}")):
            axes.text(x, -0.8, head, va="center", color=colour("ink"))
        axes.axvline(HALF, color=colour("line"), lw=0.8, ls=(0, (1, 2)))
        axes.spines[:].set_visible(False)
        legend_of(axes, {kind: ink for kind, ink in INK.items() if any(each.item.kind == kind for each in shown)})
        if not shown:
            nothing(axes, "Nothing has been heard yet.")
    said = [f"{LEFT if each.way == 'there' else RIGHT}: {each.item.kind}, {each.item.said}." for each in shown]
    plot.summary = f"A connection on the wire, {len(shown)} of {len(heard)} items. {' '.join(said)} {note}".strip()
    return plot


def _item(axes: Axes, y: int, each: Heard) -> None:
    item, left = each.item, each.way == "there"
    ink = colour(INK[item.kind])
    x = 0.0 if left else HALF
    axes.add_patch(Rectangle((x + 0.6, y - 0.4), HALF - 1.2, 0.8, fc=ink, alpha=0.12, lw=0))
    axes.add_patch(Rectangle((x + 0.6 if left else x + HALF - 1.2, y - 0.4), 0.6, 0.8, fc=ink, lw=0))
    axes.text(x + 2, y - 0.16, shorten(item.said, 56), va="center", fontsize=8.5, color=colour("ink"))
    axes.text(x + 2, y + 0.2, _bytes(item.raw, item.size), va="center", fontsize=6.5, color=colour("dim"))


def _bytes(raw: bytes, size: int) -> str:
    return raw.hex(" ") if size <= HEX else f"{raw[:HEX].hex(' ')} … {size:,} bytes"
