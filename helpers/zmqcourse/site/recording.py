"""Keeps what the live views of a lesson show. Runs in the lesson's kernel, in cells that no reader sees.

A record is kept whole: of a view's stage, from its start to whatever stopped it. What the trace does not hold (where in
the kernel's buffers messages waited) is kept from the batches that the views were sent. Kept, too, is what `steer`
needs to run the scene again: the cell's source, all names as they were, the buttons that were offered.
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

#: What a reader is told of a slider, and what the other settings of it are made of.
KNOB = ("description", "value", "min", "max", "step", "options")
#: What stands beside the sliders and is moved by the lesson, not by the reader, is not told.
_OUTPUT = "disabled"


class View:
    """One view: its sliders as they stood when it was shown, and the x-ray of its queues over time."""

    def __init__(self, view: FlowView) -> None:
        self.view, self.source = view, view.source
        self.knobs = [_knob(widget) for widget in view.controls if told(widget)]
        self.now = 0.0  # ms of the record that have been shown
        self.offered: list[dict[str, Any]] = []  # its buttons when there were most of them
        self.code, self.names = _running_cell()
        self.ends: dict[int, tuple[int, int]] = {}  # edge → its two sockets
        self.xray: list[tuple[float, dict[tuple[int, int], Any]]] = []

    def take(self, batch: dict[str, Any]) -> None:
        self.now = max(self.now, float(batch.get("now", 0.0)))
        self.offered = max(self.offered, list(batch.get("actions") or ()), key=len)
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


def told(widget: Any) -> bool:
    """Whether it is something that a reader may move: it has a name and a value, and is not for show."""
    return bool(getattr(widget, "description", "")) and hasattr(widget, "value") and not getattr(widget, _OUTPUT, False)


def _knob(widget: Any) -> dict[str, Any]:
    return {name: getattr(widget, name) for name in KNOB if hasattr(widget, name)}


def _running_cell() -> tuple[str, dict[str, Any]]:
    """The source of the cell that runs, and all names as they are now; nothing outside a notebook."""
    from IPython import get_ipython

    shell = get_ipython()
    if shell is None or not hasattr(shell, "get_parent"):
        return "", {}
    return str(shell.get_parent().get("content", {}).get("code", "")), dict(shell.user_ns)


class Keeping:
    """Keeps each view that is made, by its model id, while it is entered."""

    def __init__(self) -> None:
        self.views: dict[str, View] = {}

    def __enter__(self) -> Keeping:
        FlowView.listeners.append(self._hear)
        return self

    def __exit__(self, *error: object) -> None:
        FlowView.listeners.remove(self._hear)

    def _hear(self, view: FlowView, batch: dict[str, Any]) -> None:
        if view.model_id not in self.views:
            if batch:  # not its first: it was made before, and its last words come late
                return
            self.views[view.model_id] = View(view)
        self.views[view.model_id].take(batch)


#: The views of the lesson that runs in this kernel.
lesson = Keeping()


def begin() -> None:
    """From now on, keep what views show."""
    lesson.__enter__()


def end(path: str) -> None:
    """Write all that was kept, by the views' model ids, and what it was made with."""
    import zmq

    lesson.__exit__()
    views = {id: {"replay": kept.replay(), "knobs": kept.knobs} for id, kept in lesson.views.items()}
    made = {
        "pyzmq": zmq.pyzmq_version(),
        "libzmq": zmq.zmq_version(),
        "python": platform.python_version(),
        "system": platform.system(),
        "cores": os.cpu_count() or 1,
        "date": datetime.now(timezone.utc).date().isoformat(),
    }
    Path(path).write_text(json.dumps({"views": views, "films": films.record(), "made": made}), encoding="utf-8")
