"""Which send was which receive: compared with what the receivers wrote down themselves, message by message."""

from __future__ import annotations

import contextlib
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import zmq
from machine import PATIENCE, pace
from traffic import END, Traffic, compare, eventually, receive_until, send_ids, traffic
from zmqlive.trace import GONE, Message, Trace

Pattern = Callable[[Traffic, int], None]


def push_pull(pushers: int, pullers: int, transport: str = "inproc") -> Pattern:
    def play(t: Traffic, count: int) -> None:
        one = t.socket(zmq.PULL if pullers == 1 else zmq.PUSH,
                       bind="inproc://one" if transport == "inproc" else "tcp://127.0.0.1:*")
        many = [t.socket(zmq.PUSH if pullers == 1 else zmq.PULL, connect=one.last_endpoint.decode())
                for _ in range(pushers * pullers)]
        if pullers == 1:
            t.start(receive_until, t, one, pushers)
            for push in many:
                t.start(send_ids, push, count // pushers)
        else:
            for pull in many:
                t.start(share, t, pull, count)
            t.start(lambda: send_ids(one, count, ends=0))
    return play


def share(t: Traffic, pull: Any, count: int) -> None:
    """One of several that receive `count` messages together."""
    pull.rcvtimeo = 20
    while sum(map(len, t.got.values())) < count:
        with contextlib.suppress(zmq.Again):
            while True:
                t.receive(pull, (pull.recv(),))


def pub_sub(t: Traffic, count: int) -> None:
    """Three subscribers: of all, of one topic, of both topics by two subscriptions; no high-water marks."""
    pub = t.socket(zmq.PUB, sndhwm=0, bind="tcp://127.0.0.1:*")
    subs = [t.socket(zmq.SUB, rcvhwm=0, connect=pub.last_endpoint.decode()) for _ in range(3)]
    subs[0].subscribe(b"")
    subs[1].subscribe(b"a")
    subs[2].subscribe(b"a")
    subs[2].subscribe(b"b")
    for sub in subs:
        sub.subscribe(END)
        assert not any(s.poll(0) for s in subs)     # it is sent when the subscriber enters its socket
        t.start(receive_until, t, sub)

    def publish() -> None:
        sender = pub._log.id
        for n in range(count // 2):
            pub.send(b"%s%d.%d" % (b"ab"[n % 2:n % 2 + 1], sender, n))
        pub.send(END)
    probe_subscriptions(t, pub, subs)
    t.start(publish)


def probe_subscriptions(t: Traffic, pub: Any, subs: list[Any]) -> None:
    """Publish until every subscriber has heard something; what they heard is part of the truth."""
    def all_there() -> bool:
        pub.send(b"a-there")
        pub.send(b"b-there")
        return all(len(t.got.get(s._log.id, [])) > 0 for s in subs)
    eventually(all_there)


def req_rep(t: Traffic, count: int) -> None:
    rep = t.socket(zmq.REP, bind="inproc://rep")
    clients = [t.socket(zmq.REQ, connect="inproc://rep") for _ in range(2)]

    def serve() -> None:
        for _ in range(2 * (count // 4)):
            request = rep.recv()
            t.receive(rep, (request,))
            rep.send(b"re " + request)

    t.start(serve)
    for client in clients:
        t.start(ask, t, client, count // 4)


def ask(t: Traffic, req: Any, count: int) -> None:
    for n in range(count):
        req.send(b"%d.%d" % (req._log.id, n))
        t.receive(req, (req.recv(),))


def req_rep_through_a_broker(t: Traffic, count: int) -> None:
    front, back = t.socket(zmq.ROUTER, bind="inproc://front"), t.socket(zmq.DEALER, bind="inproc://back")
    reps = [t.socket(zmq.REP, connect="inproc://back") for _ in range(2)]
    reqs = [t.socket(zmq.REQ, connect="inproc://front") for _ in range(3)]
    count //= 8 * 3         # four hops there and back, each sent and received

    def broke() -> None:
        poller = zmq.Poller()
        poller.register(front, zmq.POLLIN)
        poller.register(back, zmq.POLLIN)
        left = 2 * len(reqs) * count
        while left:
            for socket, _ in poller.poll():
                frames = socket.recv_multipart()
                t.receive(socket, tuple(frames))
                (back if socket is front else front).send_multipart(frames)
                left -= 1
        for _ in reps:
            back.send_multipart([b"", END])

    def serve(rep: Any) -> None:
        while (request := rep.recv()) != END:
            t.receive(rep, (request,))
            rep.send(b"re " + request)
        t.receive(rep, (END,))

    t.start(broke)
    for rep in reps:
        t.start(serve, rep)
    for req in reqs:
        t.start(ask, t, req, count)


def router_dealer(t: Traffic, count: int) -> None:
    """Ten clients with several questions under way each; the server answers in batches, backwards."""
    router = t.socket(zmq.ROUTER, sndhwm=0, rcvhwm=0, bind="inproc://router")
    dealers = [t.socket(zmq.DEALER, sndhwm=0, rcvhwm=0, connect="inproc://router") for _ in range(10)]
    count //= 2 * len(dealers)

    def serve() -> None:
        left = count * len(dealers)
        while left:
            batch = [router.recv_multipart()]
            while len(batch) < 50 and router.poll(0):
                batch.append(router.recv_multipart())
            for who, what in reversed(batch):
                t.receive(router, (who, what))
            t.got[router._log.id][-len(batch):] = [tuple(frames) for frames in batch]
            for who, what in reversed(batch):
                router.send_multipart([who, b"re " + what])
            left -= len(batch)

    def ask_ahead(dealer: Any) -> None:
        for n in range(count):
            dealer.send(b"%d.%d" % (dealer._log.id, n))
            if n >= 20:
                t.receive(dealer, (dealer.recv(),))
        for _ in range(min(20, count)):
            t.receive(dealer, (dealer.recv(),))

    t.start(serve)
    for dealer in dealers:
        t.start(ask_ahead, dealer)


PATTERNS: dict[str, tuple[Pattern, int]] = {       # of a million; the rate that is asked for in the long run
    "push 1 pull 1": (push_pull(1, 1), 300_000), "push 1 pull 1, tcp": (push_pull(1, 1, "tcp"), 100_000),
    "push 1 pull 3": (push_pull(1, 3), 150_000), "push 3 pull 1": (push_pull(3, 1), 150_000),
    "pub sub": (pub_sub, 200_000), "req rep": (req_rep, 60_000),
    "req router dealer rep": (req_rep_through_a_broker, 100_000), "router dealer": (router_dealer, 80_000)}


def run(name: str, share: float) -> tuple[int, float]:
    """Play a pattern, compare its trace with the truth; how many messages, and how many a second."""
    play, count = PATTERNS[name]
    with traffic(exact=True, limit=3_000_000) as t:
        began = time.perf_counter()
        play(t, int(count * share))
        t.join()
        seconds = time.perf_counter() - began
        trace, total = compare(t)
    assert trace.exact and not trace.note
    sent_by_the_right_one(trace)
    probes = b"-there"      # sent before the subscriptions had all arrived: these may be lost
    assert all(m.fate == "received" for m in trace.messages if not m.frames[-1].endswith(probes))
    assert trace.ledger().twice == 0
    assert sum(s.received for s in trace.sockets) == total
    return total, total / seconds


def sent_by_the_right_one(trace: Trace) -> None:
    """The first hop of each message is its sender's, whose id is in it; later hops carry the same payload."""
    for m in trace.messages:
        payload = m.frames[-1].lstrip(b"ab")
        if payload == END or payload.startswith(b"re ") or payload.endswith(b"-there"):
            continue
        if trace.socket(m.source).type not in ("ROUTER", "DEALER") or len(trace.connections) == 10:
            assert m.source == int(payload.split(b".")[0]), m


@pytest.mark.parametrize("name", PATTERNS)
def test_a_fifth_of_a_million_messages_none_missing_none_matched_wrongly(name: str) -> None:
    total, rate = run(name, 0.2)
    print(f"{name}: {total:,} messages, {rate:,.0f} a second")
    assert total > 0.09 * PATTERNS[name][1]


@pytest.mark.thorough
def test_a_million_messages_at_the_highest_exact_rate() -> None:
    figures = {name: run(name, 1.0) for name in PATTERNS}
    for name, (total, rate) in figures.items():
        print(f"{name}: {total:,} messages, {rate:,.0f} a second")
    assert sum(total for total, _ in figures.values()) >= 1_000_000
    for name in ("push 1 pull 1", "push 1 pull 1, tcp", "push 3 pull 1", "pub sub"):
        tries = [figures[name][1] * pace()]
        while max(tries) < 100_000 and len(tries) < 5:      # who else is at work comes and goes
            tries.append(run(name, 1.0)[1] * pace())
        assert max(tries) >= 100_000, name


# --- what a message may look like ---------------------------------------------------------------------------


def pair(t: Traffic, **options: Any) -> tuple[Any, Any]:
    pull = t.socket(zmq.PULL, bind="inproc://pair")
    return t.socket(zmq.PUSH, connect="inproc://pair", **options), pull


def test_long_payloads_are_told_apart_by_their_ends() -> None:
    with traffic() as t:
        push, pull = pair(t)
        for make in (lambda id: id + b"x" * 200, lambda id: b"x" * 200 + id, lambda id: id.ljust(64, b"y"),
                     lambda id: id.ljust(65, b"y")):
            for n in range(100):
                push.send(make(b"%d." % n))
                assert pull.recv() == make(b"%d." % n)
        trace = t.recorder.trace()
    assert Counter(m.fate for m in trace.messages) == {"received": 400}
    assert {m.size for m in trace.messages if m.frames[0].startswith(b"x")} == {202, 203}
    first, last = trace.messages[0].frames[0], trace.messages[199].frames[0]
    assert (len(first), first[:2], first[-1:]) == (65, b"0.", b"x")
    assert (len(last), last[:1], last[-3:]) == (65, b"x", b"99.")
    assert {len(m.frames[0]) for m in trace.messages[200:]} == {64, 65}
    assert {m.size for m in trace.messages[200:]} == {64, 65}


def test_with_the_id_in_the_middle_of_a_long_payload_numbers_and_order_are_right() -> None:
    with traffic() as t:
        push, pull = pair(t)
        for n in range(100):
            push.send(b"x" * 100 + b"%d" % n + b"x" * 100)
        for _ in range(100):
            pull.recv()
        trace = t.recorder.trace()
    assert [m.sent for m in trace.messages] == sorted(m.sent for m in trace.messages)
    assert all(m.fate == "received" for m in trace.messages) and len(trace.messages) == 100
    assert sorted(m.received or 0 for m in trace.messages) == [m.received for m in trace.messages]


def test_identical_payloads_are_counted_right() -> None:
    with traffic() as t:
        push, pull = pair(t)
        for _ in range(1000):
            push.send(b"same")
        for _ in range(400):
            pull.recv()
        trace = t.recorder.trace()
    assert Counter(m.fate for m in trace.messages) == {"received": 400, "waiting": 600}
    assert trace.depth()[1][-1] == 600
    assert (trace.ledger().sent, trace.ledger().received, trace.ledger().waiting) == (1000, 400, 600)


def test_every_way_of_sending_and_receiving_is_one_message() -> None:
    with traffic() as t:
        push, pull = pair(t)
        push.send(b"bytes")
        push.send(bytearray(b"bytearray"))
        push.send(memoryview(b"memoryview"), copy=False)
        push.send(zmq.Frame(b"frame", track=True), copy=False, track=True)
        push.send_multipart([b"a", b"b", b"c"])
        push.send(b"d", zmq.SNDMORE)
        push.send(b"e")
        push.send_string("string")
        push.send_json({"json": 1})
        push.send_pyobj(["pyobj"])
        push.send_serialized([1], lambda x: [b"serialized", b"%d" % x[0]])
        assert pull.recv() == b"bytes"
        assert pull.recv(copy=False).bytes == b"bytearray"
        buffer = bytearray(20)
        assert pull.recv_into(buffer) == 10
        assert pull.recv(copy=False).bytes == b"frame"
        assert pull.recv_multipart() == [b"a", b"b", b"c"]
        assert [pull.recv(), pull.rcvmore, pull.recv(), pull.rcvmore] == [b"d", 1, b"e", 0]
        assert pull.recv_string() == "string"
        assert pull.recv_json() == {"json": 1}
        assert pull.recv_pyobj() == ["pyobj"]
        assert pull.recv_serialized(lambda frames: frames[-1]) == b"1"
        trace = t.recorder.trace()
    frames = [m.frames for m in trace.messages]
    assert frames[:7] == [(b"bytes",), (b"bytearray",), (b"memoryview",), (b"frame",), (b"a", b"b", b"c"), (b"d", b"e"),
                          (b"string",)]
    assert frames[9] == (b"serialized", b"1")
    assert {m.fate for m in trace.messages} == {"received"}
    assert [s.sent or s.received for s in trace.sockets] == [10, 10]


def test_requests_with_an_id_of_their_own_are_followed() -> None:
    with traffic() as t:
        rep = t.socket(zmq.REP, bind="inproc://rep")
        req = t.socket(zmq.REQ, req_correlate=1, req_relaxed=1, connect="inproc://rep")
        for n in range(50):
            req.send(b"%d" % n)
            request = rep.recv()
            rep.send(b"re " + request)
            assert req.recv() == b"re %d" % n
        trace = t.recorder.trace()
    assert Counter((m.source, m.target, m.fate) for m in trace.messages) == {
        (1, 0, "received"): 50, (0, 1, "received"): 50}
    for m in trace.messages:
        if m.source == 0:
            assert [h.frames[-1] for h in trace.way(m.id)] == [m.frames[-1][3:], m.frames[-1]]


def test_conflate_keeps_the_newest_and_drops_the_rest() -> None:
    with traffic() as t:
        pub = t.socket(zmq.PUB, bind="tcp://127.0.0.1:*")
        sub = t.socket(zmq.SUB, conflate=1, subscribe=b"", connect=pub.last_endpoint.decode())
        eventually(lambda: pub.send(b"there") or sub.poll(10))
        eventually(lambda: pub.send(b"last") or sub.recv() == b"last")
        trace = t.recorder.trace()
    received = sum(m.fate == "received" for m in trace.messages)
    assert received == sub._log.received
    assert trace.connections[0].capacity == 1
    assert sum(m.fate == "waiting" for m in trace.messages) <= 1
    assert Counter(m.fate for m in trace.messages).total() == pub._log.sent


# --- what became of it --------------------------------------------------------------------------------------


def test_what_a_publisher_drops_is_known_exactly() -> None:
    with traffic() as t:
        pub = t.socket(zmq.PUB, sndhwm=10, bind="inproc://pub")
        subs = [t.socket(zmq.SUB, rcvhwm=10, subscribe=b"", connect="inproc://pub") for _ in range(2)]
        assert not subs[0].poll(0) and not subs[1].poll(0)
        pub.send(b"first")
        for sub in subs:
            assert sub.poll(1000 * PATIENCE) and sub.recv() == b"first"
        for n in range(100):
            pub.send(b"%d" % n)
        got = [sum(1 for _ in iter(lambda s=sub: s.poll(0) and s.recv(), 0)) for sub in subs]
        for sub in subs:        # it looks at its readers' progress about once a millisecond
            eventually(lambda sub=sub: pub.send(b"last") or sub.poll(5))
        for sub in subs:
            got_last = sum(1 for _ in iter(lambda s=sub: s.poll(150) and s.recv(), 0))
            got.append(got_last)
        trace = t.recorder.trace()
    for sub, n, lasts in zip(subs, got[:2], got[2:], strict=True):
        mine = [m for m in trace.messages if trace.connections[m.connection or 0].target == sub._log.id]
        assert Counter(m.fate for m in mine) == {"received": 1 + n + lasts, "dropped": pub._log.sent - 1 - n - lasts}
        assert 10 <= n <= 20
    assert trace.depth()[1][-1] == 0
    assert trace.ledger().lost == sum(m.fate == "dropped" for m in trace.messages)


def test_with_nobody_there_a_publisher_drops() -> None:
    with traffic() as t:
        pub = t.socket(zmq.PUB, bind="inproc://pub")
        pub.send(b"into the void")
        trace = t.recorder.trace()
    assert [(m.fate, m.target, m.connection) for m in trace.messages] == [("dropped", None, None)]


def test_a_receiver_that_waits_in_vain_ends_the_hope_for_a_dropped_message() -> None:
    with traffic() as t:
        pub = t.socket(zmq.PUB, sndhwm=1, bind="inproc://pub")
        sub = t.socket(zmq.SUB, rcvhwm=1, subscribe=b"", connect="inproc://pub")
        assert not sub.poll(0)
        for n in range(50):
            pub.send(b"%d" % n)
        received = sum(1 for _ in iter(lambda: sub.poll(0) and sub.recv(), 0))
        assert t.recorder.trace().ledger().waiting == 0     # there was room for no more than were received
        assert not sub.poll(100)
        trace = t.recorder.trace()
    assert Counter(m.fate for m in trace.messages) == {"received": received, "dropped": 50 - received}


def test_a_receiver_that_polls_again_and_again_waits_in_vain_too() -> None:
    with traffic() as t:
        pub = t.socket(zmq.PUB, sndhwm=1, bind="inproc://pub")
        sub = t.socket(zmq.SUB, rcvhwm=1, subscribe=b"", connect="inproc://pub")
        assert not sub.poll(0)
        for n in range(50):
            pub.send(b"%d" % n)
        while sub.poll(0):
            sub.recv()
        for _ in range(20):
            assert not sub.poll(5)
        trace = t.recorder.trace()
    assert {m.fate for m in trace.messages} == {"received", "dropped"}


def test_what_a_closed_worker_had_is_lost() -> None:
    with traffic() as t:
        push = t.socket(zmq.PUSH, bind="inproc://tasks")
        worker = t.socket(zmq.PULL, connect="inproc://tasks")
        for n in range(30):
            push.send(b"%d" % n)
        for _ in range(10):
            worker.recv()
        assert t.recorder.trace().ledger().waiting == 20
        worker.close()
        trace = t.recorder.trace()
    assert trace.ledger() == type(trace.ledger())(30, 10, 20, 0, 0)
    assert trace.connections[0].closed is not None


def test_blocked_is_measured() -> None:
    """The trace's blocked interval against the time that the sender itself measured, in the same run."""
    with traffic() as t, t.recorder.role("pusher"):
        push, pull = pair(t, sndhwm=1)
        pull_hwm = pull.rcvhwm
        measured: list[float] = []

        def fill() -> None:
            for n in range(1 + pull_hwm):
                push.send(b"%d" % n)
            began = time.perf_counter()
            push.send(b"one too many")
            measured.append(time.perf_counter() - began)

        t.start(fill)
        eventually(lambda: push._log.blocked)
        assert t.recorder.blocked("pusher") == ["pusher"]
        threading.Event().wait(0.2)
        pull.recv()
        while not measured:
            pull.recv()
        t.join()
        trace = t.recorder.trace()
    [interval] = trace.blocked
    assert interval.end is not None
    assert 0.8 < (interval.end - interval.start) / measured[0] < 1.05
    assert push._log.blocked == 0


def test_refused_sends_are_blocked_too_until_one_goes_through() -> None:
    with traffic() as t:
        push = t.socket(zmq.PUSH, bind="inproc://nobody")
        for _ in range(3):
            with pytest.raises(zmq.Again):
                push.send(b"x", zmq.DONTWAIT)
        assert t.recorder.trace().blocked[0].end is None
        pull = t.socket(zmq.PULL, connect="inproc://nobody")
        eventually(lambda: push.poll(10, zmq.POLLOUT))
        push.send(b"y", zmq.DONTWAIT)
        assert pull.recv() == b"y"
        trace = t.recorder.trace()
    assert len(trace.blocked) == 1 and trace.blocked[0].end is not None
    assert push._log.sent == 1


def test_in_work_is_from_receiving_to_going_back_to_the_socket() -> None:
    with traffic() as t:
        push, pull = pair(t)
        push.send(b"a")
        pull.recv()
        assert t.recorder.trace().messages[0].done is None
        threading.Event().wait(0.05)
        back = t.recorder.seconds()
        assert not pull.poll(0)
        trace = t.recorder.trace()
    [m] = trace.messages
    assert m.done is not None and m.received is not None
    assert m.done - m.received > 0.045 and abs(m.done - back) < 0.04


def test_waiting_in_recv_and_poll_is_seen_once() -> None:
    with traffic() as t:
        _, pull = pair(t)
        assert not pull.poll(30)
        poller = zmq.Poller()
        poller.register(pull, zmq.POLLIN)
        poller.poll(30)
        pull.rcvtimeo = 30
        with pytest.raises(zmq.Again):
            pull.recv()
        trace = t.recorder.trace()
    assert len(trace.waits) == 3
    assert all(0.025 < (w.end or 0) - w.start < 0.2 for w in trace.waits)


def test_waiting_for_room_is_not_waiting_for_a_message() -> None:
    with traffic() as t:
        push = t.socket(zmq.PUSH, bind="inproc://nobody")
        assert not push.poll(20, zmq.POLLOUT)
        assert not t.recorder.trace().waits


# --- ways across hops ---------------------------------------------------------------------------------------


def test_a_request_through_a_broker_is_four_messages_and_one_way() -> None:
    with traffic() as t:
        with t.recorder.role("broker"):
            front, back = t.socket(zmq.ROUTER, bind="inproc://front"), t.socket(zmq.DEALER, bind="inproc://back")

        def worker() -> None:
            rep = t.socket(zmq.REP, connect="inproc://back")
            while True:
                rep.send(b"done " + rep.recv())

        def client() -> None:
            req = t.socket(zmq.REQ, connect="inproc://front")
            for n in range(5):
                req.send(b"%d" % n)
                assert req.recv() == b"done %d" % n

        t.start(zmq.proxy, front, back, name="broker")
        t.start(worker)
        t.start(client).join(PATIENCE)
        eventually(lambda: t.recorder.sent() == 20)     # the broker may still be writing down its last
        trace = t.recorder.trace()
    assert not t.errors or isinstance(t.errors[0], zmq.ContextTerminated)
    assert len(trace.messages) == 20
    answers = [m for m in trace.messages if trace.role_of(m.target) == "client"]
    assert len(answers) == 5
    for n, answer in enumerate(answers):
        way = trace.way(answer.id)
        assert [trace.role_of(m.source) for m in way] == ["client", "broker", "worker", "broker"]
        assert [m.frames[-1] for m in way] == [b"%d" % n] * 2 + [b"done %d" % n] * 2
        assert [len(m.frames) for m in way] == [3, 1, 4, 1] or [len(m.frames) for m in way] == [3, 1, 3, 1]


def test_the_way_through_a_pipeline_that_changes_the_payload() -> None:
    with traffic() as t:
        b = t.socket(zmq.PULL, bind="inproc://b")

        def stage_one() -> None:
            a, out = t.socket(zmq.PULL, bind="inproc://a"), t.socket(zmq.PUSH, connect="inproc://b")
            for _ in range(3):
                out.send(b"made of " + a.recv())

        t.start(stage_one)
        with t.recorder.role("source"):
            source = t.socket(zmq.PUSH, connect="inproc://a")
        for n in range(3):
            source.send(b"%d" % n)
            assert b.recv() == b"made of %d" % n
        t.join()
        trace = t.recorder.trace()
    ends = [m for m in trace.messages if m.target == b._log.id]
    assert [[h.frames[0] for h in trace.way(m.id)] for m in ends] == [[b"%d" % n, b"made of %d" % n] for n in range(3)]


def test_subscriptions_travel_upstream_through_a_proxy() -> None:
    with traffic() as t:
        xsub, xpub = t.socket(zmq.XSUB, bind="inproc://in"), t.socket(zmq.XPUB, bind="inproc://out")
        up = t.socket(zmq.XPUB, connect="inproc://in")
        down = t.socket(zmq.SUB, connect="inproc://out")
        down.subscribe(b"news")
        assert not down.poll(0)
        assert xpub.recv() == b"\1news"
        xsub.send(b"\1news")
        assert up.recv() == b"\1news"
        for topic in (b"news 1", b"sport", b"news 2"):
            up.send(topic)
        for topic in (b"news 1", b"news 2"):
            assert xsub.recv() == topic
            xpub.send(topic)
            assert down.recv() == topic
        trace = t.recorder.trace()
    seen = [(m.source, m.target, m.frames[0], m.fate) for m in sorted(trace.messages, key=lambda m: m.sent)]
    s, p, u, d = (x._log.id for x in (xsub, xpub, up, down))
    assert (d, p, b"\1news", "received") in seen and (s, u, b"\1news", "received") in seen
    assert (u, None, b"sport", "dropped") in seen
    assert [x for x in seen if x[2].startswith(b"news")] == [
        (u, s, b"news 1", "received"), (u, s, b"news 2", "received"), (p, d, b"news 1", "received"),
        (p, d, b"news 2", "received")]
    [way] = [trace.way(m.id) for m in trace.messages if m.target == d and m.frames == (b"news 2",)]
    assert [m.source for m in way] == [u, p]


# --- who meets whom -----------------------------------------------------------------------------------------


def meetings(trace: Trace) -> list[tuple[int, int]]:
    return [(c.source, c.target) for c in trace.connections]


def test_the_natural_flow_gives_the_direction() -> None:
    with traffic() as t:
        kinds = [(zmq.PULL, zmq.PUSH), (zmq.SUB, zmq.PUB), (zmq.REP, zmq.REQ), (zmq.ROUTER, zmq.DEALER),
                 (zmq.ROUTER, zmq.REQ), (zmq.REP, zmq.DEALER), (zmq.XSUB, zmq.XPUB), (zmq.PAIR, zmq.PAIR)]
        for i, (target, source) in enumerate(kinds):
            t.socket(target, bind=f"inproc://{i}")
            t.socket(source, connect=f"inproc://{i}")
            if target not in (zmq.PAIR,):
                t.socket(source, bind=f"inproc://{i}'")
                t.socket(target, connect=f"inproc://{i}'")
        trace = t.recorder.trace()
    for source, target in meetings(trace):
        kind = trace.socket(target).type, trace.socket(source).type
        assert kind in [(a.name, b.name) for a, b in kinds]
    assert len(trace.connections) == 15


def test_connect_first_and_bind_later() -> None:
    with traffic() as t:
        push = t.socket(zmq.PUSH, connect="inproc://late")
        push.send(b"early")
        assert not t.recorder.trace().connections
        pull = t.socket(zmq.PULL, bind="inproc://late")
        assert pull.recv() == b"early"
        trace = t.recorder.trace()
    assert meetings(trace) == [(0, 1)]
    assert [(m.fate, m.connection) for m in trace.messages] == [("received", 0)]


def test_ipc_and_spellings_of_one_tcp_endpoint(tmp_path: Path) -> None:
    with traffic() as t:
        if zmq.has("ipc"):
            pull = t.socket(zmq.PULL, bind=f"ipc://{tmp_path}/s")
            push = t.socket(zmq.PUSH, connect=f"ipc://{tmp_path}/s")
            push.send(b"x")
            assert pull.recv() == b"x"
        pull = t.socket(zmq.PULL, bind="tcp://127.0.0.1:*")
        port = pull.last_endpoint.decode().rpartition(":")[2]
        push = t.socket(zmq.PUSH, connect=f"tcp://localhost:{port}")
        push.send(b"y")
        assert pull.recv() == b"y"
        push.disconnect(f"tcp://localhost:{port}")
        trace = t.recorder.trace()
    assert [c.transport for c in trace.connections][-1] == "tcp"
    assert {m.fate for m in trace.messages} == {"received"}
    assert trace.connections[-1].closed is not None


def test_one_name_in_two_contexts_is_two_places() -> None:
    with traffic() as t:
        other = t.recorder.context()
        pull = t.socket(zmq.PULL, bind="inproc://name")
        push = other.socket(zmq.PUSH)
        push.connect("inproc://name")
        push.send(b"nowhere")
        assert not pull.poll(20)
        assert not t.recorder.trace().connections
        push.close(0)
        other.term()


def test_a_restart_on_the_same_endpoint_is_a_new_connection() -> None:
    with traffic() as t:
        push = t.socket(zmq.PUSH, bind="inproc://tasks")
        for n in range(3):
            pull = t.socket(zmq.PULL, connect="inproc://tasks")
            eventually(lambda pull=pull, n=n: push.send(b"%d" % n) or pull.poll(20))
            assert pull.recv() == b"%d" % n
            pull.close()
        trace = t.recorder.trace()
    assert meetings(trace) == [(0, 1), (0, 2), (0, 3)]
    assert [m.connection for m in trace.messages if m.fate == "received"] == [0, 1, 2]
    assert all(c.closed for c in trace.connections)


def test_the_binding_side_restarts() -> None:
    with traffic() as t:
        dealer = t.socket(zmq.DEALER, immediate=1)
        pulls = t.socket(zmq.ROUTER, bind="tcp://127.0.0.1:*")
        endpoint = pulls.last_endpoint.decode()
        dealer.connect(endpoint)
        dealer.send(b"1")
        assert pulls.recv_multipart()[1] == b"1"
        pulls.unbind(endpoint)
        pulls.close()

        again = t.socket(zmq.ROUTER)
        eventually(lambda: bound(again, endpoint))
        dealer.sndtimeo = 5000
        eventually(lambda: dealer.send(b"2") or again.poll(50))
        assert again.recv_multipart()[1] == b"2"
        trace = t.recorder.trace()
    assert meetings(trace) == [(0, 1), (0, 2)]
    assert [(m.frames[-1], m.target) for m in trace.messages if m.target is not None][:2] == [(b"1", 1), (b"2", 2)]


def bound(socket: Any, endpoint: str) -> bool:
    try:
        socket.bind(endpoint)
    except zmq.ZMQError:
        return False
    return True


def test_a_late_subscriber_is_not_owed_what_was_sent_before() -> None:
    with traffic() as t:
        pub = t.socket(zmq.PUB, bind="inproc://pub")
        pub.send(b"before")
        sub = t.socket(zmq.SUB, subscribe=b"", connect="inproc://pub")
        eventually(lambda: pub.send(b"after") or sub.poll(5))
        assert sub.recv() == b"after"
        trace = t.recorder.trace()
    first = trace.messages[0]
    assert (first.frames, first.fate, first.target) == ((b"before",), "dropped", None)
    assert sum(m.fate == "received" for m in trace.messages) == 1
    assert trace.socket(1).subscriptions == (b"",)


def test_many_receives_without_a_recorded_sender_do_not_slow_the_rest_down() -> None:
    """A plain context sends beside the recorded one: its messages are counted and are nobody's."""
    with traffic(exact=True) as t:
        pull = t.socket(zmq.PULL, bind="tcp://127.0.0.1:*", rcvhwm=0)
        push = t.socket(zmq.PUSH, connect=pull.last_endpoint.decode(), sndhwm=0)
        plain = zmq.Context()
        stranger = plain.socket(zmq.PUSH)
        stranger.connect(pull.last_endpoint.decode())
        for n in range(5_000):
            stranger.send(b"s%d" % n)
            push.send(b"%d" % n)
        for _ in range(10_000):
            assert pull.poll(1000 * PATIENCE) and pull.recv()
        stranger.close()
        plain.term()
        began = time.perf_counter()
        trace = t.recorder.trace()
        assert time.perf_counter() - began < 3 * pace()
    assert Counter((m.fate, m.source, m.why) for m in trace.messages) == {
            ("received", push._log.id, ""): 5_000, ("received", None, "outside"): 5_000}
    assert trace.socket(0).received == 10_000


def test_messages_keep_their_ids_and_order() -> None:
    with traffic() as t:
        push, pull = pair(t)
        for n in range(10):
            push.send(b"%d" % n)
            pull.recv()
        first, second = t.recorder.trace(), t.recorder.trace()
    assert [m.id for m in first.messages] == [m.id for m in second.messages] == sorted({m.id for m in first.messages})
    assert isinstance(first.messages[0], Message)


def test_a_subscription_travels_up_to_every_publisher() -> None:
    with traffic() as t:
        pubs = [t.socket(zmq.XPUB, bind=f"inproc://pub{i}") for i in range(3)]
        xsub = t.socket(zmq.XSUB)
        for i in range(3):
            xsub.connect(f"inproc://pub{i}")
        xsub.send(b"\1A")
        for pub in pubs:
            t.receive(pub, (pub.recv(),))
        trace, total = compare(t)
    assert total == 3
    assert sorted(m.target for m in trace.messages) == [pub._log.id for pub in pubs]


def test_workers_whose_first_messages_are_alike_are_told_apart_by_what_comes_back() -> None:
    with traffic() as t:
        router = t.socket(zmq.ROUTER, bind="tcp://127.0.0.1:*")
        workers = [t.socket(zmq.REQ, connect=router.last_endpoint.decode()) for _ in range(3)]
        for worker in workers:
            worker.send(b"READY")
        ids = [router.recv_multipart()[0] for _ in workers]
        for round in range(5):
            for id in reversed(ids):
                router.send_multipart([id, b"", b"job %d for %s" % (round, id.hex().encode())])
            for worker in workers:
                t.receive(worker, (worker.recv(),))
                worker.send(b"READY")
            for _ in ids:
                router.recv_multipart()
        trace = t.recorder.trace()
    jobs = [m for m in trace.messages if m.frames[-1].startswith(b"job")]
    assert len(jobs) == 15 and {m.fate for m in jobs} == {"received"}
    assert all(t.got[m.target].count(m.frames) == 1 for m in jobs)


def test_peers_whose_first_messages_are_alike_are_told_apart_by_what_they_send_next() -> None:
    """A ROUTER's ids say nothing of who is who, and what was sent second arrives first: its way was there before."""
    with traffic() as t:
        router = t.socket(zmq.ROUTER, bind="inproc://hellos")
        first, second = (t.socket(zmq.DEALER, connect="inproc://hellos") for _ in range(2))
        for peer in (second, first):
            peer.send(b"hello")
        ids = [router.recv_multipart()[0] for _ in range(2)]
        for peer, name in ((first, b"first"), (second, b"second")):
            peer.send(name)
            assert router.recv_multipart() == [ids[peer is second], name], "they came in another order than meant"
        trace = t.recorder.trace()
    assert [(m.frames[-1], m.source, m.fate) for m in trace.messages[2:]] == [
        (b"first", first._log.id, "received"), (b"second", second._log.id, "received")]
    assert str(trace.ledger()) == "sent 4 · received 4 · lost 0 · twice 0 · waiting 0"


def test_what_a_router_sends_to_nobody_goes_nowhere_and_to_a_name_goes_there() -> None:
    with traffic() as t:
        router = t.socket(zmq.ROUTER, bind="inproc://calls")
        for name in (b"ann", b"bob", b""):
            peer = t.socket(zmq.DEALER, **({"routing_id": name} if name else {}), connect="inproc://calls")
            peer.send(b"hello")     # the ROUTER knows a peer when it has looked
            made_up, _ = router.recv_multipart()
        for address in (b"ann", b"zoe", b"bob", b"", made_up, b"zoe"):
            router.send_multipart([address, b"call"])
        assert all(peer.recv() == b"call" for peer in t.sockets[1:])
        zoe = t.socket(zmq.DEALER, routing_id=b"zoe", connect="inproc://calls")
        zoe.send(b"hello")
        router.recv_multipart()
        router.send_multipart([b"zoe", b"call"])
        assert zoe.recv() == b"call"
        trace = t.recorder.trace()
    calls = [m for m in trace.messages if m.frames[-1] == b"call"]
    assert [m.fate for m in calls] == ["received", "dropped", "received", "dropped", "received", "dropped", "received"]
    assert [m.target for m in calls] == [1, None, 2, None, 3, None, 4]
    assert all(m.connection is None for m in calls if m.fate == "dropped") and trace.depth()[1][-1] == 0


@pytest.mark.parametrize("correlate", [False, True])
@pytest.mark.parametrize("dies", [False, True])
def test_the_answer_to_a_question_that_was_not_written_down_fits_all_the_same(correlate: bool, dies: bool) -> None:
    """Its program was killed between the call and the note, for one."""
    with traffic() as t:
        rep = t.socket(zmq.REP, bind="inproc://question")
        req = t.socket(zmq.REQ, req_correlate=correlate, connect="inproc://question")
        zmq.backend.Socket.send(req, b"question")       # past the record
        rep.recv()
        rep.send(b"answer")
        req.close() if dies else req.recv()
        trace = t.recorder.trace()
    fate = ("lost", GONE) if dies else ("received", "")
    assert [(m.fate, m.why) for m in trace.messages if m.frames[-1] == b"answer"] == [fate]
    assert trace.ledger().from_unknown == 1


def test_a_message_keeps_the_frames_as_sent_where_they_arrive_as_others() -> None:
    with traffic() as t:
        router = t.socket(zmq.ROUTER, bind="inproc://frames")
        req = t.socket(zmq.REQ, routing_id=b"ann", connect="inproc://frames")
        dealer = t.socket(zmq.DEALER, connect="inproc://frames")
        req.send(b"question")
        router.send_multipart(router.recv_multipart())
        req.recv()
        dealer.send_multipart([b"", b"two"])
        router.recv_multipart()
        pair = t.socket(zmq.PAIR, bind="inproc://pair"), t.socket(zmq.PAIR, connect="inproc://pair")
        pair[0].send(b"the same")
        pair[1].recv()
        there, back, two, same = t.recorder.trace().messages
    assert (there.as_sent, there.frames) == ((b"question",), (b"ann", b"", b"question"))
    assert (back.as_sent, back.frames) == ((b"ann", b"", b"question"), (b"question",))
    assert two.as_sent == (b"", b"two") and two.frames[1:] == two.as_sent
    assert same.as_sent is None
