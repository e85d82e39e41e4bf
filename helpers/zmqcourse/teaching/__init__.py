"""The course for a class: handouts, assignments for nbgrader, a home for each learner of a hub."""

from __future__ import annotations

from . import assignments, hubhome

__all__ = ["assignments", "hubhome"]
