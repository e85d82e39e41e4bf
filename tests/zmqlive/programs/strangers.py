"""Records that were tampered with: reads `COUNT` of them, made of one good file, as `zmqlive` would, each in bounded
time and memory. Any error but `BadFile` ends it with the case that did it.

    python strangers.py good.zmqlive SEED COUNT

Half of the damage is blind (bytes changed, cut out, repeated, cut off). The other half knows the form: records and
their fields are changed, exchanged, repeated and left out, and the checksums are right.
"""

from __future__ import annotations

import json
import random
import resource
import signal
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from zmqlive.hook import form
from zmqlive.programs import BadFile, Saved
from zmqlive.programs.commands import report
from zmqlive.programs.saved import BLOCK, MAGIC, block

MEMORY, SECONDS = 1 << 30, 10       # more than any file of this size needs; seconds of processor time
Record = list[Any]      # [program, kind, socket, what follows]
WORDS = ["", "x", "x" * 300, "\x1b[2J", "main", "PUSH", "ROUTER", "inproc://x", "tcp://127.0.0.1:1", "tcp://", "://",
         "é\ud83d"]
NUMBERS = [0, 1, -1, 2, 64, 255, 1 << 31, (1 << 32) - 1, 1 << 61, (1 << 62) + 1, (1 << 64) - 1, 1 << 200]
VALUES: list[Any] = [None, True, False, 1.5, float("nan"), [], {}, [[]], {"b": "x"}, {"b": 1}, {"c": "x"}, *WORDS,
                     *NUMBERS]


def records(data: bytes) -> list[Record]:
    found, at = [], len(MAGIC)
    while at < len(data):
        length, program, _ = BLOCK.unpack_from(data, at)
        at, end = at + BLOCK.size, at + BLOCK.size + length
        while at < end:
            size, kind, socket = form.HEAD.unpack_from(data, at)
            at += form.HEAD.size + size
            found.append([program, kind, socket, data[at - size:at]])
    return found


def together(these: list[Record], rng: random.Random) -> bytes:
    """A file of these records, a few in a block."""
    out, at = [MAGIC], 0
    while at < len(these):
        end = at + 1
        while end < len(these) and end - at < 40 and these[end][0] == these[at][0] != 0 and rng.random() < 0.9:
            end += 1
        body = b"".join(form.HEAD.pack(len(data), kind, socket) + data for _, kind, socket, data in these[at:end])
        out.append(block(these[at][0], body))
        at = end
    return b"".join(out)


def blind(data: bytes, rng: random.Random) -> bytes:
    for _ in range(rng.randint(1, 4)):
        at = rng.randrange(len(data) + 1)
        n = min(len(data) - at, rng.choice((1, 1, 2, 8, 100)))
        data = rng.choice([
            data[:at], data[:at] + rng.randbytes(n) + data[at + n:], data[:at] + data[at + n:],
            data[:at] + data[at:at + n] * 2 + data[at + n:], data[:at] + rng.randbytes(n) + data[at:]])
    return data


def knowing(these: list[Record], rng: random.Random) -> list[Record]:
    these = [list(each) for each in these]
    for _ in range(rng.choice((1, 1, 1, 2, 3, 6))):
        rare = [i for i, each in enumerate(these) if each[1] not in b"SR"]
        i = rng.choice(rare) if rng.random() < 0.7 else rng.randrange(len(these))
        j, one = rng.randrange(len(these)), these[i]
        what = rng.randrange(9)
        if what == 0:
            del these[i]
        elif what == 1:
            these.insert(j, list(one))
        elif what == 2:
            these[i], these[j] = these[j], these[i]
        elif what == 3:
            one[2] = rng.choice([these[j][2], rng.randrange(1 << 32)])
        elif what == 4:
            one[0] = rng.choice([these[j][0], 0, 99_999, (1 << 32) - 1])
        elif what == 5:
            one[1] = rng.choice(b"SRAONTCJX")
        elif what == 6 and len(one[3]) >= 8:
            at = rng.randrange(0, len(one[3]) - 7)
            one[3] = one[3][:at] + (rng.choice(NUMBERS) % (1 << 64)).to_bytes(8, "little") + one[3][at + 8:]
        elif what == 7:
            one[3] = blind(one[3], rng)
        else:
            one[3] = other_words(one[3], rng)
        if not these:
            break
    return these


def other_words(data: bytes, rng: random.Random) -> bytes:
    """The JSON in a record with one value exchanged for another."""
    at = next((at for at in (0, 8, 16) if data[at:at + 1] in (b"[", b"{")), None)
    try:
        value = json.loads(data[at:])
    except ValueError:      # no JSON, or damaged before
        return data
    holders = [value, *(each for each in (value.values() if isinstance(value, dict) else value)
                        if isinstance(each, (dict, list)) and each)]
    holder = rng.choice(holders)
    key = rng.choice(list(holder) if isinstance(holder, dict) else range(len(holder)))
    holder[key] = rng.choice(VALUES)
    return data[:at] + json.dumps(value).encode()


def looked_at(file: Path) -> bool:
    """Read as every command does, page and all. Returns whether it was taken for a record."""
    try:
        saved = Saved(file)
    except BadFile as refused:
        said = str(refused)
        assert "\n" not in said and said.isprintable() and len(said) < 400, said
        return False
    trace = saved.trace()
    json.dumps(report(trace))
    json.dumps(trace.replay())
    assert str(trace.ledger()).isprintable() or "\n" in str(trace.ledger())
    return True


def hangs(*_: object) -> None:
    raise TimeoutError(f"more than {SECONDS} s of processor time")


def damaged(good: bytes, these: list[Record], seed: int) -> bytes:
    rng = random.Random(seed)
    return blind(good, rng) if rng.random() < 0.25 else together(knowing(these, rng), rng)


def main(good: bytes, seed: int, count: int, one: Callable[[Path], bool] = looked_at) -> None:
    these, taken = records(good), 0
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    signal.signal(signal.SIGPROF, hangs)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "strange.zmqlive")
        for case in range(seed, seed + count):
            file.write_bytes(damaged(good, these, case))
            signal.setitimer(signal.ITIMER_PROF, SECONDS)
            try:
                taken += one(file)
            except BaseException:
                print(f"case {case}", file=sys.stderr, flush=True)
                raise
            signal.setitimer(signal.ITIMER_PROF, 0)
    print(count - taken, taken)


if __name__ == "__main__":
    main(Path(sys.argv[1]).read_bytes(), int(sys.argv[2]), int(sys.argv[3]))
