"""A learner's own copy of the lessons, on a hub where the course itself is shared.

A hub's spawner runs `python -m zmqcourse home` as the learner, before or while their server starts. Only what is
missing is copied: a lesson that the learner has worked in stays, and one that they delete comes back fresh.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from ..exercise import LESSONS, PLAYGROUND

COURSE = Path(__file__).resolve().parents[3]
WHAT = (f"notebooks/{LESSONS}", f"notebooks/{PLAYGROUND}", "GLOSSARY.md", "assets/*.svg")


def bring(home: Path, course: Path = COURSE) -> list[Path]:
    """Copy lessons, their still pictures and the glossary into `home`, and trust them; what was not there before.

    A lesson that is not trusted shows text in place of its live pictures when its page is loaded again.
    """
    sources = [file for pattern in WHAT for file in sorted(course.glob(pattern))]
    if not sources:
        raise FileNotFoundError(f"There are no lessons in {course}: install the course by `pip install -e` there.")
    new = []
    for source in sources:
        target = home / source.relative_to(course)
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            draft = target.with_name(f".{target.name}.{os.getpid()}")
            shutil.copyfile(source, draft)      # not its mode: the course may be read-only, a copy is to be written in
            draft.replace(target)
            new.append(target)
    _trust([file for file in new if file.suffix == ".ipynb"])
    return new


def _trust(files: Sequence[Path]) -> None:
    from nbformat import read
    from nbformat.sign import NotebookNotary

    notary = NotebookNotary() if files else None
    for file in files:
        notary.sign(read(file, as_version=4))


def come_home(home: Path | None = None, then: Sequence[str] = ()) -> int:
    """The command: bring the lessons, and become the program `then`, which a copy that fails does not stop."""
    home = home or Path.home()
    try:
        new = bring(home)
        print(f"{len(new)} files copied to {home}.", flush=True)
        code = 0
    except Exception as error:
        print(f"The lessons could not be copied to {home}: {error}", file=sys.stderr, flush=True)
        code = 1
    if not then:
        return code
    if os.name == "posix":
        os.execvp(then[0], list(then))
    return subprocess.run(list(then)).returncode
