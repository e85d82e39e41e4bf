"""The trial of an answer: the learner's code run on real sockets, with limits, against another side made for it."""

from __future__ import annotations

from ..exercise import show
from .cost import least
from .expecting import expect_type
from .job import Job
from .moments import taken
from .trial import Trial, trial

__all__ = ["Job", "Trial", "expect_type", "least", "show", "taken", "trial"]
