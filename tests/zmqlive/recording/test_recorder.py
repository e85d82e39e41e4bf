"""The recorder: exact as long as it can be, bounded always, and any pyzmq program with one line more."""

from __future__ import annotations

import gc
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import plain_program
import psutil
import pytest
import zmq
import zmqlive
from machine import PATIENCE
from traffic import compare, eventually, flood, flow, receive_until, send_ids, swallow, traffic
from zmqlive.recorder import Recorder
from zmqlive.recording.log import Log, Switch

PROGRAM = Path(plain_program.__file__)


@pytest.fixture
def low_rate(monkeypatch: pytest.MonkeyPatch) -> None:
    """The exact rate, low enough that a busy machine exceeds it too."""
    monkeypatch.setattr(zmqlive.recorder, "EXACT", 20_000)


# --- exact, sampled, and back -------------------------------------------------------------------------------


def test_a_short_burst_stays_exact() -> None:
    with traffic() as t:
        push, pull = flow(t)
        t.start(receive_until, t, pull)
        t.start(send_ids, push, 60_000)     # far faster than 100,000 a second, but fewer than that
        t.join()
        trace, total = compare(t)
    assert trace.exact and trace.note == "" and total == 60_001


def test_above_the_rate_counts_stay_exact_and_a_sample_is_kept(low_rate: None) -> None:
    with traffic(limit=150_000) as t:
        push, pull = flow(t)
        t.start(swallow, pull)
        t.start(flood, push, 600_000)
        t.join()
        trace = t.recorder.trace()
    assert [(s.sent, s.received) for s in trace.sockets] == [(0, 600_001), (600_001, 0)]
    assert not trace.exact and "all were counted, one in 64 was kept" in trace.note
    assert 10_000 < len(trace.messages) < 150_000
    sample = [m for m in trace.messages if m.sent > trace.counts[0].t]
    assert sample and all(m.fate == "received" and (m.received or 0) >= m.sent for m in sample)
    assert trace.depth()[1][-1] == 0 and max(trace.depth()[1]) <= 2_000 + 1_000    # two looks are not at one moment


def test_it_goes_back_to_exact_when_it_is_calm(low_rate: None) -> None:
    with traffic(limit=100_000) as t:
        push, pull = flow(t)
        for round in range(2):
            t.start(swallow, pull)
            t.start(flood, push, 400_000)
            t.join()
            assert len(t.recorder.store.gaps) > round
            eventually(lambda: not t.recorder.store.counting)
        for n in range(100):
            push.send(b"calm %d" % n)
            pull.recv()
        trace = t.recorder.trace()
    calm = [m for m in trace.messages if m.frames[0].startswith(b"calm")]
    assert len(calm) == 100 and all(m.fate == "received" for m in calm)
    assert trace.note.count(" s to ") >= 2
    assert trace.socket(0).received == 800_102


def test_what_was_under_way_when_it_counted_is_not_mixed_up_with_what_came_later() -> None:
    """All payloads are the same: after the gap none may be matched with one from before it."""
    with traffic() as t:
        push, pull = flow(t)
        for _ in range(3):
            push.send(b"same")
        t.recorder.collect()
        for log, _kept in t.recorder.store.logs():
            log.counting = True
        t.recorder.store.gaps.append([time.perf_counter_ns(), 0])
        for _ in range(3):
            pull.recv()
        t.recorder.collect()
        eventually(lambda: not t.recorder.store.counting)
        push.send(b"same")
        pull.recv()
        trace = t.recorder.trace()
    received = [m for m in trace.messages if m.fate == "received"]
    assert len(received) == 1 and (received[0].received or 0) - received[0].sent < 0.1


@pytest.mark.parametrize("size", [10, 64, 65, 100_000])
def test_long_frames_and_many_are_sampled_too(size: int) -> None:
    with traffic() as t:
        push, pull = flow(t)
        for log, _kept in t.recorder.store.logs():
            log.counting = True
        for copy in (True, False):
            for _ in range(128):
                push.send(b"x" * size, copy=copy)
                assert len(pull.recv(copy=copy)) == size
                push.send_multipart([b"x" * size] * 2, copy=copy)
                assert len(pull.recv_multipart(copy=copy)) == 2
        assert [(log.sent, log.received) for log, _ in t.recorder.store.logs()] == [(0, 512), (512, 0)]
        t.recorder.collect()
        assert all(8 >= len(k.samples) > 2 for k in t.recorder.store.kept)


def test_exact_true_keeps_every_message_at_any_rate() -> None:
    with traffic(exact=True, limit=1_000_000) as t:
        push, pull = flow(t)
        t.start(receive_until, t, pull)
        t.start(send_ids, push, 200_000)
        t.join()
        trace, total = compare(t)
    assert trace.exact and total == 200_001


def test_the_limit_bounds_the_record_and_says_so() -> None:
    with traffic(exact=True, limit=20_000) as t:
        push, pull = flow(t)
        for n in range(30_000):
            push.send_multipart([b"%d" % n, b"x" * 100])
            pull.recv_multipart()
            if n % 1000 == 0:
                t.recorder.collect()
        trace = t.recorder.trace()
    assert sum(len(k.sends) + len(k.recvs) for k in t.recorder.store.kept) <= 20_000
    assert "To stay within 20,000 frames" in trace.note
    assert {len(m.frames) for m in trace.messages} == {2}       # none is cut in half
    assert {m.size for m in trace.messages} <= {100 + len(b"%d" % n) for n in (1, 10, 100, 1000, 10000)}
    assert trace.messages[-1].frames[0] == b"29999"
    assert trace.socket(0).received == 30_000
    assert all(m.fate == "received" for m in trace.messages[-1000:])


def memory_growth(count: int) -> tuple[float, float]:
    """MB that a stage of `count` messages with a view (25 polls a second) grew at most, and messages a second."""
    process = psutil.Process()
    with traffic() as t:
        push, pull = flow(t, transport="tcp")
        feed = t.recorder.feed()
        t.start(swallow, pull)
        before = most = process.memory_info().rss
        began = time.perf_counter()
        t.start(flood, push, count)
        while any(thread.is_alive() for thread in t.threads):
            feed.poll()
            most = max(most, process.memory_info().rss)
            threading.Event().wait(0.04)
        seconds = time.perf_counter() - began
        assert t.recorder.received() == count + 1
        t.recorder.trace()
        most = max(most, process.memory_info().rss)
    return (most - before) / 1e6, count / seconds


def test_memory_after_a_million_messages_with_a_view_is_bounded() -> None:
    grown, rate = memory_growth(1_000_000)
    print(f"{grown:.0f} MB more after 1,000,000 messages ({rate:,.0f} a second)")
    assert grown < 200


@pytest.mark.thorough
def test_memory_after_ten_million_messages_with_a_view_is_bounded() -> None:
    grown, rate = memory_growth(10_000_000)
    print(f"{grown:.0f} MB more after 10,000,000 messages ({rate:,.0f} a second)")
    assert grown < 200


# --- any program --------------------------------------------------------------------------------------------


def check_program(trace: Any) -> None:
    assert [c.transport for c in trace.connections] == ["tcp"] * 4
    results = [m for m in trace.messages if trace.role_of(m.target) == "main"]
    assert len(results) == 100 and {m.fate for m in results} == {"received"}
    for m in results:
        task, square = m.frames[0].strip(b"[]").split(b",")
        assert int(task) ** 2 == int(square)
        assert [trace.role_of(h.source)[:6] for h in trace.way(m.id)] == ["main", "worker"]
    assert {s.role for s in trace.sockets} == {"main", "worker", "worker 2"}


def test_a_plain_program_is_recorded_without_a_change() -> None:
    with zmqlive.record("squares") as trace:
        assert plain_program.main() == 328_350
    check_program(trace)
    assert trace.title == "squares"
    ctx = zmq.Context()
    with ctx.socket(zmq.PUSH) as after:
        assert not hasattr(after, "_log")       # recorded no more
    ctx.term()


def test_a_plain_program_with_one_line_at_its_top() -> None:
    code = (f"import zmqlive; trace = zmqlive.record()\n{PROGRAM.read_text()}\n"
            "print(len(trace.connections), trace.ledger('worker', 'main'))")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=PATIENCE, check=True)
    assert done.stdout.split("\n")[:2] == ["328350", "4 sent 100 · received 100 · lost 0 · twice 0 · waiting 0"]
    assert done.stderr == ""


def test_what_was_read_before_the_end_is_not_what_is_read_after_it() -> None:
    with zmqlive.record() as trace, zmq.Context() as ctx, ctx.socket(zmq.PAIR) as a, ctx.socket(zmq.PAIR) as b:
        a.bind("inproc://x")
        b.connect("inproc://x")
        a.send(b"1")
        assert len(trace.messages) == 1
        a.send(b"2")
        assert len(trace.messages) == 2
        a.send(b"3")
    assert len(trace.messages) == 3
    assert trace.messages is trace.messages
    with pytest.raises(AttributeError):
        _ = trace.no_such_thing


def test_the_innermost_of_two_records_records() -> None:
    with zmqlive.record() as outer:
        with zmqlive.record() as inner:
            with zmq.Context() as ctx, ctx.socket(zmq.PUSH):
                pass
        with zmq.Context() as ctx, ctx.socket(zmq.PULL):
            pass
    assert [s.type for s in inner.sockets] == ["PUSH"]
    assert [s.type for s in outer.sockets] == ["PULL"]


def test_the_notebooks_own_sockets_are_not_recorded() -> None:
    machinery: dict[str, Any] = {"__name__": "ipykernel.heartbeat", "zmq": zmq}
    exec("def make(ctx): return ctx.socket(zmq.PUB)", machinery)
    with zmqlive.record() as trace, zmq.Context() as ctx:
        machinery["make"](ctx).close()
        ctx.socket(zmq.SUB).close()
    assert [s.type for s in trace.sockets] == ["SUB"]


def test_sockets_in_use_after_the_end_cost_no_memory() -> None:
    with traffic() as t:
        push, pull = flow(t)
        t.recorder.close()
        for n in range(50_000):
            push.send(b"%d" % n)
            pull.recv()
            pull.poll(0)
        logs = [k.log for k in t.recorder.store.kept]
        assert all(log.drain() == (None, None) and len(log.notes) <= 2 for log in logs)
        assert all(len(log.samples) <= 4_000 for log in logs)
        assert t.recorder.trace().messages == ()


# --- roles --------------------------------------------------------------------------------------------------


def test_roles_have_their_threads_names() -> None:
    with traffic() as t:
        def named() -> None:
            t.socket(zmq.PUSH)

        for thread in (threading.Thread(target=named), threading.Thread(target=named, name="mine"),
                       threading.Thread(target=named)):
            thread.start()
            thread.join(PATIENCE)
        with t.recorder.role("given"):
            t.socket(zmq.PULL)
        t.socket(zmq.PULL)
        roles = [s.role for s in t.recorder.trace().sockets]
    # a thread that begins when the first has ended may get its number, and is not told from it
    assert [r.removesuffix(" 2") for r in roles] == ["named", "mine", "named", "given", "main"]


def test_counts_by_role_are_exact_at_any_moment() -> None:
    with traffic() as t:
        with t.recorder.role("worker 1"):
            pull = t.socket(zmq.PULL, bind="inproc://x")
        with t.recorder.role("producer"):
            push = t.socket(zmq.PUSH, connect="inproc://x")
        for n in range(1, 50):
            push.send(b"x")
            assert t.recorder.sent("prod") == n
            assert (pull.recv(), t.recorder.received("worker")) == (b"x", n)
        assert (t.recorder.sent("worker"), t.recorder.received()) == (0, 49)


# --- other processes ----------------------------------------------------------------------------------------


def remote() -> tuple[Recorder, Recorder, Callable[[], None]]:
    """A parent's recorder, a child's that ships to it, and what ends both."""
    parent = Recorder("parent")
    child = Recorder("child", sink=parent.ingest)

    def end() -> None:
        child.close()
        parent.close()
    return parent, child, end


def test_what_another_process_ships_is_a_record_like_any_other() -> None:
    parent, child, end = remote()
    here, there = parent.context(), child.context()
    pull, push = here.socket(zmq.PULL), there.socket(zmq.PUSH)
    push.sndhwm = 1
    with child.role("far away"):
        answers = there.socket(zmq.PULL)
    push.connect(f"tcp://127.0.0.1:{pull.bind_to_random_port('tcp://127.0.0.1')}")
    push.send(b"one")
    push.send_multipart([b"two", b"x" * 1000, b""])
    push.send(b"y" * 100_000)
    assert [pull.recv_multipart()[0][:3] for _ in range(3)] == [b"one", b"two", b"yyy"]
    with pytest.raises(zmq.Again):
        answers.recv(zmq.DONTWAIT)
    trace = parent.trace()
    assert [(s.type, s.role, s.sent, s.received) for s in trace.sockets] == [
        ("PULL", "main", 0, 3), ("PUSH", "main", 3, 0), ("PULL", "far away", 0, 0)]
    assert [(m.size, [len(f) for f in m.frames], m.fate) for m in trace.messages] == [
        (3, [3], "received"), (1003, [3, 65, 0], "received"), (100_000, [65], "received")]
    lonely = there.socket(zmq.PUSH)
    with pytest.raises(zmq.Again):
        lonely.send(b"x", zmq.DONTWAIT)
    assert parent.trace().blocked[-1].end is None and parent.blocked() == ["main"]
    for socket in (pull, push, answers, lonely):
        socket.close(0)
    assert all(s.closed is not None for s in parent.trace().sockets)
    here.term()
    there.term()
    end()


def test_a_role_that_died_has_closed_sockets() -> None:
    parent, child, end = remote()
    ctx = child.context()
    with child.role("worker"):
        pull = ctx.socket(zmq.PULL)
    parent.role_died("worker")
    assert parent.trace().sockets[0].closed is not None
    pull.close()
    ctx.term()
    end()


# --- its own end --------------------------------------------------------------------------------------------


def recorder_threads() -> int:
    return sum(t.name == "zmqlive-recorder" for t in threading.enumerate())


def test_closing_leaves_no_thread() -> None:
    gc.collect()
    eventually(lambda: recorder_threads() == 0 or (gc.collect() is None and recorder_threads() == 0))
    recorder = Recorder()
    assert recorder_threads() == 1 and not recorder.closed
    recorder.close()
    recorder.close()
    assert recorder.closed
    eventually(lambda: recorder_threads() == 0)


def test_a_recorder_that_is_dropped_ends_by_itself() -> None:
    gc.collect()
    eventually(lambda: recorder_threads() == 0)
    Recorder().mark("gone")
    gc.collect()
    eventually(lambda: recorder_threads() == 0)


def test_marks_and_roles_are_on_the_time_line() -> None:
    with traffic() as t:
        t.recorder.note_role("worker", "running")
        t.recorder.mark("cut", "wan")
        t.recorder.note_role("worker", "failed", "why")
        trace = t.recorder.trace()
    assert [(r.role, r.state, r.text) for r in trace.roles] == [("worker", "running", ""), ("worker", "failed", "why")]
    assert [(m.what, m.where) for m in trace.marks] == [("cut", "wan")]
    assert trace.roles[0].t <= trace.marks[0].t <= trace.roles[1].t <= trace.seconds
    with pytest.raises(ValueError, match="no action 'kill'"):
        t.recorder.act("kill")


def test_a_log_that_has_been_shed_still_counts() -> None:
    """The room of a closed socket is given back; how many messages went through it is not forgotten."""
    log = Log(1, Switch())
    for n in range(5):
        log.put_sent(n, b"%d" % n)
    for n in range(3):
        log.put_received((n, n), b"%d" % n)
    assert not log.shed(), "not all has been read"
    log.drain()
    assert log.shed()
    assert (log.sent, log.received, log.all_sent(), log.all_received()) == (5, 3, 5, 3)
    log.put_sent(9, b"more")
    assert (log.sent, log.all_sent()) == (6, 6)
