"""Lesson 29's scenes, with the lesson's own roles, values and test."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import lessons
import pytest
import zmq
from zmqcourse.scenes import lesson29 as scene
from zmqcourse.scenes.lesson29 import FAULTS, Case, Suite

FILE = next(file for file in lessons.FILES if file.name.startswith("29"))
CELLS = {cell.id: cell.source for cell in lessons.code(FILE)}


@pytest.fixture(scope="module")
def parts() -> Any:
    """What the lesson's cells define."""
    namespace: dict[str, Any] = {"__name__": "__main__"}
    for id in ("setup", "roles", "cook", "two-ages", "formats", "sleeps"):
        lessons.run_cell(CELLS[id], namespace)
    exec("def both(order):\n    return order['dishes'] if 'dishes' in order else [order['dish']]", namespace)
    return SimpleNamespace(**namespace)


def test_no_order_of_replacing_helps_whoever_reads_one_form(parts: Any) -> None:
    dropped = scene.upgraded(parts.till, parts.cook, parts.tills, parts.cooks)
    assert set(dropped) == {"cooks first", "tills first", "all at once, at night"}
    assert all(dropped.values())


def test_readers_of_both_forms_first_and_nothing_is_dropped(parts: Any) -> None:
    dropped = scene.upgraded(parts.till, parts.cook, parts.tills, (parts.old_cook, parts.both))
    assert dropped.pop("tills first") > 0
    assert dropped == {"cooks first": 0, "all at once, at night": 0}


def test_the_boxes_replace_and_the_labels_tell(parts: Any) -> None:
    hall = scene.Hall(parts.till, parts.cook, parts.tills, parts.cooks)
    with hall.stage:
        hall.passes()
        assert hall.dropped == 0
        hall.replace("till 1")
        hall.passes()
        assert hall.dropped > 0
        hall.learn(parts.both)
        for name in ("cook 1", "cook 2"):
            hall.replace(name)
        hall.passes()        # what was in their hands
        before = hall.dropped
        hall.passes()
        assert hall.dropped == before
    assert {each.text for each in hall.stage.trace().labels} >= {"cooks soup", "cooks soup, tea", "drops it: no 'dish'"}


def test_what_is_right_refused_and_wrong_is_told_apart() -> None:
    ways = {
        "right": (b"7", int, 7), "wrong": (b"8", int, 7), "no number": (b"x", int, 7),
        "no text": (b"\xff", bytes.decode, ""), "no field": (b"7", lambda data: {}[data], ""),
    }  # fmt: skip
    assert scene.understood(ways) == {
        "right": True, "wrong": "wrong", "no number": "refused", "no text": "refused", "no field": "refused"
    }  # fmt: skip


def test_what_formats_bring_back(parts: Any) -> None:
    values = {"pair": (1, 2), "keys": {7: 1}, "bytes": b"\xff", "big": 2**70, "id": 2**60 + 1, "text": "Käse"}
    found = scene.returns(parts.formats, values)
    assert {name: each["JSON"] for name, each in found.items()} == {
        "pair": "another", "keys": "another", "bytes": "refused", "big": True, "id": True, "text": True
    }  # fmt: skip
    assert found["id"]["JSON, floats"] == "another"
    assert found["bytes"]["msgpack"] is True and found["keys"]["msgpack"] == found["big"]["msgpack"] == "refused"
    assert all(each["pickle"] is True for each in found.values())


def test_a_sleep_is_green_where_something_is_broken_and_late(parts: Any) -> None:
    fault = "it makes a meal of what is no order"
    late = {"late": ("none", {"first": 10}), "broken and late": (fault, {"again": 10})}
    assert scene.passes(parts.test_kitchen, late) == {"late": False, "broken and late": True}


def _looks_whether_it_ends(ctx: Any, start: Any, patience: float) -> None:
    with ctx.socket(zmq.PUSH) as orders:
        orders.sndtimeo = round(1000 * patience)
        orders.bind("tcp://127.0.0.1:*")
        kitchen = start(orders.last_endpoint.decode(), "tcp://127.0.0.1:9")
        orders.send(b"close")
        kitchen.join(patience)
        assert not kitchen.is_alive()


def test_pytest_tells_each_result_with_its_case() -> None:
    cases = {"fine": Case(), "goes on": Case("it does not end at `close`", patience=0.2), "fine again": Case()}
    with Suite(_looks_whether_it_ends, cases) as suite:
        results = list(suite.results())
        assert suite.began and suite.ended
    assert [(each.name, each.passed, each.kind) for each in results] == [
        ("fine", True, ""), ("goes on", False, "AssertionError"), ("fine again", True, "")
    ]  # fmt: skip
    assert all(len(each.started) == 2 for each in results)


def test_a_suite_that_is_left_early_leaves_nothing_behind() -> None:
    def waits(ctx: Any, start: Any, patience: float) -> None:
        start("tcp://127.0.0.1:9", "tcp://127.0.0.1:9").join()

    with Suite(waits, {"never": Case("it does not end at `close`")}) as suite:
        assert not suite.so_far()
    assert suite.ended


def test_every_fault_is_one(parts: Any) -> None:
    """The folded solution finds each of them; what the check rests on."""
    solution = next(case for case in lessons.lesson_cases(FILE) if case.exercise == "29.3" and case.state == "solved")
    namespace: dict[str, Any] = {"__name__": "__main__", "zmq": zmq}
    lessons.run_cell(solution.source, namespace)
    cases = {fault: Case(fault, patience=30 if fault == "none" else 1) for fault in FAULTS}
    with Suite(namespace["mended"], cases) as suite:
        assert {each.name: each.passed for each in suite.results()} == {fault: fault == "none" for fault in FAULTS}
