"""A replay on a page of its own: no kernel, no network, everything inlined.

``page(replay, path)`` writes a whole HTML file. For a site, ``block(replay, uid)`` gives the place of one
picture and ``assets()`` what a page needs once, whatever the number of pictures on it.
"""

from __future__ import annotations

import html
import json
import os
from typing import Any

from .assemble import script, style
from .still import still_svg


def _data(replay: dict[str, Any]) -> str:
    # "</" would end the script element, "<!--" would hide its end.
    return json.dumps(replay, separators=(",", ":"), ensure_ascii=False).replace("<", "\\u003c")


def block(replay: dict[str, Any], uid: str) -> str:
    """HTML of one picture: a still one until the script runs, and where none does."""
    return (
        f'<div data-zmqlive="{html.escape(uid)}">{still_svg(replay)}</div>'
        f'<script type="application/json" id="{html.escape(uid)}">{_data(replay)}</script>'
    )


def assets() -> str:
    """HTML that a page needs once, after its blocks: the style sheet and the module."""
    module = script().replace("</script", "<\\/script")
    return f'<style>{style()}</style><script type="module">{module}\nmountAll();</script>'


def page_html(replay: dict[str, Any], *, title: str | None = None) -> str:
    """A whole HTML document that replays with no kernel and makes no request."""
    name = html.escape(title or replay.get("title") or "ZeroMQ flow")
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,">'
        f"<title>{name}</title><style>:root{{color-scheme:light dark}}"
        "body{margin:clamp(6px,2vw,24px);background:Canvas;color:CanvasText;font-family:system-ui,sans-serif}</style></head>"
        f"<body>{block(replay, 'zmqlive-replay')}{assets()}</body></html>"
    )


def page(replay: dict[str, Any], path: str | os.PathLike[str], *, title: str | None = None) -> None:
    """Writes that document to ``path``."""
    with open(path, "w", encoding="utf-8") as file:
        file.write(page_html(replay, title=title))
