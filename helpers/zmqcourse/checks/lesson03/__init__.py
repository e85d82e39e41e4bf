"""Lesson 03: choosing a queue by what was measured, and a small job that leaves its broker."""

from . import ex1, ex2, ex3  # noqa: F401
