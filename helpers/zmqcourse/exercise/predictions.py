"""Say what will happen before it does: `predict` asks and keeps it, `recall` shows both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from . import progress
from .verdict import code

# What both say as data, beside text and HTML: {id, question, options}, and {id, happened}. A page without a kernel
# asks and recalls by these.
ASKED = "application/vnd.zmqcourse.prediction+json"
RECALLED = "application/vnd.zmqcourse.recall+json"

# Also here, so that a prediction is recalled in the same kernel when progress is switched off.
_said: dict[str, str] = {}


def _keep(id: str, answer: str) -> None:
    if answer:
        _said[id] = answer
        progress.note_prediction(id, answer)


def _kept(id: str) -> str | None:
    return _said.get(id) or progress.prediction(id)


def predict(id: str, question: str, options: Sequence[object] | None = None) -> Any:
    """Ask a question before the run. With options: buttons to choose from; without: a line to write in.

    Choosing nothing is fine; an earlier answer is still there when the cell runs again.
    """
    choices = [str(option) for option in options or ()]
    try:
        return _widget(id, question, choices)
    except ImportError:
        return Plain(_as_text(id, question, choices))


def recall(id: str, what_happened: object) -> Plain:
    """Show what the learner had predicted beside what happened."""
    said = _kept(id)
    happened = str(what_happened)
    data = {RECALLED: {"id": id, "happened": happened}}
    if said is None:
        text = f"You made no prediction yet. What happened: {happened}"
        return Plain(text, [("what happened", happened)], data)
    text = f"You said: {said}. What happened: {happened}"
    return Plain(text, [("you said", said), ("what happened", happened)], data)


class Plain:
    """Something to read, as text, and as a small table in HTML where it has rows; with data for machines."""

    def __init__(
        self, text: str, rows: Sequence[tuple[str, str]] = (), data: Mapping[str, object] | None = None
    ) -> None:
        self.text = text
        self.rows = rows
        self.data = dict(data or {})

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, object]:
        return {"text/plain": self.text, "text/html": self._repr_html_(), **self.data}

    def __repr__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        rows = list(self.rows) or [("", self.text)]
        if len(rows) == 1 and rows[0][0] == "what happened":
            rows.insert(0, ("you said", "no prediction yet"))
        cells = "".join(
            '<div style="flex:1 1 14em;min-width:0">'
            f'<div style="opacity:.75">{code(label)}</div>'
            f"<div>{code(text)}</div></div>"
            for label, text in rows
        )
        return (
            '<div class="zmqcourse-recall" style="display:flex;flex-wrap:wrap;gap:.6em 2em;padding:.5em .9em;'
            f'border-left:4px solid #6f42c1;line-height:1.5">{cells}</div>'
        )


def _as_text(id: str, question: str, choices: list[str]) -> str:
    kept = _kept(id)
    listed = "".join(f"\n  {'(x)' if choice == kept else '( )'} {choice}" for choice in choices)
    written = f"\n  your answer: {kept}" if kept and kept not in choices else ""
    return f"Predict: {question}{listed}{written}"


def _as_page(id: str, question: str, choices: list[str]) -> str:
    """What is seen where no widget is: in a notebook that is not trusted, most of all."""
    kept = _kept(id)
    listed = "".join(f"<li>{code(choice)}{' (your answer)' if choice == kept else ''}</li>" for choice in choices)
    written = f"<p>Your answer: {code(kept)}</p>" if kept and kept not in choices else ""
    return (
        f"<div><b>Predict:</b> {code(question)}<ul>{listed}</ul>{written}"
        "<p>To answer here, the notebook must be trusted: choose <b>File → Trust Notebook</b>, and run this cell "
        "again.</p></div>"
    )


def _widget(id: str, question: str, choices: list[str]) -> Any:
    import ipywidgets

    class Prediction(ipywidgets.VBox):
        """The question with its buttons or its line; plain text where no widget is shown."""

        def _repr_mimebundle_(self, **kwargs: Any) -> Any:
            bundle = super()._repr_mimebundle_(**kwargs)
            data = bundle[0] if isinstance(bundle, tuple) else bundle
            if data is not None:
                data["text/plain"] = _as_text(id, question, choices)
                data["text/html"] = _as_page(id, question, choices)
                data[ASKED] = {"id": id, "question": question, "options": choices}
            return bundle

        def __repr__(self) -> str:
            return _as_text(id, question, choices)

    kept = _kept(id)
    if choices:
        field: Any = ipywidgets.ToggleButtons(
            options=choices, value=kept if kept in choices else None, style={"button_width": "auto"}
        )
    else:
        field = ipywidgets.Text(value=kept or "", placeholder="what do you think?", continuous_update=False)
    field.tooltip = question
    note = ipywidgets.HTML()

    def tell(answer: str | None) -> None:
        note.value = f"<span>Noted: <b>{code(answer)}</b>. Now run on.</span>" if answer else ""

    def chosen(change: dict[str, Any]) -> None:
        _keep(id, change["new"] or "")
        tell(change["new"])

    field.observe(chosen, names="value")
    tell(kept)
    return Prediction([ipywidgets.HTML(f"<b>Predict:</b> {code(question)}"), field, note])
