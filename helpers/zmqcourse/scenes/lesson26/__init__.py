"""Lesson 26: lines between two machines that fail, a real cable, a place where beacons meet, a feed that moves."""

from .cable import pulled
from .deployment import Deployment
from .lines import FAULTS, TwoLines, outages, who_notices
from .meeting import Party

__all__ = ["FAULTS", "Deployment", "Party", "TwoLines", "outages", "pulled", "who_notices"]
