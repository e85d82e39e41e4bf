"""29.2: a message that bites is refused: whatever comes, it gets an answer, and nothing in it is run."""

from __future__ import annotations

import json
import pickle
import random as randoms
from typing import Any

import zmq

from ...exercise import Late, Wrong, exercise
from ...trial import Trial, show, trial

DEEP = 100_000  # brackets, more than Python's reader goes down
DIGITS = 5000  # of a number, more than Python reads
LONG = 40  # letters of a dish's name at most
BITTEN: list[str] = []  # what was called by whom


@exercise(
    "29.2",
    title="A message that bites",
    hints=(
        "`json.loads` raises more than one kind of error: a JSONDecodeError and a UnicodeDecodeError are both "
        "ValueErrors, and what is nested too deeply is a RecursionError. None of them may end the desk.",
        "What has been read may still be anything: a list, a text, a number. Ask `isinstance(order, dict)` first, then "
        "take the fields with `get`, and ask of each what it is.",
        "In Python `True` is an `int`: `type(table) is int`. And receive with `recv_multipart`: what has two frames is "
        "no order, and a REP must have taken all of them before it answers.",
    ),
)
def a_message_that_bites(desk) -> str:
    """`desk(ctx, endpoint, cook)`: calls `cook(table, dish)` for orders; answers everything."""
    with trial(seconds=15) as t:
        at = Desk(t, desk)
        at.takes(*GOOD[0])
        for tried, frames in BITES.items():
            at.refuses(tried, frames)
            at.takes(*GOOD[0])
        for each in GOOD:
            at.takes(*each)
    return f"{len(BITES)} kinds of messages that are no orders, each refused; {at.orders} orders in between, each taken"


class _Bite:
    """What unpickling calls a function of the sender's choice for."""

    def __init__(self, words: str) -> None:
        self._words = words

    def __reduce__(self) -> Any:
        return bite, (self._words,)


def bite(words: str) -> dict[str, Any]:
    """Says that it was called, and looks like an order."""
    BITTEN.append(words)
    return {"table": 1, "dish": "soup"}


def _order(**fields: Any) -> bytes:
    return json.dumps({"table": 7, "dish": "soup", **fields}).encode()


_CALL = f"__import__({__name__!r}, fromlist=['bite']).bite('a text that is Python')"

GOOD: tuple[tuple[bytes, int, str], ...] = (
    (_order(), 7, "soup"),
    (_order(table=1), 1, "soup"),
    (_order(table=99), 99, "soup"),
    (_order(dish="x" * LONG), 7, "x" * LONG),
    (b'{"table": 8, "dish": "K\xc3\xa4se"}', 8, "Käse"),
    (_order(dish=_CALL[:LONG]), 7, _CALL[:LONG]),
    (_order(note=["hot", None], guests=float(10**9)), 7, "soup"),
    (b' {"dish" : "tea",\n "table" : 12} ', 12, "tea"),
)

BITES: dict[str, list[bytes]] = {
    "a pickle that calls a function": [pickle.dumps(_Bite("a pickle"))],
    "the same, by the oldest protocol": [pickle.dumps(_Bite("a pickle"), protocol=0)],
    "a pickle of an order": [pickle.dumps({"table": 7, "dish": "soup"})],
    "a text that is Python": [_CALL.encode()],
    "an order as Python writes it": [b"{'table': 7, 'dish': 'soup'}"],
    "nothing at all": [b""],
    "no JSON": [b"7 soup"],
    "half of an order": [_order()[:-4]],
    "an order, and something after it": [_order() + b"}"],
    "no UTF-8": [b'{"table": 7, "dish": "K\xe4se"}'],
    "two frames": [_order(), b"soup"],
    "three frames, the last an order": [b"", b"", _order()],
    "JSON, and null": [b"null"],
    "JSON, and a list": [b'["table", "dish"]'],
    "JSON, and a text with both words in it": [b'"table dish"'],
    "JSON, and a number": [b"7"],
    f"{DEEP:,} brackets": [b"[" * DEEP],
    f"an order with {DEEP:,} brackets in it": [b'{"table": 7, "dish": ' + b"[" * DEEP + b"]" * DEEP + b"}"],
    f"a number of {DIGITS:,} digits": [b'{"table": ' + b"7" * DIGITS + b', "dish": "soup"}'],
    "no table": [b'{"dish": "soup"}'],
    "no dish": [b'{"table": 7}'],
    "a table that is a text": [_order(table="7")],
    "a table that is true": [_order(table=True)],
    "a table and a half": [_order(table=7.5)],
    "a table that is 7.0": [_order(table=7.0)],
    "a table that is no number (NaN)": [_order(table=float("nan"))],
    "a table that is infinite": [b'{"table": 1e999, "dish": "soup"}'],
    "a table that is null": [_order(table=None)],
    "a table that is a list": [_order(table=[7])],
    "table 0": [_order(table=0)],
    "table 100": [_order(table=100)],
    "table -7": [_order(table=-7)],
    "a dish without a name": [_order(dish="")],
    f"a dish of {LONG + 1} letters": [_order(dish="x" * (LONG + 1))],
    "a dish that is a list": [_order(dish=["soup"])],
    "a dish that is a number": [_order(dish=5)],
    "a dish that is null": [_order(dish=None)],
    "a dish that is an object": [_order(dish={"name": "soup"})],
}


class Desk:
    """The answer at work, and somebody who sends it messages."""

    def __init__(self, t: Trial, desk: Any) -> None:
        self.t = t
        self.orders = 0
        self.cooked: list[tuple[Any, ...]] = []
        endpoint = t.endpoint()
        BITTEN.clear()
        self.job = t.start(desk, t.ctx, endpoint, self._cook, name="desk")
        self.req = t.connect(zmq.REQ, endpoint)

    def _cook(self, *order: Any) -> None:
        self.cooked.append(order)

    def _answer(self, frames: list[bytes], tried: str, expected: str) -> list[bytes]:
        self.t.send(self.req, *frames)

        def came() -> bool:
            if self.job.done:
                self.t.finish(self.job)
                raise Wrong("`desk` ended", tried=tried, expected="it goes on, whatever comes")
            return bool(self.req.poll(5))

        said = "a message got no answer"
        try:
            self.t.wait(came, seconds=1.5, expected=expected, said=said)
        except (Late, Wrong) as wrong:
            wrong.details["tried"] = tried
            raise
        return self.req.recv_multipart()

    def takes(self, data: bytes, table: int, dish: str) -> None:
        """An order: `cook` has been called, once, when `ok` comes."""
        self.cooked.clear()
        tried = f"an order: `{show(data)}`"
        answer = self._answer([data], tried, "`ok`")
        if answer != [b"ok"]:
            raise Wrong("an order was refused", tried=tried, seen=f"`{show(answer)}`", expected="`ok`")
        if [tuple(each) for each in self.cooked] != [(table, dish)]:
            calls = ", ".join(f"cook{each}" for each in self.cooked) or "no call"
            raise Wrong(
                "`cook` was not called once, with table and dish, before the answer",
                tried=tried, seen=f"`{calls}`", expected=f"`cook({table!r}, {dish!r})`",
            )  # fmt: skip
        self.orders += 1

    def refuses(self, tried: str, frames: list[bytes]) -> None:
        """No order: the answer begins with `no`, nothing is cooked, and nobody has bitten."""
        self.cooked.clear()
        tried = f"{tried}: `{show(frames)}`"
        try:
            answer = self._answer(frames, tried, "an answer that begins with `no`")
        finally:
            if BITTEN:
                raise Wrong(
                    "a function was called that the sender has chosen",
                    tried=tried, seen=f"`{BITTEN[0]}` has called it", expected="a message is read, and never run",
                )  # fmt: skip
        if self.cooked:
            call = f"cook{self.cooked[0]}"
            raise Wrong("what is no order was cooked", tried=tried, seen=f"`{call}`", expected="a refusal")
        if len(answer) != 1 or not answer[0].startswith(b"no"):
            expected = "an answer that begins with `no`"
            raise Wrong("what is no order was not refused", tried=tried, seen=f"`{show(answer)}`", expected=expected)


# --- the same for longer


def soak(desk, random: randoms.Random, seconds: float) -> str:
    """Orders with bytes changed, cut and put in at random, among orders that are none and orders that are."""
    tried = taken = 0
    with trial(seconds=seconds + 60) as t:
        at = Desk(t, desk)
        over = t.deadline(seconds)
        while not over.over:
            if random.random() < 0.2:
                at.takes(*random.choice(GOOD))
            elif random.random() < 0.2:
                at.refuses(*random.choice(list(BITES.items())))
            else:
                data = bytearray(random.choice(GOOD)[0])
                for _ in range(random.randrange(1, 4)):
                    data[random.randrange(len(data))] = random.randrange(256)
                taken += at._answer([bytes(data)], f"`{show(bytes(data))}`", "an answer") == [b"ok"]
                tried += 1
    if BITTEN:
        raise Wrong("a function was called that the sender has chosen")
    return f"{at.orders:,} orders; {tried:,} with bytes changed, each answered, {taken:,} of them still orders"
