"""What a live view costs the kernel: processor time of a kernel of its own, with so many views of one stage in sight or
out of it, against the same with none. Slots are interleaved, so that other load falls on all alike.

    python tests/view_cost.py [messages a second] [rounds]
"""

from __future__ import annotations

import json
import sys
from statistics import median
from typing import Any

from jupyter_client.manager import start_new_kernel

CELL = """
import json, time, threading
import zmq
from zmqlive import Stage
from zmqlive.view import FlowView

RATE, ROUNDS, SLOT = {rate}, {rounds}, {slot}

def source(ctx, endpoint):
    with ctx.socket(zmq.PUSH) as push:
        push.bind(endpoint)
        due = time.perf_counter()
        while True:
            for _ in range(max(1, RATE // 50)):
                push.send(b"0123456789")
            due += max(1, RATE // 50) / RATE
            time.sleep(max(0, due - time.perf_counter()))

def sink(ctx, endpoint):
    with ctx.socket(zmq.PULL) as pull:
        pull.connect(endpoint)
        while True:
            pull.recv()

stage = Stage("cost", seconds=600)
endpoint = stage.endpoint("tcp", name="flow")
stage.add(source, endpoint)
stage.add(sink, endpoint)
stage.start()

def views(count, seen):
    made = [FlowView(stage) for _ in range(count)]
    for view in made:
        view._pump.look("page", seen)
    return made

def slot(count, seen):
    made = views(count, seen)
    time.sleep(1.5 if count else 0.2)   # the first batches, and the rate is known
    if not seen:
        time.sleep(0.5)
    began, at, n = time.process_time(), time.perf_counter(), stage.received("sink")
    time.sleep(SLOT)
    share = (time.process_time() - began) / (time.perf_counter() - at)
    rate = (stage.received("sink") - n) / (time.perf_counter() - at)
    for view in made:
        view.close()
    return [share, rate]

KINDS = {{"none": (0, True), "one unseen": (1, False), "one seen": (1, True), "three seen": (3, True)}}
found = {{kind: [] for kind in KINDS}}
slot(1, True)
for round in range(ROUNDS):
    for kind in list(KINDS) if round % 2 else list(KINDS)[::-1]:
        found[kind].append(slot(*KINDS[kind]))
stage.stop()
print("FOUND" + json.dumps(found))
"""


def measure(rate: int = 1000, rounds: int = 4, slot: float = 2.0) -> dict[str, Any]:
    """Share of a core in the kernel, the median of the slots: {"none": …, "one unseen": …, "rate": messages a second}.
    """
    manager, client = start_new_kernel(kernel_name="python3", startup_timeout=60)
    out: list[str] = []
    try:
        reply = client.execute_interactive(
            CELL.format(rate=rate, rounds=rounds, slot=slot),
            timeout=120 + 60 * rounds,
            output_hook=lambda m: out.append(m["content"].get("text", "") or str(m["content"].get("traceback", ""))),
        )
        assert reply["content"]["status"] == "ok", out
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    text = "".join(out)
    found = json.loads(text[text.index("FOUND") + 5 :].splitlines()[0])
    return {kind: median(share for share, _ in slots) for kind, slots in found.items()} | {
        "rate": median(rate for slots in found.values() for _, rate in slots)
    }


if __name__ == "__main__":
    numbers = [int(a) for a in sys.argv[1:]]
    shares = measure(*numbers)
    print(f"{shares.pop('rate'):,.0f} messages a second; share of a core in the kernel")
    for kind, share in shares.items():
        print(f"  {kind:12} {share:6.2%}   {share - shares['none']:+.2%}")
