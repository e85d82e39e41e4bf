"""Solutions under faults at random times: the seed is told, so that what breaks once can be looked at again."""

from __future__ import annotations

from random import Random

import pytest
from machine import pace
from soak import SECONDS, Soaked, run, soak, soaked
from zmqcourse.exercise import Late, Wrong

pytestmark = pytest.mark.filterwarnings(
    "ignore:Unclosed:ResourceWarning",
    "ignore::pytest.PytestUnraisableExceptionWarning",
    "ignore::pytest.PytestUnhandledThreadExceptionWarning",
)


@pytest.mark.thorough
@pytest.mark.parametrize("id", soaked())
def test_a_solution_keeps_its_promises_for_a_while(id: str, record_property) -> None:
    """A third of what `python tests/soak.py` takes: each run has other faults."""
    seconds = SECONDS / 3 / pace()      # (seconds there are those of a quiet machine)
    done = run(id, seconds=seconds)
    for _ in range(2):
        if done.broken and done.late:    # by time alone: the machine may have been too busy
            done = run(id, seconds=seconds, seed=done.seed)
    print(done)
    record_property("ledger", str(done))
    assert not done.broken, str(done)


def test_a_seed_brings_the_same_faults_back() -> None:
    def scene(answer: str, random: Random, seconds: float) -> str:
        return f"{answer}: {[random.randrange(1000) for _ in range(5)]}"

    first = soak(scene, ["mine"], "98.1", seconds=1)
    assert soak(scene, ["mine"], "98.1", seconds=1, seed=first.seed) == first
    assert soak(scene, ["mine"], "98.1", seconds=1).said != first.said


@pytest.mark.parametrize("kind", [Wrong, Late])
def test_what_breaks_is_told_with_its_seed(kind: type[Wrong]) -> None:
    def scene(answer: object, random: Random, seconds: float) -> str:
        raise kind("one message lost", seen="`7`")

    done = soak(scene, [None], "98.1", seconds=1, seed=42)
    assert done == Soaked("98.1", 42, "one message lost (seen: `7`)", broken=True, late=kind is Late)
    assert str(done) == "98.1, seed 42: BROKEN: one message lost (seen: `7`)"


@pytest.mark.parametrize("said", [None, "", "all is well"])
def test_a_soak_without_figures_is_none(said: object) -> None:
    assert soak(lambda *_: said, [None], "98.1", seconds=1).broken


def test_an_exercise_without_a_soak_is_told() -> None:
    with pytest.raises(LookupError, match=r"the check of 00\.1 has no soak"):
        run("00.1")
