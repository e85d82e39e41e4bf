"""28.1: messages packed into frames, none of them for too long: by a clock that the check hands in."""

from __future__ import annotations

import random as randoms
import time
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

import zmq

from ...exercise import Wrong, exercise
from ...trial import Trial, least, show, trial

PATIENCE = 0.010  # seconds, by the clock that is handed in
MOST = 5
STRANGE = [b"", b"\n", b"\x00\x00\x00\x00", bytes(range(256)), b"\xff" * 70_000]
MANY = 5000
SIZE, PACKED, TIMED = 100, 100, 20_000  # bytes, messages a frame and in all, for what it costs
DEARER = 1.2  # times a message sent alone


@exercise(
    "28.1",
    title="Pack them",
    hints=(
        "What must `unpack` know to cut a frame into messages of any bytes? No byte can be a separator: so the number "
        "of messages and their lengths go in front, and C can write all of them at once: "
        '`struct.pack(f"<I{len(lengths)}I", len(lengths), *lengths)`.',
        "A `Packer` remembers two things: the messages that wait, and since when the *first* of them does. `put` "
        "and `tick` ask the same question: is it full, or has the first one waited for `patience`?",
        "One method sends what waits, if anything does, and forgets it; `put`, `tick` and `close` call it. Should the "
        "time of the first one be `0.0`, it is still a time: do not ask whether it is true.",
    ),
)
def they_are_packed(Packer, unpack) -> str:
    """`Packer(push, most, patience)` with `put(message, now)`, `tick(now)`, `close()`; `unpack(frame)`: a list."""
    with trial(seconds=20) as t:
        for scene in (_two_of_them, _any_bytes, _full, _the_first_counts, _not_early, _in_time, _close, _many):
            _Desk(t, Packer, unpack).plays(scene)
        alone, packed = _costs(t, Packer, unpack)
    if packed > DEARER * alone:
        raise Wrong(
            "packed like this, a message costs more than one sent alone",
            tried=f"{TIMED:,} messages of {SIZE} bytes, {PACKED} in a frame, beside `send` for each",
            seen=f"{packed:.2f} µs of processor time a message, sent, taken and unpacked; alone {alone:.2f} µs",
            expected="less: the loop over messages is left to C",
        )
    told = f"{packed:.2f} µs of processor time each, sent alone {alone:.2f}"
    return f"{MANY:,} messages of any bytes, in order, each in time; {told}"


class _Desk:
    """A packer of the answer's with a socket, and the check at the other end of it."""

    def __init__(self, t: Trial, packer: Any, unpack: Any) -> None:
        self.t, self.packer, self._unpack = t, packer, unpack
        self.put: list[bytes] = []
        self.got: list[bytes] = []
        self.frames: list[int] = []  # messages in each
        self.story = ""

    def plays(self, scene: Callable[[_Desk], None]) -> None:
        self.t.run(self._play, scene, name="Packer")

    def _play(self, scene: Callable[[_Desk], None]) -> None:
        """In the answer's thread, for sockets belong to the thread that uses them."""
        with ExitStack() as self._stack:
            self._ctx = self._stack.enter_context(zmq.Context())
            self.pull = self._socket(zmq.PULL)
            self.pull.bind("inproc://desk")
            scene(self)

    def _socket(self, kind: int) -> zmq.Socket[Any]:
        socket = self._stack.enter_context(self._ctx.socket(kind))
        socket.set_hwm(0)
        socket.linger = 0
        return socket

    def new(self, most: int = MOST) -> _Hand:
        push = self._socket(zmq.PUSH)
        push.connect("inproc://desk")
        return _Hand(self, self.packer(push, most, PATIENCE))

    def look(self) -> None:
        """Takes what has been sent: over inproc it is there by then."""
        while self.pull.poll(0):
            frames = self.pull.recv_multipart()
            if len(frames) != 1:
                self.wrong("a pack is one frame: frames cost", f"{len(frames)} frames", "1")
            messages = self.cut(frames[0])
            if not messages:
                self.wrong("a frame was sent that holds no message", f"`{show(frames[0])}`", "none")
            self.frames.append(len(messages))
            self.got += messages

    def cut(self, frame: bytes) -> list[bytes]:
        found = self._unpack(frame)
        if not isinstance(found, (list, tuple)) and not hasattr(found, "__next__"):
            self.wrong("that is no list of messages", f"`unpack` returned `{show(found)}`", "a list of bytes")
        found = list(found)
        if not all(isinstance(each, (bytes, bytearray, memoryview)) for each in found):
            self.wrong("what `unpack` gives are not bytes", f"`{show(found)}`", "a list of bytes")
        return [bytes(each) for each in found]

    def holds(self, count: int, said: str, *, most: int | None = None) -> None:
        """So many messages have been sent by now, those that were put first; not more than `most`."""
        self.look()
        for mine, yours in zip(self.put, self.got, strict=False):
            if mine != yours:
                self.wrong("what was unpacked is not what was put", f"`{show(yours)}`", f"`{show(mine)}`")
        if len(self.got) < count or len(self.got) > (count if most is None else most):
            self.wrong(said, f"{len(self.got)} sent, in {len(self.frames)} frames", f"{count} of {len(self.put)} sent")

    def wrong(self, said: str, seen: str, expected: str) -> None:
        raise Wrong(said, tried=self.story or "a few messages were put", seen=seen, expected=expected)


class _Hand:
    """A packer as the check uses it, and what was done with it in words."""

    def __init__(self, desk: _Desk, packer: Any) -> None:
        self._desk, self._packer = desk, packer

    def put(self, message: bytes, now: float) -> None:
        self._desk.put.append(message)
        self._tell(f"`put(…, {now:g})`")
        self._packer.put(message, now)

    def tick(self, now: float) -> None:
        self._tell(f"`tick({now:g})`")
        self._packer.tick(now)

    def close(self) -> None:
        self._tell("`close()`")
        self._packer.close()

    def _tell(self, what: str) -> None:
        said = self._desk.story
        self._desk.story = f"{said}, {what}" if said and len(said) < 160 else what if not said else f"…, {what}"


def _numbered(count: int) -> list[bytes]:
    return [b"%d" % number for number in range(count)]


FULL = "a full pack was not sent at once"
EARLY = "a pack was sent that was neither full nor due"
LEFT = "`close` did not send what was left"
DUE = "a message waits longer than `patience`"


def _any_bytes(desk: _Desk) -> None:
    hand = desk.new(100)
    for message in STRANGE:
        hand.put(message, 1.0)
    hand.close()
    desk.holds(len(STRANGE), LEFT)
    hand.put(b"", 2.0)  # an empty one alone
    hand.close()
    desk.holds(len(STRANGE) + 1, LEFT)


def _full(desk: _Desk) -> None:
    hand = desk.new()
    for number, message in enumerate(_numbered(3 * MOST), 1):
        hand.put(message, 5.0)
        desk.holds(number // MOST * MOST, FULL if number % MOST == 0 else EARLY)
    if desk.frames != [MOST] * 3:
        desk.wrong("packs are not as full as they may be", f"{desk.frames} messages in them", f"{[MOST] * 3}")


def _not_early(desk: _Desk) -> None:
    hand = desk.new()
    hand.tick(0.0)
    hand.put(b"a", 0.0)  # a clock may begin at 0
    hand.tick(0.005)
    hand.put(b"b", 0.009)
    desk.holds(0, EARLY)
    hand.tick(0.011)
    desk.holds(2, DUE)
    hand.put(b"c", 0.012)  # waits since now, and not since the first one of before
    hand.tick(0.020)
    desk.holds(2, EARLY)


def _in_time(desk: _Desk) -> None:
    hand = desk.new()
    hand.put(b"alone", 100.0)
    hand.tick(100.011)
    desk.holds(1, DUE)
    hand.put(b"again", 200.0)
    hand.put(b"and one that comes when it is due", 200.02)  # nobody called `tick`
    desk.holds(2, "`put` does not look whether the one before is due", most=3)


def _the_first_counts(desk: _Desk) -> None:
    hand = desk.new(100)
    for number, message in enumerate(_numbered(3)):
        hand.put(message, 7.0 + 0.004 * number)
    hand.tick(7.011)
    desk.holds(3, "the first one waits longer than `patience`, as others come")


def _close(desk: _Desk) -> None:
    hand = desk.new()
    for message in _numbered(3):
        hand.put(message, 1.0)
    hand.close()
    desk.holds(3, LEFT)
    idle = desk.new()
    idle.tick(1.0)
    idle.close()
    desk.look()  # finds a frame without messages


def _two_of_them(desk: _Desk) -> None:
    one, other = desk.new(), desk.new()
    one.put(b"one", 1.0)
    other.put(b"other", 1.0)
    desk.look()
    early = list(desk.got)
    one.close()
    desk.look()
    if not early and b"other" in desk.got:
        desk.wrong("two packers mix up what they hold", f"`{show(desk.got)}` when one was closed", "`[b'one']`")


def _many(desk: _Desk) -> None:
    hand = desk.new(PACKED)
    random = randoms.Random(28)
    for number in range(MANY):
        hand.put(random.randbytes(random.randrange(40)), 0.0001 * (number % PACKED))
    hand.close()
    desk.holds(MANY, "messages were lost")


# --- what it costs


def _costs(t: Trial, packer: Any, unpack: Any) -> tuple[float, float]:
    """Microseconds of processor time a message, sent alone and packed, both ends and libzmq's threads."""
    messages = [bytes(SIZE)] * TIMED

    def alone(push: zmq.Socket[Any], pull: zmq.Socket[Any]) -> None:
        for message in messages:
            push.send(message)
        for _ in messages:
            pull.recv()

    def packed(push: zmq.Socket[Any], pull: zmq.Socket[Any]) -> None:
        packs = packer(push, PACKED, 60.0)
        for message in messages:
            packs.put(message, 0.0)
        packs.close()
        left = len(messages)
        while left > 0 and pull.poll(5000):
            left -= len(list(unpack(pull.recv())))

    ways = {"alone": lambda: _spent(alone), "packed": lambda: _spent(packed)}
    found = t.run(least, ways, name="Packer")
    return found["alone"], found["packed"]


def _spent(way: Callable[[zmq.Socket[Any], zmq.Socket[Any]], None]) -> float:
    with ExitStack() as stack:  # not recorded: what a record costs would be counted as well
        ctx = stack.enter_context(zmq.Context())
        push, pull = (stack.enter_context(ctx.socket(kind)) for kind in (zmq.PUSH, zmq.PULL))
        push.sndhwm = pull.rcvhwm = push.linger = 0
        push.connect(f"tcp://127.0.0.1:{pull.bind_to_random_port('tcp://127.0.0.1')}")
        began = time.process_time()
        way(push, pull)
        return 1e6 * (time.process_time() - began) / TIMED


# --- the same for longer


def soak(Packer, unpack, random: randoms.Random, seconds: float) -> str:
    """Puts and ticks at random times: after each nothing waits that is due, and nothing is sent that is not."""
    rounds = messages = 0
    with trial(seconds=seconds + 60) as t:
        over = t.deadline(seconds)
        while not over.over:
            desk = _Desk(t, Packer, unpack)
            desk.plays(lambda desk=desk: _random(desk, random))
            rounds, messages = rounds + 1, messages + len(desk.put)
            t.jobs.clear()
    return f"{rounds:,} random runs, {messages:,} messages: each in time and in order"


def _random(desk: _Desk, random: randoms.Random) -> None:
    most = random.choice((1, 2, 5, 50))
    hand, now = desk.new(most), random.choice((0.0, 1e6))
    waiting: list[float] = []
    for _ in range(200):
        now += random.choice((0.0, 0.0, 0.001, 0.004, 0.02))
        late = bool(waiting) and now - waiting[0] > PATIENCE * 1.001
        near = bool(waiting) and not late and now - waiting[0] > PATIENCE * 0.999
        if random.random() < 0.7:
            hand.put(random.randbytes(random.randrange(20)), now)
            waiting.append(now)
        else:
            hand.tick(now)
        desk.look()
        left = len(desk.put) - len(desk.got)
        if left > (0 if len(waiting) >= most else 1 if late else len(waiting)):
            desk.wrong(DUE, f"{left} wait", "all that is due sent")
        if left == 0 and waiting and not (late or near or len(waiting) >= most):
            desk.wrong(EARLY, f"{len(waiting)} were sent", "none yet")
        waiting = waiting[-left:] if left else []
    hand.close()
    desk.holds(len(desk.put), "messages were lost")


