"""Lesson 21: stay with whoever answers; one half of a pair, with epochs; a client that goes back to no older one."""

from . import ex1, ex2, ex3  # noqa: F401 (each registers its exercise)
