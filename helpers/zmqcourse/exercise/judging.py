"""Runs a check on answers, and says how it went; also when the check has failed itself, or the machine was too busy to
tell.

What rests on time alone (`Late`) is tried again where others kept the machine busy meanwhile, and is no verdict where
it stays so. On a quiet machine it is wrong at once.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from zmqlive.recorder import Recorder
from zmqlive.roles import StageError, StageTimeout

from . import pace
from .capture import latest
from .errors import culprit, describe, explain, place_in_check, where
from .pace import Clock
from .showing import show
from .verdict import BUSY, FAILED, SOLVED, TODO, WRONG, CheckFailed, Delayed, Late, ToDo, Wrong

TRIES = 3
# Seconds by the wall clock after which it is not tried once more.
AGAIN_WITHIN = 30.0

Details = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Outcome:
    """A verdict's state and texts (see `Verdict`).

    late: whether time alone speaks against the answer; ours: whether the check itself was late. stub: whether `said`
    stands in the learner's stub. recorder: the record of the last trial, if there was one.
    """

    state: str
    said: str = ""
    details: Details = ()
    late: bool = False
    ours: bool = False
    stub: bool = False
    printed: str = ""
    recorder: Recorder | None = None


def attempt(check: Callable[..., Any], answers: tuple[Any, ...]) -> Outcome:
    """Run the check on these answers, at most `TRIES` times. Never raises, but for a KeyboardInterrupt."""
    try:
        return _attempt(check, answers)
    finally:
        pace.rest()


def _attempt(check: Callable[..., Any], answers: tuple[Any, ...]) -> Outcome:
    began = time.monotonic()
    for number in range(1, TRIES + 1):
        clock = Clock()
        outcome = _once(check, answers)
        if not outcome.late or not (clock.busy or outcome.ours):
            return outcome
        if number == TRIES or time.monotonic() - began > AGAIN_WITHIN:
            break
    who = "the check itself" if outcome.ours else "your answer"
    said = (
        f"This machine is very busy just now (all takes about {max(2, round(clock.pace))} times as long as when it is "
        f"quiet), and {who} was late. That may be the machine's doing: run the cell again when it is quieter."
    )
    return replace(outcome, state=BUSY, said=said, details=(("late", outcome.said), *outcome.details))


def _once(check: Callable[..., Any], answers: tuple[Any, ...]) -> Outcome:
    latest.trial = None
    try:
        outcome = _outcome(check, answers)
        if latest.trial is not None:
            outcome = replace(outcome, printed=latest.trial.printed, recorder=latest.trial.stage.recorder)
    finally:
        latest.trial = None
    return outcome


def _outcome(check: Callable[..., Any], answers: tuple[Any, ...]) -> Outcome:
    try:
        survived = check(*answers)
    except NotImplementedError as error:
        return Outcome(TODO, str(error) or "not tried yet", stub=isinstance(error, ToDo))
    except Wrong as wrong:
        details = tuple((label, text) for label, text in wrong.details.items() if text)
        late, ours = isinstance(wrong, Late), isinstance(wrong, Delayed)
        return Outcome(WRONG, wrong.message, details, late=late, ours=ours)
    except StageError as error:    # a sentence already
        return Outcome(WRONG, str(error), late=isinstance(error, StageTimeout))
    except CheckFailed as failed:
        return _failed(failed.described, failed.place)
    except (Exception, SystemExit) as error:
        if culprit(error) != "answer":
            return _failed(describe(error), place_in_check(error))
        said = f"your code raised `{describe(error)}`. {explain(error)}".rstrip()
        place = where(error)
        return Outcome(WRONG, said, (("seen", place),) if place else ())
    return Outcome(SOLVED, survived if isinstance(survived, str) else "")


def _failed(described: str, place: str) -> Outcome:
    """No verdict: the check broke, if need be on what the answer gave back, which it should have been ready for."""
    returned = [job for job in latest.trial.jobs if job.done and job.value is not None] if latest.trial else []
    over = f"could not make sense of what your answer returned, and failed with `{described}`" if returned else (
        f"itself failed with `{described}`"
    )
    details = [("returned", ", ".join(dict.fromkeys(f"`{show(job.value)}`" for job in returned)))] if returned else []
    details += [("where", place)] if place else []
    said = f"The check {over}. This is not your answer's fault, and no verdict on it: please report it."
    return Outcome(FAILED, said, tuple(details))
