"""What can be shown: something live (``.feed()``), a trace (``.replay()``), or a replay as it is stored."""

from __future__ import annotations

from typing import Any, Protocol, runtime_checkable


@runtime_checkable
class Feed(Protocol):
    """Gives batches; see ``zmqlive.live``. Times are in milliseconds since the trace began."""

    def poll(self) -> dict[str, Any]: ...
    def history(self) -> dict[str, Any]: ...


@runtime_checkable
class Source(Protocol):
    """Something live that a view can show."""

    title: str

    def feed(self) -> Feed: ...
    def actions(self) -> list[dict[str, Any]]: ...
    def act(self, action_id: str) -> None: ...


def is_live(source: Any) -> bool:
    """True when the source gives a feed; a trace or a stored replay does not."""
    return callable(getattr(source, "feed", None))


def replay_of(source: Any) -> dict[str, Any]:
    """The replay of a trace, of a stage's trace so far, or of a dict that is one already.

    Raises TypeError for anything else.
    """
    if isinstance(source, dict) and "topo" in source and "ev" in source:
        return source
    if callable(getattr(source, "replay", None)):
        return source.replay()
    trace = getattr(source, "trace", None)
    if trace is not None:
        return (trace() if callable(trace) else trace).replay()
    if is_live(source):
        return from_history(source.feed().history(), getattr(source, "title", ""))
    raise TypeError(f"FlowView shows a stage, a recorder, a trace or a replay, not {type(source).__name__}")


def from_history(batch: dict[str, Any], title: str) -> dict[str, Any]:
    """A feed's whole history as a replay."""
    events = list(batch.get("ev", ()))
    now = float(batch.get("now", 0.0))
    if batch.get("n"):
        events.append([now, "n", batch["n"]])
    empty: dict[str, Any] = {"roles": [], "sockets": [], "edges": []}
    return {"v": 1, "title": title, "dur": now, "topo": batch.get("topo") or empty, "ev": events, "note": ""}
