"""One file a system; this is the list of them, in the order of the tables."""

from __future__ import annotations

import importlib
from typing import Any

from ..base import System

# key → the module and the class; nothing is imported before it is asked for
WHERE = {
    "zeromq": ("zeromq", "ZeroMQ"),
    "nng": ("nng", "Nng"),
    "nng-usual": ("nng", "NngUsual"),
    "rabbitmq": ("rabbitmq", "RabbitMQ"),
    "rabbitmq-usual": ("rabbitmq", "RabbitUsual"),
    "activemq": ("activemq", "ActiveMQ"),
    "kafka": ("kafka", "Kafka"),
    "kafka-usual": ("kafka", "KafkaUsual"),
    "sqs": ("sqs", "Sqs"),
    "kinesis": ("kinesis", "Kinesis"),
    "beanstalkd": ("beanstalkd", "Beanstalkd"),
    "beanstalkd-usual": ("beanstalkd", "BeanstalkdUsual"),
    "celery": ("celery", "Celery"),
    "celery-usual": ("celery", "CeleryUsual"),
    "redis": ("redis", "RedisStreams"),
    "redis-usual": ("redis", "RedisUsual"),
    "nats": ("nats", "NatsCore"),
    "jetstream": ("nats", "JetStream"),
    "jetstream-usual": ("nats", "JetStreamUsual"),
    "mqtt": ("mqtt", "Mqtt"),
    "postgres": ("postgres", "Postgres"),
}
KEYS = tuple(WHERE)


def make(key: str, place: dict[str, Any] | None = None) -> System:
    """The system of this key. Raises ValueError for a key that there is not."""
    if key not in WHERE:
        raise ValueError(f"There is no system called {key!r}: choose from {', '.join(KEYS)}.")
    module, name = WHERE[key]
    return getattr(importlib.import_module(f"{__name__}.{module}"), name)(place)
