"""ActiveMQ: a broker of the Java world, spoken to by STOMP. Client: stomp.py, with a receipt for each message, later.

Its successor in the same house is Artemis; Apollo, which was to be that, ended in 2015.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..base import DISK, PREFETCH, WINDOW, Handle, Ready, Sender, System, Terms, WindowSender, find_program
from ..home import Home

JARS = Path("/usr/share/java")
NAMES = "http://activemq.apache.org/schema/core"
BROKER = """<beans xmlns="http://www.springframework.org/schema/beans"
 xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
 xsi:schemaLocation="http://www.springframework.org/schema/beans
 http://www.springframework.org/schema/beans/spring-beans.xsd {names} {names}/activemq-core.xsd">
<broker xmlns="{names}" useJmx="false" brokerName="localhost" dataDirectory="{data}" schedulerSupport="false">
 <destinationPolicy><policyMap><policyEntries>
  <policyEntry queue="limited.&gt;" producerFlowControl="true" memoryLimit="200kb">
   <pendingQueuePolicy><vmQueueCursor/></pendingQueuePolicy>
  </policyEntry>
  <policyEntry queue="&gt;" producerFlowControl="true" memoryLimit="32mb"/>
  <policyEntry topic="&gt;" producerFlowControl="true"/>
 </policyEntries></policyMap></destinationPolicy>
 <persistenceAdapter>
  <kahaDB directory="{data}/kahadb" journalDiskSyncStrategy="always" journalMaxFileLength="8mb"/>
 </persistenceAdapter>
 <systemUsage><systemUsage>
  <memoryUsage><memoryUsage limit="64mb"/></memoryUsage>
  <storeUsage><storeUsage limit="200mb"/></storeUsage>
  <tempUsage><tempUsage limit="64mb"/></tempUsage>
 </systemUsage></systemUsage>
 <transportConnectors>
  <transportConnector name="stomp" uri="stomp://127.0.0.1:{port}?transport.closeAsync=false"/>
 </transportConnectors>
</broker></beans>"""
LOG = """status=error
appender.console.type=Console
appender.console.name=console
rootLogger.level=warn
rootLogger.appenderRef.console.ref=console
"""


class ActiveMQ(System):
    key, name, kind = "activemq", "ActiveMQ", "queue"
    runs = "ActiveMQ Classic, from Debian"
    terms = Terms(
        DISK, "before it is confirmed: persistent, journal synced", "by a receipt", str(WINDOW),
        f"{PREFETCH}: prefetch", "each by itself, by its ack",
    )  # fmt: skip
    limit, default = "memoryLimit 200 kB, kept in memory", "memoryLimit 32 MB, then the disk"
    install = "apt-get install activemq default-jre-headless, and " + 'pip install ".[brokers]"'
    clients = ("stomp",)
    heavy = True

    def server(self) -> str:
        return "java" if (JARS / "activemq-broker.jar").exists() else "activemq"

    def start(self, home: Home) -> None:
        port, data = home.port(), home.make("data/")
        config = home.make("activemq.xml", BROKER.format(names=NAMES, data=data, port=port))
        log = home.make("log4j2.properties", LOG)
        settings = [f"-Dactivemq.{name}={home.folder}" for name in ("home", "base", "data")]
        home.start(
            find_program("java"), "-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", *settings,
            f"-Dlog4j.configurationFile={log}", "-cp", ":".join([str(home.folder), *_jars()]),
            "org.apache.activemq.console.Main", "start", f"xbean:file:{config}", port=port,
        )  # fmt: skip
        self.place["url"] = f"stomp://127.0.0.1:{port}"

    def producer(self, queue: str, *, workers: int, limited: bool) -> Sender:
        return StompSender(self, _queue(queue, limited))

    def publisher(self, topic: str, *, subscribers: int) -> Sender:
        return StompSender(self, f"/topic/{topic}")

    def worker(self, queue: str, number: int, ready: Ready, handle: Handle, *, workers: int, limited: bool) -> None:
        self._consume(_queue(queue, limited), ready, handle)

    def subscriber(self, topic: str, number: int, ready: Ready, handle: Handle) -> None:
        self._consume(f"/topic/{topic}", ready, handle)

    def _consume(self, destination: str, ready: Ready, handle: Handle) -> None:
        import stomp

        class Worker(stomp.ConnectionListener):
            def on_receipt(self, frame: Any) -> None:
                ready()  # the broker knows of the subscription

            def on_message(self, frame: Any) -> None:
                handle(frame.body.encode())
                connection.ack(frame.headers["ack"])

        connection = self.connect(Worker())
        prefetch = {"activemq.prefetchSize": str(PREFETCH), "receipt": "subscribed"}
        connection.subscribe(destination, id="1", ack="client-individual", headers=prefetch)

    def connect(self, listener: Any) -> Any:
        import stomp

        connection = stomp.Connection12([(self.host, self.port)], heartbeats=(0, 0), auto_content_length=False)
        connection.set_listener("", listener)
        connection.connect(wait=True)
        return connection


class StompSender(WindowSender):
    def __init__(self, system: ActiveMQ, destination: str) -> None:
        import stomp

        super().__init__()
        sender, self._waiting, self._count = self, dict[str, bytes](), 0

        class Receipts(stomp.ConnectionListener):
            def on_receipt(self, frame: Any) -> None:
                sender.confirmed(sender._waiting.pop(frame.headers["receipt-id"]))

            def on_error(self, frame: Any) -> None:
                sender.refused(frame.headers.get("message", "refused"))

        self._connection, self._destination = system.connect(Receipts()), destination

    def send(self, body: bytes) -> None:
        self._count += 1
        receipt = str(self._count)
        self._waiting[receipt] = body
        self._connection.send(self._destination, body, headers={"persistent": "true", "receipt": receipt})


def _queue(name: str, limited: bool) -> str:
    return f"/queue/{'limited.' if limited else ''}{name}"


def _jars() -> list[str]:
    """What Debian's package and those that it needs have put there."""
    return sorted(map(str, JARS.glob("*.jar")))
