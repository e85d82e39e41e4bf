"""A trial: a learner's code against real sockets, for a few seconds, after which everything is gone.

    with trial() as t:
        pull, endpoint = t.bind(zmq.PULL)            # the check's own socket
        t.run(greet, t.ctx, endpoint)                # the learner's function: its value, or a clear complaint
        frames = t.receive(pull, expected="one message")
    # here: threads ended, sockets closed, context gone; what was left running or open has been told

Nothing in here waits without a bound. Whatever the answer does (hangs, loops, sleeps, raises, exits, prints
without end, starts threads, closes what is not its own) becomes a `Wrong` that says so.
"""

from __future__ import annotations

import multiprocessing
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from typing import Any

import zmq
from zmqlive.roles import end_those_of, interrupts

from ..exercise import Deadline, Late, Sink, Wrong, latest, routing, show, socket_name
from .expecting import expect_function
from .handed import HandedContext
from .job import Job, contexts_of, end_threads
from .moments import TICK, arrived, taken
from .otherside import OtherSide
from .trialstage import fault_of_role

SECONDS = 4.0
# How long after the answer has ended a message may still be on its way over loopback.
QUIET = 1.0
# How long a thread of the answer may still need to end once the answer has returned.
_MOMENT = 0.3
# By how much the end of a trial may be stretched at most.
_SLOW = 5.0


class Trial(OtherSide):
    """What `trial` gives; see the module's text."""

    def __init__(self, seconds: float = SECONDS) -> None:
        super().__init__(seconds)
        self.jobs: list[Job] = []
        self._quiet: Deadline | None = None
        self._sink = Sink()
        self._stage_sink = Sink()
        self._told = ""

    @property
    def printed(self) -> str:
        """What the answer printed: its first lines, and how many there were; not what `_complain` has told."""
        lines = "\n".join(sink.text for sink in (self._sink, self._stage_sink) if sink.text)
        return lines.replace(self._told, "").strip("\n")

    # --- the answer

    def start(self, fn: Callable[..., Any], *args: Any, name: str = "") -> Job:
        """Call the answer in the background, in a thread of its own."""
        expect_function(fn)
        job = Job(fn, args, self._sink, self.stage.recorder, name=name)
        self.jobs.append(job)
        self._quiet = None
        return job

    def run(self, fn: Callable[..., Any], *args: Any, name: str = "", seconds: float | None = None) -> Any:
        """Call the answer and wait for its end; what it returned. See `finish`."""
        return self.finish(self.start(fn, *args, name=name), seconds=seconds)

    def finish(self, job: Job, *, seconds: float | None = None) -> Any:
        """Wait for the end of this call, by default until the trial's time is over; what it returned.

        Raises `Wrong` when it raised, or did not leave a socket as it was handed; `Late` when it did not come back.
        """
        seconds = self.left if seconds is None else min(seconds, self.left)
        end = self.deadline(seconds)
        while not job.wait(TICK) and not end.over:
            continue
        if not job.done:
            raise Late(
                f"`{job.name}` did not come back in {round(seconds, 1):g} s",
                tried=f"`{job.call}`",
                seen=f"it was still at {job.where()}" if job.where() else "it was waiting outside your cell",
            )
        self._complain()
        if job.handed and all(each.done for each in self.jobs):
            for thread in self._threads_left():    # it may go on using what the check uses now
                raise _left_running(thread)
        return job.value

    def role(self, fn: Callable[..., Any], *args: Any, process: bool = True, **options: Any) -> Any:
        """Run the answer, `fn(ctx, *args)`, as a role of `stage`: in a process, to be killed or frozen there.

        Options (name, count) and value are those of `Stage.add`.
        """
        expect_function(fn)
        with self._stage_sink.around():
            self.stage.start()
            return self.stage.add(fn, *args, process=process, **options)

    # --- what must arrive

    def receive(
        self, socket: zmq.Socket[Any], *, expected: str = "a message", seconds: float | None = None
    ) -> list[bytes]:
        """The next message as a list of frames. Raises `Late` when none comes, `Wrong` when the answer failed."""
        end = self._limit if seconds is None else self.deadline(seconds)
        while (message := arrived(socket)) is None:
            self._complain()
            if end.over or self._over():
                raise self._nothing(f"nothing arrived at the check's {socket_name(socket)} socket", expected)
        return message

    def send(self, socket: zmq.Socket[Any], *frames: bytes, expected: str = "somebody who takes it") -> None:
        """Send a message of the check's. Raises `Late` when there is no room, `Wrong` when the answer failed."""
        while not taken(socket, frames):
            self._complain()
            if self._limit.over or self._over():
                raise self._nothing(f"nobody took what the check's {socket_name(socket)} socket sent", expected)

    def receive_many(self, socket: zmq.Socket[Any], count: int, *, expected: str = "") -> list[list[bytes]]:
        """So many messages, each a list of frames; else `Late` with how many came."""
        messages: list[list[bytes]] = []
        while len(messages) < count:
            message = arrived(socket)
            if message is None:
                self._complain()
                if self._limit.over or self._over():
                    said = f"{len(messages)} of {count} messages arrived"
                    raise self._nothing(
                        f"{said} at the check's {socket_name(socket)} socket", expected or f"all {count}"
                    )
                continue
            messages.append(message)
        return messages

    def silence(
        self, socket: zmq.Socket[Any], *, seconds: float = 0.2, expected: str = "no further message"
    ) -> None:
        """Raises `Wrong` when one more message comes within so many seconds.

        On a busy machine it looks for longer, and what comes only then is `Late`: it may have been in order.
        """
        end, began = Deadline(self.clock, seconds), time.monotonic()
        while not (came := socket.poll(TICK * 1000)) and not end.over:
            continue
        if came:
            kind = Wrong if time.monotonic() - began <= seconds + TICK else Late
            raise kind(
                "one message too many arrived", seen=f"`{show(socket.recv_multipart())}`", expected=expected
            )

    def wait(
        self,
        condition: Callable[[], Any],
        *,
        expected: str,
        seconds: float | None = None,
        said: str = "what was to happen did not",
    ) -> Any:
        """Wait until the condition holds; what it gave. Raises `Late`, saying `said`, when it does not in time."""
        end = self._limit if seconds is None else self.deadline(seconds)
        while not (value := condition()):
            self._complain()
            if end.over:
                raise self._nothing(said, expected)
            interrupts.original(TICK / 4)
        return value

    # --- complaints

    def _over(self) -> bool:
        """Whether nothing can come any more: the answer's calls ended a while ago, and no peer is at work."""
        if not self.jobs or any(peer.is_alive() for peer in self._peers) or self.stage.roles:
            return False
        if not all(job.done for job in self.jobs):
            self._quiet = None
            return False
        self._quiet = self._quiet or Deadline(self.clock, QUIET)
        return self._quiet.over

    def _complain(self) -> None:
        """Raise what there is to say about calls that failed, or about a role of the check that did."""
        for job in self.jobs:
            complaint = job.complaint() if job.done else None
            if complaint is not None:
                raise complaint
        for role in self.stage.roles:
            if role.state == "failed":
                role.told = True  # here, and so not printed as well; its stage may have been quicker
                self._told = role.text
                if isinstance(role.error, NotImplementedError):      # a stub says "to do" from a process as well
                    raise role.error
                raise fault_of_role(role) from role.error
        if self.ctx.refused is not None:
            raise self.ctx.refused
        if self._peer_errors:
            raise self._peer_errors[0]

    def _nothing(self, said: str, expected: str) -> Late:
        seen = []
        for job in self.jobs:
            place = job.where()
            if job.done:
                seen.append(f"`{job.name}` returned {show(job.value)}")
            else:
                seen.append(f"`{job.name}` was at {place}" if place else f"`{job.name}` was still running")
        tried = ", ".join(dict.fromkeys(f"`{job.call}`" for job in self.jobs))
        return Late(said, tried=tried, seen="; ".join(dict.fromkeys(seen)), expected=expected)

    def _left_behind(self) -> list[Wrong]:
        """What the answer left behind although its calls have ended."""
        if not all(job.done for job in self.jobs):
            return []
        threads = [_left_running(thread) for thread in self._threads_left()]
        expected = "`with ctx.socket(…) as socket:` closes it whatever happens; so does `socket.close()`"
        return threads or [
            Wrong(f"your code left {_a(socket_name(socket))} socket open", expected=expected)
            for socket in self.ctx.open_sockets()
        ]

    def _threads_left(self) -> list[threading.Thread]:
        """Those of the answer that go on although its calls have ended; each had a moment to come to its end."""
        end = Deadline(self.clock, _MOMENT)
        while (left := [thread for thread in self._sink.threads if thread.is_alive()]) and not end.over:
            left[0].join(TICK)
        return left

    # --- beginning and end

    def __enter__(self) -> Trial:
        self._children = set(multiprocessing.active_children())
        self._around = ExitStack()
        self._around.enter_context(routing())
        interrupts.begin()
        self._around.callback(interrupts.finish)
        latest.trial = self
        return self

    def __exit__(self, kind: Any, error: BaseException | None, tb: Any) -> None:
        with self._around:
            try:
                if error is None:
                    self._complain()
                left = self._left_behind() if error is None else []
            finally:
                stuck = self._tear_down()
        if stuck:
            names = " and ".join(f"`{thread.name}`" for thread in stuck)
            note = f"{names} could not be stopped and goes on in the background; restart the kernel to end it"
            for wrong in [error, *left]:
                if isinstance(wrong, Wrong):
                    wrong.details["note"] = note
        if error is None and left:
            raise left[0]

    def _tear_down(self) -> list[threading.Thread]:
        """End everything; the threads of the answer that could not be ended."""
        busy = [thread for thread in self._sink.threads if thread.is_alive()]
        if not any(job.handed for job in self.jobs if not job.done):
            self._sockets.close()
        # Blocked calls end when their context does; the answer may have made one of its own.
        contexts = {self.ctx, *contexts_of(busy)} - {zmq.Context._instance}
        for context in contexts:
            end_those_of(context)
        endings = [_started(_end_of(context)) for context in contexts]
        with self._stage_sink.around():
            endings.append(_started(self.stage.stop))
        for job in self.jobs:
            job.wake()
        slow = min(self.pace, _SLOW)
        _join([*busy, *self._peers], 0.3 * slow)
        stuck = end_threads(self._sink.threads, 0.5 * slow)
        for child in set(multiprocessing.active_children()) - self._children:
            child.terminate()
        self._sockets.close()
        if not stuck:
            for socket in self.ctx.open_sockets():
                socket.close(linger=0)
        endings[-1].join(1.0 * slow)
        _join(endings, 0.1 * slow)
        return stuck


def trial(*, seconds: float = SECONDS) -> Trial:
    """A trial of at most so many seconds; see the module's text."""
    return Trial(seconds)


def _end_of(context: zmq.Context[Any]) -> Callable[[], None]:
    """What ends this context. The answer's own `with` or `term` no longer does: two at once end the process."""
    end = context.term
    if not isinstance(context, HandedContext):
        context.__dict__["term"] = int  # does nothing
    return end


def _started(target: Callable[[], None]) -> threading.Thread:
    thread = threading.Thread(target=target, daemon=True)
    thread.start()
    return thread


def _join(threads: Iterable[threading.Thread], seconds: float) -> None:
    end = time.monotonic() + seconds
    for thread in threads:
        thread.join(max(0.0, end - time.monotonic()))


def _left_running(thread: threading.Thread) -> Wrong:
    said = f"your code left a thread running: {thread.name}"
    return Wrong(said, expected="who starts a thread waits for its end (`join`)")


def _a(name: str) -> str:
    """"a PULL", "an XPUB"."""
    return f"an {name}" if name.startswith("X") else f"a {name}"
