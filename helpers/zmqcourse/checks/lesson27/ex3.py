"""27.3: a server gets a new key, and nothing is lost: two doors for a while; the old one is closed when it is quiet."""

from __future__ import annotations

import random as randoms
import socket
import threading
import time
from collections import defaultdict
from contextlib import ExitStack
from itertools import count

from zmqlive.net import Link

from ...exercise import Late, Wrong, exercise
from ...trial import Trial, show, trial
from .keys import PATIENCE, Caller, Key, client, still_runs

QUIET = 0.25  # seconds without a message at the old door, on a quiet machine
LONG = 3  # times as long: an answer that does not wait for `over` has closed by then
CLOSES = 8  # times as long in which the old door must be closed
BURST = 20  # messages
OFTEN = 40  # looks at what has come, for one at the old door


@exercise(
    "27.3",
    title="A new key, and nothing lost",
    hints=(
        "Which key an endpoint has is settled when it is bound. Two keys are two sockets, each with its own; a poller "
        "watches both.",
        "The old door is quiet when nothing has come *there* for a while: keep the time of its last message. The time "
        "counts from when `over` was set, at the earliest.",
        "Poll with a limit well below `quiet`, so that you look at `over` and at the clock while nothing comes. "
        "Closing the old PULL ends its port and its connections; the loop goes on with the new one alone.",
    ),
)
def nothing_is_lost(rotate) -> str:
    """`rotate(ctx, old, new, over, quiet, took)`: two doors, (endpoint, secret key) each; the old one closes."""
    scenes = (_both_are_open, _each_has_its_key, _not_before_over, _on_its_way, _closes_while_busy, _over_at_once)
    sent = 0
    for scene in scenes:
        with trial(seconds=10) as t:
            doors = Doors(t, rotate)
            with doors.callers:
                scene(doors)
            sent += len(doors.wanted)
    return (
        f"{sent} messages at two doors with a key each, some held up on their way until after `over`, others trickling "
        "in: all taken, once and in order; the old door closed, and those at the new one did not notice"
    )


class Doors:
    """A server under trial; who comes is told by name, and says numbered messages."""

    def __init__(self, t: Trial, answer) -> None:
        self.t = t
        self.keys = {"old": Key.new(), "new": Key.new()}
        self.endpoints = {name: t.endpoint("tcp", name=name) for name in self.keys}
        self.over = threading.Event()
        self.quiet = QUIET * min(t.pace, 6.0)
        self.took: list[bytes] = []
        self.wanted: list[bytes] = []
        self.callers = ExitStack()
        self._counts: defaultdict[str, int] = defaultdict(int)
        self._answer = answer

    def begin(self) -> None:
        pairs = [(self.endpoints[name], self.keys[name].secret) for name in ("old", "new")]
        self._job = self.t.start(self._answer, self.t.ctx, *pairs, self.over, self.quiet, self.took, name="rotate")

    def comes(self, door: str, link: Link | None = None) -> Caller:
        """Somebody with this door's key, who is let in."""
        endpoint = link.endpoint if link else self.endpoints[door]
        caller = self.callers.enter_context(Caller(self.t, endpoint, client(Key.new(), self.keys[door])))
        expected = f"a PULL bound to the {door} endpoint, with the {door} key"
        if not caller.let_in(f"nobody is behind the {door} door", expected):
            raise Wrong(f"a client with the {door} key is turned away at the {door} door", expected=expected)
        return caller

    def says(self, caller: Caller, name: str, count: int = 1) -> None:
        for _ in range(count):
            self._counts[name] += 1
            message = b"%s %d" % (name.encode(), self._counts[name])
            self.wanted.append(message)
            caller.says(message)

    def passes(self, times: float) -> None:
        """So many times `quiet`."""
        time.sleep(times * self.quiet)

    def all_came(self, tried: str, said: str = "a message did not come into `took`") -> None:
        expected = f"all {len(self.wanted)} messages ({tried})"
        looks = count()

        def they_did() -> bool:
            self._look(tried)
            still_runs(self._job)
            missing = set(self.wanted).difference(self.took)
            if missing and next(looks) % OFTEN == OFTEN - 1 and not self.is_open("old"):
                missing = {each for each in missing.difference(self.took) if each.startswith(b"o")}
                if missing:  # and what the old door has not taken, it never will
                    seen = f"the old door is closed, without `{show(min(missing))}`"
                    raise Late(said, tried=tried, seen=seen, expected=expected)  # too early, or we were too late
            return not missing

        self.t.wait(they_did, seconds=PATIENCE, said=said, expected=expected)

    def _look(self, tried: str) -> None:
        """Raises `Wrong` for what was taken twice, out of order, or never said."""
        last: defaultdict[bytes, int] = defaultdict(int)
        for message in list(self.took):
            if not isinstance(message, bytes) or message not in self.wanted:
                seen = f"`{show(message)}`"
                raise Wrong("that was never said", tried=tried, seen=seen, expected="each message as it comes, bytes")
            name, number = message.split()
            if int(number) <= last[name]:
                raise Wrong("a message was taken twice, or out of order", tried=tried, seen=f"`{show(message)}`")
            last[name] = int(number)

    def is_open(self, door: str) -> bool:
        try:
            socket.create_connection(("127.0.0.1", int(self.endpoints[door].rpartition(":")[2])), timeout=5).close()
        except ConnectionError:  # refused, or reset in the moment of its closing
            return False
        return True

    def closes(self, tried: str, meanwhile=lambda: None) -> None:
        """Waits until nobody can connect to the old door; does `meanwhile`, a few times in each `quiet`."""
        began = time.monotonic()
        while self.is_open("old"):
            meanwhile()
            self.passes(0.2)
            if time.monotonic() - began > CLOSES * self.quiet:
                expected = f"its end, {self.quiet:.1f} s after the last message there"
                raise Late("the old door is not closed", tried=tried, expected=expected)


def _both_are_open(doors: Doors) -> None:
    doors.begin()
    first = doors.comes("new")
    doors.says(first, "n1", 5)
    doors.all_came("one client at the new door, before anybody has come to the old one")
    others = {name: doors.comes("old" if name.startswith("o") else "new") for name in ("o1", "o2", "n2")}
    for _ in range(10):
        doors.says(first, "n1")
        for name, caller in others.items():
            doors.says(caller, name)
    doors.all_came("two clients at each door")
    for name in ("o1", "n2", "o2"):
        doors.says(others[name], name, BURST)
        doors.all_came(f"{BURST} messages of one client, at the {'old' if name[0] == 'o' else 'new'} door")


def _each_has_its_key(doors: Doors) -> None:
    doors.begin()
    doors.comes("old"), doors.comes("new")
    for door, other in (("old", "new"), ("new", "old")):
        for tried, options in (
            (f"a client with the {other} key", client(Key.new(), doors.keys[other])),
            ("a client without CURVE", {}),
        ):
            with Caller(doors.t, doors.endpoints[door], options) as stranger:
                expected = f"the {door} door has the {door} key"
                if stranger.let_in("a handshake comes to no end", expected):
                    raise Wrong(f"{tried} comes in at the {door} door", tried=tried, expected=expected)


def _not_before_over(doors: Doors) -> None:
    doors.begin()
    tried = "nobody said anything for a while, at either door, and `over` was not set"
    old = doors.comes("old")
    doors.says(old, "o1")
    doors.all_came("one client at the old door")
    doors.passes(LONG)
    if not doors.is_open("old"):
        raise Wrong("the old door was closed before `over` was set", tried=tried, expected="it is open until then")
    doors.says(old, "o1", 3)
    doors.all_came(tried)
    late = doors.comes("old")
    doors.says(late, "o2", 3)
    doors.all_came("one more client came to the old door, late, but before `over` was set")


def _on_its_way(doors: Doors) -> None:
    """Held up while `over` is set; and then some come, one after the other, none later than `quiet` after another."""
    doors.begin()
    doors.comes("old")  # it is open: a link accepts also when nobody is behind it
    link = doors.t.link(doors.endpoints["old"])
    old, new = doors.comes("old", link), doors.comes("new")
    doors.says(old, "o1")
    doors.all_came("one client at the old door")
    doors.passes(1.5)  # whose last message is longer ago than `quiet`
    link.hold("there")
    doors.says(old, "o1", BURST)
    doors.over.set()
    doors.passes(0.3)
    link.mend()
    tried = f"{BURST} messages were on their way to the old door when `over` was set"
    doors.all_came(tried, "a message that was on its way is lost")
    tried = "then some came to the old door one after the other, each well within `quiet`, and others to the new one"
    for _ in range(5):
        doors.says(new, "n1")
        doors.passes(0.3)
        doors.says(old, "o1")
        at_new, at_old = doors.wanted[-2:]
        said, expected = "a message that was late is lost", "it is taken as long as some come"
        doors.t.wait(lambda it=at_old: it in doors.took, seconds=PATIENCE, said=f"{said} ({tried})", expected=expected)
        until = time.monotonic() + 0.5 * doors.quiet
        while at_new not in doors.took and time.monotonic() < until:
            doors.passes(0.02)
        if at_new not in doors.took:
            expected = "what comes at either is taken as it comes"
            raise Late("those at the new door have to wait for the old one", tried=tried, expected=expected)
    doors.closes("all of it had come")


def _closes_while_busy(doors: Doors) -> None:
    doors.begin()
    old, new = doors.comes("old"), doors.comes("new")
    doors.says(old, "o1", 5)
    doors.says(new, "n1", 5)
    doors.all_came("a client at each door")
    doors.over.set()
    tried = "`over` was set; at the old door nothing more was said, and at the new one all the time"
    doors.closes(tried, meanwhile=lambda: doors.says(new, "n1"))
    doors.t.wait(old.news, seconds=PATIENCE, said="a client at the old door stays connected", expected="it is cut off")
    if new.news():
        raise Wrong("a client at the new door was cut off as well", tried=tried, expected="it does not notice")
    doors.says(new, "n1", BURST)
    doors.all_came(f"{tried}; then the old one was closed")
    doors.says(doors.comes("new"), "n2", 3)
    doors.all_came("one more client came to the new door, when the old one was closed")
    if new.news():
        raise Wrong("a client at the new door was cut off as well", tried=tried, expected="it does not notice")


def _over_at_once(doors: Doors) -> None:
    doors.over.set()
    doors.begin()
    new = doors.comes("new")
    doors.says(new, "n1", 3)
    doors.all_came("`over` was set from the beginning")
    doors.closes("`over` was set from the beginning, and nobody ever came to the old door")
    doors.says(new, "n1", 3)
    doors.all_came("`over` was set from the beginning, and the old door is closed")


# --- the same for longer


def soak(rotate, random: randoms.Random, seconds: float) -> str:
    """Rotations, one after the other, with clients that speak, move and are held up at random."""
    turns = sent = 0
    end = None
    while end is None or time.monotonic() < end:
        with trial(seconds=60) as t:
            end = end or time.monotonic() + seconds * t.pace
            doors = Doors(t, rotate)
            with doors.callers:
                _a_rotation(doors, random)
            turns, sent = turns + 1, sent + len(doors.wanted)
    return f"{turns} rotations, {sent} messages, nothing lost"


def _a_rotation(doors: Doors, random: randoms.Random) -> None:
    doors.begin()
    link = doors.t.link(doors.endpoints["old"])
    callers = {f"o{n}": doors.comes("old", link if n else None) for n in range(random.randint(1, 3))}
    new = doors.comes("new")
    for _ in range(random.randrange(20)):
        name = random.choice(list(callers))
        doors.says(callers[name], name, random.randrange(5))
        doors.says(new, "n", random.randrange(5))
    held = random.random() < 0.5
    if held:
        link.hold("there")
    for name, caller in callers.items():
        doors.says(caller, name, random.randrange(20))
    doors.over.set()
    if held:
        doors.passes(0.3 * random.random())
        link.mend()
    doors.closes("a rotation at random", meanwhile=lambda: doors.says(new, "n", random.randrange(3)))
    doors.says(new, "n", 3)
    doors.all_came("a rotation at random", "a message is lost")
