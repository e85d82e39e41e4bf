"""26.2: who is there? Beacons among garbage: who comes, moves, leaves, and who is silent for too long."""

from __future__ import annotations

import random as randoms

from ...exercise import Late, Wrong, exercise
from ...trial import trial
from .air import GARBAGE, HOSTS, STRANGER, Air, Peer, beacon

LATE = 2.2  # of its patience: one was silent for longer before it is given up
EARLY = 0.9  # of its patience: who is given up sooner has not had it
SOON = 0.7  # of a patience: what takes longer was not told at once
LONG = 1.0  # seconds of patience in a run that lasts


@exercise(
    "26.2",
    title="Beacons among garbage",
    hints=(
        "`udp.recvfrom(2048)` returns the datagram and where it came from, `(host, port)`. A beacon is one of exactly "
        '22 bytes that begins with `b"ZCO\\x01"`. (A buffer of 22 bytes would cut longer ones, and make beacons of '
        "them.) The host is the one it came from; the port is the one in it.",
        "Two things have to be done each time round: take a datagram if one is there, and look who has been silent for "
        "too long. The second must not wait for the first, nor be left out because there is always a datagram: "
        "`udp.settimeout(patience / 10)`, and look at all of them each time, whatever came.",
        "`known = {}`, name → (endpoint, when heard). Port 0: if the name is known, forget it and say `gone`. Another "
        "endpoint than before, or none: `came`. Each beacon renews the time. Silent for longer than `patience`: "
        "forget, and say `gone`.",
    ),
)
def who_is_there(neighbours) -> str:
    """`neighbours(udp, me, patience)`: yields ("came", name, endpoint) and ("gone", name)."""
    with trial(seconds=30) as t, Air(t, neighbours) as air:
        ada, bob, cid = _come(air)
        _nothing_new(air)
        _moves(air, cid)
        _leaves(air, ada)
        _falls_silent(air, bob, "others, and garbage, were heard all the time")
        _comes_back(air, bob)
        _all_fall_silent(air)
        if air.ear.fileno() < 0:
            raise Wrong("`neighbours` closed the socket that it was handed", expected="leave it open")
        count = len(GARBAGE)
    return f"three neighbours who came, moved, left, fell silent and came back, among {count} kinds of garbage"


def _come(air: Air) -> list[Peer]:
    for _ in GARBAGE:
        air.rubbish()
    air.passes(0.2)
    air.nothing("garbage, and nothing else")
    for short, host, port in ("Ada", HOSTS[0], 5555), ("Bob", HOSTS[1], 258), ("Cid", HOSTS[2], 65535):
        peer = Peer(air, short, host, port)
        air.peers.append(peer)
        air.next_is(("came", peer.name, peer.endpoint), f"a beacon of {short}'s, from {peer.endpoint[6:]}")
    return air.peers


def _nothing_new(air: Air) -> None:
    air.passes(3)
    air.nothing("all were heard several times, and garbage in between")


def _moves(air: Air, peer: Peer) -> None:
    """To another port, to another address."""
    for host, port in (HOSTS[2], 4000), (HOSTS[1], 4000):
        was = peer.endpoint
        peer.moves(host, port)
        if peer.endpoint != was:
            air.next_is(("came", peer.name, peer.endpoint), f"one who was at {was} is heard from another place")
    air.passes(0.5)
    air.nothing("one had moved")


def _leaves(air: Air, peer: Peer) -> None:
    peer.beating = False
    peer.says(0)
    left = peer.sent
    tried = "one said that it leaves (port 0)"
    took = air.next_is(("gone", peer.name), tried) - left
    if took > SOON * air.patience:
        raise Late(
            "one who leaves is not called gone at once",
            tried=tried,
            seen=f"after {took:.2f} s, and patience is {air.patience:.2f} s",
            expected="at once: it has said so",
        )
    peer.says(0)
    air.passes(1.5)
    air.nothing("one had left, and said so once more")


def _falls_silent(air: Air, peer: Peer, meanwhile: str) -> None:
    peer.beating = False
    last = peer.sent
    tried = f"one fell silent; {meanwhile}"
    expected = "`gone`, once, soon after its patience is over"
    took = air.next_is(("gone", peer.name), tried, patiences=4, expected=expected) - last
    if took < EARLY * air.patience:
        seen = f"after {took:.2f} s, and patience is {air.patience:.2f} s"
        raise Wrong("one was called gone before its time", tried=tried, seen=seen, expected="patience")
    if took > LATE * air.patience:
        seen = f"after {took:.2f} s, and patience is {air.patience:.2f} s"
        raise air.kind("one was called gone long after its time", tried=tried, seen=seen, expected="soon after it")
    air.passes(1.5)
    air.nothing(tried)


def _comes_back(air: Air, peer: Peer) -> None:
    peer.beating = True
    air.next_is(("came", peer.name, peer.endpoint), "one who was gone is heard again")


def _all_fall_silent(air: Air) -> None:
    """From some moment on no datagram comes at all."""
    gone = {peer.name for peer in air.peers if peer.beating}
    for peer in air.peers:
        peer.beating = False
    said, expected = "`gone` does not come", "`gone` for each: all fell silent, and nothing at all comes any more"
    air.until(lambda: len(air.events) >= len(gone), expected, said, patiences=4)
    told = [tuple(event) for _, event in air.events]
    air.events.clear()
    if sorted(told) != sorted(("gone", name) for name in gone):
        raise Wrong("the news are not right", tried="all fell silent", seen=f"`{told}`", expected=expected)


# --- the same for longer


def soak(neighbours, random: randoms.Random, seconds: float) -> str:
    """Peers come, move, leave and fall silent at random, among random garbage."""
    news = 0
    with trial(seconds=seconds + 60) as t, Air(t, neighbours, LONG) as air:
        over = t.deadline(seconds)
        while not over.over:
            air.stray.sendto(_random_garbage(random), air.where)
            news += _something(air, random)
            air.passes(0.05)
            air.nothing("nobody came, moved or left")
    return f"{news} times somebody came, moved, left or fell silent, among random garbage; each was told once"


def _random_garbage(random: randoms.Random) -> bytes:
    data = bytearray(beacon(STRANGER, random.randrange(1, 65536)))
    if random.random() < 0.5:
        data[random.randrange(4)] ^= random.randrange(1, 256)
        return bytes(data)
    size = random.choice([n for n in range(60) if n != len(data)])
    return (bytes(data) + random.randbytes(60))[:size]


def _something(air: Air, random: randoms.Random) -> int:
    there = [peer for peer in air.peers if peer.beating]
    away = [peer for peer in air.peers if not peer.beating]
    kind = random.randrange(8)
    host, port = random.choice(HOSTS), random.randrange(1, 65536)
    if kind == 0 and len(air.peers) < 30:
        peer = Peer(air, f"peer {len(air.peers)}", host, port)
        air.peers.append(peer)
        air.next_is(("came", peer.name, peer.endpoint), "a new one")
    elif kind == 1 and there:
        peer = random.choice(there)
        was = peer.endpoint
        peer.moves(host, port)
        if peer.endpoint != was:
            air.next_is(("came", peer.name, peer.endpoint), "one has moved")
    elif kind == 2 and there:
        peer = random.choice(there)
        peer.beating = False
        peer.says(0)
        air.next_is(("gone", peer.name), "one has left")
    elif kind == 3 and there:
        _falls_silent(air, random.choice(there), "others did not")
    elif kind == 4 and away:
        _comes_back(air, random.choice(away))
    else:
        return 0
    return 1
