"""GLOSSARY.md as a page: each term with an address of its own, and links to the lessons that show it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from .prose import Prose, slug

_TERM = re.compile(r"^\*\*(.+?)\*\* (.+?)(?: \[([\d, ]+)\])?$", re.M)


@dataclass(frozen=True)
class Term:
    """A word of the course: where it stands on the page, what it means (HTML), the lessons that show it."""

    word: str
    id: str
    meaning: str
    lessons: tuple[str, ...]


def read_terms(file: Path, prose: Prose) -> list[Term]:
    """All terms of the glossary, in its order."""
    found = _TERM.findall(file.read_text(encoding="utf-8"))
    return [
        Term(word, slug(word), prose.html(meaning), tuple(numbers.replace(" ", "").split(",")) if numbers else ())
        for word, meaning, numbers in found
    ]
