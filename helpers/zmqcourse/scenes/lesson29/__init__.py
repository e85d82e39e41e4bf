"""Lesson 29: two ages of programs in one kitchen, what formats make of values, and a test that is run by pytest."""

from .carried import returns, understood
from .fixtures import ctx, start
from .hall import Hall, upgraded
from .kitchens import kitchen
from .suite import passes

__all__ = ["Hall", "ctx", "kitchen", "passes", "returns", "start", "understood", "upgraded"]
