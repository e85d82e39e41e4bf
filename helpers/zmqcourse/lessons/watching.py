"""Waits for notebooks to be saved, and says of each how far it is: its exercises, and nothing else."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from ..exercise import MARK, WORD, WRONG

# Names a file to which the pytest plugin writes what came of each exercise.
VERDICTS = "ZMQCOURSE_VERDICTS"

# Runs a notebook, has its verdicts written to this file, and returns all that was printed meanwhile.
Run = Callable[[Path, Path], str]


def watch(found: Callable[[], list[Path]], run: Run, *, pause: float = 0.5) -> bool:
    """Until Ctrl-C, run each of the notebooks `found` when it has been saved. False if there are none.

    pause: seconds from one look to the next.
    """
    seen = _saved(found())
    if not seen:
        return False
    print(f"Watching {len(seen)} notebooks: save one, and it is checked. Ctrl-C ends this.", flush=True)
    try:
        while True:
            now = _saved(found())
            saved = [file for file, at in now.items() if seen.get(file) != at]
            seen = now
            for file in saved:
                print(*told(file, run), sep="\n", flush=True)
            time.sleep(pause)
    except KeyboardInterrupt:
        return True


def told(file: Path, run: Run) -> list[str]:
    """The lines to print for one notebook: its name, and each of its exercises."""
    with tempfile.TemporaryDirectory() as folder:
        verdicts = Path(folder, "verdicts.json")
        printed = run(file, verdicts)
        if not verdicts.exists():
            return [file.name, "  it could not be run:", *(f"  | {line}" for line in printed.splitlines()[-8:])]
        rows = json.loads(verdicts.read_text(encoding="utf-8"))
    return [f"{file.name}, {time.strftime('%H:%M:%S')}", *map(_line, rows)]


def _line(row: dict[str, Any]) -> str:
    if not row["exercise"]:
        return f"  {MARK[WRONG]} {row['message']}"
    return f"  {MARK[row['state']]} {row['exercise']} {WORD[row['state']]:<7} {row['message']}".rstrip()


def _saved(files: Iterable[Path]) -> dict[Path, int]:
    """When each was last saved."""
    return {file: file.stat().st_mtime_ns for file in files if file.exists()}
