"""A matplotlib figure that is at home in a light and in a dark page, and can be read aloud.

`Plot` is a `matplotlib.figure.Figure` and can be changed and saved like any other. It does not go through
pyplot, so that nothing is kept after its cell. In a notebook it shows itself as one SVG whose colours follow
the page's theme; where no HTML is shown there is a PNG, and where no picture is, one line of text.
"""

from __future__ import annotations

import base64
import html
import io
import re
import textwrap
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from ..trace import Trace

# The live view's colours: name, on a light page, on a dark one. Told apart by the colour-blind.
PALETTE = {
    "ink": ("#1f2328", "#e8edf2"), "dim": ("#57606a", "#a3afbb"), "line": ("#b8c1cb", "#46515d"),
    "faint": ("#e3e8ed", "#252c34"), "bad": ("#b94700", "#ff8a4c"), "badbg": ("#fdf0e7", "#33200f"),
    "ice": ("#2f7fb5", "#8fd0fa"), "grey": ("#8b949e", "#768390"), "paper": ("#ffffff", "#111418"),
    "lane0": ("#0072b2", "#56b4e9"), "lane1": ("#b87000", "#f0b429"), "lane2": ("#008a67", "#2cc79a"),
    "lane3": ("#9a4f85", "#d694c1"), "lane4": ("#6b6f00", "#c9cc5a"), "lane5": ("#5460a8", "#a3b0f5"),
}
LANES = tuple(name for name in PALETTE if name.startswith("lane"))
TITLE = 10.5     # points
PIXELS = 640     # about as many as the axes are wide; nothing narrower can be seen
WIDTH = 8.0      # inches; every figure is as wide as any other
_NAMES = {light: name for name, (light, _) in PALETTE.items()}
_DARK = "".join(f"--zf-{name}:{dark};" for name, (_, dark) in PALETTE.items())
_STYLE = (
    "<style>"
    # a page's own word on its theme goes before what the system prefers
    "@media (prefers-color-scheme:dark){body:not([data-jp-theme-light]):not([data-vscode-theme-kind]) "
    f".zmqlive-figure{{{_DARK}}}}}"
    "body[data-jp-theme-light=false] .zmqlive-figure,body[data-vscode-theme-kind*=dark] .zmqlive-figure,"
    f"[data-theme=dark] .zmqlive-figure{{{_DARK}}}"
    ".zmqlive-figure svg{max-width:100%;height:auto}"
    ".zmqlive-figure text{font-family:var(--jp-ui-font-family,system-ui,sans-serif)!important}"
    "</style>")

# A notebook that is not trusted loses its SVG, but for the text in it, which then has no size; and of a template,
# which is not shown otherwise, it keeps what is in it.
_UNTRUSTED = (
    '<template><img alt="{said}" src="data:image/png;base64,{png}" style="max-width:100%">'
    "<p>A picture of the figure. Choose <b>File → Trust Notebook</b> to see the figure itself, in your theme.</p>"
    "</template>")


def colour(name: str) -> str:
    """The colour of this name, as on a light page; shown in a notebook it follows the theme."""
    return PALETTE[name][0]


def lane(index: int) -> str:
    """The colour of the role, connection or socket of this number."""
    return colour(LANES[index % len(LANES)])


class Plot(Figure):
    """A figure with one pair of axes, `axes_`, and `summary`, one or two sentences that say what it shows."""

    def __init__(self, *, height: float, title: str, summary: str = "", note: str = "") -> None:
        with style():
            super().__init__(figsize=(WIDTH, height), dpi=100, layout="constrained", facecolor="none")
            self.axes_: Axes = self.add_subplot()
            self.axes_.set_title(shorten(title, 90), loc="left", fontsize=TITLE, fontweight="bold")
        self.summary = summary
        if note:
            lines = "\n".join(textwrap.wrap(note, 120))
            self.supxlabel(lines, x=0.01, ha="left", fontsize=8, color=colour("dim"))

    def svg(self) -> str:
        """The picture as an SVG element whose colours are CSS variables, light where none is set."""
        file = io.StringIO()
        with style():    # text stays text: smaller, and can be searched and read aloud
            self.savefig(file, format="svg", transparent=True, metadata={"Date": None})
        text = file.getvalue()
        text = text[text.index("<svg"):]
        return re.sub(r"(?<=[:\s\"])#[0-9a-f]{6}\b", _variable, text)

    def html(self) -> str:
        """The picture as a notebook shows it, in either theme and with its summary: also for a widget's value."""
        said = html.escape(self.summary, quote=True)
        picture = self.svg().replace("<svg", '<svg aria-hidden="true"', 1)
        return (f'<div class="zmqlive-figure" role="img" aria-label="{said}">{_STYLE}'
                f'<div style="font-size:0">{picture}</div></div>')

    def _repr_mimebundle_(self, **kinds: Any) -> dict[str, Any]:
        file = io.BytesIO()
        with style():
            self.savefig(file, format="png", facecolor=colour("paper"))
        png = base64.b64encode(file.getvalue()).decode()
        page = self.html() + _UNTRUSTED.format(png=png, said=html.escape(self.summary, quote=True))
        return {"text/plain": self.summary, "text/html": page, "image/png": file.getvalue()}


def _variable(match: re.Match[str]) -> str:
    name = _NAMES.get(match[0])
    return f"var(--zf-{name},{match[0]})" if name else match[0]


def style() -> AbstractContextManager[None]:
    """The look of all figures, whatever style the notebook has set for its own."""
    ink, dim, line = colour("ink"), colour("dim"), colour("line")
    settings = {
        "text.color": ink, "axes.labelcolor": dim, "axes.edgecolor": line, "axes.facecolor": "none",
        "axes.titlecolor": ink, "axes.spines.top": False, "axes.spines.right": False, "axes.labelsize": 9,
        "xtick.color": line, "ytick.color": line, "xtick.labelcolor": dim, "ytick.labelcolor": dim,
        "xtick.labelsize": 8.5, "ytick.labelsize": 8.5, "font.size": 9, "font.family": "DejaVu Sans",
        "svg.fonttype": "none", "axes.grid": False, "grid.color": colour("faint"), "axes.axisbelow": True,
        "legend.frameon": False, "legend.fontsize": 8.5, "legend.labelcolor": ink, "hatch.linewidth": 0.8,
        "text.usetex": False, "text.parse_math": False, "savefig.bbox": None, "path.simplify": True,
        "axes.formatter.useoffset": False,
    }
    return matplotlib.rc_context(settings)


def legend_of(axes: Axes, inks: Mapping[str, str]) -> None:
    """A legend of kinds of boxes: each name with its colour."""
    for name, ink in inks.items():      # beside the picture, for the legend's sake
        axes.add_patch(Rectangle((-1e6, -1e6), 1, 1, fc=colour(ink), alpha=0.35, ec=colour(ink), label=name))
    legend(axes)


def legend(axes: Axes) -> None:
    """A legend between the title and the picture, where it hides nothing; each label once."""
    handles, labels = axes.get_legend_handles_labels()
    once = dict(zip(labels, handles, strict=True))
    if not once:
        return
    columns = min(len(once), max(1, 105 // (max(map(len, once)) + 5)))
    rows = -(-len(once) // columns)
    axes.legend(once.values(), once.keys(), loc="lower left", bbox_to_anchor=(0, 1), ncols=columns,
                borderaxespad=0.2, borderpad=0.2, handlelength=1.4, handletextpad=0.5, columnspacing=1.4,
                labelspacing=0.3)
    title = axes.get_title(loc="left")
    axes.set_title(title, loc="left", fontsize=TITLE, fontweight="bold", pad=8 + 15 * rows)


def nothing(axes: Axes, text: str) -> None:
    """Says in the axes that there is nothing to draw, and why."""
    axes.text(0.5, 0.5, text, transform=axes.transAxes, ha="center", va="center", color=colour("dim"))


def shorten(text: str, most: int) -> str:
    """At most so many characters, on one line."""
    text = " ".join(text.split())
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def steps(times: Sequence[float], values: Sequence[float], *,
          columns: int = 400) -> tuple[list[float], list[float]]:
    """A step function with no more points than can be seen: of each column of the picture the first, lowest,
    highest and last value, in their order."""
    if len(times) <= 4 * columns:
        return list(times), list(values)
    width = (times[-1] - times[0]) / columns or 1.0
    column = [int((t - times[0]) / width) for t in times]
    kept: list[int] = []
    first = 0
    for i in range(1, len(times) + 1):
        if i == len(times) or column[i] != column[first]:
            span = range(first, i)
            low, high = min(span, key=values.__getitem__), max(span, key=values.__getitem__)
            kept += sorted({first, low, high, i - 1})
            first = i
    return [times[i] for i in kept], [values[i] for i in kept]


def merged(intervals: Sequence[tuple[float, float]], gap: float) -> list[tuple[float, float]]:
    """The intervals (start, end) in order, those less than `gap` apart made one: no more than can be seen."""
    out: list[tuple[float, float]] = []
    for start, end in sorted(intervals):
        if out and start - out[-1][1] < gap:
            out[-1] = (out[-1][0], max(end, out[-1][1]))
        else:
            out.append((start, end))
    return out


def frozen(source: Any) -> Trace:
    """The trace of what can give one (a stage, a record), or the trace itself."""
    give = getattr(source, "trace", None)
    return give() if callable(give) else source
