"""A small class on a real JupyterHub: nobody meets another, each one's progress is theirs, nothing is left behind.

`make hub` is the same with twenty learners and more lessons, and prints what it costs.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import hub_cells
import hub_usage
import psutil
import pytest
from environments import ROOT
from hub import SAID, hold, table
from hub_server import MARK, Missing, left_of, open_hub, packages
from hub_usage import HUB, Tcp, Watch
from stage_parts import eventually
from zmqcourse.__main__ import main
from zmqcourse.exercise import progress
from zmqcourse.learner import course_map
from zmqcourse.lessons import notebook
from zmqcourse.teaching import hubhome

HERE = Path(__file__).parent
SURROUNDINGS = {**os.environ, "PYTHONPATH": str(ROOT / "tests")}


@pytest.fixture(scope="module")
def hub_packages() -> None:
    """JupyterHub and its proxy, in build/."""
    try:
        packages()
    except Missing as why:
        pytest.skip(str(why))


@pytest.mark.thorough
def test_a_class_of_three(hub_packages: None):
    """It logs in, runs lesson 00, and says its names all at once, while the socket tables are looked at."""
    with open_hub() as hub:
        report = hold(hub, 3, ["00"], seconds=90, total=150)
        print(table(report))
        kept = [json.loads((home / progress.NAME).read_text()) for home in (hub.folder / "homes").iterdir()]
    assert report.failed == []
    assert [[ran.verdicts for ran in each] for each in report.ran.values()] == [[{"00.1": "todo"}]] * 3
    assert [set(each["exercises"]) for each in kept] == [{"00.1"}] * 3

    assert report.shared_endpoints == [] and len(report.endpoints) == 9
    assert report.foreign == [] and report.watch.crossed == set()
    assert all(talk["heard"] >= SAID for talks in report.said.values() for talk in talks.values())
    assert report.watch.looks > 5 and report.watch.listening == {"127.0.0.1"} and not report.watch.beyond
    assert left_of(hub.folder) == [] and not hub.folder.exists()


@pytest.mark.thorough
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux hands orphans to the guard")
def test_a_class_whose_program_is_killed_leaves_nothing(hub_packages: None):
    program = subprocess.Popen([sys.executable, "hub.py", "--learners", "1", "--lessons", "00"], cwd=HERE,
                               env=SURROUNDINGS, stdout=subprocess.PIPE, start_new_session=True)

    def folder() -> str:
        """The hub's folder, once a learner's server runs in it."""
        for process in psutil.Process(program.pid).children(recursive=True):
            try:
                if "jupyterhub.singleuser" in process.cmdline():
                    return process.environ().get(MARK, "")
            except psutil.Error:
                pass
        return ""

    try:
        assert eventually(folder)
        where = Path(folder())
        assert len(left_of(where)) >= 3
    finally:
        os.killpg(program.pid, signal.SIGKILL)
        program.communicate()
    assert eventually(lambda: not left_of(where) and not where.exists())


def test_what_looks_for_cross_talk_finds_it():
    """Nothing on one machine keeps an account from another's loopback port: the counts must tell."""
    hub_cells.watch()
    try:
        endpoints = hub_cells.begin("ada")
        code = f"import hub_cells; hub_cells.intrude({endpoints[-1]!r}, 'grace')"
        subprocess.run([sys.executable, "-c", code], cwd=HERE, env=SURROUNDINGS, check=True, timeout=30)
        heard = hub_cells.finish("ada", 20, 20)
        traced = hub_cells.traced()
    finally:
        hub_cells.unwatch()
    assert {transport: counts["foreign"] for transport, counts in heard.items()} == {"inproc": 0, "ipc": 0, "tcp": 1}
    assert traced["stages"] == 3 and traced["received"] > 60
    assert traced["foreign"] == [("class over tcp", "listener", "b'grace'")]


def test_what_looks_at_sockets_tells_whose_connection_it_is(monkeypatch: pytest.MonkeyPatch):
    """Two connections may come from the same port, if they go to different places."""

    def end(pid: int, port: int, to: int) -> Tcp:
        return Tcp(pid, ("127.0.0.1", port), ("127.0.0.1", to))

    watch = Watch(lambda: [])
    watch.stop()
    owner = {1: "ada", 2: "grace", 3: HUB}
    table = [end(1, 40_000, 5_001), end(1, 5_001, 40_000), end(2, 40_000, 5_002), end(3, 5_002, 40_000)]
    monkeypatch.setattr(hub_usage, "_sockets", lambda pids: table)
    watch._look_at_sockets(owner)
    assert len(watch.connections) == 2 and watch.crossed == set()
    table += [end(1, 41_000, 5_003), end(2, 5_003, 41_000)]
    watch._look_at_sockets(owner)
    assert watch.crossed == {("ada", "grace", 5_003, 41_000)}


# --- a learner's home


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The home of somebody on a hub, with the lessons in it."""
    for name in ("ZMQCOURSE_PROGRESS", "JUPYTER_DATA_DIR", "JUPYTER_CONFIG_DIR", "XDG_DATA_HOME"):
        monkeypatch.delenv(name, raising=False)
    for name in ("HOME", "USERPROFILE", "APPDATA"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.setenv("JUPYTERHUB_USER", "ada")
    hubhome.bring(tmp_path)
    monkeypatch.chdir(tmp_path / "notebooks")
    return tmp_path


def test_the_lessons_come_home_and_what_is_there_stays(home: Path, capsys: pytest.CaptureFixture[str]):
    files = sorted(file.name for file in (home / "notebooks").iterdir())
    assert files == sorted(file.name for file in (ROOT / "notebooks").glob("*.ipynb"))
    worked_in, deleted = home / "notebooks" / files[0], home / "notebooks" / files[1]
    worked_in.write_text("mine")
    deleted.unlink()
    assert main(["home", str(home)]) == 0
    assert "1 files copied" in capsys.readouterr().out
    assert worked_in.read_text() == "mine" and deleted.exists() and (home / "GLOSSARY.md").exists()
    from nbformat.sign import NotebookNotary

    assert NotebookNotary().check_signature(notebook.read(deleted)), "else it shows no live picture when loaded again"


def test_a_course_without_lessons_says_so(tmp_path: Path):
    with pytest.raises(FileNotFoundError, match="pip install -e"):
        hubhome.bring(tmp_path / "home", tmp_path)


def test_a_server_starts_even_if_the_lessons_cannot_come(tmp_path: Path):
    (tmp_path / "notebooks").write_text("a file, and no folder")
    server = [sys.executable, "-c", "print('started')"]
    command = [sys.executable, "-m", "zmqcourse", "home", str(tmp_path), "--then", *server]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", timeout=60)
    assert done.returncode == 0 and done.stdout.strip() == "started" and "could not be copied" in done.stderr


@pytest.mark.parametrize("writable", [True, False], ids=["even if each could write there", "read-only"])
def test_progress_is_in_the_home_where_the_course_is_shared(home: Path, monkeypatch, writable: bool):
    monkeypatch.setattr(os, "access", lambda path, mode: writable or not Path(path).is_relative_to(ROOT))
    assert progress.path().is_relative_to(home) and progress.path().name == progress.NAME


def test_the_map_shows_the_lessons_in_the_home(home: Path):
    assert {lesson.file.parent for lesson in course_map().lessons if lesson.file} == {home / "notebooks"}
