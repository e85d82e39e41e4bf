"""What a check of this lesson says first when an answer uses a socket in two threads, whatever else came of it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from ...exercise import Wrong

SAID = "belongs to the thread that made it"  # by the recorded socket that refused


@contextmanager
def of_two_threads() -> Iterator[None]:
    """Names it as the reason: a thread of the answer that has failed of it is what all the rest comes from."""
    before, failed = threading.excepthook, []

    def hook(args: threading.ExceptHookArgs) -> None:
        if SAID in str(args.exc_value):
            failed.append(args.exc_value)
        before(args)

    threading.excepthook = hook
    try:
        yield
    except Wrong as wrong:
        if failed and SAID not in wrong.message:
            raise Wrong(
                "a socket was used in another thread than the one that made it, and refused that",
                tried=wrong.details.get("tried", ""),
                seen=f"so {wrong.message}",
                expected="a socket is made, used and closed in one thread: it belongs to the thread that made it",
            ) from wrong
        raise
    finally:
        threading.excepthook = before
