"""Nobody looks, nobody pays: what live views cost the kernel, as processor time beside the same with no view."""

from __future__ import annotations

import json
import time

import pytest
from view_cost import measure

#: Processor time (s) of `reckon` where the limits hold; a slower processor has more, and a busy one the same.
REFERENCE = 0.016


def reckon() -> float:
    counts = {"e": {i: list(range(8)) for i in range(10)}}
    began = time.thread_time()
    for _ in range(2000):
        json.dumps(counts)
    return time.thread_time() - began


@pytest.mark.thorough
def test_a_view_out_of_sight_costs_next_to_nothing_and_three_in_sight_little(
    capsys: pytest.CaptureFixture[str],
) -> None:
    before = reckon()
    shares = measure(rate=1000, rounds=5, slot=2.0)
    slower = max(1.0, min(before, reckon()) / REFERENCE)
    extra = {kind: (share - shares["none"]) / slower for kind, share in shares.items() if kind != "rate"}
    with capsys.disabled():
        print(f"\nat {shares['rate']:,.0f} messages a second:", {k: f"{v:+.2%}" for k, v in extra.items()})
    assert shares["rate"] > 700, "a system this slow would show nothing"
    assert extra["one unseen"] < 0.01
    assert extra["one seen"] < 0.02
    assert extra["three seen"] < 0.04
    assert extra["one unseen"] < max(0.004, extra["three seen"] / 2)
