"""Writes the pages: lessons, the map of the course, the glossary, the page for what is not there."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from zmqlive.figures import PALETTE
from zmqlive.view import script, style

from ..exercise import PLAYGROUND
from ..learner import PLAN
from ..lessons import read
from . import search, views
from .glossary import Term, read_terms
from .launch import launch
from .lesson import Lesson
from .prose import Prose, slug

HERE = Path(__file__).parent
SCRIPTS = ("steering", "views", "films", "predictions", "theme", "reading", "search")
STYLES = ("base", "lesson", "code", "index", "print")
CARD = "card.png"  # what is shown of the site where somebody shares its address
HERO = "06"  # the lesson whose first view opens the site
_NOTEBOOK = re.compile(r"^(?:\.\./)?(?:notebooks/)?(\d\d-[\w-]+)\.ipynb(?:#(.*))?$")


@dataclass(frozen=True)
class Place:
    """Where the site will stand and where the course comes from; both may be unknown ("")."""

    root: Path
    url: str = ""
    source: str = ""


class Links:
    """What addresses in the course's own text are on the site."""

    def __init__(self, place: Place, built: set[str]) -> None:
        self._place, self._built = place, built

    def link(self, address: str) -> str:
        if found := _NOTEBOOK.match(address):
            name, part = found[1], found[2]
            return f"{name}.html" + (f"#{slug(part)}" if part else "") if name in self._built else "index.html#map"
        if re.match(r"(\.\./)?GLOSSARY\.md", address):
            return "glossary.html" + address.partition(".md")[2].lower()
        if re.match(r"[a-z][a-z+.-]*:|#", address):
            return address
        path = re.sub(r"^(\./|\.\./)+", "", address)
        if self._place.source and (self._place.root / path.partition("#")[0]).exists():
            return f"{self._place.source}/blob/main/{path}"
        return "index.html"

    def image(self, address: str) -> str:
        """A picture of the course goes into the page."""
        if address.startswith("data:"):
            return address
        file = self._place.root / re.sub(r"^(\./|\.\./)+", "", address)
        return views.picture(file) if file.is_file() else ""


class Pages:
    """Makes each page's text. `lessons` are those that were run, in order."""

    def __init__(self, lessons: list[Lesson], place: Place) -> None:
        self.lessons, self.place = lessons, place
        self.links = Links(place, {lesson.name for lesson in lessons})
        self._readme = (place.root / "README.md").read_text(encoding="utf-8")
        self._templates = Environment(
            loader=PackageLoader(__package__, "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.filters["words"] = lambda html: Markup(html)

    def prose(self) -> Prose:
        return Prose(self.links.link, self.links.image)

    @cached_property
    def terms(self) -> list[Term]:
        return read_terms(self.place.root / "GLOSSARY.md", self.prose())

    @property
    def site(self) -> str:
        """The course's name, as its README says it."""
        found = re.search(r"^# (.+)$", self._readme, re.M)
        return found[1] if found else "ZeroMQ"

    def lesson(self, lesson: Lesson) -> str:
        at = self.lessons.index(lesson)
        return self._page(
            "lesson.html",
            lesson.page,
            title=f"{lesson.title} · {self.site}",
            description=lesson.description,
            moving=bool(lesson.views),
            lesson=lesson,
            before=self.lessons[at - 1] if at else None,
            after=self.lessons[at + 1] if at + 1 < len(self.lessons) else None,
            source=f"{self.place.source}/blob/main/notebooks/{lesson.name}.ipynb" if self.place.source else "",
            launch=launch(self.place.source, f"notebooks/{lesson.name}.ipynb"),
        )

    def index(self) -> str:
        numbers = {lesson.number: lesson for lesson in self.lessons}
        parts = [
            (number, part, [(n, name, numbers.get(n)) for n, name in planned])
            for number, (part, planned) in enumerate(PLAN, 1)
        ]
        hero = next((lesson for lesson in self.lessons if lesson.number == HERO and lesson.views), None) or next(
            (lesson for lesson in self.lessons if lesson.views), None
        )
        prose = self.prose()
        return self._page(
            "index.html",
            "",
            title=f"{self.site}: a course in which you watch the messages move",
            description="A course on messaging with ZeroMQ and Python. You see each message of real sockets move, "
            "break things on purpose, and solve exercises that are checked under real faults.",
            moving=hero is not None,
            lessons=self.lessons,
            parts=parts,
            hero=hero,
            replay=views.view(hero.views[0], "view-1") if hero else "",
            launch=launch(self.place.source, f"notebooks/{self.lessons[0].name}.ipynb"),
            playground=dict(launch(self.place.source, f"notebooks/{PLAYGROUND}")).get("Binder", ""),
            install=prose.html(section(self._readme, "Start")),
            origin=prose.html(self._origin()),
            minutes=sum(lesson.minutes for lesson in self.lessons),
            exercises=sum(len(lesson.exercises) for lesson in self.lessons),
        )

    def _origin(self) -> str:
        """Where the course comes from, as lesson 00 tells it."""
        first = self.place.root / "notebooks" / "00-start-here.ipynb"
        cells = [cell.source for cell in read(first).cells] if first.exists() else []
        return section("\n\n".join(cells), "Where this comes from")

    def glossary(self) -> str:
        return self._page(
            "glossary.html",
            "glossary.html",
            title=f"Glossary · {self.site}",
            description="The words of messaging with ZeroMQ, each explained in one line: "
            + ", ".join(term.word for term in self.terms[:9])
            + " and more.",
            moving=False,
            terms=self.terms,
            pages={lesson.number: lesson for lesson in self.lessons},
        )

    def missing(self) -> str:
        """The page for an address that is not there; a host shows it at any depth."""
        return self._page(
            "404.html",
            "404.html",
            title=f"Not here · {self.site}",
            description="There is no such page.",
            moving=False,
            base=self.place.url,
        )

    def sitemap(self) -> str:
        """All pages for search engines; "" where the site's address is not known."""
        if not self.place.url:
            return ""
        names = ["", "glossary.html", *(lesson.page for lesson in self.lessons)]
        urls = "".join(f"<url><loc>{escape(urljoin(self.place.url, name))}</loc></url>" for name in names)
        return (
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{urls}</urlset>\n'
        )

    def search(self) -> str:
        """What the search on each page looks through: a script."""
        return search.index(self.lessons, self.terms)

    def card(self) -> Path | None:
        """A frame of a real picture, for those who share the address; None where the address is not known."""
        file = self.place.root / "assets" / "readme-blocked.png"
        return file if self.place.url and file.is_file() else None

    def _page(self, template: str, name: str, *, moving: bool, **values: Any) -> str:
        return self._templates.get_template(template).render(
            site=self.site,
            address=urljoin(self.place.url, name) if self.place.url else "",
            card=urljoin(self.place.url, CARD) if self.card() else "",
            repository=self.place.source,
            style=Markup(styles(moving)),
            early=Markup((HERE / "js" / "early.js").read_text(encoding="utf-8")),
            module=Markup(module(moving)),
            **({"base": ""} | values),
        )


def section(markdown: str, heading: str) -> str:
    """The part of a text under this heading; "" if there is none."""
    found = re.search(rf"^## {re.escape(heading)}$(.*?)(?=^## |\Z)", markdown, re.M | re.S)
    return found[1].strip() if found else ""


def palette() -> str:
    """The colours of the views, the still pictures and the figures, for both themes, from one table."""
    both = {name: f"light-dark({light},{dark})" for name, (light, dark) in PALETTE.items()}
    page = "".join(f"--{name}:{value};" for name, value in both.items())
    figures = "".join(f"--zf-{name}:{value};" for name, value in both.items())
    lanes = "".join(f"--l{i}:var(--lane{i});" for i in range(6))
    return f":root{{{page}{figures}{lanes}}}"


def styles(moving: bool) -> str:
    own = "\n".join((HERE / "templates" / f"{name}.css").read_text(encoding="utf-8") for name in STYLES)
    return f"{palette()}\n{own}" + (f"\n{style()}" if moving else "")


def module(moving: bool) -> str:
    """The page's one script: the views' module where there are views, and the site's own parts."""
    names = SCRIPTS if moving else SCRIPTS[2:]
    own = "\n".join("{\n" + (HERE / "js" / f"{name}.js").read_text(encoding="utf-8") + "}" for name in names)
    return ((script() + "\n") if moving else "").replace("</script", "<\\/script") + own
