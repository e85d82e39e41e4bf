"""What an exercise is made of: its check and hints, what is printed meanwhile, verdicts, predictions, progress.

The author of a check needs `exercise` and `Wrong`, and `trial` from the room of that name.
"""

from __future__ import annotations

from . import progress
from .capture import Sink, latest, routing, sink_of
from .checking import STRICT, check, checks_are_in, exercise, find, hint, todo
from .errors import describe, explain, where, where_awaiting, where_now
from .predictions import ASKED, RECALLED, predict, recall
from .progress import LESSONS, VARIABLE, course_root, learners_notebooks
from .verdict import COLOUR, MARK, MIME, SOLVED, STATES, TODO, WORD, WRONG, ToDo, Verdict, Wrong, code

__all__ = [
    "ASKED", "COLOUR", "LESSONS", "MARK", "MIME", "RECALLED", "SOLVED", "STATES", "STRICT", "TODO", "VARIABLE",
    "WORD", "WRONG", "Sink", "ToDo", "Verdict", "Wrong", "check", "checks_are_in", "code", "course_root", "describe",
    "exercise", "explain", "find", "hint", "latest", "learners_notebooks", "predict", "progress", "recall", "routing",
    "sink_of", "todo", "where", "where_awaiting", "where_now",
]
