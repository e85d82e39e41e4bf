"""What is seen of a picture in a notebook that is not trusted: there JupyterLab runs no script and draws no SVG, it
keeps text, tables and images. So the picture comes as an image, with one sentence that says what to do."""

from __future__ import annotations

import base64
from html import escape

TRUST = "<b>File → Trust Notebook</b>"


def still_html(svg: str, said: str) -> str:
    """A still picture as an image, and how to make it move. ``said`` is for those who do not see it."""
    data = base64.b64encode(svg.encode()).decode()
    return (
        f'<div class="zmqlive-still"><img alt="{escape(said, quote=True)}" src="data:image/svg+xml;base64,{data}" '
        f'style="max-width:100%"><p>A still picture. It moves in a notebook that is trusted: choose {TRUST}, and run '
        "this cell again.</p></div>"
    )
