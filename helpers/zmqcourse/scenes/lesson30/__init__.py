"""Lesson 30: a kernel in a process of its own, behind five links that are read; who answers while it is busy."""

from .kernel import Kernel
from .window import Window
from .words import MARK, Info, at, cell, message, read, sign

__all__ = ["MARK", "Info", "Kernel", "Window", "at", "cell", "message", "read", "sign"]
