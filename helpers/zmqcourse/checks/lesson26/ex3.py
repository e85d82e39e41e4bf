"""26.3: find the fault: a dashboard that goes on listening at a place where the feed was once."""

from __future__ import annotations

import random as randoms
import time

from ...exercise import Late, Wrong, exercise
from ...trial import trial
from .feeds import Feed, House

LONG = 0.8  # seconds of patience in a run that lasts
LATE = 2.2  # of its patience: it has waited for longer before it looks where the feed is
MOVED = "the feed was moved"


@exercise(
    "26.3",
    title="Find the fault: deaf since the deployment",
    hints=(
        "The machine with the old feed is gone, and nobody has said so: to TCP the connection stands, and libzmq has "
        "no reason to connect again. What does the dashboard hear when all is well, and what now? `recv` waits "
        "for ever.",
        "`sub.poll(patience * 1000)` waits for that long at most. When it finds nothing, the feed is silent: ask "
        "`where()`, and listen there, and no longer at the old place. An empty message is a sign of life, and no news.",
        "A new SUB for each place is the simplest: `while True: endpoint = where()`, `with ctx.socket(zmq.SUB) as "
        "sub:` connect (unless the endpoint is `None`) and subscribe, `while sub.poll(patience * 1000):` take what "
        "comes. When that loop ends, it has been silent for `patience`, with or without an endpoint.",
    ),
)
def it_follows_its_feed(mended) -> str:
    """`mended(ctx, where, patience, keep)`: the lesson's `follows`, which finds its feed again."""
    with trial(seconds=30) as t:
        house = House(t, mended)
        first = _nobody_knows(house)
        _only_beats(house, first)
        _held_up(house, first)
        second = _moves(house, first, "and its line swallows all from then on")
        _the_old_one_is_back(house, first, second)
        third = _hangs(house, second)
        _the_registry_is_late(house, third)
        _silent_for_a_while(house)
        left = [socket for socket in t.ctx.open_sockets() if not socket.closed]
        if len(left) > 2:
            raise Wrong("sockets to old places are left open", seen=f"{len(left)} open sockets", expected="one")
    return (
        f"{len(house.feeds)} feeds: moved behind a dead line, hung, cut off, silent for a while; the registry late, or "
        f"without a word; asked {len(house.asked)} times, and all heard since was kept"
    )


def _nobody_knows(house: House) -> Feed:
    """At first the registry knows of nobody."""
    feed = house.feed()
    house.until(lambda: house.asked, "`where()`", "`where` is not asked")
    house.place = feed.link.endpoint
    house.is_followed(feed, "at first `where()` was `None`, and then told where the feed is")
    return feed


def _only_beats(house: House, feed: Feed) -> None:
    asked = len(house.asked)
    house.passes(3)
    house.not_asked(asked, "nothing but empty messages for three patiences", "a feed that is there was given up")
    house.all_kept(feed, "after a while with empty messages only")


def _held_up(house: House, feed: Feed) -> None:
    """For less than patience nothing passes, and then all of it."""
    asked, began = len(house.asked), time.monotonic()
    feed.link.hold()
    told = house.tells(feed, 5)
    house.passes(0.4)
    feed.link.mend()
    lasted = time.monotonic() - began
    tried = "the line was held up for less than a patience"
    try:
        house.all_kept(feed, tried, told=told)
        house.not_asked(asked, tried, "a feed was given up whose line was held up for a moment")
    except Wrong as wrong:
        raise wrong if lasted < 0.6 * house.patience else Late(wrong.message, tried=tried) from None


def _moves(house: House, feed: Feed, how: str) -> Feed:
    """Its machine is gone without a word; it is started on another one."""
    other = house.feed()
    feed.link.half_open()
    house.place = other.link.endpoint
    house.is_followed(other, f"{MOVED}, {how}")
    return other


def _the_old_one_is_back(house: House, old: Feed, now: Feed) -> None:
    """The old machine can be reached again, and still says what it said."""
    old.link.mend()
    old.listeners = 0
    house.passes(1.0)
    again = time.monotonic() + 0.5
    tried = "the old line was mended, and the old feed still says what it said"
    while time.monotonic() < again:
        house.tells(old)
        house.passes(0.2)
        if house.kept:
            raise Wrong(
                "it hears the old place, too",
                tried=tried,
                seen=f"{len(house.kept)} of its news kept",
                expected="the feed of one place: the one that `where` told last",
            )
    old.beating = False
    house.all_kept(now, tried)


def _hangs(house: House, feed: Feed) -> Feed:
    """It says nothing any more; its connection stands, and its libzmq answers."""
    other = house.feed()
    feed.beating, last = False, feed.sent
    house.place = other.link.endpoint
    tried = "the feed hung (its process lives, and its connection stands), and was started elsewhere"
    house.is_followed(other, tried)
    took = house.asked[-1] - last
    if took > LATE * house.patience:
        seen = f"after {took:.2f} s; patience is {house.patience:.2f} s"
        raise house.kind(
            "`where` is asked long after the feed fell silent", tried=tried, seen=seen, expected="patience"
        )
    return other


def _the_registry_is_late(house: House, feed: Feed) -> Feed:
    """The line is cut; for some time the registry tells the old place, then none, then the new one."""
    other, asked = house.feed(), len(house.asked)
    feed.link.cut()
    tried = "the feed's line was cut; the registry told the old place for a while, then none, then the new one"
    said = "it stops asking where the feed is"
    house.until(lambda: len(house.asked) >= asked + 1, f"`where()` once a patience: {tried}", said)
    house.place = None
    house.until(lambda: len(house.asked) >= asked + 2, f"`where()` once a patience: {tried}", said)
    house.place = other.link.endpoint
    house.is_followed(other, tried)
    return other


def _silent_for_a_while(house: House) -> None:
    """The same feed at the same place goes on after some patiences."""
    feed, asked = house.feeds[-1], len(house.asked)
    feed.beating = False
    tried = "the feed was silent for some patiences, and then went on at the same place"
    house.until(
        lambda: len(house.asked) >= asked + 2,
        f"`where()` once a patience: {tried}",
        "it stops asking where the feed is",
    )
    feed.beating = True
    said = "a feed that goes on where it was is not heard"
    heard: list[bytes] = []

    def one_more() -> bool:
        if not house.kept and time.monotonic() > feed.sent + house.patience / 10:
            heard.extend(house.tells(feed, 1))
        return bool(house.kept)

    house.until(one_more, f"its news: {tried}", said)
    house.passes(0.5)
    if any(news not in heard for news in house.kept):
        raise Wrong("what is kept is not what its feed said", tried=tried)
    house.kept.clear()
    house.all_kept(feed, tried)


# --- the same for longer


def soak(mended, random: randoms.Random, seconds: float) -> str:
    """The feed moves again and again: its line is dead, held up or cut, or it hangs; the registry may be late."""
    moves = news = 0
    with trial(seconds=seconds + 60) as t:
        house = House(t, mended, LONG)
        feed, over = _nobody_knows(house), t.deadline(seconds)
        while not over.over:
            kind = random.randrange(4)
            if kind == 0:
                told = house.tells(feed, random.randrange(1, 50))
                house.all_kept(feed, "news", told=told)
                news += len(told)
                continue
            before = feed
            if kind == 1:
                feed = _hangs(house, feed)
            elif kind == 2:
                feed = _moves(house, feed, "and its line swallows all")
            else:
                feed = _the_registry_is_late(house, feed)
            house.ends(before)
            moves += 1
    return f"the feed moved {moves} times, found {moves} times; {news} news told meanwhile, all kept"
