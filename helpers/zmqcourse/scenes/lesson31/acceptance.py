"""A server is tried: acts are played one after the other, and what held is counted."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

from ...exercise import Late, Wrong
from ...trial import trial
from .acts import ALL, NONSENSE, Act
from .bench import Bench
from .gate import Gate
from .score import POINTS, Score

SECONDS = 25.0  # of a quiet machine, for a whole script
PATIENCE = 8.0  # of a lesson's page: so many times that of a check


def tried(server: Callable[..., Any], acts: Iterable[Act], score: Score, *, kept: bool = True,
          seconds: float = SECONDS, patience: float = 1.0) -> str:
    """Plays these acts, and counts in `score`; what was done, in a sentence. Raises `Wrong`: what has ended it.

    `server` runs in a process of its own, on a disk, or, with `kept` False, in a thread without one."""
    with (
        TemporaryDirectory(ignore_cleanup_errors=True) as folder,
        Gate(Path(folder, "log")) as disk,
        trial(seconds=seconds) as t,
    ):
        try:
            bench = Bench(t, server, score, disk if kept else None, patience=patience)
            for act in acts:
                score.act = act.__name__.replace("_", " ")
                _plays(act, bench)
        finally:
            disk.release()  # or the server stands, and does not end
        return f"{bench.made} updates, {bench.kills} kills"


def _plays(act: Act, bench: Bench) -> None:
    """Who dies where he should have refused does not hold that point."""
    try:
        act(bench)
    except Late:
        raise
    except Wrong as wrong:
        if act in NONSENSE:
            score, seen = bench.score, wrong.details["seen"]
            score.count(5, False, wrong.message, tried=score.act, seen=seen)
        raise


def judged(server: Callable[..., Any], acts: Iterable[Act], points: Iterable[int], *, kept: bool = True) -> str:
    """The same for a check: a sentence, or the first violation together with the score."""
    score, ended, said = Score(points), None, ""
    try:
        said = tried(server, acts, score, kept=kept)
    except Wrong as wrong:
        score.ends(wrong)
        ended = wrong
    score.judge(ended)
    return f"{score.whole} of {len(score.points)} points: {score.fractions()}; {said}"


def acceptance(server: Callable[..., Any]) -> Score:
    """The score of a server under the whole script."""
    score = Score(POINTS)
    try:
        tried(server, ALL, score, seconds=SECONDS * PATIENCE, patience=PATIENCE)  # nobody tries it again here
    except Wrong as wrong:
        score.ends(wrong)
    return score


def endured(
    server: Callable[..., Any], acts: Sequence[Act], points: Iterable[int], random: Random, seconds: float
) -> str:
    """The server under acts in any order, for so many seconds; the figures. Raises as `judged` does."""
    ends = time.monotonic() + seconds

    def any_of_them() -> Iterator[Act]:
        yield random.choice(acts)
        while time.monotonic() < ends:
            yield random.choice(acts)

    score = Score(points)
    said = tried(server, any_of_them(), score, seconds=seconds + 90)
    score.judge(None)
    return f"{said}; {score.fractions()}"


def held(scores: Mapping[str, Score]) -> dict[str, dict[str, bool]]:
    """For `figures.yesno`: which server holds which point."""
    return {name: {POINTS[point]: score.holds(point) for point in score.points} for name, score in scores.items()}
