"""Where the project is; and environments of their own, in build/, for tools that must not stand beside the tests'."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
from pathlib import Path

from machine import PATIENCE

ROOT = Path(__file__).resolve().parents[1]
HELPERS = ROOT / "helpers"


class NotInstalled(RuntimeError):
    """A package could not be installed; says what was said."""


def environment(name: str, *packages: str, on_top: bool = True) -> Path:
    """The Python of the environment `name`, which has these packages, and `on_top` of them what the tests have.

    It is made when first asked for, and found in build/ the next time. Raises `NotInstalled`.
    """
    folder = ROOT / "build" / f"{name}-{sys.version_info[0]}.{sys.version_info[1]}"
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if not (folder / "ready").exists():
        venv.create(folder, clear=True)
        if on_top:
            own, course = (Path(_said(each, "-c", _WHERE).strip()) for each in (str(python), sys.executable))
            (own / "course.pth").write_text(f"import site; site.addsitedir({str(course)!r})\n")
        _said(sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", "--no-compile", *packages)
        (folder / "ready").touch()
    return python


_WHERE = "import sysconfig; print(sysconfig.get_path('purelib'))"


def _said(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, encoding="utf-8", timeout=PATIENCE)
    if done.returncode:
        raise NotInstalled(f"{command[0]} failed: {(done.stdout + done.stderr)[-500:]}")
    return done.stdout
