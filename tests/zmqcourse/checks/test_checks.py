"""Every check accepts the lesson's solution and other right answers, and refuses typical wrong ones."""

from __future__ import annotations

import ast

import lessons
import pytest
from zmqcourse.exercise.checking import every, find

NOTEBOOKS = lessons.FILES
CASES = lessons.written_cases() + [case for file in NOTEBOOKS for case in lessons.lesson_cases(file)]


# A socket dropped without closing is one of the mistakes; Python warns when it collects one.
@pytest.mark.filterwarnings(
    "ignore:Unclosed:ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"
)
@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
@pytest.mark.timeout(50)
@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_check_tells_right_from_wrong(case: lessons.Case) -> None:
    limit = lessons.WRONG_SECONDS if case.state == "wrong" else lessons.RIGHT_SECONDS
    verdict, seconds = lessons.answer(case)
    for _ in range(2):      # the limit is the check's: when other tests have taken the processor, look again
        if seconds >= limit:
            verdict, seconds = lessons.answer(case)
    said = str(verdict)
    assert verdict.state == case.state, said
    says = case.says.lower() in said.lower()
    assert says, f"{case.says!r} is not in:\n{said}"
    assert seconds < limit


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
