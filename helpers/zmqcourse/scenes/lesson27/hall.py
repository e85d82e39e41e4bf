"""A door with a lock, in the live picture, and those who come to it: a list of guests that can be changed meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ipywidgets import Checkbox, HBox, Layout
from zmqlive import Stage

Role = Callable[..., Any]
Options = Mapping[str, Any]
SECONDS = 600
LONG = 60.0  # seconds for what happens within one on any machine


def at_the_door(door: Role, caller: Role, callers: Mapping[str, Options], needed: int = 10) -> tuple[Stage, set[str]]:
    """`door(ctx, endpoint, took)`, and `caller(ctx, endpoint, name, options)` for each: the stage, running, and whose
    messages have arrived when so many of the first one's have, and some of the others', if they come at all."""
    took: list[bytes] = []
    stage = Stage("A door with a key", seconds=SECONDS)
    endpoint = stage.endpoint("tcp", name="door")
    stage.add(door, endpoint, took, name="door")
    for name, options in callers.items():
        stage.add(caller, endpoint, name.encode(), options, name=name)
    stage.start()
    first = next(iter(callers))

    def enough(_: Stage) -> bool:
        known = came(took, first)
        return known >= needed and (all(came(took, name) for name in callers) or known >= 5 * needed)

    stage.wait(enough, timeout=LONG)
    return stage, {name for name in callers if came(took, name)}


def came(took: list[bytes], name: str) -> int:
    """How many messages of this one's are in there: each begins with the name."""
    return sum(message.startswith(name.encode() + b" ") for message in list(took))


class Hall:
    """Ann and Bob at a guarded door: `door(ctx, endpoint, took, guests)` and `caller(ctx, endpoint, name, options)`.
    `guests` has a set `keys`; Ann is in it and Bob is not. `boxes` put them on the list and strike them off; `stage`
    runs, and one more Bob can be added to it."""

    def __init__(self, door: Role, caller: Role, guests: Any, keys: Mapping[str, Any], options: Role) -> None:
        self.took: list[bytes] = []
        self._guests, self._keys = guests, keys
        self.stage = stage = Stage("A list of guests", seconds=SECONDS)
        self.endpoint = stage.endpoint("tcp", name="door")
        stage.add(door, self.endpoint, self.took, guests, name="door")
        for name, key in keys.items():
            stage.add(caller, self.endpoint, name.encode(), options(key), name=name, growable=name == "Bob")
        self._boxes = {name: self._box(name) for name in keys}
        self.boxes = HBox(list(self._boxes.values()))
        stage.start()
        stage.wait(lambda _: self.came("Ann") >= 3, timeout=LONG)
        stage.wait(lambda s: s.recorder.blocked("Bob", seconds=0.2), timeout=LONG)

    def _box(self, name: str) -> Checkbox:
        box = Checkbox(self._keys[name].public in self._guests.keys, description=f"{name} is on the list", indent=False)
        box.layout = Layout(width="13em")
        box.observe(lambda change: self._write(name, change.new), "value")
        return box

    def _write(self, name: str, listed: bool) -> None:
        key = self._keys[name].public
        (self._guests.keys.add if listed else self._guests.keys.discard)(key)

    def came(self, name: str) -> int:
        return came(self.took, name)

    def lists(self, name: str, listed: bool = True) -> None:
        """As the box of this name does."""
        self._boxes[name].value = listed

    def passes(self, count: int) -> int:
        """Waits until so many more messages have come from Ann, and says how many have."""
        before = self.came("Ann")
        self.stage.wait(lambda _: self.came("Ann") >= before + count, timeout=LONG)
        return self.came("Ann") - before

    def bob_again(self) -> int:
        """Bob, once more, with a socket of his own; how many of his messages have come when three have, or when Ann has
        sent a hundred meanwhile."""
        mine, hers = self.came("Bob"), self.came("Ann")
        self.stage.grow("Bob")
        self.stage.wait(lambda _: self.came("Bob") >= mine + 3 or self.came("Ann") >= hers + 100, timeout=LONG)
        return self.came("Bob") - mine
