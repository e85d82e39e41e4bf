"""Lesson 14: whom does this answer go to: numbers on questions, answers in their time, letters, an exchange."""

from . import ex1, ex3, ex4, ex5  # noqa: F401 (each registers its exercise)
