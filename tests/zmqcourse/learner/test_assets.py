"""The lessons' data files: found from anywhere, each with its source named."""

from __future__ import annotations

import pytest
from environments import ROOT
from zmqcourse import asset
from zmqcourse.learner import assets


def test_an_asset_is_found_wherever_the_notebook_is(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert asset("README.md") == ROOT / "assets" / "README.md"


def test_a_file_that_is_not_there_says_what_is():
    with pytest.raises(FileNotFoundError, match=r"no pi\.txt in its folder assets, which holds .*readme-dark\.png"):
        asset("pi.txt")


def test_a_notebook_that_lost_its_course_says_where_to_start(monkeypatch):
    monkeypatch.setattr(assets, "course_root", lambda: None)
    with pytest.raises(FileNotFoundError, match="Start JupyterLab in the course's folder"):
        asset("pi.txt")


def test_each_asset_has_its_source_and_licence():
    readme = (ROOT / "assets" / "README.md").read_text(encoding="utf-8")
    files = [file.name for file in (ROOT / "assets").iterdir() if file.name != "README.md"]
    assert [name for name in files if f"`{name}`" not in readme] == []
