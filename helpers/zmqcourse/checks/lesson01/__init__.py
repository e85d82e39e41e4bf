"""Lesson 01: how many workers keep a wait short, which cure a sick trace needs, an office that deals out badly."""

from . import ex3, ex4, ex5  # noqa: F401
