"""Lesson 28: messages packed, answers timed on a schedule, pictures sent without a copy."""

from . import ex1, ex2, ex3  # noqa: F401 (each registers its exercise)
