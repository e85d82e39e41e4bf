"""The course on the command line.

python -m zmqcourse check [PATHS]       run your notebooks: which exercises are solved, to do, wrong
python -m zmqcourse watch [PATHS]       the same, and again for each notebook that you save, until Ctrl-C
python -m zmqcourse map                 the lessons and your progress, without running anything
python -m zmqcourse update [--from X]   bring the newer course here, with all that you wrote
python -m zmqcourse handout [FILES]     lessons without their solutions, into build/handout (for teachers)
python -m zmqcourse nbgrader [FILES]    assignments for nbgrader, into build/nbgrader (for teachers)
python -m zmqcourse home [FOLDER]       copy the lessons into a learner's home, what is there stays (for hubs)
python -m zmqcourse lesson NAME TITLE   begin a new lesson (for authors)
python -m zmqcourse notebooks [FILES]   bring lessons into their canonical form (for authors)
python -m zmqcourse site [FILES]        build the static site from the lessons (for authors)
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

from .exercise import learners_notebooks, progress
from .learner import course_map
from .lessons import VERDICTS, newlesson, notebook, update, watching
from .teaching import assignments, hubhome

Options = argparse.Namespace

CELL_SECONDS = 30
_NO_NOTEBOOKS = "There are no notebooks here: run this in the course's folder, or name a notebook."


def check(paths: Sequence[str], extra: Sequence[str] = ()) -> int:
    """Run notebooks by nbval; prints the state of each exercise. Exit code 1 only if something is wrong."""
    root = progress.own_root() or Path.cwd()
    files = [str(path) for path in paths] or [str(file) for file in learners_notebooks(root)]
    if not files:
        print(_NO_NOTEBOOKS)
        return 2
    for path in files:
        if not Path(path).exists():
            print(f"There is no {path}.")
            return 2
    print("Running your notebooks; a lesson takes some seconds.", flush=True)
    code = subprocess.run(pytest_command(files, extra), cwd=Path.cwd()).returncode
    print()
    if code == 0:
        print("Nothing is wrong. " + _next(root, bool(paths)))
    elif code == 1:
        print("Something is not right yet: see the lines marked ✘ above; a hint in the notebook helps.")
    return code


def watch(paths: Sequence[str]) -> int:
    """Wait for notebooks to be saved, and say how far those are; ends by Ctrl-C."""
    root = progress.own_root() or Path.cwd()

    def run(file: Path, verdicts: Path) -> str:
        env = {**os.environ, VERDICTS: str(verdicts)}
        done = subprocess.run(pytest_command([str(file)]), env=env, capture_output=True, encoding="utf-8")
        return done.stdout + done.stderr

    def found() -> list[Path]:
        named = [Path(path) for path in paths]
        files = [file for path in named for file in (sorted(path.glob("*.ipynb")) if path.is_dir() else [path])]
        return files or learners_notebooks(root)

    return 0 if watching.watch(found, run) else _nothing_here()


def _nothing_here() -> int:
    print(_NO_NOTEBOOKS)
    return 2


def pytest_command(files: Sequence[str], extra: Sequence[str] = ()) -> list[str]:
    """How nbval is called; the same for learners and for the project's own tests."""
    installed = any(point.name == "zmqcourse" for point in entry_points(group="pytest11"))
    plugin = [] if installed else ["-p", "zmqcourse.lessons.plugin"]
    options = f"--nbval-lax --nbval-current-env --nbval-cell-timeout={CELL_SECONDS} -q --no-header --tb=short"
    # An ini file of no content: the project's own settings for its tests are not the learner's. The root
    # holds all files, since pytest takes those outside of it for one and the same.
    root = os.path.commonpath([Path(file).resolve().parent for file in files])
    ini = ["-c", os.devnull, "--rootdir", root, "-p", "no:cacheprovider"]
    return [sys.executable, "-m", "pytest", *plugin, *ini, *options.split(), *extra, *files]


def _next(root: Path, some: bool) -> str:
    if some:
        return "On you go."
    following = course_map().next
    if following is None:
        return "Every exercise is solved. Well done!"
    lesson, id = following
    return f"Next: exercise {id} in {lesson.file.name}." if lesson.file else "On you go."


def bring_up_to_date(source: str, answers: Path | None) -> int:
    """Print what was done; exit code 1 if nothing could be."""
    root = progress.course_root()
    if root is None:
        print(_NO_NOTEBOOKS)
        return 2
    try:
        print(*(update.answers_from(answers, root) if answers else update.update(root, source)), sep="\n")
    except (update.UpdateError, notebook.LessonError) as error:
        print(error)
        return 1
    return 0


def _give(write: Callable[[Sequence[Path], Path], list[Path]]) -> Callable[[Options], int]:
    """A command that writes lessons in another form, for teachers."""

    def run(options: Options) -> int:
        lessons = options.files or progress.lessons(Path())
        print(*write(lessons, options.out) or [_NO_NOTEBOOKS], sep="\n")
        return 0 if lessons else 2

    return run


def _map(options: Options) -> int:
    print(course_map())
    return 0


def _site(options: Options) -> int:
    from .site import build  # needs packages that a learner does without

    chosen = {name: getattr(options, name) for name in ("url", "source", "keep", "look", "steer", "pictures")}
    return build.site(options.files, options.out, **chosen)


def _lesson(options: Options) -> int:
    try:
        print(*newlesson.new_lesson(Path.cwd(), options.name, options.title), sep="\n")
    except (ValueError, FileExistsError) as error:
        print(error)
        return 1
    return 0


def _carry(options: Options) -> int:
    update.carry_files(*options.files, name=options.name, report=options.report)
    return 0


@dataclass(frozen=True)
class Command:
    """One word of the command line: what `--help` says of it, what it takes, and what it does."""

    help: str
    run: Callable[[Options], int]
    takes: tuple[tuple[str, dict[str, Any]], ...] = ()


def _handing_out(name: str, what: str, write: Callable[[Sequence[Path], Path], list[Path]]) -> Command:
    return Command(f"{what} (for teachers)", _give(write), (
        ("files", {"nargs": "*", "type": Path, "help": "by default all lessons"}),
        ("--out", {"type": Path, "default": Path("build", name)})))


COMMANDS = {
    "check": Command("run your notebooks: solved, to do, wrong", lambda o: check(o.paths, o.extra), (
        ("paths", {"nargs": "*", "help": "notebooks or folders; by default notebooks/ and work/"}),)),
    "watch": Command("check, and check again each notebook that you save, until Ctrl-C", lambda o: watch(o.paths), (
        ("paths", {"nargs": "*", "help": "as for check"}),)),
    "map": Command("the lessons and your progress", _map),
    "notebooks": Command(
        "bring lessons into canonical form (for authors)",
        lambda o: notebook.main(["fix", *(["--run"] if o.run else []), *o.files]), (
            ("files", {"nargs": "*"}),
            ("--run", {"action": "store_true", "help": "run them and store the outputs that are checked"}))),
    "site": Command("build the static site from the lessons (for authors)", _site, (
        ("files", {"nargs": "*", "help": "lessons; by default all"}),
        ("--out", {"default": "build/site", "help": "where it goes; by default build/site"}),
        ("--url", {"default": "", "help": "the address that it will have, for search engines"}),
        ("--source", {"default": "", "help": "where the course's source is, such as its page on GitHub"}),
        ("--keep", {"default": "build/runs", "help": "a folder that keeps runs: a lesson is run again when it or its "
                                                     "code has changed; by default build/runs, '' for none"}),
        ("--look", {"type": float, "default": 3.0, "help": "seconds to watch each live view; by default 3"}),
        ("--steer", {"type": float, "default": 6.0, "help": "seconds of each run at another setting of a slider, or "
                                                            "with a button pressed; by default 6, 0 for none"}),
        ("--pictures", {"default": "", "help": "a folder for each lesson's first view as a still picture"}))),
    "update": Command("bring the newer course here, with all that you wrote",
                      lambda o: bring_up_to_date(o.source, o.answers), (
        ("--from", {"dest": "source", "default": "", "help": "git remote, address or folder of the newer course"}),
        ("--answers", {"type": Path, "help": "folder of an older course, to take your answers from"}))),
    "carry": Command("git's merge driver for lessons; used by update", _carry, (
        ("files", {"nargs": 3, "type": Path, "metavar": "FILE", "help": "base, mine, newer"}),
        ("--name", {"default": ""}),
        ("--report", {"type": Path}))),
    "handout": _handing_out("handout", "lessons without their solutions", assignments.write_handouts),
    "nbgrader": _handing_out("nbgrader", "assignments for nbgrader", assignments.write_assignments),
    "home": Command("copy the lessons into a learner's home, what is there stays (for hubs)",
                    lambda o: hubhome.come_home(o.folder, o.then), (
        ("folder", {"nargs": "?", "type": Path, "help": "by default the home of who runs this"}),
        ("--then", {"nargs": argparse.REMAINDER, "default": [], "metavar": "COMMAND",
                    "help": "become this program"}))),
    "lesson": Command("begin a new lesson (for authors)", _lesson, (
        ("name", {"help": "such as 17-pirates"}),
        ("title", {"nargs": "?", "default": "What is the question?"}))),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; see the module's text. Returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m zmqcourse", description="the course on the command line")
    words = parser.add_subparsers(dest="command", required=True)
    for name, command in COMMANDS.items():
        word = words.add_parser(name, help=command.help)
        for argument, how in command.takes:
            word.add_argument(argument, **how)
    options, extra = parser.parse_known_args(arguments)
    if extra and options.command != "check":
        parser.error(f"unknown: {' '.join(extra)}")
    options.extra = extra
    return COMMANDS[options.command].run(options)


if __name__ == "__main__":
    raise SystemExit(main())
