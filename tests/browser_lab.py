"""JupyterLab for the browser's tests: a server on a copy of the course, and a page in which a lesson is open."""

from __future__ import annotations

import ast
import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import psutil
from machine import PATIENCE, until

ROOT = Path(__file__).resolve().parents[1]
LIGHT, DARK = "JupyterLab Light", "JupyterLab Dark"
# As `make lab` has it: no questions at the start, and no look for news or updates; a test never asks the network.
OURS = {f"apputils-extension/{name.split(':')[1]}": settings
        for name, settings in json.loads((ROOT / "deploy" / "jupyterlab.json").read_text()).items()}
SETTINGS = {**OURS, "apputils-extension/themes": {"theme": LIGHT}}
OPTIONS = [
    "--no-browser",
    "--allow-root",
    "--ServerApp.ip=127.0.0.1",
    "--ServerApp.port=0",  # any free one; the server writes down which
    "--IdentityProvider.token=",
    "--ServerApp.password=",
    "--ServerApp.disable_check_xsrf=True",
    "--LabApp.expose_app_in_browser=True",
    "--LabApp.extension_manager=readonly",
]


class Lab:
    """A JupyterLab server in its own folder; `end` stops it and its kernels."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        course = folder / "course"
        shutil.copytree(ROOT / "notebooks", course / "notebooks", ignore=shutil.ignore_patterns(".*"))
        shutil.copy(ROOT / "GLOSSARY.md", course)
        (course / "assets").mkdir()
        for picture in (ROOT / "assets").glob("*.svg"):
            shutil.copy(picture, course / "assets")
        for name, settings in SETTINGS.items():
            self.set(name, **settings)
        self.temporary = folder / "temporary"
        self.temporary.mkdir()
        jupyter = {"CONFIG_DIR": "config", "DATA_DIR": "data", "RUNTIME_DIR": "runtime"}
        lab = {"SETTINGS_DIR": "settings", "WORKSPACES_DIR": "workspaces"}
        env = {
            **os.environ,
            **{f"JUPYTER_{key}": str(folder / name) for key, name in jupyter.items()},
            **{f"JUPYTERLAB_{key}": str(folder / name) for key, name in lab.items()},
            "JUPYTER_PREFER_ENV_PATH": "1",
            **dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(self.temporary)),
            "ZMQCOURSE_PROGRESS": str(folder / "progress.json"),
        }
        self._log = (folder / "lab.log").open("w")
        # As `make lab` should: a lesson comes with outputs, and in one that is not trusted a reload shows no view.
        lessons = sorted(str(file) for file in (course / "notebooks").glob("*.ipynb"))
        trust = [sys.executable, "-m", "nbformat.sign", *lessons]
        subprocess.run(trust, env=env, check=True, timeout=PATIENCE, stdout=self._log, stderr=self._log)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "jupyterlab", *OPTIONS, f"--ServerApp.root_dir={course}"],
            cwd=course,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=subprocess.STDOUT,
        )
        try:
            self.url = self._address()
        except BaseException:
            self.end()
            raise

    def set(self, name: str, **settings: Any) -> None:
        """Write a learner's settings, as the settings editor would; pages opened later have them."""
        file = self.folder / "settings" / "@jupyterlab" / f"{name}.jupyterlab-settings"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(settings))

    def _address(self) -> str:
        """Where the server answers, once it does."""
        said = self.folder / "runtime" / f"jpserver-{self.process.pid}.json"

        def answers() -> str | None:
            if self.process.poll() is not None:
                raise RuntimeError((self.folder / "lab.log").read_text()[-2000:])
            with contextlib.suppress(OSError, ValueError):
                url = json.loads(said.read_text())["url"].rstrip("/")
                urlopen(f"{url}/api/status", timeout=10).close()
                return url
            return None

        return until(answers)

    def end(self) -> None:
        """Stop the server, and what it had started."""
        below = []
        with contextlib.suppress(psutil.NoSuchProcess):
            below = psutil.Process(self.process.pid).children(recursive=True)
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(30)
        for left in below:
            with contextlib.suppress(psutil.NoSuchProcess):
                left.kill()
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(PATIENCE)
        self._log.close()


class Notebook:
    """One lesson in a page of the browser; the page may have shown another before, which was closed."""

    subshells = True

    def __init__(self, page: Any, lab: Lab, name: str) -> None:
        self.page = page
        self.lab = lab
        self.name = name
        self.errors: list[str] = []
        page.set_default_timeout(1000 * PATIENCE)
        self._hearing = {"console": self._hear, "pageerror": lambda error: self.errors.append(str(error))}
        for event, hear in self._hearing.items():
            page.on(event, hear)
        if page.url.startswith(lab.url):
            self.command("docmanager:open", path=f"notebooks/{name}")
        else:
            page.goto(f"{lab.url}/lab/tree/notebooks/{name}?reset")
        self.ready()

    def _hear(self, message: Any) -> None:
        source = message.location.get("url", "")
        # JupyterLab's core complains of its own futures after a restart, and its server of a kernel that ends while it
        # is asked for; widgets and views come from elsewhere.
        if message.type == "error" and "/static/lab/" not in source and "/api/" not in source:
            self.errors.append(f"{message.text} {source}")

    def ready(self) -> None:
        """Wait until the notebook is there and its kernel idle."""
        self.page.wait_for_selector(".jp-Notebook .jp-Cell")
        self.wait(f"{KERNEL}?.status === 'idle'")

    def wait(self, condition: str) -> Any:
        """Wait until a JavaScript expression is true in the page. AssertionError, with what stands still, when it
        never is."""
        try:
            # not at each frame: a condition may ask for all of a notebook
            return self.page.wait_for_function(condition, polling=100)
        except Exception as error:
            raise AssertionError(f"{condition} is not true: {self._stands()}") from error

    def _stands(self) -> str:
        """What the page knows of its kernel and its cells."""
        with contextlib.suppress(Exception):
            seen = self.page.evaluate(
                f"""() => ({{ status: {KERNEL}?.status, connection: {KERNEL}?.connectionStatus,
                cells: [...{MODEL}.cells].filter(c => c.type === 'code' && !c.executionCount).map(c => c.id) }})"""
            )
            return f"the kernel is {seen['status']} and {seen['connection']}, not run are {seen['cells']}"
        return "the page does not answer"

    def command(self, name: str, **arguments: Any) -> None:
        """What the menu entry of this name does; comes back when JupyterLab has done it."""
        self.page.evaluate(
            "async ([name, args]) => { await jupyterapp.commands.execute(name, args); }", [name, arguments]
        )

    def run_all(self) -> None:
        """Run → Run All Cells, from the menu, until the last cell has run, or one has failed: that ends it."""
        self.page.evaluate(f"{MODEL}.cells && [...{MODEL}.cells].forEach(c => c.type === 'code' && c.clearExecution())")
        self.page.click(".lm-MenuBar-itemLabel:text-is('Run')")
        self.page.click("[data-command='runmenu:run-all']")
        self.wait(f"{KERNEL}.status === 'idle' && ({LAST}.executionCount > 0 || {FAILED})")

    def restart(self) -> None:
        """Kernel → Restart, without its question."""
        self.page.evaluate(f"{KERNEL}.restart()")
        self.wait(f"{KERNEL}?.status === 'idle'")

    def outputs(self) -> dict[str, list[dict[str, Any]]]:
        """Cell id → its outputs, as they would be saved."""
        cells = self.page.evaluate(f"{MODEL}.toJSON().cells")
        return {cell["id"]: cell.get("outputs", []) for cell in cells}

    def output(self, cell: str) -> list[dict[str, Any]]:
        """The outputs of one cell, as they would be saved."""
        return self.page.evaluate(f"i => {MODEL}.cells.get(i).toJSON().outputs", self.index(cell))

    def error_cells(self) -> dict[str, str]:
        """Cell id → the error that it ended with."""
        return {
            id: f"{output['ename']}: {output['evalue']}"
            for id, outputs in self.outputs().items()
            for output in outputs
            if output["output_type"] == "error"
        }

    def index(self, cell: str) -> int:
        """The place of a cell in the notebook."""
        return self.page.evaluate(f"id => [...{MODEL}.cells].findIndex(c => c.id === id)", cell)

    def go(self, cell: str) -> Any:
        """Bring a cell into sight; its element."""
        index = self.index(cell)
        place = f".jp-Notebook .jp-Cell[data-windowed-list-index='{index}']"

        def in_sight() -> bool:
            """JupyterLab scrolls by estimated heights, and takes cells away that have gone out of sight."""
            self.page.evaluate(f"i => {PANEL}.content.scrollToItem(i, 'start')", index)
            self.page.wait_for_timeout(150)
            return self.page.evaluate(
                """place => { const box = document.querySelector(place)?.getBoundingClientRect();
                return !!box && box.height > 0 && box.bottom > 0 && box.top < innerHeight; }""", place
            )

        until(in_sight)
        return self.page.locator(place).first

    def write(self, cell: str, source: str) -> None:
        """Put this source into a cell, as if typed."""
        self.page.evaluate(
            f"([i, text]) => {MODEL}.cells.get(i).sharedModel.setSource(text)", [self.index(cell), source]
        )

    def run(self, cell: str) -> None:
        """Run one cell, as Shift+Enter would."""
        index = self.index(cell)
        self.page.evaluate(
            f"i => {{ {PANEL}.content.activeCellIndex = i; {MODEL}.cells.get(i).clearExecution(); }}", index
        )
        self.command("notebook:run-cell")
        self.wait(f"{MODEL}.cells.get({index}).executionCount > 0 && {KERNEL}.status === 'idle'")

    def run_to(self, cell: str) -> None:
        """Run all code cells from the top down to this one."""
        cells = self.page.evaluate(f"{MODEL}.toJSON().cells.map(c => [c.id, c.cell_type])")
        wanted = [id for id, kind in cells[: self.index(cell) + 1] if kind == "code"]
        for id in wanted:
            self.run(id)

    def ask(self, expression: str) -> Any:
        """The value that a Python expression has in the kernel; not counted as a run."""
        reply = self.page.evaluate(
            f"""async code => {{ const options = {{ code: "", store_history: false, user_expressions: {{ it: code }} }};
            return (await {KERNEL}.requestExecute(options).done).content.user_expressions.it; }}""",
            f"__import__('json').dumps({expression})",
        )
        assert reply["status"] == "ok", reply
        return json.loads(ast.literal_eval(reply["data"]["text/plain"]))

    def execute(self, code: str) -> None:
        """Run this in the kernel, beside the notebook: nothing of it is shown or counted."""
        status = self.page.evaluate(
            f"""async code => (await {KERNEL}.requestExecute({{ code, silent: true }}).done).content.status""", code
        )
        assert status == "ok", code

    def kernel(self) -> psutil.Process:
        """The kernel's process."""
        return psutil.Process(self.ask("__import__('os').getpid()"))

    def shot(self, name: str) -> None:
        """Keep what is to be seen as a picture: $ZMQ_SHOTS/name.png, by default in build/shots."""
        folder = Path(os.environ.get("ZMQ_SHOTS") or ROOT / "build" / "shots")
        folder.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=str(folder / f"{name}.png"))

    def leave(self) -> None:
        """End the kernel and close the notebook; its page stays for the next."""
        self.page.evaluate(f"async () => {{ await {PANEL}.sessionContext.shutdown(); {PANEL}.dispose(); }}")
        for event, hear in self._hearing.items():
            self.page.remove_listener(event, hear)

    def close(self) -> None:
        """End the kernel, and the page with its context."""
        with contextlib.suppress(Exception):  # the kernel may be gone already
            self.page.evaluate(f"{PANEL}.sessionContext.shutdown()")
        self.page.context.close()

    def theme(self, name: str) -> None:
        """Settings → Theme."""
        self.command("apputils:change-theme", theme=name)
        self.wait(f"document.body.dataset.jpThemeName === '{name}'")
        self.page.wait_for_timeout(300)


PANEL = "jupyterapp.shell.currentWidget"
MODEL = f"{PANEL}.content.model"
KERNEL = f"{PANEL}?.sessionContext?.session?.kernel"
FAILED = f"[...{MODEL}.cells].some(c => (c.toJSON().outputs || []).some(o => o.output_type === 'error'))"
LAST = f"{MODEL}.cells.get({MODEL}.cells.length - 1)"


@contextlib.contextmanager
def open_lab(folder: Path) -> Iterator[Lab]:
    lab = Lab(folder)
    try:
        yield lab
    finally:
        lab.end()
