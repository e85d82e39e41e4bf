"""Whether what is late is the answer's doing: a check that goes its rounds at the same time was not held up itself."""

from __future__ import annotations

import time

from ...exercise import Late, Wrong


class HeldUp:
    """How far apart the check's own rounds were at most, in seconds, since `anew` was called."""

    def __init__(self) -> None:
        self._longest, self._before, self._looked = 0.0, 0.0, time.monotonic()

    def anew(self) -> None:
        self._longest, self._before = 0.0, self._longest

    def round(self) -> None:
        """The check looks after everything once."""
        now = time.monotonic()
        self._longest, self._looked = max(self._longest, now - self._looked), now

    def kind(self, limit: float) -> type[Wrong]:
        """`Late` where the check was held up for longer than `limit` seconds, now or just before: the answer may have
        been, too. Else `Wrong`."""
        return Late if max(self._longest, self._before) > limit else Wrong

    def verdict(self, late: Late, limit: float) -> Wrong:
        """The same complaint, by that rule."""
        wrong = self.kind(limit)(late.message)
        wrong.details = late.details
        return wrong
