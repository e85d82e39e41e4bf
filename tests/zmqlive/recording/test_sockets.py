"""A recorded socket is pyzmq's in every respect: each case holds for plain pyzmq, for our context, under `record()`.

pyzmq's own tests are run by `test_pyzmq_suite`; these are the ones that matter most, in short.
"""

from __future__ import annotations

import asyncio
import gc
import pickle
import sys
import threading
import weakref
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import zmq
import zmq.asyncio
import zmq.devices
import zmqlive
from machine import PATIENCE
from traffic import eventually
from zmqlive import AsyncContext
from zmqlive.recorder import Recorder
from zmqlive.recording import WrongThread

# The cases leave their sockets to the end of the test and to the context's destroy, as quick scripts do.
pytestmark = pytest.mark.filterwarnings("ignore:[Uu]nclosed:ResourceWarning")

PAIRS = [(zmq.PUSH, zmq.PULL), (zmq.PAIR, zmq.PAIR), (zmq.DEALER, zmq.DEALER), (zmq.REQ, zmq.REP), (zmq.PUB, zmq.SUB),
         (zmq.XPUB, zmq.XSUB), (zmq.DEALER, zmq.ROUTER)]


@pytest.fixture(params=["plain", "ours", "record()"])
def ctx(request: pytest.FixtureRequest) -> Iterator[Any]:
    """A context of each kind; every case runs with all three."""
    recording = zmqlive.record() if request.param == "record()" else None
    context: Any = zmqlive.Context() if request.param == "ours" else zmq.Context()
    yield context
    ender = threading.Thread(target=context.destroy, args=(0,), daemon=True)
    ender.start()
    ender.join(PATIENCE)
    assert not ender.is_alive()
    for recorder in (recording, getattr(context, "recorder", None)):
        if recorder:
            recorder.close()


def pair(ctx: Any, a: int = zmq.PUSH, b: int = zmq.PULL) -> tuple[Any, Any]:
    one, two = ctx.socket(a), ctx.socket(b)
    if b == zmq.SUB:
        two.subscribe(b"")
    port = one.bind_to_random_port("tcp://127.0.0.1")
    two.connect(f"tcp://127.0.0.1:{port}")
    one.rcvtimeo = two.rcvtimeo = one.sndtimeo = two.sndtimeo = int(1000 * PATIENCE)
    return one, two


@pytest.mark.parametrize(("a", "b"), PAIRS, ids=lambda t: t.name)
def test_every_type(ctx: Any, a: int, b: int) -> None:
    one, two = pair(ctx, a, b)
    if b == zmq.XSUB:
        two.send(b"\1")
        assert one.recv() == b"\1"
        one.send(b"x")
    elif b == zmq.SUB:
        eventually(lambda: one.send(b"x") or two.poll(10))
    else:
        one.send(b"x")
    assert two.recv_multipart()[-1] == b"x"
    assert (one.type, two.type) == (a, b)
    assert f"zmq.Socket(zmq.{zmq.SocketType(a).name})" in repr(one)
    assert isinstance(one, zmq.Socket)


def test_flags_copies_and_multipart(ctx: Any) -> None:
    a, b = pair(ctx, zmq.PAIR, zmq.PAIR)
    assert a.send(b"x") is None
    tracker = a.send(b"y" * 100_000, copy=False, track=True)
    assert isinstance(tracker, zmq.MessageTracker)
    assert b.recv(copy=False).bytes == b"x"
    frame = b.recv(copy=False)
    assert isinstance(frame, zmq.Frame) and len(frame) == 100_000
    a.send(memoryview(b"view"), zmq.SNDMORE)
    a.send(bytearray(b"array"))
    assert b.recv() == b"view" and b.getsockopt(zmq.RCVMORE) and b.recv() == b"array" and not b.rcvmore
    a.send_multipart([b"1", b"", b"3"], copy=False)
    assert [f.bytes for f in b.recv_multipart(copy=False)] == [b"1", b"", b"3"]
    a.send(zmq.Frame(b"frame"))
    into = bytearray(10)
    if hasattr(b, "recv_into"):
        assert b.recv_into(into) == 5 and into[:5] == b"frame"


def test_forms_of_messages(ctx: Any) -> None:
    a, b = pair(ctx)
    a.send_string("ü")
    assert b.recv_string() == "ü"
    a.send_json({"a": [1]}, ensure_ascii=True)
    assert b.recv_json() == {"a": [1]}
    a.send_pyobj((1, 2), protocol=pickle.HIGHEST_PROTOCOL)
    assert b.recv_pyobj() == (1, 2)
    a.send_serialized("x", lambda text: [text.encode(), b""])
    assert b.recv_serialized(lambda frames: frames[0].decode()) == "x"


def test_poll_and_poller_and_select(ctx: Any) -> None:
    a, b = pair(ctx)
    assert b.poll(0) == 0 and a.poll(1000 * PATIENCE, zmq.POLLOUT) == zmq.POLLOUT
    a.send(b"x")
    assert b.poll(1000 * PATIENCE) == zmq.POLLIN
    poller = zmq.Poller()
    poller.register(a, zmq.POLLOUT)
    poller.register(b, zmq.POLLIN)
    assert dict(poller.poll(1000 * PATIENCE)) == {a: zmq.POLLOUT, b: zmq.POLLIN}
    assert zmq.select([b], [a], [], 2) == ([b], [a], [])
    assert b.recv() == b"x"
    assert poller.poll(0) == [(a, zmq.POLLOUT)]


def test_with_and_context_managers_of_bind_and_connect(ctx: Any) -> None:
    with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.PUSH) as push:
        with pull.bind("inproc://x"), push.connect("inproc://x"):
            push.send(b"1")
            assert pull.recv() == b"1"
        assert not pull.closed
    assert pull.closed and push.closed and "closed" in repr(pull)
    pull.close()
    with pytest.raises(zmq.ZMQError) as error:
        pull.recv()
    assert error.value.errno == zmq.ENOTSOCK


def test_errors_have_pyzmqs_types_numbers_and_words(ctx: Any) -> None:
    def refused(call: Callable[[], object]) -> tuple[type, Any, str]:
        with pytest.raises(Exception) as error:
            call()
        return type(error.value), getattr(error.value, "errno", None), str(error.value)

    req, rep, push = ctx.socket(zmq.REQ), ctx.socket(zmq.REP), ctx.socket(zmq.PUSH)
    assert refused(req.recv) == (zmq.ZMQError, zmq.EFSM, zmq.strerror(zmq.EFSM))
    assert refused(lambda: rep.send(b"x")) == (zmq.ZMQError, zmq.EFSM, zmq.strerror(zmq.EFSM))
    assert refused(lambda: push.send(b"x", zmq.DONTWAIT))[:2] == (zmq.Again, zmq.EAGAIN)
    push.sndtimeo = 10
    assert refused(lambda: push.send(b"x"))[:2] == (zmq.Again, zmq.EAGAIN)
    kind, _, text = refused(lambda: push.send("text"))
    assert (kind is TypeError and "unicode not allowed" in text.lower()) or "str" in text.lower()
    assert refused(lambda: push.send(1))[0] is TypeError
    assert refused(lambda: push.send_multipart([b"x", "y"]))[0] is TypeError
    assert refused(push.recv)[1] == zmq.ENOTSUP
    assert refused(lambda: push.bind("tcp://127.0.0.1"))[:2] == (zmq.ZMQError, zmq.EINVAL)
    push.bind("tcp://127.0.0.1:*")
    assert refused(lambda: rep.bind(push.last_endpoint.decode()))[:2] == (zmq.ZMQError, zmq.EADDRINUSE)
    if not zmq.DRAFT_API:
        assert refused(lambda: push.send(b"x", routing_id=1))[0] in (RuntimeError, zmq.ZMQError, zmq.Again)
    router = ctx.socket(zmq.ROUTER)
    router.router_mandatory = 1
    assert refused(lambda: router.send_multipart([b"nobody", b"x"]))[:2] == (zmq.ZMQError, zmq.EHOSTUNREACH)


def test_a_terminated_context_wakes_a_blocked_recv(ctx: Any) -> None:
    caught: list[BaseException] = []
    pull = ctx.socket(zmq.PULL)

    def wait() -> None:
        try:
            pull.recv()
        except zmq.ContextTerminated as error:
            caught.append(error)
        pull.close()

    thread = threading.Thread(target=wait)
    thread.start()
    ctx.term()
    thread.join(PATIENCE)
    assert caught


def test_a_dropped_socket_closes_at_once(ctx: Any, recwarn: Any) -> None:
    """Without waiting for the garbage collector: there is no reference cycle."""
    gc.collect()
    gc.disable()
    try:
        pull = ctx.socket(zmq.PULL)
        pull.bind("inproc://mine")
        gone = weakref.ref(pull)
        with pytest.warns(ResourceWarning, match="[Uu]nclosed"):
            del pull
        assert gone() is None
        again = ctx.socket(zmq.PULL)
        eventually(lambda: bound(again, "inproc://mine"), 2)     # libzmq frees the name a moment later
        again.close()
    finally:
        gc.enable()


def bound(socket: Any, endpoint: str) -> bool:
    try:
        socket.bind(endpoint)
    except zmq.ZMQError:
        return False
    return True


def test_shadow_and_subclass_and_options(ctx: Any) -> None:
    class Mine(zmq.Socket):
        def hello(self) -> str:
            return "hello"

    mine = ctx.socket(zmq.PUSH, socket_class=Mine)
    assert isinstance(mine, Mine) and mine.hello() == "hello"
    assert "Mine(zmq.PUSH)" in repr(mine)
    shadow = zmq.Socket.shadow(mine.underlying)
    assert shadow.type == zmq.PUSH
    mine.linger, mine.hwm = 5, 7
    assert (mine.getsockopt(zmq.LINGER), mine.sndhwm, mine.get_hwm()) == (5, 7, 7)
    mine.setsockopt_string(zmq.ROUTING_ID, "id")
    assert mine.routing_id == b"id"
    ctx.linger = 3
    assert ctx.socket(zmq.PULL).linger == 3


def test_the_monitor(ctx: Any) -> None:
    from zmq.utils.monitor import recv_monitor_message
    pull = ctx.socket(zmq.PULL)
    monitor = pull.get_monitor_socket(zmq.EVENT_LISTENING | zmq.EVENT_ACCEPTED)
    port = pull.bind_to_random_port("tcp://127.0.0.1")
    assert monitor.poll(1000 * PATIENCE)
    assert recv_monitor_message(monitor)["event"] == zmq.EVENT_LISTENING
    push = ctx.socket(zmq.PUSH)
    push.connect(f"tcp://127.0.0.1:{port}")
    assert monitor.poll(1000 * PATIENCE)
    pull.disable_monitor()


@pytest.mark.parametrize("steerable", [False, True])
def test_a_proxy(ctx: Any, steerable: bool) -> None:
    if steerable and not (zmq.has("draft") or hasattr(zmq, "proxy_steerable")):
        steerable = False
    front, back = ctx.socket(zmq.ROUTER), ctx.socket(zmq.DEALER)
    front.bind("inproc://front")
    back.bind("inproc://back")
    control, steering = ctx.socket(zmq.PAIR), ctx.socket(zmq.PAIR)
    control.bind("inproc://control")
    steering.connect("inproc://control")

    def relay() -> None:
        try:
            zmq.proxy_steerable(front, back, None, control) if steerable else zmq.proxy(front, back)
        except zmq.ContextTerminated:
            pass
        for socket in (front, back, control):
            socket.close(0)

    thread = threading.Thread(target=relay)
    thread.start()
    req, rep = ctx.socket(zmq.REQ), ctx.socket(zmq.REP)
    req.connect("inproc://front")
    rep.connect("inproc://back")
    for _ in range(20):
        req.send_multipart([b"a", b"b"])
        assert rep.recv_multipart() == [b"a", b"b"]
        rep.send(b"c")
        assert req.recv() == b"c"
    for socket in (req, rep):
        socket.close(0)
    if steerable:
        steering.send(b"TERMINATE")
        thread.join(PATIENCE)
        assert not thread.is_alive()
    steering.close(0)
    ctx.term()
    thread.join(PATIENCE)
    assert not thread.is_alive()


def test_devices_run_on_recorded_contexts_too(ctx: Any) -> None:
    device = zmq.devices.ThreadProxy(zmq.PULL, zmq.PUSH)
    device.context_factory = lambda: ctx
    a, b = device.bind_in_to_random_port("tcp://127.0.0.1"), device.bind_out_to_random_port("tcp://127.0.0.1")
    device.start()
    push, pull = ctx.socket(zmq.PUSH), ctx.socket(zmq.PULL)
    push.connect(f"tcp://127.0.0.1:{a}")
    pull.connect(f"tcp://127.0.0.1:{b}")
    push.send(b"through")
    assert pull.poll(1000 * PATIENCE) and pull.recv() == b"through"
    push.close()
    pull.close()
    ctx.term()
    device.join(PATIENCE)


# --- asyncio ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["plain", "ours", "record()"])
def test_asyncio(kind: str) -> None:
    recording = zmqlive.record() if kind == "record()" else None
    ctx: Any = AsyncContext() if kind == "ours" else zmq.asyncio.Context()

    async def talk() -> None:
        push, pull = ctx.socket(zmq.PUSH), ctx.socket(zmq.PULL)
        port = pull.bind_to_random_port("tcp://127.0.0.1")
        push.connect(f"tcp://127.0.0.1:{port}")
        first = asyncio.ensure_future(pull.recv())
        await push.send(b"1")
        assert await first == b"1"
        await push.send_multipart([b"a", b"b"])
        assert await pull.recv_multipart() == [b"a", b"b"]
        await push.send_json([1])
        assert await pull.poll(1000 * PATIENCE) == zmq.POLLIN
        assert await pull.recv_json() == [1]
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(pull.recv(), 0.02)
        assert "zmq.asyncio.Socket(zmq.PUSH)" in repr(push) and isinstance(push, zmq.asyncio.Socket)
        push.close(0)
        pull.close(0)

    loop = asyncio.SelectorEventLoop()
    try:
        loop.run_until_complete(talk())
    finally:
        loop.close()
        ctx.term()
    recorder = recording or getattr(ctx, "recorder", None)
    if recorder:
        trace = recorder.trace()
        recorder.close()
        assert [m.frames for m in trace.messages] == [(b"1",), (b"a", b"b"), (b"[1]",)]
        assert {m.fate for m in trace.messages} == {"received"}
        assert [(s.type, s.sent, s.received) for s in trace.sockets] == [("PUSH", 3, 0), ("PULL", 0, 3)]


# --- what only a stage's sockets do -------------------------------------------------------------------------


def test_a_socket_of_another_thread_is_refused_in_one_sentence() -> None:
    recorder = Recorder()
    ctx = recorder.context()
    ctx.__dict__["one_thread_each"] = True
    made: list[Any] = []
    thread = threading.Thread(target=lambda: made.append(ctx.socket(zmq.PUSH)))
    thread.start()
    thread.join(PATIENCE)
    [push] = made
    for call in (lambda: push.send(b"x"), lambda: push.send(b"x", zmq.DONTWAIT), push.recv):
        with pytest.raises(WrongThread, match="make one in each thread"):
            call()
    push.close()
    ctx.term()
    recorder.close()


def test_a_context_that_makes_its_sockets_with_a_function_is_recorded() -> None:
    """tornado's `zmq.eventloop.future.Context` does."""
    def make(context: Any, type: int) -> Any:
        return zmq.Socket(context, type)

    with zmqlive.record() as trace:
        ctx = zmq.Context()
        a, b = ctx.socket(zmq.PUSH, socket_class=make), ctx.socket(zmq.PULL, socket_class=make)
        b.bind("inproc://x")
        a.connect("inproc://x")
        a.send(b"1")
        assert b.recv() == b"1"
        a.close()
        b.close()
        ctx.term()
    assert [m.frames for m in trace.messages] == [(b"1",)]


def test_the_core_imports_no_widgets_and_no_figures() -> None:
    import subprocess
    code = ("import sys, zmqlive; zmqlive.record().close(); from zmqlive import Context, Trace; "
            "print([m for m in ('anywidget', 'ipywidgets', 'matplotlib', 'IPython') if m in sys.modules])")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=PATIENCE, check=True)
    assert done.stdout.strip() == "[]"
