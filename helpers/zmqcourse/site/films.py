"""A picture that a lesson's Play button steps through: every step is kept, so that the page can step through it too.

`record` runs in the lesson's kernel, once the lesson is over. It moves each slider that is linked to an ipywidgets Play
through its values, and keeps what that makes of HTML widgets.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from . import views

MOST = 80  # steps of one film


def record() -> dict[str, list[str]]:
    """Model id of an HTML widget → its content at each step."""
    from ipywidgets import HTML
    from ipywidgets.widgets import widget

    known = list(getattr(widget, "_instances", {}).values())
    pictures = [each for each in known if isinstance(each, HTML)]
    films: dict[str, list[str]] = {}
    for slider in filter(None, map(_slider, known)):
        seen: dict[str, list[str]] = {picture.model_id: [] for picture in pictures}
        for value in list(range(slider.min, slider.max + 1, slider.step))[:MOST]:
            slider.value = value
            for picture in pictures:
                seen[picture.model_id].append(picture.value)
        films |= {id: steps for id, steps in seen.items() if len(set(steps)) > 1}
    return films


def _slider(link: Any) -> Any:
    """The slider that a link moves when its Play plays; None for any other widget."""
    from ipywidgets import IntSlider, Play

    ends = [end[0] for end in (getattr(link, "source", None), getattr(link, "target", None)) if isinstance(end, tuple)]
    sliders = [end for end in ends if isinstance(end, IntSlider)]
    return sliders[0] if sliders and any(isinstance(end, Play) for end in ends) else None


def film(steps: list[str], id: str, tidy: Callable[[str], str]) -> str:
    """The last step as it is, which shows most; the others come by the page's script."""
    pictures = [tidy(step) for step in steps]
    return (
        f'<div class="film"><div class="film-picture">{pictures[-1]}</div>'
        f'<div class="film-bar"><button type="button">Play</button>'
        f'<input type="range" min="1" max="{len(pictures)}" value="{len(pictures)}" aria-label="Step">'
        f"<output>{len(pictures)} / {len(pictures)}</output></div>"
        f'<script type="application/json" id="{id}">{views.data(pictures)}</script></div>'
    )
