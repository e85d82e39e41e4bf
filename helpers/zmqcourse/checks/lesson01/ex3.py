"""01.3: how many workers keep the mean wait below a target."""

from __future__ import annotations

import math

from ...exercise import Wrong, exercise
from ...trial import expect_type, trial


def _erlang_c(arrivals: float, service: float, workers: int) -> float:
    """The mean wait in seconds with exponential gaps and services and one queue (Erlang, 1917)."""
    load = arrivals * service
    if workers <= load:
        return math.inf
    blocked = 1.0
    for n in range(1, workers + 1):
        blocked = load * blocked / (n + load * blocked)
    waits = blocked / (1 - load / workers * (1 - blocked))
    return waits * service / (workers - load)


# In each, one worker less waits half as long again as wanted, or longer: a simulation of ten thousands can tell.
QUESTIONS = ((1, 0.2, 0.5), (10, 0.08, 0.1), (20, 0.2, 0.05), (100, 0.02, 0.05), (8, 1, 0.43), (50, 0.1, 0.03))


@exercise(
    "01.3",
    title="How many workers?",
    hints=(
        "How many workers are needed to have a utilisation below 1? Begin there, and add one until the wait "
        "is short enough.",
        "`tills(came, takes, count)` gives the visits, `mean_wait` their wait. `came` adds up the gaps divided by "
        "`arrivals`, `takes` are the services times `service`. Take some ten thousand.",
        "`count = math.floor(arrivals * service) + 1`, then "
        "`while mean_wait(tills(came, takes, count)) > target: count += 1`.",
    ),
)
def enough_and_no_more(workers_for) -> str:
    """`workers_for(arrivals, service, target)` is the smallest number with a mean wait of at most `target` seconds."""
    for arrivals, service, target in QUESTIONS:
        with trial() as t:
            got = t.run(workers_for, arrivals, service, target)
        expect_type(got, int, "what `workers_for` returned")
        right = next(n for n in range(1, 100) if _erlang_c(arrivals, service, n) <= target)
        if got != right:
            wait = _erlang_c(arrivals, service, got) if got > 0 else math.inf
            short = "the queue grows without end" if wait == math.inf else f"the mean wait is {wait:.3g} s"
            raise Wrong(
                "that is too few" if got < right else "that is more than is needed",
                tried=f"`workers_for({arrivals}, {service}, {target})`",
                seen=f"`{got}`, with which {short}",
                expected=f"`{right}`: mean wait {_erlang_c(arrivals, service, right):.3g} s "
                f"(with {right - 1}: {_say(_erlang_c(arrivals, service, right - 1))})",
            )
    return f"{len(QUESTIONS)} services, of one worker and more; with one less each would wait too long"

def _say(wait: float) -> str:
    return "without end" if wait == math.inf else f"{wait:.3g} s"
