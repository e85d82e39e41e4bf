"""The API of Amazon SQS, with SNS for fan-out, as moto emulates it in memory: AWS itself is not here.

Moto lives at 127.0.0.1 and wants no account. The real service, or another emulation, is used by its URL.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Any

from ..base import MEMORY, PREFETCH, REDELIVERY, BatchSender, Handle, Ready, Sender, System, Taken, Terms
from ..home import Home

VISIBLE = 3 * REDELIVERY  # seconds until a message can be seen again: an emulation is slow
TOGETHER = 10  # messages a call: the most that SQS and SNS take


class Aws(System):
    """What SQS and Kinesis have in common here."""

    install = 'pip install ".[brokers-aws]"'
    clients = ("boto3", "moto.server")

    def start(self, home: Home) -> None:
        port = home.port()
        packages = {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}  # wherever this Python has found moto
        home.start(sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", port, port=port, env=packages)
        self.place["url"] = f"http://127.0.0.1:{port}"

    def warm_up(self) -> None:
        import boto3

        boto3.client("sqs", region_name="us-east-1")  # reads its description of the service

    def _client(self, service: str) -> Any:
        import boto3
        from botocore.config import Config

        nobody = {"aws_access_key_id": "nobody", "aws_secret_access_key": "nothing"}
        config = Config(read_timeout=30, retries={"max_attempts": 2}, proxies={})
        return boto3.client(service, endpoint_url=self.url, region_name="us-east-1", config=config, **nobody)


class Sqs(Aws):
    key, name, kind = "sqs", "SQS (emulated by moto)", "queue"
    runs = "moto, an emulation in Python, from PyPI"
    terms = Terms(
        MEMORY, "not in this emulation", "when the call returns", f"{TOGETHER}: the most that a call takes",
        str(PREFETCH), f"{PREFETCH} together: DeleteMessageBatch; visible again after {VISIBLE} s",
    )  # fmt: skip
    redelivers = VISIBLE
    default = "no limit"

    def prepare(self, queue: str, *, fan_out: bool = False, limited: bool = False) -> None:
        if not fan_out:
            self._make(queue)
            return
        sns, sqs = self._client("sns"), self._client("sqs")
        topic = sns.create_topic(Name=queue)["TopicArn"]
        for number in range(3):
            url = self._make(f"{queue}-{number}")
            arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
            raw = {"RawMessageDelivery": "true"}
            sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes=raw)

    def producer(self, queue: str, *, workers: int, limited: bool) -> Sender:
        sqs = self._client("sqs")
        url = sqs.get_queue_url(QueueName=queue)["QueueUrl"]

        def hand_over(bodies: list[bytes]) -> Any:
            entries = [{"Id": str(n), "MessageBody": body.decode()} for n, body in enumerate(bodies)]
            return sqs.send_message_batch(QueueUrl=url, Entries=entries).get("Failed")

        return AwsSender(hand_over, TOGETHER)

    def publisher(self, topic: str, *, subscribers: int) -> Sender:
        sns = self._client("sns")
        arn = sns.create_topic(Name=topic)["TopicArn"]  # the one that is there

        def hand_over(bodies: list[bytes]) -> Any:
            entries = [{"Id": str(n), "Message": body.decode()} for n, body in enumerate(bodies)]
            return sns.publish_batch(TopicArn=arn, PublishBatchRequestEntries=entries).get("Failed")

        return AwsSender(hand_over, TOGETHER)

    def worker(self, queue: str, number: int, ready: Ready, handle: Handle, *, workers: int, limited: bool) -> None:
        self._receive(queue, ready, handle)

    def subscriber(self, topic: str, number: int, ready: Ready, handle: Handle) -> None:
        if number > 2:
            self._make(f"{topic}-{number}")  # a queue of its own, which was not there when all was sent
        self._receive(f"{topic}-{number}", ready, handle)

    def _make(self, queue: str) -> str:
        attributes = {"VisibilityTimeout": str(VISIBLE)}
        return self._client("sqs").create_queue(QueueName=queue, Attributes=attributes)["QueueUrl"]

    def _receive(self, queue: str, ready: Ready, handle: Handle) -> None:
        sqs = self._client("sqs")
        url = sqs.get_queue_url(QueueName=queue)["QueueUrl"]
        ready()
        while True:
            answer = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=PREFETCH, WaitTimeSeconds=1)
            done = []
            for message in answer.get("Messages", []):
                handle(message["Body"].encode())
                done.append({"Id": str(len(done)), "ReceiptHandle": message["ReceiptHandle"]})
            if done:
                sqs.delete_message_batch(QueueUrl=url, Entries=done)


class AwsSender(BatchSender):
    """Hands messages over some at a time, as each call is a request over HTTP."""

    def __init__(self, call: Callable[[list[bytes]], Any], together: int) -> None:
        self._call, self.together = call, together

    def hand_over(self, batch: list[bytes], taken: Taken) -> None:
        if failed := self._call(batch):
            raise RuntimeError(f"refused: {failed}")
        for body in batch:
            taken(body)
