"""Lesson 31's scenes, with the lesson's own servers and reader: a market, a disk that stands, a score."""

from __future__ import annotations

import ast
import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import lessons
import pytest
from machine import PATIENCE
from zmqcourse.exercise import Late, Wrong
from zmqcourse.lessons import notebook
from zmqcourse.scenes import lesson31 as scene

FILE = next(file for file in lessons.FILES if file.name.startswith("31"))
IMPORTS = "import struct, zlib, zmq\nfrom contextlib import contextmanager\nfrom itertools import chain\n"


@pytest.fixture(scope="module")
def parts() -> Any:
    """The functions that the lesson's cells define, and the solution of 31.2."""
    namespace: dict[str, Any] = {"__name__": "__main__"}
    cells = [ast.parse(cell.source) for cell in lessons.code(FILE)]
    functions = [node for cell in cells for node in cell.body if isinstance(node, ast.FunctionDef)]
    lessons.run_cell(f"{IMPORTS}\nfrom zmqcourse import todo\n" + "\n".join(map(ast.unparse, functions)), namespace)
    lessons.run_cell(notebook.solutions(lessons.lesson(FILE))["31.2"], namespace)
    return SimpleNamespace(**namespace)


# --- the market


def test_a_number_that_is_told_before_it_is_written_has_two_meanings(parts: Any) -> None:
    night = scene.between(parts.draft, parts.reader)
    one, two = night.books.values()
    (number,) = night.two_meanings()
    assert one[number] == (b"gold", b"before the kill") != two[number]
    assert night.missing() == 0 and not night.stage.running


def test_a_market_goes_on_through_a_kill_and_a_cut(parts: Any) -> None:
    with scene.Market(parts.keep, parts.reader) as market:
        stage, (one, two) = market.stage, market.books.values()
        stage.wait(lambda _: one and two, timeout=PATIENCE)
        market.line.cut()
        stage.kill("ticker")
        last = max(one)
        stage.restart("ticker")
        market.line.mend()
        stage.wait(lambda _: max(one) > last and max(two) > last and not market.missing(), timeout=PATIENCE)
        assert market.two_meanings() == []
        stage.wait(lambda _: "reader 2" in market.text.value, timeout=PATIENCE)
    assert not market.stage.running and not market.disk.path.exists()


# --- the disk


@pytest.mark.parametrize(("where", "written", "synced"), [("write", 0, 0), ("sync", 3, 0), ("synced", 3, 3)])
def test_who_comes_to_the_place_stands_there(tmp_path: Path, where: str, written: int, synced: int) -> None:
    with scene.Gate(tmp_path / "log") as disk:
        disk.stand(where)
        writer = threading.Thread(target=lambda: (disk.write(b"abc"), disk.sync()), daemon=True)
        writer.start()
        _until(lambda: disk.stands)
        assert (disk.size, disk.synced) == (written, synced)
        disk.release()
        writer.join(PATIENCE)
        assert not writer.is_alive() and not disk.stands and disk.synced == 3


def test_one_is_let_through_and_the_next_one_stands(tmp_path: Path) -> None:
    with scene.Gate(tmp_path / "log") as disk:
        disk.stand("sync")
        writer = threading.Thread(target=lambda: [(disk.write(b"a"), disk.sync()) for _ in range(2)], daemon=True)
        writer.start()
        _until(lambda: disk.stands)
        disk.let_through("sync")
        _until(lambda: disk.stands)
        assert disk.syncs == 1
        disk.release()
        writer.join(PATIENCE)
        assert disk.syncs == 2


def _until(condition: Any) -> None:
    pause = threading.Event()
    for _ in range(int(PATIENCE / 0.01)):
        if condition():
            return
        pause.wait(0.01)
    raise AssertionError("it did not come to that")


# --- the score


def test_the_score_of_the_lessons_servers(parts: Any) -> None:
    draft = scene.acceptance(parts.draft)
    assert not any(map(draft.holds, (3, 5, 6, 7, 8, 9)))
    # told before it is written: the first fault that comes in between shows it, and a power cut that any is lost
    assert draft.broken[7].details["tried"].startswith(("killed", "the power failed"))
    clerk = scene.acceptance(parts.clerk)
    assert [point for point in scene.POINTS if not clerk.holds(point)] == [7, 8]
    assert "a SNAPSHOT was answered between two syncs" in clerk.broken[7].details["tried"]
    held = scene.held({"draft": draft, "clerk": clerk})
    assert held["clerk"]["shared"] and not held["draft"]["returned"]


def test_the_first_violation_is_told_with_the_fault_before_it() -> None:
    score = scene.Score((1, 7))
    assert score.count(1, True, "not told")
    score.fault = "killed"
    assert not score.count(7, False, "forgotten", seen="nothing")
    score.count(1, False, "not told")
    with pytest.raises(Wrong) as found:
        score.judge(Late("nothing came"))
    assert found.value.message == "point 7, kept: forgotten" and found.value.details["tried"] == "killed"
    assert found.value.details["score"] == "0 of 2 points: told 1/2, kept 0/1"
    assert "✘ 7 kept" in str(score) and "seen: nothing" in str(score)


def test_what_ends_a_trial_is_told_where_nothing_was_violated() -> None:
    score, late = scene.Score((1, 2)), Late("nothing came")
    score.count(1, True, "not told")
    score.ends(late)
    with pytest.raises(Late):
        score.judge(late)
    assert late.details["score"] == "1 of 2 points, and not tried to the end: told 1/1"
    assert str(score).endswith("and then: nothing came")
