"""Lesson 22: boards at a station that copy a table: they join late, their line is cut, the server begins anew."""

from .boards import Station
from .copies import by_delay, gap_against_delay, one_copy
from .lives import Lives, ledger, night

__all__ = ["Lives", "Station", "by_delay", "gap_against_delay", "ledger", "night", "one_copy"]
