"""What ways cost, one beside the other, on a machine that others use too."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping


def least(ways: Mapping[str, Callable[[], float]], rounds: int = 5) -> dict[str, float]:
    """The least that each way gave, a cost in a unit of its own, of so many rounds in which all have their turn.

    In turn, so that what else the machine does meets all of them; the least, for others only ever add to a cost.
    """
    found = dict.fromkeys(ways, math.inf)
    for _ in range(rounds):
        for name, way in ways.items():
            found[name] = min(found[name], way())
    return found
