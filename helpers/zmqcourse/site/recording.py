"""Keeps what the live views of a lesson show. Runs in the lesson's kernel, in two cells that no reader sees.

A record is kept whole: of a view's stage, from its start to whatever stopped it. What the trace does not hold (where in
the kernel's buffers messages waited) is kept from the batches that the views were sent.
"""

from __future__ import annotations

import json
import os
import platform
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from zmqlive.view import FlowView, replay_of

from . import films

_kept: dict[str, _View] = {}
#: What a reader is told of a slider.
KNOB = ("description", "value", "min", "max", "readout_format")


class _View:
    """One view: its sliders as they stood when it was shown, and the x-ray of its queues over time."""

    def __init__(self, view: FlowView) -> None:
        self.view, self.source = view, view.source
        self.knobs = [_knob(widget) for widget in view.controls if getattr(widget, "description", "")]
        self.ends: dict[int, tuple[int, int]] = {}  # edge → its two sockets
        self.xray: list[tuple[float, dict[tuple[int, int], Any]]] = []

    def take(self, batch: dict[str, Any]) -> None:
        for edge in (batch.get("topo") or {}).get("edges", ()):
            self.ends[edge["id"]] = (edge["a"], edge["b"])
        if places := (batch.get("n") or {}).get("x"):
            known = {self.ends[int(edge)]: x for edge, x in places.items() if int(edge) in self.ends}
            self.xray.append((float(batch.get("now", 0.0)), known))

    def replay(self) -> dict[str, Any]:
        if self.source is None:
            return dict(self.view.replay or {})
        replay = dict(replay_of(self.source))
        replay["title"] = self.view.title or replay.get("title", "")
        replay["options"] = dict(self.view.options)
        return self._with_xray(replay)

    def _with_xray(self, replay: dict[str, Any]) -> dict[str, Any]:
        """The trace numbers its edges itself; two sockets say which is which."""
        ids = {(edge["a"], edge["b"]): edge["id"] for edge in replay["topo"]["edges"]}
        kept = iter(self.xray)
        coming = next(kept, None)
        now: dict[int, Any] = {}
        for event in replay["ev"]:
            if event[1] != "n":
                continue
            while coming is not None and coming[0] <= event[0]:
                now = now | {ids[ends]: x for ends, x in coming[1].items() if ends in ids}
                coming = next(kept, None)
            event[2]["x"] = dict(now)
        return replay


def _knob(widget: Any) -> dict[str, Any]:
    return {name: getattr(widget, name) for name in KNOB if hasattr(widget, name)}


def _hear(view: FlowView, batch: dict[str, Any]) -> None:
    if view.model_id not in _kept:
        _kept[view.model_id] = _View(view)
    _kept[view.model_id].take(batch)


def begin() -> None:
    """From now on, keep what views show."""
    FlowView.listeners.append(_hear)


def end(path: str) -> None:
    """Write all that was kept, by the views' model ids, and what it was made with."""
    import zmq

    views = {id: {"replay": kept.replay(), "knobs": kept.knobs} for id, kept in _kept.items()}
    made = {
        "pyzmq": zmq.pyzmq_version(),
        "libzmq": zmq.zmq_version(),
        "python": platform.python_version(),
        "system": platform.system(),
        "cores": os.cpu_count() or 1,
        "date": datetime.now(timezone.utc).date().isoformat(),
    }
    Path(path).write_text(json.dumps({"views": views, "films": films.record(), "made": made}), encoding="utf-8")
