"""What a check of this lesson says first when an answer uses a socket in two threads, whatever else came of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ...exercise import Wrong
from ...trial import Trial

SAID = "belongs to the thread that made it"  # by the recorded socket that refused


@contextmanager
def of_two_threads(t: Trial) -> Iterator[None]:
    """Names it as the reason: a thread of the answer that has failed of it is all that the rest comes from."""
    try:
        yield
    except Wrong as wrong:
        if SAID in t.printed and SAID not in wrong.message:
            raise Wrong(
                "a socket was used in another thread than the one that made it, and refused that",
                tried=wrong.details.get("tried", ""),
                seen=f"so {wrong.message}",
                expected="a socket is made, used and closed in one thread: it belongs to the thread that made it",
            ) from wrong
        raise
