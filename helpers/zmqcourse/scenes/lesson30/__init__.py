"""Lesson 30: a kernel in a process of its own, behind five links that are read; who answers while it is busy."""

from ...kernels import answers
from .answering import captured, night, who_answers
from .theone import kernel
from .window import Window

__all__ = ["Window", "answers", "captured", "kernel", "night", "who_answers"]
