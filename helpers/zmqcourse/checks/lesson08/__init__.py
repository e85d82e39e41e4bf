"""Lesson 08: who takes the next job: a shared queue, a least-recently-used broker, workers that leave or are killed."""

from . import ex1, ex2, ex3, ex4  # noqa: F401 (each registers its exercise)
