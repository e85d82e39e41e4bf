"""21.2: the backup of a pair: at work when it has a vote, and gone when it has been overtaken."""

from __future__ import annotations

import random as randoms
import time

import zmq

from ...exercise import Late, Wrong, exercise
from ...trial import Trial, trial
from .primary import ACTIVE, LONG, PASSIVE, Primary

SLOW = 0.2  # seconds, on a quiet machine: a beat in which a connection is made and heard
SPAN = 10  # beats for which its heart is listened to


@exercise(
    "21.2",
    title="The backup, with epochs",
    hints=(
        "Three things are to be kept: whether it is active, the highest epoch that it knows of, and when the other "
        "half was last heard, whatever that said. The lesson's `half` has the loop; one number more is in it.",
        "Taking over is the only moment at which the epoch grows: one more than the highest known, once, however many "
        "requests wait. What the other half says may raise it as well, active or passive; nothing lowers it.",
        "Who is active and hears that the other half is active, too, looks at the *numbers*: `int(epoch)`, since as "
        "bytes 10 comes before 9. The newer one stays; of two equal ones the primary does, and you are the backup. "
        "Compare before you take the other's epoch over.",
    ),
)
def one_of_two_is_at_work(backup) -> str:
    """`backup(ctx, front, news, peer, beat)`: one half of a pair, with epochs."""
    for scene in (
        _while_the_primary_lives,
        _when_it_is_asked,
        _an_older_one_wakes_up,
        _it_is_overtaken,
        _nine_and_ten,
        _the_same_epoch,
        _a_newer_one_is_passive,
        _the_primary_starts_again,
        _its_heart,
    ):
        with trial(seconds=16) as t:
            scene(t, Primary(t, backup))
    with trial(seconds=16) as t:
        _it_starts(Primary(t, backup, beat=SLOW * min(t.pace, 8.0), asked=True))
    return (
        "silent while the primary lived, while nobody asked, and when it had just begun; six take-overs, an epoch "
        "each; older ones woke up twice, newer and equal ones three times; its heart never stopped"
    )


DEAD = "the primary was silent for many beats, and then a client asked"


def _while_the_primary_lives(t: Trial, primary: Primary) -> None:
    for state in ACTIVE, PASSIVE:
        primary.speaks(state, 1)
        tried = f"the primary was heard, four times a beat; it was {state.decode()}"
        primary.asks()
        primary.no_answer(3, "it answers although the primary lives", tried)
        primary.is_(PASSIVE, 1, tried, "it is active although the primary lives")
    primary.falls_silent()
    request = primary.asks()
    tried = f"{DEAD}; two requests had come while the primary lived"
    primary.until(lambda: primary.client.poll(0), "an answer", "the primary is dead, a client asks, and nobody answers")
    first = primary.client.recv_multipart()
    if first[:1] != request[:1]:
        said = "what was asked while the primary lived is answered later"
        raise Wrong(said, tried=tried, expected="it was for the primary: its client has gone on, or has its answer")


def _it_starts(primary: Primary) -> None:
    """Whoever has just begun has heard nobody yet, and has missed nobody."""
    if primary.client.poll(0):
        tried = "a client had asked when `backup` began; the primary was heard from then on, four times a beat"
        raise Late("it takes over when it has just begun", tried=tried, seen="an answer", expected="none")


def _takes_over(primary: Primary, epoch: int, why: str) -> None:
    primary.falls_silent()
    request = primary.asks()
    primary.answered(request, epoch, why, "the primary is dead, a client asks, and nobody answers")


def _when_it_is_asked(t: Trial, primary: Primary) -> None:
    primary.falls_silent(LONG + 2)
    tried = "the primary fell silent, and no client had asked"
    but = "it became active by itself: so it would if only the line between the two were cut"
    primary.is_(PASSIVE, None, tried, but)
    requests = [primary.asks() for _ in range(5)]
    for request in requests:
        primary.answered(request, 2, f"{DEAD}, five times", "the primary is dead, a client asks, and nobody answers")
    req = t.connect(zmq.DEALER, primary.front)
    odd = primary.asks(req, b"", b"\x00\xff", b"")
    primary.answered(odd, 2, "a REQ asked: an empty frame and four more", "a client is not answered", req)
    primary.is_(ACTIVE, 2, DEAD, "it answers, and says that it is passive")
    primary.falls_silent(LONG + 2)
    primary.is_(ACTIVE, 2, "nobody asked for a while, and the primary was still silent", "it went by itself")


def _an_older_one_wakes_up(t: Trial, primary: Primary) -> None:
    _takes_over(primary, 2, DEAD)
    primary.speaks(ACTIVE, 1, beats=3)
    tried = "the backup had taken over at epoch 2; then the primary was heard again, active at epoch 1"
    request = primary.asks()
    but = "the one that was overtaken must go, and here it is the backup that went"
    primary.answered(request, 2, tried, but)
    primary.is_(ACTIVE, 2, tried, but)
    primary.speaks(PASSIVE, 2, beats=3)
    primary.is_(ACTIVE, 2, "the primary had gone, and said passive", "the other half is passive, and so is this one")


def _it_is_overtaken(t: Trial, primary: Primary) -> None:
    _takes_over(primary, 2, DEAD)
    primary.speaks(ACTIVE, 3, beats=3)
    tried = "the backup was at work at epoch 2; then the primary was heard, active at epoch 3"
    primary.asks()
    primary.no_answer(3, "it goes on although it has been overtaken", tried)
    primary.is_(PASSIVE, 3, tried, "it goes on although it has been overtaken")
    primary.falls_silent()
    request = primary.asks()
    primary.answered(request, 4, f"{tried}; then the primary died", "it never takes over again")


def _nine_and_ten(t: Trial, primary: Primary) -> None:
    primary.speaks(ACTIVE, 9)
    _takes_over(primary, 10, f"the primary was at epoch 9; {DEAD}")
    primary.speaks(ACTIVE, 9, beats=3)
    tried = "the backup was at work at epoch 10; then the primary was heard, active at epoch 9"
    primary.is_(ACTIVE, 10, tried, "of 9 and 10 it takes 9 for the newer epoch")


def _the_same_epoch(t: Trial, primary: Primary) -> None:
    _takes_over(primary, 2, DEAD)
    primary.speaks(ACTIVE, 2, beats=3)
    tried = "the backup was at work at epoch 2; then the primary was heard, active at epoch 2 as well"
    primary.is_(PASSIVE, 2, tried, "of two at the same epoch both stay")


def _a_newer_one_is_passive(t: Trial, primary: Primary) -> None:
    """Both would be passive if it went; and what it has heard is remembered while it is at work, too."""
    _takes_over(primary, 2, DEAD)
    primary.speaks(PASSIVE, 5, beats=3)
    tried = "the backup was at work at epoch 2; then the primary was heard, passive at epoch 5"
    primary.is_(ACTIVE, 5, tried, "the other half is passive, and so is this one")


def _the_primary_starts_again(t: Trial, primary: Primary) -> None:
    """It has forgotten its epoch, and is passive; what the backup knows is not forgotten."""
    primary.speaks(PASSIVE, 6)
    _takes_over(primary, 7, f"the primary was passive, at epoch 6; {DEAD}")
    primary.speaks(ACTIVE, 8, beats=3)
    primary.speaks(PASSIVE, 0, beats=3)
    tried = "the primary had been active at epoch 8, and started again at epoch 0, passive"
    primary.is_(PASSIVE, 8, tried, "it is active although the primary lives")
    _takes_over(primary, 9, f"{tried}; {DEAD}")


def _its_heart(t: Trial, primary: Primary) -> None:
    """Clients ask without a pause, and the primary speaks often."""
    heard, began = len(primary.heard), time.monotonic()

    def beats() -> float:
        return (time.monotonic() - began) / primary.beat

    def asked() -> bool:
        primary.asks()
        return beats() > SPAN

    primary.until(asked, f"{SPAN} beats", f"{SPAN} beats did not pass", seconds=20)
    count, span = len(primary.heard) - heard, beats()
    tried = f"clients asked all the time, and the primary spoke four times a beat, for {span:.0f} beats"
    details = {"tried": tried, "seen": f"{count} words on `news`", "expected": "one each beat, whatever comes"}
    if count < 0.4 * span:
        kind = Wrong if count < 0.1 * span else Late
        raise kind("its heart stops while messages come", **details)
    if count > 2 * span + 2:
        raise Wrong("it publishes more often than once a beat", **details)


# --- the same for longer


def soak(backup, random: randoms.Random, seconds: float) -> str:
    """A primary that dies, wakes up older, newer or equal, and starts again, at random: the epoch of every answer is
    the number of its take-over."""
    takeovers = stays = overtaken = 0
    with trial(seconds=seconds + 60) as t:
        primary, over = Primary(t, backup, beat=0.12 * min(t.pace, 8.0)), t.deadline(seconds)
        epoch = 1
        while not over.over:
            primary.speaks(random.choice((ACTIVE, PASSIVE)), known := random.randrange(epoch + 3), beats=3)
            epoch = max(epoch, known)
            primary.asks()
            primary.no_answer(2, "it answers although the primary lives", "the primary was heard")
            _takes_over(primary, epoch := epoch + 1, "the primary died")
            takeovers += 1
            while primary.client.poll(0):
                primary.client.recv_multipart()
            if random.random() < 0.5:
                primary.speaks(random.choice((ACTIVE, PASSIVE)), random.randrange(epoch), beats=4)
                primary.is_(ACTIVE, epoch, "an older one woke up", "the newer one went")
                stays += 1
            epoch += random.randrange(3)
            primary.speaks(ACTIVE, epoch, beats=4)
            primary.is_(PASSIVE, epoch, "it was overtaken", "it goes on although it has been overtaken")
            overtaken += 1
    return f"{takeovers} take-overs, an epoch each; {stays} times an older one woke up; overtaken {overtaken} times"
