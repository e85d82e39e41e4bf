"""The end of a stage, in less than a second: what is asked, then forced, then left behind and named."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

import zmq

from ..recording import owner_of
from .authenticators import end_those_of
from .errors import StageError
from .thread import halt

if TYPE_CHECKING:
    from .linger import Lingering

PATIENCE = 0.45  # seconds until a role that has not ended is forced
LIMIT = 0.8  # seconds until it is left behind


def end_stage(context: zmq.Context[Any], lingering: Lingering, runs: list[Any]) -> list[str]:
    """Ends all runs and terminates the context; returns a sentence for each role that would not end."""
    began = time.monotonic()
    lingering.stop()
    left, ender = halt(runs, terminate=lambda: terminate(context), patience=PATIENCE, limit=LIMIT)
    left = [run for run in left if not (run.process and run.await_death())]  # killed: only a busy machine is late
    _close_orphans(lingering)
    # With a role left behind the context cannot end; its thread is waited for only where it will.
    ender.join(0.02 if left else max(0.1, began + LIMIT - time.monotonic()))
    lingering.detach(context)
    sentences = [
        f"{run.name} did not end: it waits in a call that nothing interrupts ({run.stuck_at()})."
        for run in left
    ]
    if ender.is_alive() and not left:
        sentences.append("The context does not end: a socket not made by ctx.socket(…) is open or delivers.")
    return sentences


def protect(context: zmq.Context[Any]) -> None:
    """A role must not terminate the context, which ends all others, or `destroy` it with their sockets."""

    def refuse(*args: Any, **kwargs: Any) -> None:
        raise StageError(
            "This context is shared by all roles, and the stage terminates it: "
            "a role only closes the sockets that it made."
        )

    context.__dict__.update(term=refuse, destroy=refuse)


def terminate(context: zmq.Context[Any]) -> None:
    """Terminates a protected context."""
    end_those_of(context)
    type(context).term(context)


def _close_orphans(lingering: Lingering) -> None:
    """Sockets whose thread is over (or is this one) are nobody's: closing them lets the context end."""
    living = {t.ident for t in threading.enumerate()} - {threading.get_ident()}
    for socket in list(lingering.open):
        if not socket.closed and owner_of(socket) not in living:
            socket.close(0)
