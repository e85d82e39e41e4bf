"""Answers to the exercises of lesson 28, right and wrong. See ../lessons.py for the form."""

from lessons import but

# What the lesson has imported by then.
SETUP = """
import struct
from contextlib import suppress
import numpy as np
"""

_PACK = """
class Packer:
    def __init__(self, push, most, patience):
        self.push, self.most, self.patience = push, most, patience
        self.waiting, self.since = [], None

    def put(self, message, now):
        if not self.waiting:
            self.since = now
        self.waiting.append(message)
        self.tick(now)

    def tick(self, now):
        if len(self.waiting) >= self.most or self.waiting and now >= self.since + self.patience:
            self.close()

    def close(self):
        if self.waiting:
            lengths = [len(message) for message in self.waiting]
            head = struct.pack(f"<I{len(lengths)}I", len(lengths), *lengths)
            self.push.send(head + b"".join(self.waiting))
            self.waiting = []


def unpack(frame):
    (count,) = struct.unpack_from("<I", frame)
    at, messages = 4 + 4 * count, []
    for length in struct.unpack_from(f"<{count}I", frame, 4):
        messages.append(frame[at : at + length])
        at += length
    return messages
"""

_LENGTHS = """            lengths = [len(message) for message in self.waiting]
            head = struct.pack(f"<I{len(lengths)}I", len(lengths), *lengths)
            self.push.send(head + b"".join(self.waiting))
"""

_UNPACK = _PACK[_PACK.index("def unpack") :]

_WATCH = """
def stopwatch(ctx, endpoint, rate, count):
    times, left = [0.0] * count, count
    with ctx.socket(zmq.DEALER) as dealer:
        dealer.connect(endpoint)
        began, asked = time.monotonic(), 0
        while left:
            while asked < count and time.monotonic() >= began + asked / rate:
                dealer.send(b"%d" % asked)
                asked += 1
            due = began + asked / rate if asked < count else time.monotonic() + 1
            if dealer.poll(max(0, 1000 * (due - time.monotonic()))):
                number = int(dealer.recv())
                times[number] = time.monotonic() - (began + number / rate)
                left -= 1
    return times
"""

_CLOSED = """
def stopwatch(ctx, endpoint, rate, count):
    times = []
    with ctx.socket(zmq.REQ) as req:
        req.linger = 0
        req.connect(endpoint)
        began = time.monotonic()
        for number in range(count):
            time.sleep(max(0.0, began + number / rate - time.monotonic()))
            asked = time.monotonic()
            req.send(b"%d" % number)
            req.recv()
            times.append(time.monotonic() - asked)
    return times
"""

_MENDED = """
def mended(push, camera, count):
    header = {"dtype": np.dtype(camera.dtype).str, "shape": camera.shape}
    for _ in range(count):
        image = np.empty(camera.shape, camera.dtype)
        camera.fill(image)
        push.send_json(header, zmq.SNDMORE)
        push.send(image, copy=False)
"""

_ONE_BUFFER = """
def mended(push, camera, count):
    image = np.empty(camera.shape, camera.dtype)
    header = {"dtype": image.dtype.str, "shape": image.shape}
    for _ in range(count):
        camera.fill(image)
        push.send_json(header, zmq.SNDMORE)
        push.send(image, copy=False)
"""


CASES = {
    "28.1": {
        "right": {
            "lengths one by one": but(
                _PACK[: _PACK.index("def unpack")],
                (
                    _LENGTHS,
                    """            parts = []
            for message in self.waiting:
                parts += [len(message).to_bytes(4, "big"), message]
            self.push.send(b"".join(parts))
""",
                ),
            )
            + """
def unpack(frame):
    at = 0
    while at < len(frame):
        length = int.from_bytes(frame[at : at + 4], "big")
        yield frame[at + 4 : at + 4 + length]
        at += 4 + length
""",
            "a lone one is looked at before it is taken": but(
                _PACK,
                (
                    """        if not self.waiting:
            self.since = now
""",
                    """        if self.waiting and now - self.since >= self.patience:
            self.close()
        if not self.waiting:
            self.since = now
""",
                ),
            ),
            "lengths as text, and a deadline": """
class Packer:
    def __init__(self, push, most, patience):
        self._push, self._most, self._patience = push, most, patience
        self._begin()

    def _begin(self):
        self._kept, self._deadline = [], float("inf")

    def put(self, message, now):
        self._kept.append(message)
        self._deadline = min(self._deadline, now + self._patience)
        if len(self._kept) == self._most:
            self.close()
        else:
            self.tick(now)

    def tick(self, now):
        if now >= self._deadline:
            self.close()

    def close(self):
        if self._kept:
            head = ",".join(map(str, map(len, self._kept))).encode()
            self._push.send(head + b";" + b"".join(self._kept))
        self._begin()


def unpack(frame):
    head, _, body = frame.partition(b";")
    messages = []
    for length in map(int, head.split(b",")):
        messages.append(body[:length])
        body = memoryview(body)[length:]
    return [bytes(each) for each in messages]
""",
        },
        "wrong": {
            "joined with a newline": (
                but(
                    _PACK[: _PACK.index("def unpack")],
                    (_LENGTHS, '            self.push.send(b"\\n".join(self.waiting))\n'),
                )
                + 'def unpack(frame):\n    return frame.split(b"\\n")\n',
                "not what was put",
            ),
            "waits until it is full": (
                but(_PACK, (" or self.waiting and now >= self.since + self.patience", "")),
                "longer than `patience`",
            ),
            "many frames": (
                but(
                    _PACK[: _PACK.index("def unpack")],
                    (_LENGTHS, "            self.push.send_multipart(self.waiting)\n"),
                )
                + "def unpack(frame):\n    return [frame]\n",
                "a pack is one frame",
            ),
            "each alone": (but(_PACK, ("len(self.waiting) >= self.most", "self.waiting")), "neither full nor due"),
            "the time begins again with each": (
                but(
                    _PACK,
                    ("        if not self.waiting:\n            self.since = now\n", "        self.since = now\n"),
                ),
                "as others come",
            ),
            "a time of 0 is none": (
                but(
                    _PACK,
                    ("        if not self.waiting:\n", "        if not self.since:\n"),
                    ("            self.waiting = []\n\n\n", "            self.waiting, self.since = [], None\n\n\n"),
                ),
                "longer than `patience`",
            ),
            "the time of the first pack for all": (
                but(_PACK, ("        if not self.waiting:\n", "        if self.since is None:\n")),
                "neither full nor due",
            ),
            "put does not look at the time": (
                but(
                    _PACK,
                    (
                        "        self.tick(now)\n",
                        "        if len(self.waiting) >= self.most:\n            self.close()\n",
                    ),
                ),
                "`put` does not look",
            ),
            "full one later": (but(_PACK, (">= self.most", "> self.most")), "not sent at once"),
            "close forgets the rest": (
                but(
                    _PACK,
                    (
                        "            self.close()\n\n    def close(self):",
                        "            self.flush()\n\n    def close(self):\n        pass\n\n    def flush(self):",
                    ),
                ),
                "`close` did not send",
            ),
            "an empty pack at the end": (
                but(_PACK, ("        if self.waiting:\n            lengths", "        if True:\n            lengths")),
                "holds no message",
            ),
            "what waits belongs to the class": (
                but(
                    _PACK,
                    ("class Packer:\n", "class Packer:\n    waiting = []\n"),
                    ("self.waiting, self.since = [], None", "self.since = 1e9"),
                    ("            self.waiting = []\n", "            self.waiting.clear()\n"),
                ),
                "mix up",
            ),
            "lengths of one byte": (
                but(
                    _PACK[: _PACK.index("def unpack")],
                    (
                        _LENGTHS,
                        '            self.push.send(b"".join(bytes([len(m) % 256]) + m for m in self.waiting))\n',
                    ),
                )
                + """
def unpack(frame):
    messages = []
    while frame:
        messages.append(frame[1 : 1 + frame[0]])
        frame = frame[1 + frame[0] :]
    return messages
""",
                "not what was put",
            ),
            "an empty message is left out": (
                but(
                    _PACK,
                    (
                        "        self.waiting.append(message)\n",
                        "        if message:\n            self.waiting.append(message)\n",
                    ),
                ),
                "not what was put",
            ),
            "the last one first": (
                but(
                    _PACK,
                    ('b"".join(self.waiting)', 'b"".join(self.waiting[::-1])'),
                    ("in self.waiting]", "in self.waiting[::-1]]"),
                ),
                "not what was put",
            ),
            "a clock of its own": (
                but(_PACK, ("self.since = now", "self.since = time.monotonic()")),
                "longer than `patience`",
            ),
            "the socket is closed with it": (
                but(
                    _PACK,
                    (
                        "            self.close()\n\n    def close(self):",
                        "            self.flush()\n\n    def flush(self):",
                    ),
                ).replace(
                    "\n\n\ndef unpack",
                    "\n\n    def close(self):\n        self.flush()\n        self.push.close()\n\n\ndef unpack",
                ),
                "closed",
            ),
            "numbers of all bytes, as JSON": (
                "import json\n"
                + but(
                    _PACK[: _PACK.index("def unpack")],
                    (_LENGTHS, "            self.push.send(json.dumps([list(m) for m in self.waiting]).encode())\n"),
                )
                + "def unpack(frame):\n    return [bytes(each) for each in json.loads(frame)]\n",
                "costs more than one sent alone",
            ),
            "text": (
                but(
                    _PACK,
                    (
                        "messages.append(frame[at : at + length])",
                        "messages.append(frame[at : at + length].decode('latin-1'))",
                    ),
                ),
                "are not bytes",
            ),
        },
    },
    "28.2": {
        "right": {
            "one thread asks, and a second one takes": """
def stopwatch(ctx, endpoint, rate, count):
    times = {}
    began = []

    def both():
        with ctx.socket(zmq.DEALER) as dealer:
            dealer.connect(endpoint)
            began.append(time.perf_counter())
            number = 0
            while len(times) < count:
                while number < count and time.perf_counter() > began[0] + number / rate:
                    dealer.send_multipart([b"", b"%d" % number])
                    number += 1
                while True:
                    try:
                        answer = dealer.recv_multipart(zmq.DONTWAIT)[-1]
                    except zmq.Again:
                        break
                    times[int(answer)] = time.perf_counter() - began[0] - int(answer) / rate
                time.sleep(0.0005)

    thread = threading.Thread(target=both)
    thread.start()
    thread.join()
    return [times[number] for number in range(count)]
""",
            "a REQ for each question, and a poller": """
def stopwatch(ctx, endpoint, rate, count):
    poller, due, times = zmq.Poller(), {}, {}
    began = time.monotonic()
    while len(times) < count:
        while len(due) < count and began + len(due) / rate <= time.monotonic():
            number = len(due)
            req = ctx.socket(zmq.REQ)
            req.connect(endpoint)
            req.send(str(number).encode())
            due[req] = began + number / rate, number
            poller.register(req, zmq.POLLIN)
        for req, _ in poller.poll(2):
            when, number = due[req]
            times[number] = time.monotonic() - when
            poller.unregister(req)
            req.close()
    return [times[number] for number in range(count)]
""",
            "asyncio": """
import asyncio
import zmq.asyncio


async def stopwatch(ctx, endpoint, rate, count):
    with zmq.asyncio.Context.shadow(ctx.underlying).socket(zmq.DEALER) as dealer:
        dealer.connect(endpoint)
        began, times = time.monotonic(), [None] * count

        async def asks():
            for number in range(count):
                await asyncio.sleep(began + number / rate - time.monotonic())
                await dealer.send(b"%d" % number)

        asking = asyncio.create_task(asks())
        for _ in range(count):
            number = int(await dealer.recv())
            times[number] = time.monotonic() - began - number / rate
        await asking
        return times
""",
        },
        "wrong": {
            "asks and waits": (_CLOSED, "while an answer is outstanding"),
            "asks and waits, and counts from when it was due": (
                but(_CLOSED, ("            asked = time.monotonic()\n", "            asked = began + number / rate\n")),
                "while an answer is outstanding",
            ),
            "in the order of the answers": (
                but(
                    _WATCH,
                    ("times, left = [0.0] * count, count", "times, left = [], count"),
                    (
                        "times[number] = time.monotonic() - (began + number / rate)",
                        "times.append(time.monotonic() - (began + number / rate))",
                    ),
                ),
                "does not tell of it",
            ),
            "sorted": (but(_WATCH, ("return times", "return sorted(times)")), "does not tell of it"),
            "the first answer belongs to the first question": (
                but(_WATCH, ("number = int(dealer.recv())", "number = count - left\n                dealer.recv()")),
                "does not tell of it",
            ),
            "ends with its schedule": (
                but(
                    _WATCH,
                    ("while left:", "while asked < count:"),
                    ("return times", "return [each for each in times if each]"),
                ),
                "times are missing",
            ),
            "all at once": (but(_WATCH, (" and time.monotonic() >= began + asked / rate", "")), "before they were due"),
            "in milliseconds": (
                but(
                    _WATCH,
                    (
                        "time.monotonic() - (began + number / rate)",
                        "1000 * (time.monotonic() - (began + number / rate))",
                    ),
                ),
                "no answers' times in seconds",
            ),
            "from the beginning of all": (but(_WATCH, ("(began + number / rate)", "began")), "longer than they were"),
            "a mean": (but(_WATCH, ("return times", "return sum(times) / count")), "no list of times"),
            "those that came due while it was held up are left out": (
                but(
                    _WATCH,
                    ("while left:", "late = 0\n        while left:"),
                    (
                        'dealer.send(b"%d" % asked)',
                        "if left < count and asked - (count - left) > 30:\n"
                        "                    left -= 1\n"
                        "                else:\n"
                        '                    dealer.send(b"%d" % asked)',
                    ),
                ),
                "asks no",
            ),
            "a question that waits is asked again": (
                but(
                    _WATCH,
                    (
                        'dealer.send(b"%d" % asked)',
                        'dealer.send(b"%d" % asked)\n'
                        "                if asked == 40:\n"
                        '                    dealer.send(b"20")',
                    ),
                ),
                "asked twice",
            ),
            "from when it was asked": (
                but(
                    _WATCH,
                    ("times, left = [0.0] * count, count", "times, left, sent = [0.0] * count, count, {}"),
                    (
                        "                asked += 1\n",
                        "                sent[asked] = time.monotonic()\n                asked += 1\n",
                    ),
                    ("(began + number / rate)", "sent[number]"),
                ),
                "asked late counts from then",
            ),
            "eight that ask and wait": (
                """
def stopwatch(ctx, endpoint, rate, count):
    times, began, lock, numbers = [0.0] * count, time.monotonic(), threading.Lock(), iter(range(count))

    def user():
        with suppress(zmq.ContextTerminated), ctx.socket(zmq.REQ) as req:
            req.linger = 0
            req.connect(endpoint)
            while True:
                with lock:
                    number = next(numbers, None)
                if number is None:
                    return
                time.sleep(max(0.0, began + number / rate - time.monotonic()))
                asked = time.monotonic()
                req.send(b"%d" % number)
                req.recv()
                times[number] = time.monotonic() - asked

    users = [threading.Thread(target=user) for _ in range(8)]
    for each in users:
        each.start()
    for each in users:
        each.join()
    return times
""",
                "while an answer is outstanding",
            ),
            "numbered from 1": (
                but(
                    _WATCH,
                    ('dealer.send(b"%d" % asked)', 'dealer.send(b"%d" % (asked + 1))'),
                    ("int(dealer.recv())", "int(dealer.recv()) - 1"),
                ),
                "no question's number",
            ),
            "it answers itself": (
                "def stopwatch(ctx, endpoint, rate, count):\n    return [0.001] * count\n",
                "did not ask all",
            ),
            "the stall is cut off": (
                but(
                    _WATCH,
                    (
                        "time.monotonic() - (began + number / rate)",
                        "min(0.05, time.monotonic() - (began + number / rate))",
                    ),
                ),
                "does not tell of it",
            ),
        },
    },
    "28.3": {
        "right": {
            "waits for the tracker": but(
                _ONE_BUFFER,
                (
                    "push.send(image, copy=False)",
                    "push.send(image, copy=False, track=True).wait()",
                ),
            ),
            "a few arrays, each used again when it is free": """
def mended(push, camera, count):
    header = {"dtype": np.dtype(camera.dtype).str, "shape": camera.shape}
    free, busy = [], []
    for _ in range(count):
        for each in [each for each in busy if each[1].done]:
            busy.remove(each)
            free.append(each[0])
        image = free.pop() if free else np.empty(camera.shape, camera.dtype)
        camera.fill(image)
        push.send_json(header, zmq.SNDMORE)
        busy.append((image, push.send(image, copy=False, track=True)))
""",
            "a picture's memory, and frames by hand": """
import json


def mended(push, camera, count):
    for _ in range(count):
        image = np.zeros(camera.shape, camera.dtype)
        camera.fill(image)
        head = json.dumps({"shape": list(image.shape), "dtype": image.dtype.str}).encode()
        push.send_multipart([head, memoryview(image).cast("B") if image.dtype == "uint8" else image], copy=False)
""",
        },
        "wrong": {
            "as it was": (_ONE_BUFFER, "has changed after it was sent"),
            "a copy": (but(_ONE_BUFFER, ("push.send(image, copy=False)", "push.send(image)")), "was copied"),
            "the array's copy": (
                but(_ONE_BUFFER, ("push.send(image, copy=False)", "push.send(image.copy(), copy=False)")),
                "was copied",
            ),
            "its bytes": (
                but(_ONE_BUFFER, ("push.send(image, copy=False)", "push.send(image.tobytes(), copy=False)")),
                "was copied",
            ),
            "two arrays in turn": (
                but(
                    _ONE_BUFFER,
                    (
                        "    image = np.empty(camera.shape, camera.dtype)\n",
                        "    both = [np.empty(camera.shape, camera.dtype) for _ in range(2)]\n    image = both[0]\n",
                    ),
                    (
                        "    for _ in range(count):\n",
                        "    for number in range(count):\n        image = both[number % 2]\n",
                    ),
                ),
                "has changed after it was sent",
            ),
            "waits without a tracker": (
                but(
                    _ONE_BUFFER,
                    (
                        "        push.send(image, copy=False)",
                        "        tracker = push.send(image, copy=False)\n"
                        "        if tracker is not None:\n"
                        "            tracker.wait()",
                    ),
                ),
                "has changed after it was sent",
            ),
            "waits for a moment": (
                but(
                    _ONE_BUFFER,
                    ("push.send(image, copy=False)", "push.send(image, copy=False)\n        time.sleep(0.01)"),
                ),
                "has changed after it was sent",
            ),
            "waits for the tracker, for a moment": (
                but(
                    _ONE_BUFFER,
                    (
                        "push.send(image, copy=False)",
                        "tracker = push.send(image, copy=False, track=True)\n"
                        "        with suppress(zmq.NotDone):\n"
                        "            tracker.wait(0.01)",
                    ),
                ),
                "has changed after it was sent",
            ),
            "tests the size, and the wrong way round": (
                but(_ONE_BUFFER, ("copy=False", "copy=image.nbytes < 200_000")),
                "was copied",
            ),
            "no header": (but(_MENDED, ("        push.send_json(header, zmq.SNDMORE)\n", "")), "no header and pixels"),
            "a type without its byte order": (
                but(_MENDED, ("np.dtype(camera.dtype).str", "np.dtype(camera.dtype).name")),
                "does not describe",
            ),
            "flat": (but(_MENDED, ("camera.shape}", "int(np.prod(camera.shape))}")), "does not describe"),
            "bytes of its own": (
                but(_MENDED, ("np.empty(camera.shape, camera.dtype)", "np.empty(camera.shape, 'uint8')")),
                "does not fit",
            ),
            "pickle": (
                "import pickle\n" + but(_MENDED, ("push.send(image, copy=False)", "push.send(pickle.dumps(image))")),
                "not all the pixels",
            ),
        },
    },
}
