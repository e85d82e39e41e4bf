"""The course's own machinery: exercises with checks and hints, predictions, progress, notebook tooling.

A lesson needs one line: ``from zmqcourse import check, hint, todo, predict, recall, course_map``; one that works on
a text or on pictures asks for `asset("opticks.txt")`.
Authors of checks take `exercise` from ``zmqcourse.exercise``, `trial` from ``zmqcourse.trial`` and `Wrong`
from ``zmqcourse.verdict``.
"""

from __future__ import annotations

from .assets import asset
from .coursemap import course_map
from .exercise import check, hint, todo
from .predictions import predict, recall
from .replaying import replay

__all__ = ["asset", "check", "course_map", "hint", "predict", "recall", "replay", "todo"]
