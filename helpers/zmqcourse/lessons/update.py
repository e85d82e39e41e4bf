"""Bringing a learner's course up to date without losing a word of theirs: `make update`.

In a git checkout the newer course is fetched and merged by git, lessons by `carry`: git is told of it as a
merge driver for notebooks. A course that was downloaded takes the answers from the folder of the old one.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

from ..exercise import progress
from . import notebook
from .carry import carry

_SECONDS = 120


class UpdateError(Exception):
    """The course cannot be updated, and nothing has been changed; says what to do."""


def update(root: Path, source: str = "") -> list[str]:
    """Merge the newer course from `source` (a git remote, address or folder; by default `upstream`, else
    `origin`) into the checkout at `root`; what was done, a line each. Raises `UpdateError`.

    Work that is not committed is committed first. Copies of lessons in `work/` are brought up to date too.
    """
    if _git(root, "rev-parse", "--show-toplevel", check=False).returncode:
        raise UpdateError(
            "This course was not cloned with git. Download the new one, and in its folder run: "
            "python -m zmqcourse update --answers THIS_FOLDER"
        )
    newer = _fetch(root, source)
    said = []
    if _git(root, "status", "--porcelain").stdout.strip():
        _git(root, "add", "--all")
        _git(root, *_author(root), "commit", "--quiet", "--message", "My work before an update of the course")
        said.append("Your work has been committed.")
    if _git(root, "merge-base", "--is-ancestor", newer, "HEAD", check=False).returncode == 0:
        return [*said, "You have the newest course."]
    began = _git(root, "merge-base", "HEAD", newer).stdout.strip()
    report = _merge(root, newer)
    report += _carry_copies(root, began, newer)
    return [*said, *report, "Up to date. `make check` tells whether all still holds."]


def _fetch(root: Path, source: str) -> str:
    """Fetch the newer course; the commit."""
    if not source:
        remotes = _git(root, "remote").stdout.split()
        source = next((name for name in ("upstream", "origin") if name in remotes), "")
        if not source:
            raise UpdateError("Where is the newer course? Name it: make update FROM=address-of-the-repository")
    got = _git(root, "fetch", "--quiet", source, "HEAD", check=False)
    if got.returncode:
        raise UpdateError(f"The newer course could not be fetched from {source}: {_last(got.stderr)}")
    return _git(root, "rev-parse", "FETCH_HEAD").stdout.strip()


def _merge(root: Path, newer: str) -> list[str]:
    """Let git merge, and `carry` the lessons; the lessons' reports."""
    with tempfile.TemporaryDirectory() as folder:
        attributes, reports = Path(folder, "attributes"), Path(folder, "reports")
        attributes.write_text("*.ipynb merge=zmqcourse\n")
        reports.touch()
        python, file = Path(sys.executable).as_posix(), reports.as_posix()
        driver = f'"{python}" -m zmqcourse carry %O %A %B --name %P --report "{file}"'
        options = (f"core.attributesFile={attributes}", f"merge.zmqcourse.driver={driver}")
        settings = [part for option in options for part in ("-c", option)]
        merging = ["merge", "--quiet", "--message", "The newer course", newer]
        merged = _git(root, *settings, *_author(root), *merging, check=False)
        if merged.returncode:
            torn = _git(root, "diff", "--name-only", "--diff-filter=U").stdout.split()
            _git(root, "merge", "--abort", check=False)
            raise UpdateError(
                f"You and the newer course have both changed {', '.join(torn)}: nothing has been done. Undo your "
                "change there (or merge by hand), then update again."
                if torn else f"git could not merge, and nothing has been done: {_last(merged.stderr)}"
            )
        told = [json.loads(line) for line in reports.read_text(encoding="utf-8").splitlines()]
    for each in told:
        progress.rename(each["renamed"])
    return [f"{each['name']}: {each['said']}" for each in told]


def _carry_copies(root: Path, began: str, newer: str) -> list[str]:
    """Bring the lessons in `work/` up to date, which git does not see."""
    said = []
    for file in progress.lessons(root, ("work",)):
        before, after = (_version(root, commit, f"notebooks/{file.name}") for commit in (began, newer))
        if before is not None and after is not None:
            merged, report = carry(notebook.read(file), notebook.parse(after), notebook.parse(before))
            notebook.write(merged, file)
            said.append(f"work/{file.name}: {report}")
    return said


def carry_files(base: Path, mine: Path, newer: Path, *, name: str = "", report: Path | None = None) -> None:
    """Git's merge driver: of its three versions of a lesson (the base may be empty), the result goes where `mine`
    is. Adds a line to `report`."""
    began = notebook.read(base) if base.read_text(encoding="utf-8").strip() else None
    merged, carried = carry(notebook.read(mine), notebook.read(newer), began)
    notebook.write(merged, mine)
    if report is not None:
        with report.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"name": name, "said": str(carried), "renamed": carried.renamed}) + "\n")


def answers_from(old: Path, root: Path) -> list[str]:
    """Take a learner's answers from the folder of an older course into this one; a line for each lesson.

    Raises `UpdateError` when there is no course in that folder.
    """
    files = {file.name: file for file in progress.learners_notebooks(old)}
    if not files:
        raise UpdateError(f"There are no lessons in {old}: name the folder that holds `notebooks`.")
    kept, here = old / progress.NAME, progress.path()
    if kept.exists() and here is not None and not here.exists():
        here.write_bytes(kept.read_bytes())
    said = []
    for lesson in progress.lessons(root):
        if lesson.name in files:
            merged, report = carry(notebook.read(files[lesson.name]), notebook.read(lesson))
            progress.rename(report.renamed)
            if report.answers or report.removed or report.own:
                notebook.write(merged, lesson)
                said.append(f"{lesson.name}: {report}")
    return said or ["There were no answers to take over."]


def _version(root: Path, commit: str, path: str) -> str | None:
    got = _git(root, "show", f"{commit}:{path}", check=False)
    return None if got.returncode else got.stdout


def _author(root: Path) -> Iterable[str]:
    """Git wants a name for a commit; a learner who has told it none shall not have to."""
    if _git(root, "config", "user.email", check=False).stdout.strip():
        return ()
    return "-c", "user.name=learner", "-c", "user.email=learner@localhost"


def _git(root: Path, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    try:
        done = subprocess.run(
            ["git", "-C", str(root), *arguments], capture_output=True, encoding="utf-8", timeout=_SECONDS,
            stdin=subprocess.DEVNULL,
        )
    except FileNotFoundError:
        raise UpdateError("There is no git here: install it, or download the new course.") from None
    except subprocess.TimeoutExpired:
        raise UpdateError(f"git did not finish in {_SECONDS} s; is the network there?") from None
    if check and done.returncode:
        raise UpdateError(f"git {arguments[0]} failed: {_last(done.stderr)}")
    return done


def _last(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1].strip() if lines else "it said nothing"
