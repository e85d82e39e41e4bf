"""Runs a lesson once, as it is, for the site, and then its scenes again at other settings."""

from __future__ import annotations

import asyncio
import copy
import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

from ..lessons import notebook

#: Seconds that a reader looks at a live view before the next cell runs: else some records would be over too soon.
LOOK = 3.0
#: Seconds of each run at another setting: enough for a queue to fill.
STEER = 6.0
CELL_SECONDS = 60.0
STEER_SECONDS = 420.0  # what `steer.scenes` bounds itself, and as much again for the last of its runs
_RECORDING = '__import__("zmqcourse.site.recording", fromlist=["recording"])'
_RECORDED_BY = {"recording", "scenes", "settings", "films", "running"}
_STEERING = "steering"  # the id of the cell that runs the scenes again
_SCENES = '__import__("zmqcourse.site.steer.scenes", fromlist=["scenes"])'
_MODELS = "application/vnd.jupyter.widget-state+json"


class LessonFailed(Exception):
    """A lesson did not run to its end; one sentence says where and why."""


@dataclass(frozen=True)
class Run:
    """A lesson that was run: its cells with their outputs, and the records of its views.

    views: model id → {"replay", "knobs", "steer": what `steer.scenes` made of it}. films: model id → the steps of a
    picture (see `films`). models: every widget's state by model id. made: versions, system, date.
    """

    file: Path
    nb: NotebookNode
    views: dict[str, Any]
    films: dict[str, list[str]]
    made: dict[str, Any]
    seconds: float

    @property
    def models(self) -> dict[str, Any]:
        return self.nb.metadata.get("widgets", {}).get(_MODELS, {}).get("state", {})


def run(file: Path, *, look: float = LOOK, steer: float = 0.0) -> Run:
    """Run a lesson top to bottom in a fresh kernel, then its scenes again, `steer` seconds each.

    Raises `LessonFailed`.
    """
    nb = copy.deepcopy(notebook.read(file))
    with tempfile.TemporaryDirectory() as folder:
        record, steered = Path(folder) / "record.json", Path(folder) / "steered.json"
        nb.cells.insert(0, new_code_cell(f"{_RECORDING}.begin()"))
        nb.cells.append(new_code_cell(f"{_RECORDING}.end({str(record)!r})"))
        if steer:
            nb.cells.append(new_code_cell(f"{_SCENES}.steer({str(steered)!r}, {steer})", id=_STEERING))
        began = time.monotonic()
        _execute(nb, file, look)
        seconds = time.monotonic() - began
        kept = json.loads(record.read_text(encoding="utf-8"))
        others = json.loads(steered.read_text(encoding="utf-8")) if steered.exists() else {}
    for id, told in others.items():
        kept["views"][id]["steer"] = told
    nb.cells = nb.cells[1 : -2 if steer else -1]
    return Run(file, nb, kept["views"], kept["films"], kept["made"], seconds)


def _execute(nb: NotebookNode, file: Path, look: float) -> None:
    from nbclient import NotebookClient
    from nbclient.exceptions import CellControlSignal, DeadKernelError

    at = [""]

    async def executed(cell: NotebookNode, **_: Any) -> None:
        live = sum(state.get("live") is True for state in client.widget_state.values())
        if live > seen[0]:
            seen[0] = live
            await asyncio.sleep(look)

    seen = [0]
    client = NotebookClient(
        nb,
        timeout_func=lambda cell: int(STEER_SECONDS if cell.get("id") == _STEERING else CELL_SECONDS),
        resources={"metadata": {"path": str(file.parent)}},
        on_cell_start=lambda cell, **_: at.__setitem__(0, cell.get("id", "")),
        on_cell_executed=executed,
    )
    try:
        # the kernel's own remarks on stderr are nothing that a lesson prints
        env = {**os.environ, "ZMQCOURSE_PROGRESS": "off"}
        asyncio.run(client.async_execute(env=env, stderr=subprocess.DEVNULL))
    except (CellControlSignal, DeadKernelError) as error:
        name = getattr(error, "ename", "") or type(error).__name__
        said = " ".join(str(getattr(error, "evalue", "") or error).split())[:200]
        if at[0] == _STEERING:  # the lesson has run; what was steered until then is kept
            print(f"{file.name}: not all other runs were recorded: {name}: {said}", file=sys.stderr)
            return
        raise LessonFailed(f"{file.name} did not run: its cell `{at[0]}` ended with {name}: {said}") from error


def kept_run(file: Path, folder: Path | None, *, look: float = LOOK, steer: float = 0.0) -> Run:
    """The run of this lesson as it and its code stand now that `folder` holds, or a new one, which is put there."""
    if folder is None:
        return run(file, look=look, steer=steer)
    name = f"{file.stem}.{fingerprint(file, look, steer)}"
    book, more = folder / f"{name}.ipynb", folder / f"{name}.json"
    if not more.exists():
        made = run(file, look=look, steer=steer)
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.glob(f"{file.stem}.*"):
            old.unlink()
        book.write_text(nbformat.writes(made.nb), encoding="utf-8")
        kept = {"views": made.views, "films": made.films, "made": made.made, "seconds": made.seconds}
        more.write_text(json.dumps(kept), encoding="utf-8")
    kept = json.loads(more.read_text(encoding="utf-8"))
    return Run(file, notebook.read(book), kept["views"], kept["films"], kept["made"], kept["seconds"])


def fingerprint(file: Path, *how: object) -> str:
    """Changes with the lesson, the code that it runs, and how it is run; not with how pages are made of it."""
    import zmq
    import zmqlive

    course, number = Path(__file__).parents[1], file.name[:2]
    others = re.compile(rf"lesson(?!{number})\d\d")
    sources = [each for each in sorted(course.rglob("*.py")) if not others.search(each.as_posix())]
    sources = [each for each in sources if each.parent.name not in ("site", "steer") or each.stem in _RECORDED_BY]
    sources += sorted(Path(zmqlive.__file__).parent.rglob("*.py"))
    digest = hashlib.sha256(repr((how, zmq.zmq_version(), zmq.pyzmq_version(), sys.version_info)).encode())
    for each in [file, *sources]:
        digest.update(each.read_bytes())
    return digest.hexdigest()[:16]
