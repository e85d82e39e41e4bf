"""A badge that says how many exercises are solved: `badge("12/56 solved, 44 to do, 0 wrong")` is an SVG.

Needs nothing but Python, so that a workflow can run this file as it is: ``python badge.py WORDS > badge.svg``.
"""

from __future__ import annotations

import re
import sys

LABEL = "ZeroMQ exercises"
SOLVED, UNDER_WAY, WRONG = "#008a67", "#0072b2", "#b94700"
_CHARACTER, _PADDING, _HEIGHT = 6.6, 8, 20    # pixels; of DejaVu and Verdana at 11 pixels, on average


def badge(total: str) -> str:
    """The SVG for the words with which a check ends. Raises ValueError when they are none."""
    found = re.match(r"(\d+)/(\d+) solved, (\d+) to do, (\d+) wrong", total)
    if not found:
        raise ValueError(f"these are not the words of a check: {total!r}")
    solved, all_, _, wrong = map(int, found.groups())
    said = f"{solved} of {all_} solved" + (f", {wrong} wrong" if wrong else "")
    colour = WRONG if wrong else SOLVED if solved == all_ else UNDER_WAY
    left, right = (round(len(text) * _CHARACTER) + 2 * _PADDING for text in (LABEL, said))
    words = "".join(
        f'<text x="{x}" y="14" text-anchor="middle">{text}</text>'
        for x, text in ((left / 2, LABEL), (left + right / 2, said))
    )
    width = left + right
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{_HEIGHT}" role="img" '
        f'aria-label="{LABEL}: {said}">'
        f'<clipPath id="r"><rect width="{width}" height="{_HEIGHT}" rx="3"/></clipPath>'
        f'<g clip-path="url(#r)"><rect width="{left}" height="{_HEIGHT}" fill="#3b444d"/>'
        f'<rect x="{left}" width="{right}" height="{_HEIGHT}" fill="{colour}"/></g>'
        f'<g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11">{words}</g></svg>\n'
    )


if __name__ == "__main__":
    print(badge(" ".join(sys.argv[1:])), end="")
