"""Lesson 21's scenes, with the lesson's own servers, clients and halves."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import lessons
import pytest
from zmqcourse.scenes import lesson21 as scene


@pytest.fixture(scope="module")
def parts() -> Any:
    """What the lesson's cells define."""
    file = next(file for file in lessons.FILES if file.name.startswith("21-"))
    cells = {cell.id: cell.source for cell in lessons.code(file)}
    namespace: dict[str, Any] = {"__name__": "__main__", "scene": scene}
    wanted = "server", "ask", "shotgun", "half", "answer", "clerk"
    head = "import itertools\nimport time\nfrom types import SimpleNamespace\nimport zmq\n"
    lessons.run_cell("\n\n".join([head, *(cells[id] for id in wanted)]), namespace)
    return SimpleNamespace(**namespace)


def test_who_stays_pays_once_and_who_begins_with_the_first_pays_each_time() -> None:
    costs = scene.models([0, 2])
    assert [cost.waited for cost in costs["in turn, from the first"]] == [0, 10]
    assert [cost.waited for cost in costs["in turn, and stay"]] == [0, 1]
    assert [cost.sends for cost in costs["all at once"]] == [3, 3]


@pytest.mark.parametrize("immediate", [False, True])
def test_who_was_dead_is_handed_old_requests_or_the_living_get_them_twice(parts: Any, immediate: bool) -> None:
    street = scene.Street(parts.server, parts.shotgun, immediate=immediate)
    with street.stage:
        old, twice = street.comes_back()
    assert (old < 5, twice > 20) == (immediate, immediate)


def test_one_newcomer_is_enough_for_two_at_work_and_epochs_end_it(parts: Any) -> None:
    pair = scene.Pair(scene.with_epochs)
    with pair.stage:
        assert pair.split() == (1, 2)
        older, newer = sorted(pair.at_work(), key=lambda name: int(pair.says()[name].split()[1]))
        pair.mend()
        pair.stage.wait(lambda _: len(pair.at_work()) == 1, timeout=30)
        assert pair.at_work() == [newer] and pair.says()[older].startswith("passive")
        assert pair.split() == (1, 2)  # and once more


def test_by_the_guides_rule_one_or_both_are_gone_after_the_mend(parts: Any) -> None:
    assert scene.left_at_work(parts.half) < 2


def test_whichever_half_leaves_first_both_are_there_again_for_the_next_cut(parts: Any) -> None:
    pair = scene.Pair(parts.half)
    with pair.stage:
        assert [pair.split() for _ in range(4)] == [(1, 2)] * 4


def test_the_backup_answers_after_two_beats_and_not_before(parts: Any) -> None:
    took = scene.fail_over(parts.half, [0.2], [0.1, 0.4])
    assert len(took) == 4
    assert min(each.seconds for each in took if each.patience == 0.1) > 0.15
    assert min(each.seconds for each in took if each.patience == 0.4) > 0.35


def test_the_clerk_goes_back_to_the_older_half(parts: Any) -> None:
    told = scene.overtaken(parts.clerk)
    assert [line.rpartition(" ")[2] for line in told] == ["1", "1", "2", "2", "2", "1", "1"]


def test_half_of_what_is_sent_waits_for_who_is_not_there(parts: Any) -> None:
    assert scene.answered(parts.server, immediate=False, requests=10) == 5
    assert scene.answered(parts.server, immediate=True, requests=10) == 10


def test_a_backup_alone_moves_when_it_is_asked(parts: Any) -> None:
    with scene.Lone(parts.half) as lone:
        assert lone.after(beats=6) == "passive"
        assert parts.ask(lone.ctx, lone.front, b"1", b"anybody?", patience=5) == [b"backup"]
        assert lone.after(beats=2) == "active"
