"""ZMTP read from real connections, however it is cut, and from what is none."""

from __future__ import annotations

import random
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import zmq
from machine import PATIENCE, until
from zmqlive.net import Link
from zmqlive.zmtp import Decoder, Item, Tape, properties

NULL = b"\xff" + bytes(8) + b"\x7f\x03\x01NULL" + bytes(16) + bytes(32)
Setting = Callable[[Any, Any], None]


@contextmanager
def conversation(bound: int, connecting: int, setting: Setting = lambda b, c: None) -> Iterator[tuple[Any, Any, Tape]]:
    """Two sockets, the second connected to the first through a link that is listened to."""
    tape = Tape()
    with zmq.Context() as ctx, ctx.socket(bound) as b, ctx.socket(connecting) as c:
        for socket in (b, c):
            socket.linger, socket.rcvtimeo, socket.sndtimeo = 0, int(PATIENCE * 1000), int(PATIENCE * 1000)
        setting(b, c)
        b.bind("tcp://127.0.0.1:*")
        with Link(b.last_endpoint.decode(), tap=tape) as link:
            c.connect(link.endpoint)
            yield b, c, tape


def lines(tape: Tape, way: str) -> list[tuple[str, str]]:
    return [(each.item.kind, each.item.said) for each in list(tape.heard) if each.way == way]


def test_a_question_and_its_answer() -> None:
    with conversation(zmq.REP, zmq.REQ) as (rep, req, tape):
        req.send(b"hello")
        assert rep.recv() == b"hello"
        rep.send(b"world")
        assert req.recv() == b"world"
        until(lambda: ("frame", "“world”") in lines(tape, "back"))
    assert lines(tape, "there") == [
        ("greeting", "ZMTP 3.1, mechanism NULL"),
        ("command", "READY Socket-Type “REQ”, Identity “”"),
        ("frame", "“”, more follows"),
        ("frame", "“hello”"),
    ]
    assert lines(tape, "back") == [
        ("greeting", "ZMTP 3.1, mechanism NULL"),
        ("command", "READY Socket-Type “REP”"),
        ("frame", "“”, more follows"),
        ("frame", "“world”"),
    ]
    assert tape.connections == [1] and len(tape.of(1)) == 8 and tape.left_out == 0
    assert all(a.t <= b.t for a, b in zip(tape.heard, tape.heard[1:], strict=False))
    with pytest.raises(LookupError, match=r"connection 2: there are \[1\]"):
        tape.of(2)


def test_a_subscription_is_a_command_and_what_nobody_wants_is_never_on_the_wire() -> None:
    with conversation(zmq.XPUB, zmq.SUB) as (pub, sub, tape):
        sub.subscribe("hall")
        assert pub.recv() == b"\x01hall"
        pub.send_multipart([b"attic", b"7"])
        pub.send_multipart([b"hall", b"19"])
        assert sub.recv_multipart() == [b"hall", b"19"]
        sub.unsubscribe("hall")
        assert pub.recv() == b"\x00hall"
        until(lambda: ("command", "CANCEL “hall”") in lines(tape, "there"))
    assert ("command", "SUBSCRIBE “hall”") in lines(tape, "there")
    assert [said for kind, said in lines(tape, "back") if kind == "frame"] == ["“hall”, more follows", "“19”"]


def test_to_a_publisher_of_zmtp_3_0_a_subscription_is_a_frame() -> None:
    decoder = Decoder()
    ready = b"\x05READY\x0bSocket-Type\x00\x00\x00\x03SUB"
    items = decoder.feed(NULL + bytes([4, len(ready)]) + ready + b"\x00\x05\x01hall" + b"\x00\x05\x00hall")
    assert [(item.name, item.body, item.said) for item in items[2:]] == [
        ("SUBSCRIBE", b"hall", "subscribe: “hall”"), ("CANCEL", b"hall", "cancel: “hall”")]
    assert decoder.socket_type == "SUB"


def test_heartbeats() -> None:
    def beats(_: Any, c: Any) -> None:
        c.heartbeat_ivl, c.heartbeat_ttl = 20, 500

    with conversation(zmq.PULL, zmq.PUSH, beats) as (_, _c, tape):
        until(lambda: any(each.item.name == "PONG" for each in list(tape.heard)))
    assert ("command", "PING ttl 0.5 s") in lines(tape, "there")
    assert {kind for kind, said in lines(tape, "back") if said.startswith("PONG")} == {"command"}


def test_plain_can_be_read_and_curve_cannot() -> None:
    def plain(b: Any, c: Any) -> None:
        b.plain_server, c.plain_username, c.plain_password = True, b"tom", b"secret"

    with conversation(zmq.PULL, zmq.PUSH, plain) as (_, _c, tape):
        until(lambda: len(lines(tape, "there")) > 1)        # without a handler nobody gets in
    assert lines(tape, "there")[:2] == [("greeting", "ZMTP 3.1, mechanism PLAIN"),
                                        ("command", "HELLO user “tom”, password “secret”")]

    def curve(b: Any, c: Any) -> None:
        b.curve_server = True
        c.curve_serverkey, b.curve_secretkey = zmq.curve_keypair()
        c.curve_publickey, c.curve_secretkey = zmq.curve_keypair()

    with conversation(zmq.PULL, zmq.PUSH, curve) as (pull, push, tape):
        push.send(b"the word is swordfish")
        assert pull.recv() == b"the word is swordfish"
        until(lambda: any(each.item.kind == "frame" for each in list(tape.heard)))
    assert [each.item.name for each in tape.heard if each.item.kind == "command"] == [
        "HELLO", "WELCOME", "INITIATE", "READY"]
    [sealed] = [each.item for each in tape.heard if each.item.kind == "frame"]
    assert sealed.name == "MESSAGE" and b"swordfish" not in sealed.raw and sealed.said.startswith("sealed: ")


def recorded() -> tuple[bytes, list[Item]]:
    """What a DEALER says: its name, short and long frames, some of several parts; the bytes, and the items."""
    pieces: list[bytes] = []
    tape = Tape()

    def tap(connection: int, way: str, data: bytes) -> None:
        tape(connection, way, data)
        if way == "there":
            pieces.append(data)
    with zmq.Context() as ctx, ctx.socket(zmq.ROUTER) as router, ctx.socket(zmq.DEALER) as dealer:
        router.linger = dealer.linger = 0
        router.rcvtimeo, dealer.routing_id = int(PATIENCE * 1000), b"me"
        router.bind("tcp://127.0.0.1:*")
        with Link(router.last_endpoint.decode(), tap=tap) as link:
            dealer.connect(link.endpoint)
            for message in ([b"a"], [b"", bytes(255)], [bytes(256), b"b", b""], [b"x" * 100_000, b"end"]):
                dealer.send_multipart(message)
                assert router.recv_multipart() == [b"me", *message]
            until(lambda: ("frame", "“end”") in lines(tape, "there"))
    return b"".join(pieces), [each.item for each in tape.heard if each.way == "there"]


def test_it_does_not_matter_how_the_bytes_are_cut() -> None:
    data, items = recorded()
    assert [item.size for item in items if item.kind == "frame"] == [3, 2, 257, 265, 3, 2, 100_009, 5]
    assert items[-2].more and items[-2].raw == b"\x03" + struct.pack(">Q", 100_000) + b"x" * 4087
    decoder = Decoder()
    assert [item for byte in data for item in decoder.feed(bytes([byte]))] == items
    assert decoder.socket_type == "DEALER" and properties(items[1].body)["Identity"] == b"me"
    order = random.Random(24)
    for _ in range(50):
        decoder, at, got = Decoder(), 0, []
        while at < len(data):
            step = order.choice((1, 7, 64, 300, 5_000))
            got += decoder.feed(data[at:at + step])
            at += step
        assert got == items


@pytest.mark.parametrize("data", [
    b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
    b"SSH-2.0-OpenSSH_9.2\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(500),       # how a TLS client begins
    b"\x01\x00\x06\x00hello",                                            # ZMTP 1.0
    b"\xff" + bytes(7) + b"\x01\x7f\x01\x00" + bytes(60),                # ZMTP 2.0
    NULL + b"\xf0\x01x",                                                 # reserved bits
    NULL + b"\x04\x00",                                                  # a command without a name
    NULL + b"\x04\x03\x09ab",                                            # … whose name does not end
])
def test_what_is_none_is_told_once_and_nothing_after_it(data: bytes) -> None:
    decoder = Decoder()
    items = decoder.feed(data + b"more")
    assert items[-1].kind == "garbage" and [item.kind for item in items].count("garbage") == 1
    assert items[-1].said.startswith("no ZMTP 3: ")
    assert decoder.feed(b"\x00\x01a" * 100) == []


def test_hostile_bytes_raise_nothing_and_are_not_hoarded() -> None:
    order = random.Random(23)
    for round in range(3_000):
        decoder = Decoder()
        tail = order.randbytes(order.randrange(200))
        if round % 3:
            tail = bytes([order.choice((0, 1, 2, 4, 6)), order.randrange(60)]) + tail
        items = decoder.feed((NULL if round % 2 else b"") + tail)
        assert all(isinstance(item.said, str) for item in items)
    decoder = Decoder()
    decoder.feed(NULL + b"\x02" + struct.pack(">Q", 2**62))
    for _ in range(200):
        assert decoder.feed(bytes(100_000)) == []
        assert len(decoder._buffer) <= 100_000


@pytest.mark.parametrize("keep", [0, 100, 1 << 20])
def test_of_a_long_item_as_much_is_kept_as_is_asked_for(keep: int) -> None:
    body = bytes(range(256)) * 300
    data = NULL + b"\x02" + struct.pack(">Q", len(body)) + body + b"\x00\x05after"
    for pieces in ([data], [data[n:n + 1000] for n in range(0, len(data), 1000)]):
        decoder = Decoder(keep=keep)
        _, long, after = [item for piece in pieces for item in decoder.feed(piece)]
        assert long.size == 9 + len(body) and after.body == b"after"
        assert body.startswith(long.body) and len(long.raw) == min(long.size, max(keep, 16))


def test_a_tape_is_full_at_some_time() -> None:
    tape = Tape(most=3)
    tape(1, "there", NULL + b"\x00\x01a" * 5)
    tape(2, "there", NULL)
    assert [each.item.kind for each in tape.heard] == ["greeting", "frame", "frame"] and tape.left_out == 4
