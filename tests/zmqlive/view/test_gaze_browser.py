"""Nobody looks: a live view in JupyterLab tells the kernel when it is out of sight, on a hidden tab, or collapsed."""

# ruff: noqa: E501 (the scripts for the page are JavaScript)

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from browser_lab import Notebook, open_lab, until
from browser_view import open_browser
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

pytestmark = [pytest.mark.browser]
STAGE = """
import time
import zmq
from zmqlive import Stage
from zmqlive.view import show

def source(ctx, endpoint):
    with ctx.socket(zmq.PUSH) as push:
        push.bind(endpoint)
        while True:
            push.send(b"x")
            time.sleep(0.05)

def sink(ctx, endpoint):
    with ctx.socket(zmq.PULL) as pull:
        pull.connect(endpoint)
        while True:
            pull.recv()

stage = Stage("Looked at", seconds=200)
endpoint = stage.endpoint("inproc", name="x")
stage.add(sink, endpoint)
stage.add(source, endpoint)
stage.start()
view = show(stage)
view
"""


def test_the_kernel_knows_whether_anybody_looks(tmp_path: Path) -> None:
    cells = [new_code_cell(STAGE, id="stage"), *(new_markdown_cell(f"# {n}\n\n" + "text\n\n" * 12) for n in range(12))]
    with open_lab(tmp_path) as lab, open_browser() as browser:
        folder = lab.folder / "course" / "notebooks"
        kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
        other = new_notebook(cells=[new_code_cell("1 + 1", id="one")], metadata=kernel)
        nbformat.write(new_notebook(cells=cells, metadata=kernel), folder / "look.ipynb")
        nbformat.write(other, folder / "other.ipynb")
        nb = Notebook(browser.new_page(viewport={"width": 1200, "height": 900}), lab, "look.ipynb")
        nb.run("stage")

        def looked_at(expected: bool) -> None:
            until(lambda: nb.ask("view._pump.looking") is expected, every=0.3)

        nb.go("stage")
        looked_at(True)
        given = nb.ask("view._pump.batches")
        until(lambda: nb.ask("view._pump.batches") > given + 10)
        last = cells[-1]["id"]
        nb.go(last)  # scrolled away
        looked_at(False)
        nb.go("stage")
        looked_at(True)
        nb.page.evaluate("() => { document.querySelector('.jp-OutputArea-output .zl').closest('.jp-Cell-outputWrapper').style.display = 'none'; }")
        looked_at(False)  # collapsed
        nb.page.evaluate("() => { document.querySelector('.jp-Cell-outputWrapper').style.display = ''; }")
        looked_at(True)
        nb.page.evaluate("() => { window.mine = jupyterapp.shell.currentWidget.id; }")
        nb.page.evaluate("() => { window.kernel = jupyterapp.shell.currentWidget.sessionContext.session.kernel; }")
        # another tab before it
        nb.page.evaluate("() => { jupyterapp.commands.execute('docmanager:open', { path: 'notebooks/other.ipynb' }); }")
        # it comes to the front a second time when it is ready
        nb.wait("jupyterapp.shell.currentWidget.id !== window.mine && jupyterapp.shell.currentWidget.sessionContext.isReady")

        def hidden() -> bool:
            reply = nb.page.evaluate(
                """async () => (await window.kernel.requestExecute({ code: "", store_history: false,
                user_expressions: { it: "view._pump.looking" } }).done)?.content.user_expressions.it"""
            )
            return bool(reply) and reply["data"]["text/plain"] == "False"

        until(hidden, every=0.3)
        nb.page.evaluate("() => { jupyterapp.shell.activateById(window.mine); }")
        nb.wait("jupyterapp.shell.currentWidget?.id === window.mine")
        looked_at(True)
        nb.page.evaluate("() => { window.kernel.shutdown(); }")
