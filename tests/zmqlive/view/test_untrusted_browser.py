"""A saved notebook that is not trusted, in JupyterLab: still pictures, and one sentence that says what to do."""

# ruff: noqa: E501 (the scripts for the page are JavaScript)

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from browser_lab import Lab, Notebook, open_lab
from browser_view import open_browser
from nbformat.v4 import new_code_cell, new_notebook, new_output
from view_feeds import fan_out, replay_from
from zmqcourse import predict
from zmqlive import figures
from zmqlive.trace import Connection, Message, SocketInfo, Trace
from zmqlive.view import FlowView

pytestmark = [pytest.mark.browser]
CELLS = ("view", "figure", "predict", "plain")


def bundle(shown: Any) -> dict[str, Any]:
    """What a front end is given of a value, as a notebook keeps it."""
    data = shown._repr_mimebundle_()
    data = data[0] if isinstance(data, tuple) else data
    return {kind: base64.b64encode(v).decode() if isinstance(v, bytes) else v for kind, v in data.items()}


def trace() -> Trace:
    sockets = (SocketInfo(0, "PUSH", "producer"), SocketInfo(1, "PULL", "worker"))
    messages = tuple(
        Message(i, 0, 1, 0, 0.1 * i, 0.1 * i + 0.05, 0.1 * i + 0.08, (b"x",), 1) for i in range(8)
    )
    one = Connection(0, 0, 1, "tcp", "")
    return Trace(title="t", seconds=1.0, sockets=sockets, connections=(one,), messages=messages)


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    view = FlowView(replay_from(fan_out(2), seconds=2, rate=60, work=200, title="A saved run"))
    shown = {
        "view": bundle(view),
        "figure": bundle(figures.lanes(trace())),
        "predict": bundle(predict("99.z", "What happens, with `SNDHWM` 10?", [10, 20, "it blocks"])),
        "plain": {"text/plain": "'just text'"},
    }
    view.close()
    cells = [
        new_code_cell(f"# {name}", id=name, execution_count=1, outputs=[new_output("execute_result", data, execution_count=1)])
        for name, data in shown.items()
    ]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
    with open_lab(tmp_path_factory.mktemp("untrusted")) as lab:
        nbformat.write(new_notebook(cells=cells, metadata=kernel), lab.folder / "course" / "notebooks" / "saved.ipynb")
        yield lab


def look(nb: Notebook) -> dict[str, dict[str, Any]]:
    """What each cell's output shows."""
    return nb.page.evaluate(
        """names => Object.fromEntries(names.map((name, i) => {
          const out = document.querySelectorAll('.jp-Notebook .jp-Cell')[i].querySelector('.jp-OutputArea-output');
          const size = e => { const b = e.getBoundingClientRect(); return [b.width, b.height]; };
          const texts = [], walk = document.createTreeWalker(out, NodeFilter.SHOW_TEXT);
          while (walk.nextNode()) { const r = document.createRange(); r.selectNodeContents(walk.currentNode);
            const b = r.getBoundingClientRect(); if (b.width > 0.5 && b.height > 0.5 && walk.currentNode.data.trim()) texts.push(walk.currentNode.data.trim()); }
          return [name, { text: texts.join(' '), svg: out.querySelectorAll('svg').length, widget: out.querySelectorAll('.zl, .jupyter-widgets').length,
            images: [...out.querySelectorAll('img')].map(e => [e.naturalWidth, ...size(e), e.alt]) }];
        }))""",
        list(CELLS),
    )


def test_what_is_seen_of_a_notebook_that_is_not_trusted(saved: Lab) -> None:
    with open_browser() as browser:
        nb = Notebook(browser.new_page(viewport={"width": 1200, "height": 1000}), saved, "saved.ipynb")
        nb.page.wait_for_timeout(500)
        seen = look(nb)
        nb.shot("untrusted")
        view, figure, asked = seen["view"], seen["figure"], seen["predict"]
        assert view["widget"] == 0 and view["svg"] == 0, "it is not trusted"
        [(_, wide, high, said)] = view["images"]
        assert wide > 400 and high > 80 and "A saved run" in said
        assert view["text"].count("File → Trust Notebook") == 1 and "[A saved run]" not in view["text"]
        [(_, wide, high, said)] = figure["images"]
        assert wide > 400 and high > 80 and "at work" in said
        assert "File → Trust Notebook" in figure["text"] and "seconds" not in figure["text"], figure["text"]
        for words in ("What happens, with", "10", "20", "it blocks", "File → Trust Notebook"):
            assert words in asked["text"]
        assert "( )" not in asked["text"]

        # File → Trust Notebook: the figure itself, in the theme of the page
        nb.page.evaluate("() => { jupyterapp.commands.execute('notebook:trust'); }")
        nb.page.click(".jp-Dialog button.jp-mod-accept, .jp-Dialog button.jp-mod-warn")
        nb.wait("document.querySelectorAll('.zmqlive-figure svg').length === 1")
        seen = look(nb)
        nb.shot("trusted")
        assert seen["figure"]["images"] == [] and "Trust" not in seen["figure"]["text"] and "seconds" in seen["figure"]["text"]
        assert json.dumps(seen["plain"]).count("just text") == 1
        nb.close()


def test_what_is_shown_in_place_of_a_widget_is_small(tmp_path: Path) -> None:
    view = FlowView(replay_from(fan_out(8), seconds=2))
    assert len(view._repr_mimebundle_()[0]["text/html"]) < 60_000
    view.close()
    assert len(bundle(figures.lanes(trace()))["text/html"]) < 120_000
