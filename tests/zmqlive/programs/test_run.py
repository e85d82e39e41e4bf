"""Unchanged programs, each a process of its own, in one record."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from systems import GUIDE, begin, free_port, play, together, typing, until, zmqlive
from zmqlive.programs import commands


def test_five_programs_and_one_is_killed_in_the_middle(tmp_path: Path) -> None:
    tasks, results = f"ipc://{tmp_path}/tasks", f"ipc://{tmp_path}/results"
    with typing() as keyboard, play() as it:
        it.start("ventilator.py", tasks, 240, "--", "worker.py", "--n", 3, tasks, results, 0.01, "--", "sink.py",
                 results, 3)

        def fault() -> None:
            it.connected(6)
            keyboard("\n")
            until(lambda: it.system.received("worker 2") >= 3, every=0.002)
            os.kill(it.pid("worker 2"), signal.SIGKILL)

        threads = together(fault)
        assert it.wait(until="sink") == 128 + signal.SIGKILL
        for thread in threads:
            thread.join()
        trace = it.system.trace()
        worked = {role: len([line for line in it.said(role) if line.startswith("task")])
                  for role in ("worker", "worker 2", "worker 3")}
        handed, done = trace.ledger("ventilator", "worker"), trace.ledger("worker", "sink")
        print(trace.ledger(), worked)
        assert trace.exact and handed.sent == 240 == handed.received + handed.lost
        assert handed.received - sum(worked.values()) in (0, 1)     # killed between receiving and printing
        assert handed.lost == 80 - trace.ledger("ventilator", "worker 2").received > 0
        assert dict(handed.lost_by) == {"gone with a peer": handed.lost}
        assert it.said("sink") == [f"{done.received} results"]
        assert done.sent - done.received == done.lost <= 1      # what the killed one had just sent
        assert (handed.twice, handed.unknown, handed.outside, done.unknown, done.from_outside, done.from_unknown) \
            == (0,) * 6
        ends = {event.role: event.state for event in trace.roles}
        assert ends == {"ventilator": "ended", "worker": "stopped", "worker 2": "killed", "worker 3": "stopped",
                        "sink": "ended"}


def test_on_the_command_line(tmp_path: Path) -> None:
    there = f"ipc://{tmp_path}/there"
    done = zmqlive("run", "--no-page", "--until", "client", "--save", tmp_path / "run.zmqlive", GUIDE / "server.py",
                   there, "--", GUIDE / "client.py", "--n", 3, there, 50)
    assert done.returncode == 0 and done.stderr == "", done
    assert {"client | answered", "client 2 | answered", "client 3 | answered"} <= set(done.stdout.splitlines())
    assert "sent 300 · received 300 · lost 0 · twice 0 · waiting 0\n" in done.stdout
    assert "No diagnosis" in done.stdout
    ledger = zmqlive("ledger", "--source", "client", "--sink", "server", tmp_path / "run.zmqlive")
    assert ledger.stdout.startswith("sent 150 · received 150 · lost 0"), ledger


def test_the_exit_code_is_the_worst_of_theirs(tmp_path: Path) -> None:
    for name, code in (("good", 0), ("bad", 3), ("worse", 7)):
        (tmp_path / f"{name}.py").write_text(f"raise SystemExit({code})")
    done = zmqlive("run", "--no-page", "good.py", "--", "worse.py", "--", "bad.py", cwd=tmp_path)
    assert done.returncode == 7


@pytest.mark.parametrize(("words", "says"), [
    ([], "Which programs?"), (["missing.py"], "There is no missing.py"), (["-m"], "-m of what?"),
    (["here.py", "--n", "many"], "how many of here.py?"), (["here.py", "--n", "0"], "how many of here.py?")])
def test_a_command_line_that_makes_no_sense_is_refused_in_a_sentence(tmp_path: Path, words: list[str],
                                                                     says: str) -> None:
    (tmp_path / "here.py").write_text("")
    done = zmqlive("run", *words, cwd=tmp_path)
    assert done.returncode == 2 and says in done.stderr and done.stderr.count("\n") == 1, done


def test_an_own_n_and_modules() -> None:
    named = commands(["-m", "http.server", "--n", "2", "8000", "--", "sleep", "1", "--n", "5"])
    assert [(c.words, c.count, c.name) for c in named] == [
        (("-m", "http.server", "8000"), 2, "http.server"), (("sleep", "1", "--n", "5"), 1, "sleep")]
    assert named[0].line()[0] == sys.executable and named[1].line()[0] == "sleep"


def test_ctrl_c_ends_all_and_the_ledger_is_printed(tmp_path: Path) -> None:
    there = f"ipc://{tmp_path}/there"
    running = begin("run", "--no-page", GUIDE / "server.py", there, "--", GUIDE / "client.py", there, 3, "--",
                    GUIDE / "server.py", f"{there}2")
    assert running.stdout is not None
    line = ""
    while "client | answered" not in line:      # then only servers are left, and wait for ever
        line = running.stdout.readline()
        assert line
    until(Path(f"{tmp_path}/there2").exists)    # the second one is in its loop, too, or nearly
    running.send_signal(signal.SIGINT)
    said, _ = running.communicate(timeout=600)
    assert running.returncode == 130 and "sent 6 · received 6 · lost 0" in said, said
    assert said.count("KeyboardInterrupt") == 2     # both servers heard it


def test_a_program_that_does_not_heed_ctrl_c_is_ended_all_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch
                                                                   ) -> None:
    monkeypatch.setattr("zmqlive.programs.run.GRACE", 0.1)
    monkeypatch.setattr("zmqlive.programs.run.HARD", 0.1)
    (tmp_path / "deaf.py").write_text("import signal, time\nfor s in (signal.SIGINT, signal.SIGTERM):\n"
                                      "    signal.signal(s, signal.SIG_IGN)\nprint('deaf')\ntime.sleep(3600)")
    with play() as it:
        it.start(tmp_path / "deaf.py")
        until(lambda: it.said("deaf"))
        it.runner.interrupt()
        assert it.wait() == 128 + signal.SIGKILL


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux's kernel does that")
def test_when_run_itself_is_killed_its_programs_end(tmp_path: Path) -> None:
    running = begin("run", "--no-page", GUIDE / "server.py", f"ipc://{tmp_path}/a", "--", GUIDE / "server.py",
                    f"ipc://{tmp_path}/b")
    both = until(lambda: len(psutil.Process(running.pid).children()) == 2 and psutil.Process(running.pid).children())
    until(lambda: (tmp_path / "a").exists() and (tmp_path / "b").exists())      # they are recorded by then
    running.kill()
    running.communicate()
    psutil.wait_procs(both, timeout=600)
    assert not any(process.is_running() for process in both)


def test_children_of_a_killed_program_do_not_outlive_the_run(tmp_path: Path) -> None:
    (tmp_path / "parent.py").write_text(
        "import subprocess, sys, time\np = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(3600)'])\n"
        "print(p.pid); time.sleep(3600)")
    with play() as it:
        it.start(tmp_path / "parent.py")
        child = psutil.Process(int(until(lambda: it.said("parent"))[0]))
        os.kill(it.pid("parent"), signal.SIGKILL)
        assert it.wait() == 128 + signal.SIGKILL
        child.wait(600)


def test_names_of_programs_and_threads(tmp_path: Path) -> None:
    (tmp_path / "crew.py").write_text('''
import threading, zmq
ctx = zmq.Context()
def answer():
    s = ctx.socket(zmq.REP); s.bind("inproc://a"); ready.set(); s.send(s.recv()); s.close()
ready = threading.Event()
t = threading.Thread(target=answer, name="desk"); t.start(); ready.wait()
s = ctx.socket(zmq.REQ); s.connect("inproc://a"); s.send(b"x"); s.recv(); t.join(); s.close(); ctx.term()
''')
    with play() as it:
        it.start(tmp_path / "crew.py", "--n", 2)
        assert it.wait() == 0
        trace = it.system.trace()
    assert {s.role for s in trace.sockets} == {"crew", "crew/desk", "crew 2", "crew 2/desk"}
    assert trace.ledger().received == 4
    assert {c.source == c.target for c in trace.connections} == {False} and len(trace.connections) == 2


def test_run_and_watch_need_no_notebook() -> None:
    """Nor figures: they import without Jupyter, the widgets, matplotlib and the course."""
    code = '''
import sys
class Gone:
    def find_spec(name, path=None, target=None):
        if name.split(".")[0] in {"IPython", "ipykernel", "jupyterlab", "jupyter_client", "anywidget", "ipywidgets",
                                  "traitlets", "matplotlib", "numpy", "tornado", "zmqcourse", "cloudpickle", "PIL"}:
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Gone)
import zmqlive
from zmqlive.programs import Page, main
system = zmqlive.watch()
page = Page(system, dict)
import urllib.request
assert b"mount" in urllib.request.urlopen(page.address + "flow.js").read()
page.close(); system.close()
'''
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8", timeout=600)
    assert done.returncode == 0, done.stderr
    assert re.search(r"ZMQLIVE=\S+ PYTHONPATH=", done.stdout)


FORK = """
import os, zmq
c = zmq.Context(); s = c.socket(zmq.PUSH); s.connect("inproc://x"); s.send(b"parent")
if (pid := os.fork()) == 0:
    s.send(b"child"); os._exit(0)
os.waitpid(pid, 0); s.close(0); c.term()
"""
SPIN = """
import time, zmq
c = zmq.Context(); a, b = c.socket(zmq.DEALER), c.socket(zmq.DEALER); a.bind("inproc://x"); b.connect("inproc://x")
p = zmq.Poller(); p.register(b, zmq.POLLIN | zmq.POLLOUT); end = time.monotonic() + 3
while time.monotonic() < end: p.poll()
a.close(0); b.close(0); c.term()
"""
HANG = """
import zmq
with zmq.Context() as ctx:
    s = ctx.socket(zmq.REQ); s.connect("tcp://127.0.0.1:{port}"); s.send(b"anybody?")
    raise ValueError("my bug")
"""
SHARED = """
import threading, zmq
c = zmq.Context(); a, b = c.socket(zmq.PUSH), c.socket(zmq.PULL); b.bind("inproc://x"); a.connect("inproc://x")
lock, gate = threading.Lock(), threading.Barrier(2)
def work():
    for _ in range(20):
        gate.wait()
        with lock: a.send(b"x")
ts = [threading.Thread(target=work, name=n) for n in ("anna", "ben")]
[t.start() for t in ts]; [t.join() for t in ts]; [b.recv() for _ in range(40)]
import time; time.sleep(0.3)
a.close(); b.close(); c.term()
"""


@pytest.mark.parametrize(("code", "kind", "says"), [
    (FORK, "used after a fork", "is used in the child sick"), (SPIN, "poller spins", "thousands of times a second"),
    (HANG, "context hangs", "LINGER -1"), (SHARED, "several threads", "anna, ben")],
    ids=["fork", "spin", "hang", "threads"])
def test_what_is_wrong_in_a_program_is_said(tmp_path: Path, code: str, kind: str, says: str) -> None:
    (tmp_path / "sick.py").write_text(code.replace("{port}", str(free_port())))
    with play() as it:
        it.start(tmp_path / "sick.py")
        it.wait_once_up(4) if code is HANG else it.wait()
        found = it.system.trace().diagnosis()
    assert kind in [each.kind for each in found] and says in "".join(map(str, found)), found
