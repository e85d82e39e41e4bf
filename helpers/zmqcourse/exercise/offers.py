"""What a verdict offers beside its words: hints to unfold, the record of what was tried, the way to what comes next.

All of it is text and plain HTML, so that it works by keyboard, in a saved notebook, and with no kernel behind it.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from html import escape
from pathlib import Path

from . import progress
from .verdict import Offer, code

_SUMMARY = (
    'style="cursor:pointer;display:inline-block;margin-top:.5em;padding:.1em .8em;border:1px solid currentColor;'
    'border-radius:3px"'
)


def hints(id: str, steps: tuple[str, ...]) -> Offer:
    """The ladder of hints, each folded into the one before; as text, how to ask for the next one."""

    def ladder() -> str:
        folded = ""
        for number, step in reversed(list(enumerate(steps, 1))):
            summary = "Hint" if number == 1 else f"Hint {number} of {len(steps)}"
            body = f'<div style="margin-top:.3em">{code(step)}</div>{folded}'
            folded = f'<details class="zmqcourse-hint"><summary {_SUMMARY}>{summary}</summary>{body}</details>'
        return folded

    return Offer(f'a hint: hint("{id}")' if steps else "", ladder)


def picture(text: str, svg: Callable[[], str]) -> Offer:
    """The still picture of what was tried, folded; `text` says in a line what it shows."""

    def folded() -> str:
        drawn = svg()
        if not drawn:
            return ""
        # As an image: what a notebook that is not trusted shows as well.
        data = base64.b64encode(drawn.encode()).decode()
        return (
            f'<details class="zmqcourse-record"><summary {_SUMMARY}>Look at what your answer did</summary>'
            f'<img src="data:image/svg+xml;base64,{data}" alt="{escape(text, quote=True)}" '
            'style="max-width:100%;margin-top:.4em"></details>'
        )

    return Offer(text, folded)


def what_comes_next(id: str) -> Offer | None:
    """The way to the next exercise of this lesson, or to the next lesson; None where the lessons are not at hand."""
    root = progress.own_root()
    if root is None:
        return None
    lessons = [file.name for file in progress.learners_notebooks(root)]
    own = next((n for n, name in enumerate(lessons) if name.startswith(f"{id.partition('.')[0]}-")), None)
    if own is None:
        return None
    files = {file.name: file for file in progress.learners_notebooks(root)}
    ids = beginnings(files[lessons[own]])
    later = list(ids)[list(ids).index(id) + 1 :] if id in ids else []
    if later:
        return _link(f"exercise {later[0]}", f"{lessons[own]}#cell-id={ids[later[0]]}")
    if own + 1 < len(lessons):
        return _link(f"lesson {lessons[own + 1][:2]}", lessons[own + 1])
    return None


def _link(what: str, target: str) -> Offer:
    link = f'<a href="{escape(target, quote=True)}">{what}</a>'
    return Offer(f"next: {what}", lambda: f'<div style="margin-top:.5em">Next: {link}</div>')


def beginnings(lesson: Path) -> dict[str, str]:
    """Exercise id → the cell where it begins: the text before its stub."""
    try:
        cells = json.loads(lesson.read_text(encoding="utf-8"))["cells"]
        found = {}
        for before, cell in zip([None, *cells], cells, strict=False):
            if id := cell.get("metadata", {}).get("course", {}).get("exercise"):
                text = before is not None and before["cell_type"] == "markdown"
                found[id] = (before if text else cell).get("id", "")
        return found
    except (OSError, ValueError, KeyError, TypeError):
        return {}
