"""MQTT 5 with shared subscriptions, on mosquitto: made for sensors, and used as a queue all the same. Client: paho."""

from __future__ import annotations

import threading
from collections import deque
from typing import Any

from ..base import MEMORY, PREFETCH, WINDOW, Handle, Ready, Sender, System, Terms, WindowSender, find_program
from ..home import Home

SETTINGS = """listener {port} 127.0.0.1
allow_anonymous true
persistence false
max_inflight_messages {window}
log_dest stderr
log_type error
"""


class Mqtt(System):
    key, name, kind = "mqtt", "MQTT (mosquitto)", "bus"
    runs = "mosquitto, from Debian"
    terms = Terms(
        MEMORY, "never: its persistence is off by default", "by a PUBACK: QoS 1", str(WINDOW),
        f"{PREFETCH}: ReceiveMaximum", "each by itself, by a PUBACK",
    )  # fmt: skip
    redelivers, stays_with_dead = None, True
    limit, default = "max_queued_messages 0: none", "max_queued_messages 1000"
    takes = (4.0, 1.0)
    install = "apt-get install mosquitto, and " + 'pip install ".[brokers]"'
    clients = ("paho.mqtt.client",)

    def server(self) -> str:
        return "mosquitto"

    def start(self, home: Home) -> None:
        for name, more in ("url", ""), ("limited", "max_queued_messages 0\n"):
            port = home.port()
            config = home.make(f"{name}.conf", SETTINGS.format(port=port, window=WINDOW) + more)
            home.start(find_program("mosquitto"), "-c", config, port=port)
            self.place[name] = f"mqtt://127.0.0.1:{port}"

    def attach(self, url: str, home: Home) -> None:
        self.place["url"] = self.place["limited"] = url

    def producer(self, queue: str, *, workers: int, limited: bool) -> Sender:
        return MqttSender(self, queue, limited)

    def worker(self, queue: str, number: int, ready: Ready, handle: Handle, *, workers: int, limited: bool) -> None:
        self._listen(f"$share/workers/{queue}", f"{queue}-{number}", ready, handle, limited)

    def subscriber(self, topic: str, number: int, ready: Ready, handle: Handle) -> None:
        self._listen(topic, f"{topic}-{number}", ready, handle, False)

    def _listen(self, topic: str, name: str, ready: Ready, handle: Handle, limited: bool) -> None:
        client = self.client(name)

        def on_message(client: Any, _: Any, message: Any) -> None:
            handle(message.payload)
            client.ack(message.mid, message.qos)

        client.on_message = on_message
        client.on_subscribe = lambda *_: ready()
        client.on_connect = lambda *_: client.subscribe(topic, qos=1)
        self.connect(client, limited)
        client.loop_forever()

    def client(self, name: str) -> Any:
        import paho.mqtt.client as mqtt

        return mqtt.Client(
            mqtt.CallbackAPIVersion.VERSION2, client_id=name, protocol=mqtt.MQTTv5, manual_ack=True
        )

    def connect(self, client: Any, limited: bool) -> None:
        from paho.mqtt.packettypes import PacketTypes
        from paho.mqtt.properties import Properties

        settings = Properties(PacketTypes.CONNECT)
        settings.SessionExpiryInterval = 300  # the broker keeps what is for this client so long
        settings.ReceiveMaximum = PREFETCH
        if limited:
            self.place["url"] = self.place["limited"]
        client.connect(self.host, self.port, clean_start=True, properties=settings)


class MqttSender(WindowSender):
    def __init__(self, system: Mqtt, topic: str, limited: bool) -> None:
        super().__init__()
        self._client, self._topic = system.client(f"{topic}-producer"), topic
        self._waiting, connected = deque[bytes](), threading.Event()
        self._client.max_inflight_messages_set(WINDOW)
        self._client.on_publish = self._published
        self._client.on_connect = lambda *_: connected.set()
        system.connect(self._client, limited)
        self._client.loop_start()
        connected.wait(10)

    def send(self, body: bytes) -> None:
        self._waiting.append(body)  # PUBACKs come in the order in which messages were sent, says the standard
        self._client.publish(self._topic, body, qos=1)

    def _published(self, *_: Any) -> None:
        self.confirmed(self._waiting.popleft())
