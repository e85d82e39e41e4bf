"""The course's data files: texts and pictures that lessons work on."""

from __future__ import annotations

from pathlib import Path

from ..exercise import course_root


def asset(name: str) -> Path:
    """The file of this name in the course's `assets/`, wherever the notebook that asks for it is kept.

    Raises FileNotFoundError with what to do when the course's folder is not to be found, or has no such file.
    """
    root = course_root()
    if root is None:
        raise FileNotFoundError("Start JupyterLab in the course's folder: it holds the data of this lesson.")
    file = root / "assets" / name
    if not file.is_file():
        known = ", ".join(sorted(each.name for each in file.parent.glob("*") if each.suffix != ".md")) or "nothing"
        raise FileNotFoundError(f"The course has no {name} in its folder assets, which holds {known}.")
    return file
