"""Closing a socket lingers as in pyzmq while a stage runs, and never holds up its stop."""

from __future__ import annotations

import threading
import time

import pytest
import zmq
from machine import PATIENCE, pace
from stage_parts import calls_in_progress, nothing_left, raises, stopped_in  # noqa: F401
from zmqlive.roles import RoleFailed
from zmqlive.stage import Stage


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
        gate.wait(PATIENCE)
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
        stage.wait(lambda s: s.received() == 300, timeout=PATIENCE)


@pytest.mark.parametrize("kind", [zmq.PUSH, zmq.DEALER, zmq.REQ, zmq.PAIR])
@pytest.mark.parametrize("transport", ["tcp", "inproc"])
def test_unsent_messages_do_not_hold_up_the_stop(kind, transport):
    with Stage("unsent") as stage:
        stage.add(sends_and_leaves, stage.endpoint(transport), kind, 1, 10)
        stage.wait(lambda s: s.role("sends_and_leaves").state == "ended")
        took = stopped_in(stage)
    assert took < 1.0 * pace()
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
    assert took < 0.5 * pace()
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
    """Only so many are kept open; the reader stays within that, as a sender's own pace would see to."""

    def many(ctx, endpoint):
        for n in range(1500):
            with ctx.socket(zmq.PUSH) as push:
                push.connect(endpoint)
                push.send(b"x")
            while stage.received() < n - 20:
                time.sleep(0.001)

    gate = threading.Event()
    gate.set()
    with Stage("short-lived") as stage:
        endpoint = stage.endpoint("tcp")
        stage.add(reads_slowly, endpoint, zmq.PULL, gate)
        stage.wait(lambda s: calls_in_progress(s) == 1)
        stage.add(many, endpoint)
        stage.wait(lambda s: s.received() == 1500, timeout=PATIENCE)


def test_a_socket_class_with_its_own_close_is_asked():
    said = []

    class Tidy(zmq.Socket):
        def close(self, linger=None):
            said.append("closed")
            super().close(linger)

    def closes(ctx, endpoint):
        with ctx.socket(zmq.PUSH, socket_class=Tidy) as push:
            push.connect(endpoint)
            push.send(b"x")

    gate = threading.Event()
    gate.set()
    with Stage("own close") as stage:
        endpoint = stage.endpoint("tcp")
        stage.add(reads_slowly, endpoint, zmq.PULL, gate)
        stage.add(closes, endpoint)
        stage.wait(lambda s: s.received() == 1 and s.role("closes").state == "ended")
    assert said == ["closed"] and stage.leftovers == []
