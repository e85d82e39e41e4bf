"""Every lesson's anatomy: its form, its cells and what belongs together; and, at length, its runs by nbval as
`make check` does them, as shipped and solved."""

from __future__ import annotations

import ast
import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import lessons
import pytest
from lessons import code, exercises, lesson, minutes_named, prose, questions
from nbformat import NotebookNode
from zmqcourse.lessons import notebook

FILES = lessons.FILES
# of jupyter_client, whose sockets are not the tests'
pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")
each_lesson = pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)


# --- by nbval ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Run:
    """One pytest process over a lesson: exit code, what was printed, cell id → its state.

    A state is pytest's outcome, or that of the exercise where the cell is a check.
    """

    code: int
    text: str
    cells: dict[str, str]

    @classmethod
    def of(cls, folder: Path, file: Path, *options: str, **env: str) -> Run:
        folder.mkdir(exist_ok=True)
        report = folder / "report.xml"
        copied = shutil.copy(file, folder)
        status, text = lessons.run_notebooks(Path(copied), options=(f"--junitxml={report}", *options), **env)
        ids = [cell.id for cell in code(file)]
        found = dict(_states(ElementTree.parse(report))) if report.exists() else {}
        return cls(status, text, {ids[number]: state for number, state in found.items()})


def _states(report: ElementTree.ElementTree) -> Iterator[tuple[int, str]]:
    """Number of the code cell, and its state."""
    for case in report.iter("testcase"):
        state = next((p.get("value", "") for p in case.iter("property") if p.get("name") == "state"), "")
        bad = any(case.find(kind) is not None for kind in ("failure", "error", "skipped"))
        number = re.match(r"Cell (\d+)", case.get("name", ""))
        assert number, case.get("name")
        yield int(number.group(1)), "failed" if bad else state or "passed"


def _wanted(file: Path, state: str) -> dict[str, str]:
    return {cell.id: state if notebook.mark(cell, "check") else "passed" for cell in code(file)}


@pytest.mark.thorough
@pytest.mark.parametrize("file", [FILES[0], FILES[6]], ids=lambda file: file.stem)     # test_lessons_run.py: all
def test_nbval_finds_everything_to_do_as_shipped(file: Path, tmp_path: Path) -> None:
    progress = tmp_path / "progress.json"
    run = Run.of(tmp_path / "shipped", file, "--require=todo", ZMQCOURSE_PROGRESS=str(progress))
    assert run.code == 0, run.text
    assert run.cells == _wanted(file, "todo")
    kept = json.loads(progress.read_text(encoding="utf-8"))["exercises"]
    assert {id: kept[id]["state"] for id in exercises(file)} == dict.fromkeys(exercises(file), "todo")
    # the drafts are gone
    assert {each.name for each in tmp_path.iterdir()} == {"progress.json", "progress.lock.json", "shipped"}


@pytest.mark.thorough
@each_lesson
def test_nbval_finds_everything_solved_with_the_solutions(file: Path, tmp_path: Path) -> None:
    run = Run.of(tmp_path, file, "--solutions", "--require=solved")
    assert run.code == 0, run.text
    assert run.cells == _wanted(file, "solved")


# --- anatomy -------------------------------------------------------------------------------------------------------


def calls(cell: NotebookNode, name: str) -> list[str]:
    """The first arguments of the calls of this name in a cell."""
    return [
        node.args[0].value
        for node in ast.walk(ast.parse(cell.source))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name
        if node.args and isinstance(node.args[0], ast.Constant)
    ]


@each_lesson
def test_the_form_is_canonical(file: Path) -> None:
    assert notebook.problems(notebook.read(file)) == []


@each_lesson
def test_it_has_the_size_of_a_lesson(file: Path) -> None:
    assert 25 <= len(lesson(file).cells) <= 60
    assert [cell.id for cell in code(file) if len(cell.source.splitlines()) > 16] == []


@each_lesson
def test_it_begins_with_a_question_and_ends_with_nothing_running(file: Path) -> None:
    title = lesson(file).cells[0]
    heading = title.source.splitlines()[0]
    assert heading.startswith("# ")
    assert heading.endswith("?") or file.stem.startswith("00"), heading
    headings = [line for cell in prose(file) for line in cell.source.splitlines() if re.match(r"#{1,2} ", line)]
    assert headings.count("## When it breaks") == headings.count("## To remember") == 1
    assert "**Read on**" in prose(file)[-1].source or file.stem.startswith("00")
    last = lesson(file).cells[-1]
    assert last.id == "close" and notebook.CHECKED in last.metadata["tags"]
    assert re.fullmatch(r"roles still running: (0|False)\n", last.outputs[0].text)


@each_lesson
def test_what_is_predicted_is_run_then_recalled(file: Path) -> None:
    cells = code(file)
    asked = {id: n for n, cell in enumerate(cells) for id in calls(cell, "predict")}
    shown = {id: n for n, cell in enumerate(cells) for id in calls(cell, "recall")}
    assert asked and set(asked) == set(shown)
    # the run is between them, or in the cell that recalls
    assert all(asked[id] < shown[id] for id in asked)
    assert all(id.startswith(f"{file.name[:2]}.") for id in asked)
    # a cell shows its last expression: what stands before it is seen where it is displayed
    for id, n in [*asked.items(), *shown.items()]:
        tree = ast.parse(cells[n].source)
        seen = [c for c in ast.walk(tree) if isinstance(c, ast.Call) and ast.unparse(c.func) == "display"]
        assert any(f"'{id}'" in ast.unparse(part) for part in [tree.body[-1], *seen]), id


@each_lesson
def test_each_exercise_has_its_task_stub_check_and_solution(file: Path) -> None:
    cells = lesson(file).cells
    found = notebook.cells_of(lesson(file), "exercise")
    assert found
    for id, stub in found.items():
        at = cells.index(stub)
        task, check, solution = cells[at - 1], cells[at + 1], cells[at + 2]
        assert task.cell_type == "markdown" and f"### Exercise {id} · " in task.source
        assert f'hint("{id}")' in task.source
        assert notebook.mark(check, "check") == notebook.mark(solution, "solution") == id
        assert "todo(" in stub.source


@each_lesson
def test_each_question_has_its_symptom_and_its_fix_and_both_are_asserted(file: Path) -> None:
    cells = code(file)
    ids = [cell.id for cell in cells]
    assert questions(file)
    breaks = next(n for n, cell in enumerate(prose(file)) if "## When it breaks" in cell.source)
    asked = re.findall(r'^### "', "\n".join(cell.source for cell in prose(file)[breaks:]), re.M)
    assert len(asked) == len(questions(file))
    for name in questions(file):
        at = ids.index(f"{name}-symptom")
        assert ids[at + 1] == f"{name}-fix"
        for cell in cells[at : at + 2]:
            compared = notebook.CHECKED in cell.metadata.get("tags", []) and cell.outputs
            assert compared or re.search(r"^\s*assert ", cell.source, re.M), cell.id
    assert not [id for id in ids if id.endswith("-fix") and id.removesuffix("-fix") not in questions(file)]


MEASURED = re.compile(
    r"\d[\d,. ]*\s?(?:msgs?/s|messages? (?:a|per) second|ns\b|µs|us\b|ms\b|[kMG]i?B(?:/s)?\b|[kMG]?bit/s|%)"
    r"|\d[\d.,]* (?:micro|milli|nano)seconds|\d[\d.,]* (?:times|×) (?:faster|slower|more|less)"
)


@each_lesson
def test_no_measurement_is_typed_into_the_prose(file: Path) -> None:
    found = [(cell.id, hit.group()) for cell in lesson(file).cells for hit in MEASURED.finditer(_markdown(cell))]
    assert found == []


def _markdown(cell: NotebookNode) -> str:
    return cell.source if cell.cell_type == "markdown" else ""


def test_the_search_for_measurements_finds_them() -> None:
    typed = "1.2 million? 55 µs, 2,000 ms; 4.3 MB, 900 msg/s and 300 messages a second, 75% or 12 times faster"
    assert len(MEASURED.findall(typed)) == 7
    assert not MEASURED.search("a mark of 1000, the year 2016, lesson 06, zmq_socket(7), RFC 9293, two of 500 peers")


@each_lesson
def test_its_links_lead_somewhere(file: Path) -> None:
    targets = [t for cell in prose(file) for t in re.findall(r"\]\(([^)#\s]+)[^)]*\)", cell.source)]
    inside = [target for target in targets if not target.startswith("http")]
    assert [target for target in inside if not (file.parent / target).exists()] == []


@each_lesson
def test_the_teachers_guide_names_the_same_time(file: Path) -> None:
    rows = re.findall(r"^\| (\d\d) \| (\d+) \|", (lessons.ROOT / "TEACHING.md").read_text(encoding="utf-8"), re.M)
    assert int(dict(rows)[file.name[:2]]) == minutes_named(file)
