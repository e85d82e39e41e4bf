"""Lesson 15: a print shop's books, and what is read from them while its parts are killed and frozen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from typing import Any
from weakref import WeakKeyDictionary

from ipywidgets import FloatSlider, ToggleButton
from zmqlive import Stage

PATIENT = 60.0      # seconds that a wait may take on a machine that is busy with other things
FORGIVEN = 30       # answers after which a frozen part has plainly not stopped the shop
Books = SimpleNamespace
_folders: list[TemporaryDirectory[str]] = []
_parts: WeakKeyDictionary[Stage, set[str]] = WeakKeyDictionary()


def open_shop(title: str) -> tuple[Stage, Books]:
    """An empty shop, and its books: what became of each order, the album's file, parcels, what listeners heard."""
    _folders.append(TemporaryDirectory(ignore_cleanup_errors=True))
    album = Path(_folders[-1].name, "album")
    album.touch()
    return Stage(title, seconds=600), Books(orders={}, album=album, parcels=[], diary=[], screen=[])


def once(shop: Stage, part: Callable[..., None], *args: Any) -> None:
    """Add a part to the shop, `part(shop, *args)`, unless it is there already: a cell may run twice."""
    if part.__name__ not in _parts.setdefault(shop, set()):
        part(shop, *args)
        _parts[shop].add(part.__name__)


def close(*shops: Stage) -> int:
    """Stop the shops and throw all albums away; how many roles are still running."""
    for shop in shops:
        shop.stop()
    while _folders:
        _folders.pop().cleanup()
    return sum(shop.running for shop in shops)


def endpoints(shop: Stage, *names: str) -> list[str]:
    """An endpoint of the shop's for each name, always the same for the same name: inproc where only threads meet."""
    return [shop.endpoint("inproc" if name in ("line", "screens") else "tcp", name=name) for name in names]


def knobs() -> tuple[FloatSlider, FloatSlider, FloatSlider, ToggleButton]:
    """Seconds between a customer's orders, its patience, how long the screen takes for each piece of news; the sign."""
    pause = FloatSlider(value=0.3, min=0.05, max=2, step=0.05, description="pause, s")
    patience = FloatSlider(value=30, min=0.1, max=30, step=0.1, description="patience, s")
    slow = FloatSlider(value=0, min=0, max=2, step=0.1, description="screen, s")
    return pause, patience, slow, ToggleButton(value=True, description="open")


# --- reading the books


def answered(books: Books) -> int:
    return sum(state == "answered" for state in list(books.orders.values()))


def given_up(books: Books) -> int:
    return sum(state == "given up" for state in list(books.orders.values()))


def tally(books: Books) -> Counter[str]:
    """How many orders were answered, how many given up, and how many of these are in the album all the same."""
    unheard = sum(books.orders[order] == "given up" for order in books.album.read_bytes().split())
    return Counter(answered=answered(books), given_up=given_up(books), printed_for_nobody=unheard)


@contextmanager
def fault(shop: Stage, books: Books, ledger: dict[str, Counter[str]], what: str) -> Iterator[int]:
    """Around a fault: gives how many orders were given up before; afterwards waits until the shop goes on, and enters
    into the ledger what the fault has cost."""
    before = tally(books)
    yield before["given_up"]
    so_far = answered(books)
    shop.wait(lambda s: answered(books) >= so_far + 4, timeout=PATIENT)
    ledger[what] = tally(books) - before
    names = ("answered", "given_up", "printed_for_nobody")
    print(f"{what}:", *(f"{name.replace('_', ' ')} {ledger[what][name]}" for name in names), sep="   ")


def stands_still(shop: Stage, books: Books) -> bool:
    """Wait until three orders were given up and none answered between them, or until the shop has plainly gone on;
    whether it stands still."""
    began = mark = answered(books)
    lost = given_up(books)

    def known(_: Stage) -> bool:
        nonlocal mark, lost
        if answered(books) != mark:
            mark, lost = answered(books), given_up(books)
        return mark >= began + FORGIVEN or given_up(books) >= lost + 3

    shop.wait(known, timeout=2 * PATIENT)
    return mark < began + FORGIVEN


# --- reading the record


def messages_an_order(shop: Stage, books: Books, count: int = 12) -> float:
    """How many messages the shop sends for an order, in the mean of so many that are answered: all that were sent
    between the answer before them and the last of theirs."""
    wanted = answered(books) + count + 1
    shop.wait(lambda s: answered(books) >= wanted, timeout=PATIENT)
    customers = {order.decode().partition("-")[0] for order in list(books.orders)}
    trace = shop.trace()
    answers = sorted(m.received for m in trace.messages if m.received and trace.role_of(m.target) in customers)
    before, last = answers[-count - 1], answers[-1]
    return sum(before < m.sent <= last for m in trace.messages) / count


def life(shop: Stage, books: Books) -> list[str]:
    """A line for each message that names one order, the last but one that was answered."""
    order = [order for order, state in books.orders.items() if state == "answered"][-2]
    trace = shop.trace()
    steps = sorted((m for m in trace.messages if order in m.frames), key=lambda m: m.sent)
    return [f"{m.sent - steps[0].sent:5.2f} s  {trace.role_of(m.source):9} → {trace.role_of(m.target)}" for m in steps]


def in_hand(shop: Stage, press: str) -> bytes:
    """The order that this press has received last."""
    trace = shop.trace()
    taken = [m for m in trace.messages if m.received and trace.role_of(m.target) == press]
    return max(taken, key=lambda m: m.received).frames[-2]


def totals(shop: Stage) -> dict[str, int]:
    """For each press the highest number that the meter has had from it."""
    trace = shop.trace()
    newest: dict[str, int] = {}
    for m in trace.messages:
        if m.received and trace.role_of(m.target) == "meter":
            press = trace.role_of(m.source)
            newest[press] = max(newest.get(press, 0), int(m.frames[0]))
    return newest


def kinds_of_lines(shop: Stage) -> str:
    """How many sockets and connections there are, and how many of each kind, in words."""
    trace = shop.trace()
    kinds = Counter(f"{trace.socket(c.source).type}–{trace.socket(c.target).type}" for c in trace.connections)
    each = ", ".join(f"{count} {kind}" for kind, count in kinds.items())
    return f"{len(trace.sockets)} sockets, {len(trace.connections)} connections: {each}"


# --- what a cell waits for


def takes_one_more(shop: Stage, press: str) -> None:
    """Wait until this press, or any of "press", has taken one more order."""
    taken = shop.received(press)
    shop.wait(lambda s: s.received(press) > taken, timeout=PATIENT)


def answers_ten_more(shop: Stage, books: Books) -> None:
    so_far = answered(books)
    shop.wait(lambda s: answered(books) >= so_far + 10, timeout=PATIENT)


def reports_since(shop: Stage, count: int = 6) -> tuple[int, int]:
    """Wait for so many more reports; how many came in all, and how many prints they speak of."""
    heard = shop.received("meter")
    shop.wait(lambda s: s.received("meter") >= heard + count, timeout=PATIENT)
    return shop.received("meter"), sum(totals(shop).values())


def unfinished(shop: Stage, books: Books) -> int:
    """Orders that a press has begun and that are not packed."""
    return shop.received("press") - len(books.parcels)


def in_full_swing(title: str, build: Callable[[Stage, Books, ToggleButton], None]) -> tuple[Stage, Books, ToggleButton]:
    """A shop that is built and at work, its books and its sign."""
    shop, books = open_shop(title)
    door = ToggleButton(value=True)
    build(shop, books, door)
    shop.start()
    shop.wait(lambda s: len(books.parcels) >= 2 and unfinished(s, books), timeout=PATIENT)
    return shop, books, door
