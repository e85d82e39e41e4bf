"""A solution under faults at random times, for a minute: `python tests/soak.py 07.1 --seconds 60 --seed 12345`.

The module of an exercise's check may define

    def soak(answer, random, seconds): ...

(of several answers: all of them, in their order). It repeats the check's scene for so many seconds of a quiet machine,
with faults that it draws from `random` (a `random.Random`) and nothing else, so that a seed brings the same ones back.
It returns a sentence that is the ledger of the run in its own numbers ("41,200 questions, 38 workers killed, nothing
lost"), and raises `Wrong`, as a check does, for the first promise that is broken.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
from collections.abc import Callable
from dataclasses import dataclass

import lessons
from zmqcourse.exercise import Late, Wrong
from zmqcourse.exercise.checking import every, find

SECONDS = 60.0
Soak = Callable[..., str]


@dataclass(frozen=True)
class Soaked:
    """How a soak went: the ledger, or what was broken; late: by time alone."""

    exercise: str
    seed: int
    said: str
    broken: bool
    late: bool = False

    def __str__(self) -> str:
        return f"{self.exercise}, seed {self.seed}: {'BROKEN: ' * self.broken}{self.said}"


def soak_of(id: str) -> Soak | None:
    """The soak of this exercise, if its check has one."""
    return getattr(sys.modules[find(id).check.__module__], "soak", None)


def soaked() -> list[str]:
    """The exercises that have one."""
    return [each.id for each in every() if soak_of(each.id)]


def run(id: str, *, seconds: float = SECONDS, seed: int | None = None) -> Soaked:
    """Soak the folded solution of this exercise. Raises LookupError where its check has no soak."""
    found = soak_of(id)
    if found is None:
        raise LookupError(f"the check of {id} has no soak; these have: {', '.join(soaked()) or 'none'}")
    return soak(found, lessons.answers(_solution(id)), id, seconds=seconds, seed=seed)


def soak(found: Soak, answers: list[object], id: str, *, seconds: float, seed: int | None = None) -> Soaked:
    """Run this soak on these answers."""
    seed = int.from_bytes(os.urandom(4), "big") if seed is None else seed
    print(f"{id}: soaking for {seconds:g} s, seed {seed}", flush=True)
    try:
        said = found(*answers, random.Random(seed), seconds)
    except Wrong as wrong:
        details = "; ".join(f"{label}: {text}" for label, text in wrong.details.items() if text)
        return Soaked(id, seed, f"{wrong.message} ({details})", broken=True, late=isinstance(wrong, Late))
    if not isinstance(said, str) or not any(each.isdigit() for each in said):
        return Soaked(id, seed, f"no ledger, but {said!r}", broken=True)
    return Soaked(id, seed, said, broken=False)


def _solution(id: str) -> lessons.Case:
    file = next(file for file in lessons.FILES if file.name.startswith(id[:2]))
    return next(case for case in lessons.lesson_cases(file) if (case.exercise, case.state) == (id, "solved"))


def main() -> int:
    parser = argparse.ArgumentParser(description="solutions under random faults")
    parser.add_argument("exercises", nargs="*", help="by default all that have a soak")
    parser.add_argument("--seconds", type=float, default=SECONDS)
    parser.add_argument("--seed", type=int)
    options = parser.parse_args()
    runs = [run(id, seconds=options.seconds, seed=options.seed) for id in options.exercises or soaked()]
    print(*runs, sep="\n")
    return int(any(each.broken for each in runs))


if __name__ == "__main__":
    raise SystemExit(main())
