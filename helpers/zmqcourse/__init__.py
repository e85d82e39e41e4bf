"""The course's own machinery: exercises with checks and hints, predictions, progress, notebook tooling.

A lesson needs one line: ``from zmqcourse import check, hint, todo, predict, recall, course_map``; one that works on
a text or on pictures asks for `asset("opticks.txt")`.
Authors of checks take `exercise` and `Wrong` from ``zmqcourse.exercise``, and `trial` from ``zmqcourse.trial``.
"""

from __future__ import annotations

from . import checks
from .exercise import check, checks_are_in, hint, predict, recall, replay, todo
from .learner import asset, course_map

__all__ = ["asset", "check", "course_map", "hint", "predict", "recall", "replay", "todo"]

checks_are_in(checks)
