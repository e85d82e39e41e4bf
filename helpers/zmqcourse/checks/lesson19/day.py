"""A long day of a broker of services: workers go in every way at random times; what becomes of each request."""

from __future__ import annotations

import random as randoms
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import zmq

from ...exercise import Wrong
from ...trial import trial
from .words import C, W

BEAT = 0.1
WORKERS, CLIENTS, UNDER_WAY = 5, 4, 3
FAULTY = 0.15  # of the jobs, at which something happens to the worker


def day(
    answer: Callable[..., Any], random: randoms.Random, seconds: float, *, most: int | None, faults: Sequence[str]
) -> str:
    """A broker, five workers, four clients with three requests under way each; a sentence with the ledger.

    `most`: tries that a request may have. Raises `Wrong` when a request is lost, answered twice, or tried too often.
    """
    with trial(seconds=seconds + 90) as t:
        endpoint, over = t.endpoint("tcp"), threading.Event()
        beat = BEAT * min(t.pace, 8.0)
        t.start(answer, t.ctx, endpoint, beat)
        happened: Counter[str] = Counter()
        tries: Counter[bytes] = Counter()
        seeds = [random.random() for _ in range(WORKERS + CLIENTS)]

        def worker(ctx: zmq.Context, place: int) -> None:
            chance = randoms.Random(seeds[place])
            while True:
                with ctx.socket(zmq.DEALER) as dealer:
                    dealer.linger = 0
                    if "again" in faults:
                        dealer.routing_id = b"worker %d" % place
                    dealer.connect(endpoint)
                    dealer.send_multipart([W.NAME, W.READY, b"resize"])
                    happened[_works(dealer, chance)] += 1
                time.sleep(0.02 if "again" in faults else 0)  # its old connection goes first

        def _works(dealer: zmq.Socket, chance: randoms.Random) -> str:
            silent = 0
            while silent < 20:
                dealer.send_multipart([W.NAME, W.HEARTBEAT])
                if not dealer.poll(300 * beat):
                    silent += 1
                    continue
                silent = 0
                _, command, *rest = dealer.recv_multipart()
                if command == W.DISCONNECT:
                    return "sent away"
                if command != W.REQUEST:
                    continue
                tries[rest[-1]] += 1
                fault = chance.choice(faults) if chance.random() < FAULTY else ""
                if fault == "freeze":
                    happened["freeze"] += 1
                    time.sleep(beat * chance.uniform(1, 8))
                elif fault == "leave":
                    dealer.linger = 1000
                    dealer.send_multipart([W.NAME, W.DISCONNECT])
                    return fault
                elif fault:
                    return fault
                dealer.send_multipart([W.NAME, W.FINAL, *rest])
            return "refused"  # a ROUTER takes no name of which it has not yet heard that it has gone

        def client(ctx: zmq.Context, place: int) -> None:
            chance = randoms.Random(seeds[WORKERS + place])
            with ctx.socket(zmq.DEALER) as dealer:
                dealer.linger = 0
                dealer.connect(endpoint)
                waits: set[bytes] = set()
                while waits or not over.is_set():
                    while not over.is_set() and len(waits) < UNDER_WAY:
                        id = b"%d.%d" % (place, asked[place])
                        asked[place] += 1
                        waits.add(id)
                        dealer.send_multipart([C.NAME, C.REQUEST, b"resize", id])
                        time.sleep(chance.uniform(0, 0.01))
                    body = dealer.recv_multipart()[3:]
                    if body[-1] not in waits:
                        raise Wrong("a client was answered twice", seen=f"`{body}`")
                    waits.remove(body[-1])
                    given_up[place] += body[0] == b"500"

        asked, given_up = [0] * CLIENTS, [0] * CLIENTS
        for place in range(WORKERS):
            t.peer(worker, place)
        clients = [t.peer(client, place) for place in range(CLIENTS)]
        ends = t.deadline(seconds)
        t.wait(lambda: ends.over, seconds=seconds + 5, expected="a long day")
        over.set()
        said = "a request is lost"
        t.wait(
            lambda: not any(each.is_alive() for each in clients),
            seconds=30,
            expected="an answer for each request",
            said=said,
        )
        if most and max(tries.values()) > most:
            raise Wrong(
                "a request was tried too often", seen=f"{max(tries.values())} times", expected=f"at most {most}"
            )
    what = ", ".join(f"{count} × {name}" for name, count in sorted(happened.items()))
    ledger = f"{sum(asked)} requests, {sum(given_up)} told 500, {sum(tries.values())} tries; {what}"
    return f"{ledger}; each answered once, none lost"
