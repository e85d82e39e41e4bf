"""The live feed: plain data in small batches, and books that balance at the end, however fast it went."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from itertools import pairwise
from typing import Any

import pytest
import zmq
from machine import PATIENCE
from traffic import END, Traffic, eventually, flood, flow, swallow, traffic
from zmqlive.live import Feed, feed
from zmqlive.net import Link


class Watcher:
    """Polls a feed as a view does, and keeps what a view would know."""

    def __init__(self, feed: Feed) -> None:
        self.feed = feed
        self.events: list[list[Any]] = []
        self.topo: dict[str, Any] = {}
        self.counts: dict[str, Any] = {"e": {}, "s": {}}
        self.strides: list[int] = []
        self.now = 0.0
        self.said = ""
        self.ended = False

    def poll(self) -> dict[str, Any]:
        batch = self.feed.poll()
        again = json.loads(json.dumps(batch))       # keys become text: a view reads them so
        assert again["ev"] == batch["ev"] and again["now"] >= self.now
        self.now = again["now"]
        self.events += batch["ev"]
        self.topo = batch.get("topo", self.topo)
        self.counts = batch.get("n", self.counts)
        self.said = batch.get("say", self.said)
        self.strides.append(batch["stride"])
        self.ended = batch["ended"]
        return batch

    def until(self, condition: Callable[[], object], seconds: float = PATIENCE) -> None:
        end = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < end, self.counts
            self.poll()
            threading.Event().wait(0.04)
        self.poll()

    def while_running(self, t: Traffic) -> None:
        self.until(lambda: not any(thread.is_alive() for thread in t.threads))
        assert not t.errors, t.errors

    def kinds(self, *kinds: str) -> list[list[Any]]:
        return [e for e in self.events if e[1] in kinds]

    @property
    def depths(self) -> list[int]:
        return [n for e in self.counts["e"].values() for n in (e[2], e[6])]

    @property
    def waiting(self) -> int:
        return sum(self.depths)

    def balanced(self, t: Traffic, *, fan_out: bool = False) -> None:
        """Once all is quiet for a moment, edges add up to the sockets' own exact counters, and nothing waits."""
        for _ in range(50):
            with suppress(AssertionError):
                return self._balanced(t, fan_out)
            self.poll()
            threading.Event().wait(0.04)
        self._balanced(t, fan_out)

    def _balanced(self, t: Traffic, fan_out: bool) -> None:
        edges, sockets = self.counts["e"], self.counts["s"]
        by_id = {e["id"]: e for e in self.topo["edges"]}
        sent: dict[int, int] = {}
        received: dict[int, int] = {}
        for id, (s0, r0, d0, x0, s1, r1, d1, x1) in edges.items():
            a, b = by_id[id]["a"], by_id[id]["b"]
            assert s0 == r0 + d0 + x0 and s1 == r1 + d1 + x1, (id, edges[id])
            for source, target, out, into in ((a, b, s0, r0), (b, a, s1, r1)):
                sent[source] = sent.get(source, 0) + out
                received[target] = received.get(target, 0) + into
        for log, _ in t.recorder.store.logs():
            assert sockets[log.id] == [log.sent, log.received]
            assert received[log.id] == log.received, f"socket {log.id}: {edges}"
            if not fan_out:
                assert sent[log.id] == log.sent, f"socket {log.id}: {edges}"
        assert self.waiting == 0, edges


# --- one by one ---------------------------------------------------------------------------------------------


def test_each_message_is_told_of_as_long_as_they_are_slow() -> None:
    with traffic() as t:
        push, pull = flow(t)
        view = Watcher(t.recorder.feed())
        view.poll()
        for n in range(20):
            push.send(b"%d" % n)
            view.poll()
            pull.recv()
            pull.poll(0)
            threading.Event().wait(0.004)
        view.poll()
        assert [len(view.kinds(k)) for k in "srd"] == [20, 20, 20]
        ids = [e[4] for e in view.kinds("s")]
        assert ids == sorted(set(ids)) == [e[4] for e in view.kinds("r")] == [e[3] for e in view.kinds("d")]
        assert {(e[2], e[3], e[5]) for e in view.kinds("s")} == {(0, 0, push._log.id)}
        assert {(e[2], e[3], e[5]) for e in view.kinds("r")} == {(0, 0, pull._log.id)}
        for s, r, d in zip(view.kinds("s"), view.kinds("r"), view.kinds("d"), strict=True):
            assert s[0] <= r[0] <= d[0]
        view.balanced(t)
        assert set(view.strides) == {1}
        [edge] = view.topo["edges"]
        assert (edge["cap"], edge["cap_total"], edge["up"], edge["duplex"]) == ([1000, 1000], 2000, True, False)


def test_a_second_feed_and_a_history_tell_the_same() -> None:
    with traffic() as t:
        push, pull = flow(t)
        first = t.recorder.feed()
        for n in range(10):
            push.send(b"%d" % n)
            pull.recv()
            first.poll()
        second = t.recorder.feed()
        batch = second.poll()
        history = json.loads(json.dumps(first.history()))
        assert {e[1] for e in history["ev"]} >= {"s", "r"}
        assert [e for e in history["ev"] if e[1] in "sr"] == [e for e in batch["ev"] if e[1] in "sr"]
        assert history["topo"] == json.loads(json.dumps(batch["topo"])) and history["n"]["e"] == {
            str(id): e for id, e in batch["n"]["e"].items()}


def test_nothing_new_is_a_small_batch() -> None:
    with traffic() as t:
        flow(t)
        feed = t.recorder.feed()
        assert {"topo", "n", "actions"} <= feed.poll().keys()
        assert set(feed.poll()) == {"now", "ev", "stride", "ended"}
        t.recorder.close()
        assert feed.poll()["ended"]


def test_events_are_in_the_order_of_what_happened_when_a_socket_closes_in_the_same_batch() -> None:
    """Messages sent and received before a close are on the connection, though batch and close come together."""
    with traffic() as t:
        pub = t.socket(zmq.PUB, bind="inproc://pub")
        sub = t.socket(zmq.SUB, subscribe=b"", connect="inproc://pub")
        view = Watcher(t.recorder.feed())
        eventually(lambda: pub.send(b"x") or sub.poll(5))
        while sub.poll(20):
            sub.recv()
        sub.close()
        view.poll()
        assert view.counts["e"][0][1] == sub._log.received
        assert len(view.kinds("r")) == sub._log.received
        assert not view.topo["edges"][0]["up"]


# --- too fast -----------------------------------------------------------------------------------------------


def fan_in(t: Traffic, count: int) -> None:
    pull = t.socket(zmq.PULL, bind="inproc://in")

    def swallow_all() -> None:
        left = 3
        while left:
            left -= pull.recv() == END
    t.start(swallow_all)
    for part in (1, 2, 5):
        t.start(flood, t.socket(zmq.PUSH, connect="inproc://in"), count * part // 8)


def fan_out(t: Traffic, count: int) -> None:
    push = t.socket(zmq.PUSH, bind="tcp://127.0.0.1:*")
    pulls = [t.socket(zmq.PULL, connect=push.last_endpoint.decode()) for _ in range(3)]
    done = threading.Event()

    def work(pull: Any) -> None:
        pull.rcvtimeo = 20
        while not done.is_set():
            try:
                while True:
                    pull.recv()
            except zmq.Again:
                if sum(p._log.received for p in pulls) == count:
                    done.set()

    def fill() -> None:
        for n in range(count):
            push.send(b"%d" % n)
    for pull in pulls:
        t.start(work, pull)
    t.start(fill)


def questions(t: Traffic, count: int) -> None:
    router = t.socket(zmq.ROUTER, bind="inproc://router")

    def serve() -> None:
        for _ in range(count // 8 * 4):
            router.send_multipart(router.recv_multipart())

    def ask(dealer: Any) -> None:
        for n in range(count // 8):
            dealer.send(b"%d" % n)
            if n % 16 == 15:
                for _ in range(16):
                    dealer.recv()
        for _ in range(count // 8 % 16):
            dealer.recv()
    t.start(serve)
    for _ in range(4):
        t.start(ask, t.socket(zmq.DEALER, connect="inproc://router"))


def one_to_one(t: Traffic, count: int) -> None:
    push, pull = flow(t, transport="tcp")
    t.start(swallow, pull)
    t.start(flood, push, count)


@pytest.mark.parametrize("play", [one_to_one, fan_in, fan_out, questions])
def test_after_flat_out_phases_the_books_balance(play: Callable[[Traffic, int], None]) -> None:
    with traffic(limit=100_000) as t:
        view = Watcher(t.recorder.feed())
        play(t, 150_000)
        view.while_running(t)
        view.until(lambda: view.counts["e"] and view.waiting == 0)
        view.balanced(t)
        assert max(view.strides) > 1


def test_from_flat_out_to_slow_and_back_it_tells_what_it_can() -> None:
    with traffic(limit=100_000) as t:
        push, pull = flow(t)
        view = Watcher(t.recorder.feed())
        for round in range(2):
            t.start(swallow, pull)
            t.start(flood, push, 200_000)
            view.while_running(t)
            assert view.strides[-1] > 1
            view.until(lambda: view.strides[-1] == 1)
            view.balanced(t)
            view.events.clear()
            for n in range(10):         # slow again: each is told of
                push.send(b"slow %d" % n)
                assert pull.recv() == b"slow %d" % n
                view.poll()
            view.until(lambda: len(view.kinds("r")) == 10)
            assert len(view.kinds("s")) == 10, round
            view.balanced(t)


def test_a_backlog_from_the_fast_time_is_worked_off_in_the_slow_one() -> None:
    """Messages sent while nobody could follow them, received one by one later: the depth goes down to 0 exactly."""
    with traffic() as t:
        push, pull = flow(t)
        view = Watcher(t.recorder.feed())
        view.poll()
        for n in range(1500):
            push.send(b"%d" % n)
        view.poll()
        view.until(lambda: view.strides[-1] == 1)
        assert view.counts["e"][0][2] == 1500
        for n in range(1500):
            pull.recv()
            if n % 15 == 14:
                push.send(b"more")
                view.poll()
                assert view.counts["e"][0][2] == view.counts["s"][push._log.id][0] - view.counts["s"][pull._log.id][1]
        for _ in range(100):
            pull.recv()
        view.until(lambda: view.waiting == 0)
        view.balanced(t)


def test_what_a_publisher_drops_flat_out_is_counted_when_it_is_calm() -> None:
    with traffic(limit=100_000) as t:
        pub = t.socket(zmq.PUB, sndhwm=100, bind="tcp://127.0.0.1:*")
        subs = [t.socket(zmq.SUB, rcvhwm=100, subscribe=topic, connect=pub.last_endpoint.decode())
                for topic in (b"", b"a")]
        over = threading.Event()

        def read(sub: Any) -> None:
            while not over.is_set():
                while sub.poll(20):
                    sub.recv()

        def publish() -> None:
            for n in range(60_000):
                pub.send(b"ab"[n % 2:n % 2 + 1] + b"%d" % n)
        view = Watcher(t.recorder.feed())
        for sub in subs:
            t.start(read, sub)
        publisher = t.start(publish)
        view.until(lambda: not publisher.is_alive())
        view.until(lambda: view.waiting == 0)
        view.balanced(t, fan_out=True)
        everything, half = (view.counts["e"][e["id"]] for e in view.topo["edges"])
        assert everything[3] == everything[0] - subs[0]._log.received
        # all that was sent, but for what went out before the subscription was there
        assert everything[0] <= 60_000 and half[0] <= 40_000
        over.set()
        t.join(PATIENCE)


@pytest.mark.parametrize("many", [3, 8_000])
def test_what_was_given_up_and_comes_all_the_same_was_not_dropped(many: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A link holds messages back for longer than a waiting receiver is believed to be patient."""
    monkeypatch.setattr(feed, "DRAINED_VIA", 100_000_000)
    with traffic(limit=100_000) as t:
        pub = t.socket(zmq.PUB, sndhwm=0, bind="tcp://127.0.0.1:*")
        with Link(pub.last_endpoint.decode(), name="held") as link:
            t.recorder.link(link.endpoint, link.target, "held")
            sub = t.socket(zmq.SUB, rcvhwm=0, subscribe=b"", connect=link.endpoint)
            while not sub.poll(10):
                pub.send(b"are you there?")
            view = Watcher(t.recorder.feed())

            def all_is_read() -> bool:
                while sub.poll(0):
                    sub.recv()
                return bool(view.counts["e"]) and view.waiting == 0
            view.until(all_is_read)
            before = view.counts["e"][0]
            link.hold("back")
            for n in range(many):
                pub.send(b"%d" % n)

            def given_up() -> bool:
                sub.poll(10)
                return view.waiting == 0 and view.counts["e"][0][3] > before[3]
            view.until(given_up)
            link.mend()
            for n in range(many):
                assert sub.recv() == b"%d" % n
                if n % 1_000 == 0:
                    view.poll()
            view.balanced(t, fan_out=True)
            sent, received, _, dropped = view.counts["e"][0][:4]
            assert (sent - before[0], received - before[1], dropped - before[3]) == (many, many, 0)


# --- states, changes, ends ----------------------------------------------------------------------------------


def test_blocked_is_shown_and_goes() -> None:
    with traffic() as t:
        push, pull = flow(t)

        def fill() -> None:
            for n in range(2001):
                push.send(b"%d" % n)
        view = Watcher(t.recorder.feed())
        t.start(fill)
        view.until(lambda: view.counts.get("blocked") == [push._log.id])
        assert view.counts["e"][0][2] == 2000
        assert view.kinds("b")[-1][2] == push._log.id
        for _ in range(1500):       # it learns of room in steps of half the receiver's mark
            pull.recv()
        view.until(lambda: view.counts["blocked"] == [])
        t.join(PATIENCE)
        assert view.kinds("u")[-1][2] == push._log.id


def test_the_x_ray_adds_up_to_the_depth() -> None:
    with traffic() as t:
        push, pull = flow(t)
        for n in range(1700):
            push.send(b"%d" % n)
        pull.recv()
        view = Watcher(t.recorder.feed())
        view.poll()
        sender, kernel, receiver, in_work, octets = view.counts["x"][0]
        assert (sender + receiver, kernel, octets) == (view.counts["e"][0][2], None, None) == (1699, None, None)
        assert receiver == 1000 and in_work in (0, 1)


def test_a_late_worker_roles_and_marks() -> None:
    with traffic() as t:
        view = Watcher(t.recorder.feed())
        push = t.socket(zmq.PUSH, bind="inproc://tasks")
        view.poll()
        assert [s["type"] for s in view.topo["sockets"]] == ["PUSH"] and view.topo["edges"] == []
        t.recorder.note_role("worker 1", "running")
        t.recorder.mark("worker added", "worker 1")
        with t.recorder.role("worker 1"):
            pull = t.socket(zmq.PULL, connect="inproc://tasks")
        view.poll()
        assert [(e["a"], e["b"]) for e in view.topo["edges"]] == [(push._log.id, pull._log.id)]
        assert [e[2:] for e in view.kinds("k")] == [["worker 1", "running", ""]]
        assert [e[2] for e in view.kinds("m")] == ["worker added worker 1"]
        t.recorder.note_role("worker 1", "killed", "SIGKILL")
        t.recorder.role_died("worker 1")
        view.poll()
        assert view.kinds("k")[-1][2:] == ["worker 1", "killed", "SIGKILL"]
        assert not view.topo["edges"][0]["up"]
        assert {r["id"]: r["state"] for r in view.topo["roles"]}["worker 1"] == "killed"


def test_a_stage_with_processes_is_fed_like_any_other() -> None:
    from zmqlive import Stage

    def producer(ctx: Any, endpoint: str) -> None:
        with ctx.socket(zmq.PUSH) as push:
            push.bind(endpoint)
            for n in range(40):
                push.send(b"%d" % n)
                time.sleep(0.002)
            time.sleep(60)

    def worker(ctx: Any, endpoint: str) -> None:
        with ctx.socket(zmq.PULL) as pull:
            pull.connect(endpoint)
            while True:
                pull.recv()

    stage = Stage("processes", seconds=50)
    endpoint = stage.endpoint("tcp", name="tasks")
    stage.add(worker, endpoint, count=2, process=True)
    stage.add(producer, endpoint)
    view = Watcher(stage.feed())
    with stage:
        view.until(lambda: stage.received("worker") == 40)
        view.until(lambda: view.waiting == 0)
        assert len(view.kinds("s")) == len(view.kinds("r")) == 40
        assert [sum(e[i] for e in view.counts["e"].values()) for i in range(4)] == [40, 40, 0, 0]
        stage.kill("worker 1")
        view.until(lambda: any(e[3] == "killed" for e in view.kinds("k")))
        view.until(lambda: [e["up"] for e in view.topo["edges"]].count(False) == 1)
    view.until(lambda: view.ended)


# --- what waits is somewhere ---------------------------------------------------------------------------------


def at_rest(view: Watcher) -> tuple[int, dict[str, int]]:
    """What waits on connections, and at whose door."""
    roles = {s["id"]: s["role"] for s in view.topo["sockets"]}
    return view.waiting, {roles[id]: n for id, n in view.counts["door"].items()}


def test_what_is_sent_to_nobody_yet_waits_at_its_sockets_door_until_somebody_comes() -> None:
    """Lesson 15's desk: a DEALER has connected to where nobody has bound."""
    with traffic() as t:
        view = Watcher(t.recorder.feed())
        pull = t.socket(zmq.PULL, bind="tcp://127.0.0.1:*")     # only to know a port that is free
        endpoint = pull.last_endpoint.decode()
        pull.unbind(endpoint)       # else the DEALER may still meet it, and an ill-matched socket is never tried again
        pull.close()
        with t.recorder.role("desk"):
            desk = t.socket(zmq.DEALER, sndhwm=5, connect=endpoint)
        for n in range(3):
            desk.send(b"order %d" % n)
        view.poll()
        assert at_rest(view) == (0, {"desk": 3})
        assert [e[2] for e in view.kinds("s")] == [-1] * 3
        [socket] = [s for s in view.topo["sockets"] if s["role"] == "desk"]
        assert socket["door"] == 5
        with t.recorder.role("broker"):
            broker = t.socket(zmq.DEALER)
            eventually(lambda: bind(broker, endpoint))
        view.until(lambda: view.kinds("h"))
        assert at_rest(view) == (3, {})
        assert [(e[2], e[4]) for e in view.kinds("h")] == [(0, e[4]) for e in view.kinds("s")]
        for n in range(3):
            assert broker.recv() == b"order %d" % n
        view.until(lambda: len(view.kinds("r")) == 3)
        assert at_rest(view) == (0, {})


def bind(socket: Any, endpoint: str) -> bool:
    """Whether the port is free again."""
    with suppress(zmq.ZMQError):
        socket.bind(endpoint)
        return True
    return False


def test_what_waits_for_a_peer_that_is_gone_waits_at_the_door() -> None:
    """Who connected keeps its queue for when the other side is back (and who bound does not)."""
    with traffic() as t:
        view = Watcher(t.recorder.feed())
        with t.recorder.role("worker"):
            pull = t.socket(zmq.PULL, rcvhwm=1, bind="tcp://127.0.0.1:*")
        with t.recorder.role("producer"):
            push = t.socket(zmq.PUSH, connect=pull.last_endpoint.decode())
        push.send(b"0")
        assert pull.recv() == b"0"
        view.poll()
        assert at_rest(view) == (0, {})
        pull.close()
        for n in range(4):
            push.send(b"%d" % n)
        view.until(lambda: at_rest(view) == (0, {"producer": 4}))


def test_at_the_end_each_role_has_ended_and_what_waits_still_does() -> None:
    from zmqlive import Stage

    def producer(ctx: Any, endpoint: str) -> None:
        with ctx.socket(zmq.PUSH) as push:
            push.bind(endpoint)
            for n in range(8):
                push.send(b"%d" % n)

    def worker(ctx: Any, endpoint: str) -> None:
        with ctx.socket(zmq.PULL) as pull:
            pull.connect(endpoint)
            pull.recv()
            time.sleep(30)

    stage = Stage("an end", seconds=30)
    endpoint = stage.endpoint("inproc", name="tasks")
    stage.add(worker, endpoint, count=2)
    stage.add(producer, endpoint)
    view = Watcher(stage.feed())
    with stage:
        view.until(lambda: stage.received("worker") == 2 and view.counts["e"])
    view.until(lambda: view.ended)
    state = {e[2]: e[3] for e in view.kinds("k")}
    assert set(state) == {"producer", "worker 1", "worker 2"} and "running" not in state.values(), state
    assert at_rest(view) == (6, {})


def test_events_of_one_moment_come_in_the_order_in_which_they_were() -> None:
    """A worker that asks for the next message at once: it has finished one before it receives the next."""
    with traffic() as t:
        push, pull = flow(t)
        view = Watcher(t.recorder.feed())
        for n in range(30):
            push.send(b"%d" % n)
        for _ in range(30):
            pull.recv()
        view.poll()
        told = [(e[1], e[3] if e[1] == "d" else e[4]) for e in view.kinds("r", "d")]
        ids = [e[4] for e in view.kinds("s")]
        assert told[:59] == [("r", ids[0]), *((what, id) for before, after in pairwise(ids)
                                               for what, id in (("d", before), ("r", after)))]


def test_one_look_at_the_queues_after_a_quick_beginning_knows_what_is_in_work() -> None:
    """It comes after more messages than are followed: who has taken one and asked for no other is at work."""
    with traffic() as t:
        push, pull = flow(t)
        for n in range(3_000):
            push.send(b"%d" % n)
            pull.recv()
        push.send(b"to be worked at")
        pull.recv()
        [queue] = t.recorder.queues()
        assert queue.in_work == 1
