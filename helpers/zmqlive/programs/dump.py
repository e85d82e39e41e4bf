"""What a program is doing now."""

from __future__ import annotations

import argparse


def dump(options: argparse.Namespace) -> int:
    """Say which thread of a recorded program waits in which call, since when, and what lingers."""
    return 2
