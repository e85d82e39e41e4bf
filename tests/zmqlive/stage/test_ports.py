"""Endpoints that nobody else has."""

from __future__ import annotations

import os
import socket

import pytest
import zmq
from stage_parts import nothing_left, raises  # noqa: F401
from zmqlive.roles import StageError
from zmqlive.stage import Endpoints


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
