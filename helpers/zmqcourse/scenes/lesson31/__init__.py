"""Lesson 31: a ticker that keeps its word or not: a market with readers, and the suite that tries a server of TICK."""

from .acceptance import acceptance, endured, held, judged
from .acts import ALL, FAULTS, KEPT, MEMORY
from .gate import Gate
from .market import Market, between
from .score import POINTS, Score

__all__ = [
    "ALL", "FAULTS", "KEPT", "MEMORY", "POINTS", "Gate", "Market", "Score", "acceptance", "between",
    "endured", "held", "judged",
]
