"""A Jupyter kernel of one's own: its process, its messages as frames, what it may be at, and who answers meanwhile."""

from __future__ import annotations

from .messages import CHANNELS, MARK, Info, at, cell, message, read, sign
from .process import Kernel
from .working import HOLDS, SLEEPS, answers, running

__all__ = [
    "CHANNELS",
    "HOLDS",
    "MARK",
    "SLEEPS",
    "Info",
    "Kernel",
    "answers",
    "at",
    "cell",
    "message",
    "read",
    "running",
    "sign",
]
