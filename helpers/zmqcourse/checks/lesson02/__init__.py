"""Lesson 02: a queue between two programs, one of which is killed."""

from . import ex2, ex3, ex4, ex5  # noqa: F401
