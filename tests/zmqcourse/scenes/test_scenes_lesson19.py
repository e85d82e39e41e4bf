"""Lesson 19's scenes, with the lesson's own broker and worker."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import lessons
import pytest
import zmq
from zmqcourse.scenes import lesson19 as scene


@pytest.fixture(scope="module")
def parts() -> Any:
    """What the lesson's cells define."""
    namespace: dict[str, Any] = {"__name__": "__main__"}
    cases = lessons.load(lessons.CASES / "lesson19.py")
    lessons.run_cell("import time\nimport zmq\n" + cases.SETUP, namespace)
    return SimpleNamespace(**namespace)


def test_a_poisoned_request_costs_a_worker_for_each_try_and_an_innocent_one_is_spared_by_more(parts: Any) -> None:
    costs, given_up = scene.price(parts.broker, parts.worker, parts.all_of_them, [1, 2, 3])
    assert costs == [1, 2, 3]
    assert given_up[0] > given_up[1] > given_up[2]


def test_of_two_requests_the_quick_one_is_answered_first(parts: Any) -> None:
    answers = scene.two_at_once(parts.broker, parts.worker, parts.all_of_them, parts.again, [b"slow"], [b"quick"])
    assert answers == [[b"quick"], [b"slow"]]


def test_who_is_back_too_soon_takes_the_job_along_and_the_record_tells_it(parts: Any) -> None:
    stage, answered = scene.quick_restart(parts.broker, parts.all_of_them, parts.again, parts.ask)
    assert not answered
    assert scene.story(stage.trace()) == [
        "Bob → broker: READY",
        "Ann → broker: REQUEST",
        "broker → Bob: REQUEST",
        "Bob → broker: READY",
    ]


def test_one_service_runs_for_as_long_as_it_is_wanted(parts: Any) -> None:
    with scene.running(parts.broker, parts.worker, parts.work, parts.all_of_them, parts.again) as (ctx, endpoint):
        assert parts.ask(ctx, endpoint, b"mmi.service", b"resize") == [b"200"]
        assert parts.ask(ctx, endpoint, b"mmi.service", b"resise") == [b"404"]
    with pytest.raises(zmq.ZMQError):
        ctx.socket(zmq.DEALER)
