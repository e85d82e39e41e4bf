"""Updating the course keeps what a learner wrote: answers, cells of their own, changes; over a real git history."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from environments import ROOT
from machine import PATIENCE
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from zmqcourse.__main__ import main
from zmqcourse.exercise import progress
from zmqcourse.lessons import notebook, update
from zmqcourse.lessons.carry import carry

NAME = "06-back-pressure.ipynb"
LESSON = ROOT / "notebooks" / NAME


def exercise(id: str, answer: str) -> list[NotebookNode]:
    """Task, stub, check and solution."""
    name = f"ex-{id.replace('.', '-')}"
    return [
        new_markdown_cell(f"### Exercise {id} · do it", id=f"{name}-text"),
        new_code_cell(f'def {answer}():\n    todo("do it")', id=name, metadata={"course": {"exercise": id}}),
        new_code_cell(f'check("{id}", {answer})', id=f"{name}-check", metadata={"course": {"check": id}}),
        new_markdown_cell(
            f"<details><summary>Solution {id}</summary>\n\n```python\ndef {answer}():\n    return 1\n```\n\n</details>",
            id=f"{name}-solution", metadata={"course": {"solution": id}},
        ),
    ]


def lesson(*parts: NotebookNode | list[NotebookNode]) -> NotebookNode:
    cells = [cell for part in parts for cell in (part if isinstance(part, list) else [part])]
    return notebook.canonical(new_notebook(cells=cells))


def code(id: str, source: str) -> NotebookNode:
    return new_code_cell(source, id=id)


def edit(nb: NotebookNode, id: str, source: str) -> None:
    next(cell for cell in nb.cells if cell.id == id).source = source


def sources(nb: NotebookNode) -> dict[str, str]:
    return {cell.id: cell.source for cell in nb.cells}


OLD = lesson(code("setup", "import zmq"), code("stage", "rate = 1"), code("look", "rate"),
             exercise("06.1", "bounded"), exercise("06.2", "dropping"), exercise("06.3", "newest"))
# The newer one: a cell more, one changed; 06.2 is gone, 06.3 has become 06.4, 06.5 is new.
NEW = lesson(code("setup", "import zmq"), code("knobs", "slider = 1"), code("stage", "rate = 2"), code("look", "rate"),
             exercise("06.1", "bounded"), exercise("06.4", "newest"), exercise("06.5", "credit"))
BOUNDED, DROPPING, NEWEST = (f"def {name}():\n    return 'mine'" for name in ("bounded", "dropping", "newest"))


def answered() -> NotebookNode:
    mine = notebook.parse(notebook.text(OLD))
    for id, source in (("ex-06-1", BOUNDED), ("ex-06-2", DROPPING), ("ex-06-3", NEWEST)):
        edit(mine, id, source)
    mine.cells.insert(2, new_code_cell("print(rate)  # a cell of mine", id="0f2c3a5e"))
    mine.cells[3].outputs = [nbformat.v4.new_output("stream", text="1\n")]
    return mine


# --- one lesson


def test_answers_go_into_the_newer_lesson():
    merged, report = carry(answered(), NEW, OLD)
    found = sources(merged)
    assert found["ex-06-1"] == BOUNDED and found["ex-06-4"] == NEWEST
    assert "todo(" in found["ex-06-5"] and found["stage"] == "rate = 2" and "slider" in found["knobs"]
    ids = [cell.id for cell in merged.cells]
    assert ids[ids.index("0f2c3a5e") - 1] == "stage"
    note = next(cell for cell in merged.cells if "06.2" in cell.source)
    assert note.cell_type == "markdown" and DROPPING in note.source and "no longer has" in note.source
    assert ids.index("ex-06-1-solution") < ids.index(note.id) < ids.index("ex-06-4-text")
    assert report.renamed == {"06.3": "06.4"} and report.added == ["06.5"] and report.removed == ["06.2"]
    assert str(report) == ("2 answers kept; 06.3 is now 06.4; 06.2 is gone from the lesson, your answer is kept as a "
                           "note; new: 06.5; 1 cell of your own kept")
    nbformat.validate(merged)
    assert notebook.cells_of(merged, "solution").keys() == {"06.1", "06.4", "06.5"}


def test_a_lesson_without_a_word_of_mine_is_the_newer_one():
    merged, report = carry(OLD, NEW, OLD)
    assert notebook.text(merged) == notebook.text(NEW)
    assert str(report) == "06.3 is now 06.4; new: 06.5"
    assert str(carry(OLD, OLD, OLD)[1]) == "nothing of yours in it"


def test_a_changed_cell_stays_changed_and_becomes_a_note_where_the_lesson_changed_too():
    mine = notebook.parse(notebook.text(OLD))
    edit(mine, "look", "rate * 2")
    edit(mine, "stage", "rate = 100")
    edit(mine, "ex-06-1-check", "print('no check')")
    merged, report = carry(mine, NEW, OLD)
    found = sources(merged)
    assert found["look"] == "rate * 2" and found["stage"] == "rate = 2"
    assert found["ex-06-1-check"] == 'check("06.1", bounded)'
    ids = [cell.id for cell in merged.cells]
    note = merged.cells[ids.index("stage") + 1]
    assert note.cell_type == "markdown" and "```python\nrate = 100\n```" in note.source
    assert (report.changed, report.noted) == (1, 1)


def test_without_the_version_that_was_begun_with():
    merged, report = carry(answered(), NEW)
    found = sources(merged)
    assert found["ex-06-1"] == BOUNDED and found["ex-06-4"] == NEWEST and "0f2c3a5e" in found
    assert "todo(" in found["ex-06-5"] and report.removed == ["06.2"] and report.own == 1
    untouched, report = carry(OLD, NEW)
    assert notebook.text(untouched) == notebook.text(NEW)


def test_updating_again_changes_nothing_more():
    once, _ = carry(answered(), NEW, OLD)
    twice, report = carry(once, NEW, NEW)
    assert sources(twice) == sources(once)
    assert report.removed == []


def test_what_a_learner_broke_is_carried_as_it_is():
    mine = answered()
    edit(mine, "ex-06-1", "def bounded(:\n")
    mine.cells = [cell for cell in mine.cells if cell.id not in ("ex-06-3-check", "look")]
    mine.cells.append(new_code_cell("more", id="setup"))    # two cells of one id
    merged, _ = carry(mine, NEW, OLD)
    assert sources(merged)["ex-06-1"] == "def bounded(:\n"
    assert len({cell.id for cell in merged.cells}) == len(merged.cells)


# --- a course in git


def git(folder: Path, *arguments: str) -> str:
    who = ("-c", "user.name=somebody", "-c", "user.email=somebody@localhost")
    done = subprocess.run(["git", "-C", str(folder), *who, *arguments], capture_output=True, text=True,
                          timeout=PATIENCE)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    """The course as it was, and a learner's clone of it, which is the working directory."""
    monkeypatch.delenv(progress.VARIABLE)
    for variable in ("GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM"):    # a learner who has told git nothing
        monkeypatch.setenv(variable, str(tmp_path / "no such file"))
    theirs, mine = tmp_path / "course", tmp_path / "learner"
    (theirs / "notebooks").mkdir(parents=True)
    (theirs / "helpers" / "zmqcourse").mkdir(parents=True)
    (theirs / "helpers" / "zmqcourse" / "part.py").write_text("A = 1\nB = 1\nC = 1\n")
    shutil.copy(ROOT / ".gitignore", theirs)
    notebook.write(OLD, theirs / "notebooks" / NAME)
    git(theirs.parent, "init", "--quiet", "--initial-branch=main", str(theirs))
    commit(theirs, "the course")
    git(tmp_path, "clone", "--quiet", str(theirs), str(mine))
    monkeypatch.chdir(mine)
    return theirs, mine


def commit(folder: Path, said: str) -> None:
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", said)


def a_newer_course(theirs: Path) -> None:
    notebook.write(NEW, theirs / "notebooks" / NAME)
    (theirs / "helpers" / "zmqcourse" / "part.py").write_text("A = 1\nB = 2\nC = 1\n")
    notebook.write(lesson(code("setup", "import zmq"), exercise("07.1", "echo")), theirs / "notebooks" / "07-new.ipynb")
    commit(theirs, "newer")


def test_make_update_over_a_real_history(course: tuple[Path, Path], capsys: pytest.CaptureFixture[str]):
    theirs, mine = course
    file = mine / "notebooks" / NAME
    notebook.write(answered(), file)
    commit(mine, "my first answers")
    later = notebook.read(file)
    later.cells.append(new_markdown_cell("what I learned", id="9b1d"))
    edit(later, "look", "rate + 1")
    notebook.write(later, file)    # not committed
    (mine / "work").mkdir()
    notebook.write(answered(), mine / "work" / NAME)
    kept = {"exercises": {"06.3": {"state": "solved", "hints": 1}}, "predictions": {}}
    (mine / progress.NAME).write_text(json.dumps(kept))
    a_newer_course(theirs)

    assert main(["update"]) == 0
    said = capsys.readouterr().out
    assert f"notebooks/{NAME}: 2 answers kept; 06.3 is now 06.4" in said and f"work/{NAME}: 2 answers kept" in said
    for each in (file, mine / "work" / NAME):
        found = sources(notebook.read(each))
        assert found["ex-06-1"] == BOUNDED and found["ex-06-4"] == NEWEST and found["stage"] == "rate = 2"
        assert any(DROPPING in source for source in found.values())
    found = sources(notebook.read(file))
    assert found["look"] == "rate + 1" and "what I learned" in found.values()
    assert (mine / "notebooks" / "07-new.ipynb").exists()
    assert (mine / "helpers" / "zmqcourse" / "part.py").read_text() == "A = 1\nB = 2\nC = 1\n"
    assert git(mine, "status", "--porcelain") == ""
    assert list(json.loads((mine / progress.NAME).read_text())["exercises"]) == ["06.4"]

    was = file.read_bytes()
    assert main(["update"]) == 0
    assert "You have the newest course." in capsys.readouterr().out
    assert file.read_bytes() == was


def test_a_second_update_follows_the_first(course: tuple[Path, Path]):
    theirs, mine = course
    file = mine / "notebooks" / NAME
    notebook.write(answered(), file)
    a_newer_course(theirs)
    update.update(mine)
    newest = notebook.read(theirs / "notebooks" / NAME)
    edit(newest, "ex-06-4-text", "### Exercise 06.4 · do it better")
    edit(newest, "ex-06-5", "def credit():\n    todo('another stub')")
    notebook.write(newest, theirs / "notebooks" / NAME)
    commit(theirs, "newest")
    update.update(mine)
    found = sources(notebook.read(file))
    assert found["ex-06-4"] == NEWEST and "better" in found["ex-06-4-text"] and "another" in found["ex-06-5"]
    assert sum(DROPPING in source for source in found.values()) == 1


def test_a_file_that_both_have_changed_stops_it_and_nothing_is_done(course: tuple[Path, Path],
                                                                    capsys: pytest.CaptureFixture[str]):
    theirs, mine = course
    part = mine / "helpers" / "zmqcourse" / "part.py"
    part.write_text("A = 1\nB = 3\nC = 1\n")
    notebook.write(answered(), mine / "notebooks" / NAME)
    a_newer_course(theirs)
    assert main(["update"]) == 1
    assert "have both changed helpers/zmqcourse/part.py: nothing has been done" in capsys.readouterr().out
    assert part.read_text() == "A = 1\nB = 3\nC = 1\n"
    assert sources(notebook.read(mine / "notebooks" / NAME))["ex-06-3"] == NEWEST
    assert git(mine, "status", "--porcelain") == ""


Broken = Callable[[Path, Path], str]


@pytest.mark.parametrize(("breaking", "said"), [
    (lambda theirs, mine: shutil.rmtree(mine / ".git"), "was not cloned with git"),
    (lambda theirs, mine: git(mine, "remote", "remove", "origin"), "make update FROM="),
    (lambda theirs, mine: shutil.rmtree(theirs), "could not be fetched from origin"),
], ids=["no git", "no remote", "nobody there"])
def test_what_stands_in_the_way_is_said_in_a_sentence(course: tuple[Path, Path], breaking: Broken, said: str):
    breaking(*course)
    with pytest.raises(update.UpdateError, match=said):
        update.update(course[1])


def test_answers_come_from_a_course_that_was_downloaded(course: tuple[Path, Path], tmp_path: Path,
                                                        monkeypatch: pytest.MonkeyPatch):
    theirs, mine = course
    notebook.write(answered(), mine / "notebooks" / NAME)
    (mine / progress.NAME).write_text(json.dumps({"exercises": {"06.1": {"state": "solved"}}, "predictions": {}}))
    a_newer_course(theirs)
    monkeypatch.chdir(theirs)
    assert main(["update", "--answers", str(mine)]) == 0
    assert sources(notebook.read(theirs / "notebooks" / NAME))["ex-06-4"] == NEWEST
    assert json.loads((theirs / progress.NAME).read_text())["exercises"] == {"06.1": {"state": "solved"}}
    with pytest.raises(update.UpdateError, match="no lessons in"):
        update.answers_from(tmp_path / "nowhere", theirs)


def test_a_real_lesson_with_all_its_answers():
    nb = notebook.read(LESSON)
    solved = notebook.solve(nb)
    merged, report = carry(solved, nb, nb)
    assert notebook.text(merged) == notebook.text(solved)
    assert report.answers == list(notebook.cells_of(nb, "exercise"))
