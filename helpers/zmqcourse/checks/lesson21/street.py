"""The check's servers, who answer, are silent or not there: each try that comes in, in its order."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, NamedTuple

import zmq

from ...exercise import Late, Wrong
from ...trial import Job, Trial, show

_QUIET_PATIENCE = 0.2  # seconds, on a quiet machine
NAMES = ("the first server", "the second server", "the third server")


class Try(NamedTuple):
    """One try as it came in: at which server, the way back to it, its number, the request, when."""

    place: int
    way: list[bytes]
    number: bytes
    request: bytes
    at: float


Fate = Callable[[Try], list[bytes] | None]  # the answer to a try, without its number, or None: silence


def patience_of(t: Trial) -> float:
    """A patience in which this machine answers easily now."""
    return round(_QUIET_PATIENCE * min(t.pace, 8.0), 3)


class Street:
    """Three servers (or so many), of which those in `away` are not there yet. They are what a REP is: a try is an empty
    frame and two more. `gap`: for how long, in seconds, a server that was to answer may have been kept waiting."""

    def __init__(self, t: Trial, *, places: int = 3, away: tuple[int, ...] = ()) -> None:
        self.t, self.patience = t, patience_of(t)
        self.routers: list[zmq.Socket | None] = [None] * places
        self.endpoints: list[str] = []
        for place in range(places):
            if place in away:
                self.endpoints.append(t.endpoint("tcp"))
            else:
                router, endpoint = t.bind(zmq.ROUTER)
                self.routers[place] = router
                self.endpoints.append(endpoint)
        self.tries: list[Try] = []
        self.gap, self._looked = 0.0, time.monotonic()
        self.job: Job | None = None

    def begins(self, answer: Callable[..., Any], requests: list[bytes]) -> None:
        self._looked = time.monotonic()
        self.job = self.t.start(answer, self.t.ctx, list(self.endpoints), list(requests), self.patience)

    def comes(self, place: int) -> None:
        """This server is there from now on."""
        router = self.t.socket(zmq.ROUTER)
        router.bind(self.endpoints[place])
        self.routers[place] = router

    def look(self, fate: Fate) -> list[Try]:
        """Take in what has come, and answer it; the tries."""
        now = time.monotonic()
        self.gap, self._looked = max(self.gap, now - self._looked), now
        new = []
        for place, router in enumerate(self.routers):
            while router is not None and router.poll(0):
                new.append(came := _read(place, router.recv_multipart()))
                self.tries.append(came)
                answer = fate(came)
                if answer is not None:
                    self.send(came, came.number, *answer)
        return new

    def send(self, to: Try, *frames: bytes) -> None:
        self.t.send(self.routers[to.place], *to.way, *frames)

    def plays(self, fate: Fate, *, seconds: float = 6.0, most: int = 200) -> Any:
        """Until the call is over; what it returned. Raises `Wrong` when it asks without an end."""
        job = self.job
        assert job is not None

        def over() -> bool:
            self.look(fate)
            if len(self.tries) > most:
                raise Wrong(
                    f"`{job.name}` does not come to an end",
                    seen=f"{len(self.tries)} tries",
                    expected="two rounds for a request that nobody answers, then the next one",
                )
            return job.wait(0)

        said = f"`{job.name}` did not come back"
        self.t.wait(over, seconds=seconds, expected="the call comes to its end", said=said)
        return self.t.finish(job)

    def complaint(self, said: str, **details: str) -> Wrong:
        """`Wrong`, or `Late` where the servers were so slow that a right client may have lost patience."""
        kind = Late if self.gap > 0.4 * self.patience else Wrong
        return kind(said, **details)

    def answers(self, value: Any, wanted: list[Any], tried: str) -> None:
        """The call has returned these answers."""
        name = self.job.name if self.job else "it"
        try:
            found = list(value)
        except TypeError:
            raise Wrong(f"`{name}` returned no list of answers", seen=f"`{show(value)}`", tried=tried) from None
        if found == wanted:
            return
        if len(found) != len(wanted):
            said, seen = "not every request has its answer", f"{len(found)} of {len(wanted)}"
            raise Wrong(said, tried=tried, seen=seen, expected="one for each, None where there was none")
        place = next(n for n, (one, other) in enumerate(zip(found, wanted, strict=True)) if one != other)
        said = "an answer is not the one to its request"
        if found[place] is None:
            said = "a request that was answered counts as not answered"
        elif wanted[place] is None:
            said = "a request that nobody answered has an answer"
        seen, expected = f"`{show(found[place])}` for request {place}", f"`{show(wanted[place])}`"
        raise self.complaint(said, tried=tried, seen=seen, expected=expected)


def _read(place: int, frames: list[bytes]) -> Try:
    if len(frames) != 4 or frames[1] != b"":
        raise Wrong(
            "that is not `number, request` behind an empty frame",
            seen=f"behind the routing id came `{show(frames[1:])}`",
            expected="the empty delimiter, then two frames. A REQ puts the empty frame in front by itself; a DEALER "
            "leaves it to you",
        )
    return Try(place, frames[:2], frames[2], frames[3], time.monotonic())
