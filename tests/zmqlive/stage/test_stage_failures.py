"""Roles that fail, forget, or do what they must not: each said in a sentence, at once."""

from __future__ import annotations

import threading
import time

import pytest
import zmq
from machine import PATIENCE, pace
from stage_parts import (  # noqa: F401
    calls_in_progress,
    consumer,
    eventually,
    nothing,
    nothing_left,
    producer,
    raises,
    stopped_in,
    waiting,
)
from zmqlive.roles import RoleFailed, StageError, StageTimeout
from zmqlive.stage import Stage


def test_a_role_that_raises_at_once(capsys):
    with Stage("fails") as stage:
        stage.add(raises)
        began = time.perf_counter()
        with pytest.raises(RoleFailed) as caught:
            stage.wait(lambda s: False, timeout=10)
        assert time.perf_counter() - began < 1.0 * pace()
    error = caught.value
    assert str(error).startswith("raises failed: KeyError: 'missing' (line ")
    assert error.role == "raises"
    assert isinstance(error.__cause__, KeyError)
    assert error._render_traceback_() == [f"RoleFailed: {error}"]
    assert stage.role("raises").state == "failed"


def test_a_role_that_raises_in_the_middle_is_said_even_if_nobody_waits(capsys):
    def breaks(ctx, endpoint):
        pull = ctx.socket(zmq.PULL)
        pull.connect(endpoint)
        for _ in range(5):
            pull.recv()
        pull.send(b"a PULL cannot send")

    with Stage("breaks") as stage:
        endpoint = stage.endpoint()
        stage.add(producer, endpoint)
        stage.add(breaks, endpoint)
        said = []
        assert eventually(lambda: said.append(capsys.readouterr().err) or "".join(said))
        assert "breaks failed: This type of socket cannot do that" in said[-1]
        stage.restart("breaks")
        assert eventually(lambda: stage.role("breaks").state == "failed")


def test_what_a_role_left_open_is_closed():
    def forgets(ctx, kept):
        kept.append(ctx.socket(zmq.PULL))
        kept[0].bind("tcp://127.0.0.1:*")

    kept = []
    with Stage("forgets") as stage:
        stage.add(forgets, kept)
        stage.wait(lambda s: s.role("forgets").state == "ended")
        assert kept[0].closed


def test_a_dropped_socket_closes_as_in_pyzmq():
    def drops(ctx, endpoint, counts):
        for _ in range(50):
            pull = ctx.socket(zmq.PULL)
            pull.bind(endpoint)  # in use, were the one before still open
            pull.unbind(endpoint)
            counts.append(len(stage._cast.lingering.open))
        kept = [ctx.socket(zmq.PULL) for _ in range(5)]
        counts.append(sum(s.closed for s in kept))

    counts = []
    with Stage("drops") as stage:
        stage.add(drops, "inproc://again", counts)
        stage.wait(lambda s: s.role("drops").state == "ended")
    assert max(counts[:-1]) <= 2
    assert counts[-1] == 0


@pytest.mark.parametrize("act", ["box[0].send(b'x')", "box[0].recv()", "box[0].close()"])
def test_a_socket_of_another_role_is_refused(act):
    """In plain pyzmq each of these may end the whole process."""

    def lends(ctx, box):
        pair = ctx.socket(zmq.PAIR)
        box.append(pair)
        pair.recv()

    names = {}
    exec(f"def borrows(ctx, box):\n    {act}", names)
    box = []
    with Stage("threads") as stage:
        stage.add(lends, box)
        stage.wait(lambda s: calls_in_progress(s) == 1)
        stage.add(names["borrows"], box)
        with pytest.raises(RoleFailed, match="belongs to the thread that made it"):
            stage.wait(lambda s: False)
        box.clear()


def test_monitored_sockets_do_not_hold_up_the_stop():
    def watches(ctx, endpoint):
        with ctx.socket(zmq.PUSH) as push, push.get_monitor_socket() as monitor:
            push.connect(endpoint)
            push.send(b"x")
            while True:
                monitor.recv_multipart()

    def leaves(ctx, endpoint):
        push = ctx.socket(zmq.PUSH)
        monitor = push.get_monitor_socket()
        push.connect(endpoint)
        monitor.recv_multipart()
        push.disable_monitor()
        push.send(b"x")

    with Stage("monitors") as stage:
        endpoint = stage.endpoint()
        stage.add(watches, endpoint, count=5)
        stage.add(leaves, endpoint, count=5)
        stage.wait(lambda s: all(r.state == "ended" for r in s.roles if r.family == "leaves"))
        took = stopped_in(stage)
    assert took < 1.0 * pace()
    assert stage.leftovers == []


@pytest.mark.parametrize("act", ["ctx.term()", "ctx.destroy()", "with ctx: pass"])
def test_a_role_cannot_end_the_context_of_the_others(act):
    names = {}
    exec(f"def ends_all(ctx):\n    {act}", names)
    with Stage("shared") as stage:
        endpoint = stage.endpoint()
        stage.add(producer, endpoint)
        stage.add(consumer, endpoint)
        stage.add(names["ends_all"])
        with pytest.raises(RoleFailed, match="ends_all failed: This context is shared by all roles"):
            stage.wait(lambda s: False)
        seen = stage.received()
        assert eventually(lambda: stage.received() > seen + 5)


def test_a_port_in_use():
    with Stage("port") as stage:
        endpoint = stage.endpoint("tcp")
        stage.add(producer, endpoint)
        stage.wait(lambda s: s.role("producer").state == "running" and s._cast.lingering.open)
        stage.wait(lambda s: calls_in_progress(s) == 1)
        stage.add(producer, endpoint, name="second")
        with pytest.raises(RoleFailed, match=f"second failed: {endpoint} is already in use"):
            stage.wait(lambda s: False)


def test_one_that_never_connects_and_one_that_connects_to_nobody():
    def forgets_to_connect(ctx):
        ctx.socket(zmq.PULL).recv()

    with Stage("lonely") as stage:
        stage.add(forgets_to_connect)
        with pytest.raises(StageTimeout, match="forgets_to_connect's PULL has neither bound nor connected"):
            stage.wait(lambda s: s.received(), timeout=0.3)
    with Stage("nobody") as stage:
        stage.add(consumer, stage.endpoint("tcp"))
        with pytest.raises(
            StageTimeout, match=r"consumer connects to tcp://127.0.0.1:\d+, but no role has bound"
        ):
            stage.wait(lambda s: s.received(), timeout=0.3)
    with Stage("slow") as stage:
        stage.add(waiting)
        with pytest.raises(StageTimeout, match=r"So far: waiting \(running\) sent and received nothing"):
            stage.wait(lambda s: False, timeout=0.1)


def test_names_and_roles_that_are_wrong():
    with Stage("names") as stage:
        stage.add(waiting)
        with pytest.raises(StageError, match="did you mean 'waiting'"):
            stage.role("waitin")
        with pytest.raises(StageError, match="a role 'waiting' already"):
            stage.add(waiting)
        with pytest.raises(StageError, match="pass it uncalled"):
            stage.add(None)
        with pytest.raises(StageError, match="runs in a thread, which cannot be killed"):
            stage.kill("waiting")
        with pytest.raises(StageError, match="still runs"):
            stage.restart("waiting")
        with pytest.raises(StageError, match="no action"):
            stage.act("dance:waiting")


def test_a_wait_that_ends_with_the_stages_own_time_is_not_silent():
    def waits(ctx, endpoint):
        with ctx.socket(zmq.PULL) as pull:
            pull.bind(endpoint)
            pull.recv()

    stage = Stage("brief", seconds=0.3)
    stage.add(waits, stage.endpoint())
    stage.start()
    with pytest.raises(StageTimeout, match=r"stopped by itself after 0\.3 seconds, and what was waited for had not"):
        stage.wait(lambda s: s.received() == 1, timeout=PATIENCE)
    assert not stage.running


def test_a_wait_whose_stage_somebody_stops_returns_false():
    stage = Stage("stopped").start()
    threading.Timer(0.1, stage.stop).start()
    assert stage.wait(lambda s: False, timeout=30) is False
