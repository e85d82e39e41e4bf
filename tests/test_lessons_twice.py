"""Lessons as they are used: predictions asked before they are answered, cells run twice, a whole lesson run again."""

from __future__ import annotations

import ast
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import lessons
import pytest
from jupyter_client.manager import start_new_kernel
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook, new_output
from zmqcourse.exercise import Clock
from zmqcourse.lessons import notebook

# Of jupyter_client, whose sockets the tests do not own.
pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")
each_lesson = pytest.mark.parametrize("file", lessons.FILES, ids=lambda file: file.stem)

CELL_SECONDS = 60.0    # of a quiet machine
STILL_RUNS = "still runs"


# --- predictions


def answered_too_early(nb: NotebookNode) -> list[str]:
    """The predictions that a saved output answers before `recall` does, a sentence each."""
    said = []
    asked: dict[str, int] = {}
    for number, cell in enumerate(nb.cells):
        if cell.cell_type != "code":
            continue
        for kind, id in _calls(cell.source):
            if kind == "predict":
                asked[id] = number
            elif id in asked:
                between = nb.cells[asked.pop(id) : number + 1]
                shown = [each.id for each in between if each.cell_type == "code" and each.outputs]
                said += [f"{id}: {cell} shows what happened, saved, before it is recalled" for cell in shown]
    return said + [f"{id}: is never recalled" for id in asked]


def _calls(source: str) -> Iterator[tuple[str, str]]:
    """("predict" or "recall", id) for each such call of a cell."""
    try:
        tree = ast.parse(source)
    except SyntaxError:    # a cell with a magic
        return
    for node in ast.walk(tree):
        match node:
            case ast.Call(ast.Name("predict" | "recall" as kind), [ast.Constant(id), *_]):
                yield kind, str(id)


@each_lesson
def test_no_prediction_is_answered_before_it_is_made(file: Path) -> None:
    assert answered_too_early(notebook.read(file)) == []


@each_lesson
def test_what_only_asks_or_checks_is_folded(file: Path) -> None:
    cells = [cell for cell in notebook.read(file).cells if cell.cell_type == "code"]
    open_ones = [
        cell.id
        for cell in cells
        if notebook.is_folded(cell.source) and not cell.metadata.get("jupyter", {}).get("source_hidden")
    ]
    assert open_ones == []
    assert sum(bool(notebook.mark(cell, "check")) for cell in cells) > 0


def test_a_prediction_that_is_answered_too_early_is_found() -> None:
    saved = [new_output("stream", text="70 lost")]
    cells = [
        new_code_cell('predict("01.a", "How many?")', id="ask"),
        new_code_cell("run()", id="run", outputs=saved),
        new_code_cell('recall("01.a", lost)', id="tell"),
        new_code_cell('predict("01.b", "And now?")', id="ask-again"),
        new_code_cell("run()", id="later"),
    ]
    assert answered_too_early(new_notebook(cells=cells)) == [
        "01.a: run shows what happened, saved, before it is recalled",
        "01.b: is never recalled",
    ]


# --- twice


@contextmanager
def kernel(folder: Path) -> Iterator[Any]:
    manager, client = start_new_kernel(cwd=str(folder), env={**os.environ, "ZMQCOURSE_PROGRESS": "off"})
    try:
        yield client
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def run_cell(client: Any, cell: NotebookNode) -> str:
    """Run a cell; what is wrong with how it ended, or ""."""
    clock = Clock()
    seconds = CELL_SECONDS * min(5.0, clock.pace)
    try:
        reply = client.execute_interactive(cell.source, timeout=seconds, output_hook=lambda _: None)
    except TimeoutError:
        return f"{STILL_RUNS} after {seconds:.0f} s"
    content = reply["content"]
    if content["status"] == "ok" or "raises-exception" in cell.metadata.get("tags", []):
        return ""
    return f"{content.get('ename')}: {content.get('evalue')}"


def run_twice(nb: NotebookNode, folder: Path) -> list[str]:
    """Run each cell twice in a row, then the whole notebook once more, in one kernel: what failed, a sentence each."""
    cells = [cell for cell in nb.cells if cell.cell_type == "code"]
    assert cells
    runs = [(cell, time) for cell in cells for time in ("the first time", "the second time")]
    runs += [(cell, "the whole lesson again") for cell in cells]
    said = []
    with kernel(folder) as client:
        for cell, time in runs:
            if wrong := run_cell(client, cell):
                said.append(f"{cell.id}, {time}: {wrong}")
                if wrong.startswith(STILL_RUNS):    # nothing after it would have its turn
                    break
    return said


@pytest.mark.thorough
@each_lesson
def test_each_cell_and_the_whole_lesson_can_be_run_twice(file: Path) -> None:
    assert run_twice(notebook.read(file), file.parent) == []


@pytest.mark.parametrize(
    ("sources", "says"),
    [
        (["def outage():\n    return 3", "outage = outage()"], "c1, the second time: TypeError"),
        (["n = 0", "first = 5", "n += first\nassert n < 11\ndel first"], "c2, the second time: NameError"),
        (["import os", "seen = globals().get('seen', 0) + 1\nassert seen < 3"], "c1, the whole lesson again"),
        (["import math", "math.pi"], ""),
    ],
)
def test_what_works_only_once_is_found(sources: list[str], says: str, tmp_path: Path) -> None:
    nb = new_notebook(cells=[new_code_cell(source, id=f"c{n}") for n, source in enumerate(sources)])
    found = run_twice(nb, tmp_path)
    assert found[0].startswith(says) if says else found == []
