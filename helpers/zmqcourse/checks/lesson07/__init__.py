"""Lesson 07: questions and answers, in lockstep, with servers that are slow, die and come back."""

from . import ex1, ex2, ex3, ex4  # noqa: F401  (their import registers the exercises)
