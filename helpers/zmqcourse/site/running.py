"""Runs a lesson once, as it is, for the site."""

from __future__ import annotations

import asyncio
import copy
import hashlib
import json
import os
import subprocess
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
CELL_SECONDS = 60.0
_RECORDING = '__import__("zmqcourse.site.recording", fromlist=["recording"])'
_MODELS = "application/vnd.jupyter.widget-state+json"


class LessonFailed(Exception):
    """A lesson did not run to its end; one sentence says where and why."""


@dataclass(frozen=True)
class Run:
    """A lesson that was run: its cells with their outputs, and the records of its views.

    views: model id → {"replay", "knobs"}. films: model id → the steps of a picture (see `films`).
    models: every widget's state by model id. made: versions, system, date.
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


def run(file: Path, *, look: float = LOOK) -> Run:
    """Run a lesson top to bottom in a fresh kernel. Raises `LessonFailed`."""
    nb = copy.deepcopy(notebook.read(file))
    with tempfile.TemporaryDirectory() as folder:
        record = Path(folder) / "record.json"
        nb.cells.insert(0, new_code_cell(f"{_RECORDING}.begin()"))
        nb.cells.append(new_code_cell(f"{_RECORDING}.end({str(record)!r})"))
        began = time.monotonic()
        _execute(nb, file, look)
        seconds = time.monotonic() - began
        kept = json.loads(record.read_text(encoding="utf-8"))
    nb.cells = nb.cells[1:-1]
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
        timeout=CELL_SECONDS,
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
        said = " ".join(str(getattr(error, "evalue", "") or error).split())
        raise LessonFailed(f"{file.name} did not run: its cell `{at[0]}` ended with {name}: {said[:200]}") from error


def kept_run(file: Path, folder: Path | None, *, look: float = LOOK) -> Run:
    """The run of this lesson as it stands now that `folder` holds, or a new one, which is put there."""
    if folder is None:
        return run(file, look=look)
    digest = hashlib.sha256(file.read_bytes()).hexdigest()[:16]
    book, more = folder / f"{file.stem}.{digest}.ipynb", folder / f"{file.stem}.{digest}.json"
    if not more.exists():
        made = run(file, look=look)
        folder.mkdir(parents=True, exist_ok=True)
        book.write_text(nbformat.writes(made.nb), encoding="utf-8")
        kept = {"views": made.views, "films": made.films, "made": made.made, "seconds": made.seconds}
        more.write_text(json.dumps(kept), encoding="utf-8")
    kept = json.loads(more.read_text(encoding="utf-8"))
    return Run(file, notebook.read(book), kept["views"], kept["films"], kept["made"], kept["seconds"])
