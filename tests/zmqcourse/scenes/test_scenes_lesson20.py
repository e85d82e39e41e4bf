"""Lesson 20's scenes, with the lesson's own keepers, store and dispatcher."""

from __future__ import annotations

import ast
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import lessons
import pytest
from zmqcourse.scenes import lesson20 as scene

FILE = next(file for file in lessons.FILES if file.name.startswith("20"))
IMPORTS = "import io, os, sqlite3, time, uuid, zmq\nfrom contextlib import closing\nfrom zmqcourse import todo"


@pytest.fixture(scope="module")
def parts() -> Any:
    """The functions that the lesson's cells define."""
    namespace: dict[str, Any] = {"__name__": "__main__"}
    cells = [ast.parse(cell.source) for cell in lessons.code(FILE)]
    functions = [node for cell in cells for node in cell.body if isinstance(node, ast.FunctionDef)]
    lessons.run_cell(f"{IMPORTS}\n" + "\n".join(map(ast.unparse, functions)), namespace)
    return SimpleNamespace(**namespace)


@pytest.fixture
def folder(tmp_path: Path) -> str:
    return str(tmp_path)


def test_a_kill_takes_the_buffer_and_a_power_cut_what_was_not_synced(parts: Any, folder: str) -> None:
    three = scene.Keepers(parts.keeper, parts.insist, folder)
    try:
        killed, cut = three.kill_all(), three.power_cut()
        assert three.missing() == cut
        assert "not in its file" in three.ledger.value
        three.kill_all()  # they are started again
        three.button.click()
    finally:
        three.stage.stop()
    three.button.click()  # does nothing any more
    assert killed["buffer"] > 0 == killed["flush"] == killed["sync"]
    assert cut["buffer"] > 0 < cut["flush"] and cut["sync"] == 0
    marks = [mark.where for mark in three.stage.trace().marks if mark.what.startswith("power cut")]
    assert marks == [f"disk of {care}" for care in cut] * 2


def test_each_way_of_keeping_has_its_price(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    found = scene.costs()
    assert len({each.name for each in found}) == len(found) and all(each.rate > 0 for each in found)
    assert list(tmp_path.iterdir()) == []
    assert "a sync for 100" in scene.price_list(found).summary


@pytest.mark.parametrize(("keep", "numbered"), [("server_numbers", False), ("client_numbers", True)])
def test_only_who_makes_a_request_can_number_it(parts: Any, folder: str, keep: str, numbered: bool) -> None:
    orders = scene.Orders(parts.titanic, getattr(parts, keep), parts.insist, folder, numbered=numbered)
    placed, rows = orders.lose_answers(2)
    assert rows == placed if numbered else rows >= placed + 2
    orders.toggle.value = True  # does nothing any more


def test_a_dispatcher_that_dies_before_it_has_written_has_things_done_again(parts: Any, folder: str) -> None:
    booked: list[bytes] = []
    delivery = scene.Delivery(parts.dispatcher, parts.service, booked.append, folder)
    delivery.kill_between(2)
    delivery.wait_until_done()
    assert len(set(booked)) == scene.REQUESTS <= len(booked) - 2


def test_what_was_marked_as_taken_stays_behind(parts: Any, folder: str) -> None:
    lines = scene.deployment(parts.dispatch_many, parts.service, folder)
    assert lines[0].startswith("12 requests, ") and "nobody is at work on them: id " in lines[1]


def test_a_file_is_there_half_or_not_at_all(parts: Any, folder: str) -> None:
    assert scene.killed_half_way(parts.save, folder) == "half of it"
    assert scene.killed_half_way(parts.save_whole, folder) == "no file"


def test_what_is_in_a_killed_sender_comes_to_nobody(parts: Any, folder: str) -> None:
    assert scene.arrived_later(parts.send_ten, folder) == 0
    assert scene.arrived_later(parts.store_ten, folder, parts.dispatcher) == 10
