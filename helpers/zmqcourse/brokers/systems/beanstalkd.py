"""beanstalkd: a work queue and nothing else, small and quick. put, reserve, delete."""

from __future__ import annotations

from typing import Any

from ..base import Handle, Ready, Sender, System, find_program
from ..home import Home


class Beanstalkd(System):
    key, name, kind = "beanstalkd", "beanstalkd", "queue"
    runs = "beanstalkd, from Debian"
    ack = "put is answered; delete after each job"
    no_fan_out = "a job goes to one worker; to reach three, put it into three tubes"
    default = "all the memory there is"
    install = "apt-get install beanstalkd, and " + 'pip install ".[brokers]"'
    clients = ("greenstalk",)

    def server(self) -> str:
        return "beanstalkd"

    def start(self, home: Home) -> None:
        port = home.port()
        home.start(find_program("beanstalkd"), "-l", "127.0.0.1", "-p", port, port=port)
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

    def _client(self, tube: str) -> Any:
        import greenstalk

        return greenstalk.Client((self.host, self.port), use=tube, watch=tube, encoding=None)


class BeanstalkdSender(Sender):
    def __init__(self, client: Any) -> None:
        self._client = client

    def send(self, body: bytes) -> None:
        self._client.put(body)

    def flush(self) -> None:
        """Each put was answered."""
