"""RabbitMQ: a broker with queues, and exchanges that fill them. Client: pika, with publisher confirms."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..base import PREFETCH, Handle, Ready, Sender, System, find_program
from ..home import Home

ROOM = 1_000_000  # bytes of memory that the broker may still take, with the limit
ONLY_HERE = "-kernel inet_dist_use_interface {127,0,0,1}"  # Erlang's own port, beside the broker's
LOOKS = 50  # ms between two looks at the memory; by default 2500
RAISE = "vm_memory_monitor:set_vm_memory_high_watermark({}), ok."


class RabbitMQ(System):
    key, name, kind = "rabbitmq", "RabbitMQ", "queue"
    runs = "RabbitMQ, from Debian"
    ack = f"publisher confirms; ack after each task, prefetch {PREFETCH}"
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
        return RabbitSender(self._connect(), "", queue)

    def publisher(self, topic: str, *, subscribers: int) -> Sender:
        return RabbitSender(self._connect(), topic, "")

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

        parameters = pika.URLParameters(self.url)
        parameters.heartbeat = 0  # a worker that is held may not be taken for dead
        return pika.BlockingConnection(parameters)

    def _accepts(self) -> bool:
        import pika

        try:
            self._connect().close()
        except pika.exceptions.AMQPError:
            return False
        return True


class RabbitSender(Sender):
    def __init__(self, connection: Any, exchange: str, key: str) -> None:
        import pika

        self._channel = connection.channel()
        self._channel.confirm_delivery()  # from now on basic_publish returns when the broker has it
        self._where, self._lasting = (exchange, key), pika.BasicProperties(delivery_mode=2)

    def send(self, body: bytes) -> None:
        self._channel.basic_publish(*self._where, body, self._lasting)

    def flush(self) -> None:
        """Each message was confirmed."""


def _folder() -> Path | None:
    """Where its own scripts are. Those in /usr/sbin change the user, which is done already."""
    debian = sorted(Path("/usr/lib/rabbitmq/lib").glob("rabbitmq_server-*/sbin"))
    return next((each for each in [*debian, Path("/opt/homebrew/sbin")] if (each / "rabbitmq-server").exists()), None)
