"""What an exercise is made of: its check and hints, what is printed meanwhile, verdicts, predictions, progress.

The author of a check needs `exercise` and `Wrong`, and `trial` from the room of that name.
"""

from __future__ import annotations

from . import offers, progress
from .capture import Sink, latest, routing, sink_of
from .checking import STRICT, check, checks_are_in, exercise, find, hint, todo
from .errors import culprit, describe, explain, place_in_check, where, where_awaiting, where_now
from .pace import MOST, Clock, Deadline
from .predictions import ASKED, RECALLED, predict, recall
from .progress import LESSONS, PLAYGROUND, VARIABLE, course_root, learners_notebooks
from .replaying import replay
from .showing import show, socket_name
from .verdict import (
    BUSY,
    COLOUR,
    FAILED,
    MARK,
    MIME,
    NO_VERDICT,
    SOLVED,
    STATES,
    TODO,
    WORD,
    WRONG,
    CheckFailed,
    Delayed,
    Late,
    ToDo,
    Verdict,
    Wrong,
    code,
)

__all__ = [
    "ASKED",
    "BUSY",
    "COLOUR",
    "FAILED",
    "LESSONS",
    "MARK",
    "MIME",
    "MOST",
    "NO_VERDICT",
    "PLAYGROUND",
    "RECALLED",
    "SOLVED",
    "STATES",
    "STRICT",
    "TODO",
    "VARIABLE",
    "WORD",
    "WRONG",
    "CheckFailed",
    "Clock",
    "Deadline",
    "Delayed",
    "Late",
    "Sink",
    "ToDo",
    "Verdict",
    "Wrong",
    "check",
    "checks_are_in",
    "code",
    "course_root",
    "culprit",
    "describe",
    "exercise",
    "explain",
    "find",
    "hint",
    "latest",
    "learners_notebooks",
    "offers",
    "place_in_check",
    "predict",
    "progress",
    "recall",
    "replay",
    "routing",
    "show",
    "sink_of",
    "socket_name",
    "todo",
    "where",
    "where_awaiting",
    "where_now",
]
