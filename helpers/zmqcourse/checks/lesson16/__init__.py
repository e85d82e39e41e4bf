"""Lesson 16: who may touch a socket: PAIR between threads, asyncio, and a context for each process."""

from . import ex1, ex2, ex3, ex4  # noqa: F401
