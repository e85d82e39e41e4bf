"""Roles that run together: start, stop, kill, freeze, restart, the ports they use, and what ends them in time."""

from __future__ import annotations

from . import keeper
from .ports import Endpoints
from .stage import Stage

__all__ = ["Endpoints", "Stage", "keeper"]
