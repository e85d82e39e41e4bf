"""Lesson 09: topics, subscriptions that have to arrive, bursts, and what a reader makes of what it hears."""

from . import ex1, ex2, ex3, ex4  # noqa: F401 (each registers its exercise)
