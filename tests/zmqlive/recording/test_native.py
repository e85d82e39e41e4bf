"""The two ways of recording, by the extension and in Python: which one runs and why, and that nobody can tell the
difference. The other tests of the record run with the one that is here; the last of these runs them with the other."""

from __future__ import annotations

import gc
import inspect
import marshal
import os
import signal
import subprocess
import sys
import threading
from typing import Any

import pytest
import zmq
import zmqlive
from environments import ROOT
from machine import PATIENCE
from traffic import eventually, flow, traffic
from zmqlive.recorder import Recorder
from zmqlive.recording.packed import native

needs_native = pytest.mark.skipif(native.fast is None, reason=native.why)


def python(text: str, *, native: bool = True) -> str:
    """What a program of its own prints, recorded the one way or the other."""
    env = os.environ | {"ZMQLIVE_NATIVE": "1" if native else "0"}
    done = subprocess.run([sys.executable, "-X", "dev", "-W", "ignore::ResourceWarning", "-c", text], env=env,
                          text=True, capture_output=True, timeout=PATIENCE, check=False)
    assert done.returncode == 0, done
    return done.stdout


# --- which way, and why

def test_it_can_be_switched_off() -> None:
    assert python("import zmqlive; print(zmqlive.way())", native=False) == "Python: ZMQLIVE_NATIVE is 0\n"


def test_what_was_not_built_is_missed_and_said() -> None:
    said = python("import sys; sys.modules['zmqlive.recording._fast'] = None\n"
                  "import zmq, zmqlive; print(zmqlive.way()); trace = zmqlive.record(); ctx = zmq.Context()\n"
                  "a, b = ctx.socket(zmq.PAIR), ctx.socket(zmq.PAIR); a.bind('inproc://x'); b.connect('inproc://x')\n"
                  "a.send(b'1'); b.recv(); print(trace.ledger()); ctx.destroy(0)")
    way, ledger = said.splitlines()
    assert way.startswith("Python: ") and ("was not built" in way or "is for CPython" in way)
    assert ledger == "sent 1 · received 1 · lost 0 · twice 0 · waiting 0"


@needs_native
@pytest.mark.parametrize(("change", "why"), [
    ("fast.find = lambda *args: False", "are not to be seen"),
    ("fast.now = lambda: 0", "another clock"),
    ("import zmq.backend; zmq.backend.Socket = type('Socket', (), {})", "built another way"),
])
def test_what_does_not_fit_is_left_alone_and_said(change: str, why: str) -> None:
    text = ("import types, zmq, zmqlive.recording.packed.native as native\n"
            "fast = types.SimpleNamespace(**vars(native.fast))\n" + change + "\nprint(native._prove(fast))")
    assert python(text).startswith("(None, ") and why in python(text)


@needs_native
def test_it_says_so() -> None:
    assert zmqlive.way().startswith("native: libzmq ")


# --- the same, either way

SCRIPT = """
import zmq, zmqlive
from zmqlive.recorder import Recorder
recorder = Recorder(exact=True); ctx = recorder.context()
a, b = ctx.socket(zmq.PAIR), ctx.socket(zmq.PAIR)
a.bind("inproc://x"); b.connect("inproc://x")
said = []
def tried(call, *args, **kwargs):
    try:
        result = call(*args, **kwargs)
        said.append(result.bytes if isinstance(result, zmq.Frame) else type(result).__name__
                    if isinstance(result, zmq.MessageTracker) else result)
    except Exception as error:
        said.append((type(error).__name__, getattr(error, "errno", 0), str(error)))
def both(data, *args, **kwargs):
    tried(a.send, data, *args, **kwargs)
    tried(b.recv)
for _ in range(2):
    for _ in range(1_100):       # until the first calls of a socket have been looked at
        both(b"warm")
    for size in (0, 1, 10, 64, 65, 66, 1024, 1025, 100_000):
        data = bytes(i % 251 for i in range(size))
        for kind in (bytes, bytearray, memoryview, zmq.Frame):
            both(kind(data))
            tried(a.send, kind(data), copy=False)
            tried(b.recv, copy=False)
        both(data, zmq.DONTWAIT)
        both(data, flags=zmq.DONTWAIT, track=False, copy=True)
        a.send_multipart([data, b"", data, b"end"])
        said.append(b.recv_multipart())
        a.send(data, zmq.SNDMORE); a.send(b"end")
        said += [b.recv(), b.getsockopt(zmq.RCVMORE), b.recv(zmq.DONTWAIT), b.rcvmore, b.get(zmq.RCVMORE)]
        tried(b.recv, zmq.DONTWAIT)
        into = bytearray(100)
        a.send(data)
        tried(b.recv_into, into); said.append(bytes(into))
    for wrong in ("text", 1, None, [b"x"]):
        tried(a.send, wrong)
    tried(a.send); tried(a.send, b"x", "flags"); tried(a.send, b"x", nothing=1)
    tried(b.recv, "flags"); tried(b.recv, 0, True, False, 1)
    tried(a.send, b"x", 1 << 40); tried(b.recv, None)
    while b.poll(0): tried(b.recv)
    b.rcvtimeo = 10
    tried(b.recv)
    b.rcvtimeo = -1
    rep = ctx.socket(zmq.REP); push = ctx.socket(zmq.PUSH); pull = ctx.socket(zmq.PULL)
    tried(rep.send, b"x"); tried(push.send, b"x", zmq.DONTWAIT); tried(push.recv); tried(pull.send, b"x")
    push.sndtimeo = 10
    tried(push.send, b"x"); tried(push.send, b"x", zmq.SNDMORE)
    for s in (rep, push, pull):
        s.close(0); tried(s.send, b"x"); tried(s.recv); tried(s.get, zmq.RCVMORE); tried(s.getsockopt, zmq.TYPE)
trace = recorder.trace()
print(said)
print([(m.frames, m.size, m.fate, m.why) for m in trace.messages])
print([(s.type, s.sent, s.received) for s in trace.sockets])
print(len(trace.blocked))
print(trace.ledger())
a.close(); b.close(); tried(a.send, b"x"); tried(b.recv)
ctx.term(); recorder.close(); print(said[-2:])
"""


@needs_native
def test_a_program_and_its_record_are_the_same_either_way() -> None:
    by_python, by_c = (python(SCRIPT, native=on).splitlines() for on in (False, True))
    assert len(by_python) == 6 and by_python == by_c


POLLS = """
import asyncio, zmq, zmq.asyncio, zmqlive
from zmqlive.recorder import Recorder
recorder = Recorder(exact=True); ctx = recorder.context()
def pair(ctx, endpoint):
    a, b = ctx.socket(zmq.PAIR), ctx.socket(zmq.PAIR)
    a.bind(endpoint); b.connect(endpoint)
    return a, b
def tried(call, *args):
    try:
        print(call(*args))
    except Exception as error:
        print(type(error).__name__, getattr(error, "errno", 0))
def stands(*sockets):
    print([(s._log.asked > 0, s._log.over >= s._log.asked, s._log.vain >= s._log.asked) for s in sockets])
pairs = [pair(ctx, f"inproc://{n}") for n in range(20)]
(a, b), (c, d) = pairs[:2]
poller = zmq.Poller()
print(poller.poll(0))
poller.register(b, zmq.POLLIN); poller.register(d, zmq.POLLIN | zmq.POLLOUT); poller.register(c, zmq.POLLOUT)
stands(b, c, d)
a.send(b"1")
print([(s is b, s is c, s is d, flags) for s, flags in poller.poll(1000)]); stands(b, c, d)
b.recv()
print(len(poller.poll(timeout=0))); stands(b, c, d)
many = zmq.Poller()
for _, each in pairs:
    many.register(each, zmq.POLLIN)
print(many.poll(150)); stands(*(each for _, each in pairs)); print(b.poll(0))
for wrong in ((1, 2, 3), ("soon",), (None, None)):
    tried(poller.poll, *wrong)
tried(zmq.Poller.poll); tried(zmq.Poller.poll, 1); tried(zmq.Poller.poll, many, 0)
shadow = zmq.Socket.shadow(a)
shadow.send(b"2"); print(b.recv(), a._log is shadow._log, a._log.sent)
a.close(0)
tried(shadow.send, b"3"); tried(shadow.recv, zmq.DONTWAIT); tried(shadow.get, zmq.RCVMORE)

async def main():
    ctx = recorder.async_context()
    a, b = pair(ctx, "inproc://async")
    for n in range(1_200):
        await a.send(b"%d" % n)
    print([await b.recv() for _ in range(1_200)] == [b"%d" % n for n in range(1_200)])
    await a.send_multipart([b"x" * 100, b"", b"y" * 2_000]); print(await b.recv_multipart())
    later = asyncio.ensure_future(b.recv()); await asyncio.sleep(0.15); await a.send(b"late"); print(await later)
    later = asyncio.ensure_future(b.recv()); await asyncio.sleep(0.01); later.cancel()
    tried((await asyncio.gather(later, return_exceptions=True))[0].__class__)
    poller = zmq.asyncio.Poller(); poller.register(b, zmq.POLLIN)
    print(await poller.poll(10)); await a.send(b"seen"); print(len(await poller.poll(1000)), await b.recv())
    inner = b._shadow_sock
    a.close(0); b.close(0)
    tried(inner.send, b"x"); tried(inner.recv, zmq.DONTWAIT)
    ctx.term()
asyncio.run(main())
trace = recorder.trace()
print([(m.frames, m.size, m.fate, m.why) for m in trace.messages])
print([(s.type, s.sent, s.received) for s in trace.sockets])
print(len([w for w in trace.waits if w.end and w.end - w.start > 0.1]))
ctx.destroy(0); recorder.close()
"""


@needs_native
def test_pollers_shadows_and_asyncio_are_the_same_either_way() -> None:
    by_python, by_c = (python(POLLS, native=on).splitlines() for on in (False, True))
    assert len(by_python) > 20 and by_python == by_c


COUNTS = """
import sys, threading, zmq
from zmqlive.recorder import Recorder
sys.setswitchinterval(1e-6)
recorder = Recorder(exact=True); ctx = recorder.context()
push, pull = ctx.socket(zmq.PUSH), ctx.socket(zmq.PULL)
push.sndhwm = pull.rcvhwm = 50
pull.bind("inproc://x"); push.connect("inproc://x")
begun, over, N = [0], [0], 12_000
def send():
    for n in range(N):
        begun[0] += 1
        push.send_multipart([b"a", b"b"]) if n % 7 == 0 and n > N / 2 else push.send(b"%d" % n)
def recv():
    for _ in range(N):
        pull.recv_multipart()
        over[0] += 1
threads = [threading.Thread(target=each) for each in (send, recv)]
for each in threads: each.start()
at_least = sent = received = rounds = 0
while any(each.is_alive() for each in threads):
    rounds += 1
    for log, _ in recorder.store.logs():
        log.counting = rounds % 5 == 0
    recorder.collect()
    at_least, s = over[0], recorder.sent()
    assert max(sent, at_least - 1) <= s <= begun[0], (sent, at_least, s, begun)
    at_least, r = over[0], recorder.received()
    assert max(received - 1, at_least) <= r <= begun[0], (received, at_least, r, begun)
    sent, received = s, r
recorder.collect()
print(recorder.sent(), recorder.received(), rounds > 5)
kept = {k.type: k for _, k in recorder.store.logs()}
assert all(not n % 64 and n <= N for k in kept.values() for _, n, _, _ in k.samples)
push.close(); pull.close(); ctx.term(); recorder.close()
"""


@pytest.mark.parametrize("native", [False, pytest.param(True, marks=needs_native)])
def test_counts_are_exact_at_any_moment(native: bool) -> None:
    """While messages are kept and only counted in turns, of one frame and of two, and taken away meanwhile."""
    assert python(COUNTS, native=native) == "12000 12000 True\n"


def test_a_poll_is_told_to_who_records_elsewhere() -> None:
    """What leaves the process at once is not written where the extension would write it."""
    told: list[bytes] = []
    recorder = Recorder(sink=told.append)
    with recorder.context() as ctx, ctx.socket(zmq.PULL) as pull:
        poller = zmq.Poller()
        poller.register(pull, zmq.POLLIN)
        assert poller.poll(0) == []
    recorder.close()
    assert [each for each in map(what, told) if each in ("asked", "over")] == ["asked", "over"]


def what(entry: bytes) -> str:
    return str(marshal.loads(entry)[1])


@pytest.mark.thorough
@needs_native
def test_the_record_in_python_passes_all_its_tests_too() -> None:
    rooms = [f"tests/zmqlive/{room}" for room in ("recording", "trace", "live", "programs")]
    done = subprocess.run([sys.executable, "-m", "pytest", "-q", "-n", "0", "-p", "no:cacheprovider", *rooms],
                          cwd=ROOT, env=os.environ | {"ZMQLIVE_NATIVE": "0"}, text=True, timeout=PATIENCE,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    assert done.returncode == 0, done.stdout[-5_000:]


# --- a C function where a method was

def test_its_signature_is_pyzmqs() -> None:
    recorder = Recorder()
    ctx = recorder.context()
    with ctx.socket(zmq.PAIR) as socket:
        for call in (socket.send, type(socket).send):
            names = [*inspect.signature(call).parameters]
            assert [n for n in names if n != "self"] == ["data", "flags", "copy", "track", "routing_id", "group"]
        assert [*inspect.signature(socket.recv).parameters] == ["flags", "copy", "track"]
        assert (socket.send.__name__, socket.recv.__name__) == ("send", "recv")
    ctx.term()
    recorder.close()


def test_it_can_be_called_by_the_class() -> None:
    with traffic() as t:
        push, pull = flow(t)
        for call in (type(push).send, lambda: type(push).send(data=b"x")):
            with pytest.raises(TypeError):
                call()
        for n in range(2_000):
            type(push).send(push, b"%d" % n)
            assert type(pull).recv(pull) == b"%d" % n
        assert t.recorder.received() == 2_000


def warm(push: Any, pull: Any) -> None:
    """The first calls of a socket are looked at one by one."""
    for _ in range(1_100):
        push.send(b"warm")
        pull.recv()


def test_a_closed_socket_is_refused_and_a_terminated_context_too() -> None:
    with traffic() as t:
        push, pull = flow(t)
        warm(push, pull)
        push.close()
        for _ in range(3):
            with pytest.raises(zmq.ZMQError) as error:
                push.send(b"x")
            assert error.value.errno == zmq.ENOTSOCK
        ender = threading.Thread(target=t.ctx.term)
        ender.start()

        def ended() -> bool:
            try:
                pull.recv(zmq.DONTWAIT)
            except zmq.ContextTerminated:
                return True
            except zmq.Again:
                return False
            return False

        eventually(ended)
        with pytest.raises(zmq.ContextTerminated):
            pull.recv()
        pull.close()
        ender.join(PATIENCE)
        with pytest.raises(zmq.ZMQError) as error:
            pull.recv()
        assert error.value.errno == zmq.ENOTSOCK


def test_a_socket_that_waits_is_woken_by_the_end_of_its_context() -> None:
    with traffic() as t:
        push, pull = flow(t)
        warm(push, pull)
        caught: list[BaseException] = []

        def wait() -> None:
            try:
                pull.recv()
            except zmq.ContextTerminated as error:
                caught.append(error)
            pull.close()

        log = pull._log
        before = log.asked
        thread = threading.Thread(target=wait)
        thread.start()
        eventually(lambda: log.asked > before)
        push.close()
        t.ctx.term()
        thread.join(PATIENCE)
        assert caught and log.over >= log.asked > log.vain      # it ended, and not because nothing was there


def test_a_receive_in_vain_is_written_down() -> None:
    with traffic() as t:
        push, pull = flow(t)
        warm(push, pull)
        pull.rcvtimeo = 20
        with pytest.raises(zmq.Again):
            pull.recv()
        log = pull._log
        assert log.vain == log.over >= log.asked > 0
        with pytest.raises(zmq.Again):
            pull.recv(zmq.DONTWAIT)
        assert log.vain == log.over >= log.asked


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="no interval timer here")
def test_signals_reach_a_receive_that_waits() -> None:
    """A handler that returns is run, and the receive goes on; one that raises ends it."""
    with traffic() as t:
        push, pull = flow(t)
        warm(push, pull)
        ran: list[int] = []

        def send_on_second(number: int, frame: Any) -> None:
            ran.append(number)
            if len(ran) == 2:
                push.send(b"from the handler")

        before = signal.signal(signal.SIGALRM, send_on_second)
        try:
            signal.setitimer(signal.ITIMER_REAL, 0.01, 0.01)
            assert pull.recv() == b"from the handler"
            signal.setitimer(signal.ITIMER_REAL, 0)
            assert len(ran) >= 2
            signal.signal(signal.SIGALRM, signal.default_int_handler)
            signal.setitimer(signal.ITIMER_REAL, 0.01, 0.01)
            with pytest.raises(KeyboardInterrupt):
                pull.recv()
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)
        push.send(b"after")
        assert pull.recv() == b"after"
        trace = t.recorder.trace()
        assert [m.frames[0] for m in trace.messages if m.frames[0] != b"warm"] == [b"from the handler", b"after"]


def test_a_class_with_a_send_of_its_own_is_asked_first() -> None:
    class Loud(zmq.Socket):
        def send(self, data: Any, flags: int = 0, **kwargs: Any) -> Any:
            return super().send(data.upper(), flags, **kwargs)

    class Twice(zmq.Socket):
        def recv(self, flags: int = 0, **kwargs: Any) -> Any:
            return zmq.Socket.recv(self, flags, **kwargs) * 2

    with traffic() as t:
        pull = t.ctx.socket(zmq.PULL, socket_class=Twice)
        push = t.ctx.socket(zmq.PUSH, socket_class=Loud)
        t.sockets += [push, pull]
        pull.bind("inproc://x")
        push.connect("inproc://x")
        for n in range(1_500):
            push.send(b"a%d" % n)
            assert pull.recv() == b"A%d" % n * 2
        assert {m.frames[0][:1] for m in t.recorder.trace().messages} == {b"A"}
        assert t.recorder.received() == 1_500


def test_classes_of_sockets_are_let_go_in_any_order() -> None:
    """Bound methods, classes and logs that outlive their socket and their record."""
    recorder = Recorder()
    ctx = recorder.context()
    left = []
    for n in range(50):
        a, b = ctx.socket(zmq.PAIR), ctx.socket(zmq.PAIR)
        a.bind(f"inproc://{n}")
        b.connect(f"inproc://{n}")
        a.send(b"x" * n)
        left.append((type(b).recv, b.recv))
        assert b.recv() == b"x" * n
        a.close()
        b.close()
        del a, b
    recorder.close()
    del recorder
    gc.collect()
    for function, method in left:
        with pytest.raises(zmq.ZMQError):
            method()
        with pytest.raises(zmq.ZMQError):
            function(method.__self__)
    left.clear()
    gc.collect()
    ctx.term()


def test_counting_begins_and_ends_while_messages_go_through() -> None:
    with traffic(exact=True, limit=1_000_000) as t:
        push, pull = flow(t)

        def take() -> None:
            for n in range(40_000):
                assert pull.recv() == b"%d" % n

        receiver = t.start(take)
        logs = [push._log, pull._log]
        for n in range(40_000):
            if n % 5_000 == 0:
                for log in logs:
                    log.counting = not log.counting
            push.send(b"%d" % n)
        receiver.join(PATIENCE)
        assert not t.errors and [log.sent + log.received for log in logs] == [40_000, 40_000]
        t.recorder.collect()
        kept = {k.type: k for k in t.recorder.store.kept}
        for k in kept.values():
            assert 100 < len(k.samples) < 1_000
            for _kind, n, _at, frame in k.samples:
                assert n % 64 == 0 and frame == b"%d" % (n - 1)


# --- what comes later

def test_asyncio_and_the_devices_are_recorded_whenever_they_come() -> None:
    """A record brings neither along; a program that imports them afterwards is recorded in both."""
    said = python("""
import sys, zmqlive
trace = zmqlive.record()
print([name for name in ("asyncio", "zmq._future", "zmq.devices", "dataclasses") if name in sys.modules])
import asyncio, threading, zmq, zmq.asyncio, zmq.devices
async def talk():
    ctx = zmq.asyncio.Context()
    a, b = zmq.asyncio.Socket(ctx, zmq.PAIR), ctx.socket(zmq.PAIR)
    a.bind("inproc://x"); b.connect("inproc://x")
    await a.send(b"1"); print(await b.recv())
    a.close(); b.close(); ctx.term()
asyncio.run(talk())
device = zmq.devices.ThreadProxy(zmq.PULL, zmq.PUSH)
ctx = zmq.Context(); device.context_factory = lambda: ctx
device.bind_in("inproc://in"); device.bind_out("inproc://out"); device.start()
push, pull = ctx.socket(zmq.PUSH), ctx.socket(zmq.PULL)
push.connect("inproc://in"); pull.connect("inproc://out")
push.send(b"2"); print(pull.recv())
while trace.sent() < 4: pass
push.close(); pull.close(); ctx.term(); device.join()
print(sorted((s.type, s.sent, s.received) for s in trace.sockets))
print([m.fate for m in trace.messages if m.frames == (b"2",)])
""")
    loaded, first, second, sockets, fates = said.splitlines()
    assert (loaded, first, second) == ("[]", "b'1'", "b'2'")
    wanted = [("PAIR", 1, 0), ("PAIR", 0, 1), ("PUB", 1, 0), *[("PUSH", 1, 0), ("PULL", 0, 1)] * 2]
    assert sockets == str(sorted(wanted))       # the PUB is the device's own, and tells nobody what went through
    assert fates.count("received") == 2
