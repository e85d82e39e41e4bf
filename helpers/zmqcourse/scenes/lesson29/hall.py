"""Two tills and two cooks, each of them old or new: who understands whom while they are replaced, one after another."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

import zmq
from ipywidgets import Checkbox, Layout
from zmqlive import Stage

Role = Callable[..., Any]
Ages = Sequence[Callable[[Any], Any]]  # the old one, the new one
TILLS, COOKS = ("till 1", "till 2"), ("cook 1", "cook 2")
ORDERS = {
    "tills first": (*TILLS, *COOKS),
    "cooks first": (*COOKS, *TILLS),
    "all at once, at night": (),
}
FEW = 5  # messages that each cook takes between two replacements
LONG = 60.0  # seconds for what happens within one on any machine


class Installed:
    """A program as it is installed now, old or new; it is replaced between two messages. `open` is cleared while
    nobody works."""

    def __init__(self, ages: Ages) -> None:
        self.ages, self.new = ages, False
        self.open = threading.Event()
        self.open.set()

    def __call__(self, it: Any) -> Any:
        while not self.open.wait(0.05):
            pass
        return self.ages[self.new](it)


def board(ctx: zmq.Context[Any], news: str, told: list[str]) -> None:
    """Takes what the cooks say."""
    with ctx.socket(zmq.PULL) as pull:
        pull.bind(news)
        while True:
            told.append(pull.recv_string())


def tenth() -> None:
    time.sleep(0.1)


def hundredth() -> None:
    time.sleep(0.01)


class Hall:
    """`till(ctx, kitchens, says, rest)` twice and `cook(ctx, endpoint, news, reads)` twice; `says` and `reads` are of
    two ages. `boxes` replace them one by one; `stage` runs."""

    def __init__(self, till: Role, cook: Role, tills: Ages, cooks: Ages, rest: Callable[[], None] = tenth) -> None:
        self.told: list[str] = []
        self.installed = {name: Installed(tills if name in TILLS else cooks) for name in (*TILLS, *COOKS)}
        self.stage = stage = Stage("Old and new", seconds=600)
        news = stage.endpoint("inproc", name="news")
        kitchens = [stage.endpoint("tcp", name=name) for name in COOKS]
        stage.add(board, news, self.told, name="board")
        for name, endpoint in zip(COOKS, kitchens, strict=True):
            stage.add(cook, endpoint, news, self.installed[name], name=name)
        for name in TILLS:
            stage.add(till, kitchens, self.installed[name], rest, name=name)
        stage.label(lambda role, frames: frames[0].decode() if role in COOKS else None)
        self._boxes = {name: self._box(name) for name in self.installed}
        self.boxes = list(self._boxes.values())
        stage.start()

    def _box(self, name: str) -> Checkbox:
        box = Checkbox(False, description=f"{name} is new", indent=False, layout=Layout(width="max-content"))
        box.observe(lambda change: setattr(self.installed[name], "new", change.new), "value")
        return box

    def replace(self, name: str) -> None:
        """As the box of this name does."""
        self._boxes[name].value = True

    def learn(self, reads: Callable[[Any], Any]) -> None:
        """The new cooks read like this from now on."""
        for name in COOKS:
            self.installed[name].ages = (self.installed[name].ages[0], reads)

    def passes(self) -> None:
        """Waits until each cook has taken a few more messages."""
        before = {name: self.stage.received(name) for name in COOKS}
        self.stage.wait(lambda s: all(s.received(name) >= before[name] + FEW for name in COOKS), LONG)

    def upgrade(self, order: str) -> None:
        """Replaces all four in this order, one of `ORDERS`, and waits in between."""
        self.passes()
        for name in ORDERS[order]:
            self.replace(name)
            self.passes()
        if not ORDERS[order]:
            self._at_night()
        self.passes()

    def _at_night(self) -> None:
        """The cooks go first, then the tills, whose last orders wait; in the morning all are new."""
        for name in COOKS:
            self.installed[name].open.clear()
        sent = {name: self.stage.sent(name) for name in TILLS}
        self.stage.wait(lambda s: all(s.sent(name) >= sent[name] + FEW for name in TILLS), LONG)
        for name in (*TILLS, *COOKS):
            self.replace(name)
        for name in COOKS:
            self.installed[name].open.set()

    @property
    def dropped(self) -> int:
        """Orders so far that a cook did not understand."""
        return sum(each.startswith("drops") for each in list(self.told))


def upgraded(till: Role, cook: Role, tills: Ages, cooks: Ages) -> dict[str, int]:
    """How many orders are dropped in an upgrade, by the order of it (`ORDERS`)."""
    found = {}
    for order in ORDERS:
        hall = Hall(till, cook, tills, cooks, hundredth)
        with hall.stage:
            hall.upgrade(order)
            found[order] = hall.dropped
    return found
