"""Lesson 26: both ends of a line that fails, beacons among garbage, a feed that has moved."""

from . import ex1, ex2, ex3  # noqa: F401 (each registers its exercise)
