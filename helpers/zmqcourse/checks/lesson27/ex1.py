"""27.1: a ZAP handler by hand (RFC 27): who is on the list comes in, and nothing ends it."""

from __future__ import annotations

import random as randoms
from contextlib import ExitStack

import zmq

from ...exercise import Wrong, exercise
from ...trial import Trial, show, trial
from .keys import PATIENCE, Caller, Key, client, server, user_of

ZAP = "inproc://zeromq.zap.01"
YES, NO = b"200", (b"400", b"500")
IDS = (b"1", b"", b"\x00\xff", b"200", b"7" * 300)
MANY = 12
Guests = dict[bytes, bytes]


@exercise(
    "27.1",
    title="The porter",
    hints=(
        "libzmq asks on `inproc://zeromq.zap.01`, from a REQ of its own. Bind a REP there, in a loop: receive, decide, "
        "send. The frames of the request stand above the cell in which you were the porter yourself.",
        "The key comes as 32 bytes; the list has its 40 letters: `z85.encode`. It raises for other lengths. And look "
        "at the mechanism: the credentials of PLAIN are a name and a password, and a name may be anything, a key's "
        "letters as well.",
        "A reply has six frames: `1.0`, the request's id, status, text, User-Id, metadata (empty). Begin with *no*, "
        "and make it a *yes* only if number of frames, version, mechanism, length and list are all right. A REP has "
        "to answer before it can receive again.",
    ),
)
def only_guests_come_in(porter) -> str:
    """`porter(ctx, guests)`: key in 40 letters → name; answers libzmq's questions for ever."""
    scenes = (_by_hand, _other_mechanisms, _the_list_changes, _no_requests, _real_doors, _many_at_once)
    for scene in scenes:
        with trial(seconds=8) as t:
            scene(t, porter)
    return (
        f"real sockets of three mechanisms, {MANY} callers at once, {len(IDS)} kinds of ids, a list that changes, "
        f"{len(_broken(Key.new()))} requests that were none: only guests came in, and each under its own name"
    )


# --- asked by hand


def _begins(t: Trial, porter, guests: Guests) -> None:
    """Returns when it answers."""
    t.start(porter, t.ctx, guests, name="porter")
    _asks(t, _request(Key.new().raw), "the first question: a key that nobody knows")


def _request(key: bytes, *, id: bytes = b"1") -> list[bytes]:
    return [b"1.0", id, b"", b"127.0.0.1", b"", b"CURVE", key]


def _asks(t: Trial, request: list[bytes], tried: str) -> list[bytes]:
    """The reply to a request, whose form is looked at."""
    asker = t.connect(zmq.REQ, ZAP, linger=0)
    t.send(asker, *request)
    got = t.receive(asker, seconds=PATIENCE, expected=f"a reply from a REP bound to `{ZAP}` ({tried})")
    asker.close(linger=0)
    details = {"tried": tried, "seen": f"`{show(got)}`"}
    if len(got) != 6:
        expected = "six frames: `1.0`, id, status, text, User-Id, metadata"
        raise Wrong(f"a reply has {len(got)} frame{'s' * (len(got) != 1)}", **details, expected=expected)
    if got[0] != b"1.0":
        raise Wrong("a reply has another version", **details, expected="`1.0` in front")
    if got[1] != request[1]:
        said = "a reply has another id than its request"
        raise Wrong(said, **details, expected=f"`{show(request[1])}` as its second frame")
    return got


def _let_in(t: Trial, key: Key, name: bytes, tried: str, *, id: bytes = b"1") -> None:
    """Raises `Wrong` when this key is not let in under this name."""
    got = _asks(t, _request(key.raw, id=id), tried)
    if got[2] != YES:
        raise Wrong("a guest was not let in", tried=tried, seen=f"`{show(got)}`", expected="status 200")
    if got[4] != name:
        said, seen = "the User-Id is not the name of the guest", f"`{show(got[4])}`"
        raise Wrong(said, tried=tried, seen=seen, expected=f"`{show(name)}`, as the fifth frame")


def _kept_out(t: Trial, request: list[bytes], tried: str) -> None:
    """Raises `Wrong` when this is not answered 400."""
    got = _asks(t, request, tried)
    if got[2] == YES:
        raise Wrong("a stranger was let in", tried=tried, seen=f"`{show(got)}`", expected="status 400")
    if got[2] != b"400":
        raise Wrong("that is not the status of a refusal", tried=tried, seen=f"`{show(got)}`", expected="status 400")


def _by_hand(t: Trial, porter) -> None:
    ann, zoe, eve = Key.new(), Key.new(), Key.new()
    guests = {ann.public: b"Ann", zoe.public: "Zoë".encode()}
    _begins(t, porter, guests)
    for id in IDS:
        _let_in(t, ann, b"Ann", f"a guest's key, in a request with the id `{show(id)}`", id=id)
        _kept_out(t, _request(eve.raw, id=id), "a key that is not in `guests`")
        _let_in(t, zoe, "Zoë".encode(), "another guest's key", id=id)
    _as_it_was(guests, {ann.public: b"Ann", zoe.public: "Zoë".encode()})


def _as_it_was(guests: Guests, before: Guests) -> None:
    if guests != before:
        raise Wrong("`guests` was changed", seen=f"it has {len(guests)} entries", expected="it is not yours: read it")


def _other_mechanisms(t: Trial, porter) -> None:
    ann = Key.new()
    _begins(t, porter, {ann.public: b"Ann", b"Ann": b"Ann", b"": b"nobody"})
    for mechanism, credentials in (
        (b"NULL", []),
        (b"PLAIN", [b"Ann", b"secret"]),
        (b"PLAIN", [ann.public, ann.public]),
        (b"GSSAPI", [ann.public]),
        (b"GSSAPI", [ann.raw]),
        (b"", [ann.raw]),
    ):
        what = f"mechanism `{mechanism.decode()}`, credentials that read like something in `guests`"
        _kept_out(t, [b"1.0", b"1", b"", b"127.0.0.1", b"", mechanism, *credentials], what)
    _let_in(t, ann, b"Ann", "a guest's key, after other mechanisms")


def _the_list_changes(t: Trial, porter) -> None:
    ann, bob = Key.new(), Key.new()
    guests = {ann.public: b"Ann"}
    _begins(t, porter, guests)
    _let_in(t, ann, b"Ann", "a guest's key")
    guests[bob.public] = b"Bob"
    _let_in(t, bob, b"Bob", "a key that was put into `guests` while you ran")
    guests[ann.public] = b"Ann the second"
    _let_in(t, ann, b"Ann the second", "a guest whose name has been changed while you ran")
    del guests[ann.public]
    _kept_out(t, _request(ann.raw), "a key that was taken out of `guests` while you ran")
    _let_in(t, bob, b"Bob", "a guest who is still there")


def _broken(ann: Key) -> dict[str, list[bytes]]:
    good = _request(ann.raw)
    return {
        "one frame": [b"1.0"],
        "an empty frame": [b""],
        "three frames": good[:3],
        "CURVE without a key": good[:6],
        "a key of 31 bytes": _request(ann.raw[:31]),
        "a key of 33 bytes": _request(ann.raw + b"\0"),
        "an empty key": _request(b""),
        "a key in its letters": _request(ann.public),
        "a guest's key, and another version": [b"2.0", *good[1:]],
        "a guest's key, and one frame more": [*good, b""],
        "rubbish": [b"\xff" * 40] * 7,
    }


def _no_requests(t: Trial, porter) -> None:
    """Each is refused or not answered, and who asks next is served."""
    ann = Key.new()
    _begins(t, porter, {ann.public: b"Ann", b"": b"nobody"})
    for what, request in _broken(ann).items():
        asker = t.connect(zmq.REQ, ZAP, linger=0)
        t.send(asker, *request)
        _let_in(t, ann, b"Ann", f"a guest's key, after a request that is none: {what}")
        if asker.poll(20):
            got = t.receive(asker)
            if len(got) < 3 or got[2] not in NO:
                said = "what is no request was not answered with a no"
                raise Wrong(said, tried=what, seen=f"`{show(got)}`", expected="status 400 or 500, or no reply")
        asker.close(linger=0)


# --- asked by libzmq


def _real_doors(t: Trial, porter) -> None:
    mine, ann, bob, eve = Key.new(), Key.new(), Key.new(), Key.new()
    guests = {ann.public: b"Ann"}
    _begins(t, porter, guests)
    pull, endpoint = t.bind(zmq.PULL, **server(mine))
    _in(t, pull, endpoint, client(ann, mine), b"Ann")
    _out(t, endpoint, client(eve, mine), "a CURVE client whose key is not in `guests`")
    guests[bob.public] = b"Bob"
    _in(t, pull, endpoint, client(bob, mine), b"Bob")
    del guests[ann.public]
    _out(t, endpoint, client(ann, mine), "a CURVE client whose key was taken out of `guests`")
    _, plain = t.bind(zmq.PULL, plain_server=1)
    _out(t, plain, {"plain_username": b"Bob", "plain_password": b"Bob"}, "a PLAIN client with a guest's name")
    _, null = t.bind(zmq.PULL, zap_domain=b"inside")
    _out(t, null, {}, "a NULL client, at a door with a domain")


def _in(t: Trial, pull: zmq.Socket, endpoint: str, options: dict, name: bytes) -> None:
    expected = "a guest comes in"
    with Caller(t, endpoint, options) as guest:
        if not guest.let_in("a guest's handshake comes to no end", expected):
            raise Wrong("a guest was not let in", tried="a CURVE client whose key is in `guests`", expected=expected)
        guest.says(b"hello")
        t.wait(lambda: pull.poll(0), seconds=PATIENCE, expected="the guest's message")
        user = user_of(pull.recv(copy=False))
        if user.encode() != name:
            said = "the User-Id is not the name of the guest"
            raise Wrong(said, seen=f"`{show(user)}`", expected=f"`{name.decode()}`")


def _out(t: Trial, endpoint: str, options: dict, tried: str) -> None:
    expected = "it is turned away"
    with Caller(t, endpoint, options) as stranger:
        if stranger.let_in(f"the handshake comes to no end: {tried}", expected):
            raise Wrong("a stranger was let in", tried=tried, expected=expected)


def _many_at_once(t: Trial, porter) -> None:
    mine, keys = Key.new(), [Key.new() for _ in range(MANY)]
    guests = {key.public: b"guest %d" % number for number, key in enumerate(keys) if number % 2}
    _begins(t, porter, guests)
    pull, endpoint = t.bind(zmq.PULL, **server(mine))
    with ExitStack() as stack:
        callers = [stack.enter_context(Caller(t, endpoint, client(key, mine))) for key in keys]
        for number, caller in enumerate(callers):
            caller.socket.sndtimeo = 0
            listed = bool(number % 2)
            came = caller.let_in("a handshake comes to no end, of several at once", "in, or turned away")
            if came != listed:
                said = "a guest was not let in" if listed else "a stranger was let in"
                raise Wrong(said, tried=f"{MANY} callers at once, every other one a guest")
            if listed:
                caller.says(guests[keys[number].public])
        for _ in guests:
            t.wait(lambda: pull.poll(0), seconds=PATIENCE, expected="a message from each guest")
            message = pull.recv(copy=False)
            if user_of(message).encode() != message.bytes:
                seen = f"{message.bytes!r} came from `{user_of(message)}`"
                raise Wrong("guests came in under each other's names", seen=seen)


# --- the same for longer


def soak(porter, random: randoms.Random, seconds: float) -> str:
    """A list that changes at random; guests, strangers and rubbish ask, by hand and through real doors."""
    let, kept, odd = 0, 0, 0
    with trial(seconds=seconds + 60) as t:
        mine, keys = Key.new(), [Key.new() for _ in range(8)]
        guests: Guests = {}
        _begins(t, porter, guests)
        _, endpoint = t.bind(zmq.PULL, **server(mine))
        over = t.deadline(seconds)
        while not over.over:
            key = random.choice(keys)
            if random.random() < 0.5:
                guests.pop(key.public, None)
            else:
                guests[key.public] = b"%d" % random.randrange(100)
            asked = random.choice(keys)
            listed = guests.get(asked.public)
            match random.randrange(4):
                case 0:
                    with Caller(t, endpoint, client(asked, mine)) as caller:
                        if caller.let_in("a handshake comes to no end", "in, or turned away") != (listed is not None):
                            raise Wrong("the wrong one was let in, or turned away", tried="a real door")
                case 1:
                    broken = random.choice(list(_broken(asked).values()))
                    asker = t.connect(zmq.REQ, ZAP, linger=0)
                    t.send(asker, *broken)
                    asker.close(linger=0)
                    odd += 1
                    continue
                case _ if listed is not None:
                    _let_in(t, asked, listed, "a guest", id=random.randbytes(random.randrange(9)))
                case _:
                    _kept_out(t, _request(asked.raw, id=random.randbytes(random.randrange(9))), "a stranger")
            let, kept = let + (listed is not None), kept + (listed is None)
    return f"{let} guests let in, {kept} strangers kept out, {odd} requests that were none; the list changed each time"
