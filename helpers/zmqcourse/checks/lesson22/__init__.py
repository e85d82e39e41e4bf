"""Lesson 22: a table kept the same everywhere: a copy without a gap, the server of it, and the server's restart."""

from . import ex1, ex2, ex3  # noqa: F401 (each registers its exercise)
