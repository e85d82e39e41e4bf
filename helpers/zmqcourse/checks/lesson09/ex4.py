"""09.4: how many messages of each topic a reader has missed, as far as it can know."""

from __future__ import annotations

import zmq

from ...exercise import Late, exercise
from ...trial import trial
from .hearing import dict_is, meet

QUIET = 0.25  # seconds of silence after which the answer has to return
STORIES = (  # what is told, messages, what is missing
    ("a gap in one topic of two", "hall 0, attic 7, hall 1, hall 5, attic 8", {"hall": 3, "attic": 0}),
    ("you joined late", "hall 40, hall 41, hall 43", {"hall": 1}),
    ("the publisher started again", "hall 7, hall 8, hall 0, hall 1, hall 4", {"hall": 2}),
    ("started again at a number that was heard before", "hall 3, hall 3, hall 9", {"hall": 5}),
    ("gaps before and after a new start", "hall 1, hall 4, attic 2, hall 0, hall 2, attic 5", {"hall": 3, "attic": 2}),
    ("you missed the first ones after a new start", "hall 7, hall 9, hall 3, hall 4, hall 6", {"hall": 2}),
    ("two new starts", "hall 5, hall 9, hall 0, hall 3, hall 1, hall 2", {"hall": 5}),
    ("numbers of a publisher that has run for long", "hall 9007199254740992, hall 9007199254740995", {"hall": 2}),
    ("one message", "hall 1000", {"hall": 0}),
)


@exercise(
    "09.4",
    title="What did I miss?",
    hints=(
        "Two dicts by topic: the last number that you heard, and how many are missing so far.",
        "With 4 before and 7 now, 5 and 6 are missing: `number - last - 1`. "
        "What does this give for the first one, and after a restart?",
        "For the first of a topic take `number - 1` as the last one. "
        "`max(0, skipped)` takes care of a publisher that began again: what was missing before is missing still.",
    ),
)
def gaps_are_counted(missed) -> str:
    """`missed(sub, quiet)` reads until it is quiet: by topic, how many are missing between those heard."""
    with trial() as t:
        _nothing_came(t, missed)
        jobs = []
        for _, story, _ in STORIES:
            pub, sub = meet(t)
            for message in story.split(", "):
                pub.send_multipart([*message.encode().split(), b"21.5"])
            t.wait(lambda sub=sub: sub.poll(0), expected="the first message is there")
            jobs.append(t.start(missed, sub, QUIET))
        for (what, story, expected), job in zip(STORIES, jobs, strict=True):
            wanted = {topic.encode(): count for topic, count in expected.items()}
            dict_is(t.finish(job), wanted, f"{what}: `{story}`")
    with trial() as t:
        _one_by_one(t, missed)
    with trial() as t:
        dropped = _real_drops(t, missed)
    return f"{len(STORIES)} stories of gaps and new starts, and a burst of which {dropped} messages were really dropped"


def _nothing_came(t, missed) -> None:
    _, sub = meet(t)
    dict_is(t.run(missed, sub, QUIET, seconds=1.5), {}, f"`missed(sub, {QUIET})` when nothing is there")


def _one_by_one(t, missed) -> None:
    pub, sub = meet(t)
    slow = min(t.pace, 3)
    quiet = QUIET * slow
    job = t.start(missed, sub, quiet)
    for number in (3, 5, 6, 9):
        pub.send_multipart([b"", b"%d" % number, b""])
        job.wait(0.1 * slow)
    tried = f"3, 5, 6 and 9 came, one every {0.1 * slow:.2f} s; `quiet` was {quiet:.2f} s"
    dict_is(t.finish(job), {b"": 3}, tried, Late)


def _real_drops(t, missed) -> int:
    """A burst into marks of 10 and 10; after some were read, one more of each topic goes through. How many it lost."""
    topics = (b"hall", b"attic")
    pub, sub = meet(t, endpoint="inproc://house", hwm=10)
    for number in range(50):
        for topic in topics:
            pub.send_multipart([topic, b"%d" % number, b"21.5"])
    heard = [t.receive(sub, expected="what had room") for _ in range(14)]
    t.wait(lambda: pub.poll(0, zmq.POLLOUT), expected="room for more", seconds=1)
    for topic in topics:
        pub.send_multipart([topic, b"50", b"21.5"])
    last = int(heard[-1][1]) + 3  # of the twenty that fitted, six still wait: three of each topic
    expected = dict.fromkeys(topics, 50 - last - 1)
    tried = "100 messages in a burst, into marks of 10 and 10; then number 50 of each topic"
    dict_is(t.run(missed, sub, QUIET), expected, tried)
    return sum(expected.values())
