"""Lesson 23's scenes, with the lesson's own servers and readers."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import lessons
import nbformat
import pytest
from zmqcourse.scenes import lesson23 as scene
from zmqlive import Stage

PIECE, PIECES = 50_000, 400  # many more than the kernel's buffers take
SHOWN = "pushed", "reader", "piece-server", "trusting", "readings", "in-order", "impatient"


@pytest.fixture(scope="module")
def parts() -> Any:
    """What the lesson's cells define."""
    file = next(file for file in lessons.FILES if file.name.startswith("23"))
    cells = {cell.id: cell.source for cell in nbformat.read(file, as_version=4).cells}
    namespace: dict[str, Any] = {"__name__": "__main__", "PIECE": PIECE}
    imports = "import itertools\nimport time\nimport zmq\n"
    lessons.run_cell(imports + "\n\n".join(cells[id] for id in SHOWN), namespace)
    return SimpleNamespace(**namespace)


@pytest.fixture(scope="module")
def path() -> Any:
    file = scene.a_file(pieces=PIECES, piece=PIECE)
    yield file
    file.unlink()


def test_what_has_no_room_is_dropped_or_kept_in_memory_or_makes_all_wait(parts: Any, path: Any) -> None:
    marked, unmarked, mandatory = scene.three_ways(parts.all_at_once, parts.reader, path, PIECES)
    assert marked.arrived < PIECES == unmarked.arrived == mandatory.arrived
    assert marked.waited < unmarked.waited > mandatory.waited
    assert mandatory.before > 10 * unmarked.before


def test_a_larger_window_is_quicker_until_the_line_is_full(parts: Any, path: Any) -> None:
    one, four, sixteen, more = scene.across(parts.piece_server, parts.trusting, path, PIECE, [1, 4, 16, 24])
    assert 2 * one < four < sixteen
    assert more < 2 * sixteen
    here, eight = scene.loopback(parts.piece_server, parts.trusting, path, PIECE, [1, 8])
    assert here > 5 * one and eight > 5 * one
    plot = scene.against_window([1, 4, 16, 24], [one, four, sixteen, more], PIECE)
    assert "window × piece ÷ round trip" in plot.summary


def test_a_cut_stops_who_trusts_the_line_for_good_and_that_can_be_asked_twice(parts: Any, path: Any) -> None:
    stage = scene.clerks(parts.piece_server, parts.trusting, path, 5, SimpleNamespace(value=0))
    with stage:
        cuts, pieces = scene.cut_for_a_moment(stage)
        assert 0 < cuts < 5 and 0 < pieces < PIECES
        assert scene.cut_for_a_moment(stage) == (0, pieces)


def test_pieces_that_wait_at_the_reader_survive_a_cut_so_that_it_takes_several(parts: Any, path: Any) -> None:
    pause = SimpleNamespace(value=0.3)
    with scene.clerks(parts.piece_server, parts.trusting, path, 5, pause) as stage:
        stage.wait(lambda s: s.received("reader") > 5, timeout=30)
        stage.links[0].cut()
        stage.links[0].mend()
        pause.value = 0
        before = stage.received("reader")
        stage.wait(lambda s: s.received("reader") > before + 10, timeout=30)


def test_whoever_takes_slowness_for_loss_asks_for_the_file_several_times(parts: Any, path: Any) -> None:
    narrow = scene.narrow_line(parts.piece_server, parts.impatient, path, [2, 8])
    assert all(each.whole for each in narrow.values())
    assert narrow[8].asked > 1.5 * narrow[2].asked
    assert narrow[8].seconds > narrow[2].seconds


def test_a_subscriber_is_late_and_misses_nothing(parts: Any) -> None:
    late = scene.late_subscriber(parts.publisher, parts.subscriber, SimpleNamespace(value=0.02))
    with late:
        found = scene.lateness(late)
    assert isinstance(late, Stage)
    assert found.late[-1] > 1 and found.missing[-1] == 0
    assert len(found.t) == len(found.late) == len(found.missing)
    assert "seconds late" in scene.behind(found).summary
