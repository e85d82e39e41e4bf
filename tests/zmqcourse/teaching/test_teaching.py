"""For a class: lessons without solutions, and nbgrader's own way from assignment to marks."""

from __future__ import annotations

import csv
import getpass
import os
import subprocess
from pathlib import Path

import pytest
from environments import environment
from lessons import FILES, ROOT
from machine import PATIENCE
from nbformat import NotebookNode
from zmqcourse.__main__ import main
from zmqcourse.lessons import notebook
from zmqcourse.teaching.assignments import assignment, handout

LESSON = ROOT / "notebooks" / "00-start-here.ipynb"


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_handout_holds_all_but_the_solutions(file: Path):
    nb = notebook.read(file)
    given = handout(nb)
    told = "\n".join(cell.source for cell in given.cells)
    assert [id for id, solution in notebook.solutions(nb).items() if solution in told] == []
    assert len(given.cells) == len(nb.cells) - len(notebook.cells_of(nb, "solution"))
    assert notebook.cells_of(given, "check").keys() == notebook.cells_of(nb, "check").keys()


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_an_assignment_can_be_read_both_ways(file: Path):
    """Below the stub stands the solution, as Python, between markers that leave the stub when they go."""
    nb = notebook.read(file)
    for id, cell in notebook.cells_of(assignment(nb), "exercise").items():
        compile(cell.source, id, "exec")
        before, _, rest = cell.source.partition("### BEGIN SOLUTION\n")
        assert before.rstrip() == notebook.stub(nb, id).rstrip()
        assert rest == notebook.solutions(nb)[id] + "\n### END SOLUTION"


def test_the_commands_write_where_they_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["handout", str(LESSON), "--out", str(tmp_path / "given")]) == 0
    assert main(["nbgrader", str(LESSON), "--out", str(tmp_path / "course")]) == 0
    said = capsys.readouterr().out.split()
    assert [Path(each).relative_to(tmp_path).as_posix() for each in said] == [
        f"given/{LESSON.name}", f"course/source/{LESSON.stem}/{LESSON.name}"]
    assert all(Path(each).exists() for each in said)
    config = tmp_path / "course" / "nbgrader_config.py"
    config.write_text("# the teacher's own")
    assert main(["nbgrader", str(LESSON), "--out", str(tmp_path / "course")]) == 0
    assert config.read_text() == "# the teacher's own"


# --- nbgrader itself


@pytest.fixture(scope="session")
def nbgrader() -> Path:
    """A Python that has nbgrader on top of what the tests have; kept in build/ for the next time.

    In an environment of its own, since nbgrader changes the JupyterLab that it is installed beside.
    """
    if os.name == "nt":
        pytest.skip("nbgrader's exchange needs users and permissions as Unix has them")
    return environment("nbgrader", "nbgrader>=0.9.5,<0.10")


def run(python: Path, *arguments: str, cwd: Path | None = None, **env: str) -> str:
    done = subprocess.run([str(python), *arguments], cwd=cwd, env={**os.environ, **env}, capture_output=True,
                          encoding="utf-8", timeout=PATIENCE)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def answered(nb: NotebookNode, answer: str) -> NotebookNode:
    """The exercise's cell as a student leaves it."""
    cell = notebook.cells_of(nb, "exercise")["00.1"]
    if answer:
        cell.source = answer
    return nb


@pytest.mark.thorough
def test_a_class_of_three_gets_the_marks_that_it_deserves(nbgrader: Path, tmp_path: Path):
    """Generate, release, fetch, submit, collect and autograde; a solved, an empty and a wrong copy."""
    course, desk, exchange = (tmp_path / name for name in ("course", "desk", "exchange"))
    for folder in (desk, exchange):
        folder.mkdir()
    exchange.chmod(0o777)    # nbgrader asks for it
    assert main(["nbgrader", str(LESSON), "--out", str(course)]) == 0
    config = course / "nbgrader_config.py"
    config.write_text(config.read_text() + f"c.Exchange.root = {str(exchange)!r}\n")
    (desk / config.name).write_text(config.read_text())
    settings = {"JUPYTER_CONFIG_DIR": str(tmp_path / "config"), "JUPYTER_DATA_DIR": str(tmp_path / "data"),
                "ZMQCOURSE_PROGRESS": "off", "PATH": f"{nbgrader.parent}{os.pathsep}{os.environ['PATH']}"}

    def grader(folder: Path, *arguments: str) -> str:
        return run(nbgrader, "-m", "nbgrader", *arguments, cwd=folder, **settings)

    grader(course, "generate_assignment", LESSON.stem, "--create")
    released = notebook.read(course / "release" / LESSON.stem / LESSON.name)
    solution = notebook.solutions(notebook.read(LESSON))["00.1"]
    text = notebook.text(released)
    assert "BEGIN" not in text and "ZMQCOURSE_STRICT" not in text and solution.splitlines()[-1] not in text
    assert notebook.stub(released, "00.1").rstrip() == notebook.stub(notebook.read(LESSON), "00.1")

    grader(course, "release_assignment", LESSON.stem)
    grader(desk, "fetch_assignment", LESSON.stem)
    mine = desk / LESSON.stem / LESSON.name
    notebook.write(answered(notebook.read(mine), solution), mine)
    grader(desk, "submit", LESSON.stem)
    grader(course, "collect", LESSON.stem)
    for student, answer in (("empty", ""), ("wrong", solution.replace('b"', '"'))):
        file = course / "submitted" / student / LESSON.stem / LESSON.name
        file.parent.mkdir(parents=True)
        notebook.write(answered(notebook.read(course / "release" / LESSON.stem / LESSON.name), answer), file)
    grader(course, "autograde", LESSON.stem)
    grader(course, "export")
    with (course / "grades.csv").open() as grades:
        marks = {row["student_id"]: (float(row["score"]), float(row["max_score"])) for row in csv.DictReader(grades)}
    assert marks == {getpass.getuser(): (10, 10), "empty": (0, 10), "wrong": (0, 10)}
    graded = notebook.read(course / "autograded" / "wrong" / LESSON.stem / LESSON.name)
    said = str(notebook.cells_of(graded, "check")["00.1"].outputs)
    assert "NotSolved" in said and "str" in said
