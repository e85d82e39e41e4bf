"""Lesson 05: at most once, at least once, and effects that happen once."""

from . import ex1, ex2, ex3, ex4, ex5  # noqa: F401  (their import registers the exercises)
