"""Lesson 24: ZMTP read from any pieces, spoken with plain sockets, and asked for without being noticed."""

from . import ex1, ex2, ex3  # noqa: F401 (each registers its exercise)
