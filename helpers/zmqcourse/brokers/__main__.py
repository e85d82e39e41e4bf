"""The experiments from a terminal: `python -m zmqcourse.brokers [SYSTEM …] [--save FILE]`."""

from __future__ import annotations

import argparse
import datetime
import os
import platform

from . import KEYS, Bench
from .table import Table


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m zmqcourse.brokers", description="The same job on every queue.")
    parser.add_argument("systems", nargs="*", help=f"some of: {', '.join(KEYS)} (all that are here)")
    parser.add_argument("--together", type=int, default=2, help="how many at a time (2; 1 for quiet)")
    parser.add_argument("--save", metavar="FILE", help="keep the results as JSON")
    chosen = parser.parse_args()
    with Bench(chosen.systems, together=chosen.together) as bench:
        for experiment in ("work", "fan-out", "crash", "stopped"):
            bench.run(experiment)
        machine = f"{os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}"
        bench.results.note = f"Recorded on {datetime.date.today():%d %B %Y}: {machine}."
        for experiment in ("start", "work", "fan-out", "crash", "stopped"):
            table: Table = bench.results.table(experiment)
            print(f"\n{experiment}\n{table!r}")
        if chosen.save:
            bench.results.save(chosen.save)


if __name__ == "__main__":
    main()
