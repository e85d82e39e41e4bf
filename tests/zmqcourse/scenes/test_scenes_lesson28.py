"""Lesson 28's scenes, with the lesson's own roles."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import lessons
import pytest
import zmq
from zmqcourse.scenes import lesson28 as scene
from zmqcourse.trial import least

FILE = next(file for file in lessons.FILES if file.name.startswith("28"))
CELLS = {cell.id: cell.source for cell in lessons.code(FILE)}


@pytest.fixture(scope="module")
def parts() -> Any:
    """What the lesson's cells define."""
    namespace: dict[str, Any] = {"__name__": "__main__"}
    for id in ("setup", "cost", "naive", "frames", "packs", "opens", "stopwatch"):
        lessons.run_cell(CELLS[id], namespace)
    return SimpleNamespace(**namespace)


def test_ways_take_turns_and_the_least_of_each_is_told() -> None:
    costs = {"one": iter([3.0, 1.0, 2.0]), "other": iter([5.0, 6.0, 4.5])}
    turns: list[str] = []

    def of(name: str) -> float:
        turns.append(name)
        return next(costs[name])

    assert least({name: lambda name=name: of(name) for name in costs}, rounds=3) == {"one": 1.0, "other": 4.5}
    assert turns == ["one", "other"] * 3


def test_frames_cost_and_joined_ones_do_not(parts: Any) -> None:
    messages = [bytes(100)] * 3000
    ways = {"each": (parts.each, parts.take), "frames": (parts.as_frames, parts.take_frames),
            "joined": (parts.joined, parts.split)}
    spent = least({name: lambda way=way: parts.cost(*way, messages) for name, way in ways.items()})
    assert spent["frames"] > spent["joined"] < spent["each"]


def test_two_clocks_alone_and_beside_others() -> None:
    done: list[int] = []
    said = scene.clocks(lambda: done.append(sum(range(100_000))), 1000).summary
    assert len(done) == 2
    assert "by the clock: alone" in said and "processor time: alone" in said and "beside 2 that compute" in said


def test_other_ways_cost_something() -> None:
    spent = scene.others(500)
    assert list(spent) == ["SimpleQueue", "queue.Queue", "Pipe", "TCP by hand"]
    assert all(each >= 0 for each in spent.values())


@pytest.mark.parametrize("transport", ["tcp", "inproc"])
def test_each_subscriber_gets_each_message(transport: str) -> None:
    told = scene.audience((1, 10), transport)
    assert list(told) == ["published", "delivered"]
    assert told["delivered"] == pytest.approx([told["published"][0], told["published"][1] / 10])


def test_a_packer_that_waits_for_more_keeps_what_there_is(parts: Any) -> None:
    packing = scene.Packing(parts.packs, parts.opens)
    try:
        for count in 4, 4, 6:
            assert 0 < packing.falls_silent(count) < count
        slider, button = packing.controls
        assert slider.value == 6 and button.value and button.description == "No more readings"
        assert packing.stage.trace().labels[-1].text.endswith(" ms")
        slider.value = 1    # and what waits goes with the next one
        button.value = False
        assert packing.stage.wait(lambda s: packing.left() <= 1, 60)
    finally:
        packing.stage.stop()


def test_a_stopwatch_that_waits_sees_each_stall_once(parts: Any) -> None:
    times = scene.answers(parts.ask_and_wait)
    assert {way: len(each) for way, each in times.items()} == {"ask and wait": 300, "on schedule": 300}
    assert sum(each >= 0.2 for each in times["ask and wait"]) >= 3    # one for each stall
    # of those on schedule, two of three that come in a stall wait for more than a third of it
    assert sum(each > scene.SLOW for each in times["on schedule"]) >= 60
    assert scene.share(times["on schedule"]) >= 0.2


def test_who_is_far_takes_its_time() -> None:
    with scene.far(0.01) as endpoint, zmq.Context() as ctx, ctx.socket(zmq.REQ) as req:
        req.connect(endpoint)
        req.send(b"hello")
        assert req.recv() == b"hello"


def test_pictures_are_altered_above_the_threshold_only() -> None:
    namespace: dict[str, Any] = {"__name__": "__main__"}
    lessons.run_cell(CELLS["setup"], namespace)
    lessons.run_cell(CELLS["streams"], namespace)
    assert scene.pictures(namespace["streams"]) == {"small": list(range(12)), "large": [11] * 12}


def test_what_is_awaited_is_counted() -> None:
    taken: list[bytes] = []

    async def takes(pull: Any, count: int) -> None:
        for _ in range(count):
            taken.append(await pull.recv())

    assert scene.in_a_loop(takes, 100) > 0
    assert len(taken) == 300
