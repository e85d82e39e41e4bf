"""Lesson 06: what waits where, and what happens when there is no more room."""

from . import ex1  # noqa: F401  (its import registers the exercises)
