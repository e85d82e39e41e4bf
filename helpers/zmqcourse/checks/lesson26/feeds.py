"""Feeds that come, fall silent and move, a registry that knows where they are (or not yet), and who follows them."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import zmq

from ...exercise import Late, Wrong
from ...trial import Trial, show
from .heldup import HeldUp

PATIENCE = 0.3  # of the answer's: seconds of a quiet machine
BEATS = 6  # messages of a feed in a patience, at least
EARLY = 0.8  # of a patience: who looks for the feed sooner has not been patient


class Feed:
    """One container with the feed in it: an XPUB of the check's, behind a line."""

    def __init__(self, t: Trial, name: str) -> None:
        self.xpub, endpoint = t.bind(zmq.XPUB)
        self.link = t.link(endpoint, name=f"line to {name}")
        self.name, self.beating, self.sent, self.number = name, True, 0.0, 0
        self.listeners = 0

    def hears(self) -> None:
        while self.xpub.poll(0):
            words = self.xpub.recv()
            self.listeners += 1 if words[:1] == b"\x01" else -1

    def says(self, news: bytes) -> None:
        self.xpub.send(news, zmq.DONTWAIT)
        self.sent = time.monotonic()


class House:
    """The answer, the feeds, the registry. `kept` is what it has kept, `asked` when it asked where the feed is."""

    def __init__(self, t: Trial, mended: Callable[..., Any], patience: float = 0.0) -> None:
        self.t = t
        self._pace = min(t.pace, 4.0)  # asked once: the trial's clock never goes faster than what it told
        self.patience = patience or PATIENCE * min(self._pace**1.25, 4.0)
        self.kept: list[Any] = []
        self.asked: list[float] = []
        self.feeds: list[Feed] = []
        self.place: str | None = None
        self.rounds = HeldUp()
        self._news = self._checked = 0
        self.job = t.start(mended, t.ctx, self.where, self.patience, self.kept.append, name="mended")

    def where(self) -> str | None:
        """The registry, which the answer asks."""
        self.asked.append(time.monotonic())
        return self.place

    def feed(self) -> Feed:
        """One more, of which the registry does not know yet."""
        self.feeds.append(Feed(self.t, f"feed {len(self.feeds) + 1}"))
        return self.feeds[-1]

    def ends(self, feed: Feed) -> None:
        """It is over for good, with its line."""
        self.feeds.remove(feed)
        feed.link.close()
        feed.xpub.close(linger=0)

    # --- time passes

    def pump(self) -> bool:
        """Each feed that is due says that it is there. Always True. Raises `Wrong` for what must not be."""
        now = time.monotonic()
        self.rounds.round()
        for feed in self.feeds:
            feed.hears()
            if feed.beating and now >= feed.sent + self.patience / BEATS:
                feed.says(b"")
        if self.job.done and self.job.error is None:
            raise Wrong("`mended` came to its end", expected="it follows its feed for ever")
        if b"" in self.kept:
            raise Wrong("an empty message was kept", expected="it is no news: it says that the feed is there")
        for before, after in zip(self.asked[self._checked :], self.asked[self._checked + 1 :], strict=False):
            self._checked += 1
            if after - before < EARLY * self.patience:
                raise Wrong(
                    "`where` is asked again too soon",
                    seen=f"after {after - before:.2f} s; patience is {self.patience:.2f} s",
                    expected="`where()` at the start, and then once in a patience at most",
                )
        return True

    def until(self, condition: Callable[[], Any], expected: str, said: str, *, patiences: float = 4.0) -> None:
        seconds = patiences * self.patience / self._pace + 0.4
        self.rounds.anew()
        try:
            self.t.wait(lambda: self.pump() and condition(), expected=expected, said=said, seconds=seconds)
        except Late as late:
            raise self.rounds.verdict(late, 0.3 * self.patience) from None

    def passes(self, patiences: float) -> None:
        end = time.monotonic() + patiences * self.patience
        self.until(lambda: time.monotonic() >= end, "time passes", "time does not pass", patiences=5 * patiences)

    def kind(self, said: str, **details: str) -> Wrong:
        """What is said of time: `Late` where the check was held up."""
        return self.rounds.kind(0.3 * self.patience)(said, **details)

    # --- what it does

    def is_followed(self, feed: Feed, tried: str) -> None:
        """It has found its way there: it is heard, and all of its news are kept."""
        self.until(
            lambda: feed.listeners > 0,
            f"a subscription at the place that `where` tells now: {tried}",
            "it does not find its way to where the feed is now",
        )
        self.all_kept(feed, tried)

    def tells(self, feed: Feed, count: int = 3) -> list[bytes]:
        """News of this feed's, no two alike, some of them strange."""
        told = []
        for _ in range(count):
            self._news += 1
            told.append((b"%d \x00\xff" if self._news % 3 else b"\x00%d") % self._news)
            feed.says(told[-1])
        return told

    def all_kept(self, feed: Feed, tried: str, *, told: list[bytes] | None = None) -> None:
        """These news, by default new ones, are what is kept, in order."""
        told = self.tells(feed) if told is None else told
        self.until(lambda: len(self.kept) >= len(told), f"`{show(told)}` kept: {tried}", "news were lost")
        self.passes(0.3)
        self.only(told, tried)

    def only(self, told: list[bytes], tried: str) -> None:
        """Raises unless this is what has been kept; then counts anew."""
        kept = list(self.kept)
        del self.kept[: len(kept)]
        if kept != told:
            raise Wrong(
                "what is kept is not what its feed said",
                tried=tried,
                seen=f"`{show(kept)}`",
                expected=f"`{show(told)}`",
            )

    def not_asked(self, since: int, tried: str, but: str) -> None:
        """Raises when it has looked elsewhere, although something came all the time."""
        if len(self.asked) > since:
            raise self.kind(
                but,
                tried=tried,
                seen=f"`where` was asked {len(self.asked) - since} times",
                expected="it stays where it is as long as something comes, be it empty",
            )
