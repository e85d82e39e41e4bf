"""Lesson 21: three equal servers and who of them is asked; a pair, of which one is to be at work."""

from .freelance import PATIENCE, Street, models, named_by_the_client, three, what_they_cost
from .pair import Pair, fail_over, failed_over, label, left_at_work, overtaken, with_epochs
from .small import Lone, answered

__all__ = [
    "PATIENCE",
    "Lone",
    "Pair",
    "Street",
    "answered",
    "fail_over",
    "failed_over",
    "label",
    "left_at_work",
    "models",
    "named_by_the_client",
    "overtaken",
    "three",
    "what_they_cost",
    "with_epochs",
]
