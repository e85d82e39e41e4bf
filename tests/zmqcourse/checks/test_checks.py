"""Every check accepts the lesson's solution and other right answers, and refuses typical wrong ones."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from typing import Any

import lessons
import pytest
from zmqcourse.exercise import BUSY, SOLVED, WRONG
from zmqcourse.exercise.checking import every, find

NOTEBOOKS = lessons.FILES
SOME = 2        # wrong answers of each exercise that are tried each time, beside its solution and its stub


def cases() -> Iterator[Any]:
    """All answers; those that no change to the course needs each time are marked so."""
    for case in (case for file in NOTEBOOKS for case in lessons.lesson_cases(file)):
        yield pytest.param(case, id=str(case))
    tried: Counter[str] = Counter()
    for case in lessons.written_cases():
        tried[case.exercise] += case.state == "wrong"
        often = case.state == "wrong" and tried[case.exercise] <= SOME
        yield pytest.param(case, id=str(case), marks=() if often else pytest.mark.thorough)


# A socket dropped without closing is one of the mistakes; Python warns when it collects one.
@pytest.mark.filterwarnings(
    "ignore:Unclosed:ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"
)
@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
@pytest.mark.parametrize("case", list(cases()))
def test_the_check_tells_right_from_wrong(case: lessons.Case) -> None:
    for _ in range(lessons.TRIES):
        verdict = lessons.answer(case)
        said = str(verdict)
        says = case.says.lower() in said.lower()
        if says or verdict.state != WRONG:
            break       # (a wrong answer has more faults than one: which of them shows first may be chance)
    if verdict.state == BUSY and case.state == SOLVED:
        pytest.skip(f"this machine was too busy for a verdict, {lessons.TRIES} times: {said}")
    if (verdict.state, case.state) == (BUSY, WRONG):
        return      # too busy to convict: it is not let through, and what it was late with first may be anything
    assert verdict.state == case.state, said
    assert says, f"{case.says!r} is not in:\n{said}"


def test_each_exercise_has_its_cases_hints_and_notebook() -> None:
    written = {id: kinds for file in lessons.case_files() for id, kinds in lessons.load(file).CASES.items()}
    in_lessons = {id for file in NOTEBOOKS for id in lessons.check_calls(file)}
    assert {found.id for found in every()} == set(written) == in_lessons
    for id, kinds in written.items():
        assert len(kinds["right"]) >= 2, id
        assert len(kinds["wrong"]) >= 5, id
        assert len(find(id).hints) >= 3, id


@pytest.mark.parametrize("file", NOTEBOOKS, ids=lambda file: file.name)
def test_the_lesson_hands_over_what_the_check_wants(file) -> None:
    for id, call in lessons.check_calls(file).items():
        assert call == ast.unparse(ast.parse(find(id).call))
