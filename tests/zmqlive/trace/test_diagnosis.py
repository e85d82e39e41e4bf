"""What the diagnosis says of systems with a fault, and that it says nothing of healthy ones."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import zmqlive
from environments import ROOT
from zmqcourse.learner.plan import PLAN
from zmqlive.trace import Diagnosis, Trace
from zmqlive.trace.case import LESSONS

sys.path.insert(0, str(Path(__file__).parents[1] / "recording"))

from guide_systems import SYSTEMS, Play
from sick import HEALTHY, SICK


def of(system: Callable[[Play], Any]) -> tuple[Trace, tuple[Diagnosis, ...]]:
    """What is said of a system while it is there."""
    record = zmqlive.record()
    play = Play()
    try:
        system(play)
        trace = record.trace()
    finally:
        play.end()
        record.close()
    assert len(trace.diagnosis()) == len(record.trace().diagnosis()) or system.__name__ in OPEN_END
    return trace, trace.diagnosis()


# What these wait for is given up when they are closed.
OPEN_END = {"full_queue", "send_to_nobody", "no_answer", "term_waits", "leak", "wrong_key", "another_port"}


@pytest.mark.parametrize("system", SICK, ids=lambda f: f.__name__)
def test_a_fault_is_named_and_nothing_else(system: Callable[[Play], Any]) -> None:
    _, found = of(system)
    for each in found:
        print(f"\n{each}")
    assert [each.kind for each in found] == [SICK[system]]
    assert found[0].sentence.endswith((".", "?")) and found[0].evidence and found[0].lesson.startswith("Lesson ")
    assert found[0].roles


@pytest.mark.parametrize("system", [*SYSTEMS, *HEALTHY], ids=lambda f: f.__name__)
def test_no_healthy_system_is_accused(system: Callable[[Play], Any]) -> None:
    _, found = of(system)
    assert found == ()


def test_what_was_nearby_is_said() -> None:
    by_name = {system.__name__: system for system in SICK}
    _, (port,) = of(by_name["another_port"])
    assert "REP has bound tcp://127.0.0.1:" in port.sentence
    _, (context,) = of(by_name["another_context"])
    assert "the same name in another context" in context.sentence


def test_it_is_the_same_after_a_trip_through_json() -> None:
    by_name = {system.__name__: system for system in SICK}
    trace, found = of(by_name["other_topic"])
    assert Trace.from_json(json.loads(json.dumps(trace.to_json()))).diagnosis() == found


def test_an_empty_record_has_no_diagnosis() -> None:
    assert Trace().diagnosis() == ()


def test_the_lessons_that_are_named_have_these_headings() -> None:
    planned = {number: title for _, lessons in PLAN for number, title in lessons}
    for number, heading in LESSONS.values():
        if heading.endswith(" (to come)"):
            assert not list((ROOT / "notebooks").glob(f"{number}-*.ipynb"))
            assert planned[number] == heading.removesuffix(" (to come)")
            continue
        [file] = (ROOT / "notebooks").glob(f"{number}-*.ipynb")
        cells = json.loads(file.read_text(encoding="utf-8"))["cells"]
        lines = {line.lstrip("#").strip() for cell in cells for line in "".join(cell["source"]).splitlines()
                 if line.startswith("#")}
        assert heading in lines, (number, heading)
