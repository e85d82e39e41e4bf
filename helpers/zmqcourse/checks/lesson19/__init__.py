"""Lesson 19: what its exercises ask, in a line."""

from . import ex1  # noqa: F401  (its import registers the exercise)
