"""The static site, read as files: whole, small, without requests, with all that the lessons hold.

`make site-check` (or ZMQ_SITE=folder) looks at every page of a site that was built; else one is built of two lessons.
"""

from __future__ import annotations

import copy
import json
import re
import sys
from itertools import pairwise
from pathlib import Path
from urllib.parse import urldefrag, urlparse
from xml.etree import ElementTree

import nbformat
import pytest
from ipywidgets import HTML, IntSlider, Play, jslink
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from site_reader import LESSONS, NAMED, ROOT, URL, Page, lessons, pages
from view_feeds import fan_out, replay_from
from zmqcourse.exercise import find
from zmqcourse.lessons import notebook
from zmqcourse.site import build, films
from zmqcourse.site.launch import launch
from zmqcourse.site.prose import Prose, slug, terminal
from zmqcourse.site.running import Run
from zmqcourse.site.thin import thin
from zmqlive.view.moment import Fold

pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),  # of jupyter_client, whose sockets the tests do not own
]
MOST_BYTES = 3_000_000


def source(page: Page) -> nbformat.NotebookNode:
    """The lesson that a page was made of."""
    return notebook.read(ROOT / "notebooks" / f"{page.file.stem}.ipynb")


def calls(page: Page, name: str) -> list[str]:
    """The first arguments of the calls of a function in the lesson's code, as far as they are text."""
    code = "\n".join(cell.source for cell in source(page).cells if cell.cell_type == "code")
    return re.findall(rf'^\s*{name}\(\s*"([^"]+)"', code, re.M)


def test_every_page_is_there_and_small(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    names = {page.file.name for page in pages(site)}
    wanted = [file.stem for file in (ROOT / "notebooks").glob("[0-9][0-9]-*.ipynb")] if NAMED else LESSONS
    assert names == {"index.html", "glossary.html", "404.html"} | {f"{name}.html" for name in wanted}
    sizes = {page.file.name: page.file.stat().st_size for page in pages(site)}
    with capsys.disabled():
        largest = max(sizes, key=sizes.__getitem__)
        print(f"\n{len(sizes)} pages, {sum(sizes.values()) / 1e6:.1f} MB; {largest}: {sizes[largest] / 1e6:.2f} MB")
    assert max(sizes.values()) < MOST_BYTES


def test_nothing_is_fetched(site: Path) -> None:
    for page in pages(site):
        assert [each for each in page.fetched() if not each.startswith(("#", "data:"))] == [], page.file.name
        assert not re.search(r"\bfetch\(|XMLHttpRequest|import\(|from [\"']http", page.text), page.file.name


def test_every_link_leads_somewhere(site: Path) -> None:
    ids = {page.file.name: page.ids for page in pages(site)}
    for page in pages(site):
        for link in page.links():
            if urlparse(link).scheme:
                assert link.startswith(("https://", "http://", "mailto:")), f"{page.file.name}: {link}"
                continue
            target, part = urldefrag(link)
            assert not target.startswith("/"), f"{page.file.name}: {link} leaves the folder"
            assert (target or page.file.name) in ids, f"{page.file.name}: {link}"
            assert not part or part in ids[target or page.file.name], f"{page.file.name}: {link}"


def test_no_id_is_there_twice(site: Path) -> None:
    for page in pages(site):
        assert [id for id, times in page.ids.items() if times > 1] == [], page.file.name


def test_each_page_says_what_it_is(site: Path) -> None:
    for page in pages(site):
        assert len(page.all("h1")) == 1 and page.all("html")[0]["lang"] == "en"
        assert page.all("meta", name="viewport")
        assert 20 < len(page.title) < 110
        assert 20 < len(page.all("meta", name="description")[0]["content"]) <= 220
    assert len({page.title for page in pages(site)}) == len(pages(site))


def test_search_engines_are_told_the_address(site: Path) -> None:
    if not (site / "sitemap.xml").exists():
        pytest.skip("this site was built without an address")
    canonical = [page.all("link", rel="canonical")[0]["href"] for page in [*lessons(site), Page(site / "index.html")]]
    listed = re.findall(r"<loc>(.*?)</loc>", (site / "sitemap.xml").read_text(encoding="utf-8"))
    assert set(canonical) <= set(listed) and len(listed) == len(pages(site)) - 1
    if not NAMED:
        assert f"{URL}00-start-here.html" in listed
        assert Page(site / "404.html").all("base") == [{"href": URL}]  # it is shown at any depth


# --- what lessons hold ------------------------------------------------------------------------------------------------


def test_every_view_has_a_still_picture_and_its_record(site: Path) -> None:
    for page in lessons(site):
        figures = page.all("figure", cls="flow")
        shown = len(
            re.findall(r"\bshow\((?!\))", "\n".join(c.source for c in source(page).cells if c.cell_type == "code"))
        )
        assert len(figures) >= min(1, shown) and len(page.all("div", cls="flow-still")) == len(figures)
        places = page.all("div", cls="flow-live")
        assert len(places) == len(figures)
        for place in places:
            record = page.records[place["data-replay"]]
            kinds = {event[1] for event in record["ev"]}
            assert record["title"] and record["dur"] > 0 and {"s", "r", "n"} <= kinds, page.file.name
            assert len(record["topo"]["roles"]) > 1 and record["topo"]["edges"], page.file.name
            assert 0 <= float(place["data-at"]) <= record["dur"] and 0 <= record["from"] < record["dur"]
            assert record["ev"] == sorted(record["ev"], key=lambda event: event[0])


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's share of a queue is known on Linux only")
def test_a_record_knows_where_in_a_queue_messages_waited(site: Path) -> None:
    records = Page(site / "06-back-pressure.html").records.values()
    record = next(each for each in records if each.get("title") == "The same over tcp")
    kernel = [x[1] for event in record["ev"] if event[1] == "n" for x in event[2].get("x", {}).values()]
    assert max(n for n in kernel if n is not None) > 100


def test_every_exercise_has_its_stub_hints_and_solution(site: Path) -> None:
    for page in lessons(site):
        nb = source(page)
        for id, solution in notebook.solutions(nb).items():
            at = page.text.index(f'<section class="exercise" id="ex-{id.replace(".", "-")}">')
            section = page.text[at : page.text.index("</section>", at)]
            plain = re.sub(r"<[^>]+>", "", section)
            assert notebook.stub(nb, id).splitlines()[0].split("(")[0] in plain, id
            assert "todo" in plain and section.count('<details class="hint">') == len(find(id).hints) == 3, id
            assert section.count("<summary>Solution") == 1 and solution.splitlines()[0].split("(")[0] in plain, id
            assert "<details open" not in section
        assert page.text.count('<section class="exercise"') == len(notebook.solutions(nb))
        assert "zmqcourse-verdict" not in page.text  # a stub's verdict tells a reader nothing


def test_every_prediction_can_be_made_and_is_recalled(site: Path) -> None:
    for page in lessons(site):
        asked = [a["data-predict"] for a in page.all("fieldset", cls="predict")]
        assert asked == calls(page, "predict") and asked
        assert set(asked) == {a["data-recall"] for a in page.all("div", cls="recall")}
        assert page.text.count("predict first</a>") == len(page.all("div", cls="recall"))


def test_sliders_choose_among_runs(site: Path) -> None:
    page = Page(site / "06-back-pressure.html")
    slider = r'<span>HWM</span><input type="range" disabled[^>]*max="2"[^>]*value="1"[^>]*><b>5</b>'
    assert re.search(rf'<label class="knob">{slider}', page.text)
    for page in lessons(site):
        steered = [name for name in page.records if name.endswith("-runs")]
        assert len(page.all("div", cls="steer")) == len(steered) and (steered or NAMED), page.file.name
        assert len(page.all("figure", cls="zl-with-controls")) == len(page.all("figure", cls="flow"))


def test_no_output_is_a_widgets_name_or_an_error(site: Path) -> None:
    for page in lessons(site):
        for printed in re.findall(r'<pre class="out[^>]*>(.*?)</pre>', page.text, re.S):
            assert not re.search(r"FlowView\(|Slider\(|VBox\(|Traceback|object at 0x", printed), printed[:200]


def test_the_lessons_follow_one_another(site: Path) -> None:
    found = lessons(site)
    for before, after in pairwise(found):
        assert before.all("a", rel="next")[0]["href"] == after.file.name
        assert after.all("a", rel="prev")[0]["href"] == before.file.name
    index = Page(site / "index.html")
    assert {page.file.name for page in found} <= set(index.links())
    for words in ("make lab", "environment.yml", "Pieter Hintjens", "talk of 2016", "to come"):
        assert words in index.text or (words == "to come" and NAMED), words


def test_contents_and_glossary(site: Path) -> None:
    for page in lessons(site):
        assert len(re.findall(r'<li class="level-2">', page.text)) >= 4
    glossary = Page(site / "glossary.html")
    terms = re.findall(r"(?m)^\*\*(.+?)\*\*", (ROOT / "GLOSSARY.md").read_text(encoding="utf-8"))
    assert len(terms) > 30 and {slug(term) for term in terms} <= set(glossary.ids)
    assert "06-back-pressure.html" in glossary.links()


def test_the_search_knows_every_section_and_word_and_gives_no_solution_away(site: Path) -> None:
    script = (site / "search.js").read_text(encoding="utf-8")
    rows = json.loads(script.removeprefix("globalThis.zmqSearch = ").removesuffix(";\n"))
    places = {row[0] for row in rows}
    for page in lessons(site):
        headings = re.findall(r'<h[23] id="([^"]+)">', page.text)
        assert {f"{page.file.name}#{id}" for id in headings} | {page.file.name} <= places
        solution = next(iter(notebook.solutions(source(page)).values()), "")
        shown = "\n".join(cell.source for cell in source(page).cells if cell.cell_type == "code")
        lines = [line.strip() for line in solution.splitlines()]
        secret = [line for line in lines if len(line) > 50 and line not in shown]
        assert not [line for line in secret if line in script], page.file.name
    assert {f"glossary.html#{id}" for id in Page(site / "glossary.html").ids if id != "main"} <= places
    assert all(row[2] and "<" not in row[2] for row in rows) and len(script) < 40_000 * (2 + len(lessons(site)))


def test_launch_buttons_lead_to_this_lesson(site: Path) -> None:
    assert launch("https://github.com/me/course.git", "notebooks/06-x.ipynb") == [
        ("Binder", "https://mybinder.org/v2/gh/me/course/HEAD?urlpath=lab%2Ftree%2Fnotebooks%2F06-x.ipynb"),
        ("Codespaces", "https://codespaces.new/me/course"),
    ]
    assert [name for name, _ in launch("https://gitlab.com/me/course", "a.ipynb")] == ["Binder"]
    assert launch("", "a.ipynb") == launch("https://example.org/me/course", "a.ipynb") == []
    for page in lessons(site):
        places = [link for link in page.links() if "mybinder.org" in link]
        assert all(page.file.stem in link for link in places) and (places or NAMED), page.file.name


# --- its parts -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("most", [50, 200, 10_000])
def test_a_thinned_record_ends_with_the_same_counts(most: int) -> None:
    whole = replay_from(fan_out(3), rate=200, work=5, seconds=4)
    small = thin(copy.deepcopy(whole), most=most)
    assert len({event[4] for event in small["ev"] if event[1] == "s"}) <= most
    assert len(small["ev"]) <= len(whole["ev"])
    ends = []
    for record in (whole, small):
        fold = Fold()
        last = max(i for i, event in enumerate(record["ev"]) if event[1] == "n")
        for event in record["ev"][: last + 1]:
            fold.apply(event)
        counts = fold.counts()
        ends.append(({str(k): v for k, v in counts["e"].items()}, {str(k): v for k, v in counts["s"].items()}))
    assert ends[0] == ends[1]
    assert ("every one is counted" in small["note"]) == (most < 500)


def test_a_long_record_is_cut_and_says_so() -> None:
    whole = replay_from(fan_out(1), rate=20, seconds=6)
    cut = thin(whole, longest=2)
    assert cut["dur"] == 2000 and max(event[0] for event in cut["ev"]) <= 2000
    assert cut["note"].startswith("The first 2 s of a longer run.")


def test_the_first_view_of_each_lesson_is_a_still_picture(tmp_path: Path) -> None:
    first, second = (replay_from(fan_out(1), seconds=1, title=title) for title in ("First", "Second"))
    kept = {"a": {"replay": first, "knobs": []}, "b": {"replay": second, "knobs": []}}
    runs = [
        Run(Path("05-some.ipynb"), new_notebook(), kept, {}, {}, 1.0),
        Run(Path("07-none.ipynb"), new_notebook(), {}, {}, {}, 1.0),
    ]
    assert build.write_pictures(runs, tmp_path / "new") == [tmp_path / "new" / "05-some.svg"]
    picture = (tmp_path / "new" / "05-some.svg").read_text(encoding="utf-8")
    assert (
        ElementTree.fromstring(picture).tag.endswith("svg") and "First" in picture and "prefers-color-scheme" in picture
    )


def test_a_picture_that_is_played_is_kept_step_by_step() -> None:
    play, slider, picture, other = Play(min=1, max=4), IntSlider(min=1, max=4), HTML(), HTML("the same")
    jslink((play, "value"), (slider, "value"))
    slider.observe(lambda change: setattr(picture, "value", f"<b>{change['new']}</b>"), "value")
    slider.value = 2
    found = films.record()
    assert found[picture.model_id] == [f"<b>{step}</b>" for step in (1, 2, 3, 4)]
    assert other.model_id not in found
    html = films.film(found[picture.model_id], "film-1", lambda step: step)
    assert '<div class="film-picture"><b>4</b></div>' in html and 'max="4" value="4"' in html


def test_prose_has_links_formulas_and_tables_of_this_site() -> None:
    prose = Prose(link=lambda address: f"<{address}>")
    html = prose.html(
        "## A *word*\n\n$\\rho = \\frac{1}{2}$ and [b](c.md)\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n## A word"
    )
    assert '<h2 id="a-word">A <em>word</em>' in html and '<h2 id="a-word-2">' in html
    assert "<mfrac>" in html and 'href="&lt;c.md&gt;"' in html
    assert '<div class="wide" tabindex="0"><table>' in html
    assert [heading.id for heading in prose.headings] == ["a-word", "a-word-2"]
    assert terminal("\x1b[31mred\x1b[0m <b>") == (
        '<pre class="out line" tabindex="0"><span class="ansi-red-fg">red</span> &lt;b&gt;</pre>'
    )


def test_a_lesson_that_fails_stops_the_build_with_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "out").mkdir()
    kept = tmp_path / "out" / "index.html"
    kept.write_text("the site of yesterday")
    broken = new_notebook(
        cells=[
            new_markdown_cell("# Broken\n\nIt takes about 5 minutes.", id="title"),
            new_code_cell("print('fine')\nraise ValueError('no such thing')", id="culprit"),
        ]
    )
    file = tmp_path / "77-broken.ipynb"
    file.write_text(nbformat.writes(broken))
    assert build.site([str(file)], str(tmp_path / "out")) == 1
    said = capsys.readouterr()
    assert said.out == "" and said.err == (
        "The site was not built: 77-broken.ipynb did not run: its cell `culprit` ended with ValueError: no such thing\n"
    )
    assert kept.read_text() == "the site of yesterday"


def test_one_lesson_that_fails_does_not_cost_the_others(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    title = new_markdown_cell("# Fine\n\nIt takes about 5 minutes.", id="title")
    fine, broken = [title, new_code_cell("print('fine')", id="one")], [title, new_code_cell("1 / 0", id="culprit")]
    for name, cells in (("76-fine", fine), ("77-broken", broken)):
        (tmp_path / f"{name}.ipynb").write_text(nbformat.writes(new_notebook(cells=cells)))
    files = [str(tmp_path / f"{name}.ipynb") for name in ("76-fine", "77-broken")]
    out = tmp_path / "out"
    assert build.site(files, str(out), url="https://example.org/course") == 1
    said = capsys.readouterr().err
    assert said.startswith("77-broken.ipynb did not run: its cell `culprit` ended with ZeroDivisionError")
    page = (out / "76-fine.html").read_text()
    assert "fine" in page and not (out / "77-broken.html").exists()
    # Where the address is shared, a frame of a real picture stands beside it.
    assert 'property="og:image" content="https://example.org/course/card.png"' in page
    assert (out / "card.png").stat().st_size > 10_000


def test_a_lesson_that_is_not_there_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert build.site(["notebooks/98-nothing.ipynb"], str(tmp_path)) == 2
    assert capsys.readouterr().err == "There is no notebooks/98-nothing.ipynb.\n"
