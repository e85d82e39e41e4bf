"""The pytest plugin: nbval over learners' notebooks, in three states; the exit code means something."""

from __future__ import annotations

import itertools
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from xml.etree import ElementTree

import pytest
from lessons import run_notebooks
from machine import PATIENCE, pace
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from zmqcourse.__main__ import learners_notebooks
from zmqcourse.lessons import notebook
from zmqcourse.lessons.badge import badge

SETUP = """
from zmqcourse import check, todo
from zmqcourse.exercise import exercise
from zmqcourse.exercise import Wrong

def want_three(number):
    value = number() if callable(number) else number
    if value != 3:
        raise Wrong(f"{value} is not 3")

for n in range(1, 10):
    exercise(f"97.{n}", title="Three", hints=("It is 3.",))(want_three)
"""


def exercise_cells(n: int, answer: str, check: str = "") -> list:
    id = f"97.{n}"
    solution = "<details>\n\n```python\nanswer = 3\n```\n</details>"
    return [
        new_code_cell(answer, metadata={"course": {"exercise": id}}),
        new_code_cell(check or f'check("{id}", answer)', metadata={"course": {"check": id}}),
        new_markdown_cell(solution, metadata={"course": {"solution": id}}),
    ]


def write(file: Path, *cells, setup: str = SETUP) -> Path:
    flat = [cell for part in cells for cell in (part if isinstance(part, list) else [part])]
    notebook.write(notebook.canonical(new_notebook(cells=[new_code_cell(setup, id="setup"), *flat])), file)
    return file


def test_solved_and_to_do_are_fine(tmp_path: Path) -> None:
    file = write(
        tmp_path / "97-a.ipynb",
        exercise_cells(1, "answer = 3"),
        exercise_cells(2, "def answer():\n    todo('count')"),
        exercise_cells(3, "answer = ..."),
        new_code_cell("1 / 0", metadata={"tags": ["raises-exception"]}),
    )
    code, said = run_notebooks(file)
    assert code == 0, said
    assert "✔ 97-a.ipynb  97.1  solved" in said
    assert "○ 97-a.ipynb  97.2  to do   count." in said
    assert "[######--------------] 1/3 solved, 2 to do, 0 wrong" in said
    assert "5 passed, 1 solved, 2 to do" in said


def test_every_way_to_be_wrong_is_told_and_the_rest_still_runs(tmp_path: Path) -> None:
    file = write(
        tmp_path / "97-b.ipynb",
        exercise_cells(1, "answer = 4"),
        exercise_cells(2, "answer = 3 +"),
        exercise_cells(3, "raise NotImplementedError('later')"),
        exercise_cells(4, "while True: pass"),
        exercise_cells(5, "answer = 3", check="print('no verdict')"),
        exercise_cells(6, ""),
        new_code_cell("assert answer == 3, 'an ordinary cell'", id="ordinary"),
        new_code_cell("print('nothing raised')", id="quiet", metadata={"tags": ["raises-exception"]}),
        exercise_cells(7, "answer = 3"),
    )
    code, said = run_notebooks(file, cell_seconds=3)
    assert code == 1
    lines = said.splitlines()
    for start in (
        "✘ 97-b.ipynb  97.1  not yet 4 is not 3",
        "✘ 97-b.ipynb  97.2  not yet its cell failed: SyntaxError",
        "○ 97-b.ipynb  97.3  to do   later",
        "✘ 97-b.ipynb  97.4  not yet stopped after 3 s: something waits for ever",
        "✘ 97-b.ipynb  97.5  not yet its check cell showed no verdict",
        "✔ 97-b.ipynb  97.6  solved",  # an emptied cell: `answer` is still that of 97.5
        "✔ 97-b.ipynb  97.7  solved",
    ):
        assert any(line.startswith(start) for line in lines), f"{start}\n{said}"
    assert "2/7 solved, 1 to do, 4 wrong" in said
    assert "tagged raises-exception, but nothing was raised" in said
    assert "5 failed" in said and "xfailed" not in said
    assert "Traceback" not in said


def test_where_there_is_no_verdict_nothing_is_wrong(tmp_path: Path) -> None:
    """A machine that is too busy, and a check that fails itself: told as such, and the run does not fail."""
    busy = SETUP + """
from zmqcourse.exercise import Clock, Late

def late(answer):
    raise Late("nothing arrived")

exercise("97.1", title="Late", hints=("Wait.",))(late)
exercise("97.2", title="Broken", hints=("Wait.",))(eval(compile("lambda answer: 1 / 0", "lesson97.py", "eval")))
Clock.busy = property(lambda clock: True)
"""
    file = write(
        tmp_path / "97-z.ipynb", exercise_cells(1, "answer = 3"), exercise_cells(2, "answer = 3"),
        exercise_cells(3, "answer = 3"), setup=busy,
    )
    code, said = run_notebooks(file, options=("-rA",))
    assert code == 0, said
    assert "… 97-z.ipynb  97.1  no verdict This machine is very busy" in said
    assert "! 97-z.ipynb  97.2  check failed The check itself failed with `ZeroDivisionError" in said
    assert "1/3 solved, 0 to do, 0 wrong, 2 without a verdict" in said
    assert "1 of 3 solved" in badge("1/3 solved, 0 to do, 0 wrong, 2 without a verdict")
    assert run_notebooks(file, options=("--require=solved",))[0] == 1


def test_a_dead_kernel_is_noticed_at_once_and_named(tmp_path: Path) -> None:
    file = write(
        tmp_path / "97-c.ipynb",
        exercise_cells(1, "import os\ndef answer():\n    os.abort()"),
        exercise_cells(2, "answer = 3"),
        new_code_cell("1 + 1"),
    )
    began = time.perf_counter()
    code, said = run_notebooks(file, cell_seconds=60)
    assert time.perf_counter() - began < 30 * pace()
    assert code == 1
    assert "✘ 97-c.ipynb  97.1  not yet the kernel died in this cell" in said
    assert "○ 97-c.ipynb  97.2  to do   not run: the kernel had died before" in said
    assert "1 failed" in said


def test_an_ordinary_cell_that_fails_fails_the_run(tmp_path: Path) -> None:
    file = write(tmp_path / "97-d.ipynb", exercise_cells(1, "answer = 3"), new_code_cell("1 / 0", id="oops"))
    code, said = run_notebooks(file)
    assert code == 1
    assert "Cell 3 oops" in said and "ZeroDivisionError" in said
    assert "1/1 solved" in said


def test_solutions_are_put_in_and_progress_is_not_touched(tmp_path: Path) -> None:
    file = write(tmp_path / "97-e.ipynb", exercise_cells(1, "answer = ..."), exercise_cells(2, "answer = 4"))
    before = file.read_bytes()
    kept = tmp_path / "progress.json"
    code, said = run_notebooks(
        file, options=("--solutions", "--require=solved"), ZMQCOURSE_PROGRESS=str(kept)
    )
    assert code == 0, said
    assert "2/2 solved" in said
    assert not kept.exists()
    assert file.read_bytes() == before


def test_the_state_can_be_required(tmp_path: Path) -> None:
    file = write(tmp_path / "97-f.ipynb", exercise_cells(1, "answer = ..."))
    kept = tmp_path / "progress.json"
    code, said = run_notebooks(file, options=("--require=todo",), ZMQCOURSE_PROGRESS=str(kept))
    assert code == 0, said
    code, said = run_notebooks(file, options=("--require=solved",))
    assert code == 1
    assert "exercise 97.1 is to do, and had to be solved" in said


def test_two_notebooks_on_two_processes_and_a_job_summary(tmp_path: Path) -> None:
    pytest.importorskip("xdist")
    a = write(tmp_path / "97-g.ipynb", exercise_cells(1, "answer = 3"))
    b = write(tmp_path / "97-h.ipynb", exercise_cells(2, "answer = 4"))
    summary = tmp_path / "summary.md"
    kept = tmp_path / "progress.json"
    code, said = run_notebooks(
        a,
        b,
        options=("-n", "2", "--dist", "loadfile"),
        GITHUB_STEP_SUMMARY=str(summary),
        GITHUB_OUTPUT=str(tmp_path / "output"),
        ZMQCOURSE_PROGRESS=str(kept),
    )
    assert code == 1
    assert "1/2 solved, 0 to do, 1 wrong" in said
    text = summary.read_text(encoding="utf-8")
    assert "### Exercises: 1/2 solved, 0 to do, 1 wrong" in text
    assert "| ✘ | 97-h.ipynb | 97.2 | 4 is not 3. |" in text
    name, _, total = (tmp_path / "output").read_text(encoding="utf-8").strip().partition("=")
    assert name == "total" and "1 of 2 solved, 1 wrong" in badge(total)
    states = {id: entry["state"] for id, entry in json.loads(kept.read_text())["exercises"].items()}
    assert states == {"97.1": "solved", "97.2": "wrong"}


def test_other_notebooks_and_tests_are_left_alone(tmp_path: Path) -> None:
    plain = new_notebook(cells=[new_code_cell("1 + 1"), new_code_cell("2 + 2")])
    notebook.write(plain, tmp_path / "plain.ipynb")
    (tmp_path / "test_plain.py").write_text("def test_it():\n    assert True\n")
    code, said = run_notebooks(tmp_path / "plain.ipynb", tmp_path / "test_plain.py")
    assert code == 0, said
    assert "3 passed" in said
    assert "solved" not in said


def test_a_hanging_answer_is_told_by_its_check_before_nbval_stops_it(tmp_path: Path) -> None:
    stub = "import zmq\ndef greet(ctx, endpoint):\n    ctx.socket(zmq.PULL).recv()"
    cells = [
        new_code_cell(stub, metadata={"course": {"exercise": "00.1"}}),
        new_code_cell('check("00.1", greet)', metadata={"course": {"check": "00.1"}}),
    ]
    file = write(tmp_path / "00-x.ipynb", *cells, setup="from zmqcourse import check")
    code, said = run_notebooks(file, cell_seconds=30)
    assert re.search(r"`greet` did not come back in [\d.]+ s", said), said
    assert code == 1 or "This machine is very busy" in said


def test_make_check_ends_on_what_to_do_next(tmp_path: Path) -> None:
    file = write(tmp_path / "97-i.ipynb", exercise_cells(1, "answer = 3"))

    def check(*paths: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "zmqcourse", "check", *paths]
        env = {**os.environ, "ZMQCOURSE_PROGRESS": "off"}
        return subprocess.run(
            command, cwd=tmp_path, env=env, capture_output=True, encoding="utf-8", timeout=PATIENCE
        )

    done = check(file.name)
    assert done.returncode == 0, done.stdout
    assert "1/1 solved" in done.stdout
    assert done.stdout.rstrip().splitlines()[-1].startswith("Nothing is wrong.")
    write(file, exercise_cells(1, "answer = 4"))
    done = check(file.name)
    assert done.returncode == 1
    assert done.stdout.rstrip().splitlines()[-1].startswith("Something is not right yet")
    done = check("nowhere.ipynb")
    assert done.returncode == 2
    assert "There is no nowhere.ipynb." in done.stdout


def test_the_badge_tells_how_far_you_are() -> None:
    colours = set()
    for total, said in (
        ("3/56 solved, 53 to do, 0 wrong", "3 of 56 solved<"),
        ("2/2 solved, 0 to do, 0 wrong", "2 of 2 solved<"),
        ("0/2 solved, 1 to do, 1 wrong", "0 of 2 solved, 1 wrong<"),
    ):
        picture = ElementTree.fromstring(badge(total))
        assert said in badge(total) and picture.get("aria-label", "").startswith("ZeroMQ exercises: ")
        colours.add(picture.findall(".//{*}rect")[2].get("fill"))
    assert len(colours) == 3
    with pytest.raises(ValueError, match="not the words"):
        badge("<script>")


def test_watching_checks_what_is_saved_and_only_that(tmp_path: Path) -> None:
    a = write(tmp_path / "97-k.ipynb", exercise_cells(1, "answer = ..."))
    write(tmp_path / "97-l.ipynb", exercise_cells(2, "answer = ..."))
    command = [sys.executable, "-u", "-m", "zmqcourse", "watch", "."]
    env = {**os.environ, "ZMQCOURSE_PROGRESS": "off"}
    own = {} if os.name == "nt" else {"start_new_session": True}
    with subprocess.Popen(command, cwd=tmp_path, env=env, stdout=subprocess.PIPE, encoding="utf-8", **own) as watching:
        assert watching.stdout
        try:
            assert "Watching 2 notebooks" in watching.stdout.readline()
            write(a, exercise_cells(1, "answer = 3"))
            assert watching.stdout.readline().startswith("97-k.ipynb, ")
            assert watching.stdout.readline() == "  ✔ 97.1 solved\n"
            write(a, exercise_cells(1, "answer = 4"), new_code_cell("1 / 0"))
            said = list(itertools.islice(watching.stdout, 3))    # the verdict, once, and none of pytest's clothes
            assert said[0].startswith("97-k.ipynb, ")
            assert said[1] == "  ✘ 97.1 not yet 4 is not 3.\n"
            assert "Cell 3: ZeroDivisionError" in said[2]
            if os.name != "nt":
                watching.send_signal(signal.SIGINT)
                assert watching.wait(PATIENCE) == 0
        finally:
            watching.kill()


def test_a_copy_in_work_stands_for_the_lesson(tmp_path: Path) -> None:
    for name in ("notebooks/00-a.ipynb", "notebooks/01-b.ipynb", "work/01-b.ipynb", "work/mine.ipynb"):
        file = tmp_path / name
        file.parent.mkdir(exist_ok=True)
        file.write_text("")
    found = [file.relative_to(tmp_path).as_posix() for file in learners_notebooks(tmp_path)]
    assert found == ["notebooks/00-a.ipynb", "work/01-b.ipynb"]
