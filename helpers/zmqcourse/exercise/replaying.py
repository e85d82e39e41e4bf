"""The record of an exercise's last check, played again: `replay`, and the button below the verdict that asks for it."""

from __future__ import annotations

from typing import Any

from . import records

_BUTTON = "Play what your answer did"
# The button below the latest verdict on each exercise: one that is replaced is closed.
_players: dict[str, Any] = {}


def replay(id: str) -> Any:
    """A view that plays what the last check of this exercise recorded, as often as you like. Raises LookupError."""
    kept = records.replay(id)
    if kept is None:
        raise LookupError(f"no record of {id} is kept: run its check once more; when it is solved, there is one")
    from zmqlive.view import FlowView

    return FlowView(kept)


def player(id: str) -> Any:
    """A button that plays the record below itself when it is pressed; None without a notebook or a record."""
    old = _players.pop(id, None)
    if old is not None:
        old.close()
    if not records.has(id) or not _in_notebook():
        return None
    try:
        _players[id] = _widget(id)
    except ImportError:
        return None
    return _players[id]


def _in_notebook() -> bool:
    try:
        from IPython import get_ipython
    except ImportError:
        return False
    return getattr(get_ipython(), "kernel", None) is not None


def _widget(id: str) -> Any:
    import ipywidgets

    class Player(ipywidgets.VBox):
        """The button, and below it the view, once it has been asked for; a line of text where no widget is shown."""

        def _repr_mimebundle_(self, **kwargs: Any) -> Any:
            bundle = super()._repr_mimebundle_(**kwargs)
            data = bundle[0] if isinstance(bundle, tuple) else bundle
            if data is not None:
                data["text/plain"] = repr(self)
            return bundle

        def __repr__(self) -> str:
            return f'{_BUTTON}: from zmqcourse import replay; replay("{id}")'

        def close(self) -> None:
            for child in self.children:
                child.close()
            super().close()

    button = ipywidgets.Button(description=_BUTTON, layout={"width": "max-content"})
    whole = Player([button])

    def play(_: Any) -> None:
        if len(whole.children) > 1:
            return
        try:
            whole.children = (button, replay(id))
        except LookupError as error:
            whole.children = (button, ipywidgets.Label(str(error)))

    button.on_click(play)
    return whole
