"""Lesson 13: a line of stages: which one sets the pace, where workers help, how it stops with nothing lost."""

from . import ex1, ex2, ex3, ex4  # noqa: F401
