"""Systems with one fault each, in plain pyzmq: what the diagnosis has to say of them stands in the test.

Each takes the `Play` of the guide's systems, and returns when the fault has had its effect. (What the diagnosis takes
for a fault must have lasted a while: such a system waits on for a second.)
"""

from __future__ import annotations

import socket
import threading
import time
from typing import Any

import zmq
from guide_systems import Play, answer, ask, publisher

LASTS = 1.3     # seconds


def last() -> None:
    time.sleep(LASTS)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def another_port(p: Play) -> None:
    server = p.socket(zmq.REP, bind="tcp")
    p.go(answer, server, name="server")
    client = p.socket(zmq.REQ)
    client.connect(f"tcp://127.0.0.1:{free_port()}")
    client.send(b"anybody?")
    last()


def another_context(p: Play) -> None:
    p.socket(zmq.PULL, bind="news")
    with zmq.Context() as other, other.socket(zmq.PUSH) as push:
        push.linger = 0
        push.connect("inproc://news")
        push.send(b"lost to the world")
        last()


def pub_to_pull(p: Play) -> None:
    pull = p.socket(zmq.PULL, bind="tcp")
    pub = p.socket(zmq.PUB, connect=pull)
    for n in range(3):
        pub.send(b"%d" % n)
    last()


def wrong_key(p: Play) -> None:
    _, secret = zmq.curve_keypair()
    wrong, _ = zmq.curve_keypair()
    mine, own = zmq.curve_keypair()
    server = p.socket(zmq.REP, curve_secretkey=secret, curve_server=True, bind="tcp")
    client = p.socket(zmq.REQ, curve_serverkey=wrong, curve_publickey=mine, curve_secretkey=own, connect=server)
    client.send(b"let me in")
    last()


def same_name(p: Play) -> None:
    router = p.socket(zmq.ROUTER, bind="tcp")
    for n in range(2):
        dealer = p.socket(zmq.DEALER, routing_id=b"ann", connect=router)
        dealer.send(b"from %d" % n)
        if n == 0:
            router.recv_multipart()
    last()


def silent_sub(p: Play) -> None:
    sub = p.socket(zmq.SUB)
    pub = p.socket(zmq.PUB, bind="tcp")
    sub.connect(pub.last_endpoint)
    for n in range(5):
        pub.send(b"news %d" % n)
    last()


def other_topic(p: Play) -> None:
    sub = p.socket(zmq.SUB)
    sub.subscribe(b"Weather")
    pub = publisher(p, sub)
    for n in range(5):
        pub.send(b"weather %d" % n)
    assert not sub.poll(100)


def slow_joiner(p: Play) -> None:
    """The SUB is there before, and tries again only a moment after its first try."""
    sub, port = p.socket(zmq.SUB, reconnect_ivl=300), free_port()
    sub.connect(f"tcp://127.0.0.1:{port}")
    sub.subscribe(b"")
    assert not sub.poll(100)
    pub = p.socket(zmq.PUB)
    pub.bind(f"tcp://127.0.0.1:{port}")
    pub.send(b"first")
    until_heard(pub, sub)


def until_heard(pub: Any, sub: Any) -> None:
    for n in range(10_000):
        pub.send(b"%d" % n)
        if sub.poll(1):
            sub.recv()
            return
    raise AssertionError("never heard")


def dealer_asks_rep(p: Play) -> None:
    rep = p.socket(zmq.REP, bind="tcp")
    p.go(answer, rep, name="server")
    dealer = p.socket(zmq.DEALER, connect=rep)
    dealer.send(b"question")
    assert not dealer.poll(300)


def router_answers_bare(p: Play) -> None:
    router = p.socket(zmq.ROUTER, bind="tcp")
    req = p.socket(zmq.REQ, connect=router)
    req.send(b"question")
    name, _, _ = router.recv_multipart()
    router.send_multipart([name, b"answer"])
    assert not req.poll(300)


def unknown_id(p: Play) -> None:
    router = p.socket(zmq.ROUTER, bind="tcp")
    dealer = p.socket(zmq.DEALER, routing_id=b"ann", connect=router)
    dealer.send(b"here I am")
    router.recv_multipart()
    router.send_multipart([b"Ann", b"hello"])
    assert not dealer.poll(100)


def out_of_turn(p: Play) -> None:
    req = p.socket(zmq.REQ, connect=p.socket(zmq.REP, bind="tcp"))
    req.send(b"one")
    try:
        req.send(b"two")
    except zmq.ZMQError:
        pass


def late_mark(p: Play) -> None:
    push = p.socket(zmq.PUSH, bind="tcp")
    push.sndhwm = 1
    pull = p.socket(zmq.PULL, connect=push)
    push.send(b"x")
    assert pull.recv() == b"x"


def two_threads(p: Play) -> None:
    push, pull = p.socket(zmq.PUSH, bind="x"), p.socket(zmq.PULL, connect="x")
    turn = threading.Semaphore(1)
    done = [threading.Event() for _ in range(2)]

    def work(mine: threading.Event) -> None:
        for _ in range(20):
            with turn:
                push.send(b"x")
            time.sleep(0.002)
        mine.set()

    for n, event in enumerate(done):
        p.go(work, event, name=f"thread {n}")
    assert all(event.wait(60) for event in done) and len([pull.recv() for _ in range(40)]) == 40


def slow_reader(p: Play) -> None:
    sub = p.socket(zmq.SUB, rcvhwm=5)
    sub.subscribe(b"")
    pub = p.socket(zmq.XPUB, sndhwm=5, bind="x")
    sub.connect("inproc://x")
    assert pub.recv() == b"\1"
    for n in range(500):
        pub.send(b"%d" % n)
    while sub.poll(300):
        sub.recv()


def full_queue(p: Play) -> None:
    push, pull = p.socket(zmq.PUSH, sndhwm=5, bind="x"), p.socket(zmq.PULL, rcvhwm=5, connect="x")
    p.go(lambda: [push.send(b"%d" % n) for n in range(100)], name="producer")
    for _ in range(3):
        pull.recv()
    last()


def send_to_nobody(p: Play) -> None:
    push = p.socket(zmq.PUSH, bind="tcp")
    p.go(push.send, b"task", name="producer")
    last()


def leak(p: Play) -> None:
    rep = p.socket(zmq.REP, bind="x")
    p.go(answer, rep, name="server")
    for n in range(80):
        ask(p.socket(zmq.REQ, connect="x"), b"%d" % n)


def no_answer(p: Play) -> None:
    rep = p.socket(zmq.REP, bind="tcp")
    req = p.socket(zmq.REQ, connect=rep)
    req.send(b"anybody?")
    rep.recv()
    p.go(req.recv, name="client")
    time.sleep(2.4)


def term_waits(p: Play) -> None:
    ctx = zmq.Context()
    push = ctx.socket(zmq.PUSH)
    push.connect(p.socket(zmq.PULL, bind="tcp").last_endpoint)
    threading.Thread(target=ctx.term, daemon=True).start()
    last()
    push.close(0)


SICK: dict[Any, str] = {
    another_port: "nobody bound", another_context: "nobody bound", pub_to_pull: "wrong types",
    wrong_key: "handshake failed", same_name: "one name twice", silent_sub: "never subscribed",
    other_topic: "no topic matches", slow_joiner: "published too early", dealer_asks_rep: "no empty frame",
    router_answers_bare: "no empty frame", unknown_id: "unknown routing id", out_of_turn: "wrong state",
    late_mark: "set too late", two_threads: "several threads", slow_reader: "slow reader", full_queue: "queue fills",
    send_to_nobody: "send waits for a peer", leak: "never closed", no_answer: "no answer", term_waits: "context hangs"}


# --- and healthy ones of which one might think otherwise


def idle_workers(p: Play) -> None:
    """REQ workers say READY and wait for work, longer than for any before."""
    broker = p.socket(zmq.ROUTER, bind="tcp")

    def worker() -> None:
        req = p.socket(zmq.REQ, connect=broker)
        req.send(b"READY")
        while True:
            req.recv()
            req.send(b"done")

    p.go(worker)
    for _ in range(4):
        name, *_ = broker.recv_multipart()
        broker.send_multipart([name, b"", b"work"])
    broker.recv_multipart()
    time.sleep(2.4)


def back_pressure(p: Play) -> None:
    """A producer waits in send for workers that are at work."""
    push = p.socket(zmq.PUSH, sndhwm=5, bind="x")
    pull = p.socket(zmq.PULL, rcvhwm=5, connect="x")
    p.go(lambda: [push.send(b"%d" % n) for n in range(1000)], name="producer")
    end = time.monotonic() + LASTS
    while time.monotonic() < end:
        pull.recv()
        time.sleep(0.05)


def late_listener(p: Play) -> None:
    """Whoever turns the radio on late has missed nothing that it wanted."""
    pub = p.socket(zmq.PUB, bind="tcp")
    for n in range(50):
        pub.send(b"%d" % n)
    sub = p.socket(zmq.SUB, connect=pub)
    sub.subscribe(b"")
    until_heard(pub, sub)


def waits_for_its_turn(p: Play) -> None:
    """A server that nobody asks."""
    p.go(answer, p.socket(zmq.REP, bind="tcp"), name="server")
    sub = p.socket(zmq.SUB)
    sub.subscribe(b"")
    publisher(p, sub)
    p.go(sub.recv, name="listener")
    time.sleep(2.4)


HEALTHY = (idle_workers, back_pressure, late_listener, waits_for_its_turn)
