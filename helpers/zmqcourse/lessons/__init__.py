"""A lesson's notebook: its canonical form, a new one, bringing a newer one in, and running it as a test."""

from __future__ import annotations

from . import newlesson, notebook, update, watching
from .notebook import mark, read, solutions, write
from .watching import VERDICTS

__all__ = ["VERDICTS", "mark", "newlesson", "notebook", "read", "solutions", "update", "watching", "write"]
