"""The lab without the course: what its installation brings, and what works with that."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import venv
from collections.abc import Iterator
from pathlib import Path

import pytest
from environments import HELPERS
from systems import GUIDE
from test_page import ask, running

pytestmark = pytest.mark.thorough
LEFT_BY_BUILDS = ("build", "*.egg-info", "__pycache__", "_fast.*.so")


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The `bin` of an environment in which the lab was installed from a checkout, and nothing else."""
    folder = tmp_path_factory.mktemp("alone")
    source = shutil.copytree(HELPERS / "zmqlive", folder / "zmqlive", ignore=shutil.ignore_patterns(*LEFT_BY_BUILDS))
    venv.create(folder / "env", clear=True)
    tools = folder / "env" / "bin"
    said(sys.executable, "-m", "pip", "--python", tools / "python", "install", "--quiet", "--no-compile", source)
    yield tools


def said(*command: object, code: int = 0) -> str:
    """What a command prints, with its errors: of an environment of its own, so nothing of this one's may lead there."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    done = subprocess.run([str(word) for word in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          stdin=subprocess.DEVNULL, encoding="utf-8", timeout=600, cwd="/", env=env)
    assert done.returncode == code, done.stdout
    return done.stdout


def test_it_brings_pyzmq_and_nothing_else(alone: Path) -> None:
    packages = json.loads(said(sys.executable, "-m", "pip", "--python", alone / "python", "list", "--format", "json"))
    assert {one["name"] for one in packages} == {"zmqlive", "pyzmq"}
    where, way = said(alone / "python", "-c",
                      "import zmqlive; print(zmqlive.__file__); print(zmqlive.way())").splitlines()
    print(way)
    assert str(alone.parent.resolve()) in str(Path(where).resolve())
    if sys.platform == "linux" and shutil.which("cc"):
        assert way.startswith("native")


def test_programs_are_run_recorded_saved_and_shown(alone: Path, tmp_path: Path) -> None:
    there, file = f"ipc://{tmp_path}/there", tmp_path / "run.zmqlive"
    out = said(alone / "zmqlive", "run", "--no-page", "--until", "client", "--save", file, GUIDE / "server.py", there,
               "--", GUIDE / "client.py", "--n", 2, there, 20)
    assert "client | answered" in out and "sent 80 · received 80 · lost 0" in out, out
    assert said(alone / "zmqlive", "ledger", file).startswith("sent 80 · received 80")
    assert "No diagnosis" in said(alone / "zmqlive", "diagnose", file)
    with running("show", file, zmqlive=alone / "zmqlive") as (_, address):
        host, _, path = address.removeprefix("http://").partition("/")
        port = int(host.rpartition(":")[2])
        assert 'src="page.js"' in ask(port, f"/{path}")[1]
        assert "export" in ask(port, f"/{path}flow.js")[1]
        assert json.loads(ask(port, f"/{path}report.json")[1])["ledger"].startswith("sent 80 · received 80")
        assert json.loads(ask(port, f"/{path}replay.json")[1])["topo"]["roles"]


def test_a_program_of_its_own_is_recorded(alone: Path) -> None:
    out = said(alone / "python", "-c", """
import zmq, zmqlive
with zmqlive.record() as trace:
    with zmq.Context() as ctx, ctx.socket(zmq.PUSH) as a, ctx.socket(zmq.PULL) as b:
        b.bind("inproc://x"); a.connect("inproc://x"); a.send(b"1"); b.recv()
print(trace.ledger(), trace.diagnosis())
""")
    assert out == "sent 1 · received 1 · lost 0 · twice 0 · waiting 0 ()\n"


@pytest.mark.parametrize(("code", "extra"), [
    ("zmqlive.show(zmqlive.record())", "notebook"), ("from zmqlive import FlowView", "notebook"),
    ("zmqlive.Stage('x')", "notebook"), ("zmqlive.figures.depth(None)", "figures"),
    ("from zmqlive import figures", "figures"), ("import zmqlive.figures", "figures")])
def test_what_needs_more_says_in_a_sentence_what(alone: Path, code: str, extra: str) -> None:
    *_, last = said(alone / "python", "-c", f"import zmqlive\n{code}", code=1).splitlines()
    assert last.startswith("ModuleNotFoundError: This needs ") and f'pip install "zmqlive[{extra}]"' in last, last
