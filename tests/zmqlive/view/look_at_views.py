"""Pictures of the lessons' live views, to be looked at: light and dark, in a wide and in a narrow window, at three
moments each, and a line for each moment that says what was said and what was drawn.

    python tests/look_at_views.py [folder [lesson …]]      by default build/shots, and the lessons with most views
"""

from __future__ import annotations

import contextlib
import sys
import tempfile
from pathlib import Path
from typing import Any

from browser_lab import DARK, LIGHT, MODEL, Lab, Notebook, open_lab
from browser_view import open_browser

LESSONS = ("00", "01", "04", "06", "08", "09", "13", "15")
WIDTHS = (1400, 900)
MOMENTS = (1.5, 3.0, 5.0)  # seconds, each from the one before
LAST = "[...document.querySelectorAll('.zl')].filter(e => e.offsetParent).pop()"
STATE = f"""() => {{ const {{ view, clock }} = {LAST}.zmqlive, root = {LAST};
  const said = +root.querySelector('.zl-waiting b').textContent.replace(/,/g, '');
  return {{ said, drawn: view.drawn.waiting + view.drawn.flying, sentence: root.querySelector('.zl-say').textContent,
    time: root.querySelector('.zl-time').textContent, state: root.dataset.mode, stride: view.state.stride }}; }}"""


def hold(nb: Notebook) -> None:
    """Stop the picture at this moment."""
    nb.page.evaluate(f"(r => r.dataset.mode === 'pause' || r.querySelector('.zl-play').click())({LAST})")
    nb.page.wait_for_timeout(400)


def take(nb: Notebook, folder: Path, name: str) -> str:
    """Pictures of this moment; the line about it."""
    hold(nb)
    seen: dict[str, Any] = nb.page.evaluate(STATE)
    for theme in (LIGHT, DARK):
        nb.theme(theme)
        for width in WIDTHS:
            nb.page.set_viewport_size({"width": width, "height": 1000})
            nb.page.wait_for_timeout(700)  # boxes move to their new places
            view = nb.page.evaluate_handle(LAST).as_element()
            view.scroll_into_view_if_needed()
            nb.page.wait_for_timeout(150)
            view.screenshot(path=str(folder / f"{name}-{'light' if theme == LIGHT else 'dark'}-{width}.png"))
    nb.theme(LIGHT)
    good = "" if seen["said"] == seen["drawn"] else "   DIFFERENT"
    thinned = f" (1 moving dot = {seen['stride']})" if seen["stride"] > 1 else ""
    return f"{name}: said {seen['said']}, drawn {seen['drawn']}{thinned}; {seen['time']}; {seen['sentence']}{good}"


def look(lab: Lab, browser: Any, lesson: str, folder: Path) -> list[str]:
    """All views of one lesson."""
    [file] = (lab.folder / "course" / "notebooks").glob(f"{lesson}-*.ipynb")
    page = browser.new_context(viewport={"width": WIDTHS[0], "height": 1000}).new_page()
    nb, lines = Notebook(page, lab, file.name), []
    nb.command("application:toggle-left-area")
    cells = nb.page.evaluate(f"{MODEL}.toJSON().cells.map(c => [c.id, c.cell_type, c.source])")
    code = [(id, source) for id, kind, source in cells if kind == "code"]
    shown = max(i for i, (_, source) in enumerate(code) if "show(" in source)
    for id, source in code[: shown + 1]:
        nb.run(id, 90)
        if "show(" not in source:
            continue
        nb.go(id)
        nb.wait(f"{LAST}?.zmqlive.view.state.totals().sent > 0", 20)
        for moment, seconds in enumerate(MOMENTS, 1):
            nb.page.wait_for_timeout(1000 * seconds)
            lines.append(take(nb, folder, f"{lesson}-{id}-{moment}"))
            print(lines[-1], flush=True)
            nb.page.evaluate(f"() => {LAST}.querySelector('.zl-live').click()")
    with contextlib.suppress(Exception):
        nb.close()
    return lines


def main(folder: Path, lessons: list[str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch, open_lab(Path(scratch)) as lab, open_browser() as browser:
        lines = [line for lesson in lessons for line in look(lab, browser, lesson, folder)]
    (folder / "lines.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "build/shots"), sys.argv[2:] or list(LESSONS))
