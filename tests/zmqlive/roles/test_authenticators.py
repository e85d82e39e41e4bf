"""pyzmq's ThreadAuthenticator in a role: it does its work, and is gone with the role, without a word."""

from __future__ import annotations

import gc
import os
import sys
import threading
from typing import Any

import pytest
import zmq
from machine import PATIENCE
from zmq.auth.thread import ThreadAuthenticator
from zmqlive import Stage
from zmqlive.roles import RoleFailed

WORDS = {"ann": "secret"}


class Mishap(Exception):
    pass


def door(ctx: Any, endpoint: str, took: list[bytes], way: str) -> None:
    auth = ThreadAuthenticator(ctx)
    auth.start()
    auth.configure_plain(domain="*", passwords=WORDS)
    try:
        with ctx.socket(zmq.PULL) as pull:
            pull.plain_server = True
            pull.bind(endpoint)
            while way in ("stays", "forgets") or len(took) < 3:
                took.append(pull.recv())
            if way == "fails":
                raise Mishap
    finally:
        if way not in ("forgets", "fails"):
            auth.stop()


def guest(ctx: Any, endpoint: str, password: bytes) -> None:
    with ctx.socket(zmq.PUSH) as push:
        push.linger, push.plain_username, push.plain_password = 0, b"ann", password
        push.connect(endpoint)
        for _ in range(3):
            push.send(password)
        push.poll(60_000, zmq.POLLIN)


def descriptors() -> int:
    return len(os.listdir("/proc/self/fd")) if sys.platform == "linux" else 0


def play(way: str) -> list[bytes]:
    took: list[bytes] = []
    stage = Stage("A guarded door")
    endpoint = stage.endpoint("tcp")
    stage.add(door, endpoint, took, way, name="door")
    stage.add(guest, endpoint, b"wrong", name="stranger")
    stage.add(guest, endpoint, b"secret", name="guest")
    try:
        stage.start()
        stage.wait(lambda s: len(took) == 3 and (way in ("stays", "forgets") or s.role("door").gone), timeout=PATIENCE)
    except RoleFailed as failed:
        assert way == "fails" and isinstance(failed.__cause__, Mishap)
    finally:
        stage.stop()
    assert stage.leftovers == []
    assert {each.type for each in stage.trace().sockets} == {"PULL", "PUSH"}
    return took


@pytest.mark.parametrize("way", ["stays", "forgets", "ends", "fails"])
def test_an_authenticator_is_gone_with_its_role(way: str, capfd: Any) -> None:
    play(way)       # what is made once stays
    gc.collect()
    before, open_ones = set(threading.enumerate()), descriptors()
    for _ in range(3):
        assert play(way) == [b"secret"] * 3
    gc.collect()
    for thread in set(threading.enumerate()) - before:
        thread.join(PATIENCE)
    assert set(threading.enumerate()) <= before
    assert descriptors() <= open_ones
    assert "Error" not in capfd.readouterr().err.replace("Mishap", "")


def test_others_go_on_and_can_be_stopped() -> None:
    """One role's authenticator ends; that of a context of its own, in the program, does not."""
    with zmq.Context() as ctx:
        auth = ThreadAuthenticator(ctx)
        auth.start()
        play("forgets")
        assert auth.is_alive()
        auth.configure_plain(domain="*", passwords=WORDS)
        with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.PUSH) as push:
            pull.plain_server, push.plain_username, push.plain_password = True, b"ann", b"secret"
            push.connect(f"tcp://127.0.0.1:{pull.bind_to_random_port('tcp://127.0.0.1')}")
            push.send(b"hello")
            assert pull.poll(PATIENCE * 1000) and pull.recv() == b"hello"
        auth.stop()
        assert not auth.is_alive()
