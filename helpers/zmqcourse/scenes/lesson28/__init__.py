"""Lesson 28: what messages cost, a packer to look at, a service that stands still, pictures that change."""

from .answers import SLOW, answers, far, share
from .costs import audience, clocks, in_a_loop, others
from .packing import Packing
from .pictures import pictures

__all__ = ["SLOW", "Packing", "answers", "audience", "clocks", "far", "in_a_loop", "others", "pictures", "share"]
