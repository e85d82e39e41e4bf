"""Widgets of a lesson as they can be shown without a kernel: their value, and a word on where they move."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import Any

from ..exercise import code

STEER = (
    "Each setting and each button is a run of its own that was recorded. "
    '<a href="index.html#start">All between, live: in JupyterLab</a>.'
)
MOVE = 'Recorded with these settings. <a href="index.html#start">Move them in JupyterLab</a>.'


def model_id(reference: Any) -> str:
    """The model that "IPY_MODEL_…" names; "" for anything else."""
    return reference[10:] if isinstance(reference, str) and reference.startswith("IPY_MODEL_") else ""


def family(id: str, models: dict[str, Any]) -> list[str]:
    """A widget's model id, and those of all that stand in it, in order."""
    state = models.get(id, {}).get("state", {})
    below = [each for child in state.get("children", ()) for each in family(model_id(child), models)]
    return [id, *below]


def show(
    ids: list[str], models: dict[str, Any], seen: Callable[[str], str], tidy: Callable[[str], str] = str
) -> str:
    """These widgets as HTML. `seen` makes a live view's HTML from its model id, "" where it is none; `tidy` makes what
    an HTML widget holds fit the page."""
    rows, out = [], []
    for id in ids:
        if view := seen(id):
            out.append(view)
            continue
        state = models.get(id, {}).get("state", {})
        kind = str(models.get(id, {}).get("model_name", ""))
        if kind == "HTMLModel":
            out.append(f'<div class="widget-html">{tidy(state.get("value", ""))}</div>')
        elif kind == "ButtonModel":
            rows.append(f'<button type="button" disabled>{escape(state.get("description", ""))}</button>')
        elif "value" in state and "description" in state:
            rows.append(knob(state))
    return "".join(out) + (knobs(rows) if rows else "")


def knobs(rows: list[str]) -> str:
    """Sliders side by side, and the sentence that says where they can be moved."""
    return f'<div class="knobs"><div class="knob-row">{"".join(rows)}</div><p>{MOVE}</p></div>'


def knob(state: dict[str, Any]) -> str:
    """One slider (or another field), with its value."""
    value, name = state.get("value"), str(state.get("description", ""))
    shown = f"{value:g}" if isinstance(value, float) else "" if value is None else str(value)
    if isinstance(value, bool):
        shown = "on" if value else "off"
    low, high = state.get("min"), state.get("max")
    track = ""
    if all(isinstance(n, (int, float)) for n in (value, low, high)) and high > low:
        track = (
            f'<input type="range" disabled min="{low:g}" max="{high:g}" step="any" value="{value:g}" '
            f'aria-label="{escape(name, quote=True)}">'
        )
    return f'<label class="knob"><span>{code(name)}</span>{track}<b>{escape(shown)}</b></label>'


def steered(runs: dict[str, Any], view: str) -> str:
    """Sliders, and the author's own buttons, that choose among the runs of a view once the page's script is there."""
    rows = [_steered(knob, k, runs["own"][k], f"{view}-ticks-{k}") for k, knob in enumerate(runs["knobs"])]
    rows += [
        f'<button type="button" class="button" disabled data-act="{escape(button["id"], quote=True)}" '
        f'title="{escape(button["title"], quote=True)}">{escape(button["label"])}</button>'
        for button in runs["own_buttons"]
    ]
    row = f'<div class="knob-row">{"".join(rows)}</div>' if rows else ""
    return f'<div class="knobs steer">{row}<p><span class="steer-said" role="status"></span> {STEER}</p></div>'


def _steered(knob: dict[str, Any], k: int, own: int, ticks: str) -> str:
    name, values, shown = escape(knob["name"], quote=True), knob["values"], escape(knob["values"][own], quote=True)
    label, told = f"<span>{code(knob['name'])}</span>", f"<b>{shown}</b>"
    if len(knob["open"]) < 2:  # no other run: it is told, and cannot be moved
        field = told
    elif knob["choice"]:
        options = "".join(
            f'<option value="{i}"{" selected" if i == own else ""}>{escape(values[i])}</option>' for i in knob["open"]
        )
        field = f'<select disabled data-knob="{k}" aria-label="{name}">{options}</select>'
    else:
        places = "".join(f'<option value="{place}"></option>' for place in range(len(knob["open"])))
        field = (
            f'<input type="range" disabled list="{ticks}" data-knob="{k}" min="0" max="{len(knob["open"]) - 1}" '
            f'step="1" value="{knob["open"].index(own)}" aria-label="{name}" aria-valuetext="{shown}">{told}'
            f'<datalist id="{ticks}">{places}</datalist>'
        )
    return f'<label class="knob">{label}{field}</label>'
