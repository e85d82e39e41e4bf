"""Why nothing happens: one sentence about a stage whose condition does not come true."""

from __future__ import annotations

from .face import AnyStage

_BUSY = 100_000  # messages: where so many were sent, nobody has forgotten to connect


def why_not_yet(stage: AnyStage) -> str:
    """What is odd about the roles, or else how far each has come."""
    if stage.sent() > _BUSY:
        return f"So far: {_progress(stage)}."
    sockets = stage.recorder.trace().sockets
    places = {_place(e) for s in sockets if s.closed is None for e in s.binds}
    places |= {_place(link.endpoint) for link in stage.links}
    for role in stage.roles:
        if role.gone:
            continue
        for socket in (s for s in sockets if s.role == role.name and s.closed is None):
            if not socket.binds and not socket.connects:
                return f"{role.name}'s {socket.type} has neither bound nor connected, so it can meet nobody."
            for endpoint in socket.connects:
                if _place(endpoint) not in places:
                    return f"{role.name} connects to {endpoint}, but no role has bound that."
    return f"So far: {_progress(stage)}."


def _place(endpoint: str) -> str:
    """Of a tcp endpoint the port: localhost, 127.0.0.1 and 0.0.0.0 all lead to it."""
    return endpoint.rpartition(":")[2] if endpoint.startswith("tcp:") else endpoint


def _progress(stage: AnyStage) -> str:
    parts = []
    for role in stage.roles:
        sent, received = stage.recorder.sent(role.name), stage.recorder.received(role.name)
        counts = [f"sent {sent}"] if sent else []
        counts += [f"received {received}"] if received else []
        did = " and ".join(counts) or "sent and received nothing"
        parts.append(f"{role.name} ({role.state}) {did}")
    return ", ".join(parts) or "no role was added"
