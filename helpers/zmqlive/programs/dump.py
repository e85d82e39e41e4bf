"""What a recorded program is doing now."""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from ..hook import ADDRESS, question

PATIENCE = 3.0      # seconds that a program has for its answer: its recording thread looks 30 times a second


def dump(options: argparse.Namespace) -> int:
    """Say which thread of a recorded program waits in which call, since when, and what lingers."""
    pid = options.pid
    for folder in dict.fromkeys(_folders(pid)):
        if any(folder.glob(f"{pid}-*")):
            break
    else:
        print(f"zmqlive: no recorded program is process {pid} (it must have been started with ZMQLIVE, or by "
              "`zmqlive run`, and have made a socket)", file=sys.stderr)
        return 2
    said = ask(folder, pid)
    if said is None:
        print(f"zmqlive: process {pid} does not answer: it has ended, is stopped, or one of its threads keeps Python's "
              "lock", file=sys.stderr)
        return 1
    print(said, end="")
    return 0


def ask(folder: Path, pid: int) -> str | None:
    """What the program says; None when it says nothing."""
    asked = question(folder, pid)
    told = asked.with_name(asked.name + ".answer")
    try:
        asked.touch()
        end = time.monotonic() + PATIENCE
        while not told.exists() and time.monotonic() < end:
            time.sleep(0.02)
        return told.read_text(encoding="utf-8")
    except OSError:
        return None
    finally:
        for file in (asked, told):
            file.unlink(missing_ok=True)


def _folders(pid: int) -> Iterator[Path]:
    """Where it may write to: as its environment says, where that can be read, or any folder of ours."""
    with contextlib.suppress(OSError):
        for entry in Path(f"/proc/{pid}/environ").read_bytes().split(b"\0"):
            name, _, value = entry.partition(b"=")
            if name == ADDRESS.encode() and value:
                yield Path(os.fsdecode(value))
    yield from Path(tempfile.gettempdir()).glob("zmqlive-*")
