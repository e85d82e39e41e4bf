"""Lesson 12: who is served next: fairness measured, classes of messages, three to one, a turn for each client."""

from . import ex1, ex2, ex3, ex4  # noqa: F401
