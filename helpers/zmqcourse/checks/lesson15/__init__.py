"""Lesson 15: one system from all patterns: choosing them, a desk that never waits, ends that survive."""

from . import ex1, ex2, ex3  # noqa: F401 (each registers its exercise)
