"""Lesson 07: questions and answers, in lockstep, with servers that are slow, die and come back."""

from . import ex1  # noqa: F401  (its import registers the exercises)
