"""Exercises: an id, a check, a ladder of hints; and what a lesson calls: `check`, `hint`, `todo`.

A check is a function of the learner's answers that returns when they are right and raises `Wrong` when not.
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
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any, NoReturn

from . import progress
from .capture import latest
from .errors import describe, explain, where
from .verdict import SOLVED, TODO, WRONG, ToDo, Verdict, Wrong, code

STRICT = "ZMQCOURSE_STRICT"
Check = Callable[..., None]


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
    latest.trial = None
    state, said, details = _judge(found, answers)
    printed = latest.trial.printed if latest.trial is not None else ""
    latest.trial = None
    return Verdict(found.id, state, found.title, said, details, printed=printed)


def _judge(found: Exercise, answers: tuple[Any, ...]) -> tuple[str, str, tuple[tuple[str, str], ...]]:
    try:
        found.check(*answers)
    except NotImplementedError as error:
        return TODO, str(error) or "not tried yet", ()
    except Wrong as wrong:
        return WRONG, wrong.message, tuple((label, text) for label, text in wrong.details.items() if text)
    except (Exception, SystemExit) as error:
        place = where(error)
        if hasattr(error, "_render_traceback_"):  # a stage's error is a sentence already
            return WRONG, str(error), ()
        said = f"your answer made the check fail with `{describe(error)}`. {explain(error)}".rstrip()
        return WRONG, said, (("seen", place),) if place else ()
    return SOLVED, "", ()


def _blank(answer: Any) -> bool:
    if isinstance(answer, (list, tuple)):
        return any(_blank(part) for part in answer)
    if isinstance(answer, dict):
        return any(_blank(part) for part in answer.values())
    return answer is ...


def _count(n: int) -> str:
    return "one answer" if n == 1 else f"{n} answers"


def check(id: str, *answers: Any) -> None:
    """Check your answer to this exercise and show the verdict: solved, to do, or not yet (and why).

    Never raises, so that *Run All* goes on; with ZMQCOURSE_STRICT=1 in the environment it raises
    `NotSolved` with one line unless the exercise is solved.
    """
    verdict = judge(id, *answers)
    progress.note_verdict(verdict)
    _show(verdict)
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
