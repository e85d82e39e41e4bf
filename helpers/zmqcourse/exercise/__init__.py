"""What an exercise is made of: its check and hints, the trial of an answer on real sockets, verdicts, predictions,
progress. `exercise`, `trial` and `Wrong` are what the author of a check needs."""

from __future__ import annotations

from . import progress
from .checking import STRICT, check, checks_are_in, exercise, find, hint, todo
from .errors import describe, where
from .job import Job, show
from .predictions import ASKED, RECALLED, predict, recall
from .progress import LESSONS, VARIABLE, course_root, learners_notebooks
from .trial import Trial, expect_type, trial
from .verdict import COLOUR, MARK, MIME, SOLVED, STATES, TODO, WORD, WRONG, ToDo, Verdict, Wrong, code

__all__ = ["ASKED", "COLOUR", "LESSONS", "MARK", "MIME", "RECALLED", "SOLVED", "STATES", "STRICT", "TODO", "VARIABLE",
           "WORD", "WRONG", "Job", "ToDo", "Trial", "Verdict", "Wrong", "check", "checks_are_in", "code",
           "course_root", "describe", "exercise", "expect_type", "find", "hint", "learners_notebooks", "predict",
           "progress", "recall", "show", "todo", "trial", "where"]
