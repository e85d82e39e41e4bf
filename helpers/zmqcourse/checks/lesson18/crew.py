"""The workers of a broker that is the answer: the heart of each beats until it is told to be still."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import zmq

from ...exercise import Wrong
from ...trial import Trial, show
from .beats import BEAT, LIVENESS, READY, complaint, interval_of


class Worker:
    """One worker: its heart beats while `beating`. `beats`: those of its broker. `jobs`: what it has in hand."""

    def __init__(self, socket: zmq.Socket[Any], name: str) -> None:
        self.socket, self.name = socket, name
        self.beating, self.beats, self.sent, self.beat_at = True, 0, 0.0, 0.0
        self.jobs: list[list[bytes]] = []

    def say(self, *frames: bytes) -> None:
        self.socket.send_multipart(frames, zmq.DONTWAIT)
        self.sent = time.monotonic()

    def answer(self, body: bytes) -> None:
        """Hand in its oldest job, done."""
        client, empty, *_ = self.jobs.pop(0)
        self.say(client, empty, body)


class Crew:
    """All workers of a trial. Whoever waits for something waits by `until`, which keeps their hearts beating."""

    def __init__(self, t: Trial, back: str, interval: float = 0.0) -> None:
        self.t, self.back, self.interval = t, back, interval or interval_of(t)
        self.workers: list[Worker] = []
        self.held_up = 0.0  # seconds: the longest time for which a beating heart was still, since the check had no turn

    def hire(self, *names: str) -> list[Worker]:
        """New workers, who say READY in this order."""
        hired = []
        for name in names:
            worker = Worker(self.t.connect(zmq.DEALER, self.back, linger=0, routing_id=name.encode()), name)
            self.workers.append(worker)
            hired.append(worker)
            self.ready(worker)
        return hired

    def ready(self, worker: Worker) -> None:
        """It says READY, and waits until its broker knows: it is sent a heartbeat."""
        before, worker.beating = worker.beats, True
        worker.say(READY)
        self.until(
            lambda: worker.beats > before,
            f"heartbeats for {worker.name}, who has said READY to a ROUTER bound at `back`: one each interval",
            said="a worker that has said READY gets no heartbeat, so it must take its broker for dead",
        )

    def pump(self) -> None:
        """Beat whose heart is due, and take in what has come."""
        for worker in self.workers:
            now = time.monotonic()
            if worker.beating and now >= worker.beat_at:
                self.held_up = max(self.held_up, now - worker.sent)
                worker.say(BEAT)
                worker.beat_at = now + self.interval / 3
            while worker.socket.poll(0):
                frames = worker.socket.recv_multipart()
                if frames == [BEAT]:
                    worker.beats += 1
                else:
                    worker.jobs.append(frames)
            if len(worker.jobs) > 1:
                raise Wrong(
                    "a worker was given a second job while it had one in hand",
                    seen=f"`{show(worker.jobs)}`, given to {worker.name}",
                    expected="only READY and an answer say that a worker is free; a heartbeat says that it lives",
                )

    def until(
        self,
        condition: Callable[[], Any],
        expected: str,
        *,
        intervals: float = 30,
        said: str = "what was to happen did not",
    ) -> Any:
        """Wait for so many intervals at most; what the condition gave. Raises `Late`, saying `said`."""

        def turn() -> Any:
            self.pump()
            return condition()

        seconds = intervals * self.interval / min(self.t.pace, 4.0)
        return self.t.wait(turn, expected=expected, seconds=seconds, said=said)

    def beats_of(self, worker: Worker, count: int) -> None:
        """Let so many heartbeats pass that the broker sends to this worker, which lives."""
        goal = worker.beats + count
        far = {other: other.beats + count + LIVENESS for other in self.workers if other.beating}
        expected = f"a heartbeat each interval for {worker.name}, whose own came all the time"
        said = f"{worker.name} lives, and gets no heartbeat any more"
        self.until(
            lambda: worker.beats >= goal or any(other.beats >= beats for other, beats in far.items()),
            expected,
            intervals=6 * count,
            said=said,
        )
        if worker.beats < goal:  # and others do get theirs
            raise complaint(self.held_up, 0.6 * LIVENESS * self.interval, said, expected=expected)

    def silence(self, living: Worker, *still: Worker) -> None:
        """The hearts of those stop, as if they were frozen. A few heartbeats later, as one sees who lives, the broker
        must have forgotten them: then they get none any more."""
        for worker in still:
            worker.beating = False
        self.beats_of(living, LIVENESS + 2)
        before = [worker.beats for worker in still]
        self.beats_of(living, LIVENESS)
        kept = [worker.name for worker, had in zip(still, before, strict=True) if worker.beats > had]
        if kept:
            raise Wrong(
                "a worker that is silent was not dropped",
                tried=f"{len(still)} of {len(self.workers)} workers fell silent; their connections stayed",
                seen=f"{2 * LIVENESS + 2} intervals later {' and '.join(kept)} still got heartbeats",
                expected=f"after interval × liveness, {LIVENESS} intervals, the broker forgets them, each of them",
            )

    def hiccup(self, living: Worker, still: Worker) -> None:
        """The heart of `still` stops for two heartbeats of its broker's, fewer than LIVENESS: it must be kept."""
        began, still.beating = still.sent, False
        self.beats_of(living, 2)
        still.beating = True
        had, seconds = still.beats, time.monotonic() - began
        self.beats_of(living, LIVENESS)
        if still.beats == had:
            raise complaint(
                seconds,
                0.85 * LIVENESS * self.interval,
                "a worker was dropped too soon",
                tried=f"it was silent for {seconds / self.interval:.1f} of {LIVENESS} intervals, then beat again",
                seen="it got no heartbeats any more",
                expected="a hiccup is no death: interval × liveness seconds of silence are",
            )

    def given(self, request: list[bytes], expected: str, *workers: Worker) -> Worker:
        """To which of these workers (of all) this request goes, as client, empty, request."""
        found = self.until(
            lambda: [w for w in workers or self.workers if w.jobs and w.jobs[0][-1] == request[-1]],
            expected,
            said=f"the request `{show(request)}` was not given to a worker that is free",
        )[0]
        if found.jobs[0][1:] != [b"", *request]:
            raise Wrong(
                "a job did not arrive as client, empty, request",
                tried=f"a client asked `{show(request)}`",
                seen=f"`{show(found.jobs[0])}`",
            )
        return found

    def heard(self, client: zmq.Socket[Any], answer: bytes, when: str) -> None:
        """This answer, and no other, comes to this client, a REQ."""
        self.until(lambda: client.poll(0), f"the answer comes to its client: {when}", said="an answer did not arrive")
        got = client.recv_multipart()
        if got != [answer]:
            said = "another answer came than the worker gave"
            raise Wrong(said, tried=when, seen=f"`{show(got)}`", expected=f"`{show([answer])}`")
