"""A process never outlives who started it, and hears no interrupt that is not meant for it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time

import psutil
import pytest
from environments import HELPERS
from machine import PATIENCE, pace
from process_roles import ROLES, posix
from stage_parts import eventually, nothing_left, stopped_in  # noqa: F401
from zmqlive.stage import Stage


@posix
@pytest.mark.parametrize("how", ["SIGKILL", "SIGTERM", "exit", "exception"])
def test_children_die_with_their_parent(how, tmp_path):
    script = tmp_path / "program.py"
    script.write_text(
        textwrap.dedent("""
        import sys, threading, time
        from zmqlive.stage import Stage

        def waits(ctx):
            time.sleep(1000)

        def spins(ctx):
            while True:
                pass

        stage = Stage("parent")
        stage.add(waits, process=True, count=2)
        stage.add(spins, process=True)
        stage.start()
        stage.wait(lambda s: all(r.state == "running" for r in s.roles))
        stage.freeze("waits 2")
        understudy = stage._cast.understudy
        while not understudy.ready:
            time.sleep(0.01)
        print(*(r.pid for r in stage.roles), understudy._waiting.process.pid, flush=True)
        sys.stdin.readline()
        if sys.argv[1] == "exception":
            raise ValueError("the end")
    """)
    )
    parent = subprocess.Popen(
        [sys.executable, str(script), how],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(HELPERS)},
    )
    children = [psutil.Process(int(pid)) for pid in parent.stdout.readline().split()]
    assert len(children) == 4
    began = time.monotonic()
    if how.startswith("SIG"):
        parent.send_signal(getattr(signal, how))
    parent.communicate("\n", timeout=PATIENCE)
    gone = eventually(
        lambda: not any(c.is_running() and c.status() != psutil.STATUS_ZOMBIE for c in children),
    )
    print(f"{how}: children gone after {time.monotonic() - began:.2f} s")
    for child in children:
        if not gone and child.is_running():
            child.kill()
    assert gone and time.monotonic() - began < 2.5 * pace()


@posix
def test_an_interrupt_of_the_notebook_does_not_reach_the_roles():
    with Stage("interrupt") as stage:
        stage.add(ROLES["waits"], process=True)
        stage.wait(lambda s: s.role("waits").state == "running")
        pid = stage.role("waits").pid
        assert os.getpgid(pid) != os.getpgid(0)
        os.kill(pid, signal.SIGINT)
        stage.freeze("waits")
        stage.thaw("waits")
        assert stage.role("waits").state == "running"
