"""Lesson 04: sockets, endpoints, who binds, transports."""

from . import ex1, ex2, ex3  # noqa: F401
