"""09.2: a publisher that waits for its subscribers, and whose burst is lost for nobody, however late they read."""

from __future__ import annotations

import random as randoms
import time

import zmq

from ...exercise import Late, Wrong, exercise
from ...trial import Job, Trial, trial
from .hearing import short

AT_ONCE = (
    "all messages, at once when the last subscriber is there. "
    "(Of a prefix that it knows already, an XPUB tells you again only with `xpub_verbose`)"
)
BURST = 12_000  # more than a mark that somebody has chosen because it is large
HEAVY, SIZE = 1000, 20_000  # messages and bytes: more than the kernel takes for a reader that does not read


@exercise(
    "09.2",
    title="Lose no message",
    hints=(
        "Not a PUB: which socket publishes, and can be read as well? What does it read?",
        "Receive one subscription for each subscriber before you send. Two may want the same topic: how do you hear of "
        "both? And where does a message go when a subscriber's queue is full?",
        "An XPUB with `pub.xpub_verbose = True` and `pub.sndhwm = 0` (or as many as there are messages), both before "
        "it binds; then `pub.recv()` once for each subscriber.",
    ),
)
def nothing_is_lost(publish_when_heard) -> str:
    """`publish_when_heard(ctx, endpoint, subscribers, messages)` sends when all have subscribed, at once."""
    with trial(seconds=6) as heavy:
        heavy.ctx.setsockopt(zmq.LINGER, -1)  # as outside: a closed socket still hands over what it has
        job, sub = _begin_to_read_late(heavy, publish_when_heard)
        _all_hear(publish_when_heard, [("news/", 0.0), ("", 0.1), ("sport/", 0.2), ("news/", 1.2)])  # no sleep will do
        _read_late(heavy, job, sub)
    _all_hear(publish_when_heard, [("", 0.0), ("", 0.0), ("", 0.0)])  # and here each one is too long
    with trial(seconds=6) as t:
        _a_burst(t, publish_when_heard)
    return (
        f"nine subscribers, one of them a second after the others; a burst of {BURST:,} before anybody read, and "
        f"{HEAVY * SIZE // 1_000_000} MB for one who began to read when you had returned: each message once, in order"
    )


# --- none before the last has come


def _all_hear(publish_when_heard, subscribers: list[tuple[str, float]]) -> None:
    """Subscribers (topic, seconds from the start) must all hear what they want, and none before the last has come."""
    messages = [[b"news/", b"%d" % number, b""][: 2 + number % 2] for number in range(200)]
    with trial() as t:
        endpoint = t.endpoint("tcp")
        began = time.monotonic()
        job = t.start(publish_when_heard, t.ctx, endpoint, len(subscribers), messages)
        subs: list[tuple[str, zmq.Socket]] = []
        for topic, seconds in subscribers:
            while (left := began + seconds - time.monotonic()) > 0:
                _nothing_yet([sub for _, sub in subs], left, f"{len(subs)} of {len(subscribers)} had subscribed")
            sub = t.socket(zmq.SUB, rcvhwm=0)
            sub.subscribe(topic)
            sub.connect(endpoint)
            subs.append((topic, sub))
        for number, (topic, sub) in enumerate(subs, 1):
            if topic == "sport/":
                continue
            first = t.receive(sub, seconds=1.3, expected=AT_ONCE)
            if first != messages[0]:
                raise Wrong(
                    f"subscriber {number} of {len(subs)} did not hear the first message first",
                    seen=f"the first that it heard is `{first}`",
                    expected=f"`{messages[0]}`",
                )
            rest = t.receive_many(sub, len(messages) - 1, expected=f"all {len(messages)}, at each subscriber")
            if rest != messages[1:]:
                raise Wrong("not all messages, in order and each once", seen=f"`{short(rest)}`")
        t.finish(job, seconds=1.0)
        for _, sub in subs:
            t.silence(sub, seconds=0.02, expected="each message once, to those who want it")


def _nothing_yet(subs: list[zmq.Socket], seconds: float, when: str) -> None:
    poller = zmq.Poller()
    for sub in subs:
        poller.register(sub, zmq.POLLIN)
    if not subs:
        time.sleep(min(seconds, 0.05))
    elif found := poller.poll(min(seconds, 0.05) * 1000):
        raise Wrong(
            "it was published before all subscribers were there",
            seen=f"`{found[0][0].recv_multipart()}` arrived when {when}",
            expected="the first message waits for the last subscription",
        )


# --- who reads late


def _a_burst(t: Trial, publish_when_heard) -> None:
    """All is sent before anybody reads: with a mark in between, it is dropped."""
    endpoint = t.endpoint("inproc")
    messages = [[b"news/", b"%d" % number] for number in range(BURST)]
    job = t.start(publish_when_heard, t.ctx, endpoint, 2, messages)
    subs = [t.connect(zmq.SUB, endpoint) for _ in range(2)]
    for sub in subs:
        sub.subscribe("news/")
        sub.poll(0)
    _sent_or_held_up(t, job)
    _all_came(t, job, subs, messages, "they began to read when all of it had been sent")
    t.finish(job, seconds=1.0)


def _begin_to_read_late(t: Trial, publish_when_heard) -> tuple[Job, zmq.Socket]:
    endpoint = t.endpoint("tcp")
    job = t.start(publish_when_heard, t.ctx, endpoint, 1, [[b"big", bytes(SIZE)]] * HEAVY)
    sub = t.socket(zmq.SUB, rcvhwm=1)
    sub.subscribe("")
    sub.connect(endpoint)
    return job, sub


def _read_late(t: Trial, job: Job, sub: zmq.Socket) -> None:
    """It has not read for a second and more: what found no room on the way is still at the publisher, closed or not."""
    _sent_or_held_up(t, job)
    tried = f"{HEAVY} messages of {SIZE // 1000} kB for one that began to read after your function had returned"
    _all_came(t, job, [sub], [[b"big", bytes(SIZE)]] * HEAVY, tried)
    t.finish(job, seconds=1.0)


def _sent_or_held_up(t: Trial, job: Job) -> None:
    """Until it has returned, or for two seconds: it may as well wait in `send` for those who do not read."""
    end = t.deadline(2.0)
    while not job.wait(0.02) and not end.over:
        continue


def _all_came(t: Trial, job: Job, subs: list[zmq.Socket], messages: list[list[bytes]], tried: str) -> None:
    """All of them read in turn, until nothing has come for a while: the sender may be waiting for any of them."""
    came: list[list[list[bytes]]] = [[] for _ in subs]
    poller = zmq.Poller()
    for sub in subs:
        poller.register(sub, zmq.POLLIN)
    while min(map(len, came)) < len(messages) and (found := poller.poll(1000 * min(t.pace, 5))):
        for sub, _ in found:
            while sub.poll(0) and len(came[subs.index(sub)]) <= len(messages):
                came[subs.index(sub)].append(sub.recv_multipart())
    t.wait(lambda: True, expected="an answer that has not failed")
    for number, heard in enumerate(came, 1):
        if heard == messages:
            continue
        first = next((n for n, (a, b) in enumerate(zip(heard, messages, strict=False)) if a != b), len(heard))
        raise (Wrong if job.done else Late)(
            "messages were lost" if len(heard) < len(messages) else "not all messages, in order and each once",
            tried=f"{len(messages):,} messages: {tried}",
            seen=f"{len(heard):,} arrived at subscriber {number} of {len(subs)}; number {first:,} is missing",
            expected="nothing may be lost, however late somebody reads: a full queue drops, and so does a closed "
            "socket that may not linger",
            look="the burst: of 1000 messages only some arrived",
        )


# --- the same for longer


def soak(publish_when_heard, random: randoms.Random, seconds: float) -> str:
    """Rounds of ten times as many messages, with subscribers that come at random and begin to read 2 s late.

    Raises `Wrong` when a message is lost; else a sentence with the ledger.
    """
    end = time.monotonic() + seconds
    rounds = heard = latest = 0
    while not rounds or time.monotonic() < end:
        with trial(seconds=120) as t:
            t.ctx.setsockopt(zmq.LINGER, -1)
            endpoint = t.endpoint(random.choice(("inproc", "tcp")))
            count = random.randrange(1, 5)
            messages = [[b"news/", b"%d" % n, random.randbytes(random.choice((0, 10, 300)))] for n in range(10 * BURST)]
            job = t.start(publish_when_heard, t.ctx, endpoint, count, messages)
            subs = []
            for _ in range(count):
                job.wait(random.uniform(0, 0.5))
                subs.append(t.connect(zmq.SUB, endpoint))
                subs[-1].subscribe(random.choice(("", "news/", "n")))
                subs[-1].poll(0)
            job.wait(2.0)
            if not job.done:
                job.wait(10.0)
            late = random.uniform(0, 1) if rounds else 2.0
            time.sleep(late)
            _all_came(t, job, subs, messages, f"they began to read {late:.1f} s late")
            t.finish(job, seconds=5)
            rounds, heard, latest = rounds + 1, heard + count * len(messages), max(latest, late)
    return f"{rounds} bursts of {10 * BURST:,}, readers up to {latest:.1f} s late: {heard:,} messages heard, none lost"
