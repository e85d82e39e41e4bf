"""Lesson 23: a file whole and in bounded memory, a subscriber that leaves when it is too late, a line that is full."""

from . import ex1, ex2, ex3  # noqa: F401 (each registers its exercise)
