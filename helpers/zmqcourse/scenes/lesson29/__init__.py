"""Lesson 29: two ages of programs in one kitchen, what formats make of values, and a test that is run by pytest."""

from .carried import returns, understood
from .fixtures import ctx, start
from .hall import Hall, upgraded
from .kitchens import FAULTS, kitchen
from .suite import Case, Result, Suite, passes

__all__ = [
    "FAULTS", "Case", "Hall", "Result", "Suite", "ctx", "kitchen", "passes", "returns", "start", "understood",
    "upgraded",
]  # fmt: skip
