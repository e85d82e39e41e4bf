"""The lesson's kernel, of which there is one at a time."""

from __future__ import annotations

from ...kernels import Kernel

_lessons: list[Kernel] = []


def kernel() -> Kernel:
    """The lesson's kernel. One that was there before, as when its cell is run again, is ended."""
    while _lessons:
        _lessons.pop().end()
    _lessons.append(Kernel())
    return _lessons[0]
