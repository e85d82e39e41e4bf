"""Exercises: an id, a check, a ladder of hints; and what a lesson calls: `check`, `hint`, `todo`.

A check is a function of the learner's answers that returns when they are right, with a sentence on what they have
survived or nothing, and raises `Wrong` when not (`Late` where only time says so).
It is registered with `exercise` in ``zmqcourse/checks/lessonNN``, which is read when first asked for.
"""

from __future__ import annotations

import difflib
import importlib
import inspect
import os
import pkgutil
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from types import ModuleType
from typing import Any, NoReturn

from . import offers, progress, records, replaying
from .judging import attempt
from .verdict import SOLVED, TODO, WRONG, ToDo, Verdict, code

STRICT = "ZMQCOURSE_STRICT"
Check = Callable[..., Any]


class NotSolved(Exception):
    """In strict mode, raised instead of only shown; notebooks show its one line and no traceback."""

    def _render_traceback_(self) -> list[str]:
        return [str(self)]


class UnknownExercise(LookupError):
    """There is no exercise of this id; says which is meant, if one is near."""


@dataclass
class Exercise:
    """One exercise. `answers` are the names that its check wants, in order."""

    id: str
    title: str
    check: Check
    hints: tuple[str, ...]
    answers: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        self.answers = tuple(inspect.signature(self.check).parameters)

    @property
    def call(self) -> str:
        """How a lesson writes it: check("06.2", worker)."""
        return f'check("{self.id}", {", ".join(self.answers)})'


_checks: ModuleType          # see `checks_are_in`
_exercises: dict[str, Exercise] = {}
_hints_shown: dict[str, int] = {}


def exercise(id: str, *, title: str, hints: tuple[str, ...]) -> Callable[[Check], Check]:
    """Register the decorated function as the check of this exercise. Its parameters name the answers."""

    def register(fn: Check) -> Check:
        _exercises[id] = Exercise(id, title, fn, tuple(hints))
        return fn

    return register


def find(id: str) -> Exercise:
    """The exercise of this id. Raises `UnknownExercise`."""
    lesson = re.match(r"\d+(?=\.)", str(id))
    if lesson and id not in _exercises:
        _load(lesson.group())
    if id not in _exercises:
        for known in _lessons():
            _load(known)
        near = difflib.get_close_matches(str(id), _exercises, n=1, cutoff=0.5)
        meant = f'; did you mean "{near[0]}"?' if near else f"; there are {', '.join(sorted(_exercises))}"
        raise UnknownExercise(f'there is no exercise "{id}"{meant}')
    return _exercises[id]


def every() -> list[Exercise]:
    """All exercises, by id."""
    for known in _lessons():
        _load(known)
    return [_exercises[id] for id in sorted(_exercises)]


def checks_are_in(package: ModuleType) -> None:
    """Where the lessons' checks are to be looked for: they know this module, it does not know them."""
    global _checks
    _checks = package


def _lessons() -> list[str]:
    names = [module.name for module in pkgutil.iter_modules(_checks.__path__)]
    return [name.removeprefix("lesson") for name in sorted(names) if name.startswith("lesson")]


def _load(lesson: str) -> None:
    if lesson in _lessons():
        importlib.import_module(f"{_checks.__name__}.lesson{lesson}")


def judge(id: str, *answers: Any) -> Verdict:
    """Run the check and say how it went. Never raises, but for a KeyboardInterrupt of yours."""
    try:
        found = find(id)
    except UnknownExercise as error:
        return Verdict(str(id), WRONG, said=str(error))
    if len(answers) != len(found.answers):
        said = f"write `{found.call}`: this check looks at {_count(len(found.answers))}, not {len(answers)}"
        return Verdict(found.id, TODO if not answers else WRONG, found.title, said)
    if any(_blank(answer) for answer in answers):
        return Verdict(found.id, TODO, found.title, "put your answer in the place of `...`")
    records.forget(found.id)
    outcome = attempt(found.check, answers)
    if outcome.recorder is not None and outcome.state == SOLVED:
        records.keep(found.id, outcome.recorder, f"{found.id} {found.title}")
    return Verdict(
        found.id, outcome.state, found.title, outcome.said, outcome.details, outcome.printed, outcome.stub
    )


def offered(verdict: Verdict) -> Verdict:
    """The same verdict with what it offers: hints; when solved, the record of what was tried, and what comes next."""
    found = _exercises.get(verdict.exercise)
    if found is None:
        return verdict
    if verdict.state != SOLVED:
        return replace(verdict, offers=(offers.hints(found.id, found.hints),))
    shown = [offers.what_comes_next(found.id)]
    if records.has(found.id):
        shown.insert(0, offers.picture(records.line(found.id), lambda: records.still(found.id)))
    return replace(verdict, offers=tuple(offer for offer in shown if offer is not None))


def _blank(answer: Any) -> bool:
    if isinstance(answer, (list, tuple)):
        return any(_blank(part) for part in answer)
    if isinstance(answer, dict):
        return any(_blank(part) for part in answer.values())
    return answer is ...


def _count(n: int) -> str:
    return "one answer" if n == 1 else f"{n} answers"


def check(id: str, *answers: Any) -> None:
    """Check your answer to this exercise and show the verdict: solved, to do, not yet (and why), or that there is none.

    Never raises, so that *Run All* goes on; with ZMQCOURSE_STRICT=1 in the environment it raises
    `NotSolved` with one line unless the exercise is solved.
    """
    verdict = judge(id, *answers)
    progress.note_verdict(verdict)
    _show(offered(verdict))
    if verdict.state == SOLVED and (player := replaying.player(verdict.exercise)) is not None:
        _show(player)
    if os.environ.get(STRICT) == "1" and verdict.state != SOLVED:
        raise NotSolved(f"{verdict.heading}: {verdict.message}") from None


def hint(id: str) -> None:
    """Show the next hint to this exercise; each call says more."""
    try:
        found = find(id)
    except UnknownExercise as error:
        _show(Text(f"{error}"))
        return
    shown = _hints_shown[id] = min(_hints_shown.get(id, 0) + 1, len(found.hints))
    progress.note_hint(found.id, shown)
    if not shown:
        _show(Text("There are no hints to this one; the folded solution below the exercise shows one way."))
        return
    text = f"Hint {shown} of {len(found.hints)}: {found.hints[shown - 1]}"
    if shown < len(found.hints):
        more = f'Still stuck? Run this cell again, or call `hint("{id}")` once more.'
    else:
        more = "That was the last hint; the folded solution below the exercise shows one way to do it."
    _show(Text(text, more))


def todo(what: str = "replace this line with your code") -> NoReturn:
    """Stands in a stub where your code will go; says "to do" when the stub is called."""
    raise ToDo(what)


class Text:
    """A few lines to read, as text and HTML."""

    def __init__(self, *lines: str) -> None:
        self.lines = lines

    def __repr__(self) -> str:
        return "\n".join(self.lines)

    def _repr_html_(self) -> str:
        first, *rest = self.lines
        small = "".join(
            f'<div style="opacity:.75">{code(line)}</div>' for line in rest
        )
        style = "border-left:4px solid #8a6d00;padding:.4em .9em;line-height:1.5"
        return f'<div style="{style}">{code(first)}{small}</div>'


def _show(thing: Any) -> None:
    """Display in a notebook, print elsewhere."""
    try:
        from IPython import get_ipython
        from IPython.display import display
    except ImportError:
        shell = None
    else:
        shell = get_ipython()
    if shell is None:
        print(thing)
    else:
        display(thing)
