"""The ledger of programs that nobody here wrote: what is lost is what is known to be lost, and nothing else.

Each case is a small program in plain pyzmq under `record()`; beside it stands what really became of its messages.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
import zmq
import zmqlive
from machine import PATIENCE
from traffic import eventually
from zmqlive import Ledger, Stage
from zmqlive.recording import fates

pytestmark = pytest.mark.filterwarnings("ignore:[Uu]nclosed:ResourceWarning")


class Lab:
    """A record, a plain context, and its sockets, which end with the test."""

    def __init__(self) -> None:
        self.trace: Any = zmqlive.record()
        self.ctx = zmq.Context()

    def socket(self, kind: int, *, bind: str = "", connect: str = "", **options: Any) -> Any:
        socket = self.ctx.socket(kind)
        socket.linger, socket.rcvtimeo, socket.sndtimeo = 0, *[int(PATIENCE * 1000)] * 2
        for name, value in options.items():
            setattr(socket, name, value)
        if bind:
            socket.bind(bind)
        if connect:
            socket.connect(connect)
        return socket

    def pair(self, a: int = zmq.PUSH, b: int = zmq.PULL, **options: Any) -> tuple[Any, Any]:
        """`a` connects to `b` over tcp, and their connection is up."""
        two = self.socket(b, bind="tcp://127.0.0.1:*")
        one = self.socket(a, connect=at(two), **options)
        if zmq.SUB not in (a, b):
            eventually(lambda: self.trace.connections[-1].state == "up")
        return one, two

    @property
    def ledger(self) -> Ledger:
        return self.trace.ledger()

    def close(self) -> None:
        ender = threading.Thread(target=self.ctx.destroy, args=(0,), daemon=True)
        ender.start()
        ender.join(5)
        self.trace.close()
        assert not ender.is_alive(), "the context does not end"


def at(socket: Any) -> str:
    return socket.last_endpoint.decode()


@pytest.fixture
def lab() -> Iterator[Lab]:
    made = Lab()
    yield made
    made.close()


def program(text: str, *args: str, seconds: float = 30, **more: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", text, *args], capture_output=True, text=True, timeout=seconds, **more)


# --- what waits is not lost ---------------------------------------------------------------------------------


def test_what_came_after_a_poll_in_vain_waits(lab: Lab) -> None:
    push, pull = lab.pair()
    assert not pull.poll(100)
    for n in range(5):
        push.send(b"%d" % n)
    threading.Event().wait(0.2)     # longer than a message takes: the receiver is busy elsewhere
    assert lab.ledger == Ledger(5, 0, 0, 0, 5)
    assert "waiting: in front of main 5" in str(lab.ledger)
    assert [pull.recv() for _ in range(5)][-1] == b"4"
    assert lab.ledger == Ledger(5, 5, 0, 0, 0)


def test_behind_one_that_was_held_up_another_may_be(monkeypatch: pytest.MonkeyPatch) -> None:
    """The receiver asked in vain for long; then what had been sent before came all the same."""
    monkeypatch.setattr(fates, "DRAINED_VIA", 100_000_000)      # ns
    (heard, held, sent, done), seen = [threading.Event() for _ in range(4)], []
    with Stage("Held up", seconds=PATIENCE) as stage:
        link = stage.link(stage.endpoint("tcp", name="news"), name="line")

        def look() -> None:
            seen.append(next(m.fate for m in stage.trace().messages if m.frames == (b"second",)))

        def subscriber(ctx: Any) -> None:
            with ctx.socket(zmq.SUB) as sub:
                sub.connect(link.endpoint)
                sub.subscribe(b"")
                sub.recv()
                heard.set()
                while sub.recv() != b"last hello":
                    pass
                link.hold()
                held.set()
                assert sent.wait(PATIENCE)
                assert not sub.poll(300)
                link.mend()
                while sub.recv() != b"first":
                    pass
                look()
                sub.recv()
                look()

        def publisher(ctx: Any) -> None:
            with ctx.socket(zmq.PUB) as pub:
                pub.bind(link.target)
                while not heard.wait(0.01):
                    pub.send(b"hello")
                pub.send(b"last hello")
                assert held.wait(PATIENCE)
                pub.send(b"first")
                pub.send(b"second")
                sent.set()
                assert done.wait(PATIENCE)

        stage.add(publisher)
        stage.add(subscriber)
        try:
            stage.wait(lambda s: s.role("subscriber").gone, timeout=PATIENCE)
        finally:
            done.set()
    assert seen == ["waiting", "received"]


def test_a_message_that_the_poll_has_seen_and_nobody_has_taken_waits(lab: Lab) -> None:
    push, pull = lab.pair()
    push.send(b"x")
    assert pull.poll(PATIENCE * 1000)
    threading.Event().wait(0.1)
    assert lab.ledger == Ledger(1, 0, 0, 0, 1)


def test_a_message_of_this_moment_waits_though_the_receiver_has_long_been_asking(lab: Lab) -> None:
    push, pull = lab.pair()
    got: list[bytes] = []
    thread = threading.Thread(target=lambda: got.append(pull.recv()))
    thread.start()
    threading.Event().wait(0.1)
    log = pull._log
    log.multipart.on = True     # the receiver's thread takes longer than ours
    push.send(b"now")
    assert lab.ledger.lost == 0
    thread.join(10)
    assert got == [b"now"]


def test_what_a_closed_sender_still_delivers_waits(lab: Lab) -> None:
    push, pull = lab.pair()
    push.linger = -1
    for n in range(10):
        push.send(b"%d" % n)
    push.close()
    assert lab.ledger == Ledger(10, 0, 0, 0, 10)
    assert [pull.recv() for _ in range(10)][-1] == b"9"
    assert lab.ledger == Ledger(10, 10, 0, 0, 0)


def test_the_half_for_a_peer_that_never_came_waits_at_its_sender(lab: Lab) -> None:
    pull = lab.socket(zmq.PULL, bind="tcp://127.0.0.1:*")
    push = lab.socket(zmq.PUSH, connect=at(pull))
    spare = lab.socket(zmq.PULL, bind="tcp://127.0.0.1:*")
    nowhere = at(spare)
    spare.unbind(nowhere)
    spare.close()
    push.connect(nowhere)
    for n in range(100):
        push.send(b"task %d" % n)
    got = 0
    while pull.poll(300):
        got += bool(pull.recv())
    ledger = lab.ledger
    assert (ledger.received, ledger.lost, ledger.waiting) == (got, 0, 100 - got) and got < 100
    assert "which has no connection for it" in str(ledger)


# --- peers outside the record -------------------------------------------------------------------------------

CLIENT = """
import sys, zmq
c = zmq.Context().socket(zmq.REQ); c.connect(sys.argv[1])
for i in range(10): c.send(b"q%d" % i); assert c.recv() == b"re q%d" % i
"""
WORKER = """
import sys, zmq
c = zmq.Context().socket(zmq.PULL); c.connect(sys.argv[1])
for i in range(100): c.recv()
"""
SENDER = """
import sys, zmq
with zmq.Context() as ctx, ctx.socket(zmq.PUSH) as c:    # who leaves without an end takes along what has not gone out
    c.connect(sys.argv[1])
    for i in range(10): c.send_multipart([b"head", b"%d" % i])
"""


def test_a_client_in_another_process(lab: Lab) -> None:
    rep = lab.socket(zmq.REP, bind="tcp://127.0.0.1:*")
    other = subprocess.Popen([sys.executable, "-c", CLIENT, at(rep)])
    for _ in range(10):
        rep.send(b"re " + rep.recv())
    assert other.wait(PATIENCE) == 0
    assert lab.ledger == Ledger(10, 10, 0, 0, 0, outside=10, from_outside=10)
    strangers = [m for m in lab.trace.messages if m.source is None]
    assert [m.frames for m in strangers] == [(b"q%d" % i,) for i in range(10)]
    assert {(m.target, m.fate, m.why) for m in strangers} == {(0, "received", "outside")}


def test_a_worker_in_another_process(lab: Lab) -> None:
    push = lab.socket(zmq.PUSH, bind="tcp://127.0.0.1:*", linger=-1)
    other = subprocess.Popen([sys.executable, "-c", WORKER, at(push)])
    for n in range(100):
        push.send(b"task %d" % n)
    assert other.wait(PATIENCE) == 0
    assert lab.ledger == Ledger(100, 0, 0, 0, 0, outside=100)
    push.close()
    assert lab.ledger == Ledger(100, 0, 0, 0, 0, outside=100)


def test_a_connecting_socket_tells_a_peer_outside_from_none(lab: Lab) -> None:
    """To the first endpoint answers a plain socket of this process, made before the record; to the second nobody."""
    lab.trace.close()
    plain = lab.socket(zmq.PULL, bind="tcp://127.0.0.1:*")
    lab.trace = zmqlive.record()
    push = lab.socket(zmq.PUSH, connect=at(plain))
    push.send(b"x")
    assert plain.recv() == b"x"
    assert lab.ledger == Ledger(1, 0, 0, 0, 0, outside=1)
    where = at(plain)
    plain.unbind(where)
    lonely = lab.socket(zmq.PUSH, connect=where)
    lonely.send(b"y")
    eventually(lambda: [state for _, _, state in lab.trace.sockets[-1].links] == ["connecting", "retrying"])
    assert lab.ledger == Ledger(2, 0, 0, 0, 1, outside=1)
    assert "at main, which has no connection for it 1" in str(lab.ledger)


def test_a_port_forwarder_is_outside(lab: Lab) -> None:
    import socket
    pull = lab.socket(zmq.PULL, bind="tcp://127.0.0.1:*")
    listener = socket.create_server(("127.0.0.1", 0))

    def pump(a: socket.socket, b: socket.socket) -> None:
        while data := a.recv(4096):
            b.sendall(data)

    def forward() -> None:
        a, _ = listener.accept()
        b = socket.create_connection(("127.0.0.1", int(at(pull).rpartition(":")[2])))
        threading.Thread(target=pump, args=(b, a), daemon=True).start()
        pump(a, b)

    threading.Thread(target=forward, daemon=True).start()
    push = lab.socket(zmq.PUSH, connect=f"tcp://127.0.0.1:{listener.getsockname()[1]}")
    for n in range(100):
        push.send(b"%d" % n)
    assert [pull.recv() for _ in range(100)][-1] == b"99"
    assert lab.ledger == Ledger(100, 100, 0, 0, 0, outside=100, from_outside=100)
    push.close()
    listener.close()


def test_multipart_from_an_unrecorded_peer_is_counted_by_the_message(lab: Lab) -> None:
    """However the program takes it: with recv_multipart, asking for RCVMORE itself, or a frame at a time."""
    pull = lab.socket(zmq.PULL, bind="tcp://127.0.0.1:*")
    for take in (pull.recv_multipart, lambda: [pull.recv(), pull.getsockopt(zmq.RCVMORE) and pull.recv()],
                 lambda: [pull.recv(), pull.recv()], lambda: [pull.recv(copy=False).bytes, pull.recv()]):
        before = lab.trace.received()
        other = subprocess.Popen([sys.executable, "-c", SENDER, at(pull)])
        assert [take() for _ in range(10)] == [[b"head", b"%d" % i] for i in range(10)]
        assert other.wait(PATIENCE) == 0
        assert lab.trace.received() - before == 10
    assert lab.ledger == Ledger(0, 40, 0, 0, 0, from_outside=40)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_forked_child_keeps_no_record() -> None:
    text = """
import os, sys, zmq, zmqlive
trace = zmqlive.record(at_exit=print)
c = zmq.Context(); out = c.socket(zmq.PUSH); port = out.bind_to_random_port("tcp://127.0.0.1")
pid = os.fork()
if not pid:
    c = zmq.Context(); s = c.socket(zmq.PULL); s.connect(f"tcp://127.0.0.1:{port}")
    a, b = c.socket(zmq.PUSH), c.socket(zmq.PULL); b.bind("inproc://x"); a.connect("inproc://x")
    for i in range(20): s.recv()
    for i in range(30_000): a.send(b"m%d" % i); b.recv()
    kept = sum(len(k.sends) + len(k.recvs) for k in trace.store.kept)
    sys.exit((type(a) is not zmq.Socket) + 2 * (len(trace.store.kept) != 1) + 4 * (kept > 0))
for i in range(20): out.send(b"task %d" % i)
print("child", os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])); out.close(0)
"""
    done = program(text)
    assert done.stdout.splitlines() == [
        "child 0", "sent 20 · received 0 · lost 0 · twice 0 · waiting 0 · to outside the record 20"], done


# --- what was never wanted, came too early, or does not fit --------------------------------------------------


def test_unwanted_publications_are_no_loss(lab: Lab) -> None:
    pub, sub = lab.socket(zmq.PUB, bind="inproc://x"), lab.socket(zmq.SUB, connect="inproc://x")
    sub.subscribe(b"warm")
    assert not sub.poll(50)
    for n in range(50):
        pub.send_multipart([b"warm" if n % 2 else b"cold", b"%d" % n])
    while sub.poll(100):
        sub.recv_multipart()
    assert lab.ledger == Ledger(50, 25, 0, 0, 0, unwanted=25)


def test_before_the_subscription_is_no_loss(lab: Lab) -> None:
    """The first ten before there was a subscriber, the next before its thread entered the socket; a late wish last."""
    pub = lab.socket(zmq.PUB, bind="inproc://x")
    for n in range(10):
        pub.send(b"a%d" % n)
    sub = lab.socket(zmq.SUB, bind="inproc://y")
    sub.subscribe(b"a")
    pub.connect("inproc://y")
    for n in range(10, 20):
        pub.send(b"a%d" % n)
    assert not sub.poll(50)
    pub.send(b"a now")
    assert sub.recv() == b"a now"
    ledger = lab.ledger
    assert (ledger.received, ledger.lost, ledger.early, ledger.unwanted) == (1, 0, 20, 0)
    pub.send(b"b before")
    assert not sub.poll(50)
    assert lab.ledger.unwanted == 1
    sub.subscribe(b"b")
    assert not sub.poll(50)
    pub.send(b"b after")
    assert sub.recv() == b"b after"
    assert (lab.ledger.unwanted, lab.ledger.early, lab.ledger.lost) == (0, 21, 0)


def test_no_room_is_a_loss(lab: Lab) -> None:
    pub = lab.socket(zmq.PUB, bind="inproc://x", sndhwm=1)
    sub = lab.socket(zmq.SUB, rcvhwm=1)
    sub.subscribe(b"")
    sub.connect("inproc://x")
    assert not sub.poll(50)
    for n in range(50):
        pub.send(b"%d" % n)
    got = 0
    while sub.poll(100):
        got += bool(sub.recv())
    assert lab.ledger == Ledger(50, got, 50 - got, 0, 0)
    assert f"lost: no room {50 - got}" in str(lab.ledger)


def test_a_router_that_knows_nobody_by_that_name(lab: Lab) -> None:
    _, router = lab.pair(zmq.DEALER, zmq.ROUTER)
    router.send_multipart([b"nobody", b"x"])
    assert lab.ledger == Ledger(1, 0, 0, 0, 0, nobody=1)


def test_two_peers_of_one_name(lab: Lab) -> None:
    """The ROUTER hears the first and answers it; the second one's message is never looked at."""
    router = lab.socket(zmq.ROUTER, bind="tcp://127.0.0.1:*")
    dealers = []
    for n in range(2):
        dealers.append(lab.socket(zmq.DEALER, routing_id=b"ann", connect=at(router)))
        dealers[-1].send(b"from %d" % n)
        if not n:
            assert router.recv_multipart() == [b"ann", b"from 0"]
    router.send_multipart([b"ann", b"answer"])
    assert dealers[0].recv() == b"answer" and not router.poll(150)
    ledger = lab.ledger
    assert (ledger.sent, ledger.received, ledger.lost, ledger.waiting) == (3, 2, 0, 1)
    arrived = [(m.source, m.target) for m in lab.trace.messages if m.received is not None]
    assert arrived == [(1, 0), (0, 1)]


def test_a_name_that_may_be_taken_over_is_the_later_peers(lab: Lab) -> None:
    router = lab.socket(zmq.ROUTER, router_handover=1, bind="tcp://127.0.0.1:*")
    dealers = []
    for n in range(2):
        dealers.append(lab.socket(zmq.DEALER, routing_id=b"ann", connect=at(router)))
        dealers[-1].send(b"from %d" % n)
        assert router.recv_multipart() == [b"ann", b"from %d" % n]
    router.send_multipart([b"ann", b"answer"])
    assert dealers[1].recv() == b"answer"
    assert lab.ledger == Ledger(3, 3, 0, 0, 0)
    assert [(m.source, m.target) for m in lab.trace.messages] == [(1, 0), (2, 0), (0, 2)]


@pytest.mark.parametrize("asks", ["a DEALER asks a REP", "a ROUTER answers a REQ"])
def test_without_the_empty_frame_it_is_thrown_away(lab: Lab, asks: str) -> None:
    if asks == "a DEALER asks a REP":
        dealer, rep = lab.pair(zmq.DEALER, zmq.REP)
        dealer.send(b"question")
        rep.rcvtimeo = 200      # a poll would say yes
        with pytest.raises(zmq.Again):
            rep.recv()
        assert lab.ledger == Ledger(1, 0, 1, 0, 0)
    else:
        req, router = lab.pair(zmq.REQ, zmq.ROUTER)
        req.send(b"question")
        name, _, _ = router.recv_multipart()
        router.send_multipart([name, b"answer"])
        assert not req.poll(200)
        assert lab.ledger == Ledger(2, 1, 1, 0, 0)
    assert "thrown away by the receiver" in str(lab.ledger)


def test_types_that_cannot_meet(lab: Lab) -> None:
    pull = lab.socket(zmq.PULL, bind="tcp://127.0.0.1:*")
    pub = lab.socket(zmq.PUB, connect=at(pull))
    eventually(lambda: "refused" in {state for _, _, state in lab.trace.sockets[1].links})
    for n in range(5):
        pub.send(b"%d" % n)
    assert not pull.poll(100)
    assert lab.ledger == Ledger(5, 0, 0, 0, 0, unwanted=5)
    assert lab.trace.connections == ()


# --- a partial record ---------------------------------------------------------------------------------------


def flow(lab: Lab, count: int) -> None:
    pull = lab.socket(zmq.PULL, bind="inproc://flow")
    push = lab.socket(zmq.PUSH, connect="inproc://flow")
    for n in range(count):
        push.send(b"%d" % n)
        pull.recv()
        if n % 500 == 0:
            lab.trace.collect()


def test_a_ledger_within_the_limit_says_that_it_is_partial(lab: Lab) -> None:
    lab.trace.close()
    lab.trace = zmqlive.record(limit=20_000)
    flow(lab, 30_000)
    ledger = lab.ledger
    first, second = str(ledger).splitlines()
    assert first.startswith("PARTIAL: sent 30000 and received 30000 in all (exact); ")
    assert not lab.trace.exact and not ledger.exact
    assert (ledger.lost, ledger.waiting, ledger.from_outside) == (0, 0, 0) and 0 < ledger.sent < 20_000
    assert f"{ledger.sent} and {ledger.received} of them were kept" in first and second.startswith("sent ")


def test_a_ledger_that_was_sampled_says_that_it_is_partial(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zmqlive.recorder, "EXACT", 2_000)
    flow(lab, 30_000)
    ledger = lab.ledger
    assert str(ledger).startswith("PARTIAL: sent 30000 and received 30000 in all (exact); ")
    assert not lab.trace.exact and not ledger.exact and ledger.lost == 0


def test_a_whole_ledger_is_one_line_and_exact(lab: Lab) -> None:
    flow(lab, 100)
    assert str(lab.ledger) == "sent 100 · received 100 · lost 0 · twice 0 · waiting 0"
    assert lab.trace.exact and lab.ledger.exact


# --- several threads, and the end ---------------------------------------------------------------------------


def test_a_socket_that_threads_use_in_turns_is_said_by_name(lab: Lab) -> None:
    pub, sub = lab.socket(zmq.PUB, bind="tcp://127.0.0.1:*"), lab.socket(zmq.SUB, rcvtimeo=500)
    sub.subscribe(b"")
    sub.connect(at(pub))
    eventually(lambda: pub.send(b"there") or sub.poll(10))
    lock, gate = threading.Lock(), threading.Barrier(3)

    def talk() -> None:
        for n in range(100):
            gate.wait(10)
            with lock:
                pub.send(b"%s %d" % (threading.current_thread().name.encode(), n))

    threads = [threading.Thread(target=talk, name=name) for name in ("Xaver", "Yves", "Zoe")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    got = sum(1 for _ in iter(lambda: sub.poll(300) and sub.recv(), 0))
    ledger = lab.ledger
    assert ledger.lost == 0 and ledger.received == got >= 300
    [remark] = ledger.remarks
    assert remark.startswith("main's PUB was used by several threads in turns (")
    assert all(thread.name in remark for thread in threads) and remark in str(ledger)


def test_a_socket_that_is_handed_over_once_is_nothing_to_say(lab: Lab) -> None:
    push, pull = lab.pair()
    push.send(b"from here")
    thread = threading.Thread(target=lambda: push.send(b"from there"))
    thread.start()
    thread.join(10)
    assert [pull.recv(), pull.recv()] == [b"from here", b"from there"]
    assert lab.ledger == Ledger(2, 2, 0, 0, 0) and lab.ledger.remarks == ()


SERVER = """
from __future__ import annotations
import zmqlive; trace = zmqlive.record(at_exit=print)
import zmq
def main():
    s = zmq.Context().socket(zmq.REP); s.bind("inproc://s")
    c = zmq.Context.shadow(s.context).socket(zmq.REQ); c.connect("inproc://s"); c.send(b"q"); s.recv()
    print("ready", flush=True)
    while True: s.poll(100)    # a signal that comes just before a wait does not end it
"""


@pytest.mark.skipif(os.name == "nt", reason="no SIGINT for one process on Windows")
@pytest.mark.parametrize("ending", ["main()", "with trace: main()"])
def test_an_interrupted_program_still_prints_its_ledger(ending: str) -> None:
    import signal
    server = subprocess.Popen([sys.executable, "-c", SERVER + ending], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              text=True)
    assert server.stdout.readline() == "ready\n"
    server.send_signal(signal.SIGINT)
    out, err = server.communicate(timeout=PATIENCE)
    assert out == "sent 1 · received 1 · lost 0 · twice 0 · waiting 0\n" and "KeyboardInterrupt" in err


def test_a_trace_when_descriptors_are_out() -> None:
    pytest.importorskip("resource")
    text = """
import errno, resource, zmq, zmqlive
trace = zmqlive.record()
resource.setrlimit(resource.RLIMIT_NOFILE, (100, 100))
ctx = zmq.Context(); keep = []
rep = ctx.socket(zmq.REP); rep.bind("inproc://s")
try:
    for n in range(2000):
        s = ctx.socket(zmq.REQ); keep.append(s); s.connect("inproc://s")
        s.send(b"q"); rep.recv(); rep.send(b"a"); s.recv()
except zmq.ZMQError as error:
    assert error.errno == errno.EMFILE, error
print(trace.ledger().lost, len(trace.replay()["topo"]["sockets"]) > 20, len(trace.queues()) > 20)
"""
    done = program(text)
    assert done.stdout == "0 True True\n", done


def test_recording_costs_a_bounded_number_of_descriptors(lab: Lab) -> None:
    psutil = pytest.importorskip("psutil")
    process = psutil.Process()
    lab.socket(zmq.PULL, bind="tcp://127.0.0.1:*")      # the context's own
    before, threads = process.num_fds(), process.num_threads()
    pulls = [lab.socket(zmq.PULL, bind="tcp://127.0.0.1:*") for _ in range(10)]
    assert process.num_fds() - before <= 10 * (2 + 2)   # its own and its listener, its monitor's and the reader's
    assert process.num_threads() == threads
    for pull in pulls:
        pull.close()
    eventually(lambda: process.num_fds() <= before + 2)


def test_the_record_is_over_when_it_is_closed(lab: Lab) -> None:
    push, pull = lab.pair()
    push.send(b"1")
    pull.recv()
    lab.trace.close()
    for _ in range(10):
        push.send(b"2")
        pull.recv()
    assert [(s.sent, s.received) for s in lab.trace.sockets] == [(0, 1), (1, 0)]
    again = lab.socket(zmq.PUSH, connect=at(pull))
    assert type(again) is zmq.Socket
    began = time.monotonic()
    lab.ctx.destroy(0)      # a monitor that was left behind would hold it up
    assert time.monotonic() - began < 5
