"""Lesson 30: a cell executed by hand, busy or idle from iopub alone, a kernel that is dead or only busy."""

from . import ex1, ex2, ex3  # noqa: F401 (each registers its exercise)
