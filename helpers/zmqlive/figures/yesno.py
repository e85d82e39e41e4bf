"""Yes or no for each pair of two lists: which door lets in whom, which client understands which server."""

from __future__ import annotations

from collections.abc import Mapping

from matplotlib.patches import Rectangle

from .canvas import Plot, colour, nothing, style


def yesno(
    title: str, found: Mapping[str, Mapping[str, bool | str]], *, yes: str = "yes", no: str = "–", bad: str = ""
) -> Plot:
    """A table with a row for each name, and a column for each name in these; `yes` and `no` are the words in it.
    A str is a no that says how ("refused"); `bad` is one that is worse than others.

    Raises ValueError when the rows have not all the same columns.
    """
    rows = list(found)
    columns = list(found[rows[0]]) if rows else []
    for row in rows:
        if list(found[row]) != columns:
            raise ValueError(f"{row!r} has the columns {list(found[row])}, and {rows[0]!r} has {columns}.")
    plot = Plot(height=1.4 + 0.34 * max(2, len(rows)), title=title)
    with style():
        axes = plot.axes_
        for y, row in enumerate(rows):
            for x, column in enumerate(columns):
                cell = found[row][column]
                said, word = cell is True, cell if isinstance(cell, str) else yes if cell else no
                ink = colour("lane0" if said else "badbg" if bad and word == bad else "faint")
                letters = colour("ink" if said else "bad" if bad and word == bad else "dim")
                axes.add_patch(Rectangle((x + 0.04, y + 0.06), 0.92, 0.88, fc=ink, alpha=0.3 if said else 1, lw=0))
                axes.text(x + 0.5, y + 0.5, word, ha="center", va="center", color=letters)
        axes.set(xlim=(0, max(1, len(columns))), ylim=(max(1, len(rows)), 0))
        axes.set_xticks([x + 0.5 for x in range(len(columns))], [name.replace(", ", ",\n") for name in columns])
        axes.set_yticks([y + 0.5 for y in range(len(rows))], rows)
        axes.tick_params(length=0, labelbottom=False, labeltop=True, labelcolor=colour("ink"))
        axes.spines[:].set_visible(False)
        if not rows:
            nothing(axes, "There is nothing to draw.")
    told = "; ".join(f"{row}: {_in_words(found[row])}" for row in rows)
    plot.summary = f"{title} {told}." if told else title
    return plot


def _in_words(row: Mapping[str, bool | str]) -> str:
    named = [f"{name} ({cell})" if isinstance(cell, str) else name for name, cell in row.items() if cell]
    return ", ".join(named) or "none"
