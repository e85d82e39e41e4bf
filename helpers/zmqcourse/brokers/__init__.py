"""The same job on other queues: each system started here, used with its usual client, and counted alike.

    from zmqcourse.brokers import Bench, Results

    bench = Bench()                  # starts what this machine has (see `found`), on loopback, unprivileged
    bench.run("work")                # also "fan-out", "crash", "stopped"
    bench.results.picture("work")    # and `table`
    bench.close()

From a terminal: `python -m zmqcourse.brokers`. What is missing is a row that says how to get it. Each system is
one file in `systems/`; what it must be able to do, and on which terms, stands in `base.py`. The experiments are in
`experiments.py`, and what they count comes from what the workers wrote down themselves (`notes.py`).
"""

from __future__ import annotations

from .bench import Bench
from .experiments import EXPERIMENTS, Size
from .results import Results, Row
from .systems import KEYS, make

__all__ = ["EXPERIMENTS", "KEYS", "Bench", "Results", "Row", "Size", "found", "make"]


def found() -> dict[str, str]:
    """Which systems this machine has: key → "" or what is missing. Starts nothing."""
    return {key: make(key).missing() for key in KEYS}
