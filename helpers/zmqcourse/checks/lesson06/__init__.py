"""Lesson 06: what waits where, and what happens when there is no more room."""

from . import ex1, ex2, ex4, ex5  # noqa: F401  (their import registers the exercises)
