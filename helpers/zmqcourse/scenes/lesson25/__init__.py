"""Lesson 25: a listener with a monitor, what tells of which fault, a second's hold-up, and ends that hang."""

from .endings import at_the_end, evening, stands, woken
from .hall import HoldUp, again, hall, news_of
from .signals import FAULTS, signals

__all__ = ["FAULTS", "HoldUp", "again", "at_the_end", "evening", "hall", "news_of", "signals", "stands", "woken"]
