"""A lesson that was run, as what its page holds: a title, blocks in order, a list of contents."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html import escape
from typing import Any

from nbformat import NotebookNode

from ..exercise import ASKED, find
from ..exercise import code as inline
from ..learner import PLAN, read_lesson
from ..lessons import mark
from .outputs import Outputs
from .prose import Heading, Prose, code, text
from .running import Run

_MINUTES = re.compile(r"takes about (\d+) minutes")
DESCRIPTION = 160  # characters that a search engine shows


@dataclass
class Lesson:
    """One page. `blocks` is its HTML, piece by piece; `views` are the records that it replays."""

    number: str
    name: str  # of its file, without the ending
    title: str
    part: str
    minutes: int
    abilities: list[str]
    description: str
    made: dict[str, Any]
    blocks: list[str] = field(default_factory=list)
    contents: list[Heading] = field(default_factory=list)
    exercises: list[str] = field(default_factory=list)
    views: list[dict[str, Any]] = field(default_factory=list)

    @property
    def page(self) -> str:
        return f"{self.name}.html"


def part_of(number: str) -> str:
    """ "Part 2 · Promises and pressure" for a lesson's number."""
    for i, (part, planned) in enumerate(PLAN, 1):
        if any(number == known for known, _ in planned):
            return f"Part {i} · {part}"
    return ""


def lesson_of(run: Run, prose: Prose) -> Lesson:
    """The page of a lesson that was run."""
    number, cells = run.file.name[:2], run.nb.cells
    title, _ = read_lesson(run.file)
    opening = cells[0].source
    minutes = _MINUTES.search(opening)
    made = Lesson(
        number,
        run.file.stem,
        title,
        part_of(number),
        int(minutes[1]) if minutes else 0,
        _abilities(opening),
        _description(opening),
        run.made,
    )
    outputs = Outputs(run, prose)
    made.blocks = _blocks(cells, outputs, prose, made)
    made.contents = [each for each in prose.headings if each.level in (2, 3)]
    made.views = outputs.views
    return made


def _abilities(opening: str) -> list[str]:
    """What one will be able to do, from the lesson's own list."""
    items = re.findall(r"^\* (.+?)[,.]?$", opening, re.M)
    return [text(Prose().html(item)).strip() for item in items]


def _description(opening: str) -> str:
    """The first sentences, as many as a search engine shows."""
    words = text(Prose().html(opening.split("\n", 1)[1].split("\n* ", 1)[0]))
    if len(words) <= DESCRIPTION:
        return words
    cut = words[: DESCRIPTION - 1]
    whole = max(cut.rfind(end) for end in (". ", "? ", "! "))
    return cut[: whole + 1] if whole > 60 else cut.rsplit(" ", 1)[0] + "…"


def _blocks(cells: list[NotebookNode], outputs: Outputs, prose: Prose, made: Lesson) -> list[str]:
    blocks: list[str] = []
    for number, cell in enumerate(cells):
        following = cells[number + 1] if number + 1 < len(cells) else None
        if cell.cell_type == "markdown" and following is not None and mark(following, "exercise"):
            blocks.append(f'<section class="exercise" id="{following.id}">')
        if cell.cell_type == "markdown":
            blocks.append(_prose_block(cell, prose, first=number == 0))
        elif cell.cell_type == "code":
            blocks.append(_code_block(cell, outputs, made))
        if mark(cell, "solution"):
            blocks.append("</section>")
    return blocks


def _prose_block(cell: NotebookNode, prose: Prose, *, first: bool) -> str:
    source = re.sub(r"\A# .+\n", "", cell.source) if first else cell.source
    kind = "solution" if mark(cell, "solution") else "prose"
    return f'<div class="{kind}" id="cell-{escape(cell.id, quote=True)}">{prose.html(source)}</div>'


def _code_block(cell: NotebookNode, outputs: Outputs, made: Lesson) -> str:
    shown = outputs.html(cell)
    asks = any(ASKED in output.get("data", {}) for output in cell.get("outputs", []))
    source = (
        "" if asks and cell.source.lstrip().startswith("predict(") else f'<div class="code">{code(cell.source)}</div>'
    )
    kind, more = "cell", ""
    if id := mark(cell, "exercise"):
        kind, more = "cell stub", hints(id)
        made.exercises.append(id)
    elif mark(cell, "check"):
        kind = "cell check"
        more = '<p class="aside">In JupyterLab this tries your code out, on real sockets.</p>'
    return f'<div class="{kind}" id="cell-{escape(cell.id, quote=True)}">{source}{shown}{more}</div>'


def hints(exercise: str) -> str:
    """The hints to an exercise, each folded into the one before."""
    folded = ""
    steps = find(exercise).hints
    for number, hint in reversed(list(enumerate(steps, 1))):
        summary = f"<summary>Hint {number} of {len(steps)}</summary>"
        folded = f'<details class="hint">{summary}<p>{inline(hint)}</p>{folded}</details>'
    return f'<div class="hints">{folded}</div>'
