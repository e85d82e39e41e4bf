"""A Python in which ZMQLIVE alone is enough: one line in its site-packages, put there and taken away on request.

`run` and `watch` do without: they put a folder on PYTHONPATH, which changes no installation and reaches the children of
a program as well. The line is for programs whose environment somebody else makes. While ZMQLIVE is not set, it costs
the look-up of one variable as Python starts.
"""

from __future__ import annotations

import argparse
import sysconfig
from pathlib import Path

from ..hook import ADDRESS
from .watch import HOOK


def line() -> str:
    """What Python executes as it starts."""
    return (f"import os; os.environ.get({ADDRESS!r}) and "
            f"exec(compile(open({str(HOOK / 'sitecustomize.py')!r}).read(), 'zmqlive hook', 'exec'), "
            f"{{'__name__': 'zmqlive_hook', '__file__': {str(HOOK / 'sitecustomize.py')!r}}})\n")


def file() -> Path:
    """Where the line is kept."""
    return Path(sysconfig.get_path("purelib"), "zmqlive_hook.pth")


def hook(options: argparse.Namespace) -> int:
    """Let ZMQLIVE alone record a program of this Python: on, off, or say how it is."""
    where = file()
    if options.what == "on":
        where.write_text(line(), encoding="utf-8")
    elif options.what == "off":
        where.unlink(missing_ok=True)
    print(f"{'on' if where.exists() else 'off'}: {where}")
    return 0
