"""01.5: an office that deals out in turn, mended."""

from __future__ import annotations

import zmq

from ...exercise import Wrong, exercise, show
from ...trial import Trial, trial

MANY = 40
ODD = [[b"two", b"frames"], [b""], [b"", b"\x00\xff", b""], [b"A"], [b"B"], [b"x" * 100_000], [b"A"]]


@exercise(
    "01.5",
    title="Find the fault: somebody is idle, and messages wait",
    hints=(
        "In the picture one clerk has nothing to do while messages wait at the other. Who decided that they wait "
        "there, and when? What did it know then?",
        "Clerks say when they are free, and the office has a socket for it. Who reads it?",
        "A message goes to whoever has said that it is free, and only once for each time: what must the office receive "
        "before it may send?",
    ),
)
def only_the_free_get_one(mended) -> str:
    """`mended(ctx, entrance, doors, free)` hands each message to a clerk that has said it is free, once each time."""
    with trial(seconds=6) as t:
        entrance, free = t.endpoint("tcp"), t.endpoint("tcp")
        sockets, doors = {}, {}
        for name in (b"A", b"B", b"C"):
            sockets[name], doors[name] = t.bind(zmq.PULL)
        t.start(mended, t.ctx, entrance, doors, free)
        office = _Office(t, sockets, t.connect(zmq.PUSH, entrance), t.connect(zmq.PUSH, free))
        office.nobody_is_free()
        office.one_is_stuck()
        office.two_are_free()
        office.odd_ones()
    return f"{MANY + len(ODD) + 5} messages past a clerk that was stuck and one that never was free"


class _Office:
    """The other side: customers, and three clerks, of which C is never free."""

    def __init__(self, t: Trial, clerks: dict[bytes, zmq.Socket], door: zmq.Socket, notes: zmq.Socket) -> None:
        self.t, self.clerks, self.door, self.notes = t, clerks, door, notes

    def come(self, *frames: bytes) -> None:
        self.t.send(self.door, *frames, expected="a PULL that is bound to `entrance`")

    def says_free(self, name: bytes) -> None:
        self.t.send(self.notes, name, expected="a PULL that is bound to `free`")

    def gets(self, name: bytes, frames: list[bytes], why: str) -> None:
        """The next message of all is this one, and this clerk gets it."""
        expected = f"clerk {name.decode()} gets `{show(frames)}`: {why}"
        self.t.wait(lambda: any(clerk.poll(0) for clerk in self.clerks.values()), expected=expected)
        for other in self.clerks.keys() - {name}:
            self.nothing_for(other, expected)
        got = self.t.receive(self.clerks[name], expected=expected)
        if got != frames:
            raise Wrong("a clerk got another message", seen=f"`{show(got)}`", expected=expected)

    def nothing_for(self, name: bytes, why: str) -> None:
        if self.clerks[name].poll(0):
            raise Wrong(
                f"clerk {name.decode()} got a message, and had not said that it was free",
                seen=f"`{show(self.clerks[name].recv_multipart())}`",
                expected=why,
            )

    def nobody_is_free(self) -> None:
        for number in range(MANY):
            self.come(b"%d" % number)
        self.t.silence(self.clerks[b"A"], expected="nothing before a clerk has said that it is free")
        for name in self.clerks:
            self.nothing_for(name, "nobody is free yet")

    def one_is_stuck(self) -> None:
        """B is at its first message for as long as A does all others."""
        self.says_free(b"B")
        self.come(b"%d" % MANY)
        self.gets(b"B", [b"0"], "it is free, and this is the oldest")
        for number in range(1, MANY + 1):
            self.says_free(b"A")
            self.gets(b"A", [b"%d" % number], "it has said that it is free; B is still at its first")
        self.nothing_for(b"B", "B is still at its first message")
        self.says_free(b"A")
        self.t.silence(self.clerks[b"A"], expected="no message is there")
        self.come(b"late")
        self.gets(b"A", [b"late"], "it had said that it was free before the message came")
        self.says_free(b"B")
        self.come(b"for B")
        self.gets(b"B", [b"for B"], "it is done with its first, and free again")

    def two_are_free(self) -> None:
        """One message, and two who could do it: one gets it, and the other the next."""
        pair = {name: self.clerks[name] for name in (b"A", b"B")}
        for name in pair:
            self.says_free(name)
        self.come(b"one")
        first = self.t.wait(
            lambda: [name for name, clerk in pair.items() if clerk.poll(0)], expected="one of two free clerks gets it"
        )[0]
        other = next(name for name in pair if name != first)
        self.gets(first, [b"one"], "it is free")
        self.t.silence(pair[other], expected="a message goes to one clerk only")
        self.come(b"the next")
        self.gets(other, [b"the next"], "it is free, and the other is not")

    def odd_ones(self) -> None:
        """A says that it is free as often as messages will come, and gets so many."""
        for _ in ODD:
            self.says_free(b"A")
        self.t.silence(self.clerks[b"A"], expected="no message is there")
        for frames in ODD:
            self.come(*frames)
        for frames in ODD:
            self.gets(b"A", frames, f"as it came; A had said {len(ODD)} times that it was free")
        self.nothing_for(b"B", "B has not said that it is free again")
        self.nothing_for(b"C", "C has never said that it is free")
