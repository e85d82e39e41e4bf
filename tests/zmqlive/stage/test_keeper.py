"""What ends a stage in a notebook: its cell runs again, an interrupt, the collector."""

from __future__ import annotations

import gc
import os
import signal
import sys
import threading
import time
import types
import warnings

import pytest
from stage_parts import eventually, nothing_left, raises, waiting  # noqa: F401
from zmqlive.stage import Stage, keeper


class FakeShell:
    """As much of ipykernel's shell as a stage looks at."""

    def __init__(self) -> None:
        self.parent = None
        self.adopted = []
        self.callbacks = []
        self.events = types.SimpleNamespace(register=lambda name, f: self.callbacks.append(f))

    def run(self, cell_id, execution, code=""):
        metadata = {"cellId": cell_id} if cell_id else {}
        self.parent = {"header": {"msg_id": execution}, "metadata": metadata, "content": {"code": code}}

    def get_parent(self):
        return self.parent

    def set_thread_parent(self, parent):
        self.adopted.append((threading.current_thread().name, parent["header"]["msg_id"]))


@pytest.fixture
def shell(monkeypatch):
    fake = FakeShell()
    module = types.SimpleNamespace(get_ipython=lambda: fake)
    monkeypatch.setitem(sys.modules, "IPython", module)
    monkeypatch.setattr(keeper, "_hooked", False)
    return fake


def started(title: str) -> Stage:
    stage = Stage(title)
    stage.add(waiting)
    return stage.start()


def test_running_a_cell_again_stops_what_it_started(shell):
    shell.run("cell-a", "1")
    one, two = started("one"), started("two")
    assert one.running and two.running
    shell.run("cell-b", "2")
    other = started("one")
    assert one.running and two.running
    shell.run("cell-a", "3")
    again = started("one")
    assert not one.running and not two.running
    assert other.running and again.running
    other.stop()
    again.stop()


def test_without_a_cell_id_the_same_code_is_the_same_cell(shell):
    shell.run("", "1", code="stage = …")
    one = started("one")
    shell.run("", "2", code="other = …")
    two = started("two")
    shell.run("", "3", code="stage = …")
    three = started("one")
    assert [s.running for s in (one, two, three)] == [False, True, True]


def test_an_interrupted_cell_stops_all_stages(shell):
    shell.run("cell-a", "1")
    stage = started("interrupted")
    shell.callbacks[0](types.SimpleNamespace(error_in_exec=ValueError()))
    assert stage.running
    shell.callbacks[0](types.SimpleNamespace(error_in_exec=KeyboardInterrupt()))
    assert not stage.running


def test_prints_go_to_the_cell_that_made_the_stage(shell):
    shell.run("cell-a", "1")
    with started("prints"):
        assert eventually(lambda: ("role waiting", "1") in shell.adopted)


@pytest.mark.skipif(os.name != "posix", reason="a real SIGINT")
def test_an_interrupt_while_waiting_stops_the_stage():
    def interrupts_the_notebook(ctx):
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(1000)

    stage = Stage("interrupt")
    stage.add(interrupts_the_notebook)
    with pytest.raises(KeyboardInterrupt):
        stage.start()
        stage.wait(lambda s: False, timeout=5)
    assert eventually(lambda: not stage.running) or stage.stop() is None


def test_a_stage_that_is_dropped_before_its_start_leaves_nothing():
    stage = Stage("dropped")
    stage.endpoint("tcp")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # its context is collected with it
        del stage
        gc.collect()
