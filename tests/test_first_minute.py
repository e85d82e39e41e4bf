"""Somebody's first minute: lesson 00 is opened in JupyterLab. What stands there moves; a message that they wrote
travels, waits and arrives; they ask it. Frames of it are kept in build/shots."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import lessons
import pytest
from browser_lab import DARK, Notebook, open_lab
from browser_view import open_browser

pytestmark = [pytest.mark.browser, pytest.mark.filterwarnings("ignore::ResourceWarning")]
VIEW = "document.querySelector('.zl')"
SAID = f"{VIEW}.querySelector('.zl-say').textContent"


@pytest.fixture(scope="module")
def nb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Notebook]:
    with open_lab(tmp_path_factory.mktemp("lab")) as lab, open_browser() as browser:
        page = browser.new_context(viewport={"width": 1400, "height": 900}).new_page()
        notebook = Notebook(page, lab, lessons.FILES[0].name)
        page.set_default_timeout(20000)
        yield notebook
        assert notebook.errors == []
        notebook.close()


def shown(nb: Notebook, selector: str) -> dict[str, Any]:
    """Where something stands on the screen."""
    return nb.page.locator(selector).first.bounding_box()


def test_the_first_minute(nb: Notebook) -> None:
    page = nb.page
    still = page.locator(".jp-MarkdownOutput img[src*='00-first.svg']")
    still.wait_for()
    nb.wait("[...document.querySelectorAll('.jp-MarkdownOutput img')].every(i => i.complete && i.naturalWidth > 600)")
    nb.shot("00-minute-0-opened")
    first = page.locator(".jp-CodeCell").first
    assert first.bounding_box()["y"] + first.bounding_box()["height"] < 900, "the cell to run is on the first screen"
    frame = still.screenshot()
    nb.wait("new Promise(done => setTimeout(done, 700))")
    assert still.screenshot() != frame, "it moves before anything has run"

    nb.run("first")
    nb.go("first")
    nb.wait(f"{VIEW}?.zmqlive.view.shown > 0")
    nb.wait(f"{VIEW}.querySelector('.zl-slot .zl-controls button')")  # right below the picture
    picture, button = shown(nb, ".zl-stage"), shown(nb, ".zl-slot button")
    assert picture["y"] + picture["height"] < button["y"] + 1 and button["y"] + button["height"] < 900
    assert picture["height"] > shown(nb, ".zl")["height"] / 2
    nb.shot("00-minute-1-runs")

    field = page.locator(".zl-slot input[type=text]")
    field.fill("Hello from me")
    field.press("Enter")
    nb.wait(f"{SAID}.includes('“Hello from me” waits')")
    nb.shot("00-minute-2-waits")
    nb.wait(f"{SAID}.includes('“Hello from me” is in the hands of clerk')")
    nb.shot("00-minute-3-read")
    for _ in range(3):
        page.click(".zl-slot button")
    nb.wait(f"{SAID}.includes('before it')")
    nb.shot("00-minute-4-three-more")

    at = page.evaluate(f"""() => {{ const {{ view }} = {VIEW}.zmqlive;
        const r = {VIEW}.querySelector('.zl-dots').getBoundingClientRect();
        const m = [...view.state.msgs.values()].filter(m => m.tr === undefined && m.seen === view.drawnFrame).pop();
        return [m.id, m.x * view.cam.k + view.cam.x + r.left, m.y * view.cam.k + view.cam.y + r.top]; }}""")
    page.mouse.click(*at[1:])
    page.wait_for_selector(".zl-card:not([hidden])")
    card = page.inner_text(".zl-card")
    assert f"Message {at[0]}" in card and "frame 1" in card and "→ clerk" in card
    nb.shot("00-minute-5-asked")
    nb.theme(DARK)
    nb.go("first")
    nb.wait("document.querySelector('.zl-card').innerText.includes('arrived')")
    nb.shot("00-minute-6-arrived-dark")
    sent = nb.ask("desk.stage.sent('you')")
    assert sent == 4 and nb.ask("len(desk.outbox)") == 0
    nb.execute("desk.stage.stop()")
