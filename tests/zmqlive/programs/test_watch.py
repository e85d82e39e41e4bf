"""Programs that somebody else starts: they come and go, have children, and cost nothing when nobody asks."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import zmqlive
from systems import GUIDE, begin, until
from zmqlive.hook import program as _program  # noqa: F401    it can be imported without being asked to record
from zmqlive.programs import Watch
from zmqlive.programs.environment import line

CHILDREN = '''
import multiprocessing, sys, zmq
def work(tasks, results):
    ctx = zmq.Context()
    get, put = ctx.socket(zmq.PULL), ctx.socket(zmq.PUSH)
    get.connect(tasks); put.connect(results)
    while (m := get.recv()) != b"END":
        put.send(m.upper())
    get.close(); put.close(); ctx.term()
if __name__ == "__main__":
    method, folder = sys.argv[1:]
    mp = multiprocessing.get_context(method)
    ctx = zmq.Context()
    out, back = ctx.socket(zmq.PUSH), ctx.socket(zmq.PULL)
    out.bind(f"ipc://{folder}/out"); back.bind(f"ipc://{folder}/back")
    ps = [mp.Process(target=work, args=(f"ipc://{folder}/out", f"ipc://{folder}/back")) for _ in range(2)]
    [p.start() for p in ps]
    for i in range(40): out.send(b"task %d" % i)
    got = {back.recv() for _ in range(40)}
    assert len(got) == 40
    while any(p.is_alive() for p in ps):
        try: out.send(b"END", zmq.DONTWAIT)
        except zmq.Again: pass
        ps[0].join(0.02)
    print([p.exitcode for p in ps])
    out.close(0); back.close(); ctx.term()
'''
SUBPROCESS = '''
import subprocess, sys, zmq
ctx = zmq.Context(); s = ctx.socket(zmq.REP); s.bind(sys.argv[1])
p = subprocess.Popen([sys.executable, sys.argv[2], sys.argv[1], "10"])
for _ in range(10): s.send(b"re " + s.recv())
p.wait(); s.close(); ctx.term()
'''


def run(system: Watch, *words: Any, **how: Any) -> subprocess.CompletedProcess[str]:
    """A program that somebody else starts, with nothing but the environment."""
    return subprocess.run([sys.executable, *map(str, words)], env={**os.environ, **system.environment()},
                          capture_output=True, encoding="utf-8", timeout=600, **how)


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_children_of_multiprocessing_are_taken_along(tmp_path: Path, method: str) -> None:
    (tmp_path / "crew.py").write_text(CHILDREN)
    with Watch() as system:
        done = run(system, tmp_path / "crew.py", method, tmp_path)
        assert done.returncode == 0 and done.stdout == "[0, 0]\n", done
        trace = system.trace()
    roles = {s.role for s in trace.sockets}
    assert len(roles) == 3 and "crew" in roles and all(role.startswith("crew") for role in roles), roles
    results = [m for m in trace.messages if trace.role_of(m.target) == "crew"]
    assert len(results) == 40 and all(trace.role_of(m.source).startswith("crew/") for m in results)
    worked = [m for m in trace.messages if m.source is not None and trace.role_of(m.target).startswith("crew/")]
    assert sum(m.received is not None and m.frames != (b"END",) for m in worked) == 40
    ledger = trace.ledger()
    assert (ledger.outside, ledger.from_outside, ledger.from_unknown) == (0, 0, 0), ledger
    assert {role: [r.state for r in trace.roles if r.role == role] for role in roles} == {
        role: ["running", "ended"] for role in roles}


def test_a_child_of_subprocess_is_a_program_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "parent.py").write_text(SUBPROCESS)
    with Watch() as system:
        done = run(system, tmp_path / "parent.py", f"ipc://{tmp_path}/s", GUIDE / "client.py")
        assert done.returncode == 0, done
        ledger = system.ledger()
        assert {s.role for s in system.trace().sockets} == {"parent", "client"}
    assert (ledger.sent, ledger.received, ledger.lost, ledger.outside) == (20, 20, 0, 0)


def test_programs_come_and_go_and_a_killed_one_leaves_what_it_had_sent(tmp_path: Path) -> None:
    there = f"ipc://{tmp_path}/there"
    with Watch() as system:
        env = {**os.environ, **system.environment()}
        server = subprocess.Popen([sys.executable, str(GUIDE / "server.py"), there], env=env)
        try:
            for n in range(3):
                assert run(system, GUIDE / "client.py", there, 10).returncode == 0
                assert system.received("server") == 10 * (n + 1)
            endless = subprocess.Popen([sys.executable, str(GUIDE / "client.py"), there, "1000000000"], env=env)
            until(lambda: system.sent("client 4") > 1000)
            endless.kill()
            endless.wait()
            until(lambda: any(e.role == "client 4" and e.state == "killed" for e in system.roles))
            trace = system.trace()
            asked = [m for m in trace.messages if trace.role_of(m.source) == "client 4"]
            assert len(asked) == system.sent("client 4") > 1000
            assert sum(m.received is None for m in asked) in (0, 1)
            # when it is killed, its last question may be out and not written down yet, or written down and in its queue
            assert trace.ledger().from_unknown in (0, 1)
            assert {m.fate for m in trace.messages} <= {"received", "lost", "unknown"}
            assert run(system, GUIDE / "client.py", there, 10).returncode == 0      # the rest goes on
        finally:
            server.kill()
            server.wait()
        until(lambda: [e.state for e in system.roles if e.role == "client 5"][-1:] == ["ended"])
        states = {e.role: e.state for e in system.roles if e.role.startswith("client")}
    assert states == {"client": "ended", "client 2": "ended", "client 3": "ended", "client 4": "killed",
                      "client 5": "ended"}


def test_the_command_collects_in_a_folder_that_programs_may_know_before(tmp_path: Path) -> None:
    """A program that was there before the collector is recorded too."""
    folder = tmp_path / "there"
    folder.mkdir()
    hook = Watch(folder=tmp_path / "other")
    env = {**os.environ, **hook.environment(), "ZMQLIVE": str(folder)}
    hook.close()
    there = f"ipc://{tmp_path}/s"
    server = subprocess.Popen([sys.executable, str(GUIDE / "server.py"), there], env=env)
    try:
        done = subprocess.run([sys.executable, str(GUIDE / "client.py"), there, "10"], env=env, timeout=600)
        assert done.returncode == 0
        watching = begin("watch", "--at", folder, "--no-page")
        assert watching.stdout is not None
        line = ""
        while "Ctrl-C" not in line:
            line = watching.stdout.readline()
            assert line
        second = begin("watch", "--at", folder, "--no-page")
        said, _ = second.communicate(timeout=600)
        assert second.returncode == 2 and "another process has it" in said, said     # one collects, and only one
        watching.send_signal(signal.SIGINT)
        said, _ = watching.communicate(timeout=600)
    finally:
        server.kill()
        server.wait()
    assert watching.returncode == 0 and "sent 20 · received 20 · lost 0" in said, said
    assert not folder.exists()


def test_a_folder_with_other_files_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(FileExistsError, match="holds other files"):
        Watch(folder=tmp_path)
    (tmp_path / "mine").mkdir()
    with Watch(folder=tmp_path / "mine") as system:
        assert run(system, "-c", "import zmq; zmq.Context().socket(zmq.PUB).close()").returncode == 0
        (tmp_path / "mine" / "notes.txt").write_text("put there meanwhile")
    assert [file.name for file in (tmp_path / "mine").iterdir()] == ["notes.txt"]


def test_nothing_is_loaded_when_nobody_asks(tmp_path: Path) -> None:
    """With the hook on the path and no ZMQLIVE, Python has the same modules as without; and so with ZMQLIVE while the
    program does not use zmq."""
    say = "import sys; print(sorted(m for m in sys.modules if 'zmq' in m)); import zmq; print('zmqlive' in sys.modules)"
    with Watch() as system:
        env = {**os.environ, **system.environment()}
        for asked in (False, True):
            if not asked:
                del env["ZMQLIVE"]
            else:
                env["ZMQLIVE"] = str(system.folder)
            done = subprocess.run([sys.executable, "-c", say], env=env, capture_output=True, encoding="utf-8")
            assert done.stdout == f"[]\n{asked}\n" and done.stderr == "", done


def test_another_sitecustomize_has_its_turn(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text("print('here too')")
    with Watch() as system:
        env = {**os.environ, **system.environment()}
        env["PYTHONPATH"] += os.pathsep + str(tmp_path)
        done = subprocess.run([sys.executable, "-c", "import zmq"], env=env, capture_output=True, encoding="utf-8")
    assert done.stdout == "here too\n" and done.stderr == "", done


def test_nobody_collects(tmp_path: Path) -> None:
    """The program runs, and says that it is not recorded."""
    env = {**os.environ, "ZMQLIVE": str(tmp_path / "nowhere")}
    with Watch() as system:
        env["PYTHONPATH"] = system.environment()["PYTHONPATH"]
    done = subprocess.run([sys.executable, "-c", "import zmq; zmq.Context().socket(zmq.PUB).close(); print('ran')"],
                          env=env, capture_output=True, encoding="utf-8")
    assert done.stdout == "ran\n" and "nobody collects there" in done.stderr and done.stderr.count("\n") == 1, done


def test_the_line_that_makes_zmqlive_alone_enough() -> None:
    """What `zmqlive hook on` puts into site-packages, executed as Python does it."""
    with Watch() as system:
        env = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        code = (f"exec({line()!r}); import zmq; c = zmq.Context(); s = c.socket(zmq.PAIR); s.bind('inproc://x'); "
                "s.close(); c.term()")
        subprocess.run([sys.executable, "-c", code], env={**env, "ZMQLIVE": str(system.folder)}, check=True)
        assert [s.type for s in system.trace().sockets] == ["PAIR"]
        subprocess.run([sys.executable, "-c", code], env=env, check=True)
        assert len(system.trace().sockets) == 1


def test_a_full_folder_is_no_trouble_for_the_program(tmp_path: Path) -> None:
    """While nobody reads, a program counts; when somebody comes, the record says what is missing."""
    code = '''
import sys, zmq
from zmqlive.hook import spool
spool.PART, spool.MOST = 20_000, 3
from zmqlive.hook import begin
begin()
ctx = zmq.Context()
a, b = ctx.socket(zmq.PUSH), ctx.socket(zmq.PULL)
b.bind("inproc://x"); a.connect("inproc://x")
for i in range(5000): a.send(b"%d" % i); b.recv()
a.close(); b.close(); ctx.term()
'''
    folder = tmp_path / "there"
    folder.mkdir()
    done = subprocess.run([sys.executable, "-c", code], env={**os.environ, "ZMQLIVE": str(folder)}, timeout=600,
                          capture_output=True, encoding="utf-8")
    assert done.returncode == 0 and done.stderr == "", done
    assert 3 <= len(list(folder.iterdir())) <= 6
    with Watch(folder=folder) as system:
        trace = system.trace()
    assert {s.type: s.sent + s.received for s in trace.sockets} == {"PUSH": 5000, "PULL": 5000}
    assert not trace.exact and "PARTIAL" in str(trace.ledger()), trace.ledger()


def test_a_notebook_shows_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    system = zmqlive.watch("mine")
    view = zmqlive.show(system)
    try:
        assert "ZMQLIVE=" in capsys.readouterr().out
        (tmp_path / "one.py").write_text("import zmq\nc = zmq.Context(); s = c.socket(zmq.PUSH); s.bind('inproc://x')\n"
                                         "s.close(); c.term()")
        assert run(system, tmp_path / "one.py").returncode == 0
        assert view.live and view.title == "mine"
        until(lambda: "one" in str(view._snapshot()))
        assert system.ledger().sent == 0 and system.diagnosis() == () and len(system.messages) == 0
        assert "PUSH" in {s.type for s in system.sockets}
    finally:
        view.close()
        system.close()
    assert not system.folder.exists()
