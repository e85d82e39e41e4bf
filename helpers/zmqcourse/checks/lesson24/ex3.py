"""24.3: what is behind this port? Asked without that anybody's program notices."""

from __future__ import annotations

import random as randoms
import socket
import time
from contextlib import ExitStack
from typing import Any

import zmq
from zmqlive.zmtp import Decoder, Tape, properties

from ...exercise import Late, Wrong, exercise, socket_name
from ...trial import Job, Trial, show, trial
from ..telling import all_is_told
from .doorsteps import STRANGERS, closed_port, listening, three_point_0
from .said import greeting

KINDS = (zmq.PULL, zmq.PUSH, zmq.REP, zmq.REQ, zmq.ROUTER, zmq.DEALER, zmq.SUB, zmq.XPUB, zmq.PUB, zmq.PAIR)
PEERS = {zmq.PUSH: zmq.PULL, zmq.DEALER: zmq.DEALER, zmq.PAIR: zmq.PAIR, zmq.REQ: zmq.REP}
FITS = {  # with whom each of these talks (RFC 28 to 31)
    zmq.PUSH: ("PULL",),
    zmq.DEALER: ("REP", "DEALER", "ROUTER"),
    zmq.PAIR: ("PAIR",),
    zmq.REQ: ("REP", "ROUTER"),
}
PATIENCE = 0.6  # quiet seconds, where it will be used up
LONG = 20.0  # seconds, where it will not
SLOW = 0.08  # seconds each way of a link, so that a knock takes a while
Found = tuple[str, str, str | None]


@exercise(
    "24.3",
    title="Knock",
    hints=(
        "A libzmq that hears the first 12 bytes of your greeting (signature and version) sends all 64 of its own. In "
        "those stand its version and its mechanism. Which mechanism you want, you need not have said yet.",
        "If it is NULL, send the rest of your greeting: then READY comes, before you have said anything of the kind. "
        "So do not say READY at all. Who has not said it is no peer, and is given nothing.",
        "All of it within `patience`: before each `recv` set the timeout of the connection to what is left of it. And "
        "many things are not a ZMTP greeting: look at bytes 0 and 9, and at the version.",
    ),
)
def who_is_there(knock) -> str:
    """`knock(port, patience)`: (version, mechanism, socket type) of a ZMTP 3 socket, None for anything else."""
    for scene in (_all_types, _mechanisms, _by_hand, _strangers, _nothing_is_heard, _nothing_is_taken):
        with trial(seconds=10) as t:
            scene(t, knock)
    return (
        f"{len(KINDS)} types of socket, 3 mechanisms, {len(STRANGERS) + 1} ports that are none; "
        "no message came of it, and none was taken"
    )


def _port(endpoint: str) -> int:
    return int(endpoint.rpartition(":")[2])


def _expect(t: Trial, job: Job, wanted: Found | None, tried: str) -> None:
    got = t.finish(job)
    found = tuple(got) if isinstance(got, list) else got
    if found == wanted:
        return
    details = {"tried": tried, "seen": f"`{show(got)}`", "expected": f"`{wanted}`"}
    if wanted is None:
        raise Wrong("something else was taken for ZMTP 3", **details)
    if found is None:  # it may have had too little time
        raise Late("a ZeroMQ socket was not found", **details)
    raise Wrong("what it says of a ZeroMQ socket is not so", **details)


def _version(minor: int | None = None) -> str:
    """What the libzmq at hand speaks."""
    if minor is None:
        with zmq.Context() as ctx, ctx.socket(zmq.PULL) as pull:
            port = pull.bind_to_random_port("tcp://127.0.0.1")
            with socket.create_connection(("127.0.0.1", port), timeout=LONG) as conn:
                conn.sendall(greeting()[:12])
                decoder, items = Decoder(), []
                while not items:
                    items = decoder.feed(conn.recv(64) or bytes(64))
                minor = items[0].raw[11]
    return f"3.{minor}"


def _all_types(t: Trial, knock) -> None:
    version = _version()
    for kind in KINDS:
        options = {"routing_id": b"Socket-Type"} if kind in (zmq.ROUTER, zmq.DEALER) else {}
        _, endpoint = t.bind(kind, **options)
        name = zmq.SocketType(kind).name
        _expect(t, t.start(knock, _port(endpoint), LONG), (version, "NULL", name), f"a bound {name}")


def _mechanisms(t: Trial, knock) -> None:
    version = _version()
    _, endpoint = t.bind(zmq.PULL, plain_server=True)
    _expect(t, t.start(knock, _port(endpoint), LONG), (version, "PLAIN", None), "a PULL with PLAIN")
    if zmq.has("curve"):
        _, endpoint = t.bind(zmq.PULL, curve_server=True, curve_secretkey=zmq.curve_keypair()[1])
        _expect(t, t.start(knock, _port(endpoint), LONG), (version, "CURVE", None), "a PULL with CURVE")
    _, endpoint = t.bind(zmq.PULL, zap_domain=b"inside")
    _expect(t, t.start(knock, _port(endpoint), LONG), (version, "NULL", "PULL"), "a PULL with a `zap_domain`")


def _by_hand(t: Trial, knock) -> None:
    """Another implementation: ZMTP 3.0, in pieces, a long READY with other properties in front."""
    with listening(three_point_0) as port:
        tried = "a PUSH of ZMTP 3.0 that speaks late and in pieces, with other properties in front of Socket-Type"
        _expect(t, t.start(knock, port, LONG), ("3.0", "NULL", "PUSH"), tried)
    pull, endpoint = t.bind(zmq.PULL)
    link = t.link(endpoint, latency=0.02, bandwidth=5_000)
    _expect(t, t.start(knock, _port(link.endpoint), LONG), (_version(), "NULL", "PULL"), "a PULL behind a slow line")
    _unnoticed(t, pull)


def _strangers(t: Trial, knock) -> None:
    """All of them at once: each may use up patience."""
    patience = PATIENCE * min(t.pace, 8.0)
    with ExitStack() as stack:
        ports = {name: stack.enter_context(listening(way)) for name, way in STRANGERS.items()}
        ports["a port at which nobody listens"] = closed_port()
        jobs = {name: t.start(knock, port, patience) for name, port in ports.items()}
        began = time.monotonic()
        for name, job in jobs.items():
            limit = patience * 2.5 + 0.5 * t.pace - (time.monotonic() - began)
            if not job.wait(limit):
                raise Late(
                    "`knock` did not come back when its patience was over",
                    tried=name,
                    seen=f"it was still at {job.where()}" if job.where() else "",
                    expected=f"an end after {patience:.1f} s, whatever the other side does",
                )
            _expect(t, job, None, name)


def _nothing_is_heard(t: Trial, knock) -> None:
    """Who only receives receives nothing of it, not even a routing id or a subscription."""
    for kind in (zmq.PULL, zmq.ROUTER, zmq.SUB, zmq.REP, zmq.XPUB, zmq.PAIR):
        bound, endpoint = t.bind(kind)
        if kind == zmq.SUB:
            bound.subscribe(b"")
        t.finish(t.start(knock, _port(endpoint), LONG))
        _unnoticed(t, bound)


def _unnoticed(t: Trial, bound: zmq.Socket) -> None:
    """Raises `Wrong` when a message of who knocked waits here."""
    all_is_told(t, [bound])
    if bound.poll(0):
        seen = f"a message waits at a bound {socket_name(bound)}"
        raise Wrong("the program behind the port has noticed", seen=seen, expected="no frame, and no subscription")


def _nothing_is_taken(t: Trial, knock) -> None:
    """Who sends goes on sending to its own peers, while somebody knocks and after it."""
    for kind, other in PEERS.items():
        bound, endpoint = t.bind(kind)
        tape = Tape()
        link = t.link(endpoint, name=zmq.SocketType(kind).name, latency=SLOW, tap=tape)
        peer = t.connect(other, endpoint) if kind != zmq.PAIR else None
        count = 0
        if peer is not None:
            _sends(t, bound, peer, b"before")
        job = t.start(knock, _port(link.endpoint), LONG)

        def goes_on(bound=bound, peer=peer, job=job, link=link) -> bool:
            nonlocal count
            if peer is not None:
                count += 1
                _sends(t, bound, peer, b"%d" % count)
            return job.wait(0) and not link.connections

        t.wait(goes_on, expected="the end of the knock, and of its connection", said="`knock` did not come to its end")
        t.finish(job)
        _no_peer(tape, kind)
        _sends(t, bound, peer or t.connect(other, endpoint), b"after")


def _no_peer(tape: Tape, kind: int) -> None:
    """Raises `Wrong` when who knocked has said what makes it a peer of a socket of this type, however short it was."""
    for each in list(tape.heard):
        kind_said = properties(each.item.body).get("Socket-Type", b"").decode("ascii", "replace")
        if each.way == "there" and each.item.name == "READY" and kind_said in FITS[kind]:
            raise Wrong(
                "who knocks has made itself a peer",
                tried=f"a bound {zmq.SocketType(kind).name}",
                seen=f"its client said READY, Socket-Type `{kind_said}`",
                expected="no READY: from then on it is given what is meant for others, until it closes",
            )


def _sends(t: Trial, bound: zmq.Socket, peer: zmq.Socket, words: bytes) -> None:
    """One message to the peer; a REQ gets its answer."""
    name = socket_name(bound)
    t.send(bound, words)
    end = t.deadline(1.5)
    while not peer.poll(20):
        if end.over:
            raise Wrong(
                "a message went to who knocked, or to nobody",
                tried=f"a bound {name} sent to its peer while somebody knocked",
                seen=f"`{show(words)}` did not reach the peer",
                expected="who knocks is no peer: it is given nothing, and takes nobody's place",
            )
    got = t.receive(peer)
    assert got == [words], got
    if bound.getsockopt(zmq.TYPE) == zmq.REQ:
        t.send(peer, b"")
        t.receive(bound)


# --- the same for longer


def soak(knock, random: randoms.Random, seconds: float) -> str:
    """Sockets of all types, and servers that are none, in a random order, some through a slow line."""
    found = others = 0
    version = _version()
    with trial(seconds=seconds + 60) as t:
        over = t.deadline(seconds)
        while not over.over:
            if random.random() < 0.2:
                name = random.choice(list(STRANGERS))
                with listening(STRANGERS[name]) as port:
                    _expect(t, t.start(knock, port, 0.2), None, name)
                others += 1
                continue
            kind, options = random.choice(KINDS), random.choice(({}, {"plain_server": True}, {"zap_domain": b"in"}))
            bound, endpoint = t.bind(kind, **options)
            wanted: Any = (version, "NULL", zmq.SocketType(kind).name)
            if "plain_server" in options:
                wanted = (version, "PLAIN", None)
            link = t.link(endpoint, latency=random.uniform(0, 0.01))
            _expect(t, t.start(knock, _port(link.endpoint), LONG), wanted, f"{wanted}")
            link.close()
            _unnoticed(t, bound)
            bound.close(linger=0)
            found += 1
    return f"{found} sockets found, {others} servers that are none; nobody noticed"
