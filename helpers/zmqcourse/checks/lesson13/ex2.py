"""13.2: so many workers, shared out so that the line is as fast as it can be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zmqlive.roles import StageTimeout

from ...exercise import Late, Wrong, exercise
from ...trial import Trial, expect_type, trial
from .lines import line, pace

TEAMS = (
    ({"decode": 0.04, "filter": 0.3, "shrink": 0.2}, 3),
    ({"decode": 0.04, "filter": 0.3, "shrink": 0.2}, 4),
    ({"decode": 0.04, "filter": 0.3, "shrink": 0.2}, 6),
    ({"decode": 0.04, "filter": 0.3, "shrink": 0.2}, 13),
    ({"read": 1, "check": 0.5, "copy": 0.5, "write": 2}, 12),
    ({"only": 0.2}, 5),
    ({"a": 0.09, "b": 0.31, "c": 0.2, "d": 0.02, "e": 0.11}, 20),
    ({"slow": 2.0, "slower": 2.1}, 2),
    ({"same": 0.1, "again": 0.1, "once more": 0.1}, 8),
    ({"quick": 0.001, "slow": 3.0}, 300),
)
RUN = {"decode": 0.02, "filter": 0.09, "shrink": 0.06}  # seconds, for the line that is run
HIRED = 8


def _best(seconds: Mapping[str, float], workers: int) -> dict[str, int]:
    team = dict.fromkeys(seconds, 1)
    for _ in range(workers - len(seconds)):
        team[min(seconds, key=lambda name: team[name] / seconds[name])] += 1
    return team


def _team(t: Trial, share_out: Any, seconds: dict[str, float], workers: int) -> dict[str, int]:
    """The learner's team; `Wrong` unless it is one, and as fast as any."""
    given = dict(seconds)
    got = t.run(share_out, given, workers)
    tried = f"`share_out({seconds}, {workers})`"
    expect_type(got, dict, "what `share_out` returned")
    if set(got) != set(seconds) or not all(isinstance(n, int) and n >= 1 for n in got.values()):
        raise Wrong("that is no team for this line", tried=tried, seen=f"`{got}`",
                    expected="for each stage a whole number of workers, at least 1")
    if sum(got.values()) > workers:
        raise Wrong("more workers than there are", tried=tried, seen=f"`{got}`, which are {sum(got.values())}",
                    expected=f"{workers} in all")
    best = _best(seconds, workers)
    if pace(seconds, got) < 0.999 * pace(seconds, best):
        slow = min(seconds, key=lambda name: got[name] / seconds[name])
        raise Wrong(
            "another team is faster",
            tried=tried,
            seen=f"`{got}`: {pace(seconds, got):.3g} pictures a second, for that is what {slow} manages",
            expected=f"`{best}`: {pace(seconds, best):.3g} pictures a second",
        )
    return got


@exercise(
    "13.2",
    title="Scale the right stage",
    hints=(
        "Begin with one worker at each stage, and hire the others one after the other. Where does each go?",
        "A stage with `n` workers manages `n / seconds` pictures a second. The next worker goes where this is "
        "smallest, and then it is worked out again.",
        "`team = dict.fromkeys(seconds, 1)`; then, `workers - len(seconds)` times, one more for "
        "`min(seconds, key=lambda stage: team[stage] / seconds[stage])`.",
    ),
)
def the_fastest_line(share_out) -> str:
    """`share_out(seconds, workers)` gives each stage so many workers that the line is as fast as it can be."""
    with trial() as t:
        for seconds, workers in TEAMS:
            _team(t, share_out, seconds, workers)
        team = _team(t, share_out, RUN, HIRED)
    alone = dict.fromkeys(RUN, 1)
    with line(RUN, team) as yours, line(RUN, alone) as one_each:
        try:
            yours.wait(lambda s: s.received("album") >= 25, timeout=30)
        except StageTimeout:
            raise Late("hardly a picture came out", tried=f"a real line with your team `{team}`") from None
        made = {"yours": yours.received("album"), "one each": one_each.received("album")}
    if made["yours"] < 1.5 * made["one each"]:
        raise Late(
            "your team is hardly faster than one worker each",
            tried=f"two real lines, side by side: `{team}` and one worker at each stage",
            seen=f"{made['yours']} pictures from yours, {made['one each']} from the other",
            expected=f"about {pace(RUN, team) / pace(RUN, alone):.1f} times as many",
        )
    return (f"{len(TEAMS) + 1} lines, none of which another team could make faster; and in one that ran your team made "
            f"{made['yours']} pictures while one worker each made {made['one each']}")
