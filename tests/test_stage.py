"""Stage with roles in threads: real sockets, real faults, nothing left behind."""

from __future__ import annotations

import asyncio
import gc
import os
import queue
import signal
import sys
import threading
import time
import types
import warnings
from collections.abc import Callable, Iterator
from time import sleep

import psutil
import pytest
import zmq
from zmqlive import interrupts, keeper
from zmqlive.errors import RoleFailed, StageError, StageTimeout
from zmqlive.ports import Endpoints
from zmqlive.stage import Stage

ME = psutil.Process()


def left_open() -> tuple[list[str], int, int, int]:
    """Threads, descriptors, listening ports and child processes of this process."""
    listening = [c for c in ME.net_connections("inet") if c.status == psutil.CONN_LISTEN]
    names = sorted(t.name for t in threading.enumerate())
    return names, ME.num_fds() if os.name == "posix" else 0, len(listening), len(ME.children())


def eventually(condition: Callable[[], object], seconds: float = 3.0) -> bool:
    until = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > until:
            return False
        interrupts.original(0.005)
    return True


@pytest.fixture(autouse=True)
def nothing_left() -> Iterator[None]:
    gc.collect()
    zmq.Context().term()  # what the first context of a process makes for good is not a leak
    before = left_open()
    yield
    keeper.stop_all()
    gc.collect()
    assert eventually(lambda: left_open() == before), f"{left_open()} left, {before} before"
    assert time.sleep is interrupts.original


def stopped_in(stage: Stage) -> float:
    began = time.perf_counter()
    stage.stop()
    return time.perf_counter() - began


# --- roles ---------------------------------------------------------------------------------------------


def producer(ctx, endpoint, pause=0.001):
    with ctx.socket(zmq.PUSH) as push:
        push.bind(endpoint)
        n = 0
        while True:
            push.send(b"%d" % n)
            n += 1
            time.sleep(pause)


def consumer(ctx, endpoint):
    with ctx.socket(zmq.PULL) as pull:
        pull.connect(endpoint)
        while True:
            pull.recv()


def send_blocked(ctx):
    one, two = ctx.socket(zmq.PUSH), ctx.socket(zmq.DEALER)
    one.bind("tcp://127.0.0.1:*")
    two.bind("tcp://127.0.0.1:*")
    one.send(b"nobody is there")


def recv_blocked(ctx):
    with ctx.socket(zmq.SUB) as one, ctx.socket(zmq.PULL) as two:
        one.bind("tcp://127.0.0.1:*")
        two.bind("tcp://127.0.0.1:*")
        two.recv()


def waiting(ctx):
    time.sleep(1000)


def raises(ctx):
    raise KeyError("missing")


def nothing(ctx):
    pass


def calls_in_progress(stage: Stage) -> int:
    """How many role threads are inside a send or recv of a recorded socket."""
    frames = sys._current_frames()
    threads = [t for t in threading.enumerate() if t.name.startswith("role ")]
    return sum(
        frames[t.ident].f_code.co_name in ("send_blocked", "recv") for t in threads if t.ident in frames
    )


# --- start and stop ------------------------------------------------------------------------------------


def test_messages_flow_and_are_counted():
    with Stage("flow") as stage:
        endpoint = stage.endpoint("tcp", name="tasks")
        stage.add(producer, endpoint)
        workers = stage.add(consumer, endpoint, name="worker", count=3)
        stage.wait(lambda s: s.received("worker") >= 50)
        assert [w.name for w in workers] == ["worker 1", "worker 2", "worker 3"]
        assert stage.sent("producer") >= 50
    assert {r.state for r in stage.roles} == {"stopped"}
    assert stage.leftovers == []


def test_100_sockets_in_50_roles_stop_within_a_second():
    before = left_open()
    took = []
    for _ in range(5):
        stage = Stage("many")
        stage.add(send_blocked, count=25)
        stage.add(recv_blocked, count=25)
        stage.start()
        stage.wait(lambda s: calls_in_progress(s) == 50 and len(s._cast.lingering.open) == 100, timeout=20)
        took.append(stopped_in(stage))
        assert stage.leftovers == []
        assert eventually(lambda: left_open() == before)
    print(
        f"stop of 100 sockets in 50 roles, all blocked: "
        f"median {sorted(took)[2] * 1e3:.0f} ms, worst {max(took) * 1e3:.0f} ms"
    )
    assert max(took) < 1.0


def test_start_and_stop_200_times_without_growth():
    def once() -> None:
        stage = Stage("again")
        endpoint = stage.endpoint()
        stage.add(producer, endpoint)
        stage.add(consumer, endpoint, count=2)
        stage.start()
        stage.wait(lambda s: s.received() >= 3)
        stage.stop()
        assert stage.leftovers == []

    def used() -> tuple[int, list[str], int]:
        gc.collect()
        eventually(lambda: threading.active_count() == threads)
        return ME.memory_info().rss, *left_open()[:2]

    threads = threading.active_count()
    for _ in range(20):
        once()
    first, names, fds = used()
    began = time.perf_counter()
    for _ in range(180):
        once()
    seconds = time.perf_counter() - began
    last, *rest = used()
    print(
        f"200 stages: {seconds / 180 * 1e3:.0f} ms each, "
        f"memory after the first 20 {(last - first) / 1e6:+.1f} MB"
    )
    assert rest == [names, fds]
    assert last - first < 8e6


def test_stop_twice_and_from_two_threads():
    stage = Stage("twice")
    stage.add(waiting)
    stage.start()
    threads = [threading.Thread(target=stage.stop) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(5)
    stage.stop()
    assert not stage.running


def test_a_role_may_stop_its_own_stage():
    def ends_it(ctx, box):
        box[0].stop()
        time.sleep(1000)

    box = []
    stage = Stage("own end")
    box.append(stage)
    stage.add(ends_it, box)
    stage.start()
    assert stage._stopped.wait(3)
    assert stage.leftovers == []


def test_a_stopped_stage_is_not_used_again():
    stage = Stage("over")
    stage.stop()
    with pytest.raises(StageError, match="Make a new one"):
        stage.start()
    with pytest.raises(StageError, match="Make a new one"):
        stage.add(nothing)


def test_two_stages_side_by_side_do_not_meet():
    with Stage("one") as one, Stage("two") as two:
        for stage in (one, two):
            endpoint = stage.endpoint("tcp", name="tasks")
            stage.add(producer, endpoint)
            stage.add(consumer, endpoint)
        for stage in (one, two):
            stage.wait(lambda s: s.received() >= 20)
        one.stop()
        seen = two.received()
        two.wait(lambda s: s.received() >= seen + 20)
        assert time.sleep is not interrupts.original
    assert one.endpoint("inproc", name="x") == "inproc://x"


def test_a_role_joins_late_and_restarts():
    with Stage("late") as stage:
        endpoint = stage.endpoint("tcp")
        stage.add(consumer, endpoint, growable=True)
        stage.add(producer, endpoint)
        stage.wait(lambda s: s.received("consumer") >= 5)
        stage.act("add:consumer")
        stage.wait(lambda s: s.received("consumer 2") >= 5)
        assert {a["id"] for a in stage.actions()} == {"add:consumer", "stop"}
        stage.add(nothing)
        stage.wait(lambda s: s.role("nothing").state == "ended")
        assert "restart:nothing" in {a["id"] for a in stage.actions()}
        stage.restart("nothing")
        stage.wait(lambda s: s.role("nothing").state == "ended")
    assert stage.actions() == []


def test_bounds_on_time_and_messages():
    brief = Stage("brief", seconds=0.3).start()
    assert brief._stopped.wait(3)
    few = Stage("few", messages=50)
    endpoint = few.endpoint()
    few.add(producer, endpoint)
    few.add(consumer, endpoint)
    few.start()
    assert few._stopped.wait(5)
    assert few.sent() >= 50
    assert [m.what for s in (brief, few) for m in s.recorder.marks] == [
        "stopped by itself after 0.3 seconds",
        "stopped by itself after 50 messages",
    ]


# --- roles that do not end by themselves ---------------------------------------------------------------


def computes(ctx):
    while True:
        pass


def swallows(ctx):
    pull = ctx.socket(zmq.PULL)
    while True:
        try:
            pull.recv()
        except Exception:
            continue


def uses_a_bare_sleep(ctx):
    sleep(1000)


async def awaits(ctx, endpoint):
    pull = ctx.socket(zmq.PULL)
    pull.connect(endpoint)
    while True:
        await pull.recv()


async def dozes(ctx):
    await asyncio.sleep(1000)


@pytest.mark.parametrize("role", [waiting, uses_a_bare_sleep, dozes, computes, swallows])
def test_roles_that_are_hard_to_end(role):
    stage = Stage("hard")
    stage.add(role)
    stage.start()
    stage.wait(lambda s: s.role(role.__name__).state == "running")
    took = stopped_in(stage)
    print(f"{role.__name__}: stopped in {took * 1e3:.0f} ms")
    assert took < 1.0
    assert stage.leftovers == []
    assert stage.role(role.__name__).state == "stopped"


def test_a_role_in_a_call_that_never_returns_is_left_and_named():
    never = queue.Queue()

    def waits_elsewhere(ctx):
        ctx.socket(zmq.PULL).bind("tcp://127.0.0.1:*")
        never.get()

    stage = Stage("stuck")
    stage.add(waits_elsewhere)
    stage.start()
    stage.wait(lambda s: len(s._cast.lingering.open) == 1)
    assert stopped_in(stage) < 1.0
    assert len(stage.leftovers) == 1
    assert "waits_elsewhere did not end" in stage.leftovers[0]
    assert "never.get()" in stage.leftovers[0]
    never.put(None)  # and now it does: the fixture looks


def test_an_async_role_receives():
    with Stage("async") as stage:
        endpoint = stage.endpoint("inproc", name="q")
        stage.add(producer, endpoint)
        stage.add(awaits, endpoint)
        stage.wait(lambda s: s.received("awaits") >= 20)
        took = stopped_in(stage)
    assert took < 0.5
    assert stage.leftovers == []


def test_end_one_role():
    def until_ended(ctx, log):
        try:
            while True:
                time.sleep(0.05)
        except zmq.ContextTerminated:
            log.append("ended")
            raise

    log = []
    with Stage("end one") as stage:
        stage.add(until_ended, log)
        stage.add(dozes)
        stage.add(waiting)
        stage.wait(lambda s: all(r.state == "running" for r in s.roles))
        stage.end("until_ended")
        stage.end("dozes")
        stage.wait(lambda s: s.role("until_ended").state == s.role("dozes").state == "ended")
        assert log == ["ended"]
        assert stage.role("waiting").state == "running"


def test_sleep_in_a_role_is_as_exact_as_the_original():
    def sleeps(ctx, times):
        for _ in range(100):  # in turn, so that both meet the same machine
            for function in (interrupts.original, time.sleep):
                for seconds in (0.001, 0):
                    began = time.perf_counter()
                    function(seconds)
                    times.setdefault((function, seconds), []).append(time.perf_counter() - began)

    times = {}
    with Stage("sleep") as stage:
        stage.add(sleeps, times)
        stage.wait(lambda s: s.role("sleeps").state == "ended", timeout=20)
    middle = {key: sorted(t)[len(t) // 2] * 1e3 for key, t in times.items()}
    for seconds in (0.001, 0):
        (plain,), (ours,) = (
            [m for (f, s), m in middle.items() if s == seconds and (f is interrupts.original) == original]
            for original in (True, False)
        )
        print(f"time.sleep({seconds}): {plain:.3f} ms, in a role {ours:.3f} ms")
        assert ours < plain * 1.5 + 0.5


def test_sleep_elsewhere_is_the_original_and_takes_no_end():
    with Stage("elsewhere") as stage:
        began = time.perf_counter()
        time.sleep(0.01)
        assert time.perf_counter() - began >= 0.01
        stage.add(nothing)
    with pytest.raises(ValueError, match="non-negative"):
        time.sleep(-1)


# --- roles that fail -----------------------------------------------------------------------------------


def test_a_role_that_raises_at_once(capsys):
    with Stage("fails") as stage:
        stage.add(raises)
        began = time.perf_counter()
        with pytest.raises(RoleFailed) as caught:
            stage.wait(lambda s: False, timeout=10)
        assert time.perf_counter() - began < 1.0
    error = caught.value
    assert str(error).startswith("raises failed: KeyError: 'missing' (line ")
    assert error.role == "raises"
    assert isinstance(error.__cause__, KeyError)
    assert error._render_traceback_() == [f"RoleFailed: {error}"]
    assert stage.role("raises").state == "failed"


def test_a_role_that_raises_in_the_middle_is_said_even_if_nobody_waits(capsys):
    def breaks(ctx, endpoint):
        pull = ctx.socket(zmq.PULL)
        pull.connect(endpoint)
        for _ in range(5):
            pull.recv()
        pull.send(b"a PULL cannot send")

    with Stage("breaks") as stage:
        endpoint = stage.endpoint()
        stage.add(producer, endpoint)
        stage.add(breaks, endpoint)
        said = []
        assert eventually(lambda: said.append(capsys.readouterr().err) or "".join(said), 2.0)
        assert "breaks failed: This type of socket cannot do that" in said[-1]
        stage.restart("breaks")
        assert eventually(lambda: stage.role("breaks").state == "failed")


def test_what_a_role_left_open_is_closed():
    def forgets(ctx, kept):
        kept.append(ctx.socket(zmq.PULL))
        kept[0].bind("tcp://127.0.0.1:*")

    kept = []
    with Stage("forgets") as stage:
        stage.add(forgets, kept)
        stage.wait(lambda s: s.role("forgets").state == "ended")
        assert kept[0].closed


def test_a_dropped_socket_closes_as_in_pyzmq():
    def drops(ctx, endpoint, counts):
        for _ in range(50):
            pull = ctx.socket(zmq.PULL)
            pull.bind(endpoint)  # in use, were the one before still open
            pull.unbind(endpoint)
            counts.append(len(stage._cast.lingering.open))
        kept = [ctx.socket(zmq.PULL) for _ in range(5)]
        counts.append(sum(s.closed for s in kept))

    counts = []
    with Stage("drops") as stage:
        stage.add(drops, "inproc://again", counts)
        stage.wait(lambda s: s.role("drops").state == "ended")
    assert max(counts[:-1]) <= 2
    assert counts[-1] == 0


@pytest.mark.parametrize("act", ["box[0].send(b'x')", "box[0].recv()", "box[0].close()"])
def test_a_socket_of_another_role_is_refused(act):
    """In plain pyzmq each of these may end the whole process."""

    def lends(ctx, box):
        pair = ctx.socket(zmq.PAIR)
        box.append(pair)
        pair.recv()

    names = {}
    exec(f"def borrows(ctx, box):\n    {act}", names)
    box = []
    with Stage("threads") as stage:
        stage.add(lends, box)
        stage.wait(lambda s: calls_in_progress(s) == 1)
        stage.add(names["borrows"], box)
        with pytest.raises(RoleFailed, match="belongs to the thread that made it"):
            stage.wait(lambda s: False)
        box.clear()


def test_monitored_sockets_do_not_hold_up_the_stop():
    def watches(ctx, endpoint):
        with ctx.socket(zmq.PUSH) as push, push.get_monitor_socket() as monitor:
            push.connect(endpoint)
            push.send(b"x")
            while True:
                monitor.recv_multipart()

    def leaves(ctx, endpoint):
        push = ctx.socket(zmq.PUSH)
        monitor = push.get_monitor_socket()
        push.connect(endpoint)
        monitor.recv_multipart()
        push.disable_monitor()
        push.send(b"x")

    with Stage("monitors") as stage:
        endpoint = stage.endpoint()
        stage.add(watches, endpoint, count=5)
        stage.add(leaves, endpoint, count=5)
        stage.wait(lambda s: all(r.state == "ended" for r in s.roles if r.family == "leaves"))
        took = stopped_in(stage)
    assert took < 1.0
    assert stage.leftovers == []


@pytest.mark.parametrize("act", ["ctx.term()", "ctx.destroy()", "with ctx: pass"])
def test_a_role_cannot_end_the_context_of_the_others(act):
    names = {}
    exec(f"def ends_all(ctx):\n    {act}", names)
    with Stage("shared") as stage:
        endpoint = stage.endpoint()
        stage.add(producer, endpoint)
        stage.add(consumer, endpoint)
        stage.add(names["ends_all"])
        with pytest.raises(RoleFailed, match="ends_all failed: This context is shared by all roles"):
            stage.wait(lambda s: False)
        seen = stage.received()
        assert eventually(lambda: stage.received() > seen + 5)


def test_a_port_in_use():
    with Stage("port") as stage:
        endpoint = stage.endpoint("tcp")
        stage.add(producer, endpoint)
        stage.wait(lambda s: s.role("producer").state == "running" and s._cast.lingering.open)
        stage.wait(lambda s: calls_in_progress(s) == 1)
        stage.add(producer, endpoint, name="second")
        with pytest.raises(RoleFailed, match=f"second failed: {endpoint} is already in use"):
            stage.wait(lambda s: False)


def test_one_that_never_connects_and_one_that_connects_to_nobody():
    def forgets_to_connect(ctx):
        ctx.socket(zmq.PULL).recv()

    with Stage("lonely") as stage:
        stage.add(forgets_to_connect)
        with pytest.raises(StageTimeout, match="forgets_to_connect's PULL has neither bound nor connected"):
            stage.wait(lambda s: s.received(), timeout=0.3)
    with Stage("nobody") as stage:
        stage.add(consumer, stage.endpoint("tcp"))
        with pytest.raises(
            StageTimeout, match=r"consumer connects to tcp://127.0.0.1:\d+, but no role has bound"
        ):
            stage.wait(lambda s: s.received(), timeout=0.3)
    with Stage("slow") as stage:
        stage.add(waiting)
        with pytest.raises(StageTimeout, match=r"So far: waiting \(running\) sent and received nothing"):
            stage.wait(lambda s: False, timeout=0.1)


def test_names_and_roles_that_are_wrong():
    with Stage("names") as stage:
        stage.add(waiting)
        with pytest.raises(StageError, match="did you mean 'waiting'"):
            stage.role("waitin")
        with pytest.raises(StageError, match="a role 'waiting' already"):
            stage.add(waiting)
        with pytest.raises(StageError, match="pass it uncalled"):
            stage.add(None)
        with pytest.raises(StageError, match="runs in a thread, which cannot be killed"):
            stage.kill("waiting")
        with pytest.raises(StageError, match="still runs"):
            stage.restart("waiting")
        with pytest.raises(StageError, match="no action"):
            stage.act("dance:waiting")


# --- lingering -----------------------------------------------------------------------------------------


def sends_and_leaves(ctx, endpoint, kind, count, size):
    with ctx.socket(kind) as socket:
        socket.sndhwm = 0
        socket.connect(endpoint)
        for _ in range(count):
            socket.send(b"x" * size)


def reads_slowly(ctx, endpoint, kind, gate):
    with ctx.socket(kind) as socket:
        socket.rcvhwm = 1
        socket.bind(endpoint)
        gate.wait(20)
        while True:
            socket.recv_multipart()


@pytest.mark.parametrize("transport", ["tcp", "ipc", "inproc"])
def test_what_was_sent_before_the_end_still_arrives(transport):
    """30 MB: far more than the operating system's buffers hold, so most of it waits in the closed socket."""
    if transport == "ipc" and not zmq.has("ipc"):
        pytest.skip("no ipc here")
    gate = threading.Event()
    with Stage("linger") as stage:
        endpoint = stage.endpoint(transport, name="big")
        stage.add(reads_slowly, endpoint, zmq.PULL, gate)
        stage.add(sends_and_leaves, endpoint, zmq.PUSH, 300, 100_000)
        stage.wait(lambda s: s.role("sends_and_leaves").state == "ended")
        assert stage.received() == 0
        gate.set()
        stage.wait(lambda s: s.received() == 300, timeout=20)


@pytest.mark.parametrize("kind", [zmq.PUSH, zmq.DEALER, zmq.REQ, zmq.PAIR])
@pytest.mark.parametrize("transport", ["tcp", "inproc"])
def test_unsent_messages_do_not_hold_up_the_stop(kind, transport):
    with Stage("unsent") as stage:
        stage.add(sends_and_leaves, stage.endpoint(transport), kind, 1, 10)
        stage.wait(lambda s: s.role("sends_and_leaves").state == "ended")
        took = stopped_in(stage)
    assert took < 1.0
    assert stage.leftovers == []


def test_messages_that_a_running_role_has_not_delivered_do_not_hold_up_the_stop():
    def sends_and_stays(ctx, endpoint):
        with ctx.socket(zmq.PUSH) as push:
            push.connect(endpoint)
            push.send(b"x")
            with ctx.socket(zmq.PULL) as pull:
                pull.recv()

    with Stage("undelivered") as stage:
        stage.add(sends_and_stays, stage.endpoint("tcp"))
        stage.wait(lambda s: calls_in_progress(s) == 1)
        took = stopped_in(stage)
    assert took < 0.5
    assert stage.leftovers == []


def test_a_closed_socket_gives_its_endpoint_back():
    def binds_and_leaves(ctx, endpoint):
        with ctx.socket(zmq.PUB) as pub:
            pub.bind(endpoint)
            pub.send(b"x")

    with Stage("rebind") as stage:
        endpoint = stage.endpoint("tcp")
        stage.add(binds_and_leaves, endpoint)
        for _ in range(10):
            stage.wait(lambda s: s.role("binds_and_leaves").state == "ended")
            stage.restart("binds_and_leaves")
        stage.wait(lambda s: s.role("binds_and_leaves").state == "ended")


def test_a_closed_socket_is_closed_for_python():
    def closes(ctx, endpoint):
        push = ctx.socket(zmq.PUSH)
        push.connect(endpoint)
        push.send(b"x")
        push.close()
        assert push.closed
        push.close()
        push.send(b"y")

    with Stage("closed") as stage:
        stage.add(closes, stage.endpoint("tcp"))
        with pytest.raises(RoleFailed, match="This socket is closed already"):
            stage.wait(lambda s: False)


def test_a_thousand_short_lived_senders_do_not_use_up_the_context():
    def many(ctx, endpoint):
        for _ in range(1500):
            with ctx.socket(zmq.PUSH) as push:
                push.connect(endpoint)
                push.send(b"x")
                time.sleep(0.001)

    gate = threading.Event()
    gate.set()
    with Stage("short-lived") as stage:
        endpoint = stage.endpoint("tcp")
        stage.add(reads_slowly, endpoint, zmq.PULL, gate)
        stage.add(many, endpoint)
        stage.wait(lambda s: s.received() == 1500, timeout=30)


# --- endpoints -----------------------------------------------------------------------------------------


def test_endpoints_are_free_named_and_given_back():
    ends = Endpoints()
    first = ends.get("tcp", name="tasks")
    assert ends.get("tcp", name="tasks") == first
    assert len({ends.get("tcp") for _ in range(50)} | {first}) == 51
    assert ends.get("inproc", name="my tasks") == "inproc://my-tasks"
    folder = os.path.dirname(ends.get("ipc", name="a").removeprefix("ipc://"))
    assert os.path.isdir(folder)
    with pytest.raises(StageError, match="no transport"):
        ends.get("udp")
    with zmq.Context() as ctx, ctx.socket(zmq.PULL) as pull:
        pull.bind(first)
    ends.close()
    assert not os.path.exists(folder)


def test_a_held_port_is_handed_to_nobody_else():
    import socket

    ends = Endpoints()
    held = {int(ends.get("tcp").rpartition(":")[2]) for _ in range(200)}
    others = []
    for _ in range(2000):
        other = socket.socket()
        if len(others) % 2:
            other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", 0))
        others.append(other)
    taken = {s.getsockname()[1] for s in others} & held
    for other in others:
        other.close()
    ends.close()
    assert not taken


def test_without_ipc_an_endpoint_is_tcp(monkeypatch):
    monkeypatch.setattr(zmq, "has", lambda what: False)
    ends = Endpoints()
    with pytest.warns(UserWarning, match="ipc does not exist"):
        assert ends.get("ipc", name="x").startswith("tcp://127.0.0.1:")
    ends.close()


# --- links ---------------------------------------------------------------------------------------------


def test_a_link_is_cut_mended_and_closed_with_the_stage():
    with Stage("link") as stage:
        endpoint = stage.endpoint("tcp")
        link = stage.link(endpoint, name="wan")
        stage.add(producer, endpoint)
        stage.add(consumer, link.endpoint)
        stage.wait(lambda s: s.received() >= 10)
        stage.act("cut:wan")
        assert "mend:wan" in {a["id"] for a in stage.actions()}
        stage.act("mend:wan")
        seen = stage.received()
        stage.wait(lambda s: s.received() >= seen + 10)
        assert [(m.what, m.where) for m in stage.recorder.marks] == [("cut", "wan"), ("mend", "wan")]
    assert link.state == "closed"


# --- notebooks -----------------------------------------------------------------------------------------


class FakeShell:
    """As much of ipykernel's shell as a stage looks at."""

    def __init__(self) -> None:
        self.parent = None
        self.adopted = []
        self.callbacks = []
        self.events = types.SimpleNamespace(register=lambda name, f: self.callbacks.append(f))

    def run(self, cell_id, execution, code=""):
        metadata = {"cellId": cell_id} if cell_id else {}
        self.parent = {"header": {"msg_id": execution}, "metadata": metadata, "content": {"code": code}}

    def get_parent(self):
        return self.parent

    def set_thread_parent(self, parent):
        self.adopted.append((threading.current_thread().name, parent["header"]["msg_id"]))


@pytest.fixture
def shell(monkeypatch):
    fake = FakeShell()
    module = types.SimpleNamespace(get_ipython=lambda: fake)
    monkeypatch.setitem(sys.modules, "IPython", module)
    monkeypatch.setattr(keeper, "_hooked", False)
    return fake


def started(title: str) -> Stage:
    stage = Stage(title)
    stage.add(waiting)
    return stage.start()


def test_running_a_cell_again_stops_what_it_started(shell):
    shell.run("cell-a", "1")
    one, two = started("one"), started("two")
    assert one.running and two.running
    shell.run("cell-b", "2")
    other = started("one")
    assert one.running and two.running
    shell.run("cell-a", "3")
    again = started("one")
    assert not one.running and not two.running
    assert other.running and again.running
    other.stop()
    again.stop()


def test_without_a_cell_id_the_same_code_is_the_same_cell(shell):
    shell.run("", "1", code="stage = …")
    one = started("one")
    shell.run("", "2", code="other = …")
    two = started("two")
    shell.run("", "3", code="stage = …")
    three = started("one")
    assert [s.running for s in (one, two, three)] == [False, True, True]


def test_an_interrupted_cell_stops_all_stages(shell):
    shell.run("cell-a", "1")
    stage = started("interrupted")
    shell.callbacks[0](types.SimpleNamespace(error_in_exec=ValueError()))
    assert stage.running
    shell.callbacks[0](types.SimpleNamespace(error_in_exec=KeyboardInterrupt()))
    assert not stage.running


def test_prints_go_to_the_cell_that_made_the_stage(shell):
    shell.run("cell-a", "1")
    with started("prints"):
        assert eventually(lambda: ("role waiting", "1") in shell.adopted)


@pytest.mark.skipif(os.name != "posix", reason="a real SIGINT")
def test_an_interrupt_while_waiting_stops_the_stage():
    def interrupts_the_notebook(ctx):
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(1000)

    stage = Stage("interrupt")
    stage.add(interrupts_the_notebook)
    with pytest.raises(KeyboardInterrupt):
        stage.start()
        stage.wait(lambda s: False, timeout=5)
    assert eventually(lambda: not stage.running) or stage.stop() is None


def test_a_stage_that_is_dropped_before_its_start_leaves_nothing():
    stage = Stage("dropped")
    stage.endpoint("tcp")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # its context is collected with it
        del stage
        gc.collect()
