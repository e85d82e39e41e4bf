"""Systems of the classic guide's kind behave the same when they are recorded, and their ledgers are right."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import zmqlive
from guide_systems import SYSTEMS, Play

# What such a ledger holds besides messages that were received. (One client closes its socket, LINGER 0, with a request
# in it that nobody took: that one is lost.)
BESIDE: dict[str, dict[str, Any]] = {
    "weather": {"unwanted": 160}, "two_sources_by_dontwait": {"unwanted": 10},
    "weather_proxy": {"unwanted": 67}, "envelopes": {"unwanted": 10}, "clone_subtree": {"unwanted": 5},
    "suicidal_snail": {"waiting": 9},
}


def played(system: Callable[[Play], Any]) -> Any:
    play = Play()
    try:
        return system(play)
    finally:
        play.end()


def test_there_are_forty() -> None:
    assert len(SYSTEMS) >= 40


@pytest.mark.parametrize("system", SYSTEMS, ids=lambda f: f.__name__)
def test_it_behaves_the_same_and_nothing_is_lost_that_was_not(system: Callable[[Play], Any]) -> None:
    plain = played(system)
    trace = zmqlive.record()
    play = Play()
    try:
        recorded = system(play)
        ledger = trace.ledger()
    finally:
        play.end()
        trace.close()
    assert recorded == plain
    print(f"\n{system.__name__}: {ledger}")
    assert ledger.twice == 0 and ledger.lost == (system.__name__ == "freelance_one_by_one"), ledger
    assert (ledger.outside, ledger.from_outside, ledger.unknown, ledger.from_unknown) == (0, 0, 0, 0), ledger
    assert trace.exact and not ledger.remarks
    for name, count in BESIDE.get(system.__name__, {}).items():
        assert getattr(ledger, name) == count, ledger
