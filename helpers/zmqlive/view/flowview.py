"""The widget: carries batches from a feed to the browser, and requests back. ``js/`` does the drawing."""

from __future__ import annotations

import contextlib
import os
import threading
import weakref
from collections.abc import Callable
from typing import Any, ClassVar

from ..later import extra
from . import page as pages
from .assemble import script, style
from .comms import hear_while_busy
from .pump import seat_for
from .seat import Seat
from .sources import is_live, replay_of
from .still import snapshot_of, status_text, still_svg
from .untrusted import still_html

with extra("notebook"):
    import anywidget
    import ipywidgets
    import traitlets

#: What a view's colours can tell apart, as in js/colours.js.
COLOURS = ("line", "sender", "topic", "worker", "content")
#: Views by notebook cell, with the execution that made them: running a cell again closes what it left.
_by_cell: dict[str, tuple[str, list[weakref.ref[FlowView]]]] = {}


class Control(ipywidgets.Widget):
    """A comm of its own for requests: the kernel never sends on it, so it is heard while a cell is busy."""

    def __init__(self) -> None:
        super().__init__()
        hear_while_busy(self)


class FlowView(anywidget.AnyWidget):
    """A live picture of ``source`` (a Stage or Recorder), or the replay of a Trace.

    ``controls`` are widgets shown below the picture. ``title`` replaces the source's. ``height`` in pixels
    limits the picture. ``colour`` says what colours (and shapes) tell apart: "line", "sender", "topic", "worker"
    (who takes it) or "content"; the reader may change it. ``follow`` names a role whose newest message is followed
    until the reader asks for another. ``xray``: where only two sockets meet, their queue's x-ray opens by itself.
    Raises TypeError when ``source`` is none of these, ValueError for another ``colour``.
    """

    _esm = traitlets.Unicode(script()).tag(sync=True)
    _css = traitlets.Unicode(style()).tag(sync=True)
    title = traitlets.Unicode("").tag(sync=True)
    live = traitlets.Bool(False).tag(sync=True)
    replay = traitlets.Dict(allow_none=True, default_value=None).tag(sync=True)
    control = traitlets.Instance(Control, allow_none=True).tag(sync=True, **ipywidgets.widget_serialization)
    height = traitlets.Int(allow_none=True, default_value=None).tag(sync=True)
    options = traitlets.Dict().tag(sync=True)

    #: Called with each view that is made and each batch that it sends, for whoever keeps what was shown (the
    #: course's site does). The first batch of a view is empty.
    listeners: ClassVar[list[Callable[[FlowView, dict[str, Any]], None]]] = []

    _source: Any = None
    _pump: Seat | None = None
    _whole: Any = None
    _controls: tuple[Any, ...] = ()

    def __init__(
        self,
        source: Any,
        *,
        controls: tuple[Any, ...] = (),
        title: str | None = None,
        height: int | None = None,
        colour: str = "line",
        follow: str = "",
        xray: bool = False,
    ) -> None:
        if colour not in COLOURS:
            raise ValueError(f"A view tells apart by {', '.join(COLOURS)}; {colour!r} is none of these.")
        live = is_live(source)
        replay = None if live else replay_of(source)
        name = (
            title
            if title is not None
            else (getattr(source, "title", "") if live else replay.get("title", ""))
        )
        super().__init__(
            title=str(name),
            live=live,
            replay=replay,
            height=height,
            options={"colour": colour, "follow": follow, "xray": xray},
            control=Control() if live else None,
        )
        self._source = source if live else None
        self._controls = tuple(controls)
        if live:
            self.control.on_msg(self._on_request)
            self.on_msg(self._on_request)
            self._replace_earlier()
            # Whoever keeps what is shown wants all of it, seen or not.
            self._pump = seat_for(source, self._send_batch, always=bool(self.listeners))
        self._tell_listeners({})
        if self._pump is not None:
            self._pump.start()

    @property
    def source(self) -> Any:
        """What is shown live; None for a replay."""
        return self._source

    @property
    def controls(self) -> tuple[Any, ...]:
        """The widgets below the picture."""
        return self._controls

    def _send_batch(self, batch: dict[str, Any]) -> None:
        self.send(batch)
        self._tell_listeners(batch)

    def _tell_listeners(self, batch: dict[str, Any]) -> None:
        for listener in tuple(self.listeners):
            listener(self, batch)

    def _replace_earlier(self) -> None:
        """Closes the views that an earlier run of the same cell made."""
        cell, run = _where()
        if not cell:
            return
        made_in, views = _by_cell.get(cell, ("", []))
        if made_in != run:
            for ref in views:
                if (old := ref()) is not None:
                    old.close()
            views = []
        _by_cell[cell] = (run, [*views, weakref.ref(self)])

    def _on_request(self, _widget: Any, content: Any, _buffers: Any) -> None:
        # This runs in the comm's thread: nothing here may wait for a role.
        if not isinstance(content, dict) or self._pump is None:
            return
        if "look" in content:
            self._pump.look(str(content.get("view", "")), bool(content["look"]))
        elif content.get("ask") == "history":
            self._in_background(self._pump.send_history, str(content.get("view", "")))
        elif "act" in content:
            self._in_background(self._act, str(content["act"]))

    def _in_background(self, job: Any, *args: Any) -> None:
        threading.Thread(target=job, args=args, name="zmqlive-view-request", daemon=True).start()

    def _act(self, action: str) -> None:
        try:
            self._source.act(action)
        except (
            Exception
        ) as error:  # whatever went wrong is said in the view: a thread has nobody else to tell
            text = " ".join(str(error).split()) or type(error).__name__
            self.send({"error": f"“{action}” did not work: {text}"})

    def freeze(self) -> FlowView:
        """Ends the live picture and keeps its record in the widget: it becomes a replay that a saved notebook
        holds."""
        if self._source is not None:
            self.stop()
            with self.hold_sync():
                self.live = False
                self.replay = replay_of(self._source)
            self._source = None
        return self

    def stop(self) -> None:
        """Ends the pump; the picture stays as it is."""
        if self._pump is not None:
            self._pump.stop()

    def close(self) -> None:
        """Ends the pump and takes the picture away. The source goes on: a view is not its owner."""
        self.stop()
        if self.control is not None and self.control.comm is not None:
            self.control.close()
        super().close()

    @staticmethod
    def page(replay: Any, path: str | os.PathLike[str], *, title: str | None = None) -> None:
        """Writes an HTML file that replays a trace (or stage, or replay) with no kernel and no network."""
        pages.page(replay_of(replay), path, title=title)

    def _snapshot(self) -> dict[str, Any]:
        if self.replay is not None:
            return snapshot_of(self.replay)
        return {**self._pump.snapshot(), "title": self.title} if self._pump else {"title": self.title}

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        shown = super()
        if self._controls and self._whole is None:
            self._whole = compose(self, self._controls)
        if self._whole is not None:
            shown = self._whole
        bundle = shown._repr_mimebundle_(**kwargs) or {}
        data, meta = bundle if isinstance(bundle, tuple) else (bundle, {})
        now = self._snapshot()
        said, svg = status_text(now), still_svg(now)
        return {**data, "text/plain": said, "text/html": still_html(svg, said), "image/svg+xml": svg}, meta


def compose(view: FlowView, controls: tuple[Any, ...]) -> ipywidgets.VBox:
    """The picture with widgets in a neat box below."""
    for control in controls:
        hear_while_busy(control)
    below = ipywidgets.Box(list(controls))
    below.add_class("zl-controls")
    whole = ipywidgets.VBox([view, below])
    whole.add_class("zl-with-controls")
    return whole


def show(source: Any, *controls: Any, **options: Any) -> FlowView:
    """The live picture of ``source`` with the learner's own widgets below; the value of a cell. The options are those
    of `FlowView`."""
    return FlowView(source, controls=controls, **options)


def _where() -> tuple[str, str]:
    """The notebook cell that is running and its execution: ("", "") elsewhere."""
    with contextlib.suppress(Exception):  # outside IPython, or in a front end that names no cell
        from IPython import get_ipython

        parent = get_ipython().get_parent()
        run = str(parent["header"]["msg_id"])
        return str(parent.get("metadata", {}).get("cellId") or ""), run
    return "", ""
