"""Roles in processes that fail, die, cannot be sent, or say too much."""

from __future__ import annotations

import sys
import threading

import pytest
import zmq
from machine import PATIENCE
from process_roles import ROLES, cell, posix
from stage_parts import eventually, nothing_left, stopped_in  # noqa: F401
from zmqlive.roles import RoleFailed, StageError
from zmqlive.stage import Stage


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
            threads[0].join(PATIENCE)
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
        stage.wait(lambda s: s.role("prints").state == "ended", timeout=PATIENCE)
    out = capsys.readouterr().out
    assert out.startswith("one line\nline 0\nline 1\n")
    assert "which is not shown" in out
    assert len(out) < 110_000
