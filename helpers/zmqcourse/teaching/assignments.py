"""Lessons for a class: `handout` without the solutions, `assignment` in nbgrader's form.

    python -m zmqcourse handout [FILES] --out build/handout
    python -m zmqcourse nbgrader [FILES] --out build/nbgrader     a course folder, for nbgrader generate_assignment

Data in, data out; nbgrader itself is not needed here. Its markers and its cells' metadata, version 3, stand in its
manual under "Creating and grading assignments" and "Metadata format".
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from ..exercise import STRICT
from ..lessons import mark, read, solutions, write

# Placed in nbgrader's course folder. The lesson's own stub stays in the cell, so nothing is put in its place.
CONFIG = """# For nbgrader: a course's folder, made by `python -m zmqcourse nbgrader`.
c = get_config()
c.CourseDirectory.course_id = "{course}"
c.ClearSolutions.code_stub = dict(python="")
c.ExecutePreprocessor.timeout = 60    # seconds a cell
"""
_STRICT = f'import os\nos.environ["{STRICT}"] = "1"    # a wrong answer raises'


def handout(nb: NotebookNode) -> NotebookNode:
    """The lesson without its folded solutions."""
    given = copy.deepcopy(nb)
    given.cells = [cell for cell in given.cells if not mark(cell, "solution")]
    return given


def assignment(nb: NotebookNode, *, points: float = 10) -> NotebookNode:
    """The lesson as nbgrader's *source*: the solution below the stub between its markers, the check as a test.

    While grading, and only then, a check raises unless the exercise is solved; each is worth so many `points`.
    Raises `LessonError` for an exercise without one solution.
    """
    found, made = solutions(nb), handout(nb)
    for cell in made.cells:
        if id := mark(cell, "exercise"):
            cell.source = f"{cell.source}\n\n{_between('SOLUTION', found[id])}"
            _mark(cell, f"ex-{id}", solution=True)
        elif id := mark(cell, "check"):
            cell.source = f"{_between('HIDDEN TESTS', _STRICT)}\n{cell.source}"
            _mark(cell, f"check-{id}", grade=True, locked=True, points=points)
    return made


def _between(what: str, source: str) -> str:
    return f"### BEGIN {what}\n{source}\n### END {what}"


def _mark(cell: NotebookNode, id: str, *, grade: bool = False, solution: bool = False, locked: bool = False,
          points: float | None = None) -> None:
    """nbgrader's metadata. Its ids know no dot."""
    about = {"grade": grade, "solution": solution, "locked": locked, "task": False, "schema_version": 3,
             "grade_id": id.replace(".", "-"), "cell_type": cell.cell_type}
    if points is not None:
        about["points"] = points
    cell.metadata["nbgrader"] = nbformat.from_dict(about)


def write_handouts(files: Sequence[Path], out: Path) -> list[Path]:
    """Write each lesson without its solutions into the folder `out`; the files."""
    out.mkdir(parents=True, exist_ok=True)
    for file in files:
        write(handout(read(file)), out / file.name)
    return [out / file.name for file in files]


def write_assignments(files: Sequence[Path], out: Path, *, course: str = "zeromq") -> list[Path]:
    """Make or complete nbgrader's course folder `out`: an assignment a lesson, `source/NAME/NAME.ipynb`; the files.

    A configuration that is already there stays as it is.
    """
    written = []
    for file in files:
        target = out / "source" / file.stem / file.name
        target.parent.mkdir(parents=True, exist_ok=True)
        write(assignment(read(file)), target)
        written.append(target)
    config = out / "nbgrader_config.py"
    if not config.exists():
        config.write_text(CONFIG.format(course=course), encoding="utf-8")
    return written
