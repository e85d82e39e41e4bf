"""Lesson 23: a file for a slow reader, over a line that is long, narrow or cut; a subscriber that falls behind."""

from .files import a_file, by_hand
from .late import behind, late_subscriber, lateness
from .lines import across, against_window, clerks, cut_for_a_moment, loopback, narrow_line
from .pushed import three_ways

__all__ = [
    "a_file",
    "across",
    "against_window",
    "behind",
    "by_hand",
    "clerks",
    "cut_for_a_moment",
    "late_subscriber",
    "lateness",
    "loopback",
    "narrow_line",
    "three_ways",
]
