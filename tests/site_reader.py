"""Builds the static site for its tests, and reads its pages: elements, ids, links, what would be fetched."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections import Counter
from functools import cache, cached_property
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from environments import ROOT
from machine import PATIENCE

LESSONS = ("00-start-here", "06-back-pressure")  # short ones, with all that a lesson can have
URL, SOURCE = "https://example.org/course/", "https://github.com/example/course"
#: A site that was built, named by who runs the tests: then all its pages are looked at.
NAMED = os.environ.get("ZMQ_SITE", "")


def built(out: Path) -> Path:
    """The site's folder: the named one, or `out`, where one is built of two lessons."""
    if NAMED:
        return (ROOT / NAMED).resolve()
    files = [str(ROOT / "notebooks" / f"{name}.ipynb") for name in LESSONS]
    options = ["--out", str(out), "--url", URL, "--source", SOURCE, "--look", "1", "--steer", "1.2", "--keep", ""]
    command = [sys.executable, "-m", "zmqcourse", "site", *options, *files]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, encoding="utf-8", timeout=PATIENCE)
    assert done.returncode == 0, done.stdout + done.stderr
    return out


# Attributes by which a browser fetches something, by element; a link to another page is not one.
FETCHED = {"src", "srcset", "poster", "data", "background", "xlink:href", "action", "formaction"}
FETCHED_LINKS = {"stylesheet", "icon", "preload", "prefetch", "modulepreload", "manifest", "preconnect", "dns-prefetch"}


class Page(HTMLParser):
    """One page. `elements` are (tag, attributes) in order; `texts` what stands in script and style elements."""

    def __init__(self, file: Path) -> None:
        super().__init__()
        self.file, self.text = file, file.read_text(encoding="utf-8")
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.texts: list[tuple[str, dict[str, str], str]] = []
        self._open = ""
        self.feed(self.text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        self._open = tag

    def handle_endtag(self, tag: str) -> None:
        self._open = ""

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def handle_data(self, data: str) -> None:
        if self._open in ("script", "style", "title"):
            tag, attributes = self.elements[-1]
            self.texts.append((tag, attributes, data))

    @cached_property
    def ids(self) -> Counter[str]:
        return Counter(attributes["id"] for _, attributes in self.elements if attributes.get("id"))

    def all(self, tag: str = "", **wanted: str) -> list[dict[str, str]]:
        """Attributes of the elements of this tag, with these attributes (a class among others)."""

        def fits(attributes: dict[str, str]) -> bool:
            return all(
                value in attributes.get("class", "").split() if name == "cls" else attributes.get(name) == value
                for name, value in wanted.items()
            )

        return [attributes for name, attributes in self.elements if (not tag or name == tag) and fits(attributes)]

    def links(self) -> list[str]:
        return [attributes["href"] for attributes in self.all("a") if "href" in attributes]

    def fetched(self) -> list[str]:
        """Every address that the browser would ask for by itself."""
        found = []
        for tag, attributes in self.elements:
            found += [attributes[name] for name in FETCHED & attributes.keys()]
            rel = set(attributes.get("rel", "").split())
            if (tag == "link" and rel & FETCHED_LINKS) or tag in ("use", "image"):
                found += [attributes["href"]] if attributes.get("href") else []
            found += re.findall(r"url\(\s*['\"]?([^)'\"]+)", attributes.get("style", ""))
        for tag, _, text in self.texts:
            if tag == "style":
                found += re.findall(r"url\(\s*['\"]?([^)'\"]+)|@import\s+['\"]?([^'\";]+)", text)
        return ["".join(each) for each in found]

    @cached_property
    def records(self) -> dict[str, Any]:
        """Id → JSON of the records on the page."""
        kind = "application/json"
        return {a["id"]: json.loads(text) for tag, a, text in self.texts if tag == "script" and a.get("type") == kind}

    @property
    def title(self) -> str:
        return next(text for tag, _, text in self.texts if tag == "title")


@cache
def pages(folder: Path) -> list[Page]:
    return [Page(file) for file in sorted(folder.glob("*.html"))]


def lessons(folder: Path) -> list[Page]:
    return [page for page in pages(folder) if re.match(r"\d\d-", page.file.name)]
