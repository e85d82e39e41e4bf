"""Lesson 29: orders of two versions, messages that bite, and a test that can be relied on."""

from . import ex1, ex2, ex3  # noqa: F401 (each registers its exercise)
