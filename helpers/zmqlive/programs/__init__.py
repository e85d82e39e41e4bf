"""Any system of programs in one picture: run or watched, recorded into one trace, saved, shown on a page."""

from __future__ import annotations

from .commands import main
from .run import Runner, commands
from .saved import BadFile, Saved
from .server import Page
from .system import System
from .watch import Watch, watch

__all__ = ["BadFile", "Page", "Runner", "Saved", "System", "Watch", "commands", "main", "watch"]
