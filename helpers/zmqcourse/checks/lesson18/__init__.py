"""Lesson 18: dead, or only busy: a worker that beats, a broker that drops and keeps, a watcher that slept."""

from . import ex1, ex2, ex3  # noqa: F401 (each registers its exercise)
