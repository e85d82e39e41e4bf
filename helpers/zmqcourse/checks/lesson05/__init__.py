"""Lesson 05: at most once, at least once, and effects that happen once."""

from . import ex1  # noqa: F401  (its import registers the exercises)
