"""Lesson 22's scenes, with the lesson's own server and board."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import lessons
import pytest
from zmqcourse.scenes import lesson22 as scene

PARTS = "answer", "server", "get-snapshot", "board", "by-number"


@pytest.fixture(scope="module")
def parts() -> Any:
    """What the lesson's cells define."""
    file = next(file for file in lessons.FILES if file.name.startswith("22-"))
    cells = {cell.id: cell.source for cell in lessons.code(file)}
    namespace: dict[str, Any] = {"__name__": "__main__"}
    setup = "import time\nfrom random import randrange\nfrom uuid import uuid4\nimport zmq\n"
    lessons.run_cell(setup + "\n\n".join(cells[id] for id in PARTS), namespace)
    return SimpleNamespace(**namespace)


def test_the_gap_grows_with_the_delay_and_is_none_for_who_has_heard_something(parts: Any) -> None:
    first, heard = scene.by_delay(parts.server, parts.board, [0.02, 0.1]).values()
    assert 0 < 2 * first[0] < first[1]
    assert heard == [0, 0]


def test_a_newcomer_misses_changes_and_a_cut_line_costs_some_and_the_text_says_how_many_rows_are_wrong(
    parts: Any,
) -> None:
    station = scene.Station(parts.server, parts.board)
    try:
        assert station.joins() > 0
        assert station.cut(0.1) > 0
        station.line.half_open()    # the reader's own hand: a line that is not as it was
        assert station.joins() > 0
        station.stage.wait(lambda _: "board 3: " in station.text.value, timeout=20)
        assert station.text.value.startswith("board 1: ")
    finally:
        station.stage.stop()


def test_a_server_that_begins_anew_is_ignored_until_its_numbers_have_passed_the_old_ones(parts: Any) -> None:
    lives = scene.Lives(parts.server, parts.board, True)
    try:
        thrown, seconds = lives.restart()
        assert thrown > 100 and seconds > 0
        again, _ = lives.restart()    # as the reader may
        assert again > 100
    finally:
        lives.stage.stop()


def test_a_board_whose_server_died_while_it_was_asked_reads_nothing_more(parts: Any) -> None:
    night = scene.night(parts.by_number)
    assert scene.ledger(night) == (
        "asked for a snapshot 2 times, got 1\nupdates read: 4 of the first server's 4, 0 of the second's 40"
    )


def test_what_is_under_the_microscope_is_what_the_words_say(parts: Any) -> None:
    trace, end = scene.one_copy(parts.server, parts.board)
    word, number, epoch, *rest = end.frames
    assert (word, len(number), len(epoch), rest) == (b"KTHXBAI", 8, 16, [b"", b""])
    assert (trace.role_of(end.source), trace.role_of(end.target)) == ("server", "board")
