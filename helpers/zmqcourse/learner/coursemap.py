"""The map of the course: every lesson, and how far this learner is in each."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

from ..exercise import COLOUR, MARK, MIME, NO_VERDICT, SOLVED, STATES, TODO, WORD, WRONG, offers, progress
from .plan import PLAN


@dataclass(frozen=True)
class Lesson:
    """A lesson on the map. file is None while it is still to come; states by exercise id."""

    number: str
    title: str
    part: str
    file: Path | None
    states: dict[str, str]

    @property
    def solved(self) -> int:
        return sum(state == SOLVED for state in self.states.values())


class CourseMap:
    """The lessons in order, with a table as text and as HTML."""

    def __init__(self, lessons: list[Lesson], start: Path, playground: Path | None = None) -> None:
        self.lessons = lessons
        self._start = start
        self._playground = playground

    @property
    def summary(self) -> str:
        """One line: how many exercises are solved."""
        total = sum(len(lesson.states) for lesson in self.lessons)
        solved = sum(lesson.solved for lesson in self.lessons)
        return f"[{bar(solved, total)}] {solved}/{total} solved"

    @property
    def next(self) -> tuple[Lesson, str] | None:
        """The first exercise that is not solved yet, with its lesson."""
        return next(
            ((lesson, id) for lesson in self.lessons if lesson.file for id, state in lesson.states.items()
             if state != SOLVED),
            None,
        )

    def __repr__(self) -> str:
        lines = []
        for part, lessons in self._parts():
            lines.append(part)
            for lesson in lessons:
                marks = " ".join(f"{id} {MARK[state]}" for id, state in lesson.states.items())
                state = marks if lesson.file else "to come"
                lines.append(f"  {lesson.number}  {lesson.title:<46}{state}".rstrip())
        if self._playground:
            lines += ["Playground", f"      {_PLAY:<46}{self._playground.name}"]
        legend = ", ".join(f"{MARK[state]} {WORD[state]}" for state in (SOLVED, TODO, WRONG))
        on = [f"Go on here: exercise {self.next[1]} in {self.next[0].file.name}"] if self.next else []
        return "\n".join([*lines, "", f"{self.summary}   ({legend})", *on])

    def _repr_html_(self) -> str:
        body = ""
        for part, lessons in self._parts():
            style = f"{_CELL};padding-top:.8em"
            body += f'<tr><th colspan="3" scope="colgroup" style="{style}">{escape(part)}</th></tr>'
            body += "".join(self._row(lesson) for lesson in lessons)
        if self._playground:
            link = escape(_relative(self._playground, self._start), quote=True)
            body += (
                f'<tr><th colspan="3" scope="colgroup" style="{_CELL};padding-top:.8em">Playground</th></tr>'
                f'<tr><td></td><td colspan="2" style="{_CELL}"><a href="{link}">{_PLAY}</a></td></tr>'
            )
        legend = " · ".join(f"{_mark(state)} {WORD[state]}" for state in (SOLVED, TODO, WRONG))
        return (
            '<div class="zmqcourse-map" style="overflow-x:auto">'
            f'<table style="border-collapse:collapse">{body}</table>'
            f'<p style="margin-top:.8em"><b>{escape(self.summary)}</b><br>{legend}</p></div>'
        )

    def _row(self, lesson: Lesson) -> str:
        grey = "opacity:.75"
        if lesson.file is None:
            title, state, style = escape(lesson.title), "to come", f"{_CELL};{grey}"
        else:
            link = escape(_relative(lesson.file, self._start), quote=True)
            title, style = f'<a href="{link}">{escape(lesson.title)}</a>', _CELL
            state = " ".join(self._exercise(lesson, id, state) for id, state in lesson.states.items())
        return (
            f'<tr><td style="{style}">{lesson.number}</td><td style="{style}">{title}</td>'
            f'<td style="{style};white-space:nowrap">{state}</td></tr>'
        )

    def _exercise(self, lesson: Lesson, id: str, state: str) -> str:
        """One exercise; the one to go on with stands out, and leads there."""
        if self.next != (lesson, id):
            return f'<span style="margin-right:.5em">{_mark(state)} {id}</span>'
        cell = offers.beginnings(lesson.file).get(id, "") if lesson.file else ""
        link = escape(f"{_relative(lesson.file, self._start)}#cell-id={cell}", quote=True) if lesson.file else ""
        return (
            f'<a href="{link}" style="background:{COLOUR[TODO]};color:#fff;border-radius:3px;padding:0 .5em;'
            f'margin-right:.5em">{id}: go on here</a>'
        )

    def _parts(self) -> Iterator[tuple[str, list[Lesson]]]:
        for number, (part, _) in enumerate(PLAN, 1):
            yield f"Part {number} · {part}", [lesson for lesson in self.lessons if lesson.part == part]


_PLAY = "A system of your own, in six lines"
_CELL = "text-align:left;padding:.15em 1em .15em 0;vertical-align:top"


def course_map(folder: str | Path | None = None) -> CourseMap:
    """All lessons of the course with your progress. Reads notebooks and the progress file; runs nothing.

    folder: where the lessons are; by default the course's `notebooks/` (on a hub, those in your home), and
    your copies in `work/`.
    """
    root = progress.own_root()
    folders = [Path(folder)] if folder else [root / name for name in ("notebooks", "work")] if root else []
    kept = {id: entry.get("state", TODO) for id, entry in progress.load()["exercises"].items()}
    found: dict[str, tuple[Path, str]] = {}
    saved: dict[str, dict[str, str]] = {}
    for file in (file for place in folders for file in sorted(place.glob(progress.LESSONS))):
        number = file.name[:2]
        title, states = read_lesson(file)
        found[number] = (file, title)
        for id, state in states.items():
            best = [state, kept.get(id, TODO), saved.get(number, {}).get(id, TODO)]
            saved.setdefault(number, {})[id] = (
                SOLVED if SOLVED in best else next((s for s in best[1::-1] if s != TODO), TODO)
            )
    lessons = []
    for part, planned in PLAN:
        for number, name in planned:
            file, title = found.get(number, (None, name))
            lessons.append(Lesson(number, title or name, part, file, saved.get(number, {})))
    grounds = [file for place in folders if (file := place / progress.PLAYGROUND).is_file()]
    return CourseMap(lessons, Path.cwd(), grounds[-1] if grounds else None)


def read_lesson(file: Path) -> tuple[str, dict[str, str]]:
    """A lesson's title and the verdicts saved in it by exercise id, without running it."""
    try:
        cells = json.loads(file.read_text(encoding="utf-8"))["cells"]
        states = {id: state for cell in cells for id, state in _saved_verdict(cell)}
        headings = (
            re.search(r"^# (.+)", _text(cell["source"]), re.M)
            for cell in cells
            if cell["cell_type"] == "markdown"
        )
        title = next((found.group(1) for found in headings if found), "")
    except (OSError, ValueError, KeyError, TypeError):
        return "", {}
    return re.sub(r"^(Lesson )?\d+\s*[·:.–-]*\s*", "", title).strip(), states


def _saved_verdict(cell: dict[str, Any]) -> Iterator[tuple[str, str]]:
    id = cell.get("metadata", {}).get("course", {}).get("check")
    if id:
        verdicts = [
            output["data"][MIME] for output in cell.get("outputs", []) if MIME in output.get("data", {})
        ]
        state = verdicts[-1].get("state") if verdicts else TODO
        yield id, state if state in STATES and state not in NO_VERDICT else TODO


def bar(solved: int, total: int, width: int = 20) -> str:
    """A bar of so many characters: `####----`."""
    filled = width * solved // total if total else 0
    return "#" * filled + "-" * (width - filled)


def _mark(state: str) -> str:
    """A mark in words' own size and colour; only what is wrong is as loud as it deserves."""
    look = f"color:{COLOUR[state]};font-weight:600" if state == WRONG else "" if state == SOLVED else "opacity:.6"
    return f'<span title="{WORD[state]}" style="{look}">{MARK[state]}</span>'


def _relative(file: Path, start: Path) -> str:
    import os.path

    try:
        return Path(os.path.relpath(file, start)).as_posix()
    except ValueError:  # another drive on Windows
        return file.as_posix()


def _text(source: str | list[str]) -> str:
    return source if isinstance(source, str) else "".join(source)
