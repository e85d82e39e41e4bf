"""Stage with roles in processes: counted, killed, frozen, restarted, and gone at the end."""

from __future__ import annotations

import os
import threading
import time

import psutil
import pytest
import zmq
from machine import PATIENCE, pace
from process_roles import ROLES, posix
from stage_parts import eventually, nothing_left, stopped_in  # noqa: F401
from zmqlive.roles import StageError
from zmqlive.stage import Stage


def reads_when_told(ctx, endpoint, gate):
    with ctx.socket(zmq.DEALER) as dealer:
        dealer.rcvhwm = 1
        dealer.bind(endpoint)
        gate.wait(PATIENCE)
        while True:
            dealer.recv()


def pipeline(workers: int = 2) -> Stage:
    stage = Stage("pipeline")
    tasks, results = stage.endpoint("tcp"), stage.endpoint("tcp")
    stage.add(ROLES["numbers"], tasks)
    stage.add(ROLES["sink"], results)
    stage.add(ROLES["worker"], tasks, results, count=workers, process=True)
    return stage


def more(stage: Stage, role: str, count: int = 20) -> None:
    """Waits until a role has received `count` messages more than now."""
    seen = stage.received(role)
    stage.wait(lambda s: s.received(role) >= seen + count)


def test_messages_pass_through_processes_and_are_counted():
    with pipeline() as stage:
        stage.wait(lambda s: s.received("sink") >= 50)
        stage.wait(lambda s: s.received("worker 1") >= 10 and s.received("worker 2") >= 10)
        for name in ("worker 1", "worker 2"):
            lag = stage.role(name).run.clock_lag_ns
            assert 0 <= lag < 1e9, "both processes read the same clock"
        pids = {stage.role(name).pid for name in ("worker 1", "worker 2")}
        assert len(pids) == 2 and os.getpid() not in pids
        took = stopped_in(stage)
    print(f"stop with 2 processes: {took * 1e3:.0f} ms")
    assert took < 1.0 * pace()
    trace = stage.trace()
    assert {s.role for s in trace.sockets} == {"numbers", "sink", "worker 1", "worker 2"}
    ledger = trace.ledger("numbers", "sink")
    assert ledger.received >= 50 and ledger.twice == 0


def test_a_process_starts_quickly():
    took = []
    for _ in range(5):
        stage = Stage("quick")
        stage.add(ROLES["done"], process=True)
        began = time.perf_counter()
        stage.start()
        took.append(time.perf_counter() - began)
        stage.stop()
    print(f"start of a process role: median {sorted(took)[2] * 1e3:.0f} ms, worst {max(took) * 1e3:.0f} ms")
    assert sorted(took)[2] < 0.6 * pace()


@posix
def test_kill_loses_nothing_of_the_record_and_restart_goes_on():
    with pipeline() as stage:
        more(stage, "worker 1")
        pid = stage.role("worker 1").pid
        stage.kill("worker 1")
        assert stage.role("worker 1").state == "killed"
        assert not psutil.pid_exists(pid)
        sent, received = stage.sent("worker 1"), stage.received("worker 1")
        assert received - 1 <= sent <= received  # between the two at most one is in work
        stage.kill("worker 1")      # nothing is left to do
        with pytest.raises(StageError, match="worker 1 is not running"):
            stage.freeze("worker 1")
        more(stage, "worker 2")
        assert stage.received("worker 1") == received
        stage.restart("worker 1")
        more(stage, "worker 1")
        assert stage.role("worker 1").pid != pid
    states = [e.state for e in stage.recorder.roles if e.role == "worker 1"]
    assert states == ["running", "killed", "running", "stopped"]


@posix
def test_freeze_and_thaw():
    with pipeline() as stage:
        more(stage, "worker 2")
        stage.freeze("worker 2")
        assert psutil.Process(stage.role("worker 2").pid).status() == psutil.STATUS_STOPPED
        more(stage, "worker 1", 5)  # what it had said before is read by now
        still = stage.received("worker 2")
        more(stage, "worker 1", 40)
        assert stage.received("worker 2") == still
        assert stage.role("worker 2").state == "frozen"
        ids = {a["id"] for a in stage.actions()}
        assert {"thaw:worker 2", "kill:worker 2", "kill:worker 1", "freeze:worker 1"} <= ids
        assert "freeze:worker 2" not in ids
        stage.act("thaw:worker 2")
        more(stage, "worker 2")
        stage.freeze("worker 1")
        took = stopped_in(stage)
    assert took < 1.0 * pace()
    assert stage.leftovers == []


def test_one_more_process_joins_late():
    with pipeline(1) as stage:
        more(stage, "worker 1")
        stage.act("add:worker")
        more(stage, "worker 2")


@pytest.mark.parametrize("role", ["spins", "waits", "done"])
def test_stop_of_processes_that_are_hard_to_end(role):
    stage = Stage("hard")
    stage.add(ROLES[role], process=True, count=2)
    stage.start()
    stage.wait(lambda s: all(r.state != "ready" for r in s.roles))
    took = stopped_in(stage)
    print(f"{role}: stopped in {took * 1e3:.0f} ms")
    assert took < 1.0 * pace()
    assert stage.leftovers == []


def test_end_one_process():
    with Stage("end") as stage:
        stage.add(ROLES["waits"], process=True, count=2)
        stage.end("waits 1")
        stage.wait(lambda s: s.role("waits 1").state == "ended" and not s.role("waits 1").run.alive)
        assert stage.role("waits 2").state == "running"


def test_ten_starts_leave_nothing():
    for _ in range(10):
        stage = Stage("again")
        stage.add(ROLES["waits"], process=True)
        stage.start()
        stage.stop()
        assert stage.leftovers == []


def test_an_async_role_in_a_process():
    with Stage("async") as stage:
        endpoint = stage.endpoint("tcp")
        stage.add(ROLES["numbers"], endpoint)
        stage.add(ROLES["awaits"], endpoint, process=True)
        stage.wait(lambda s: s.received("awaits") >= 20)


def test_what_a_process_sent_before_its_end_still_arrives():
    gate = threading.Event()
    with Stage("linger") as stage:
        endpoint = stage.endpoint("tcp")
        stage.add(reads_when_told, endpoint, gate)
        stage.add(ROLES["sends_and_leaves"], endpoint, process=True)
        stage.wait(lambda s: s.role("sends_and_leaves").state == "ended", timeout=PATIENCE)
        assert stage.received() == 0
        gate.set()
        stage.wait(lambda s: s.received("reads_when_told") == 300, timeout=PATIENCE)
        stage.wait(lambda s: not s.role("sends_and_leaves").run.alive)


def test_what_was_never_delivered_does_not_hold_up_the_stop():
    with Stage("undelivered") as stage:
        stage.add(ROLES["sends_and_leaves"], stage.endpoint("tcp"), process=True)
        stage.wait(lambda s: s.role("sends_and_leaves").state == "ended", timeout=PATIENCE)
        assert stopped_in(stage) < 1.0 * pace()
    assert stage.leftovers == []


SIZES = (0, 1, 64, 65, 100, 1024, 1025, 70_000)


def sends_all_sizes(ctx, endpoint):
    with ctx.socket(zmq.PUSH) as push:
        push.connect(endpoint)
        for size in SIZES * 3:
            push.send(bytes(size))
            push.send_multipart([bytes(size), b"more"])


def takes(ctx, endpoint):
    with ctx.socket(zmq.PULL) as pull:
        pull.bind(endpoint)
        while True:
            pull.recv_multipart()


def test_frames_of_any_size_are_recorded_from_a_process():
    with Stage("sizes") as stage:
        endpoint = stage.endpoint("tcp")
        stage.add(takes, endpoint, process=True)
        stage.add(sends_all_sizes, endpoint, process=True)
        stage.start()
        stage.wait(lambda s: s.received() == 6 * len(SIZES), timeout=PATIENCE)
        trace = stage.trace()
    assert [m.size for m in trace.messages] == [size + more for size in SIZES * 3 for more in (0, 4)]
    assert {m.fate for m in trace.messages} == {"received"}
