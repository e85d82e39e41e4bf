"""What is known to be wrong in a record: sentences, each with its evidence and the lesson that explains it.

A healthy system is never accused: what may be as it should be is not said. Each rule is a function that takes the trace
as `Case` shows it; those about who meets whom are in `meeting`, those about messages in `traffic`, those about how
sockets are used in `usage`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from . import meeting, traffic, usage
from .case import Case, Diagnosis

RULES = (*meeting.RULES, *traffic.RULES, *usage.RULES)


def diagnosis(trace: Any) -> tuple[Diagnosis, ...]:
    """All that is wrong: first who does not meet, for that explains most of what else is missing."""
    case = Case(trace)
    found: Iterable[Diagnosis] = (each for rule in RULES for each in rule(case))
    return tuple(dict.fromkeys(found))
