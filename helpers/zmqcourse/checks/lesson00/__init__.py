"""Lesson 00: does everything work?"""

from . import ex1  # noqa: F401
