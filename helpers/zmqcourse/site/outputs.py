"""A cell's outputs as HTML, the best form of each that a page without a kernel can show."""

from __future__ import annotations

import re
from html import escape
from itertools import count
from typing import Any

from nbformat import NotebookNode

from ..exercise import ASKED, MIME, RECALLED
from . import views, widgets
from .films import film
from .prose import Prose, scrollable, terminal
from .running import Run

WIDGET = "application/vnd.jupyter.widget-view+json"
#: In place of the learner's own map, in which nothing is solved.
MAP = '<p class="aside">In JupyterLab your progress stands here. <a href="index.html#map">The map of the course</a></p>'
_STYLE = re.compile(r"<style>.*?</style>|<template>.*?</template>", re.S)  # a template is for untrusted notebooks
_METADATA = re.compile(r"<metadata>.*?</metadata>", re.S)
_ID = re.compile(r' id="([^"]+)"')


class Outputs:
    """Makes HTML of the outputs of one lesson's cells, and counts its views."""

    def __init__(self, run: Run, prose: Prose) -> None:
        self._run, self._prose = run, prose
        self._number, self._films = count(1), count(1)
        self.views: list[dict[str, Any]] = []

    def html(self, cell: NotebookNode) -> str:
        return "".join(filter(None, map(self._one, cell.get("outputs", []))))

    def _one(self, output: NotebookNode) -> str:
        if output.output_type == "stream":
            return terminal(output.text) if output.text.strip() else ""
        if output.output_type == "error":
            return terminal("\n".join(output.traceback))
        return self._data(output.data)

    def _data(self, kinds: dict[str, Any]) -> str:
        if MIME in kinds:
            return ""  # a verdict on a stub: every exercise is to do here
        if ASKED in kinds:
            return views.prediction(kinds[ASKED])
        if RECALLED in kinds:
            return views.recall(kinds[RECALLED])
        if WIDGET in kinds:
            if shown := self._widget(kinds[WIDGET]["model_id"]):
                return shown
        elif "zmqcourse-map" in kinds.get("text/html", ""):
            return MAP
        elif "text/html" in kinds:
            return f'<div class="rich">{self._rich(kinds["text/html"])}</div>'
        elif "image/svg+xml" in kinds:
            return f'<div class="rich">{_tidy(kinds["image/svg+xml"])}</div>'
        elif "image/png" in kinds:
            return self._picture(kinds["image/png"], kinds.get("text/plain", ""))
        return terminal(kinds["text/plain"]) if kinds.get("text/plain", "").strip() else ""

    def _widget(self, id: str) -> str:
        """A widget and what stands in it. A view shows its sliders itself, as they stood when it was shown."""
        ids = widgets.family(id, self._run.models)
        if shown := [each for each in ids if each in self._run.films]:
            number = next(self._films)
            return "".join(film(self._run.films[each], f"film-{number}", self._rich) for each in shown[:1])
        if any(each in self._run.views for each in ids):
            ids = [
                each
                for each in ids
                if each in self._run.views or not self._run.models[each]["state"].get("description")
            ]
        return widgets.show(ids, self._run.models, self._view, self._rich)

    def _view(self, id: str) -> str:
        kept = self._run.views.get(id)
        if kept is None or not kept["replay"].get("topo"):
            return ""
        self.views.append(kept)
        return views.view(kept, f"view-{next(self._number)}")

    def _rich(self, html: str) -> str:
        return self._prose.links(scrollable(_tidy(html)))

    def _picture(self, png: str, said: str) -> str:
        return f'<img src="data:image/png;base64,{png.strip()}" alt="{escape(said, quote=True)}">'


def _tidy(html: str) -> str:
    """Without what a page has once for all its figures, and with no id but those that are referred to."""
    html = _METADATA.sub("", _STYLE.sub("", html))
    if "<svg" not in html:
        return html
    return _ID.sub(lambda m: m[0] if f"#{m[1]}" in html else "", html)
