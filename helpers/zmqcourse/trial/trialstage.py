"""The stage of a trial: it goes by the trial's clock, which does not count how long a process takes to start."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from zmqlive.roles import Role, StageTimeout, interrupts
from zmqlive.stage import Stage

from ..exercise import MOST, CheckFailed, Clock, Wrong

# Quiet seconds in which a role that has begun in its process makes its first socket.
UP_SECONDS = 2.0
_LOOK = 0.01


class TrialStage(Stage):
    """A stage whose waits are stretched by `clock`, and whose roles in processes are up when they have a socket.

    `seconds` is what the trial has, by that clock.
    """

    def __init__(self, clock: Clock, *, seconds: float) -> None:
        super().__init__("trial", seconds=seconds * MOST + 60)    # the trial ends it much sooner
        self._clock = clock

    def start(self) -> Stage:
        with self._until_up():
            return super().start()

    def add(self, function: Callable[..., Any], *args: Any, **options: Any) -> Any:
        with self._until_up():
            return super().add(function, *args, **options)

    def restart(self, name: str) -> None:
        with self._until_up():
            super().restart(name)

    def wait(self, condition: Callable[[Stage], Any], timeout: float = 5.0) -> bool:
        end = self._clock.now() + timeout
        while True:
            try:
                return super().wait(condition, timeout)
            except StageTimeout:
                if self._clock.over(end):
                    raise
                timeout = max(_LOOK, end - self._clock.now())

    @contextmanager
    def _until_up(self) -> Iterator[None]:
        """Let processes begin, and wait for their first sockets; meanwhile the trial's clock stands still."""
        runs = {role.name: role.run for role in self.roles}
        before = self._sockets()
        with self._clock.paused():
            yield
            begun = [role for role in self.roles if role.process and role.run is not runs.get(role.name)]
            patience = Clock() if begun else self._clock
            while any(not role.gone and self._sockets()[role.name] == before[role.name] for role in begun):
                if patience.over(UP_SECONDS):
                    return
                interrupts.original(_LOOK)

    def _sockets(self) -> Counter[str]:
        """Role → how many sockets it has made."""
        return Counter(socket.role for socket in self.trace().sockets)


def fault_of_role(role: Role) -> Exception:
    """A role has failed: what is wrong with the answer, or, where the role is the check's own, with the check."""
    function = role.function
    while isinstance(function, partial):
        function = function.func
    own = getattr(function, "__module__", "").partition(".")[0] == __name__.partition(".")[0]
    if own and "of your cell" not in role.text:
        return CheckFailed(role.text, "")
    return Wrong(role.text)
