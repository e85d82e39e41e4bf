"""Lesson 25: who is there, what was lost by the numbers, and an end within a second."""

from . import ex1, ex2, ex3  # noqa: F401 (each registers its exercise)
