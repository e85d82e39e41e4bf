"""The lessons' form: what is canonical, what is refused, how the folded solutions get into the stubs."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path

import pytest
from environments import ROOT
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from zmqcourse.lessons import notebook

SOLUTION = (
    "<details>\n<summary>Solution</summary>\n\n```python\ndef f():\n    return 1\n```\n\nWhy…\n</details>"
)


def lesson() -> NotebookNode:
    """A small lesson in canonical form: a checked cell, an exercise."""
    result = new_output("execute_result", {"text/plain": "45"}, execution_count=1)
    return notebook.canonical(
        new_notebook(
            cells=[
                new_markdown_cell("# 97 · Try", id="title"),
                new_code_cell(
                    "sum(range(10))",
                    id="sum",
                    execution_count=1,
                    outputs=[result],
                    metadata={"tags": [notebook.CHECKED]},
                ),
                new_code_cell("print('hello')", id="hello"),
                new_code_cell("def f():\n    ...", id="a", metadata={"course": {"exercise": "97.1"}}),
                new_code_cell('check("97.1", f)', id="b", metadata={"course": {"check": "97.1"}}),
                new_markdown_cell(SOLUTION, id="c", metadata={"course": {"solution": "97.1"}}),
            ]
        )
    )


def test_a_good_lesson_has_no_problems() -> None:
    assert notebook.problems(lesson()) == []


def test_canonical_form_is_stable_and_leaves_its_argument_alone() -> None:
    nb = lesson()
    nb.cells[2].outputs = [new_output("stream", text="hello\n")]
    before = copy.deepcopy(nb)
    once = notebook.canonical(nb)
    assert nb == before
    assert notebook.text(notebook.canonical(once)) == notebook.text(once)
    assert once.cells[2].outputs == []


def test_canonical_form_undoes_what_jupyter_leaves() -> None:
    messy = lesson()
    messy.metadata = {"kernelspec": {"name": "mine"}, "widgets": {}, "language_info": {"version": "3.13"}}
    for number, cell in enumerate(messy.cells):
        cell.metadata.update({"collapsed": False, "execution": {"iopub": 1}, "trusted": True})
        if cell.cell_type == "code":
            cell.execution_count = number + 7
    messy.cells[1].outputs[0].execution_count = 8
    messy.cells[3].id = "5f0c-random"
    messy.cells[4].outputs = [new_output("display_data", {"text/plain": "✔"})]
    messy.cells[2].source += "\n\n"
    assert notebook.text(notebook.canonical(messy)) == notebook.text(lesson())


def test_streams_are_joined_and_ids_made_unique() -> None:
    nb = lesson()
    nb.cells[1].outputs = [new_output("stream", text="a\n"), new_output("stream", text="b\n")]
    nb.cells[2].id = "sum"
    after = notebook.canonical(nb)
    assert [output.text for output in after.cells[1].outputs] == ["a\nb\n"]
    assert [cell.id for cell in after.cells] == [
        "title",
        "sum",
        "sum-2",
        "ex-97-1",
        "ex-97-1-check",
        "ex-97-1-solution",
    ]


def drop(nb: NotebookNode, number: int) -> None:
    del nb.cells[number]


def never_run(nb: NotebookNode) -> None:
    nb.cells[1].outputs, nb.cells[1].execution_count = [], None


def picture(nb: NotebookNode) -> None:
    nb.cells[1].outputs = [new_output("display_data", {"image/png": "AAAA", "text/plain": "<Figure>"})]


def port(nb: NotebookNode) -> None:
    nb.cells[1].outputs = [new_output("stream", text="bound to tcp://127.0.0.1:54321\n")]


def failed(nb: NotebookNode) -> None:
    nb.cells[1].outputs = [new_output("error", ename="E", evalue="", traceback=[])]


def source(number: int, text: str) -> Callable[[NotebookNode], None]:
    def change(nb: NotebookNode) -> None:
        nb.cells[number].source = text

    return change


def metadata(number: int, **data: object) -> Callable[[NotebookNode], None]:
    def change(nb: NotebookNode) -> None:
        nb.cells[number].metadata.update(data)

    return change


def swap(nb: NotebookNode) -> None:
    nb.cells[3], nb.cells[4] = nb.cells[4], nb.cells[3]


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (never_run, "tagged nbval-check-output but never run"),
        (picture, "shows a picture"),
        (port, "a stored output holds `127.0.0.1:54321`, which is another each time"),
        (failed, "a stored output is an error"),
        (source(2, "x = 1;"), "a trailing `;` does not silence"),
        (metadata(2, name="x"), "unknown metadata `name`"),
        (metadata(2, course={"hint": "97.1"}), "unknown course metadata `hint`"),
        (metadata(3, course={"exercise": "first"}), "`first` is no exercise id"),
        (lambda nb: drop(nb, 3), "exercise 97.1: one stub, one check and one solution are wanted"),
        (lambda nb: drop(nb, 5), "exercise 97.1: one stub, one check and one solution are wanted"),
        (swap, "the order is stub, check, solution"),
        (source(3, "def f(:"), "the stub is no valid Python"),
        (source(4, 'check("97.2", f)'), 'does not call `check("97.1", …)`'),
        (source(5, SOLUTION.replace("<details>", "")), "its solution is not folded"),
        (source(5, "<details>none</details>"), "one ```python block is wanted in its solution, 0 are there"),
        (source(5, SOLUTION.replace("return 1", "return (")), "its solution is no valid Python"),
        (metadata(1, collapsed=True), "not in canonical form"),
    ],
)
def test_what_is_wrong_with_a_lesson_is_said(spoil: Callable[[NotebookNode], None], says: str) -> None:
    nb = lesson()
    spoil(nb)
    assert says in "\n".join(notebook.problems(nb))


def test_solving_puts_the_solution_into_a_copy() -> None:
    nb = lesson()
    solved = notebook.solve(nb)
    assert notebook.stub(solved, "97.1") == "def f():\n    return 1"
    assert notebook.stub(nb, "97.1") == "def f():\n    ..."


def test_a_solution_that_is_missing_is_an_error() -> None:
    nb = lesson()
    drop(nb, 5)
    with pytest.raises(notebook.LessonError, match=r"exercise 97\.1 has no solution"):
        notebook.solve(nb)


def test_the_command_says_what_is_wrong_and_puts_it_right(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "97-try.ipynb"
    nb = lesson()
    nb.cells[2].outputs = [new_output("stream", text="hello\n")]
    notebook.write(nb, file)
    assert notebook.main(["check", str(file)]) == 1
    assert "not in canonical form" in capsys.readouterr().out
    assert notebook.main(["fix", str(file)]) == 0
    assert notebook.main(["check", str(file)]) == 0
    assert capsys.readouterr().out == f"{file}: brought into canonical form\n"
    file.write_text("not a notebook")
    assert notebook.main(["check", str(file)]) == 1
    assert "is not a readable notebook" in capsys.readouterr().out


def test_fix_run_stores_the_outputs_that_are_checked(tmp_path: Path) -> None:
    nb = lesson()
    nb.cells = nb.cells[:3]
    nb.cells[1].source = "print('a')\nsum(range(11))"
    never_run(nb)
    file = tmp_path / "97-try.ipynb"
    notebook.write(nb, file)
    assert notebook.main(["fix", "--run", str(file)]) == 0
    after = notebook.read(file)
    assert [output.get("text") or output.data["text/plain"] for output in after.cells[1].outputs] == [
        "a\n",
        "55",
    ]
    assert after.cells[2].outputs == []


@pytest.mark.parametrize(
    "file", sorted(ROOT.glob("notebooks/*.ipynb")), ids=lambda f: f.name
)
def test_the_lessons_are_in_canonical_form(file: Path) -> None:
    assert notebook.problems(notebook.read(file)) == []
