"""What the site's search looks through: each section of each lesson, each word of the glossary. It is a file of its
own, which a page asks for when somebody searches."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator

from .glossary import Term
from .lesson import Lesson
from .prose import text

FILE = "search.js"
#: What is no text, what would give a solution away, and what is said on every page.
_LEFT_OUT = re.compile(r"<(script|style|svg|figure|details|button|select)\b.*?</\1>", re.S)
_HEADING = re.compile(r'<h[23] id="([^"]+)">(.*?)</h[23]>', re.S)
_BREAK = re.compile(r"</(p|li|td|th|pre|h\d|div|dd)>")
MOST = 4_000  # characters of a section


def index(lessons: Iterable[Lesson], terms: Iterable[Term]) -> str:
    """The file: a list of [address, where it is, title, text]."""
    rows = [row for lesson in lessons for row in _sections(lesson)]
    rows += [[f"glossary.html#{term.id}", "Glossary", term.word, text(term.meaning)] for term in terms]
    return f"globalThis.zmqSearch = {json.dumps(rows, separators=(',', ':'), ensure_ascii=False)};\n"


def _sections(lesson: Lesson) -> Iterator[list[str]]:
    html = _LEFT_OUT.sub(" ", "".join(lesson.blocks))
    where = f"{lesson.number} · {lesson.title}"
    first, *parts = _HEADING.split(html)
    yield [lesson.page, where, lesson.title, _words(first)]
    for id, title, body in zip(parts[0::3], parts[1::3], parts[2::3], strict=True):
        yield [f"{lesson.page}#{id}", where, text(title).removesuffix("#").strip(), _words(body)]


def _words(html: str) -> str:
    return text(_BREAK.sub(" ", html))[:MOST]
