"""Lesson 03's systems, each for real: what it promises, and that nothing of it is left or heard outside this machine.

What is not installed is skipped; with ZMQCOURSE_BROKERS=all, as in CI, that is a failure.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
import threading
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import psutil
import pytest
from environments import HELPERS
from stage_parts import eventually
from zmqcourse.brokers import KEYS, Bench, Results, Row, found, make
from zmqcourse.brokers.base import DISK, USUAL
from zmqcourse.brokers.notes import body
from zmqcourse.brokers.results import CANNOT, RAN
from zmqcourse.brokers.systems.celery import TASK

EVERYTHING = os.environ.get("ZMQCOURSE_BROKERS") == "all"
FOUND = [key for key, lack in found().items() if not lack]
pytestmark = [
    pytest.mark.thorough,
    pytest.mark.skipif(os.name != "posix", reason="looks at processes as POSIX has them"),
]


def each_system(experiment: str) -> pytest.MarkDecorator:
    """Those that take part in this experiment."""
    return pytest.mark.parametrize("key", [key for key in KEYS if experiment in make(key).experiments])



# what becomes of a producer whose consumer stops: as it comes, and with the limit that can be set
ANSWERS = {
    "zeromq": ("blocks", "blocks"),
    "nng": ("blocks", "blocks"),
    "rabbitmq": ("takes all", "blocks"),
    "activemq": ("takes all", "blocks"),
    "kafka": ("takes all", ""),
    "sqs": ("takes all", ""),
    "kinesis": ("takes all", ""),
    "beanstalkd": ("takes all", ""),
    "celery": ("takes all", ""),
    "redis": ("takes all", "error"),
    "nats": ("takes all", "drops"),  # 64 MB are more than it is sent
    "jetstream": ("takes all", "error"),
    "mqtt": ("drops", "takes all"),
    "postgres": ("takes all", ""),
}


@dataclass
class Ran:
    """One bench with all that is here, and what there was to be seen of its processes."""

    results: Results
    said: list[str]
    listening: set[tuple[str, str]] = field(default_factory=set)  # program, address
    users: dict[str, set[str]] = field(default_factory=dict)
    folders: list[Path] = field(default_factory=list)
    pids: set[int] = field(default_factory=set)
    on_disk: dict[str, bool] = field(default_factory=dict)  # whether confirmed messages are in a file of the server's

    def row(self, experiment: str, key: str) -> Row:
        row = self.results.row(experiment, key)
        if row.state != RAN and key not in FOUND and not EVERYTHING:
            pytest.skip(row.why)
        return row

    def result(self, experiment: str, key: str) -> dict:
        row = self.row(experiment, key)
        assert row.state == RAN, f"{row.state}: {row.why}"
        return row.result


@pytest.fixture(scope="module")
def ran() -> Iterator[Ran]:
    said: list[str] = []
    watched, over = Ran(Results(), said), threading.Event()
    watching = threading.Thread(target=_watch, args=(watched, over))
    watching.start()
    try:
        with Bench(KEYS, say=said.append) as bench:
            watched.folders = [up.folder for up in bench._running.values()]
            assert all(folder.is_dir() for folder in watched.folders)
            for experiment in ("work", "fan-out", "crash", "stopped"):
                bench.run(experiment)
            watched.results = bench.results
            for key, up in bench._running.items():
                if make(key).terms.keeper == DISK or key in ("redis-usual", "beanstalkd-usual"):
                    watched.on_disk[key] = _on_disk(up)
    finally:
        over.set()
        watching.join()
    print(*(f"\n{name}\n{watched.results.table(name)!r}" for name in ("start", "work", "fan-out", "crash", "stopped")))
    yield watched


def _on_disk(up: Any) -> bool:
    """Sends some messages that nobody takes, and looks for them in the files of the server when all are confirmed."""
    crew, queue = up._crew, "course_on_disk"
    crew.system.prepare(queue)
    sender = crew.begin("producer", queue, count=20, size=100, seconds=20, others=0).notes
    crew.until(lambda: sender.state, 30, "the producer's last sends")
    assert sender.count == 20, sender.error
    files = [path for path in up.folder.rglob("*") if path.is_file() and "notes" not in path.parts]
    marks = body(7), TASK.encode()    # Celery packs the message into text of its own
    found = any(mark in path.read_bytes() for path in files for mark in marks)
    crew.clear()
    return found


def _watch(watched: Ran, over: threading.Event) -> None:
    """Look again and again: which of our processes there are, whose they are, where they listen."""
    while not over.wait(0.2):
        for process in psutil.Process().children(recursive=True):
            try:
                watched.pids.add(process.pid)
                watched.users.setdefault(process.name(), set()).add(process.username())
                connections = process.net_connections() if hasattr(process, "net_connections") else []
                for one in connections:
                    if one.status == psutil.CONN_LISTEN:
                        watched.listening.add((process.name(), one.laddr.ip))
            except psutil.Error:
                continue    # gone this moment


# --- what each promises


@pytest.mark.parametrize("key", KEYS)
def test_it_starts_and_says_what_it_is(ran: Ran, key: str) -> None:
    shown = ran.result("start", key)
    assert shown["kind"] in ("library", "queue", "log", "bus")
    assert shown["mb"] > 0 or shown["kind"] == "library" or sys.platform != "linux"
    system = make(key)
    assert system.runs and all(asdict(system.terms).values()) and system.default and (system.install or key == "zeromq")


@pytest.mark.parametrize("key", KEYS)
def test_what_is_said_to_be_on_disk_before_it_is_confirmed_is_in_a_file(ran: Ran, key: str) -> None:
    ran.result("start", key)
    if key in ran.on_disk:
        assert ran.on_disk[key] == (make(key).terms.keeper == DISK)


@pytest.mark.parametrize("key", [key for key in KEYS if key.endswith(USUAL)])
def test_a_second_row_names_what_is_otherwise(key: str) -> None:
    usual, plain = make(key), make(key.removesuffix(USUAL))
    assert usual.name != plain.name and (usual.terms != plain.terms or usual.experiments == ("fan-out",))


@each_system("work")
def test_three_workers_share_the_tasks(ran: Ran, key: str) -> None:
    work = ran.result("work", key)
    assert work["lost"] == 0 and work["sent"] > 0
    assert sum(work["shares"]) == work["sent"] + work["twice"] - work["waiting"]
    assert min(work["shares"]) > 0, "nobody went without"
    # it had a second and used it; a client that gathers has handed over its last ones a little before
    assert 0.5 < work["sending"] < 3 or key in ("sqs", "celery", "celery-usual", "kinesis")


@each_system("fan-out")
def test_three_subscribers_get_everything_where_there_is_fan_out(ran: Ran, key: str) -> None:
    row, system = ran.row("fan-out", key), make(key)
    if system.no_fan_out:
        assert row.state == CANNOT and row.why == system.no_fan_out
        return
    assert row.state == RAN, row.why
    sent, got, late = (row.result[name] for name in ("sent", "got", "late"))
    if key == "nng-usual":    # its pub has room for few, and drops the rest
        assert all(0 < each < sent for each in got)
    else:
        assert got == [sent] * 3 and sent > 0
    assert late == (sent if system.keeps_past else 0)


@each_system("crash")
def test_a_killed_worker_costs_what_the_system_promises(ran: Ran, key: str) -> None:
    crash, system = ran.result("crash", key), make(key)
    assert crash["sent"] == crash["at_kill"]["sent"] == 300
    assert 150 <= crash["at_kill"]["done"] < 180, "half is done, as with everybody"
    if system.at_least_once and not system.stays_with_dead:
        assert crash["lost"] == 0 and crash["redelivered"] >= 1 and crash["recovered"] > 0
        assert crash["redelivered"] >= crash["twice"]
    else:
        assert crash["lost"] >= 1 and crash["recovered"] is None
        assert crash["waits"] == system.stays_with_dead
    times, counts = crash["curve"]
    assert times == sorted(times) and counts[-1] == crash["sent"] - crash["lost"]


@each_system("stopped")
def test_a_consumer_that_stops_gets_the_known_answer(ran: Ran, key: str) -> None:
    plain, limited = ANSWERS[key]
    assert ran.result("stopped", key)["answer"] == plain
    row = ran.row("limited", key)
    if not limited:
        assert row.state == CANNOT
        return
    assert row.state == RAN and row.result["answer"] == limited, row
    assert row.result["lost"] == 0 or limited == "drops"
    assert bool(row.result["error"]) == (limited == "error")


def test_all_four_answers_are_there(ran: Ran) -> None:
    rows = [*ran.results.of("stopped"), *ran.results.of("limited")]
    answers = {row.result["answer"] for row in rows if row.state == RAN}
    assert answers == {"blocks", "error", "drops", "takes all"} or not EVERYTHING


def test_enough_systems_run_in_ci(ran: Ran) -> None:
    running = [row.key for row in ran.results.of("start") if row.state == RAN]
    assert "zeromq" in running
    assert set(running) == set(KEYS) or not EVERYTHING
    assert sum("done" in line for line in ran.said) >= 3 * len(running)


# --- nothing is heard outside, nothing is left


def test_nothing_listens_beyond_loopback(ran: Ran) -> None:
    beyond = {one for one in ran.listening if not (one[1].startswith("127.") or one[1] in ("::1", "::ffff:127.0.0.1"))}
    assert beyond == set()
    assert len({program for program, _ in ran.listening}) >= 5 or not EVERYTHING, "it did look"


@pytest.mark.skipif(os.name == "posix" and os.geteuid() != 0, reason="one who is not root cannot become another")
def test_servers_run_unprivileged(ran: Ran) -> None:
    servers = {"beanstalkd", "mosquitto", "java", "epmd", "beam.smp"}
    if all(folder.stat().st_mode & 1 for folder in Path(sys.prefix).resolve().parents):    # others may enter it
        servers |= {"valkey-server", "nats-server", "tansu", "postgres"}
    users = {name: who for name, who in ran.users.items() if name in servers}
    assert users or not EVERYTHING
    # a process is ours for the moment between its beginning and its becoming another's
    assert all("nobody" in who for who in users.values())


def test_a_closed_bench_leaves_nothing(ran: Ran) -> None:
    assert [folder for folder in ran.folders if folder.exists()] == []
    assert eventually(lambda: not [pid for pid in ran.pids if _runs(pid)])
    assert psutil.Process().children(recursive=True) == []


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a server that makes sessions of its own may stay")
def test_a_killed_parent_leaves_nothing(tmp_path: Path) -> None:
    script = tmp_path / "program.py"
    script.write_text(
        textwrap.dedent("""
        import json, sys
        from zmqcourse.brokers import Bench

        bench = Bench(sys.argv[1].split(","), say=lambda text: None)
        print(json.dumps([str(up.folder) for up in bench._running.values()]), flush=True)
        while True:
            bench.run("crash")
        """)
    )
    parent = subprocess.Popen(
        [sys.executable, str(script), ",".join(FOUND)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(HELPERS)},
    )
    try:
        assert parent.stdout
        folders = [Path(folder) for folder in json.loads(parent.stdout.readline())]
        assert len(folders) == len(FOUND) and all(folder.is_dir() for folder in folders)
        program = psutil.Process(parent.pid)
        # in the middle of it: workers are at work
        assert eventually(lambda: any(folder.glob("notes/worker*") for folder in folders))
        children = program.children(recursive=True)
        listening = [one for child in children for one in _connections(child) if one.status == psutil.CONN_LISTEN]
        ports = {one.laddr.port for one in listening}
        assert len(children) > len(FOUND)
        parent.send_signal(signal.SIGKILL)
        parent.wait()
        assert eventually(lambda: not [child for child in children if _runs(child.pid)], 10), children
        assert eventually(lambda: not any(folder.exists() for folder in folders), 5), folders
        heard = {one.laddr.port for one in psutil.net_connections() if one.status == psutil.CONN_LISTEN}
        assert not heard & ports
    finally:
        parent.kill()
        parent.communicate()


def _connections(process: psutil.Process) -> list:
    try:
        return process.net_connections()
    except psutil.Error:
        return []


def _runs(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False
