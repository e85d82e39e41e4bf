"""`python -m zmqlive`: see `programs/commands.py`, or `--help`."""

from __future__ import annotations

import sys

from .programs import main

if __name__ == "__main__":
    sys.exit(main())
