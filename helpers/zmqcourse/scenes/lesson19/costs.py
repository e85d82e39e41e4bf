"""What it costs to give a job again, and what it brings to have several under way."""

from __future__ import annotations

import random
import threading
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any

import zmq
from zmqlive import Stage, figures
from zmqlive.figures import Plot

from .words import C_FINAL, C_REQUEST, CLIENT, Policy, Role, registered

QUICK = 0.1  # a beat, in seconds, where nobody looks on
ACCIDENTS = 60  # requests, and the chance that the worker that has one in hand dies
CHANCE = 0.3
CREW = 4  # workers of one client that has several requests under way


def price(broker: Role, worker: Role, dead: Policy, tries: Sequence[int]) -> tuple[list[int], list[int]]:
    """For each number of tries that a broker gives a request: workers that one poisoned request takes along, and of
    sixty innocent ones, whose workers die by accident, how many are given up."""
    killed, given_up = {}, {}

    def one(most: int) -> None:
        killed[most] = _poisoned(broker, worker, dead, most)
        given_up[most] = _unlucky(broker, worker, dead, most)

    threads = [threading.Thread(target=one, args=(most,)) for most in tries]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    return [killed[most] for most in tries], [given_up[most] for most in tries]


def _at_most(most: int) -> Policy:
    """What a broker does with a job that was in a dead worker's hand: so many tries, then the client is told."""
    tried: dict[int, int] = {}

    def lost(book: Any, job: Any) -> None:
        tried[id(job)] = tried.get(id(job), 1) + 1
        if tried[id(job)] <= most:
            book.waiting[job.service].appendleft(job)
        else:
            book.send([job.client, CLIENT, C_FINAL, job.service, b"500", *job.body])

    return lost


def _poisoned(broker: Role, worker: Role, dead: Policy, most: int, crew: int = 5) -> int:
    def falls_over(body: list[bytes]) -> Iterator[None]:
        raise SystemExit
        yield

    with Stage(f"Poison, {most} tries", seconds=120) as stage:
        endpoint = stage.endpoint("tcp", name="services")
        told: list[int] = []
        stage.add(broker, endpoint, dead, _at_most(most), QUICK, name="broker")
        stage.add(worker, endpoint, b"resize", falls_over, QUICK, name="worker", count=crew)
        stage.start()
        stage.wait(registered(crew), timeout=60)
        stage.add(_asks, endpoint, [b"poison"], told, name="client")

        def alive() -> int:
            return sum(not role.gone for role in stage.roles if role.name.startswith("worker"))

        stage.wait(lambda _: told or not alive(), timeout=60)
        return crew - alive()


def _unlucky(broker: Role, worker: Role, dead: Policy, most: int, crew: int = 8) -> int:
    tried: dict[bytes, int] = {}

    def careless(body: list[bytes]) -> Iterator[None]:
        """Dies with the same requests on the same tries, whichever worker has them."""
        tried[body[0]] = tried.get(body[0], 0) + 1
        if random.Random(f"{body[0]!r} {tried[body[0]]}").random() < CHANCE:
            raise SystemExit
        yield

    def comes_back(ctx: zmq.Context[Any], endpoint: str) -> None:
        while True:
            with suppress(SystemExit):  # its supervisor starts it again
                worker(ctx, endpoint, b"resize", careless, QUICK)

    with Stage(f"Accidents, {most} tries", seconds=120) as stage:
        endpoint = stage.endpoint("tcp", name="services")
        told: list[int] = []
        stage.add(broker, endpoint, dead, _at_most(most), QUICK, name="broker")
        stage.add(comes_back, endpoint, count=crew, name="worker")
        stage.start()
        stage.wait(registered(crew), timeout=60)
        stage.add(_asks, endpoint, [b"photo %d" % n for n in range(ACCIDENTS)], told, name="client")
        stage.wait(lambda _: told, timeout=60)
        return told[0]


def _asks(ctx: zmq.Context[Any], endpoint: str, bodies: list[bytes], told: list[int]) -> None:
    """Asks all of it at once; how many were given up is added to `told`."""
    with ctx.socket(zmq.DEALER) as dealer:
        dealer.linger = 0
        dealer.connect(endpoint)
        for body in bodies:
            dealer.send_multipart([CLIENT, C_REQUEST, b"resize", body])
        told.append(sum(dealer.recv_multipart()[3:4] == [b"500"] for _ in bodies))


# --- several under way


def windows(
    broker: Role, worker: Role, dead: Policy, lost: Policy, sizes: Sequence[int], *, work: float
) -> list[float]:
    """Requests a second of one client that has so many under way, with four workers that take `work` seconds each."""

    def works(body: list[bytes]) -> Iterator[None]:
        time.sleep(work)
        yield

    rates: list[float] = []

    def client(ctx: zmq.Context[Any], size: int, count: int) -> None:
        with ctx.socket(zmq.DEALER) as dealer:
            dealer.linger = 0
            dealer.connect(endpoint)
            began, waiting = time.monotonic(), deque(range(count))
            for done in range(1 - size, count):
                if waiting:
                    dealer.send_multipart([CLIENT, C_REQUEST, b"resize", b"photo %d" % waiting.popleft()])
                if done >= 0:
                    dealer.recv_multipart()
            rates.append(count / (time.monotonic() - began))

    with Stage("Windows", seconds=120) as stage:
        endpoint = stage.endpoint("tcp", name="services")
        stage.add(broker, endpoint, dead, lost, name="broker")
        stage.add(worker, endpoint, b"resize", works, name="worker", count=CREW)
        stage.start()
        stage.wait(registered(CREW), timeout=60)
        for number, size in enumerate(sizes, 1):
            stage.add(client, size, 12 * min(size, CREW), name=f"client {size}")
            stage.wait(lambda _, number=number: len(rates) == number, timeout=60)
    return rates


def against_window(sizes: Sequence[int], rates: Sequence[float], work: float) -> Plot:
    """The rates beside what four workers could do at most."""
    ideal = [min(size, CREW) / work for size in sizes]
    curves = {"measured": (sizes, rates, "dots"), "without any way and any wait": (sizes, ideal)}
    return figures.chart("Four workers, one client", curves, x="requests under way", y="answers a second")
