"""The harness of the lessons' checks: runs answers given as source, as a notebook's cell would.

A lesson's cases stand in ``lesson_cases/lessonNN.py``, as plain data:

    CASES = {
        "00.1": {
            "right": {"what is special about it": "source of a right answer", …},      # two or more
            "wrong": {"the mistake": ("source of a wrong answer", "words of the verdict"), …},  # five or more
        },
    }

Stub and solution are read from the lesson's notebook, their only source. Sources run in a namespace that
holds what the lesson has imported by then: by default zmq, time, threading, and `todo`; a case file may
define ``SETUP``, source that is run first (for helpers that the lesson's own cells define).
"""

from __future__ import annotations

import ast
import importlib.util
import itertools
import linecache
import os
import re
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType

import nbformat
from machine import PATIENCE
from nbformat import NotebookNode
from zmqcourse import todo
from zmqcourse.__main__ import pytest_command
from zmqcourse.exercise import BUSY, SOLVED, Verdict
from zmqcourse.exercise.checking import find, judge
from zmqcourse.lessons import notebook

ROOT = Path(__file__).resolve().parents[1]
FILES = sorted((ROOT / "notebooks").glob("[0-9][0-9]-*.ipynb"))
CASES = Path(__file__).with_name("lesson_cases")

TRIES = 5       # of an answer on a machine that is too busy for a verdict

_number = itertools.count(1)


@dataclass(frozen=True)
class Case:
    """One answer to one exercise: its source, the state it must get, words that the verdict must hold."""

    exercise: str
    name: str
    source: str
    state: str
    says: str = ""
    setup: str = ""

    def __str__(self) -> str:
        return f"{self.exercise}-{self.state}-{self.name}"


def case_files() -> list[Path]:
    return sorted(CASES.glob("lesson[0-9][0-9].py"))


def load(file: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"lesson_cases_{file.stem}", file)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def written_cases() -> list[Case]:
    """The right and wrong answers of all case files."""
    cases = []
    for file in case_files():
        module = load(file)
        setup = getattr(module, "SETUP", "")
        for id, kinds in module.CASES.items():
            cases += [Case(id, name, source, "solved", "", setup) for name, source in kinds["right"].items()]
            cases += [
                Case(id, name, source, "wrong", says, setup)
                for name, (source, says) in kinds["wrong"].items()
            ]
    return cases


def lesson_cases(file: Path) -> list[Case]:
    """Stub and solution of each exercise in a notebook, as cases; the case file's SETUP applies."""
    nb = nbformat.read(file, as_version=4)
    case_file = CASES / f"lesson{file.name[:2]}.py"
    setup = getattr(load(case_file), "SETUP", "") if case_file.exists() else ""
    cases = []
    for id, solution in notebook.solutions(nb).items():
        cases += [
            Case(id, "the folded solution", solution, "solved", "", setup),
            Case(id, "the stub", notebook.stub(nb, id), "todo", "", setup),
        ]
    return cases


def but(whole: str, *changes: tuple[str, str]) -> str:
    """This answer with something changed; for the files of cases."""
    for old, new in changes:
        assert old in whole, old
        whole = whole.replace(old, new)
    return whole


def check_calls(file: Path) -> dict[str, str]:
    """Exercise id → how the notebook's check cell calls `check`, normalised."""
    nb = nbformat.read(file, as_version=4)
    return {
        id: ast.unparse(ast.parse(cell.source.strip())) for id, cell in notebook.cells_of(nb, "check").items()
    }


def answer(case: Case) -> Verdict:
    """Run the answer's source, then its check; the verdict. Where the machine is too busy to call an answer right that
    is, it is asked again."""
    for _ in range(TRIES if case.state == SOLVED else 1):
        verdict = _answer(case)
        if verdict.state != BUSY:
            break
    return verdict


def _answer(case: Case) -> Verdict:
    return judge(case.exercise, *answers(case))


def answers(case: Case) -> list[object]:
    """What the answer's source defines, for the check of its exercise."""
    namespace: dict[str, object] = {"__name__": "__main__", "todo": todo}
    run_cell("import threading\nimport time\nimport zmq\n" + case.setup, namespace)
    run_cell(case.source, namespace)
    return [namespace[name] for name in find(case.exercise).answers]


def run_notebooks(
    *files: Path, options: Sequence[str] = (), cell_seconds: float = PATIENCE, **env: str
) -> tuple[int, str]:
    """Run notebooks by nbval as `make check` does; the exit code, and what was printed.

    Options are the plugin's: --require=todo for lessons as shipped; --solutions --require=solved.
    """
    options = [f"--nbval-cell-timeout={cell_seconds}", "--color=no", *options]
    done = subprocess.run(
        pytest_command([str(file) for file in files], options),
        cwd=files[0].parent,
        env={**os.environ, "ZMQCOURSE_PROGRESS": "off", **env},
        capture_output=True,
        encoding="utf-8",
        timeout=10 * PATIENCE,
    )
    return done.returncode, done.stdout + done.stderr


def run_cell(source: str, namespace: dict[str, object]) -> None:
    """Run source as a cell: errors in it are then said to be on a line of "your cell"."""
    name = f"<cell {next(_number)}>"
    linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
    exec(compile(source, name, "exec"), namespace)


# --- a lesson's parts ----------------------------------------------------------------------------------------------


@cache
def lesson(file: Path) -> NotebookNode:
    return nbformat.read(file, as_version=4)


def cells(file: Path) -> list[NotebookNode]:
    return lesson(file).cells


def prose(file: Path) -> list[NotebookNode]:
    """What is read: the markdown but the folded solutions."""
    return [c for c in lesson(file).cells if c.cell_type == "markdown" and not notebook.mark(c, "solution")]


def code(file: Path) -> list[NotebookNode]:
    return [cell for cell in lesson(file).cells if cell.cell_type == "code"]


def words(file: Path) -> int:
    """Words that the reader meets, but for what is folded."""
    text = re.sub(r"<details>.*?</details>", "", "\n".join(cell.source for cell in prose(file)), flags=re.S)
    text = re.sub(r"\]\([^)]*\)", "]", text)
    return len(re.findall(r"\w+(?:['’.-]\w+)*", text))


def lines(file: Path) -> int:
    """Lines of code that the reader meets."""
    return sum(len(cell.source.splitlines()) for cell in code(file))


def exercises(file: Path) -> list[str]:
    return list(notebook.cells_of(lesson(file), "exercise"))


def questions(file: Path) -> list[str]:
    """The questions that the lesson answers: their cells' common name."""
    return [cell.id.removesuffix("-symptom") for cell in code(file) if cell.id.endswith("-symptom")]


def minutes_named(file: Path) -> int:
    found = re.search(r"takes about (\d+) minutes", lesson(file).cells[0].source)
    assert found, "the first cell does not say how long it takes"
    return int(found.group(1))
