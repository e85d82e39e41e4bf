"""Sums of word counts, compared."""

from __future__ import annotations

from collections import Counter

from ...exercise import Wrong


def same(found: Counter, expected: Counter, tried: str) -> None:
    """The counts must be those; says of one word how they differ."""
    for word in sorted(expected.keys() | found.keys(), key=str):
        if found[word] != expected[word]:
            raise Wrong(
                "the sum is not right",
                tried=tried,
                seen=f"`{word}`: {found[word]}",
                expected=f"`{word}`: {expected[word]}",
            )
