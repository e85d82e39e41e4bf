"""12.4: a broker that gives each client a turn, however many sockets it has."""

from __future__ import annotations

from collections import deque
from itertools import count

import zmq

from ...exercise import Wrong, exercise, show
from ...trial import Job, Trial, trial
from .desk import sleeps

FLOOD, STEADY, RARE, NEW = b"flood", b"steady", b"\xff\x00", b""      # any bytes are a name
REST = ([], [b""], [b"two", b"frames \xff"], [b"x" * 3000], [FLOOD])


@exercise(
    "12.4",
    title="A turn for each client",
    hints=(
        "Two things happen in any order: something comes in, a worker asks. What has to be remembered of each?",
        "A deque for each client, in a dict. Whoever has been served goes to the end of the dict (`pop` it, and put it "
        "back if something is left). That a worker has asked is remembered until something is there for it.",
        "`while True:` poll both; take in *all* that is at the front; if the REP is ready, `rep.recv()` and `asked = "
        "True`. `if asked and queues:` the first client's first message is the answer.",
    ),
)
def each_client_in_turn(fair_broker) -> str:
    """`fair_broker(ctx, front, back)` keeps a queue for each client and answers workers with one message of each."""
    with trial(seconds=10) as t:
        shop = Shop(t, fair_broker)
        sleeps(t, shop.job)
        shop.sends(RARE, 1)
        shop.take(1, "one message, and a worker that asks")
        shop.ask()
        sleeps(t, shop.job, "a worker had asked, and nothing was there")
        shop.sends(STEADY, 1)
        shop.answer("a worker had asked before anything was there; then one message came")
        shop.sends(FLOOD, 40, sockets=3)
        shop.sends(STEADY, 12)
        shop.sends(RARE, 3)
        shop.take(12, "40 messages of a client with three sockets, 12 of one, 3 of another")
        for _ in range(3):
            shop.sends(NEW, 1)
            shop.take(3, "the same, and now and then one of a client whose name is empty")
        shop.sends(RARE, 2)
        shop.take(shop.waiting, "all that is left")
        shop.ask()
        sleeps(t, shop.job, "all was handed out, and a worker had asked")
        shop.sends(FLOOD, 1)
        shop.answer("one more message")
        return (f"{shop.answered} messages of four clients, one of them with three sockets: nobody twice while another "
                "one waited, each in its order, nothing lost; asleep while nothing was there")


class Shop:
    """The broker at work, clients that send, a worker that asks; what waits, and who was served last."""

    def __init__(self, t: Trial, fair_broker) -> None:
        self.t, self.answered = t, 0
        self.front, self.back = "inproc://front", "inproc://back"
        self.job: Job = t.start(fair_broker, t.ctx, self.front, self.back)
        self.worker = t.connect(zmq.REQ, self.back)
        self._ways: dict[bytes, list[zmq.Socket]] = {}
        self._left: dict[bytes, deque[list[bytes]]] = {}
        self._since: dict[bytes, int] = {}      # client → the answer after which it has been waiting
        self._served: dict[bytes, int] = {}     # client → the answer that it got last
        self._number, self._sent = count(), 0

    @property
    def waiting(self) -> int:
        return sum(map(len, self._left.values()))

    def sends(self, client: bytes, many: int, *, sockets: int = 1) -> None:
        """So many messages of a client, and until the broker has taken them in."""
        ways = self._ways.setdefault(client, [self.t.connect(zmq.PUSH, self.front) for _ in range(sockets)])
        for turn in range(many):
            number = next(self._number)
            message = [client, b"%d" % number, *REST[number % len(REST)]]
            self.t.send(ways[turn * len(ways) // many], *message, expected="a PULL that is bound at `front`")
            self._sent += 1
            self._left.setdefault(client, deque()).append(message)
        self._since.setdefault(client, self.answered)
        self.t.wait(lambda: sum(s.received for s in self.t.trace.sockets if s.type == "PULL") >= self._sent,
                    seconds=2.0, expected="the broker takes in what clients send, also while no worker asks")

    def ask(self) -> None:
        self.t.send(self.worker, b"", expected="a REP that is bound at `back`")

    def take(self, many: int, tried: str) -> None:
        for _ in range(many):
            self.ask()
            self.answer(tried)

    def answer(self, tried: str) -> None:
        """The answer to the question that was asked: the next message of a client whose turn it is."""
        got = self.t.receive(self.worker, seconds=2.0, expected="an answer for a worker, since something waits")
        client = got[0] if got else b""
        left = self._left.get(client)
        if not left or got not in left:
            raise Wrong("that is no message that waits", tried=tried, seen=f"`{show(got)}`",
                        expected="a message as it came: the client's name, and all other frames, each once")
        # Messages of one client may come by several sockets: their order holds within each.
        if len(self._ways[client]) == 1 and got != left[0]:
            raise Wrong("a client's messages are not in order", tried=tried, seen=f"`{show(got)}`",
                        expected=f"`{show(left[0])}`")
        last = self._served.get(client, -1)
        passed = [other for other in self._left if other != client and self._since[other] < last]
        if passed:
            raise Wrong(
                f"`{show(client)}` was served again while `{show(passed[0])}` was waiting for its turn",
                tried=tried,
                seen=f"the answer `{show(got)}`; {len(self._left[passed[0]])} of the other one's were waiting",
                expected="one message of each client that has something, however many sockets it has",
            )
        self.answered += 1
        left.remove(got)
        self._since[client] = self._served[client] = self.answered
        if not left:
            del self._left[client], self._since[client]
