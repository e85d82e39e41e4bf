"""What a learner sees of the course as a whole: the plan, the map with the progress on it, the data files."""

from __future__ import annotations

from .assets import asset
from .coursemap import bar, course_map, read_lesson
from .plan import PLAN

__all__ = ["PLAN", "asset", "bar", "course_map", "read_lesson"]
