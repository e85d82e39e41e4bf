"""`Stage`: runs roles, each a plain function with plain pyzmq in it, and cleans up after them.

    def producer(ctx, endpoint): ...
    def consumer(ctx, endpoint): ...

    stage = Stage("Back pressure", seconds=120)
    stage.add(consumer, stage.endpoint("tcp", name="tasks"))
    stage.add(producer, stage.endpoint("tcp", name="tasks"))
    stage.start()
    stage.wait(lambda s: s.received("consumer") >= 100)
    stage.stop()

A role runs in a thread of its own, or with `process=True` in a process, which can be killed and frozen. A cell that
starts a stage returns at once. The stage ends by `stop()`, after `seconds` or `messages`, when its cell runs again, and
with the program.
"""

from __future__ import annotations

import threading
import time
import weakref
from collections.abc import Callable
from typing import Any

from ..live import Feed
from ..net import Disk, Link
from ..recorder import Recorder
from ..roles import Role, StageError, StageTimeout, current, end_stage, interrupts, terminate, this_cell
from ..trace import Trace
from . import keeper
from .buttons import actions_of, perform
from .cast import Cast
from .diagnosis import why_not_yet
from .ports import Endpoints
from .telling import Telling

_POLL = 0.01  # seconds between two looks at a condition
_GONE = 2.0  # seconds that the end of a process which plays no role is waited for
_OVER = "This stage has stopped. Make a new one: run its cell again."


class Stage(Telling):
    """A set of roles that run together, with one context, one record and one end.

    `seconds` and `messages` bound it: a stage that is forgotten stops by itself. A stage is used once: when it has
    stopped, its record stays, and a new one is made for the next run. `leftovers` then names, a sentence each, what
    could not be ended. Raises StageError when asked for what it cannot do."""

    def __init__(self, title: str = "", *, seconds: float = 600.0, messages: int = 100_000_000) -> None:
        self.title = title
        self.seconds, self.messages = seconds, messages
        self.leftovers: list[str] = []
        self.links: list[Link] = []
        self._disks: list[Disk] = []
        self.recorder = Recorder(title)
        self.cell = this_cell()
        self._state = "new"
        self._lock = threading.RLock()
        self._stopped = threading.Event()
        self._waiting = 0
        self._ran_out = ""  # which of its bounds has stopped it, if one has
        self._began = 0.0
        self._cast = Cast(self.recorder, self.cell, ending=lambda: self._state == "stopped")
        self._endpoints = Endpoints()
        weakref.finalize(self, self._endpoints.close)
        self._unused = weakref.finalize(self, terminate, self._cast.context)
        self._unused.atexit = False
        keeper.made(self, self.cell)

    # --- what is on it

    def add(
        self,
        function: Callable[..., Any],
        *args: Any,
        name: str = "",
        count: int | None = None,
        process: bool = False,
        growable: bool = False,
    ) -> Role | tuple[Role, ...]:
        """Adds a role: `function(ctx, *args)`. On a running stage it starts at once.

        With `count` there are so many of them, named "worker 1", "worker 2" … (a tuple is returned); those,
        and a role that is `growable`, get a button for one more. `process=True` gives it a process of its
        own.
        """
        if self._state == "stopped":
            raise StageError(_OVER)
        roles = self._cast.new(function, args, name=name, count=count, process=process, growable=growable)
        if self._state == "running":
            self._cast.launch(roles)
        return roles if count is not None else roles[0]

    def grow(self, family: str) -> Role:
        """One more role of the kind that was added with `count` or `growable`: it joins late."""
        role = self._cast.another(family)
        if self._state == "running":
            self._cast.launch((role,))
        return role

    def endpoint(self, transport: str = "tcp", *, name: str = "") -> str:
        """A free endpoint on this machine, reserved until the stop; the same name gives the same one."""
        return self._endpoints.get(transport, name=name)

    def link(self, target: str, *, name: str = "link", **weather: Any) -> Link:
        """A relay in front of `target` (tcp): what connects to `link.endpoint` goes through the weather."""
        link = Link(target, name=name, on_mark=lambda what: self.recorder.mark(what, name), **weather)
        self.recorder.link(link.endpoint, target, name)
        self.links.append(link)
        return link

    def disk(self, path: Any, *, name: str = "disk", latency: float = 0.0) -> Disk:
        """A log file that can lose its power. The file stays when the stage stops, and with it the disk is closed."""
        disk = Disk(path, name=name, latency=latency, on_mark=lambda what: self.recorder.mark(what, name))
        self._disks.append(disk)
        return disk

    @property
    def roles(self) -> tuple[Role, ...]:
        """All roles, in the order in which they were added."""
        return tuple(self._cast.roles.values())

    @property
    def families(self) -> tuple[str, ...]:
        """The names of which one more can be added."""
        return tuple(self._cast.families)

    def role(self, name: str) -> Role:
        """The role of this name. Raises StageError, with the name that you may have meant."""
        return self._cast.find(name)

    # --- start and stop

    @property
    def running(self) -> bool:
        """Whether it has started and not yet stopped."""
        return self._state == "running"

    def start(self) -> Stage:
        """Starts all roles, and returns when the last one has begun."""
        with self._lock:
            if self._state == "stopped":
                raise StageError(_OVER)
            if self._state == "running":
                return self
            self._state, self._began = "running", time.monotonic()
            self._unused.detach()
            interrupts.begin()
        keeper.started(self, self._look)
        try:
            self._cast.launch(self.roles)
        except BaseException:
            self.stop()
            raise
        return self

    def stop(self) -> None:
        """Ends all roles and gives everything back, in less than a second. Harmless when called again."""
        if current() is not None and current() in self._cast.runs:  # a role, which cannot wait for itself
            threading.Thread(target=self.stop, name="stage stop", daemon=True).start()
            return
        with self._lock:
            before, self._state = self._state, "stopped"
        if before == "stopped":
            self._stopped.wait(2.0)
            return
        self.recorder.stopping()
        try:
            self._give_back()
        finally:
            if before == "running":
                interrupts.finish()
            keeper.stopped(self)
            self._cast.runs.clear()
            self._stopped.set()

    def _give_back(self) -> None:
        understudy = self._cast.understudy.end()
        self.leftovers = end_stage(self._cast.context, self._cast.lingering, self._cast.runs)
        if understudy:
            understudy.join(_GONE)
        for each in (*self.links, *self._disks):
            each.close()
        self._endpoints.close()
        for role in self.roles:
            if role.run is not None and not role.gone:
                self._cast.note(role, "stopped")
        self.recorder.close()
        if not self._waiting:
            self._cast.say_failures()

    def __enter__(self) -> Stage:
        return self.start()

    def __exit__(self, *error: object) -> None:
        self.stop()

    def __repr__(self) -> str:
        return f"<Stage {self.title!r}: {self._state}, {len(self.roles)} roles>"

    # --- faults

    def kill(self, name: str) -> None:
        """Ends the process of a role with SIGKILL: it can close and send nothing. Harmless where it is over already."""
        if not (self.role(name).process and self.role(name).gone):
            self._cast.process_of(name, "killed").kill()

    def freeze(self, name: str) -> None:
        """Halts the process of a role by SIGSTOP: it keeps its connections and does nothing until `thaw`."""
        self._cast.process_of(name, "frozen").freeze()

    def thaw(self, name: str) -> None:
        """Lets a frozen process go on."""
        self._cast.process_of(name, "thawed").thaw()

    def end(self, name: str) -> None:
        """Ends one role while the others go on.

        A process ends at once. A thread ends at its next `time.sleep`, or when its present call returns: one
        that waits for a message cannot be woken on its own, and loses the message that wakes it.
        """
        run = self.role(name).run
        if run is not None and run.alive:
            run.ask()
            if not run.join(_POLL) and not run.process:
                run.force()

    def restart(self, name: str) -> None:
        """Starts a role again from the beginning; a process that still runs is killed first."""
        role = self.role(name)
        if not self.running:
            raise StageError("This stage does not run, so nothing can be restarted on it.")
        if not role.gone and not role.process:
            raise StageError(
                f"{name} still runs: only a role that has ended, or a process, can be restarted."
            )
        if not role.gone:
            self.kill(name)
        self._cast.launch((role,))

    # --- what happens on it

    def wait(self, condition: Callable[[Stage], Any], timeout: float = 5.0) -> bool:
        """Waits until `condition(stage)` is true, `timeout` seconds at most. Returns False when somebody has
        stopped the stage before (with its button, say): there is nothing to wait for then.

        Raises RoleFailed at once when a role has raised; StageTimeout, with what seems to be wrong, when the
        time is over, or when the stage has had its `seconds` or `messages`. An interrupt stops the stage.
        """
        self._waiting += 1
        try:
            return self._wait(condition, timeout)
        except KeyboardInterrupt:
            self.stop()
            raise
        finally:
            self._waiting -= 1

    def _wait(self, condition: Callable[[Stage], Any], timeout: float) -> bool:
        deadline = time.monotonic() + timeout
        while True:
            self._cast.raise_failure()
            if condition(self):
                return True
            if self._stopped.is_set():
                if self._ran_out and not condition(self):
                    raise StageTimeout(
                        f"This stage stopped by itself after {self._ran_out}, and what was waited for had not "
                        f"happened. {why_not_yet(self)}"
                    )
                return bool(condition(self))
            left = deadline - time.monotonic()
            if left <= 0:
                raise StageTimeout(
                    f"Waited {timeout:g} s, and what was waited for has not happened. {why_not_yet(self)}"
                )
            self._cast.failed.wait(min(_POLL, left))

    def sent(self, role: str = "") -> int:
        """Messages sent so far by the roles whose names begin with `role`."""
        return self.recorder.sent(role)

    def received(self, role: str = "") -> int:
        """Messages received so far by the roles whose names begin with `role`."""
        return self.recorder.received(role)

    def trace(self) -> Trace:
        """The record up to now; after the stop, all of it."""
        return self.recorder.trace()

    def feed(self) -> Feed:
        """What a live view reads."""
        return Feed(self.recorder, self.actions)

    def actions(self) -> list[dict[str, Any]]:
        """The buttons that a view may offer now."""
        return actions_of(self)

    def act(self, action: str) -> None:
        """Does what a button says: `stage.act("kill:worker 1")`."""
        perform(self, action)

    def _look(self) -> None:
        """Called a few times a second by the keeper: a stage that has had its time or its messages stops."""
        if not self._waiting:
            self._cast.say_failures()
        if not self.running:
            return
        self._cast.understudy.prepare()
        late, many = time.monotonic() - self._began > self.seconds, self.sent() > self.messages
        if late or many:
            bound = f"{self.seconds:g} seconds" if late else f"{self.messages:,} messages"
            self._ran_out = bound
            self.recorder.mark(f"stopped by itself after {bound}", "stage")
            self.stop()
