"""Every lesson, executed once as a learner would: as shipped from its first cell to its last in JupyterLab in Chromium
(in a bare kernel where there is no browser), looked at in light, in dark and in a narrow window, and then solved."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import lessons
import pytest
from browser_lab import DARK, LIGHT, Lab, Notebook, open_lab
from browser_view import chromium, open_browser
from lesson_run import Bare, Executed, execute
from zmqcourse.exercise import BUSY
from zmqcourse.lessons import notebook

# of jupyter_client, whose sockets are not the tests'
pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")
WIDE = {"width": 1280, "height": 900}
MOST_SECONDS = 60  # of a lesson that runs unattended
WORDS_A_MINUTE = 200
EXERCISE_MINUTES = 10


@dataclass
class Looks:
    """What was seen in the page: CSS class and words of each check's verdict, backgrounds by theme, a narrow window."""

    verdicts: dict[str, tuple[str, str]] = field(default_factory=dict)
    backgrounds: dict[str, str] = field(default_factory=dict)
    scrolls_by: int = 0
    right_edge: float = 0
    errors: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Lab, Any] | None]:
    """A JupyterLab and one page for all lessons; None where there is no browser."""
    if chromium() is None:
        yield None
        return
    with open_browser() as browser, open_lab(tmp_path_factory.mktemp("lab")) as server:
        yield server, browser.new_context(viewport=WIDE).new_page()


@pytest.fixture(scope="module", params=lessons.FILES, ids=lambda file: file.stem)
def ran(request: Any, lab: tuple[Lab, Any] | None, tmp_path_factory: Any) -> tuple[Executed, Looks | None]:
    file = request.param
    if lab is None:
        folder = tmp_path_factory.mktemp("lesson")
        temporary = folder / "temporary"
        temporary.mkdir()
        env = {**os.environ, **dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(temporary))}
        bare = Bare(file, folder, env)
        try:
            return execute(bare, file, temporary), None
        finally:
            bare.end()
    server, page = lab
    nb, looks = Notebook(page, server, file.name), Looks()
    try:
        return execute(nb, file, server.temporary, look_around=lambda: look_around(nb, file, looks)), looks
    finally:
        looks.errors = list(nb.errors)
        nb.leave()


def look_around(nb: Notebook, file: Path, looks: Looks) -> None:
    cells = notebook.read(file)
    checks = [cell.id for cell in notebook.cells_of(cells, "check").values()]
    for id in checks:
        box = nb.go(id).locator(".zmqcourse-verdict")
        looks.verdicts[id] = box.get_attribute("class"), box.inner_text()
    view = next(c.id for c in cells.cells if c.cell_type == "code" and "show(" in c.source)
    for theme, name in ((DARK, "dark"), (LIGHT, "light")):
        nb.theme(theme)
        shown = nb.go(view).locator(".zl").first
        nb.wait(f"document.querySelector('.zl').dataset.theme === '{name}'")
        looks.backgrounds[name] = shown.evaluate("e => getComputedStyle(e).backgroundColor")
        nb.shot(f"{file.stem}-{name}")
        nb.go(checks[0])
        nb.shot(f"{file.stem}-check-{name}")
    narrow(nb, view, f"{file.stem}-narrow", looks)


def narrow(nb: Notebook, cell: str, name: str, looks: Looks) -> None:
    nb.command("application:toggle-left-area")
    nb.page.set_viewport_size({"width": 520, "height": 900})
    nb.wait("document.body.clientWidth === 520")
    output = nb.go(cell).locator(".jp-OutputArea").first
    edges = "[...document.querySelectorAll('.zl, .zl-controls')].map(e => e.getBoundingClientRect().right)"
    nb.wait(f"Math.max(...{edges}) <= 520")
    looks.scrolls_by = output.evaluate("e => e.scrollWidth - e.clientWidth")
    looks.right_edge = max(nb.page.evaluate(edges))
    nb.page.evaluate("document.querySelector('.zl').scrollIntoView()")
    nb.shot(name)
    nb.page.set_viewport_size(WIDE)
    nb.command("application:toggle-left-area")


# --- as shipped, and solved ----------------------------------------------------------------------------------------


def test_run_all_reaches_the_end_and_everything_is_to_do(ran: tuple[Executed, Looks | None]) -> None:
    found, _ = ran
    assert found.errors == {}
    assert found.shipped and set(found.shipped.values()) == {"todo"}, found.shipped


def test_what_is_the_same_every_time_is_the_same(ran: tuple[Executed, Looks | None]) -> None:
    assert ran[0].differing == {}


def test_with_the_solutions_everything_is_solved(ran: tuple[Executed, Looks | None]) -> None:
    busy = [said for said in ran[0].solved.values() if said.startswith(BUSY)]
    if busy:
        pytest.skip(f"this machine was too busy for a verdict: {busy}")
    assert set(ran[0].solved.values()) == {"solved"}, ran[0].solved


def test_a_lesson_leaves_nothing_behind(ran: tuple[Executed, Looks | None]) -> None:
    assert ran[0].after.more_than(ran[0].before) == {}
    assert ran[0].after.ours == []


@pytest.mark.browser
def test_the_page_shows_it_in_light_in_dark_and_in_a_narrow_window(ran: tuple[Executed, Looks | None]) -> None:
    looks = ran[1]
    if looks is None:
        pytest.skip("no Chromium on this machine (set CHROMIUM to its path)")
    assert all("zmqcourse-todo" in css and "to do" in words for css, words in looks.verdicts.values())
    assert looks.backgrounds["light"] != looks.backgrounds["dark"]
    assert looks.scrolls_by <= 1 and looks.right_edge <= 520
    assert looks.errors == []


# --- its time ------------------------------------------------------------------------------------------------------


def test_a_lesson_runs_within_a_minute(ran: tuple[Executed, Looks | None]) -> None:
    assert ran[0].seconds < MOST_SECONDS


def test_the_time_it_names_is_honest(ran: tuple[Executed, Looks | None]) -> None:
    file = ran[0].file
    minutes = lessons.words(file) / WORDS_A_MINUTE + ran[0].seconds / 60
    minutes += EXERCISE_MINUTES * len(lessons.exercises(file))
    named = lessons.minutes_named(file)
    assert minutes / 1.4 <= named <= minutes * 1.4, f"{named} minutes are named, {minutes:.0f} come out"


ROW = "{:<22}{:>10}{:>9}{:>10}{:>11}{:>7}{:>7}{:>7}{:>9}{:>9}".format
HEAD = ROW("lesson", "exercises", "refused", "accepted", "questions", "words", "cells", "lines", "minutes", "seconds")


def test_a_row_of_the_table(
    ran: tuple[Executed, Looks | None], record_property: Callable[[str, object], None]
) -> None:
    """What there is of this lesson (conftest.py prints it at the end); test_checks.py runs the answers counted here."""
    file = ran[0].file
    ids = lessons.exercises(file)
    cases = [case for case in lessons.written_cases() if case.exercise in ids]
    refused, accepted = (sum(case.state == state for case in cases) for state in ("wrong", "solved"))
    accepted += len(ids)  # the folded solutions
    counts = len(ids), refused, accepted, len(lessons.questions(file)), lessons.words(file), len(lessons.cells(file))
    counts += lessons.lines(file), lessons.minutes_named(file)
    record_property("table of lessons", HEAD)
    record_property("table of lessons", ROW(file.stem, *counts, f"{ran[0].seconds:.1f}"))
    assert refused >= 5 * len(ids) and accepted >= 3 * len(ids)
