"""The check's workers and clients around a broker, the answer: they beat while the check looks, or fall silent."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from typing import Any, NamedTuple

import zmq

from ...exercise import Late, Wrong
from ...trial import Job, Trial, show
from ..telling import all_is_told, gone
from .words import C, W

LIVENESS = 3  # silent beats that make a dead worker, as the lesson has it
NOTICE = 4 * LIVENESS  # beats within which it must have been noticed, and more than enough for all else
_QUIET_BEAT = 0.08  # seconds, on a quiet machine
_OFTEN = 4  # commands in a beat: so that a look of the check that comes late makes nobody dead


class Given(NamedTuple):
    """A job as a worker was given it."""

    client: bytes
    body: list[bytes]


class Hand:
    """A worker of the check. `silent`: it is not heard any more, but still connected, like a process that is frozen.
    `gap`: the longest time, in seconds, that it was not heard although it was to be."""

    def __init__(self, socket: zmq.Socket, name: str, service: bytes) -> None:
        self.socket, self.name, self.service = socket, name, service
        self.silent = self.told_to_go = False
        self.given: deque[Given] = deque()
        self.gap, self.heard_of = 0.0, time.monotonic()

    def late(self, beat: float) -> bool:
        """Whether it was not heard for so long, without having fallen silent, that it may be taken for dead."""
        gap = self.gap if self.silent else max(self.gap, time.monotonic() - self.heard_of)
        return gap > (LIVENESS - 1) * beat

    def says(self, *frames: bytes) -> None:
        now = time.monotonic()
        if not self.silent:
            self.gap = max(self.gap, now - self.heard_of)
        self.heard_of = now
        self.socket.send_multipart([W.NAME, *frames], zmq.DONTWAIT)


class Crew:
    """A broker under trial, and everybody around it."""

    def __init__(self, t: Trial, answer: Callable[..., Any]) -> None:
        self.t = t
        self.beat = _QUIET_BEAT * min(t.pace, 8.0)
        self.endpoint = t.endpoint("tcp")
        self.job: Job = t.start(answer, t.ctx, self.endpoint, self.beat)
        self.hands: list[Hand] = []
        self._everybody: list[Hand] = []
        self._probe = self.client()
        self._asking = False
        self._asked, self._slowest = time.monotonic(), 0.0

    def plays(self, scene: Callable[[Crew], None]) -> None:
        """Raises `Wrong` as the scene does; `Late` where the check or the broker was kept waiting, so that a worker was
        not heard for so long that a right broker may have taken it for dead."""
        try:
            scene(self)
        except Wrong as wrong:
            kept_waiting = self._slowest > (LIVENESS - 1) * self.beat
            if not isinstance(wrong, Late) and (kept_waiting or any(hand.late(self.beat) for hand in self._everybody)):
                late = Late(wrong.message)
                late.details = wrong.details
                raise late from wrong
            raise

    # --- who is there

    def client(self) -> zmq.Socket:
        return self.t.connect(zmq.DEALER, self.endpoint)

    def hand(self, name: str, service: bytes = b"resize", **options: Any) -> Hand:
        """A worker that has said READY, and that the broker knows."""
        socket = self.t.connect(zmq.DEALER, self.endpoint, **options)
        hand = Hand(socket, name, service)
        self.hands.append(hand)
        self._everybody.append(hand)
        hand.says(W.READY, service)
        self.settle()
        return hand

    def settle(self) -> None:
        """What was sent to the broker before this has been read: its ROUTER takes turns between those who sent."""
        self.look()
        all_is_told(self.t)
        for _ in range(3):
            self.offered(b"nobody does this")

    def forgets(self, hand: Hand) -> None:
        """This one is not heard of any more, and need not be."""
        hand.silent = True
        self.hands.remove(hand)

    def leaves(self, hand: Hand) -> None:
        """Its process is gone, and its connection with it."""
        self.forgets(hand)
        gone(self.t, hand.socket)
        self.settle()

    def back(self, hand: Hand) -> Hand:
        """A process is gone, and a new one is there under its name at once. Where a broker sends it DISCONNECT, as RFC
        18 says of a READY that is not expected, it makes a new socket, as RFC 18 says, too."""
        name = hand.socket.routing_id
        self.leaves(hand)
        for _ in range(3):
            again = self.hand(hand.name, hand.service, routing_id=name)
            self.look()
            if not again.told_to_go:
                return again
            self.leaves(again)
        raise Wrong(
            "a worker that comes back is never taken in",
            tried=f"{hand.name} was killed, came back under its name, and said READY three times, each on a new socket",
            seen="DISCONNECT each time",
        )

    # --- what goes on

    def look(self) -> bool:
        """Everybody says that they are alive, and takes in what has come."""
        for hand in self.hands:
            if not hand.silent and time.monotonic() - hand.heard_of > self.beat / _OFTEN:
                hand.says(W.HEARTBEAT)
            while not hand.silent and hand.socket.poll(0):
                self._takes(hand, hand.socket.recv_multipart())
        return True

    def _takes(self, hand: Hand, frames: list[bytes]) -> None:
        if frames[:2] == [W.NAME, W.REQUEST] and len(frames) > 4 and frames[3] == b"":
            hand.given.append(Given(frames[2], frames[4:]))
        elif frames == [W.NAME, W.DISCONNECT]:
            hand.told_to_go = True
        elif frames != [W.NAME, W.HEARTBEAT]:
            raise Wrong(
                "that is no command of RFC 18 for a worker",
                seen=f"`{show(frames)}`",
                expected="REQUEST (client, empty, body), HEARTBEAT or DISCONNECT",
            )

    def wait(self, condition: Callable[[], Any], *, expected: str, said: str, seconds: float = 2.0) -> Any:
        """Wait until this holds, while everybody beats. Raises `Late`, saying `said`."""

        def holds() -> Any:
            self.look()
            if not self._asking and time.monotonic() - self._asked > self.beat:
                self.offered(b"nobody does this")  # how quick is the broker just now?
            return condition()

        return self.t.wait(holds, seconds=seconds, expected=expected, said=said)

    def passes(self, beats: float) -> None:
        """So many beats pass, in which everybody who is not silent is heard."""
        end = time.monotonic() + beats * self.beat
        self.wait(lambda: time.monotonic() > end, seconds=60, expected="a while to pass", said="a while did not pass")

    def within(self, beats: float, condition: Callable[[], Any], *, expected: str, said: str, why: str = "") -> Any:
        """Raises `Wrong`, saying `said`, when this does not hold after so many beats, although the broker has read all
        that was sent to it, and goes on: it had its time, however slow the machine is."""
        end = time.monotonic() + beats * self.beat
        self.wait(lambda: condition() or time.monotonic() > end, seconds=60, expected=expected, said=said)
        if not condition():
            self.settle()
            self.look()
        if not condition():
            raise Wrong(said, tried=why, expected=expected)
        return condition()

    def dies(self, hand: Hand, why: str) -> None:
        """This worker falls silent and is taken for dead: `mmi.service` knows, if nobody else does its service."""
        hand.silent = True
        if not any(each.service == hand.service for each in self.hands if not each.silent):
            self.missing(hand.service, why)

    # --- what is said

    def offered(self, service: bytes) -> bytes:
        """What mmi.service says of it."""
        began, self._asking = time.monotonic(), True
        self.t.send(self._probe, C.NAME, C.REQUEST, b"mmi.service", service, expected="a ROUTER bound at `endpoint`")
        got = self.hears(self._probe, "an answer from mmi.service", "mmi.service does not answer")
        self._asking, self._asked = False, time.monotonic()
        self._slowest = max(self._slowest, self._asked - began)
        if got[:3] != [C.NAME, C.FINAL, b"mmi.service"] or len(got) != 4:
            expected = "FINAL, mmi.service, 200 or 404"
            raise Wrong("that is no answer of mmi.service", seen=f"`{show(got)}`", expected=expected)
        return got[3]

    def missing(self, service: bytes, why: str) -> None:
        expected = f"mmi.service says 404 of `{show(service)}` after {LIVENESS} silent beats"
        said = "a dead worker stays on the list"
        self.within(NOTICE, lambda: self.offered(service) == b"404", expected=expected, said=said, why=why)

    def there(self, service: bytes, why: str, said: str = "a worker that beats was taken for dead") -> None:
        """Raises `Wrong`, saying `said`, when this is not offered."""
        code = self.offered(service)
        if code != b"200":
            seen = f"mmi.service says `{show(code)}` of `{show(service)}`"
            raise Wrong(said, tried=why, seen=seen, expected="200")

    def asks(self, client: zmq.Socket, *body: bytes, service: bytes = b"resize") -> None:
        self.t.send(client, C.NAME, C.REQUEST, service, *body)

    def job_of(self, hand: Hand, body: list[bytes], why: str, but: str) -> Given:
        """The job that this worker is given, which must be this one; `but` is said when there is none."""
        self.within(NOTICE, lambda: hand.given, expected=f"`{show(body)}` for {hand.name}", said=but, why=why)
        given = hand.given.popleft()
        if given.body != body:
            raise Wrong(
                "another request was given", tried=why, seen=f"`{show(given.body)}`", expected=f"`{show(body)}`"
            )
        return given

    def second_try(self, hand: Hand, client: zmq.Socket, body: list[bytes], why: str) -> Given:
        """This worker is given the job that has cost one worker so far."""
        self.within(
            NOTICE,
            lambda: hand.given or client.poll(0),
            expected=f"`{show(body)}` for {hand.name}",
            said="the job in a dead worker's hand is lost",
            why=why,
        )
        if not hand.given:
            seen = f"its client heard `{show(client.recv_multipart())}`"
            raise Wrong("a request was given up that had cost one worker only", tried=why, seen=seen)
        return self.job_of(hand, body, why, "")

    def one_of(self, hands: list[Hand], body: list[bytes], why: str, but: str) -> Hand:
        """Which of these free workers is given this request."""
        expected = f"`{show(body)}` for one of them"
        self.within(NOTICE, lambda: any(hand.given for hand in hands), expected=expected, said=but, why=why)
        hand = next(hand for hand in hands if hand.given)
        if hand.given[0].body != body:
            seen = f"`{show(hand.given[0].body)}`"
            raise Wrong("another request was given", tried=why, seen=seen, expected=f"`{show(body)}`")
        return hand

    def nobody_has(self, hands: list[Hand], said: str, *, why: str, expected: str, beats: float = 1.5) -> None:
        """Raises `Wrong`, saying `said`, when one of these is given something in so many beats."""
        self.passes(beats)
        for hand in hands:
            if hand.given:
                raise Wrong(
                    said, tried=why, seen=f"{hand.name} was given `{show(hand.given[0].body)}`", expected=expected
                )

    def answers(self, hand: Hand, given: Given, *body: bytes, command: bytes = W.FINAL) -> None:
        hand.says(command, given.client, b"", *body)

    def hears(self, client: zmq.Socket, expected: str, but: str) -> list[bytes]:
        """What comes to this client next."""
        self.wait(lambda: client.poll(0), expected=expected, said=but)
        return self.t.receive(client)

    def final(self, client: zmq.Socket, *body: bytes, why: str, but: str = "a client is not answered") -> None:
        """This client hears just this, as a FINAL of `resize`."""
        wanted = [C.NAME, C.FINAL, b"resize", *body]
        expected = f"`{show(wanted)}`"
        self.within(NOTICE, lambda: client.poll(0), expected=expected, said=but, why=why)
        got = self.t.receive(client)
        if got != wanted:
            raise Wrong("a client heard something else", tried=why, seen=f"`{show(got)}`", expected=expected)

    def no_more(self, client: zmq.Socket, why: str) -> None:
        """Raises `Wrong` when this client hears one more thing."""
        self.settle()
        if client.poll(0):
            raise Wrong(
                "a client was answered twice",
                tried=why,
                seen=f"after the FINAL came `{show(client.recv_multipart())}`",
                expected="one FINAL for each request, and nothing after it (RFC 18)",
            )
