"""The playground in JupyterLab: changed below its own picture and built anew there; a mistake leaves it running."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from browser_lab import Notebook, open_lab
from browser_view import open_browser

pytestmark = [pytest.mark.browser, pytest.mark.filterwarnings("ignore::ResourceWarning")]
BOXES = "[...document.querySelector('.zl')?.zmqlive?.view.geo.boxes.keys() ?? []]"


@pytest.fixture(scope="module")
def nb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Notebook]:
    with open_lab(tmp_path_factory.mktemp("lab")) as lab, open_browser() as browser:
        page = browser.new_context(viewport={"width": 1280, "height": 1000}).new_page()
        notebook = Notebook(page, lab, "playground.ipynb")
        yield notebook
        assert notebook.errors == []
        notebook.close()


def test_one_builds_a_system_while_one_looks(nb: Notebook) -> None:
    page = nb.page
    nb.run("play")
    nb.go("play")
    nb.wait("document.querySelector('.zl')?.zmqlive.view.shown > 0")
    nb.wait(f"{BOXES}.length === 6")
    field = page.locator(".zl-slot textarea")    # below the picture, as wide as it
    assert field.bounding_box()["width"] > page.locator(".zl").bounding_box()["width"] * 0.9
    assert "zmq.proxy(frontend, backend)" in page.locator(".jp-OutputArea pre").last.inner_text()

    field.fill("a: PUSH binds x, every 0.05\nb: PUSH connects x")
    page.click(".zl-slot button")
    page.wait_for_selector(".zl-slot [role=alert]")
    assert "a PUSH does not talk to a PUSH" in page.inner_text(".zl-slot [role=alert]")
    assert len(page.evaluate(BOXES)) == 6

    page.locator(".zl-slot textarea").fill("a: PUSH binds x, every 0.05\nb x 3: PULL connects x, works 0.5")
    page.click(".zl-slot button")
    nb.wait(f"{BOXES}.join() === 'a,b 1,b 2,b 3'")
    nb.wait("document.querySelector('.zl').zmqlive.view.state.totals().recv > 2")
    assert page.locator(".zl").count() == 1 and page.locator("[role=alert]:text('does not talk')").count() == 0
    assert "[b] * 3" in page.locator(".jp-OutputArea pre").last.inner_text()
    nb.shot("playground")
    nb.execute("from zmqcourse.playground.playing import _last; _last[0].stop()")
