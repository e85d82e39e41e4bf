"""Lesson 31: TICK, a specification of a page, and a server that keeps it under a fault script, point by point."""

from . import ex1, ex2, ex3  # noqa: F401  (their import registers the exercises)
