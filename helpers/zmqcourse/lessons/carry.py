"""A learner's notebook and a newer version of the lesson made one: `carry`. Data in, data out.

Cells are recognised by what they are, an exercise by its id and any other cell by its own, not by their place:
a line-by-line merge of notebooks loses answers or leaves invalid JSON. The newer lesson is taken as it is, and
into it goes what the learner wrote: answers, cells of their own, cells that they had changed. What has no place
any more is kept as a note. Nothing that was written is lost; outputs come back when the lesson is run.
"""

from __future__ import annotations

import ast
import copy
import re
from dataclasses import dataclass, field

from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell

from .notebook import KINDS, cells_of, check_calls, mark

# Ids that Jupyter makes up for a cell that a learner adds; a lesson's own are words.
_MADE_UP = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){0,3}(-[0-9a-f]{12})?")


@dataclass
class Carried:
    """What went from a learner's notebook into the newer lesson: exercise ids, and numbers of cells."""

    answers: list[str] = field(default_factory=list)
    renamed: dict[str, str] = field(default_factory=dict)
    removed: list[str] = field(default_factory=list)
    added: list[str] = field(default_factory=list)
    own: int = 0
    changed: int = 0
    noted: int = 0

    def __str__(self) -> str:
        said = [
            _some(len(self.answers), "answer") + " kept" if self.answers else "",
            *(f"{old} is now {new}" for old, new in self.renamed.items()),
            *(f"{id} is gone from the lesson, your answer is kept as a note" for id in self.removed),
            f"new: {', '.join(self.added)}" if self.added else "",
            _some(self.own, "cell") + " of your own kept" if self.own else "",
            _some(self.changed, "cell") + " that you had changed kept" if self.changed else "",
            _some(self.noted, "cell") + " kept as a note, for the lesson changed there too" if self.noted else "",
        ]
        return "; ".join(part for part in said if part) or "nothing of yours in it"


def _some(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"


def carry(mine: NotebookNode, newer: NotebookNode, base: NotebookNode | None = None) -> tuple[NotebookNode, Carried]:
    """The newer lesson with what the learner wrote, and a report.

    `base` is the version of the lesson that the learner began with. Without it an exercise counts as answered
    when its cell no longer calls `todo`, and changes of other cells cannot be known: the lesson's stand.
    """
    merged, report = copy.deepcopy(newer), Carried()
    before = base if base is not None else mine
    report.renamed = _renamed(before, newer)
    report.added = [id for id in cells_of(newer, "exercise")
                    if id not in cells_of(before, "exercise") and id not in report.renamed.values()]
    was = {_key(cell): cell.source.rstrip() for cell in base.cells} if base is not None else None
    anchor = -1    # where the last cell of the learner's stands in the merged lesson
    for cell in mine.cells:
        at = _place(merged, cell, report.renamed)
        if _is_own(cell, was, at):
            anchor += 1
            merged.cells.insert(anchor, _unique(cell, merged))
            report.own += 1
            continue
        if _is_changed(cell, was):
            at = _put(merged, cell, at, anchor, was, report)
        anchor = anchor if at is None else at
    return merged, report


def _key(cell: NotebookNode, renamed: dict[str, str] | None = None) -> tuple[str, str]:
    """What a cell is recognised by: its part in an exercise, or its id."""
    for kind in KINDS:
        if id := mark(cell, kind):
            return kind, (renamed or {}).get(id, id)
    return "cell", str(cell.get("id", ""))


def _place(merged: NotebookNode, cell: NotebookNode, renamed: dict[str, str]) -> int | None:
    wanted = _key(cell, renamed)
    return next((n for n, each in enumerate(merged.cells) if _key(each) == wanted), None)


def _is_own(cell: NotebookNode, was: dict[tuple[str, str], str] | None, at: int | None) -> bool:
    """Whether the learner added this cell."""
    if _key(cell)[0] != "cell":
        return False
    if was is not None:
        return _key(cell) not in was
    return at is None and bool(_MADE_UP.fullmatch(str(cell.get("id", ""))))


def _is_changed(cell: NotebookNode, was: dict[tuple[str, str], str] | None) -> bool:
    """Whether the learner changed it. Check and solution are the lesson's."""
    kind = _key(cell)[0]
    if kind in ("check", "solution"):
        return False
    if was is None:
        return kind == "exercise" and "todo(" not in cell.source
    return cell.source.rstrip() != was.get(_key(cell))


def _put(merged: NotebookNode, cell: NotebookNode, at: int | None, anchor: int,
         was: dict[tuple[str, str], str] | None, report: Carried) -> int:
    """Give a changed cell its place in the lesson; where that is."""
    id = mark(cell, "exercise")
    if id and at is not None:
        merged.cells[at].source = cell.source
        report.answers.append(id)
        return at
    if at is not None and was is not None and merged.cells[at].source.rstrip() == was.get(_key(cell)):
        merged.cells[at].source = cell.source
        report.changed += 1
        return at
    if id:
        report.removed.append(id)
        said = f"**Your answer to exercise {id}**, which this lesson no longer has:"
    else:
        report.noted += 1
        said = "**You had changed this cell**, and so has the lesson. Yours was:"
    place = (anchor if at is None else at) + 1
    fence = "```python" if cell.cell_type == "code" else "```"
    merged.cells.insert(place, new_markdown_cell(f"{said}\n\n{fence}\n{cell.source.rstrip()}\n```"))
    return place


def _unique(cell: NotebookNode, merged: NotebookNode) -> NotebookNode:
    """A copy whose id no cell of the lesson has."""
    own, taken = copy.deepcopy(cell), {each.get("id") for each in merged.cells}
    number = 2
    while own.get("id") in taken:
        own["id"], number = f"{cell.get('id')}-{number}", number + 1
    return own


def _renamed(before: NotebookNode, newer: NotebookNode) -> dict[str, str]:
    """Exercises that have got another id: one is gone, one is new, and they ask for the same names."""
    old, new = _answers(before), _answers(newer)
    gone = {id: names for id, names in old.items() if id not in new}
    come = {id: names for id, names in new.items() if id not in old}
    pairs = {}
    for id, names in gone.items():
        alike = [other for other, asked in come.items() if asked == names]
        if len(alike) == 1 and list(gone.values()).count(names) == 1:
            pairs[id] = alike[0]
    return pairs


def _answers(nb: NotebookNode) -> dict[str, tuple[str, ...]]:
    """Exercise id → the names that its check is called with."""
    calls = {id: next(check_calls(cell.source), None) for id, cell in cells_of(nb, "check").items()}
    return {id: tuple(map(ast.unparse, call.args[1:])) if call else () for id, call in calls.items()}
