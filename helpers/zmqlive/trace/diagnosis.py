"""What is wrong in a record, in sentences."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """One thing that is wrong. `lesson` says which lesson explains it."""

    kind: str
    sentence: str
    evidence: str = ""
    lesson: str = ""

    def __str__(self) -> str:
        return "\n     ".join(filter(None, (self.sentence, self.evidence, self.lesson)))


def diagnosis(trace: Any) -> tuple[Diagnosis, ...]:
    return ()
