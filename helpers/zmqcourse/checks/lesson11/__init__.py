"""Lesson 11: one job for many workers: a sink that knows, work for late comers, pages given out again."""

from . import ex1, ex2, ex3, ex4  # noqa: F401
