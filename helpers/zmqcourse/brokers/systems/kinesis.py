"""The API of Amazon Kinesis, a log in shards, as moto emulates it in memory: AWS itself is not here.

Kinesis knows nothing of workers: who reads which shard, and how far they are, is written down by a library of
Amazon's (KCL) in a table. Here it is written into files, as plainly as it can be: a lease for each shard.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..base import MEMORY, PREFETCH, REDELIVERY, WINDOW, Handle, Ready, Sender, Terms
from ..home import Home
from .sqs import Aws, AwsSender

SHARDS = 3


class Kinesis(Aws):
    key, name, kind = "kinesis", "Kinesis (emulated by moto)", "log"
    runs = "moto, an emulation in Python, from PyPI"
    terms = Terms(
        MEMORY, "not in this emulation", "when the call returns", f"{WINDOW}, in one call", str(PREFETCH),
        f"{PREFETCH} together, by a checkpoint; a lease lasts {REDELIVERY} s",
    )  # fmt: skip
    redelivers, keeps_past = REDELIVERY, True
    default = "no limit"

    def start(self, home: Home) -> None:
        super().start(home)
        self.place["leases"] = str(home.make("leases/"))

    def attach(self, url: str, home: Home) -> None:
        self.place.update(url=url, leases=str(home.make("leases/")))

    def prepare(self, queue: str, *, fan_out: bool = False, limited: bool = False) -> None:
        client = self._client("kinesis")
        client.create_stream(StreamName=queue, ShardCount=1 if fan_out else SHARDS)
        client.get_waiter("stream_exists").wait(StreamName=queue, WaiterConfig={"Delay": 1, "MaxAttempts": 20})

    def remove(self, queue: str) -> None:
        self._client("kinesis").delete_stream(StreamName=queue)

    def producer(self, queue: str, *, workers: int, limited: bool) -> Sender:
        client = self._client("kinesis")

        def hand_over(bodies: list[bytes]) -> Any:
            records = [{"Data": body, "PartitionKey": body[:8].decode()} for body in bodies]
            return client.put_records(StreamName=queue, Records=records).get("FailedRecordCount")

        return AwsSender(hand_over, WINDOW)

    def worker(self, queue: str, number: int, ready: Ready, handle: Handle, *, workers: int, limited: bool) -> None:
        client, mine = self._client("kinesis"), {}
        leases = [Lease(Path(self.place["leases"]), queue, shard, number) for shard in _shards(client, queue)]
        for index, lease in enumerate(leases):
            if index % workers == number:
                mine[lease] = self._read(client, queue, lease, handle)
        ready()
        while True:
            for reading in list(mine.values()):
                next(reading)
            for lease in leases:
                if lease not in mine and lease.take_over():
                    mine[lease] = self._read(client, queue, lease, handle)

    def subscriber(self, topic: str, number: int, ready: Ready, handle: Handle) -> None:
        client = self._client("kinesis")
        (shard,) = _shards(client, topic)
        ready()
        own = Lease(Path(self.place["leases"]), f"{topic}-{number}", shard, number)
        for _ in self._read(client, topic, own, handle):
            pass

    def _read(self, client: Any, stream: str, lease: Lease, handle: Handle) -> Iterator[None]:
        """Read the shard from its last checkpoint on, a handful at a time."""
        at = lease.checkpoint
        lease.keep(at)
        where = {"ShardIteratorType": "TRIM_HORIZON"}
        if at:
            where = {"ShardIteratorType": "AFTER_SEQUENCE_NUMBER", "StartingSequenceNumber": at}
        position = client.get_shard_iterator(StreamName=stream, ShardId=lease.shard, **where)["ShardIterator"]
        while True:
            answer = client.get_records(ShardIterator=position, Limit=PREFETCH)
            position = answer["NextShardIterator"]
            for record in answer["Records"]:
                handle(record["Data"])
                at = record["SequenceNumber"]
            lease.keep(at)
            if not answer["Records"]:
                time.sleep(0.05)  # Kinesis is asked, it does not call
            yield


class Lease:
    """Who reads a shard, until when, and how far they are: a file."""

    def __init__(self, folder: Path, stream: str, shard: str, owner: int) -> None:
        self.shard, self._owner = shard, owner
        self._path = folder / f"{stream}-{shard}"

    def take_over(self) -> bool:
        """Whether its owner has not been heard of for too long, and it is ours now: of several, one succeeds."""
        written = self._read()
        if not written or time.time() - written["at"] < REDELIVERY:
            return False
        try:
            os.rename(self._path, ours := self._path.with_suffix(f".over{self._owner}"))
        except FileNotFoundError:
            return False  # somebody else was quicker
        ours.unlink()
        self.keep(written["checkpoint"])
        return True

    @property
    def checkpoint(self) -> str | None:
        return self._read().get("checkpoint")

    def keep(self, checkpoint: str | None) -> None:
        """A sign of life, and how far we are."""
        new = self._path.with_suffix(f".{self._owner}")
        new.write_text(json.dumps({"at": time.time(), "checkpoint": checkpoint}))
        os.replace(new, self._path)

    def _read(self) -> dict[str, Any]:
        try:
            return json.loads(self._path.read_text())
        except FileNotFoundError:
            return {}


def _shards(client: Any, stream: str) -> list[str]:
    return [shard["ShardId"] for shard in client.describe_stream(StreamName=stream)["StreamDescription"]["Shards"]]
