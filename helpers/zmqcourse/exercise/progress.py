"""What this learner has solved, hinted at and predicted, in one small JSON file that git ignores.

The file is `.zmqcourse-progress.json` in the course's folder; where that cannot be written, or is a hub's for all its
learners, one in the user's own Jupyter data folder. ZMQCOURSE_PROGRESS names another path, or "off" to keep nothing.
Two notebooks side by side may write at once: each change is made to what is on disk at that moment, under a lock, and
put there whole. Nothing in here raises: a file that cannot be kept must not spoil a lesson.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

from .verdict import NO_VERDICT, SOLVED, TODO, Verdict

VARIABLE = "ZMQCOURSE_PROGRESS"
NAME = ".zmqcourse-progress.json"
LESSONS = "[0-9][0-9]-*.ipynb"    # what a lesson's file is called
PLAYGROUND = "playground.ipynb"    # beside them: no lesson, nothing to solve
_LOCK_SECONDS = 60.0    # a stopped process may hold it; what is lost then is the smaller evil


def course_root() -> Path | None:
    """The folder that holds `notebooks/`: around the working directory, or around this package; else None."""
    here = Path.cwd()
    for folder in (here, *here.parents, *Path(__file__).resolve().parents[3:4]):
        if (folder / "notebooks").is_dir() and (folder / "helpers" / "zmqcourse").is_dir():
            return folder
    return None


def own_root() -> Path | None:
    """The folder whose `notebooks/` this learner works in: the course's, or on a hub their home; else None."""
    here = Path.cwd()
    mine = (each for each in (here, *here.parents) if any((each / "notebooks").glob(LESSONS)))
    return next(mine, None) or course_root()


def lessons(root: Path, places: Sequence[str] = ("notebooks",)) -> list[Path]:
    """The lessons below `root`, in their order. Of those of the same name the one in the later place."""
    found = {file.name: file for place in places for file in (root / place).glob(LESSONS)}
    return [found[name] for name in sorted(found)]


def learners_notebooks(root: Path) -> list[Path]:
    """The lessons of the course; where `work/` holds a copy of one, the copy."""
    return lessons(root, ("notebooks", "work"))


def path() -> Path | None:
    """Where progress is kept; None if it is switched off."""
    named = os.environ.get(VARIABLE, "")
    if named.lower() == "off":
        return None
    if named:
        return Path(named).expanduser()
    root = course_root()
    if root is not None and os.access(root, os.W_OK) and not _shared(root):
        return root / NAME
    from jupyter_core.paths import jupyter_data_dir

    return Path(jupyter_data_dir()) / NAME


def _shared(root: Path) -> bool:
    """On a hub, a course outside the learner's home is everybody's, even if each of them may write there."""
    return "JUPYTERHUB_USER" in os.environ and not root.is_relative_to(Path.home().resolve())


def load() -> dict[str, Any]:
    """All that is kept: {"exercises": {id: {state, when, hints}}, "predictions": {id: {answer, when}}}."""
    where = path()
    empty: dict[str, Any] = {"exercises": {}, "predictions": {}}
    if where is None:
        return empty
    try:
        kept = json.loads(where.read_text(encoding="utf-8"))
        return {key: {id: dict(entry) for id, entry in kept.get(key, {}).items()} for key in empty}
    except FileNotFoundError:
        return empty
    except OSError:
        return empty
    except (ValueError, AttributeError, TypeError):
        with contextlib.suppress(OSError):
            where.replace(where.with_suffix(".broken.json"))
        return empty


def note_verdict(verdict: Verdict) -> None:
    """Remember the outcome of a check. What was once solved stays solved; where there is no verdict, all stays."""
    if verdict.state in NO_VERDICT:
        return

    def change(kept: dict[str, Any]) -> None:
        entry = kept["exercises"].setdefault(verdict.exercise, {"state": TODO, "hints": 0})
        if entry.get("state") not in (SOLVED, verdict.state):
            entry.update(state=verdict.state, when=_now())

    _update(change)


def note_hint(exercise: str, shown: int) -> None:
    """Remember that so many hints were shown."""

    def change(kept: dict[str, Any]) -> None:
        entry = kept["exercises"].setdefault(exercise, {"state": TODO, "hints": 0})
        entry["hints"] = max(shown, entry.get("hints", 0))

    _update(change)


def note_prediction(id: str, answer: str) -> None:
    """Remember what the learner said would happen."""

    def change(kept: dict[str, Any]) -> None:
        kept["predictions"][id] = {"answer": answer, "when": _now()}

    _update(change)


def rename(ids: dict[str, str]) -> None:
    """Exercises have got other ids: what is known of them goes along."""

    def change(kept: dict[str, Any]) -> None:
        moving = {new: kept["exercises"].pop(old) for old, new in ids.items() if old in kept["exercises"]}
        kept["exercises"].update(moving)

    if ids:
        _update(change)


def prediction(id: str) -> str | None:
    """What the learner said would happen, if anything."""
    answer = load()["predictions"].get(id, {}).get("answer")
    return answer if isinstance(answer, str) else None


def _update(change: Callable[[dict[str, Any]], None]) -> None:
    where = path()
    if where is None:
        return
    with contextlib.suppress(OSError):
        where.parent.mkdir(parents=True, exist_ok=True)
        with _locked(where.with_suffix(".lock.json")):
            kept = load()
            before = json.dumps(kept)
            change(kept)
            if json.dumps(kept) != before:
                _write(where, json.dumps(kept, indent=1, sort_keys=True, ensure_ascii=False) + "\n")


def _write(where: Path, text: str) -> None:
    draft = where.with_suffix(f".{os.getpid()}-{time.monotonic_ns()}.json")
    draft.write_text(text, encoding="utf-8")
    for left in (2, 1, 0):
        try:
            draft.replace(where)
            return
        except PermissionError:  # Windows: somebody is reading it just now
            if not left:
                draft.unlink(missing_ok=True)
                raise
            time.sleep(0.05)


@contextlib.contextmanager
def _locked(lock: Path) -> Iterator[None]:
    """Hold the lock file, once nobody else does; a process that dies with it gives it back."""
    with lock.open("a") as file:
        end = time.monotonic() + _LOCK_SECONDS
        while not _taken(file.fileno()) and time.monotonic() < end:
            time.sleep(0.01)
        yield


def _taken(lock: int) -> bool:
    """Whether the file is ours now, until it is closed, or cannot be locked at all where it lies."""
    try:
        if sys.platform == "win32":
            msvcrt.locking(lock, msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        return error.errno not in (errno.EAGAIN, errno.EACCES, errno.EDEADLK)
    return True


def _now() -> str:
    return datetime.now(timezone.utc).isoformat(timespec="seconds")
