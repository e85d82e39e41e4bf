"""Live views and predictions on a page: a still picture with its record, a question with its answer."""

from __future__ import annotations

import base64
import json
import mimetypes
import re
from html import escape
from pathlib import Path
from typing import Any

from zmqlive.view import snapshot_of, still_svg

from ..exercise import code
from .steer.runs import runs_of
from .thin import thin
from .widgets import knob, knobs, steered

_STYLE = re.compile(r"<style>.*?</style>", re.S)
_SIZE = re.compile(r'viewBox="0 0 [\d.]+ ([\d.]+)"')


def view(kept: dict[str, Any], id: str) -> str:
    """A picture that stands still until the page's script replays it, the record, and how the sliders stood; where
    there are other runs, they choose among these."""
    replay = thin(kept["replay"])
    moment = snapshot_of(replay)
    at = int(min(moment["now"], replay["dur"]))
    settings, more = "", ""
    if runs := runs_of(kept):
        settings = steered(runs, id)
        more = f'<script type="application/json" id="{id}-runs">{data(runs)}</script>'
    elif kept["knobs"]:
        settings = knobs([knob(each) for each in kept["knobs"]])
    return (
        f'<figure class="flow zl-with-controls" id="{id}">{still(replay, moment)}'
        f'<div class="flow-live" data-replay="{id}-record" data-at="{at}"></div>'
        f'<script type="application/json" id="{id}-record">{data(replay)}</script>{more}'
        f'<figcaption class="zl-controls">{settings}</figcaption></figure>'
    )


def still(replay: dict[str, Any], moment: dict[str, Any] | None = None) -> str:
    """The record's fullest moment; colours are the page's own."""
    picture = _STYLE.sub("", still_svg(moment or snapshot_of(replay)))
    height = _SIZE.search(picture)
    return f'<div class="flow-still" style="--high:{height[1] if height else 200}">{picture}</div>'


def picture(file: Path) -> str:
    """A picture's file as an address that holds it."""
    kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    return f"data:{kind};base64,{base64.b64encode(file.read_bytes()).decode()}"


def data(thing: Any) -> str:
    """JSON that may stand in a script element."""
    return json.dumps(thing, separators=(",", ":"), ensure_ascii=False).replace("<", "\\u003c")


def prediction(asked: dict[str, Any]) -> str:
    """A question with its choices; the page's script keeps the answer in the reader's own browser."""
    id = escape(asked["id"], quote=True)
    choices = "".join(
        f'<label><input type="radio" name="predict-{id}" value="{escape(option, quote=True)}">'
        f"<span>{code(option)}</span></label>"
        for option in asked["options"]
    )
    field = (
        choices
        or f'<input type="text" name="predict-{id}" aria-label="Your prediction" placeholder="what do you think?">'
    )
    return (
        f'<fieldset class="predict" id="predict-{id}" data-predict="{id}"><legend>Predict</legend>'
        f'<p>{code(asked["question"])}</p><div class="choices">{field}</div>'
        f'<p class="predict-said" role="status"></p></fieldset>'
    )


def recall(told: dict[str, Any]) -> str:
    """What happened, beside what the reader had said."""
    id = escape(told["id"], quote=True)
    return (
        f'<div class="recall" id="recall-{id}" data-recall="{id}">'
        f'<div><span class="label">you said</span><div data-said>no prediction yet: '
        f'<a href="#predict-{id}">predict first</a></div></div>'
        f'<div><span class="label">what happened</span><div data-happened>{code(told["happened"])}</div></div></div>'
    )
