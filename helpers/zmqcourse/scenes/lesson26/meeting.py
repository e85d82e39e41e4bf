"""A place at which beacons are heard by everybody on this machine, and peers who come to it."""

from __future__ import annotations

import socket
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from zmqlive import Stage

EVERYBODY = "127.255.255.255"  # the broadcast address of the loopback network: whoever is bound to it, here
PATIENCE = 30.0  # seconds

Address = tuple[str, int]


def meeting_place() -> Address | str:
    """An address at which datagrams reach all who are bound to it; or why there is none, a sentence."""
    with suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        udp.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        udp.settimeout(1.0)
        udp.bind((EVERYBODY, 0))
        udp.sendto(b"anybody here?", udp.getsockname())
        udp.recvfrom(100)
        return udp.getsockname()
    return "This system has no broadcast on its loopback network (Linux has)."


class Party:
    """Three peers, `peer(ctx, address)`, who come to a meeting place; one more for each press of its button. `stage`
    runs. Where there is no such place nobody comes, and `said` tells why."""

    def __init__(self, peer: Callable[..., Any]) -> None:
        self.stage = Stage("Who is there?", seconds=600)
        place = meeting_place()
        self.said = place if isinstance(place, str) else ""
        if not isinstance(place, str):
            self.stage.add(peer, place, count=3, name="peer")
        self.stage.start()

    def greeted(self) -> dict[str, int]:
        """Waits until everybody has been greeted by everybody else. Peer → from how many connections it got
        something."""
        if self.said:
            print(self.said)
            return {}
        names = [role.name for role in self.stage.roles]
        self.stage.wait(lambda _: all(n >= len(names) - 1 for n in self._heard().values()), timeout=PATIENCE)
        return self._heard()

    def _heard(self) -> dict[str, int]:
        trace = self.stage.trace()
        heard: dict[str, set[str]] = {role.name: set() for role in self.stage.roles}
        for message in trace.messages:
            if message.received is not None:
                heard[trace.role_of(message.target)].add(trace.role_of(message.source))
        return {name: len(others) for name, others in heard.items()}
