"""09.3: the newest message of each topic, out of a backlog."""

from __future__ import annotations

import time

from ...exercise import Late, Wrong, exercise
from ...trial import trial
from .hearing import dict_is, meet

QUIET = 0.25  # seconds of silence after which the answer has to return


@exercise(
    "09.3",
    title="The newest of each topic",
    hints=(
        "`sub.poll(milliseconds)` says whether something comes in that time. How often do you ask?",
        "A dict with the topic as key: what happens to the old value when you set it again?",
        "`while sub.poll(quiet * 1000):` receive two frames, `values[topic] = value`. "
        "After the loop, return the dict.",
    ),
)
def only_the_newest_values(newest) -> str:
    """`newest(sub, quiet)` reads until nothing has come for `quiet` seconds: `{topic: last value}`."""
    with trial() as t:
        pub, sub = meet(t, endpoint="inproc://backlog")     # what is sent is there
        began = time.monotonic()
        dict_is(t.run(newest, sub, QUIET, seconds=1.5), {}, f"`newest(sub, {QUIET})` when nothing is there")
        if time.monotonic() - began < QUIET * 0.8:
            raise Wrong(
                "it did not wait until it was quiet",
                tried=f"`newest(sub, {QUIET})` when nothing is there",
                seen=f"it returned after {time.monotonic() - began:.3f} s",
                expected=f"after {QUIET} s: `quiet` is in seconds, and `poll` counts milliseconds",
            )
        pub.send_multipart([b"attic", b"cold"])
        for number in range(2000):
            pub.send_multipart([(b"hall", b"kitchen", b"cellar", b"")[number % 4], b"%d" % number])
        pub.send_multipart([b"hall", b""])
        pub.send_multipart([b"\0any\xff", bytes(range(256))])
        expected = {b"attic": b"cold", b"hall": b"", b"kitchen": b"1997", b"cellar": b"1998", b"": b"1999"}
        expected[b"\0any\xff"] = bytes(range(256))
        dict_is(t.run(newest, sub, QUIET), expected, "2003 messages of six topics waited")
        pub.send_multipart([b"hall", b"new"])
        dict_is(t.run(newest, sub, QUIET), {b"hall": b"new"}, "one more came; what was told before is not told again")
    with trial() as t:
        pub, sub = meet(t)
        slow = min(t.pace, 3)
        quiet = 0.4 * slow
        job = t.start(newest, sub, quiet)
        for number in range(6):
            pub.send_multipart([b"hall", b"%d" % number])
            job.wait(0.12 * slow)
        tried = f"six messages came, one every {0.12 * slow:.2f} s; `quiet` was {quiet:.1f} s"
        dict_is(t.finish(job), {b"hall": b"5"}, tried, Late)
    return "nothing, then a backlog of 2003 messages of six topics, any bytes among them, then six that came one by one"
