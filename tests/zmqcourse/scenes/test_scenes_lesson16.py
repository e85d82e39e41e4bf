"""Lesson 16's apparatus: how a program of its own ended, and what came from a forked child."""

from __future__ import annotations

import os
import time

import pytest
import zmq
from zmqcourse.scenes import lesson16 as scene


def test_how_a_program_ended_is_told():
    def raises() -> None:
        raise ValueError("too late")

    def vanishes() -> None:
        os._exit(3)

    assert scene.outcome(lambda: None) == "went well"
    assert scene.outcome(raises) == "dies: ValueError: too late"
    assert scene.outcome(vanishes) == "dies: exit code 3"
    assert scene.outcome(time.sleep, 1000, seconds=0.3) == "hangs"


def test_more_runs_are_made_as_long_as_none_has_gone_wrong():
    assert scene.outcomes(lambda: None, runs=1, most=3) == {"went well": 3}
    assert scene.outcomes(os._exit, 1, runs=1, most=3) == {"dies: exit code 1": 1}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_what_a_forked_child_sends_is_counted_and_one_that_stays_hangs():
    def ends(parents, endpoint):
        with zmq.Context() as ctx, ctx.socket(zmq.PUSH) as push:
            push.connect(endpoint)
            push.send(b"1")
            push.send(b"2")

    def stays(parents, endpoint):
        time.sleep(1000)

    assert scene.forked(ends) == 2
    assert scene.forked(stays, seconds=0.5) == "hangs"
