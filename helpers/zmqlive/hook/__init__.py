"""What a program loads that is one of several: it writes down what its sockets do, for another process to read.

`onpath/sitecustomize.py` loads it, in a Python that has ZMQLIVE in its environment and imports zmq.
"""

from __future__ import annotations

from . import form
from .form import Strange
from .program import ADDRESS, PARENT, begin
from .spool import claim, lives
from .standing import question

__all__ = ["ADDRESS", "PARENT", "Strange", "begin", "claim", "form", "lives", "question"]
