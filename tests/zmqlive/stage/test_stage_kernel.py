"""Stage in a real Jupyter kernel: prints, re-runs, interrupts, restarts."""

from __future__ import annotations

import os
import queue
import time
from collections.abc import Iterator
from typing import Any

import psutil
import pytest
from environments import HELPERS
from jupyter_client.manager import KernelManager, start_new_kernel
from stage_parts import eventually

SETUP = """
import os, sys, threading, time
import zmq
from zmqlive.stage import Stage

def roles():
    return [t.name for t in threading.enumerate() if t.name.startswith("role ")]
"""
CELL = """
def speaks(ctx, go, what):
    while not os.path.exists(go):
        time.sleep(0.005)
    print(what)
    time.sleep(1000)

stage = Stage("kernel")
stage.add(speaks, go, "from a thread")
stage.add(speaks, go, "from a process", name="other", process=True)
stage.start()
print(stage.role("other").pid)
"""


class Notebook:
    """Runs cells in a kernel, and hears what comes back."""

    def __init__(self) -> None:
        self.manager: KernelManager
        self.manager, self.client = start_new_kernel(env={**os.environ, "PYTHONPATH": str(HELPERS)})

    def send(self, code: str, cell: str = "") -> str:
        message = self.client.session.msg(
            "execute_request",
            {
                "code": code,
                "silent": False,
                "store_history": True,
                "user_expressions": {},
                "allow_stdin": False,
                "stop_on_error": False,
            },
            metadata={"cellId": cell} if cell else {},
        )
        self.client.shell_channel.send(message)
        return message["header"]["msg_id"]

    def hear(self, until: Any, seconds: float = 10.0) -> list[dict]:
        """What the kernel says up to the first thing for which `until` is true."""
        heard = []
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            try:
                message = self.client.get_iopub_msg(timeout=0.2)
            except queue.Empty:
                continue
            heard.append(message)
            if until(message):
                return heard
        raise AssertionError(f"not heard: {[(m['msg_type'], m['content']) for m in heard]}")

    def run(self, code: str, cell: str = "") -> tuple[str, str]:
        """Runs a cell to its end: what it printed, and the traceback as it is shown."""
        sent = self.send(code, cell)
        return self.result(sent)

    def result(self, sent: str) -> tuple[str, str]:
        mine = [m for m in self.hear(lambda m: _is_end(m, sent)) if m["parent_header"].get("msg_id") == sent]
        text = "".join(m["content"]["text"] for m in mine if m["msg_type"] == "stream")
        error = "\n".join("\n".join(m["content"]["traceback"]) for m in mine if m["msg_type"] == "error")
        return text, error

    def close(self) -> None:
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)
        self.manager.cleanup_resources()


def _is_end(message: dict, sent: str) -> bool:
    return (
        message["parent_header"].get("msg_id") == sent
        and message["msg_type"] == "status"
        and message["content"]["execution_state"] == "idle"
    )


@pytest.fixture
def notebook(tmp_path) -> Iterator[Notebook]:
    notebook = Notebook()
    try:
        assert notebook.run(SETUP + f"go = {str(tmp_path / 'go')!r}") == ("", "")
        yield notebook
    finally:
        notebook.close()


def gone(pid: int) -> bool:
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


def test_prints_rerun_interrupt_and_restart(notebook, tmp_path):
    first = notebook.send(CELL, "cell-a")
    pid = int(notebook.result(first)[0])

    # What roles print while another cell runs belongs to the cell that made the stage.
    waits = notebook.send("time.sleep(0.05)", "cell-b")
    notebook.result(waits)
    (tmp_path / "go").touch()
    said: dict[str, str] = {}  # a cell's message -> all that was printed into it

    def both(message: dict) -> bool:
        if message["msg_type"] == "stream":
            parent = message["parent_header"]["msg_id"]
            said[parent] = said.get(parent, "") + message["content"]["text"]
        text = "".join(said.values())
        return "from a thread" in text and "from a process" in text

    notebook.hear(both)
    assert said.keys() == {first}

    (tmp_path / "go").unlink()

    # The same cell again: the old stage ends, process and all.
    text, error = notebook.run(CELL + "print(len(roles()))", "cell-a")
    assert error == ""
    new, count = text.split()[0], text.split()[-1]
    assert eventually(lambda: gone(pid))
    assert count == "2"

    # An interrupt ends the cell, and what it waits for with it.
    sent = notebook.send("print('waiting', flush=True)\nstage.wait(lambda s: False, timeout=20)", "cell-c")
    notebook.hear(lambda m: m["msg_type"] == "stream" and "waiting" in m["content"]["text"])
    notebook.manager.interrupt_kernel()
    assert "KeyboardInterrupt" in notebook.result(sent)[1]
    assert notebook.run("print(stage.running, roles())") == ("False []\n", "")
    assert eventually(lambda: gone(int(new)))

    # A failed role is one sentence in the cell that waits for it.
    text, error = notebook.run(
        "def fails(ctx):\n    ctx.socket(zmq.PUSH).send('text')\n"
        "for process in (False, True):\n"
        "    stage = Stage('fails')\n    stage.add(fails, process=process)\n    stage.start()\n"
        "    try:\n        stage.wait(lambda s: False)\n"
        "    except Exception as exc:\n        print(exc)\n"
        "stage.wait(lambda s: False)"
    )
    sentence = "fails failed: A message is bytes, and this is a str"
    assert error.startswith(f"RoleFailed: {sentence}") and "\n" not in error
    assert text.count("(line 2 of your cell: `ctx.socket(zmq.PUSH).send('text')`)") >= 2

    # A restarted or killed kernel takes its processes along, also a frozen one.
    text, _ = notebook.run(CELL + "stage.freeze('other')", "cell-a")
    pid = int(text.split()[0])
    notebook.manager.restart_kernel(now=True)
    assert eventually(lambda: gone(pid))
