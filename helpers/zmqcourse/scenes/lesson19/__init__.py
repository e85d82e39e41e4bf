"""Lesson 19: a broker of services, workers that die idle, at work, or of what they are asked, and what that costs."""

from .costs import ACCIDENTS, against_window, price, windows
from .hands import PATIENCE, Crew, asks_until_404, one_each
from .small import quick_restart, router_and_two, running, story, two_at_once

__all__ = [
    "ACCIDENTS",
    "PATIENCE",
    "Crew",
    "against_window",
    "asks_until_404",
    "one_each",
    "price",
    "quick_restart",
    "router_and_two",
    "running",
    "story",
    "two_at_once",
    "windows",
]
