"""The roles of one stage: who is on it, what each of them is doing, and how each begins."""

from __future__ import annotations

import contextlib
import difflib
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any

import zmq

from ..recorder import Recorder
from ..roles import (
    Cell,
    Lingering,
    Role,
    RoleFailed,
    RoleProcess,
    RoleThread,
    StageError,
    Understudy,
    note_owner,
    protect,
)


class Cast:
    """The roles, in the order in which they were added, and their runs (threads and processes).

    `failed` is set while a role has failed. `ending` is asked whether the stage is being stopped: a role that
    ends then was stopped.
    """

    def __init__(self, recorder: Recorder, cell: Cell, *, ending: Callable[[], bool]) -> None:
        self.roles: dict[str, Role] = {}
        self.families: dict[str, Role] = {}
        self.runs: list[RoleThread | RoleProcess] = []
        self.failed = threading.Event()
        self.understudy = Understudy()
        self._recorder, self._cell, self._ending = recorder, cell, ending
        self._lock = threading.Lock()
        self.context: zmq.Context[Any] = self._recorder.context()
        self.lingering = Lingering(self.context, on_open=note_owner)
        self._own(self.context)

    def new(
        self,
        function: Any,
        args: tuple[Any, ...],
        *,
        name: str,
        count: int | None,
        process: bool,
        growable: bool,
    ) -> tuple[Role, ...]:
        """Takes roles in. Raises StageError for what is no function, and for a name that is taken."""
        if not callable(function):
            raise StageError(
                f"A role is a function role(ctx, …), and this is {function!r}: pass it uncalled."
            )
        base = name or getattr(function, "__name__", "role")
        names = [base] if count is None else [f"{base} {i + 1}" for i in range(count)]
        with self._lock:
            for taken in (n for n in names if n in self.roles):
                raise StageError(f'There is a role {taken!r} already: give this one another name, name="…".')
            roles = tuple(Role(n, function, args, process, base) for n in names)
            self.roles.update((role.name, role) for role in roles)
            if (count or growable) and roles:
                self.families[base] = roles[0]
        return roles

    def another(self, family: str) -> Role:
        """Takes in one more of a kind that was added with `count` or `growable`."""
        first = self.families.get(family)
        if first is None:
            raise StageError(
                f"{family!r} was not added with count=… or growable=True, so there can be no more of it."
            )
        number = next(i for i in range(2, 10_000) if f"{family} {i}" not in self.roles)
        name = f"{family} {number}"
        return self.new(
            first.function, first.args, name=name, count=None, process=first.process, growable=False
        )[0]

    def find(self, name: str) -> Role:
        """The role of this name. Raises StageError, with the name that may have been meant."""
        if name not in self.roles:
            near = difflib.get_close_matches(name, self.roles, 1)
            hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(self.roles) or 'none'}."
            raise StageError(f"There is no role {name!r}: {hint}")
        return self.roles[name]

    def process_of(self, name: str, done: str) -> RoleProcess:
        """The running process of a role. Raises StageError when there is none to be `done` ("killed")."""
        role = self.find(name)
        if not role.process:
            raise StageError(f"{name} runs in a thread, which cannot be {done}: add it with process=True.")
        if not isinstance(role.run, RoleProcess) or not role.run.alive:
            raise StageError(f"{name} is not running ({role.state}).")
        return role.run

    def launch(self, roles: tuple[Role, ...]) -> None:
        """Begins the roles, processes first: they take longest, and all should be there in time."""
        runs = []
        for role in sorted(roles, key=lambda r: not r.process):
            role.state, role.error, role.text = "ready", None, ""
            role.run = self.run_of(role)
            runs.append(role.run)
        with self._lock:
            if self._ending():
                return
            self.runs = [run for run in self.runs if run.alive] + runs
        for run in runs:
            run.prepare()
        for run in runs:
            run.await_ready()
        for run in runs:
            run.start()
        for run in runs:
            run.await_begun()

    def run_of(self, role: Role) -> RoleThread | RoleProcess:
        """One run of a role, not yet begun. Raises StageError for a role that cannot be sent to a process."""

        def on_state(state: str, text: str, exc: BaseException | None) -> None:
            self.note(role, state, text, exc)

        if role.process:
            return RoleProcess(
                role.name,
                role.function,
                role.args,
                recorder=self._recorder,
                on_state=on_state,
                cell=self._cell,
                interpreter=self.understudy.take,
            )
        return RoleThread(
            role.name,
            role.function,
            role.args,
            context=self.context,
            on_state=on_state,
            surroundings=self._surroundings,
            async_context=self._async_context,
        )

    def note(self, role: Role, state: str, text: str = "", exc: BaseException | None = None) -> None:
        """A role's state has changed: everybody who looks is told. Called in the role's own thread."""
        if state == "ended" and self._ending():
            state = "stopped"
        if role.state == state:
            return
        role.state, role.text, role.error, role.told = state, text, exc, False
        if role.process and role.gone:
            self._recorder.role_died(role.name)
        self._recorder.note_role(role.name, state, text)
        if state == "failed":
            self.failed.set()

    def raise_failure(self) -> None:
        """Raises RoleFailed when a role has failed (and was not started again since)."""
        for role in self.roles.values():
            if role.state == "failed":
                role.told = True
                raise RoleFailed(role.text, role=role.name) from role.error
        self.failed.clear()

    def say_failures(self) -> None:
        """Says in the stage's cell what nobody has been told yet: nothing fails in silence."""
        for role in self.roles.values():
            if role.state == "failed" and not role.told:
                role.told = True
                self._cell.adopt()
                print(role.text, file=sys.stderr, flush=True)

    @contextlib.contextmanager
    def _surroundings(self, name: str) -> Iterator[None]:
        self._cell.adopt()
        with self._recorder.role(name):
            yield

    def _async_context(self) -> Any:
        from ..recording import AsyncContext  # which brings asyncio along
        context = AsyncContext(self.context, recorder=self._recorder)
        self.lingering.attach(context)
        self._own(context)
        return context

    def _own(self, context: zmq.Context[Any]) -> None:
        # The record checks that a stage's socket is used by the thread that made it.
        context.__dict__["one_thread_each"] = True
        protect(context)
