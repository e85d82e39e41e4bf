"""Lesson 17: who asks again does not multiply the work, and who was forgotten says so."""

from . import ex1, ex2, ex3  # noqa: F401  (their import registers the exercises)
