"""27.2: find the fault: a till that believes what a message says of itself, and a list that puts nobody out."""

from __future__ import annotations

import random as randoms
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from zmq.auth.thread import ThreadAuthenticator

from ...exercise import Wrong, exercise
from ...trial import Trial, show, trial
from ..telling import all_is_told
from .keys import PATIENCE, Caller, Key, client, still_runs

Order = tuple[bytes, bytes]
ODD = (b"", b"\xff\xfe: \x00", b"no colon", b": ", b"ann: " * 2000, b"ann", b"\r\n")
LAST = b"and that is all"


@exercise(
    "27.2",
    title="Find the fault: who had the cake?",
    hints=(
        "Who wrote `ann: 9 cake`? Bob did, over a connection that was made while he was still on the list. The message "
        "is his, and so is the name in it.",
        '`pull.recv(copy=False)` gives a `Frame`. Its `get("User-Id")` is what the authenticator has said of the '
        "connection: the public key, as str. Nobody but your own side can write it.",
        "`guests` is what counts now: look up the key of each message in it, as bytes, when the message comes. Do not "
        "keep what you found; do not look for the name among its values.",
    ),
)
def each_order_is_whose_it_is(mended) -> str:
    """`mended(ctx, endpoint, secret, guests, orders)`: notes (name, message) of guests only, by their keys."""
    scenes = (_whose_it_is, _any_bytes, _struck_off, _the_thief, _no_key, _many)
    for scene in scenes:
        with trial(seconds=10) as t:
            scene(Evening(t, mended))
    return (
        f"claims of other names, {len(ODD)} odd messages, a guest struck off while connected and put back, a stolen "
        "key, a name that changed, callers without a key, 200 orders at once: each noted under the name of its key"
    )


class _List:
    """What the authenticator asks."""

    def __init__(self, guests: dict[bytes, bytes]) -> None:
        self._guests = guests

    def callback(self, domain: str, key: bytes) -> bool:
        return key in self._guests


class Evening:
    """A till under trial, its authenticator, and those who order."""

    def __init__(self, t: Trial, answer) -> None:
        self.t = t
        self.mine, self.ann, self.bob, self.cid = (Key.new() for _ in range(4))
        self.guests = {self.ann.public: b"Ann", self.bob.public: b"Bob"}
        self.orders: list[Order] = []
        self.wanted: list[Order] = []
        self.endpoint = t.endpoint("tcp")
        self._answer = answer

    @contextmanager
    def begins(self) -> Iterator[tuple[Caller, Caller]]:
        """The till is open, Ann and Bob are in."""
        auth = ThreadAuthenticator(self.t.ctx)
        auth.start()
        auth.configure_curve_callback("*", _List(self.guests))
        try:
            args = self.t.ctx, self.endpoint, self.mine.secret, self.guests, self.orders
            self._job = self.t.start(self._answer, *args, name="mended")
            with self.comes(self.ann) as ann, self.comes(self.bob) as bob:
                for caller in (ann, bob):
                    expected = "a PULL with CURVE, and the key that was handed over"
                    if not caller.let_in("nobody is behind the door", expected):
                        raise Wrong("a guest is turned away at the door", expected=expected)
                yield ann, bob
        finally:
            if auth.is_alive():  # else `stop` would wait for it, for ever
                auth.stop()

    def comes(self, key: Key) -> Caller:
        return Caller(self.t, self.endpoint, client(key, self.mine))

    def orders_of(self, caller: Caller, name: bytes, *messages: bytes) -> None:
        for message in messages:
            caller.says(message)
            self.wanted.append((name, message))

    def noted(self, tried: str, *, last: Caller | None = None, name: bytes = b"") -> None:
        """All that is wanted has been noted, and nothing else. `last`: who orders once more then, several times, so
        that all that others have sent before has had its turn."""
        if last is not None:
            all_is_told(self.t)
            for _ in range(3):
                self.orders_of(last, name, LAST)
                self._come(tried)
        self._come(tried)
        self._look(tried)

    def _come(self, tried: str) -> None:
        def all_of_them() -> bool:
            self._look(tried)
            still_runs(self._job)
            return len(self.orders) >= len(self.wanted)

        expected = f"{len(self.wanted)} orders noted ({tried})"
        self.t.wait(all_of_them, seconds=PATIENCE, said="an order was not noted", expected=expected)

    def _look(self, tried: str) -> None:
        """Raises `Wrong` for what was noted and is not wanted."""
        for order in list(self.orders):
            if not (isinstance(order, tuple) and len(order) == 2 and all(isinstance(part, bytes) for part in order)):
                expected = "`(name, message)`, both bytes"
                raise Wrong("that is no order", tried=tried, seen=f"`{show(order)}`", expected=expected)
        wanted = list(self.wanted)
        for order in list(self.orders):
            if order in wanted:
                wanted.remove(order)
                continue
            name, message = order
            details = {"tried": tried, "seen": f"`{show(order)}`"}
            whose = [each for each, words in self.wanted if words == message]
            if whose:
                said = "an order was noted twice" if name in whose else "an order was noted under another name"
                raise Wrong(said, **details, expected=f"`{show((whose[0], message))}`, once")
            raise Wrong("an order was noted of somebody who is not on the list", **details, expected="nothing of it")


def _whose_it_is(evening: Evening) -> None:
    tried = "two guests, each of whom also signs with the other's name"
    with evening.begins() as (ann, bob):
        for number in range(3):
            evening.orders_of(ann, b"Ann", b"ann: %d tea" % number, b"bob: %d soup" % number)
            evening.orders_of(bob, b"Bob", b"bob: %d beer" % number, b"Ann: %d cake" % number, b"Ann")
            evening.noted(tried)
        key = evening.ann.public
        evening.orders_of(bob, b"Bob", key, b"User-Id: " + key)
        evening.noted("a guest whose message is the other's public key")


def _any_bytes(evening: Evening) -> None:
    with evening.begins() as (ann, bob):
        for message in ODD:
            evening.orders_of(ann, b"Ann", message)
            evening.noted(f"a message of {len(message)} bytes: `{show(message)}`")
        del evening.guests[evening.bob.public]
        for message in ODD:
            bob.says(b"bob " + message)
        evening.noted("odd messages of one who was struck off", last=ann, name=b"Ann")


def _struck_off(evening: Evening) -> None:
    with evening.begins() as (ann, bob):
        evening.orders_of(bob, b"Bob", b"bob: 1 tea")
        evening.noted("two guests")
        for turn in range(2):
            del evening.guests[evening.bob.public]
            for message in (b"bob: %d soup", b"ann: %d cake", b"%d"):
                bob.says(message % (100 + turn))
                evening.orders_of(ann, b"Ann", b"ann: " + message % turn)
            tried = "Bob was struck off while he was connected, and ordered"
            evening.noted(tried, last=ann, name=b"Ann")
            evening.guests[evening.bob.public] = b"Bob"
            evening.orders_of(bob, b"Bob", b"bob: back for the %dth time" % turn)
            evening.noted("Bob was struck off, put on the list again, and ordered over the same connection")


def _the_thief(evening: Evening) -> None:
    with evening.begins() as (ann, bob):
        evening.orders_of(ann, b"Ann", b"1 tea")
        evening.noted("two guests")
        del evening.guests[evening.ann.public]
        evening.guests[evening.cid.public] = b"Ann"
        ann.says(b"ann: 99 cakes")
        tried = "Ann's key was stolen: she has another one now, and the old one is off the list; its thief is connected"
        evening.noted(tried, last=bob, name=b"Bob")
        with evening.comes(evening.cid) as new:
            evening.orders_of(new, b"Ann", b"2 tea")
            evening.noted("Ann came with her new key")
            evening.guests[evening.bob.public] = b"Robert"
            evening.orders_of(bob, b"Robert", b"1 beer")
            evening.noted("a guest's name was changed in `guests`")
            ann.says(b"98 cakes")
            evening.noted(tried, last=new, name=b"Ann")


def _no_key(evening: Evening) -> None:
    """Who speaks no CURVE, or knows another server's key, gets nothing noted."""
    other = Key.new()
    with evening.begins() as (ann, _):
        strangers = {
            "a caller without CURVE": {},
            "a caller with PLAIN": {"plain_username": b"Ann", "plain_password": b"Ann"},
            "a guest who knows another server's key": client(evening.ann, other),
            "a stranger's key": client(evening.cid, evening.mine),
        }
        for tried, options in strangers.items():
            with Caller(evening.t, evening.endpoint, options) as caller:
                caller.says(b"ann: 7 cakes")
                if caller.let_in(f"the handshake comes to no end: {tried}", "it is turned away"):
                    expected = "CURVE, with the key that was handed over"
                    raise Wrong("a stranger comes in at the door", tried=tried, expected=expected)
            evening.noted(tried, last=ann, name=b"Ann")


def _many(evening: Evening) -> None:
    with evening.begins() as (ann, bob):
        for number in range(100):
            evening.orders_of(ann, b"Ann", b"bob: %d" % number)
            evening.orders_of(bob, b"Bob", b"ann: %d" % (1000 + number))
        tried = "100 orders of each at once"
        evening.noted(tried)
        for name in (b"Ann", b"Bob"):
            mine = [order for order in evening.orders if order[0] == name]
            if mine != [order for order in evening.wanted if order[0] == name]:
                raise Wrong("the orders of a guest are not in their order", tried=tried)
    if len(evening.guests) != 2:
        raise Wrong("`guests` was changed", expected="it is not yours: read it")


# --- the same for longer


def soak(mended, random: randoms.Random, seconds: float) -> str:
    """Guests come, are struck off, come back and change names at random, and sign with any name."""
    said = struck = 0
    with trial(seconds=seconds + 60) as t, ExitStack() as stack:
        evening = Evening(t, mended)
        ann, bob = stack.enter_context(evening.begins())
        evening.guests[evening.cid.public] = b"Cid"
        cid = stack.enter_context(evening.comes(evening.cid))
        cid.let_in("a guest's handshake comes to no end", "it comes in")
        callers = {evening.bob.public: bob, evening.cid.public: cid}
        over = t.deadline(seconds)
        while not over.over:
            key, caller = random.choice(list(callers.items()))
            match random.randrange(3):
                case 0:
                    struck += evening.guests.pop(key, None) is not None
                case 1:
                    evening.guests[key] = random.choice([b"Bob", b"Cid", b"Dora"])
            message = random.choice([b"Ann: ", b"Bob: ", b""]) + random.randbytes(random.randrange(20)) + b"%d" % said
            said += 1
            if key in evening.guests:
                evening.orders_of(caller, evening.guests[key], message)
                evening.noted("a guest ordered")
            else:
                caller.says(message)
                evening.noted("one who was struck off ordered", last=ann, name=b"Ann")
            del evening.wanted[:], evening.orders[:]
    return f"{said} messages, {struck} guests struck off while connected; each noted under its name, or not at all"
