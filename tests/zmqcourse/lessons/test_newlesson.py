"""A new lesson begins as three files that run and fit together."""

from __future__ import annotations

from pathlib import Path

import lessons
import pytest
from zmqcourse import checks
from zmqcourse.__main__ import main
from zmqcourse.exercise import checking as exercise
from zmqcourse.lessons import notebook
from zmqcourse.lessons.newlesson import new_lesson

NAME = "98-new"


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The files of a new lesson; its checks are found beside the others."""
    written = new_lesson(tmp_path, NAME, "Does it begin?")
    monkeypatch.setattr(checks, "__path__", [*checks.__path__, str(written[1].parents[1])])
    yield written
    exercise._exercises.pop("98.1", None)


def test_it_is_canonical_and_runs_to_the_end(files: list[Path], tmp_path: Path):
    nb = notebook.read(files[0])
    assert notebook.problems(nb) == []
    ran = notebook.run(notebook.solve(nb), tmp_path, seconds=30)
    assert ran.cells[-1].outputs[0].text == "roles still running: 0\n"


def test_its_check_tells_right_from_wrong(files: list[Path]):
    cases = lessons.load(files[2]).CASES["98.1"]
    nb = notebook.read(files[0])
    right = [*cases["right"].values(), notebook.solutions(nb)["98.1"]]
    answers = [(source, "solved", "") for source in right] + [(notebook.stub(nb, "98.1"), "todo", "")]
    for source, state, says in answers + [(source, "wrong", says) for source, says in cases["wrong"].values()]:
        verdict = lessons.answer(lessons.Case("98.1", "it", source, state))
        assert verdict.state == state and says in str(verdict), str(verdict)


def test_what_is_there_is_not_overwritten(files: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
                                          capsys: pytest.CaptureFixture[str]):
    monkeypatch.chdir(tmp_path)
    assert main(["lesson", "98-other"]) == 1
    assert "already there" in capsys.readouterr().out
    assert main(["lesson", "Pirates"]) == 1
    assert "such as 17-pirates" in capsys.readouterr().out
