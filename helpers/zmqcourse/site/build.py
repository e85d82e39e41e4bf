"""The command: runs the lessons, two at a time, and writes the site."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from zmqlive.view import still_svg

from ..exercise import progress
from . import running, search
from .lesson import lesson_of
from .pages import CARD, Links, Pages, Place
from .prose import Prose
from .running import LessonFailed, Run

AT_ONCE = 2


def run_all(
    files: Sequence[Path],
    *,
    keep: Path | None,
    look: float = running.LOOK,
    steer: float = running.STEER,
    say: Callable[[str], None] = print,
) -> tuple[list[Run], list[LessonFailed]]:
    """The lessons' runs in order, and why others did not run to their end: those that did are not lost for it."""
    failed: list[LessonFailed] = []

    def one(file: Path) -> Run | None:
        try:
            run = running.kept_run(file, keep, look=look, steer=steer)
        except LessonFailed as error:
            failed.append(error)
            return None
        others = sum(len(view.get("steer", {}).get("runs", ())) for view in run.views.values())
        say(f"{file.stem}: {run.seconds:.0f} s, {len(run.views)} views, {others} other runs")
        return run

    with ThreadPoolExecutor(AT_ONCE) as pool:
        coming = [pool.submit(one, file) for file in files]
        try:
            return [run for each in coming if (run := each.result())], failed
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def write(runs: Sequence[Run], out: Path, place: Place) -> list[Path]:
    """Write all pages; returns them. What an earlier build left in `out` is gone."""
    if out.exists():
        shutil.rmtree(out)
    out.mkdir(parents=True)
    links = Links(place, {run.file.stem for run in runs})
    pages = Pages([lesson_of(run, Prose(links.link, links.image)) for run in runs], place)
    made = {lesson.page: pages.lesson(lesson) for lesson in pages.lessons}
    made |= {"index.html": pages.index(), "glossary.html": pages.glossary(), "404.html": pages.missing()}
    if sitemap := pages.sitemap():
        made["sitemap.xml"] = sitemap
    if card := pages.card():
        shutil.copyfile(card, out / CARD)
    made[search.FILE] = pages.search()
    made[".nojekyll"] = ""  # GitHub Pages: take the files as they are
    for name, text in made.items():
        (out / name).write_text(text, encoding="utf-8", newline="\n")
    return [out / name for name in made]


def write_pictures(runs: Sequence[Run], folder: Path) -> list[Path]:
    """The first view of each lesson as a still picture, NN-name.svg; it follows the reader's theme by itself."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for run in runs:
        replays = [kept["replay"] for kept in run.views.values() if kept["replay"].get("topo")]
        if replays:
            written.append(folder / f"{run.file.stem}.svg")
            written[-1].write_text(still_svg(replays[0]) + "\n", encoding="utf-8")
    return written


def site(
    files: Sequence[str],
    out: str,
    *,
    url: str = "",
    source: str = "",
    keep: str = "",
    look: float = running.LOOK,
    steer: float = running.STEER,
    pictures: str = "",
) -> int:
    """Build the site; returns the exit code. Says what it does, and one sentence when it cannot."""
    root = progress.course_root()
    if root is None:
        print("There is no course here: run this in the course's folder.", file=sys.stderr)
        return 2
    chosen = [Path(file) for file in files] or progress.lessons(root)
    if missing := [file for file in chosen if not file.is_file()]:
        print(f"There is no {missing[0]}.", file=sys.stderr)
        return 2
    began = time.monotonic()
    place = Place(root, url and url.rstrip("/") + "/", source.rstrip("/"))
    runs, failed = run_all(chosen, keep=Path(keep) if keep else None, look=look, steer=steer)
    if not runs:
        for error in failed:
            print(f"The site was not built: {error}", file=sys.stderr)
        return 1
    written = write(runs, Path(out), place)
    if pictures:
        print(f"{len(write_pictures(runs, Path(pictures)))} pictures in {pictures}.")
    largest = max(written, key=lambda file: file.stat().st_size)
    print(
        f"{len(written)} files in {out}, the largest {largest.name} with {largest.stat().st_size / 1e6:.2f} MB, "
        f"in {time.monotonic() - began:.0f} s. Open {Path(out) / 'index.html'} in a browser."
    )
    for error in failed:  # at the end, where it is seen
        print(error, file=sys.stderr)
    return 1 if failed else 0
