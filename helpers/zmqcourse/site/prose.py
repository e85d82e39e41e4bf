"""Markdown and code as HTML: nbconvert's converters, with this site's links, headings, tables and formulas."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from html import escape, unescape

from latex2mathml.converter import convert as mathml
from nbconvert.filters import Highlight2HTML, ansi2html
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

_HEADING = re.compile(r"<h([1-6])>(.*?)</h\1>", re.S)
_HREF = re.compile(r'(<a\b[^>]*?\bhref=")([^"]*)(")')
_SRC = re.compile(r'(<img\b[^>]*?\bsrc=")([^"]*)(")')
_TAG = re.compile(r"<[^>]+>")
_highlight = Highlight2HTML(pygments_lexer="ipython3")


@dataclass(frozen=True)
class Heading:
    """A heading of a page: its level, where it is, and its words as HTML."""

    level: int
    id: str
    html: str


@dataclass
class Prose:
    """Turns the markdown of one page into HTML, and remembers its headings.

    link: what an address in the source is on the site. image: the same for a picture.
    """

    link: Callable[[str], str] = lambda address: address
    image: Callable[[str], str] = lambda address: address
    headings: list[Heading] = field(default_factory=list)

    def html(self, markdown: str) -> str:
        made = MarkdownWithMath(renderer=_Renderer(escape=False, exclude_anchor_links=True)).render(markdown)
        made = _HEADING.sub(self._heading, made)
        return self.links(scrollable(made))

    def links(self, made: str) -> str:
        """Any HTML with its links and pictures set right."""
        made = _HREF.sub(lambda m: m[1] + escape(self.link(unescape(m[2])), quote=True) + m[3], made)
        return _SRC.sub(lambda m: m[1] + escape(self.image(unescape(m[2])), quote=True) + m[3], made)

    def _heading(self, match: re.Match[str]) -> str:
        level, words = int(match[1]), match[2]
        wanted = id = slug(text(words))
        used, n = {heading.id for heading in self.headings}, 2
        while id in used:
            id, n = f"{wanted}-{n}", n + 1
        self.headings.append(Heading(level, id, words))
        sign = f'<a class="anchor" href="#{id}" aria-label="Link to this section">#</a>' if level > 1 else ""
        return f'<h{level} id="{id}">{words}{sign}</h{level}>'


class _Renderer(IPythonRenderer):
    """nbconvert's renderer, with formulas as MathML: browsers draw it themselves."""

    def block_math(self, body: str) -> str:
        return f'<span class="formula" tabindex="0">{mathml(body.strip(), display="block")}</span>'

    def inline_math(self, body: str) -> str:
        return mathml(body.strip())


def code(source: str) -> str:
    """Python source with its words in colours."""
    return scrollable(_highlight(source))


def terminal(printed: str) -> str:
    """What a program printed, its terminal colours among it."""
    printed = printed.rstrip()
    kind = "out" if "\n" in printed else "out line"  # one long line wraps; a table scrolls, and stays a table
    return f'<pre class="{kind}" tabindex="0">{ansi2html(printed)}</pre>'


def scrollable(html: str) -> str:
    """Code and tables scroll inside, also by keyboard; the page itself stays as wide as the window."""
    html = html.replace("<pre>", '<pre tabindex="0">')
    html = re.sub(r"<table\b", '<div class="wide" tabindex="0"><table', html)
    return html.replace("</table>", "</table></div>")


def text(html: str) -> str:
    """The words alone."""
    return " ".join(unescape(_TAG.sub("", html)).split())


def slug(words: str) -> str:
    """A heading's words as an address."""
    return re.sub(r"[^\w]+", "-", words.lower()).strip("-") or "section"
