"""RabbitMQ: a broker with queues, and exchanges that fill them. Client: pika, with publisher confirms that come later.

(Its `BlockingConnection` waits for each confirm by itself, so the producer is a `SelectConnection`.)
"""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..base import (
    DISK,
    PREFETCH,
    SENDER,
    USUAL,
    WINDOW,
    Handle,
    Ready,
    Sender,
    System,
    Terms,
    WindowSender,
    find_program,
)
from ..home import Home

ROOM = 1_000_000  # bytes of memory that the broker may still take, with the limit
ONLY_HERE = "-kernel inet_dist_use_interface {127,0,0,1}"  # Erlang's own port, beside the broker's
LOOKS = 50  # ms between two looks at the memory; by default 2500
RAISE = "vm_memory_monitor:set_vm_memory_high_watermark({}), ok."


class RabbitMQ(System):
    key, name, kind = "rabbitmq", "RabbitMQ", "queue"
    runs = "RabbitMQ, from Debian"
    terms = Terms(
        DISK, "before it is confirmed: durable, persistent", "by a publisher confirm", str(WINDOW),
        f"{PREFETCH}: prefetch", "each by itself, by its ack",
    )  # fmt: skip
    limit, default = "memory watermark just above", "watermark 40 % of the memory"
    install = "apt-get install rabbitmq-server, and " + 'pip install ".[brokers]"'
    takes = (1.0, 12.0)
    clients = ("pika",)
    heavy = True

    def server(self) -> str:
        return "" if _folder() else "rabbitmq-server"

    def start(self, home: Home) -> None:
        port, between, names = home.port(), home.port(), home.port()
        settings = f"""
            listeners.tcp.1 = 127.0.0.1:{port}
            memory_monitor_interval = {LOOKS}
            vm_memory_calculation_strategy = erlang
            disk_free_limit.absolute = 50MB
            log.console = true
            log.file = false
        """
        home.make("rabbitmq.conf", "\n".join(map(str.strip, settings.splitlines())))
        env = {
            "RABBITMQ_NODENAME": f"course{port}@localhost",
            "RABBITMQ_DIST_PORT": str(between),
            "RABBITMQ_CONFIG_FILE": str(home.folder / "rabbitmq"),
            "RABBITMQ_MNESIA_BASE": str(home.make("data/")),
            "RABBITMQ_LOG_BASE": str(home.make("logs/")),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(home.make("plugins", "[].\n")),
            "RABBITMQ_PID_FILE": str(home.folder / "pid"),
            "RABBITMQ_CONF_ENV_FILE": "/dev/null",
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": ONLY_HERE,
            "RABBITMQ_CTL_ERL_ARGS": ONLY_HERE,
            "ERL_FLAGS": ONLY_HERE,  # whatever else its scripts start for a moment
            "ERL_EPMD_PORT": str(names),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
        }
        # Erlang's directory of names: one of our own, for another would outlive us
        home.start(find_program("epmd"), "-port", names, "-address", "127.0.0.1", port=names)
        home.start(_folder() / "rabbitmq-server", env=env, port=port)
        self.place["url"] = f"amqp://guest:guest@127.0.0.1:{port}"
        self._home, self._env, self._raised = home, env, False
        home.until(self._accepts, "RabbitMQ")

    def prepare(self, queue: str, *, fan_out: bool = False, limited: bool = False) -> None:
        connection = self._connect()
        if fan_out:
            connection.channel().exchange_declare(queue, "fanout")
        else:
            connection.channel().queue_declare(queue, durable=True)
        connection.close()
        if limited and not self.place.get("attached"):
            mark = f"{{absolute, vm_memory_monitor:get_process_memory() + {ROOM}}}"
            self._home.run(_folder() / "rabbitmqctl", "eval", RAISE.format(mark), env=self._env)

    def remove(self, queue: str) -> None:
        connection = self._connect()
        connection.channel().queue_delete(queue)
        connection.channel().exchange_delete(queue)
        connection.close()

    def producer(self, queue: str, *, workers: int, limited: bool) -> Sender:
        return RabbitSender(self._parameters(), "", queue)

    def publisher(self, topic: str, *, subscribers: int) -> Sender:
        return RabbitSender(self._parameters(), topic, "")

    def worker(self, queue: str, number: int, ready: Ready, handle: Handle, *, workers: int, limited: bool) -> None:
        self._consume(self._connect().channel(), queue, ready, handle)

    def subscriber(self, topic: str, number: int, ready: Ready, handle: Handle) -> None:
        channel = self._connect().channel()
        own = channel.queue_declare("", exclusive=True).method.queue
        channel.queue_bind(own, topic)
        self._consume(channel, own, ready, handle)

    def _consume(self, channel: Any, queue: str, ready: Ready, handle: Handle) -> None:
        def on_message(channel: Any, method: Any, _: Any, body: bytes) -> None:
            handle(body)
            channel.basic_ack(method.delivery_tag)

        channel.basic_qos(prefetch_count=PREFETCH)
        channel.basic_consume(queue, on_message)
        ready()
        channel.start_consuming()

    def _connect(self) -> Any:
        import pika

        return pika.BlockingConnection(self._parameters())

    def _parameters(self) -> Any:
        import pika

        parameters = pika.URLParameters(self.url)
        parameters.heartbeat = 0  # a worker that is held may not be taken for dead
        return parameters

    def _accepts(self) -> bool:
        import pika

        try:
            self._connect().close()
        except pika.exceptions.AMQPError:
            return False
        return True


class RabbitUsual(RabbitMQ):
    key, name = "rabbitmq" + USUAL, "RabbitMQ, as its clients begin"
    terms = replace(
        RabbitMQ.terms, keeper=SENDER, disk="soon", confirmed="when basic_publish returns", under_way="all that fit"
    )
    experiments = ("work", "crash")

    def producer(self, queue: str, *, workers: int, limited: bool) -> Sender:
        return UnconfirmedSender(self._connect(), queue)


class RabbitSender(WindowSender):
    """Publishes in the thread of pika's own loop; confirms come there too, of one message or of all up to it."""

    def __init__(self, parameters: Any, exchange: str, key: str) -> None:
        import pika

        super().__init__()
        self._where, self._lasting = (exchange, key), pika.BasicProperties(delivery_mode=2)
        self._ready, self._waiting, self._tag = threading.Event(), dict[int, bytes](), 0
        self._connection = pika.SelectConnection(
            parameters, self._opened, on_open_error_callback=self._failed, on_close_callback=self._failed
        )
        threading.Thread(target=self._connection.ioloop.start, daemon=True).start()
        self._ready.wait(30)

    def send(self, body: bytes) -> None:
        self._connection.ioloop.add_callback_threadsafe(lambda: self._publish(body))

    def _opened(self, connection: Any) -> None:
        connection.channel(on_open_callback=self._with_channel)

    def _with_channel(self, channel: Any) -> None:
        self._channel = channel
        channel.confirm_delivery(self._confirmed, callback=lambda _: self._ready.set())

    def _publish(self, body: bytes) -> None:
        self._tag += 1
        self._waiting[self._tag] = body
        self._channel.basic_publish(*self._where, body, self._lasting)

    def _confirmed(self, frame: Any) -> None:
        method = frame.method
        last = method.delivery_tag
        for tag in [tag for tag in self._waiting if tag <= last] if method.multiple else [last]:
            body = self._waiting.pop(tag)
            if method.NAME == "Basic.Ack":
                self.confirmed(body)
            else:
                self.refused("the broker refused it (basic.nack)")

    def _failed(self, _: Any, error: Any) -> None:
        self._ready.set()
        self.refused(str(error))


class UnconfirmedSender(Sender):
    """As pika and most clients begin: a message that is written to the connection counts as sent."""

    def __init__(self, connection: Any, queue: str) -> None:
        import pika

        self._channel, self._queue = connection.channel(), queue
        self._lasting = pika.BasicProperties(delivery_mode=2)

    def send(self, body: bytes) -> None:
        self._channel.basic_publish("", self._queue, body, self._lasting)


def _folder() -> Path | None:
    """Where its own scripts are. Those in /usr/sbin change the user, which is done already."""
    debian = sorted(Path("/usr/lib/rabbitmq/lib").glob("rabbitmq_server-*/sbin"))
    return next((each for each in [*debian, Path("/opt/homebrew/sbin")] if (each / "rabbitmq-server").exists()), None)
