"""What waits in the kernel, from Linux's socket tables: compared with bytes that were put there."""

from __future__ import annotations

import socket
import sys
from pathlib import Path

import pytest
import zmq
from traffic import eventually, traffic
from zmqlive.live import kernelq

LINUX = sys.platform.startswith("linux")


def test_bytes_on_their_way_to_and_from_a_port() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port), 5) as client:
            server, _ = listener.accept()
            with server:
                client.sendall(b"x" * 3000)
                server.sendall(b"y" * 1000)
                if LINUX:
                    eventually(lambda: (kernelq.waiting() or {}).get(port) == (3000, 1000))
                    server.recv(500)
                    assert (kernelq.waiting() or {})[port] == (2500, 1000)
                else:
                    assert kernelq.waiting() is None or port in (kernelq.waiting() or {})


def test_where_there_is_no_table_nothing_is_known(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(kernelq, "_TABLES", (tmp_path / "none",))
    assert kernelq.waiting() is None
    with traffic() as t:
        pull = t.socket(zmq.PULL, bind="tcp://127.0.0.1:*")
        push = t.socket(zmq.PUSH, connect=pull.last_endpoint.decode())
        for _ in range(10):
            push.send(b"x")
        [queues] = t.recorder.queues()
        assert queues.kernel is None and queues.kernel_bytes is None
        assert queues.sender is None and queues.receiver is None     # a guess would look like knowledge


def test_the_x_ray_adds_up_to_the_depth_and_agrees_with_the_tables() -> None:
    """A receiver that does not read, more than both high-water marks: most of it is in the kernel."""
    with traffic() as t:
        pull = t.socket(zmq.PULL, rcvhwm=50, bind="tcp://127.0.0.1:*")
        endpoint = pull.last_endpoint.decode()
        push = t.socket(zmq.PUSH, sndhwm=50, connect=endpoint)
        sent = 0
        while push.poll(300, zmq.POLLOUT):
            push.send(b"x" * 10_000)
            sent += 1
        feed = t.recorder.feed()
        feed.poll()
        [q] = feed.queues()
        assert (q.sender or 0) + (q.kernel or 0) + (q.receiver or 0) == sent
        if LINUX:
            octets = (kernelq.waiting() or {})[int(endpoint.rpartition(":")[2])][0]
            assert q.kernel_bytes == octets > 100_000
            assert q.kernel == pytest.approx(octets / 10_009, rel=0.02, abs=2)
            # what the high-water marks hold, and up to a batch on either side that is being packed or unpacked
            assert (q.receiver or 0) <= 50 and (q.sender or 0) < 50 + 50
        got = 0
        while pull.poll(300):
            pull.recv()
            got += 1
        assert got == sent
        feed.poll()
        [q] = feed.queues()
        assert (q.sender, q.receiver, q.in_work) == (0, 0, 0) and not q.kernel
