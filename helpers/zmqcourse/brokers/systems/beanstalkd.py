"""beanstalkd: a work queue and nothing else, small and quick. put, reserve, delete: its client waits for each."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ..base import DISK, MEMORY, USUAL, Handle, Ready, Sender, System, Terms, find_program
from ..home import Home


class Beanstalkd(System):
    key, name, kind = "beanstalkd", "beanstalkd", "queue"
    runs = "beanstalkd, from Debian"
    terms = Terms(
        DISK, "before it is confirmed: -f0", "when put is answered", "1: its client waits", "1",
        "each by itself, by delete",
    )  # fmt: skip
    no_fan_out = "a job goes to one worker; to reach three, put it into three tubes"
    default = "no limit"
    install = "apt-get install beanstalkd, and " + 'pip install ".[brokers]"'
    clients = ("greenstalk",)

    def server(self) -> str:
        return "beanstalkd"

    def start(self, home: Home) -> None:
        port = home.port()
        home.start(find_program("beanstalkd"), "-l", "127.0.0.1", "-p", port, *self._disk(home), port=port)
        self.place["url"] = f"beanstalk://127.0.0.1:{port}"

    def producer(self, queue: str, *, workers: int, limited: bool) -> Sender:
        return BeanstalkdSender(self._client(queue))

    def worker(self, queue: str, number: int, ready: Ready, handle: Handle, *, workers: int, limited: bool) -> None:
        client = self._client(queue)
        ready()
        while True:
            job = client.reserve()
            handle(job.body)
            client.delete(job)

    def _disk(self, home: Home) -> list[object]:
        return ["-b", home.make("binlog/"), "-f0"]

    def _client(self, tube: str) -> Any:
        import greenstalk

        return greenstalk.Client((self.host, self.port), use=tube, watch=tube, encoding=None)


class BeanstalkdUsual(Beanstalkd):
    key, name = "beanstalkd" + USUAL, "beanstalkd, as usually run"
    terms = replace(Beanstalkd.terms, keeper=MEMORY, disk="never")
    experiments = ("work", "crash")

    def _disk(self, home: Home) -> list[object]:
        return []


class BeanstalkdSender(Sender):
    def __init__(self, client: Any) -> None:
        self._client = client

    def send(self, body: bytes) -> None:
        self._client.put(body)
