"""Links with weather: a relay that delays, narrows, cuts or swallows what passes between two endpoints."""

from __future__ import annotations

from .link import Link

__all__ = ["Link"]
