"""A process that ends with its parent, however that ends. Needs nothing but Python, so that any program may load it."""

from __future__ import annotations

import ctypes
import signal
import sys

_DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG
_prctl = ctypes.CDLL(None).prctl if sys.platform == "linux" else None


def die_with_parent() -> None:
    """On Linux the kernel kills this process when the thread that started it ends; elsewhere nothing happens."""
    if _prctl:
        _prctl(_DIE_WITH_PARENT, signal.SIGKILL, 0, 0, 0)
