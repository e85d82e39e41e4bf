"""Every lesson as a learner gets it: run as shipped and solved, side by side, with nothing left behind; its anatomy."""

from __future__ import annotations

import ast
import json
import os
import re
import shutil
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import lessons
import nbformat
import psutil
import pytest
from jupyter_client.manager import start_new_kernel
from nbformat import NotebookNode
from zmqcourse.lessons import notebook

FILES = lessons.FILES
pytestmark = [
    pytest.mark.timeout(200),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),  # of jupyter_client, whose sockets the tests do not own
]

MOST_SECONDS = 60  # of a lesson that runs unattended
WORDS_A_MINUTE = 200
EXERCISE_MINUTES = 10
each_lesson = pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)


# --- running -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Run:
    """One pytest process over a lesson: exit code, what was printed, cell id → its state.

    A state is pytest's outcome, or that of the exercise where the cell is a check.
    """

    code: int
    text: str
    cells: dict[str, str]

    @classmethod
    def of(cls, folder: Path, file: Path, *options: str, **env: str) -> Run:
        folder.mkdir()
        report = folder / "report.xml"
        copied = shutil.copy(file, folder)
        status, text = lessons.run_notebooks(Path(copied), options=(f"--junitxml={report}", *options), **env)
        ids = [cell.id for cell in code(file)]
        found = dict(_states(ElementTree.parse(report))) if report.exists() else {}
        return cls(status, text, {ids[number]: state for number, state in found.items()})


def _states(report: ElementTree.ElementTree) -> Iterator[tuple[int, str]]:
    """Number of the code cell, and its state."""
    for case in report.iter("testcase"):
        state = next((p.get("value", "") for p in case.iter("property") if p.get("name") == "state"), "")
        bad = any(case.find(kind) is not None for kind in ("failure", "error", "skipped"))
        number = re.match(r"Cell (\d+)", case.get("name", ""))
        assert number, case.get("name")
        yield int(number.group(1)), "failed" if bad else state or "passed"


@dataclass(frozen=True)
class Ran:
    """A lesson run three times at once: as shipped, answered in a kernel that is looked at, and by --solutions."""

    file: Path
    shipped: Run
    before: Left
    after: Left
    solutions: Run
    progress: dict[str, str]


@pytest.fixture(scope="module")
def progress(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The one progress file of all kernels, as on a learner's machine."""
    return tmp_path_factory.mktemp("progress") / "progress.json"


@pytest.fixture(scope="module", params=FILES, ids=lambda file: file.stem)
def ran(request: pytest.FixtureRequest, progress: Path, tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """Each lesson's runs, at the same time; two of them share the progress file."""
    file, base = request.param, tmp_path_factory.mktemp("lesson")
    shared = {"ZMQCOURSE_PROGRESS": str(progress)}
    with ThreadPoolExecutor() as pool:
        beside = pool.submit(Run.of, base / "shipped", file, "--require=todo", **shared)
        solved = pool.submit(Run.of, base / "solutions", file, "--solutions", "--require=solved")
        before, after = answered_in_one_kernel(file, base / "kernel", **shared)
        shipped, solutions = beside.result(), solved.result()
    kept = json.loads(progress.read_text(encoding="utf-8"))["exercises"]
    states = {id: entry["state"] for id, entry in kept.items()}
    return Ran(file, shipped, before, after, solutions, states)


def test_as_shipped_everything_is_to_do_and_all_cells_run(ran: Ran) -> None:
    assert ran.shipped.code == 0, ran.shipped.text
    wanted = {cell.id: "todo" if notebook.mark(cell, "check") else "passed" for cell in code(ran.file)}
    assert ran.shipped.cells == wanted


def test_with_the_solutions_everything_is_solved(ran: Ran) -> None:
    assert ran.solutions.code == 0, ran.solutions.text
    wanted = {cell.id: "solved" if notebook.mark(cell, "check") else "passed" for cell in code(ran.file)}
    assert ran.solutions.cells == wanted


def test_what_one_kernel_solved_another_does_not_undo(ran: Ran, progress: Path) -> None:
    assert {id: ran.progress.get(id) for id in exercises(ran.file)} == dict.fromkeys(exercises(ran.file), "solved")
    # the lock and the drafts are gone: the file stands alone
    assert [file.name for file in progress.parent.iterdir()] == ["progress.json"]


# --- what a lesson leaves behind -----------------------------------------------------------------------------------

# What libraries open once and keep: matplotlib its fonts, pyzmq a thread for large messages (a view's script is one).
SETUP = """
import json, threading
from IPython.display import display
from zmqlive import FlowView, Stage, figures

def role(ctx):
    ctx.socket(zmq.PUSH).bind("tcp://127.0.0.1:*")

import zmq
with Stage("Warm up") as stage:
    stage.add(role)
    stage.start()
    FlowView(stage).close()
display(figures.lanes(stage.trace()))
"""
THREADS = "open({file!r}, 'w').write(json.dumps(sorted(t.name for t in threading.enumerate())))"


@dataclass(frozen=True)
class Left:
    """What there is in a kernel: Python's threads by name, all threads, descriptors, ports, child processes, files."""

    names: tuple[str, ...]
    threads: int
    descriptors: int
    listening: tuple[int, ...]
    connections: int
    children: tuple[int, ...]
    files: tuple[str, ...]
    seconds: float = 0.0

    @property
    def ours(self) -> list[str]:
        """Threads of a stage, a view, a link, a recorder."""
        return [name for name in self.names if re.search(r"zmqlive|stage|^role |link", name)]

    def more_than(self, before: Left) -> dict[str, Any]:
        """What has come since, beyond one thread or descriptor that a library may keep."""
        grown: dict[str, Any] = {
            "names": [name for name in self.names if self.names.count(name) > before.names.count(name)],
            "listening": sorted(set(self.listening) - set(before.listening)),
            "children": sorted(set(self.children) - set(before.children)),
            "files": sorted(set(self.files) - set(before.files)),
            "connections": max(0, self.connections - before.connections),
            "threads": max(0, self.threads - before.threads - 1),
            "descriptors": max(0, self.descriptors - before.descriptors - 1),
        }
        return {what: much for what, much in grown.items() if much}


def answered_in_one_kernel(file: Path, folder: Path, **env: str) -> tuple[Left, Left]:
    """Run the solved lesson cell by cell in a kernel; what there was in it before and after."""
    temporary = folder / "temporary"
    temporary.mkdir(parents=True)
    env = {**os.environ, "TMPDIR": str(temporary), "TEMP": str(temporary), "TMP": str(temporary), **env}
    manager, client = start_new_kernel(cwd=str(folder), env=env)
    try:
        process = psutil.Process(manager.provisioner.pid)
        run(client, SETUP)
        before = settled(lambda: look(client, process, temporary), lambda left: not left.ours)
        began = time.perf_counter()
        for cell in notebook.solve(lesson(file)).cells:
            if cell.cell_type == "code":
                run(client, cell.source)
        seconds = time.perf_counter() - began
        return before, settled(
            lambda: look(client, process, temporary, seconds),
            lambda left: not left.more_than(before) and not left.ours,
        )
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def settled(look: Callable[[], Left], still: Callable[[Left], bool]) -> Left:
    """What there is once it is still, or after three seconds."""
    end = time.monotonic() + 3
    while not still(left := look()) and time.monotonic() < end:
        time.sleep(0.1)
    return left


def run(client: Any, code: str) -> None:
    reply = client.execute(code, reply=True, timeout=60)["content"]
    assert reply["status"] == "ok", f"{reply.get('ename')}: {reply.get('evalue')}\n{code}"


def look(client: Any, process: psutil.Process, temporary: Path, seconds: float = 0.0) -> Left:
    names = temporary.with_name("threads.json")
    run(client, THREADS.format(file=str(names)))
    connections = process.net_connections() if hasattr(process, "net_connections") else process.connections()
    return Left(
        names=tuple(json.loads(names.read_text())),
        threads=process.num_threads(),
        descriptors=process.num_fds() if hasattr(process, "num_fds") else process.num_handles(),
        listening=tuple(c.laddr.port for c in connections if c.status == psutil.CONN_LISTEN),
        connections=len(connections),
        children=tuple(child.pid for child in process.children(recursive=True)),
        files=tuple(str(f.relative_to(temporary)) for f in temporary.rglob("*") if "matplotlib" not in str(f)),
        seconds=seconds,
    )


def test_a_lesson_leaves_nothing_behind(ran: Ran) -> None:
    assert ran.after.more_than(ran.before) == {}
    assert ran.after.ours == []


def test_a_lesson_runs_within_a_minute(ran: Ran) -> None:
    assert ran.after.seconds < MOST_SECONDS


def test_the_time_it_names_is_honest(ran: Ran) -> None:
    minutes = words(ran.file) / WORDS_A_MINUTE + ran.after.seconds / 60
    minutes += EXERCISE_MINUTES * len(exercises(ran.file))
    named = minutes_named(ran.file)
    assert minutes / 1.4 <= named <= minutes * 1.4, f"{named} minutes are named, {minutes:.0f} come out"


@each_lesson
def test_the_teachers_guide_names_the_same_time(file: Path) -> None:
    rows = re.findall(r"^\| (\d\d) \| (\d+) \|", (lessons.ROOT / "TEACHING.md").read_text(encoding="utf-8"), re.M)
    assert int(dict(rows)[file.name[:2]]) == minutes_named(file)


ROW = "{:<22}{:>10}{:>9}{:>10}{:>11}{:>7}{:>9}{:>9}".format
HEAD = ROW("lesson", "exercises", "refused", "accepted", "questions", "words", "minutes", "seconds")


def test_a_row_of_the_table(ran: Ran, record_property: Callable[[str, object], None]) -> None:
    """What there is of this lesson (conftest.py prints it at the end); test_checks.py runs the answers counted here."""
    ids = exercises(ran.file)
    cases = [case for case in lessons.written_cases() if case.exercise in ids]
    refused, accepted = (sum(case.state == state for case in cases) for state in ("wrong", "solved"))
    accepted += len(ids)  # the folded solutions
    counts = len(ids), refused, accepted, len(questions(ran.file)), words(ran.file), minutes_named(ran.file)
    record_property("table of lessons", HEAD)
    record_property("table of lessons", ROW(ran.file.stem, *counts, f"{ran.after.seconds:.1f}"))
    assert refused >= 5 * len(ids) and accepted >= 3 * len(ids)


# --- anatomy -------------------------------------------------------------------------------------------------------


@cache
def lesson(file: Path) -> NotebookNode:
    return nbformat.read(file, as_version=4)


def prose(file: Path) -> list[NotebookNode]:
    """What is read: the markdown but the folded solutions."""
    return [c for c in lesson(file).cells if c.cell_type == "markdown" and not notebook.mark(c, "solution")]


def code(file: Path) -> list[NotebookNode]:
    return [cell for cell in lesson(file).cells if cell.cell_type == "code"]


def words(file: Path) -> int:
    text = re.sub(r"\]\([^)]*\)", "]", "\n".join(cell.source for cell in prose(file)))
    return len(re.findall(r"\w+(?:['’.-]\w+)*", text))


def exercises(file: Path) -> list[str]:
    return list(notebook.cells_of(lesson(file), "exercise"))


def questions(file: Path) -> list[str]:
    """The questions that the lesson answers: their cells' common name."""
    return [cell.id.removesuffix("-symptom") for cell in code(file) if cell.id.endswith("-symptom")]


def calls(cell: NotebookNode, name: str) -> list[str]:
    """The first arguments of the calls of this name in a cell."""
    return [
        node.args[0].value
        for node in ast.walk(ast.parse(cell.source))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name
        if node.args and isinstance(node.args[0], ast.Constant)
    ]


@each_lesson
def test_the_form_is_canonical(file: Path) -> None:
    assert notebook.problems(notebook.read(file)) == []


@each_lesson
def test_it_has_the_size_of_a_lesson(file: Path) -> None:
    assert 25 <= len(lesson(file).cells) <= 60
    assert [cell.id for cell in code(file) if len(cell.source.splitlines()) > 16] == []


@each_lesson
def test_it_begins_with_a_question_and_ends_with_nothing_running(file: Path) -> None:
    title = lesson(file).cells[0]
    heading = title.source.splitlines()[0]
    assert heading.startswith("# ")
    assert heading.endswith("?") or file.stem.startswith("00"), heading
    headings = [line for cell in prose(file) for line in cell.source.splitlines() if re.match(r"#{1,2} ", line)]
    assert headings.count("## When it breaks") == headings.count("## To remember") == 1
    assert "**Read on**" in prose(file)[-1].source or file.stem.startswith("00")
    last = lesson(file).cells[-1]
    assert last.id == "close" and notebook.CHECKED in last.metadata["tags"]
    assert re.fullmatch(r"roles still running: (0|False)\n", last.outputs[0].text)


@each_lesson
def test_what_is_predicted_is_run_then_recalled(file: Path) -> None:
    cells = code(file)
    asked = {id: n for n, cell in enumerate(cells) for id in calls(cell, "predict")}
    shown = {id: n for n, cell in enumerate(cells) for id in calls(cell, "recall")}
    assert asked and set(asked) == set(shown)
    # the run is between them, or in the cell that recalls
    assert all(asked[id] < shown[id] for id in asked)
    assert all(id.startswith(f"{file.name[:2]}.") for id in asked)


@each_lesson
def test_each_exercise_has_its_task_stub_check_and_solution(file: Path) -> None:
    cells = lesson(file).cells
    found = notebook.cells_of(lesson(file), "exercise")
    assert found
    for id, stub in found.items():
        at = cells.index(stub)
        task, check, solution = cells[at - 1], cells[at + 1], cells[at + 2]
        assert task.cell_type == "markdown" and f"### Exercise {id} · " in task.source
        assert f'hint("{id}")' in task.source
        assert notebook.mark(check, "check") == notebook.mark(solution, "solution") == id
        assert "todo(" in stub.source


@each_lesson
def test_each_question_has_its_symptom_and_its_fix_and_both_are_asserted(file: Path) -> None:
    cells = code(file)
    ids = [cell.id for cell in cells]
    assert questions(file)
    breaks = next(n for n, cell in enumerate(prose(file)) if "## When it breaks" in cell.source)
    asked = re.findall(r'^### "', "\n".join(cell.source for cell in prose(file)[breaks:]), re.M)
    assert len(asked) == len(questions(file))
    for name in questions(file):
        at = ids.index(f"{name}-symptom")
        assert ids[at + 1] == f"{name}-fix"
        for cell in cells[at : at + 2]:
            compared = notebook.CHECKED in cell.metadata.get("tags", []) and cell.outputs
            assert compared or re.search(r"^\s*assert ", cell.source, re.M), cell.id
    assert not [id for id in ids if id.endswith("-fix") and id.removesuffix("-fix") not in questions(file)]


MEASURED = re.compile(
    r"\d[\d,. ]*\s?(?:msgs?/s|messages? (?:a|per) second|ns\b|µs|us\b|ms\b|[kMG]i?B(?:/s)?\b|[kMG]?bit/s|%)"
    r"|\d[\d.,]* (?:micro|milli|nano)seconds|\d[\d.,]* (?:times|×) (?:faster|slower|more|less)"
)


@each_lesson
def test_no_measurement_is_typed_into_the_prose(file: Path) -> None:
    found = [(cell.id, hit.group()) for cell in lesson(file).cells for hit in MEASURED.finditer(_markdown(cell))]
    assert found == []


def _markdown(cell: NotebookNode) -> str:
    return cell.source if cell.cell_type == "markdown" else ""


def test_the_search_for_measurements_finds_them() -> None:
    typed = "1.2 million? 55 µs, 2,000 ms; 4.3 MB, 900 msg/s and 300 messages a second, 75% or 12 times faster"
    assert len(MEASURED.findall(typed)) == 7
    assert not MEASURED.search("a mark of 1000, the year 2016, lesson 06, zmq_socket(7), RFC 9293, two of 500 peers")


@each_lesson
def test_its_links_lead_somewhere(file: Path) -> None:
    targets = [t for cell in prose(file) for t in re.findall(r"\]\(([^)#\s]+)[^)]*\)", cell.source)]
    inside = [target for target in targets if not target.startswith("http")]
    assert [target for target in inside if not (file.parent / target).exists()] == []


def minutes_named(file: Path) -> int:
    found = re.search(r"takes about (\d+) minutes", lesson(file).cells[0].source)
    assert found, "the first cell does not say how long it takes"
    return int(found.group(1))
