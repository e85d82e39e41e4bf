"""The break-it buttons of a stage: what a view may offer now, and what each of them does.

A button is offered only where it does what it says: a thread cannot be killed or frozen, so only processes
have these.
"""

from __future__ import annotations

from typing import Any

from ..net import Link
from ..roles import Role, StageError
from .face import AnyStage

SLOWER = 0.5  # seconds each way that "Slow down" adds to a link's latency

_LABELS = {
    "kill": ("Kill", "SIGKILL: the process ends at once and says goodbye to nobody"),
    "freeze": ("Freeze", "SIGSTOP: the process stays, and does nothing"),
    "thaw": ("Thaw", "SIGCONT: the process goes on where it was"),
    "restart": ("Restart", "start this role again from the beginning"),
    "add": ("Add one", "one more of these joins late"),
    "slow": ("Slow down", "half a second more each way"),
    "quick": ("Speed up", "as quick as it was"),
    "cut": ("Cut", "every connection is closed and new ones are refused; both ends are told"),
    "half_open": ("Half-open", "every byte vanishes while the connections stay up; nobody is told"),
    "hold": ("Hold up", "nothing passes and nothing is lost, as in a short outage that TCP bridges; nobody is told"),
    "reset": ("Reset", "every connection breaks with a TCP reset; new ones work at once"),
    "mend": ("Mend", "the link works again"),
    "stop": ("Stop", "end all roles"),
}


def actions_of(stage: AnyStage) -> list[dict[str, Any]]:
    """The buttons of a running stage, in the order of its roles; none before the start and after the stop."""
    if not stage.running:
        return []
    found = [_action(kind, role.name) for role in stage.roles for kind in _kinds(role)]
    found += [_action("add", family) for family in stage.families]
    for link in stage.links:
        found += [_action(kind, link.name) for kind in _weather(link)]
    return [*found, _action("stop", None)]


def perform(stage: AnyStage, action: str) -> None:
    """Does what the button `action` ('kill:worker 1') says. Raises StageError when that cannot be now."""
    kind, _, name = action.partition(":")
    if kind == "stop":
        stage.stop()
    elif kind == "add":
        stage.grow(name)
    elif kind in ("kill", "freeze", "thaw", "restart"):
        getattr(stage, kind)(name)
    elif kind in ("slow", "quick"):
        link = _link(stage, name)
        link.latency = max(0.0, link.latency + (SLOWER if kind == "slow" else -SLOWER))
    elif kind in ("cut", "half_open", "hold", "reset", "mend"):
        getattr(_link(stage, name), kind)()
    else:
        raise StageError(f"This stage has no action {action!r}.")


def _link(stage: AnyStage, name: str) -> Link:
    found = next((link for link in stage.links if link.name == name), None)
    if found is None:
        raise StageError(f"This stage has no link {name!r}.")
    return found


def _weather(link: Link) -> tuple[str, ...]:
    if link.state != "up":
        return ("mend",)
    return ("quick" if link.latency >= SLOWER else "slow", "cut", "half_open", "hold", "reset")


def _kinds(role: Role) -> tuple[str, ...]:
    if role.state in ("ended", "failed", "killed"):
        return ("restart",)
    if not role.process or role.state not in ("running", "frozen"):
        return ()
    return ("thaw", "kill") if role.state == "frozen" else ("kill", "freeze")


def _action(kind: str, name: str | None) -> dict[str, Any]:
    label, title = _LABELS[kind]
    return {
        "id": f"{kind}:{name}" if name is not None else kind,
        "label": label,
        "role": name,
        "enabled": True,
        "title": title,
    }
