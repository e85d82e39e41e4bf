"""Lesson 30's scenes: a kernel that is there, works, is frozen and ends; what passes over its links; who answers."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import lessons
import pytest
import zmq
from machine import PATIENCE, until
from zmqcourse.kernels import Kernel
from zmqcourse.scenes import lesson30 as scene

CELLS = {cell.id: cell.source for cell in lessons.code(lessons.ROOT / "notebooks" / "30-your-kernel.ipynb")}
ABANDONED = """
from zmqcourse.kernels import Kernel
kernel = Kernel()
{then}
print(kernel.process.pid, flush=True)
import os; os._exit(1)
"""


@pytest.fixture(scope="module")
def kernel() -> Iterator[Kernel]:
    with Kernel() as kernel:
        yield kernel


@pytest.fixture(scope="module")
def page(kernel: Kernel) -> dict[str, Any]:
    """What the lesson's cells define."""
    namespace: dict[str, Any] = {"kernel": kernel}
    for id in ("setup", "words", "connect", "front", "watchdog"):
        lessons.run_cell(CELLS[id], namespace)
    return namespace


@pytest.fixture
def window(kernel: Kernel, page: dict[str, Any]) -> Iterator[scene.Window]:
    window = scene.Window(kernel, page["front_end"])
    try:
        yield window
    finally:
        window.stop()


def is_gone(pid: int) -> bool:
    """Whether this process is not there, or is there no more than to be asked how it ended."""
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


# --- a kernel's life


def test_the_lessons_kernel_is_one_and_ends_with_the_next() -> None:
    first = scene.kernel()
    second = scene.kernel()
    assert not first.alive and second.alive
    second.freeze()
    second.end()
    second.end()
    assert not second.alive


def test_a_kernel_that_nobody_knows_any_more_ends() -> None:
    kernel = Kernel()
    process = kernel.process
    del kernel
    gc.collect()
    assert process.poll() is not None


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere it looks for its parent now and then")
@pytest.mark.parametrize("then", ["", "kernel.freeze()"])
def test_a_kernel_ends_with_the_process_that_started_it(then: str, tmp_path: Path) -> None:
    command = [sys.executable, "-c", ABANDONED.format(then=then)]
    env = {**os.environ, "TMPDIR": str(tmp_path)}  # where its folder stays: nobody is left to remove it
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=PATIENCE)
    assert done.returncode == 1, done.stderr
    until(lambda: is_gone(int(done.stdout)))


def test_a_kernel_that_does_not_come_to_life_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("zmqcourse.kernels.process.PROGRAM", "raise SystemExit('no kernel here')")
    with pytest.raises(RuntimeError, match="no kernel here"):
        Kernel()


# --- what passes


def test_one_and_one_is_six_messages_whatever_was_done_before(window: scene.Window) -> None:
    window.press("run input()")
    for link in window.stage.links:
        link.cut()
    window.press("freeze the kernel")
    rows = window.one("run 1+1")
    assert [row["message"] for row in rows if row["socket"] == "shell"] == ["execute_request", "execute_reply"]
    published = ["status: busy", "execute_input", "execute_result", "status: idle"]
    assert [row["message"] for row in rows if row["socket"] == "iopub"] == published
    assert len(rows) == 6


def test_the_kernels_sockets_are_drawn_from_what_passes(window: scene.Window) -> None:
    window.one("run 1+1")
    window.press("heartbeat")
    window.stage.wait(lambda _: any(each.socket == "hb" and each.way == "back" for each in window.passed), PATIENCE)
    window.press("run input()")
    window.stage.wait(lambda _: any(each.socket == "stdin" for each in window.passed), PATIENCE)
    window.press("type Ada")
    window.one("run 1+1")
    trace = window.stage.trace()
    types = sorted(each.type for each in trace.sockets if each.role == "kernel")
    assert types == ["ROUTER", "ROUTER", "ROUTER", "ROUTER", "XPUB"]
    assert {m.fate for m in trace.messages if m.frames[-1] != b"beat"} <= {"received", "dropped"}
    got = [m for m in trace.messages if trace.role_of(m.source) == "kernel" and m.received is not None]
    assert len(got) > 10 and all(m.received >= m.sent for m in got)
    assert {"busy", "idle"} <= {label.text for label in trace.labels if label.role == "kernel"}


def test_idle_in_the_middle_of_a_cell(window: scene.Window) -> None:
    states = window.meanwhile("ask on control")
    assert states[:3] == ["busy, of execute_request", "busy, of kernel_info_request", "idle, of kernel_info_request"]
    assert states[-1] == "idle, of execute_request"


def test_the_buttons_do_what_they_say(window: scene.Window, kernel: Kernel) -> None:
    names = [button.description for button in window.buttons.children]
    assert names[0] == "run 1+1" and len(names) == len(set(names))
    for button in window.buttons.children:
        button.click()
    assert kernel.alive and not kernel.frozen


# --- who answers


def test_who_answers_when(kernel: Kernel) -> None:
    table = scene.who_answers(kernel)
    assert table["a cell that sleeps"] == {"hb": True, "control": True, "shell": False}
    assert table["no cell"] == dict.fromkeys(("hb", "control", "shell"), True)
    assert table["frozen"] == dict.fromkeys(("hb", "control", "shell"), False)
    assert table["one long call of C"] == {"hb": True, "control": False, "shell": False}


def test_the_watchdog_calls_a_busy_kernel_gone(kernel: Kernel, page: dict[str, Any]) -> None:
    said = scene.night(page["watchdog"], kernel)
    assert said.splitlines() == ["does nothing: idle", "a cell runs: gone", "is frozen: gone"]


def test_what_stands_between_is_captured(kernel: Kernel, page: dict[str, Any]) -> None:
    lessons.run_cell(CELLS["see-fix"], {**page, "scene": scene, "zmq": zmq})
