"""03.1: choosing a queue by what was measured."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...exercise import Wrong, exercise
from ...trial import expect_type, trial

NEEDS: dict[str, Callable[[dict[str, Any]], bool]] = {
    "orders": lambda fact: fact["lost"] == 0 and fact["recovered"] is not None and fact["recovered"] <= 10,
    "audit": lambda fact: fact["lost"] == 0 and bool(fact["late"]),
    "sensors": lambda fact: not fact["server"] and fact["stopped"] in ("blocks", "error"),
}


def _fact(name: str, server: bool, lost: Any, recovered: Any, late: Any, stopped: Any, twice: Any = 0) -> dict:
    found = {"lost": lost, "twice": twice, "recovered": recovered, "late": late, "stopped": stopped}
    return {"name": name, "server": server, **found}


# As the lesson measures them; then systems that nobody has met, so that no answer knows their names.
KNOWN = (
    _fact("ZeroMQ", False, 99, None, 0, "blocks"),
    _fact("RabbitMQ", True, 0, 0.5, 0, "takes all"),
    _fact("Kafka protocol (Tansu)", True, 0, 4.2, 300, "takes all", 12),
    _fact("beanstalkd", True, 0, 0.7, None, "takes all"),
    _fact("NATS core", True, 71, None, 0, "takes all"),
    _fact("Redis streams", True, 0, 1.2, 300, "takes all", 4),
    _fact("MQTT (mosquitto)", True, 64, None, 0, "drops"),
)
STRANGE = (
    _fact("slow log", True, 0, 31.5, 12, "error", 3),
    _fact("never measured", False, None, None, None, None),
    _fact("just in time", True, 0, 10, 0, "blocks", 250),
    _fact("kind library", False, 0, 0.2, 0, "error"),
    _fact("rude library", False, 7, None, 0, "drops"),
    _fact("one newcomer", True, 0, None, 1, "drops"),
    _fact("leaky log", True, 1, None, 300, "takes all"),
    _fact("ants", False, 3, None, 0, "blocks"),
    _fact("nobody killed it", True, None, None, 300, "takes all"),
    _fact("at once", True, 0, 0.0, None, "error"),
    _fact("quick, and never killed", True, None, 1.0, None, "drops"),
    _fact("a shelf", False, 0, 11, 5, None),
)


def _told(fact: dict[str, Any]) -> str:
    return ", ".join(f"{key} {value!r}" for key, value in fact.items() if key != "name")


def _names(chosen: Any, need: str) -> list[str]:
    if not isinstance(chosen, dict) or need not in chosen:
        expected = '`{"orders": […], "audit": […], "sensors": […]}`'
        seen = f"`{chosen!r}`"[:200]
        raise Wrong(f"`choose` did not return a dict with a list of {need}", seen=seen, expected=expected)
    names = chosen[need]
    expect_type(names, (list, tuple), f'what you return as `"{need}"`')
    if wrong := [name for name in names if not isinstance(name, str)]:
        raise Wrong(f'`"{need}"` holds something that is no name', seen=f"`{wrong[0]!r}`"[:200], expected="names only")
    return list(names)


@exercise(
    "03.1",
    title="Choose by what was measured",
    hints=(
        "One list at a time: go through `facts`, and keep the name where all that this need asks for is true.",
        "What is `None` cannot be compared: ask `is not None` first. A `late` of 0 means that it got nothing.",
        '`[each["name"] for each in facts if each["lost"] == 0 and each["late"]]` is the list for the audit.',
    ),
)
def chooses_by_needs(choose) -> str:
    """`choose(facts)` returns, for each of three needs, the names of the systems that meet it."""
    for facts in (KNOWN, STRANGE, KNOWN[::-1] + STRANGE[::2], ()):
        with trial() as t:
            chosen = t.run(choose, [dict(fact) for fact in facts])
        for need, fits in NEEDS.items():
            names, expected = _names(chosen, need), [fact["name"] for fact in facts if fits(fact)]
            for fact in facts:
                if (fact["name"] in names) != fits(fact):
                    chose = "chose" if fact["name"] in names else "did not choose"
                    raise Wrong(
                        f'for `"{need}"` you {chose} {fact["name"]!r}',
                        tried=f"`choose(facts)` with {len(facts)} systems, some of which you have never heard of",
                        seen=f"{fact['name']}: {_told(fact)}",
                        expected=f"`{expected}`",
                    )
            if names != expected:
                raise Wrong(
                    f'`"{need}"` has the right names, but not once each and in the order of `facts`',
                    seen=f"`{names}`",
                    expected=f"`{expected}`",
                )
    return f"{len(KNOWN)} systems that you know and {len(STRANGE)} that nobody does, in several orders, and none at all"
