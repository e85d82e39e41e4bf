"""Stage with roles in processes: killed, frozen, restarted, and never outliving who started them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import psutil
import pytest
import zmq
from test_stage import eventually, nothing_left, stopped_in  # noqa: F401  (nothing_left is a fixture)
from zmqlive.errors import RoleFailed, StageError
from zmqlive.stage import Stage

posix = pytest.mark.skipif(os.name != "posix", reason="SIGSTOP and SIGKILL are POSIX")
HELPERS = str(Path(__file__).parent.parent / "helpers")


def cell(code: str, **names):
    """Runs code as a notebook cell does: what it defines belongs to no module that could be imported."""
    module = {"__name__": "__main__", "zmq": zmq, "time": time, "os": os, **names}
    exec(compile(textwrap.dedent(code), "<cell>", "exec"), module)
    return module


ROLES = cell("""
    def numbers(ctx, endpoint, pause=0.002):
        push = ctx.socket(zmq.PUSH)
        push.bind(endpoint)
        n = 0
        while True:
            push.send(b"%d" % n)
            n += 1
            time.sleep(pause)

    def worker(ctx, tasks, results):
        pull = ctx.socket(zmq.PULL)
        pull.connect(tasks)
        push = ctx.socket(zmq.PUSH)
        push.connect(results)
        while True:
            push.send(pull.recv())

    def sink(ctx, endpoint):
        pull = ctx.socket(zmq.PULL)
        pull.bind(endpoint)
        while True:
            pull.recv()

    def spins(ctx):
        while True:
            pass

    def waits(ctx):
        time.sleep(1000)

    def done(ctx):
        pass

    def raises_late(ctx, endpoint):
        pull = ctx.socket(zmq.PULL)
        pull.connect(endpoint)
        pull.recv()
        raise ValueError("enough")

    def aborts(ctx):
        os.abort()

    def leaves(ctx):
        os._exit(3)

    def prints(ctx):
        print("one", end=" ")
        print("line")
        for i in range(100_000):
            print("line", i)

    async def awaits(ctx, endpoint):
        pull = ctx.socket(zmq.PULL)
        pull.connect(endpoint)
        while True:
            await pull.recv()

    def sends_and_leaves(ctx, endpoint):
        with ctx.socket(zmq.DEALER) as dealer:
            dealer.sndhwm = 0
            dealer.connect(endpoint)
            for _ in range(300):
                dealer.send(b"x" * 100_000)
""")


def reads_when_told(ctx, endpoint, gate):
    with ctx.socket(zmq.DEALER) as dealer:
        dealer.rcvhwm = 1
        dealer.bind(endpoint)
        gate.wait(20)
        while True:
            dealer.recv()


def pipeline(workers: int = 2) -> Stage:
    stage = Stage("pipeline")
    tasks, results = stage.endpoint("tcp"), stage.endpoint("tcp")
    stage.add(ROLES["numbers"], tasks)
    stage.add(ROLES["sink"], results)
    stage.add(ROLES["worker"], tasks, results, count=workers, process=True)
    return stage


def more(stage: Stage, role: str, count: int = 20) -> None:
    """Waits until a role has received `count` messages more than now."""
    seen = stage.received(role)
    stage.wait(lambda s: s.received(role) >= seen + count)


def test_messages_pass_through_processes_and_are_counted():
    with pipeline() as stage:
        stage.wait(lambda s: s.received("sink") >= 50)
        stage.wait(lambda s: s.received("worker 1") >= 10 and s.received("worker 2") >= 10)
        for name in ("worker 1", "worker 2"):
            lag = stage.role(name).run.clock_lag_ns
            assert 0 <= lag < 1e9, "both processes read the same clock"
        pids = {stage.role(name).pid for name in ("worker 1", "worker 2")}
        assert len(pids) == 2 and os.getpid() not in pids
        took = stopped_in(stage)
    print(f"stop with 2 processes: {took * 1e3:.0f} ms")
    assert took < 1.0
    trace = stage.trace()
    assert {s.role for s in trace.sockets} == {"numbers", "sink", "worker 1", "worker 2"}
    ledger = trace.ledger("numbers", "sink")
    assert ledger.received >= 50 and ledger.twice == 0


def test_a_process_starts_quickly():
    took = []
    for _ in range(5):
        stage = Stage("quick")
        stage.add(ROLES["done"], process=True)
        began = time.perf_counter()
        stage.start()
        took.append(time.perf_counter() - began)
        stage.stop()
    print(f"start of a process role: median {sorted(took)[2] * 1e3:.0f} ms, worst {max(took) * 1e3:.0f} ms")
    assert sorted(took)[2] < 0.6


@posix
def test_kill_loses_nothing_of_the_record_and_restart_goes_on():
    with pipeline() as stage:
        more(stage, "worker 1")
        pid = stage.role("worker 1").pid
        stage.kill("worker 1")
        assert stage.role("worker 1").state == "killed"
        assert not psutil.pid_exists(pid)
        sent, received = stage.sent("worker 1"), stage.received("worker 1")
        assert received - 1 <= sent <= received  # between the two at most one is in work
        with pytest.raises(StageError, match="worker 1 is not running"):
            stage.kill("worker 1")
        more(stage, "worker 2")
        assert stage.received("worker 1") == received
        stage.restart("worker 1")
        more(stage, "worker 1")
        assert stage.role("worker 1").pid != pid
    states = [e.state for e in stage.recorder.roles if e.role == "worker 1"]
    assert states == ["running", "killed", "running", "stopped"]


@posix
def test_freeze_and_thaw():
    with pipeline() as stage:
        more(stage, "worker 2")
        stage.freeze("worker 2")
        assert psutil.Process(stage.role("worker 2").pid).status() == psutil.STATUS_STOPPED
        more(stage, "worker 1", 5)  # what it had said before is read by now
        still = stage.received("worker 2")
        more(stage, "worker 1", 40)
        assert stage.received("worker 2") == still
        assert stage.role("worker 2").state == "frozen"
        ids = {a["id"] for a in stage.actions()}
        assert {"thaw:worker 2", "kill:worker 2", "kill:worker 1", "freeze:worker 1"} <= ids
        assert "freeze:worker 2" not in ids
        stage.act("thaw:worker 2")
        more(stage, "worker 2")
        stage.freeze("worker 1")
        took = stopped_in(stage)
    assert took < 1.0
    assert stage.leftovers == []


def test_one_more_process_joins_late():
    with pipeline(1) as stage:
        more(stage, "worker 1")
        stage.act("add:worker")
        more(stage, "worker 2")


@pytest.mark.parametrize("role", ["spins", "waits", "done"])
def test_stop_of_processes_that_are_hard_to_end(role):
    stage = Stage("hard")
    stage.add(ROLES[role], process=True, count=2)
    stage.start()
    stage.wait(lambda s: all(r.state != "ready" for r in s.roles))
    took = stopped_in(stage)
    print(f"{role}: stopped in {took * 1e3:.0f} ms")
    assert took < 1.0
    assert stage.leftovers == []


def test_end_one_process():
    with Stage("end") as stage:
        stage.add(ROLES["waits"], process=True, count=2)
        stage.end("waits 1")
        stage.wait(lambda s: s.role("waits 1").state == "ended" and not s.role("waits 1").run.alive)
        assert stage.role("waits 2").state == "running"


def test_ten_starts_leave_nothing():
    for _ in range(10):
        stage = Stage("again")
        stage.add(ROLES["waits"], process=True)
        stage.start()
        stage.stop()
        assert stage.leftovers == []


def test_an_async_role_in_a_process():
    with Stage("async") as stage:
        endpoint = stage.endpoint("tcp")
        stage.add(ROLES["numbers"], endpoint)
        stage.add(ROLES["awaits"], endpoint, process=True)
        stage.wait(lambda s: s.received("awaits") >= 20)


def test_what_a_process_sent_before_its_end_still_arrives():
    gate = threading.Event()
    with Stage("linger") as stage:
        endpoint = stage.endpoint("tcp")
        stage.add(reads_when_told, endpoint, gate)
        stage.add(ROLES["sends_and_leaves"], endpoint, process=True)
        stage.wait(lambda s: s.role("sends_and_leaves").state == "ended", timeout=10)
        assert stage.received() == 0
        gate.set()
        stage.wait(lambda s: s.received("reads_when_told") == 300, timeout=20)
        stage.wait(lambda s: not s.role("sends_and_leaves").run.alive)


def test_what_was_never_delivered_does_not_hold_up_the_stop():
    with Stage("undelivered") as stage:
        stage.add(ROLES["sends_and_leaves"], stage.endpoint("tcp"), process=True)
        stage.wait(lambda s: s.role("sends_and_leaves").state == "ended", timeout=10)
        assert stopped_in(stage) < 1.0
    assert stage.leftovers == []


# --- failures ------------------------------------------------------------------------------------------


def test_a_role_that_raises_tells_where():
    with Stage("raises") as stage:
        endpoint = stage.endpoint("tcp")
        stage.add(ROLES["numbers"], endpoint)
        stage.add(ROLES["raises_late"], endpoint, process=True)
        line = ROLES["raises_late"].__code__.co_firstlineno + 4
        with pytest.raises(
            RoleFailed, match=rf"raises_late failed: ValueError: enough \(line {line} of your"
        ) as caught:
            stage.wait(lambda s: False)
    assert isinstance(caught.value.__cause__, ValueError)


@posix
def test_a_process_that_dies_of_itself():
    with Stage("dies") as stage:
        stage.add(ROLES["aborts"], process=True)
        with pytest.raises(RoleFailed, match="libzmq aborted it"):
            stage.wait(lambda s: False)
    with Stage("leaves") as stage:
        stage.add(ROLES["leaves"], process=True)
        with pytest.raises(RoleFailed, match="exit code 3"):
            stage.wait(lambda s: False)


@posix
def test_two_threads_on_one_socket_end_only_their_own_process():
    """Plain pyzmq in the role: libzmq aborts that process, as a rule; the stage goes on."""
    roles = cell("""
        import threading
        from zmq.backend import Socket

        def shares(ctx, endpoint):
            push = zmq.Context().socket(zmq.PUSH)
            push.bind(endpoint)
            def sends():
                while True:
                    Socket.send(push, b"x", zmq.DONTWAIT) if push.poll(10, zmq.POLLOUT) else None
            threads = [threading.Thread(target=sends) for _ in range(2)]
            for thread in threads:
                thread.start()
            threads[0].join(3)
            os.abort()
    """)
    with Stage("shares") as stage:
        endpoint = stage.endpoint("tcp")
        stage.add(roles["shares"], endpoint, process=True)
        stage.add(
            reads_all := cell("""
            def reads_all(ctx, endpoint):
                pull = ctx.socket(zmq.PULL)
                pull.connect(endpoint)
                while True:
                    pull.recv()
        """)["reads_all"],
            endpoint,
        )
        with pytest.raises(RoleFailed, match=r"shares's process ended by itself|shares failed"):
            stage.wait(lambda s: False, timeout=10)
        assert stage.role(reads_all.__name__).state == "running"


def test_what_cannot_be_sent_is_named():
    lock = threading.Lock()
    roles = cell(
        """
        def uses(ctx):
            lock.acquire()

        def calls(ctx):
            uses(ctx)

        def closes_over(value):
            def role(ctx):
                return value
            return role
    """,
        lock=lock,
    )
    stage = Stage("cannot")
    with zmq.Context() as ctx, ctx.socket(zmq.PUSH) as socket:
        for function, args, says in [
            (roles["uses"], (), "`lock`, a lock, which it uses"),
            (roles["calls"], (), "`lock`, a lock"),
            (roles["closes_over"](lock), (), "`value`, a lock"),
            (roles["closes_over"](socket), (), "`value`, a Socket"),
            (ROLES["done"], (1, ctx), "its argument 2, a Context"),
            (ROLES["done"], ("inproc://x",), "reached only inside one process"),
        ]:
            stage.add(function, *args, name="role", process=True)
            with pytest.raises(StageError, match=says):
                stage._cast.run_of(stage.role("role"))
            del stage._cast.roles["role"]
    stage.stop()


def test_a_module_that_is_missing_there_is_named(monkeypatch, tmp_path):
    (tmp_path / "only_here.py").write_text("def role(ctx):\n    pass\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    import only_here

    with Stage("found") as stage:
        stage.add(only_here.role, process=True)
        stage.wait(lambda s: s.role("role").state == "ended")
    (tmp_path / "only_here.py").unlink()
    with Stage("missing") as stage:
        stage.add(only_here.role, process=True)
        with pytest.raises(RoleFailed, match="role failed: ModuleNotFoundError: No module named 'only_here'"):
            stage.wait(lambda s: False)


def test_a_slider_cannot_be_sent():
    widgets = pytest.importorskip("ipywidgets")
    delay = widgets.FloatSlider()
    roles = cell("def slow(ctx):\n    time.sleep(delay.value)", delay=delay)
    stage = Stage("slider")
    stage.add(roles["slow"], process=True)
    with pytest.raises(StageError, match="`delay`, a FloatSlider, which it uses: give the role plain values"):
        stage.start()
    assert not stage.running
    delay.close()


def test_a_failed_start_names_the_role_and_leaves_nothing(monkeypatch):
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with Stage("no python") as stage:
        stage.add(ROLES["done"], process=True)
        with pytest.raises(RoleFailed, match="done could not be started"):
            stage.wait(lambda s: False)


def test_output_arrives_and_is_bounded(capsys):
    with Stage("prints") as stage:
        stage.add(ROLES["prints"], process=True)
        stage.wait(lambda s: s.role("prints").state == "ended", timeout=20)
    out = capsys.readouterr().out
    assert out.startswith("one line\nline 0\nline 1\n")
    assert "which is not shown" in out
    assert len(out) < 110_000


# --- the end of the parent -----------------------------------------------------------------------------


@posix
@pytest.mark.parametrize("how", ["SIGKILL", "SIGTERM", "exit", "exception"])
def test_children_die_with_their_parent(how, tmp_path):
    script = tmp_path / "program.py"
    script.write_text(
        textwrap.dedent("""
        import sys, threading, time
        from zmqlive.stage import Stage

        def waits(ctx):
            time.sleep(1000)

        def spins(ctx):
            while True:
                pass

        stage = Stage("parent")
        stage.add(waits, process=True, count=2)
        stage.add(spins, process=True)
        stage.start()
        stage.wait(lambda s: all(r.state == "running" for r in s.roles))
        stage.freeze("waits 2")
        print(*(r.pid for r in stage.roles), flush=True)
        sys.stdin.readline()
        if sys.argv[1] == "exception":
            raise ValueError("the end")
    """)
    )
    parent = subprocess.Popen(
        [sys.executable, str(script), how],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": HELPERS},
    )
    children = [psutil.Process(int(pid)) for pid in parent.stdout.readline().split()]
    assert len(children) == 3
    began = time.monotonic()
    if how.startswith("SIG"):
        parent.send_signal(getattr(signal, how))
    parent.communicate("\n", timeout=5)
    gone = eventually(
        lambda: not any(c.is_running() and c.status() != psutil.STATUS_ZOMBIE for c in children), 4
    )
    print(f"{how}: children gone after {time.monotonic() - began:.2f} s")
    for child in children:
        if not gone and child.is_running():
            child.kill()
    assert gone and time.monotonic() - began < 2.5


@posix
def test_an_interrupt_of_the_notebook_does_not_reach_the_roles():
    with Stage("interrupt") as stage:
        stage.add(ROLES["waits"], process=True)
        stage.wait(lambda s: s.role("waits").state == "running")
        pid = stage.role("waits").pid
        assert os.getpgid(pid) != os.getpgid(0)
        os.kill(pid, signal.SIGINT)
        stage.freeze("waits")
        stage.thaw("waits")
        assert stage.role("waits").state == "running"
