"""Lesson 10: the middle between publishers and subscribers, and what travels through it both ways."""

from . import ex1, ex2, ex3, ex4  # noqa: F401 (each registers its exercise)
