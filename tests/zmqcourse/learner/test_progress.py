"""Progress, predictions and the map: kept in one file, safe beside another notebook, never an error."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import lessons
import nbformat
import pytest
from machine import PATIENCE
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from zmqcourse.exercise import MIME, Verdict, predict, predictions, progress, recall
from zmqcourse.learner import course_map
from zmqcourse.lessons import notebook


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where progress goes in this test."""
    path = tmp_path / "kept" / "progress.json"
    monkeypatch.setenv(progress.VARIABLE, str(path))
    monkeypatch.setattr(predictions, "_said", {})
    return path


def note(id: str, state: str) -> None:
    progress.note_verdict(Verdict(id, state))


def states() -> dict[str, str]:
    return {id: entry["state"] for id, entry in progress.load()["exercises"].items()}


def test_what_was_solved_stays_solved(file: Path) -> None:
    for state in ("todo", "wrong", "solved", "wrong", "todo"):
        note("01.1", state)
    note("01.2", "wrong")
    note("01.2", "todo")
    note("01.3", "todo")
    assert states() == {"01.1": "solved", "01.2": "todo", "01.3": "todo"}
    assert set(file.parent.iterdir()) == {file, file.with_suffix(".lock.json")}


def test_nothing_is_kept_when_switched_off(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(progress.VARIABLE, "off")
    note("01.1", "solved")
    assert progress.path() is None
    assert states() == {}
    assert not file.exists()


def test_a_broken_file_is_set_aside_and_begun_anew(file: Path) -> None:
    file.parent.mkdir()
    for content in ("{", "[]", '{"exercises": 3}', '{"exercises": {"01.1": 3}}', "\x00"):
        file.write_text(content)
        note("01.1", "solved")
        assert states() == {"01.1": "solved"}
        assert file.with_suffix(".broken.json").read_text() == content


def test_a_place_that_cannot_be_written_is_no_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv(progress.VARIABLE, str(tmp_path / "file" / "progress.json"))
    note("01.1", "solved")
    assert states() == {}


def test_a_process_that_dies_with_the_lock_does_not_stop_anything(file: Path) -> None:
    file.parent.mkdir()
    code = ("import os; from pathlib import Path; from zmqcourse.exercise import progress\n"
            f"with progress._locked(Path({str(file.with_suffix('.lock.json'))!r})): os._exit(0)")
    subprocess.run([sys.executable, "-c", code], check=True, timeout=PATIENCE)
    note("01.1", "solved")
    assert states() == {"01.1": "solved"}


def test_kernels_side_by_side_lose_nothing(file: Path) -> None:
    code = (
        "import sys; from zmqcourse.exercise import progress; from zmqcourse.exercise import Verdict\n"
        "for i in range(25): progress.note_verdict(Verdict(f'{sys.argv[1]}.{i}', 'solved'))"
    )
    writers = [subprocess.Popen([sys.executable, "-c", code, str(n)]) for n in range(4)]
    assert [writer.wait(PATIENCE) for writer in writers] == [0] * 4
    assert len(states()) == 100


def test_the_course_is_found_around_the_working_directory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(progress.VARIABLE)
    monkeypatch.chdir(lessons.ROOT / "tests")
    assert progress.path() == lessons.ROOT / ".zmqcourse-progress.json"


# ---- predictions ----------------------------------------------------------------------------------------


def test_a_prediction_is_kept_and_recalled_beside_what_happened(file: Path) -> None:
    assert str(recall("01.a", 12)) == "You made no prediction yet. What happened: 12"
    widget = predict("01.a", "How many?", [10, 11, 12])
    assert "( ) 11" in repr(widget)
    buttons = widget.children[1]
    assert buttons.value is None
    buttons.value = "11"
    assert str(recall("01.a", 12)) == "You said: 11. What happened: 12"
    assert progress.load()["predictions"]["01.a"]["answer"] == "11"
    html = recall("01.a", "<12>")._repr_html_()
    assert "11" in html and "&lt;12&gt;" in html


def test_predictions_are_told_as_data_too(file: Path) -> None:
    asked = predict("01.a", "How many?", [10, 11])._repr_mimebundle_()
    data = asked[0] if isinstance(asked, tuple) else asked
    assert data[predictions.ASKED] == {"id": "01.a", "question": "How many?", "options": ["10", "11"]}
    told = recall("01.a", 12)._repr_mimebundle_()
    assert told[predictions.RECALLED] == {"id": "01.a", "happened": "12"}
    assert told["text/plain"] == str(recall("01.a", 12)) and "zmqcourse-recall" in str(told["text/html"])


def test_a_prediction_is_still_there_when_the_cell_runs_again(file: Path) -> None:
    predict("01.a", "Which?", ["a", "b"]).children[1].value = "b"
    predictions._said.clear()  # another kernel
    again = predict("01.a", "Which?", ["a", "b"])
    assert again.children[1].value == "b"
    assert "(x) b" in repr(again)
    assert predict("01.a", "Which now?", ["c", "d"]).children[1].value is None


def test_a_line_to_write_in(file: Path) -> None:
    predict("01.b", "Why?").children[1].value = "because"
    assert predict("01.b", "Why?").children[1].value == "because"
    assert str(recall("01.b", "chance")) == "You said: because. What happened: chance"


def test_predictions_work_with_progress_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(predictions, "_said", {})
    predict("01.c", "Which?", ["a"]).children[1].value = "a"
    assert str(recall("01.c", "a")).startswith("You said: a.")


def test_a_prediction_can_be_read_where_no_widget_is_shown(file: Path) -> None:
    data = predict("01.a", "How many?", [10, 11])._repr_mimebundle_()
    assert data["text/plain"] == "Predict: How many?\n  ( ) 10\n  ( ) 11"
    assert "application/vnd.jupyter.widget-view+json" in data


# ---- the map --------------------------------------------------------------------------------------------


def lesson(title: str, verdicts: dict[str, str]) -> nbformat.NotebookNode:
    cells = [new_markdown_cell(f"# {title}")]
    for id, state in verdicts.items():
        data = {MIME: {"exercise": id, "state": state, "message": ""}}
        outputs = [new_output("display_data", data)] if state else []
        cells.append(new_code_cell("check(…)", metadata={"course": {"check": id}}, outputs=outputs))
    return new_notebook(cells=cells)


def test_the_map_shows_every_lesson_and_reads_saved_verdicts(file: Path, tmp_path: Path) -> None:
    notebook.write(lesson("00 · Start at once", {"00.1": "solved"}), tmp_path / "00-start.ipynb")
    notebook.write(lesson("04 Why?", {"04.1": "wrong", "04.2": "", "04.3": ""}), tmp_path / "04-why.ipynb")
    note("04.2", "solved")
    text = repr(course_map(tmp_path)).splitlines()
    assert "  00  Start at once                                 00.1 ✔" in text
    assert "  04  Why?                                          04.1 ✘ 04.2 ✔ 04.3 ○" in text
    assert "  31  Does it keep its word?                        to come" in text
    assert text[-2].startswith("[##########----------] 2/4 solved")
    assert text[-1] == "Go on here: exercise 04.1 in 04-why.ipynb"
    html = course_map(tmp_path)._repr_html_()
    assert html.count("<tr>") == 32 + 5
    assert 'href="' in html and "04-why.ipynb" in html


def test_the_playground_is_in_the_map_where_there_is_one(file: Path, tmp_path: Path) -> None:
    notebook.write(lesson("04 Why?", {"04.1": "wrong"}), tmp_path / "04-why.ipynb")
    assert "Playground" not in repr(course_map(tmp_path)) + course_map(tmp_path)._repr_html_()
    (tmp_path / "playground.ipynb").write_text("{}")
    said = [" ".join(line.split()) for line in repr(course_map(tmp_path)).splitlines()]
    assert said[said.index("Playground") + 1] == "A system of your own, in six lines playground.ipynb"
    assert 'playground.ipynb">A system of your own' in course_map(tmp_path)._repr_html_()


def test_what_a_check_says_now_outdates_a_saved_verdict(file: Path, tmp_path: Path) -> None:
    notebook.write(lesson("04 Why?", {"04.1": "wrong"}), tmp_path / "04-why.ipynb")
    note("04.1", "solved")
    assert course_map(tmp_path).summary.endswith("1/1 solved")


def test_a_file_that_is_no_notebook_does_not_break_the_map(file: Path, tmp_path: Path) -> None:
    (tmp_path / "00-broken.ipynb").write_text("{")
    (tmp_path / "01-list.ipynb").write_text(json.dumps([1]))
    assert "Start here" in repr(course_map(tmp_path))
