"""A stage's understudy: a role that was killed is there again without the time that Python takes to start."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator

import psutil
import pytest
from machine import until
from process_roles import ROLES, cell, posix
from stage_parts import ME, nothing_left  # noqa: F401
from zmqlive.roles import StageTimeout, process, worked
from zmqlive.stage import Stage

TELLS = cell("""
    def tells(ctx, endpoint):
        with ctx.socket(zmq.PUSH) as push:
            push.connect(endpoint)
            push.send_multipart([os.getcwd().encode(), os.environ.get("ZMQ_LESSON", "").encode()])
            time.sleep(1000)

    def hears(ctx, endpoint):
        with ctx.socket(zmq.PULL) as pull:
            pull.bind(endpoint)
            while True:
                pull.recv_multipart()
""")


def interpreters() -> list[psutil.Process]:
    """Of the children of this process those that play a role, or may come to."""
    found = []
    for child in ME.children():
        with contextlib.suppress(psutil.NoSuchProcess):   # or a zombie: some other test's
            if "zmqlive.roles.inside" in child.cmdline():
                found.append(child)
    return found


def understudy_of(stage: Stage) -> psutil.Process:
    """The process that waits, once it has nothing more to load."""
    until(lambda: stage._cast.understudy.ready)
    mine = {role.pid for role in stage.roles}
    (waiting,) = [child for child in interpreters() if child.pid not in mine]
    until(lambda: rests(waiting))
    return waiting


def rests(waiting: psutil.Process) -> bool:
    before = waiting.cpu_times()
    time.sleep(0.1)
    return before == waiting.cpu_times() and waiting.status() == psutil.STATUS_SLEEPING and sum(before[:2]) > 0


def took(call, *args) -> float:
    began = time.perf_counter()
    call(*args)
    return time.perf_counter() - began


@posix
def test_a_restart_does_not_wait_for_python_to_start():
    restarts, starts = [], []
    with Stage("again") as stage:
        stage.add(ROLES["waits"], process=True, count=1)
        for _ in range(4):
            waiting = understudy_of(stage)
            stage.kill("waits 1")
            restarts.append(took(stage.restart, "waits 1"))
            assert stage.role("waits 1").state == "running"
            assert stage.role("waits 1").pid == waiting.pid
            stage.kill("waits 1")
            starts.append(took(stage.restart, "waits 1"))       # the next one has only begun to load, at most
    print(f"restart {min(restarts) * 1e3:.0f} ms, without an understudy {min(starts) * 1e3:.0f} ms")
    assert min(restarts) < 0.6 * min(starts)


def test_it_is_no_role_and_makes_no_socket():
    with Stage("counted") as stage:
        stage.add(ROLES["waits"], process=True)
        understudy_of(stage)
        assert [role.name for role in stage.roles] == ["waits"]
        assert not any("interpreter" in action["id"] for action in stage.actions())
        assert {event.role for event in stage.recorder.roles} == {"waits"}
        assert stage.trace().sockets == ()


def test_a_stage_without_processes_has_none():
    with Stage("threads") as stage:
        stage.add(ROLES["waits"])
        time.sleep(0.5)
        assert not stage._cast.understudy.ready and interpreters() == []


@posix
def test_what_the_program_has_changed_since_holds_for_the_next(monkeypatch):
    with Stage("surroundings") as stage:
        endpoint = stage.endpoint("tcp")
        stage.add(TELLS["hears"], endpoint)
        stage.add(TELLS["tells"], endpoint, process=True)
        stage.wait(lambda s: s.received("hears") == 1)
        for change in (lambda: monkeypatch.setenv("ZMQ_LESSON", "08"), lambda: monkeypatch.chdir(os.sep)):
            waiting = understudy_of(stage)
            change()
            heard = stage.received("hears")
            stage.kill("tells")
            stage.restart("tells")
            assert stage.role("tells").pid != waiting.pid
            stage.wait(lambda s, n=heard: s.received("hears") == n + 1)
            assert not waiting.is_running()
        told = [message.frames for message in stage.trace().messages]
    assert told[1][1] == b"08" and told[2] == (os.fsencode(os.sep), b"08")
    assert told[0][1] == b"" and told[0][0] == told[1][0]


@posix
def test_one_that_has_died_is_not_needed():
    with Stage("dead") as stage:
        stage.add(ROLES["waits"], process=True)
        understudy_of(stage).kill()
        until(lambda: not stage._cast.understudy.ready)
        stage.kill("waits")
        stage.restart("waits")
        assert stage.role("waits").state == "running"


# --- a busy machine, and a process that does not start

@contextlib.contextmanager
def crowd(count: int) -> Iterator[None]:
    """So many programs, for two minutes at most, on the one core that this thread and what it starts have meanwhile."""
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(cores)})
    busy = "import time\nend = time.monotonic() + 120\nwhile time.monotonic() < end: pass"
    programs = [subprocess.Popen([sys.executable, "-S", "-E", "-c", busy]) for _ in range(count)]
    try:
        yield
    finally:
        for program in programs:
            program.kill()
            program.wait()
        os.sched_setaffinity(0, cores)


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="the crowd has a core of its own on Linux only")
def test_waiting_for_a_core_is_not_counted(monkeypatch):
    """In a crowd a start takes many times its processor time, and is late, not wrong."""
    stage = Stage("quiet")
    stage.add(ROLES["waits"], process=True)
    stage.start()
    worth = sum(psutil.Process(stage.role("waits").pid).cpu_times()[:2])
    stage.stop()
    monkeypatch.setattr(process, "START_LIMIT", 4 * worth)
    monkeypatch.setattr(worked.Worked, "every", 20 * worth)
    with crowd(10):
        stage = Stage("crowd")
        stage.add(ROLES["waits"], process=True)
        wall = took(stage.start)
        assert stage.role("waits").state == "running"
        stage.stop()
    print(f"limit {4 * worth:.2f} s, started in {wall:.2f} s")
    assert wall > 4 * worth, "it was no crowd"


@posix
@pytest.mark.parametrize("instead", ["kill -STOP $$", "while :; do :; done"])
def test_a_process_that_does_not_start_is_told_of(monkeypatch, tmp_path, instead):
    python = tmp_path / "python"
    python.write_text(f"#!/bin/sh\n{instead}\n")
    python.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(python))
    monkeypatch.setattr(process, "START_LIMIT", 0.4)
    monkeypatch.setattr(worked.Worked, "every", 0.1)
    stage = Stage("never")
    stage.add(ROLES["waits"], process=True)
    with pytest.raises(StageTimeout, match="waits's process did not start within"):
        stage.start()
    assert not stage.running
