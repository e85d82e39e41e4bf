"""Roles that are hard to end, and the sleep that can be ended."""

from __future__ import annotations

import asyncio
import queue
import time
from time import sleep

import pytest
import zmq
from machine import PATIENCE, pace
from stage_parts import nothing, nothing_left, producer, raises, stopped_in, waiting  # noqa: F401
from zmqlive.roles import interrupts
from zmqlive.stage import Stage


def computes(ctx):
    while True:
        pass


def swallows(ctx):
    pull = ctx.socket(zmq.PULL)
    while True:
        try:
            pull.recv()
        except Exception:
            continue


def uses_a_bare_sleep(ctx):
    sleep(1000)


async def awaits(ctx, endpoint):
    pull = ctx.socket(zmq.PULL)
    pull.connect(endpoint)
    while True:
        await pull.recv()


async def dozes(ctx):
    await asyncio.sleep(1000)


@pytest.mark.parametrize("role", [waiting, uses_a_bare_sleep, dozes, computes, swallows])
def test_roles_that_are_hard_to_end(role):
    stage = Stage("hard")
    stage.add(role)
    stage.start()
    stage.wait(lambda s: s.role(role.__name__).state == "running")
    took = stopped_in(stage)
    print(f"{role.__name__}: stopped in {took * 1e3:.0f} ms")
    assert took < 1.0 * pace()
    assert stage.leftovers == []
    assert stage.role(role.__name__).state == "stopped"


def test_a_role_in_a_call_that_never_returns_is_left_and_named():
    never = queue.Queue()

    def waits_elsewhere(ctx):
        ctx.socket(zmq.PULL).bind("tcp://127.0.0.1:*")
        never.get()

    stage = Stage("stuck")
    stage.add(waits_elsewhere)
    stage.start()
    stage.wait(lambda s: len(s._cast.lingering.open) == 1)
    assert stopped_in(stage) < 1.0 * pace()
    assert len(stage.leftovers) == 1
    assert "waits_elsewhere did not end" in stage.leftovers[0]
    assert "never.get()" in stage.leftovers[0]
    never.put(None)  # and now it does: the fixture looks


def test_an_async_role_receives():
    with Stage("async") as stage:
        endpoint = stage.endpoint("inproc", name="q")
        stage.add(producer, endpoint)
        stage.add(awaits, endpoint)
        stage.wait(lambda s: s.received("awaits") >= 20)
        took = stopped_in(stage)
    assert took < 0.5 * pace()
    assert stage.leftovers == []


def test_end_one_role():
    def until_ended(ctx, log):
        try:
            while True:
                time.sleep(0.05)
        except zmq.ContextTerminated:
            log.append("ended")
            raise

    log = []
    with Stage("end one") as stage:
        stage.add(until_ended, log)
        stage.add(dozes)
        stage.add(waiting)
        stage.wait(lambda s: all(r.state == "running" for r in s.roles))
        stage.end("until_ended")
        stage.end("dozes")
        stage.wait(lambda s: s.role("until_ended").state == s.role("dozes").state == "ended")
        assert log == ["ended"]
        assert stage.role("waiting").state == "running"


def test_sleep_in_a_role_is_as_exact_as_the_original():
    def sleeps(ctx, times):
        for _ in range(100):  # in turn, so that both meet the same machine
            for function in (interrupts.original, time.sleep):
                for seconds in (0.001, 0):
                    began = time.perf_counter()
                    function(seconds)
                    times.setdefault((function, seconds), []).append(time.perf_counter() - began)

    times = {}
    with Stage("sleep") as stage:
        stage.add(sleeps, times)
        stage.wait(lambda s: s.role("sleeps").state == "ended", timeout=PATIENCE)
    middle = {key: sorted(t)[len(t) // 2] * 1e3 for key, t in times.items()}
    for seconds in (0.001, 0):
        (plain,), (ours,) = (
            [m for (f, s), m in middle.items() if s == seconds and (f is interrupts.original) == original]
            for original in (True, False)
        )
        print(f"time.sleep({seconds}): {plain:.3f} ms, in a role {ours:.3f} ms")
        assert ours < plain * 1.5 + 0.5


def test_sleep_elsewhere_is_the_original_and_takes_no_end():
    with Stage("elsewhere") as stage:
        began = time.perf_counter()
        time.sleep(0.01)
        assert time.perf_counter() - began >= 0.01
        stage.add(nothing)
    with pytest.raises(ValueError, match="non-negative"):
        time.sleep(-1)
