"""Lesson 20: what has been promised is there after the crash: kept, synced together, asked again under one id."""

from . import ex1, ex2, ex3  # noqa: F401  (their import registers the exercises)
