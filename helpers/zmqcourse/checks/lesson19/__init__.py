"""Lesson 19: services by name: who is there, several requests under way, jobs in dead hands, a worker back too soon."""

from . import ex1, ex2, ex3, ex4  # noqa: F401 (each registers its exercise)
