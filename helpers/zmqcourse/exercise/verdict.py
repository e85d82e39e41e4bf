"""What a check says: one verdict, as text, HTML and data.

An answer is solved, to do, or wrong; there is no verdict on it where the machine was too busy to tell, or where the
check itself has failed.

The data (mime type `MIME`, keys exercise, state, message) is what the pytest plugin and the map of the
course read; people read the text or the HTML.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from html import escape

MIME = "application/vnd.zmqcourse.verdict+json"
SOLVED, TODO, WRONG, BUSY, FAILED = "solved", "todo", "wrong", "busy", "failed"
STATES = (SOLVED, TODO, WRONG, BUSY, FAILED)
NO_VERDICT = (BUSY, FAILED)

MARK = {SOLVED: "✔", TODO: "○", WRONG: "✘", BUSY: "…", FAILED: "!"}
WORD = {SOLVED: "solved", TODO: "to do", WRONG: "not yet", BUSY: "no verdict", FAILED: "check failed"}
# White on each of these has a contrast above 4.5 : 1, whatever the theme around it.
COLOUR = {SOLVED: "#1a7f37", TODO: "#3b5ea8", WRONG: "#b3261e", BUSY: "#5c5f66", FAILED: "#6b4d00"}


class ToDo(NotImplementedError):
    """Nobody has tried this exercise yet; raised by `todo` when a stub is called."""


class Wrong(AssertionError):
    """An answer is not right yet. Raised by checks; every text is for the learner.

    message: what happened, one sentence. tried: what the check did. seen: what came of it.
    expected: what a right answer shows. look: which picture or section to look at.
    Text between backticks is shown as code.
    """

    def __init__(self, message: str, *, tried: str = "", seen: str = "", expected: str = "", look: str = ""):
        super().__init__(message)
        self.message = message
        self.details = {"tried": tried, "seen": seen, "expected": expected, "look at": look}

    def add(self, **details: str) -> Wrong:
        """The same, with details filled in where they were empty (`look` is spelled `look`)."""
        for key, text in details.items():
            key = "look at" if key == "look" else key
            if text and not self.details.get(key):
                self.details[key] = text
        return self


class Late(Wrong):
    """What is wrong rests on time alone: something did not happen soon enough, or took too long.

    On a machine that others keep busy this says little about the answer: the check tries it again, and says
    "no verdict" where it stays late.
    """


class Delayed(Late):
    """The check itself was late, or could not make what it wanted to try: nothing is said about the answer."""


class CheckFailed(Exception):
    """The check itself has failed, with the error that is `described`, at a line of it: no fault of the answer's."""

    def __init__(self, described: str, place: str) -> None:
        super().__init__(described, place)
        self.described, self.place = described, place


@dataclass(frozen=True)
class Offer:
    """Something to do next: a line of text, and what makes its HTML when it is shown; either may be empty."""

    text: str
    html: Callable[[], str]


@dataclass(frozen=True)
class Verdict:
    """The outcome of one check, and what to do next.

    said: why, or, of what is solved, what it has survived. details: (label, text) pairs. printed: what the answer
    printed. stub: what is said stands in the learner's cell already, and is not shown again. offers: what to do next.
    """

    exercise: str
    state: str
    title: str = ""
    said: str = ""
    details: tuple[tuple[str, str], ...] = ()
    printed: str = ""
    stub: bool = False
    offers: tuple[Offer, ...] = ()

    @property
    def message(self) -> str:
        """Everything that was said, on one line."""
        parts = [self.said] + [f"{label.capitalize()}: {text}" for label, text in self.details]
        return " ".join(_one_line(_sentence(part)) for part in parts if part)

    @property
    def heading(self) -> str:
        return f"{MARK[self.state]} {self.exercise} {WORD[self.state]}"

    def data(self) -> dict[str, str]:
        return {"exercise": self.exercise, "state": self.state, "message": self.message}

    def __str__(self) -> str:
        said = self._shown or self.title
        lines = [self.heading + (f": {said}" if said else "")]
        lines += [f"    {label + ':':<10}{text}" for label, text in self.details]
        if self.printed:
            lines += ["    your code printed:"] + [f"    | {line}" for line in self.printed.splitlines()]
        lines += [f"    {offer.text}" for offer in self.offers if offer.text]
        return "\n".join(lines)

    __repr__ = __str__

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, object]:
        return {"text/plain": str(self), "text/html": self._html(), MIME: self.data()}

    @property
    def _shown(self) -> str:
        return "" if self.stub else self.said

    def _html(self) -> str:
        colour = COLOUR[self.state]
        badge = (
            f'<span style="background:{colour};color:#fff;border-radius:3px;padding:1px 8px;'
            f'font-weight:600;white-space:nowrap">{MARK[self.state]} {WORD[self.state]}</span>'
        )
        title = f" <b>{escape(self.exercise)}</b> {escape(self.title)}"
        said = f'<div style="margin-top:.4em">{code(self._shown)}</div>' if self._shown else ""
        rows = "".join(
            '<div style="display:flex;gap:.8em;margin-top:.15em">'
            f'<span style="flex:0 0 5.2em;opacity:.75">{escape(label)}</span>'
            f'<span style="flex:1;min-width:0;overflow-wrap:anywhere">{code(text)}</span></div>'
            for label, text in self.details
        )
        printed = ""
        if self.printed:
            printed = (
                '<details style="margin-top:.4em"><summary style="cursor:pointer">what your code printed'
                f'</summary><pre style="margin:.3em 0 0;max-height:20em;overflow:auto">{escape(self.printed)}'
                "</pre></details>"
            )
        return (
            f'<div class="zmqcourse-verdict zmqcourse-{self.state}" '
            f'style="border-left:4px solid {colour};padding:.5em .9em;margin:.2em 0;line-height:1.5;'
            "background:rgba(128,128,128,.1);"
            'color:var(--jp-content-font-color1,inherit);font-family:var(--jp-content-font-family,sans-serif)">'
            f'<div role="status">{badge}{title}{said}{rows}</div>{printed}'
            f'{"".join(offer.html() for offer in self.offers)}</div>'
        )


def code(text: str) -> str:
    """The text as HTML, with what stands between backticks as code."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text, quote=False))


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?", ":", ";")) else text + "."
