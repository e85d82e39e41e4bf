"""Lesson 30: a kernel in a process of its own, behind five links that are read; who answers while it is busy."""

from .answering import HOLDS, SLEEPS, answers, captured, night, running, who_answers
from .kernel import Kernel, kernel
from .window import Window
from .words import CHANNELS, MARK, Info, at, cell, message, read, sign

__all__ = [
    "CHANNELS",
    "HOLDS",
    "MARK",
    "SLEEPS",
    "Info",
    "Kernel",
    "Window",
    "answers",
    "at",
    "captured",
    "cell",
    "kernel",
    "message",
    "night",
    "read",
    "running",
    "sign",
    "who_answers",
]
