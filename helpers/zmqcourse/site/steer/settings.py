"""At which other settings a scene is run: three to five of each slider, and no more runs than a lesson has time for."""

from __future__ import annotations

from itertools import product
from math import sqrt
from typing import Any

#: A setting of all sliders: the index of each one's value among its settings.
Setting = tuple[int, ...]
PRESS = "press:"  # with this an author's own button is named
LEAST = 0.05  # of a slider's range: where it begins at nought, that is too fast to be watched


def settings_of(knob: dict[str, Any], many: int) -> list[Any]:
    """At most so many (3 or 5) values of a slider, in order, its own among them; of a choice, all of them."""
    value = knob["value"]
    if isinstance(value, bool):
        return [False, True]
    if options := knob.get("options"):
        return [each[1] if isinstance(each, (list, tuple)) else each for each in options][:5]
    low, high = knob.get("min"), knob.get("max")
    if not all(isinstance(n, (int, float)) for n in (value, low, high)) or not low < high:
        return [value]
    step = knob.get("step") or (high - low) / 100
    if low <= 0:
        low = max(step, min(LEAST * high, value / 4)) if value > 0 else max(step, LEAST * high)
    if value <= 0:
        ends = [sqrt(low * high), high]
    elif many < 5:
        ends = [_towards(low, value), _towards(high, value)]
    else:
        ends = [low, sqrt(low * value), sqrt(value * high), high]
    first, whole = knob["min"], isinstance(value, int)
    near = {first + step * max(round((end - first) / step), 1 if first <= 0 else 0) for end in ends}
    near = {min(high, int(n) if whole else round(n, 6)) for n in near}
    return sorted({*near, value})


def _towards(end: float, value: float) -> float:
    """Half of the way there as the ear would say, unless that is less than twice or half of the value."""
    half = sqrt(end * value)
    return half if max(half / value, value / half) >= 2 else end


def plan(knobs: list[dict[str, Any]]) -> tuple[list[list[Any]], list[Setting]]:
    """The settings of each slider, and at which of all together the scene is run again. One slider alone has five
    settings, two have three each, in all combinations; of more, one at a time is moved."""
    many = 5 if len(knobs) == 1 else 3
    values = [settings_of(knob, many) for knob in knobs]
    own = own_of(knobs, values)
    if len(knobs) <= 2:
        chosen = list(product(*(range(len(each)) for each in values)))
    else:
        chosen = [(*own[:k], i, *own[k + 1 :]) for k, each in enumerate(values) for i in range(len(each))]
    return values, [setting for setting in dict.fromkeys(chosen) if setting != own]


def own_of(knobs: list[dict[str, Any]], values: list[list[Any]]) -> Setting:
    """How the sliders stand in the lesson itself."""
    return tuple(each.index(knob["value"]) for knob, each in zip(knobs, values, strict=True))
