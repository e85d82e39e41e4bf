"""A lesson executed once, and all that its tests want to know of it: as shipped from the first cell to the last, then
its exercises solved in the same kernel, then what is left there.

It runs in JupyterLab in Chromium (`browser_lab.Notebook`) or, where there is no browser, in a bare kernel (`Bare`).
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import lessons
import nbformat
import psutil
from jupyter_client.manager import start_new_kernel
from machine import PATIENCE, pace
from zmqcourse.exercise import BUSY, MIME, SOLVED, TODO
from zmqcourse.lessons import notebook

# What libraries open once and keep: matplotlib its fonts, pyzmq a thread for large messages (a view's script is one),
# JupyterLab a subshell of the kernel for the messages of widgets.
WARM_UP = """
import ipywidgets
from IPython.display import display
import zmq
from zmqlive import Stage, figures

def role(ctx):
    ctx.socket(zmq.PUSH).bind("tcp://127.0.0.1:*")

with Stage("Warm up") as stage:
    stage.add(role)
    stage.start()
display(figures.lanes(stage.trace()))
display({"application/x-large": "x" * 200_000}, raw=True)
a_widget = ipywidgets.IntSlider()
"""
THREADS = "open({file!r}, 'w').write(__import__('json').dumps([t.name for t in __import__('threading').enumerate()]))"


class Open(Protocol):
    """A lesson that is open somewhere, with a kernel; `subshells`: whether its front end uses those for widgets."""

    subshells: bool

    def run_all(self) -> None: ...
    def outputs(self) -> dict[str, list[Any]]: ...
    def output(self, cell: str) -> list[Any]: ...
    def write(self, cell: str, source: str) -> None: ...
    def run(self, cell: str) -> None: ...
    def execute(self, code: str) -> None: ...
    def kernel(self) -> psutil.Process: ...


@dataclass(frozen=True)
class Left:
    """What there is in a kernel: Python's threads by name, all threads, descriptors, ports, child processes, files."""

    names: tuple[str, ...]
    threads: int
    descriptors: int
    listening: tuple[int, ...]
    connections: int
    children: tuple[int, ...]
    files: tuple[str, ...]

    @property
    def ours(self) -> list[str]:
        """Threads of a stage, a view, a link, a recorder."""
        return [name for name in self.names if re.search(r"zmqlive|stage|^role |link", name)]

    def more_than(self, before: Left) -> dict[str, Any]:
        """What has come since, beyond one thread or descriptor that a library may keep."""
        grown: dict[str, Any] = {
            "names": [name for name in self.names if self.names.count(name) > before.names.count(name)],
            "listening": sorted(set(self.listening) - set(before.listening)),
            "children": sorted(set(self.children) - set(before.children)),
            "files": sorted(set(self.files) - set(before.files)),
            "connections": max(0, self.connections - before.connections),
            "threads": max(0, self.threads - before.threads - 1),
            "descriptors": max(0, self.descriptors - before.descriptors - 1),
        }
        return {what: much for what, much in grown.items() if much}


@dataclass(frozen=True)
class Executed:
    """What came of it. States are those of the exercises' checks, by id; `differing` the cells whose compared output
    was another: kept, seen; `seconds` of Run All on a quiet machine, as far as its pace now can tell."""

    file: Path
    errors: dict[str, str]
    shipped: dict[str, str]
    differing: dict[str, tuple[str, str]]
    solved: dict[str, str]
    before: Left
    after: Left
    seconds: float


def execute(lesson: Open, file: Path, temporary: Path, *, look_around: Callable[[], None] = lambda: None) -> Executed:
    """Run the whole lesson as shipped, `look_around`, solve its exercises; what came of it all."""
    nb = notebook.read(file)
    checks = notebook.cells_of(nb, "check")
    lesson.execute(WARM_UP)
    before = settled(
        lambda: look(lesson, temporary),
        lambda left: not left.ours and lesson.subshells <= any(name.startswith("subshell") for name in left.names),
    )
    slow, began = pace(), time.perf_counter()
    lesson.run_all()
    seconds = (time.perf_counter() - began) / max(1.0, (slow + pace()) / 2)
    outputs = lesson.outputs()
    look_around()
    shipped = {id: _state(outputs[cell.id]) for id, cell in checks.items()}
    solved = {}
    for id, solution in notebook.solutions(nb).items():
        stub = notebook.cells_of(nb, "exercise")[id]
        lesson.write(stub.id, solution)
        lesson.run(stub.id)
        for _ in range(lessons.TRIES):
            lesson.run(checks[id].id)
            solved[id] = _state(lesson.output(checks[id].id))
            if not solved[id].startswith(BUSY):
                break
    after = settled(lambda: look(lesson, temporary), lambda left: not left.more_than(before) and not left.ours)
    return Executed(file, _errors(outputs), shipped, _differing(nb, outputs), solved, before, after, seconds)


def _state(outputs: list[Any]) -> str:
    """The state in the verdict of a check's cell, with its words unless that is solved or to do."""
    verdicts = [output["data"][MIME] for output in outputs if MIME in output.get("data", {})]
    if len(verdicts) != 1:
        return f"{len(verdicts)} verdicts"
    state = verdicts[0]["state"]
    return state if state in (SOLVED, TODO) else f"{state}: {verdicts[0]['message']}"


def _errors(outputs: dict[str, list[Any]]) -> dict[str, str]:
    return {
        id: f"{output['ename']}: {output['evalue']}"
        for id, all_of_it in outputs.items()
        for output in all_of_it
        if output["output_type"] == "error"
    }


def _differing(nb: nbformat.NotebookNode, outputs: dict[str, list[Any]]) -> dict[str, tuple[str, str]]:
    """The cells whose output is to be the same every time, and was not."""
    compared = [cell for cell in nb.cells if notebook.CHECKED in cell.metadata.get("tags", [])]
    pairs = {cell.id: (_text(cell.outputs), _text(outputs[cell.id])) for cell in compared}
    return {id: (kept, seen) for id, (kept, seen) in pairs.items() if kept != seen}


def _text(outputs: list[Any]) -> str:
    """What was printed, and what was displayed as text; a kernel may cut it anywhere, so white space is one."""
    said = (output.get("text") or output.get("data", {}).get("text/plain") or "" for output in outputs)
    return " ".join(" ".join("".join(each) for each in said).split())


def settled(look: Callable[[], Left], still: Callable[[Left], bool]) -> Left:
    """What there is once it is still, or after ten seconds of a quiet machine."""
    end = time.monotonic() + 10 * pace()
    while not still(left := look()) and time.monotonic() < end:
        time.sleep(0.1)
    return left


def look(lesson: Open, temporary: Path) -> Left:
    names = temporary.with_name("threads.json")
    lesson.execute(THREADS.format(file=str(names)))
    process = lesson.kernel()
    connections = process.net_connections() if hasattr(process, "net_connections") else process.connections()
    return Left(
        names=tuple(json.loads(names.read_text())),
        threads=process.num_threads(),
        descriptors=_descriptors(process),
        listening=tuple(c.laddr.port for c in connections if c.status == psutil.CONN_LISTEN),
        connections=len(connections),
        children=tuple(child.pid for child in process.children(recursive=True)),
        files=tuple(str(f.relative_to(temporary)) for f in temporary.rglob("*") if "matplotlib" not in str(f)),
    )


def _descriptors(process: psutil.Process) -> int:
    """But for the fonts that matplotlib has open."""
    if not hasattr(process, "num_fds"):
        return process.num_handles()
    return process.num_fds() - sum(file.path.endswith(".ttf") for file in process.open_files())


class Bare:
    """A lesson in a kernel of its own, with no front end. `end` stops it."""

    subshells = False

    def __init__(self, file: Path, folder: Path, env: dict[str, str]) -> None:
        self._cells = {cell.id: cell for cell in notebook.read(file).cells if cell.cell_type == "code"}
        for cell in self._cells.values():
            cell.outputs = []
        self._manager, self._client = start_new_kernel(
            cwd=str(folder), env=env, startup_timeout=PATIENCE, kernel_name="python3"
        )

    def run_all(self) -> None:
        for cell in self._cells:
            self.run(cell)

    def outputs(self) -> dict[str, list[Any]]:
        return {id: cell.outputs for id, cell in self._cells.items()}

    def output(self, cell: str) -> list[Any]:
        return self._cells[cell].outputs

    def write(self, cell: str, source: str) -> None:
        self._cells[cell].source = source

    def run(self, cell: str) -> None:
        outputs = self._cells[cell].outputs = []

        def keep(message: dict[str, Any]) -> None:
            if message["msg_type"] in ("stream", "display_data", "execute_result", "error"):
                outputs.append(nbformat.v4.output_from_msg(message))

        self._client.execute_interactive(self._cells[cell].source, output_hook=keep, timeout=PATIENCE)

    def execute(self, code: str) -> None:
        reply = self._client.execute(code, silent=True, reply=True, timeout=PATIENCE)["content"]
        assert reply["status"] == "ok", f"{reply.get('ename')}: {reply.get('evalue')}\n{code}"

    def kernel(self) -> psutil.Process:
        return psutil.Process(self._manager.provisioner.pid)

    def end(self) -> None:
        self._client.stop_channels()
        self._manager.shutdown_kernel(now=True)
