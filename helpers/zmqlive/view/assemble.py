"""Joins the small JavaScript modules of the view into the one ES module that a widget or a page needs.

No build step: each file in ``js/`` is an ordinary module (and can be imported and tested alone). For the
joined module every file but the last becomes a function that returns what it exports, so that their private
names never meet.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

HERE = Path(__file__).parent
#: A module stands after all that it imports from; the last one keeps its exports.
ORDER = (
    "palette",
    "fill",
    "chips",
    "paths",
    "families",
    "programs",
    "graph",
    "layers",
    "place",
    "route",
    "layout",
    "book",
    "colours",
    "store",
    "state",
    "dom",
    "waiting",
    "tube",
    "doors",
    "boxes",
    "story",
    "asking",
    "rings",
    "dots",
    "timeline",
    "words",
    "saying",
    "xray",
    "tools",
    "card",
    "actions",
    "boxmenu",
    "camera",
    "picture",
    "svgpen",
    "film",
    "save",
    "clock",
    "model",
    "pointing",
    "toolwork",
    "wiring",
    "news",
    "gaze",
    "theme",
    "slot",
    "view",
    "main",
)

_IMPORT = re.compile(r'^import \{([^}]*)\} from "\./(\w+)\.js";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async )?(?:const|let|function|class) )", re.MULTILINE)
_NAMES = re.compile(r"^export (?:async )?(const|let|function|class) ([^;{(]+)", re.MULTILINE)


_COMMENT = re.compile(r"^[ ]*(?://.*|/\*\*(?s:.*?)\*/)\n", re.MULTILINE)
_INDENT = re.compile(r"^ +", re.MULTILINE)


def _slim(text: str) -> str:
    """Without what only a reader of the files needs: each page and each view of a notebook carries the module."""
    return _INDENT.sub("", _COMMENT.sub("", text))


def _exported(text: str) -> list[str]:
    names: list[str] = []
    for kind, rest in _NAMES.findall(text):
        if kind in ("const", "let"):
            names += re.findall(r"(?:^|,\s)\s*([A-Za-z_$][\w$]*) =", rest)
        else:
            names.append(rest.split()[0])
    return names


def _scoped(name: str, text: str) -> str:
    body = _EXPORT.sub("", _link(text))
    return f"const module_{name} = (() => {{\n{body}\nreturn {{ {', '.join(_exported(text))} }};\n}})();\n"


def _link(text: str) -> str:
    return _IMPORT.sub(lambda m: f"const {{{m[1]}}} = module_{m[2]};\n", text)


@cache
def script() -> str:
    """The whole front end as the text of one ES module; exports ``default`` (anywidget), ``mount`` and
    ``mountAll``."""
    texts = {name: _slim((HERE / "js" / f"{name}.js").read_text(encoding="utf-8")) for name in ORDER}
    parts = [_scoped(name, texts[name]) for name in ORDER[:-1]]
    return "\n".join([*parts, _link(texts[ORDER[-1]])])


@cache
def style() -> str:
    """The style sheet."""
    return (HERE / "flow.css").read_text(encoding="utf-8")
