"""What becomes of values on their way: between readers of two ages, and in several formats."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import zmq

Reads = Callable[[bytes], Any]
LONG = 20_000  # milliseconds for what happens within one second on any machine


@contextmanager
def _pair() -> Iterator[tuple[zmq.Socket[Any], zmq.Socket[Any]]]:
    with zmq.Context() as ctx, ctx.socket(zmq.PUSH) as push, ctx.socket(zmq.PULL) as pull:
        push.linger, pull.rcvtimeo = 0, LONG
        pull.bind("tcp://127.0.0.1:*")
        push.connect(pull.last_endpoint.decode())
        yield push, pull


def understood(ways: Mapping[str, tuple[bytes, Reads, Any]]) -> dict[str, bool | str]:
    """For each way, a message, who reads it, and what it means: whether that is what is read (True), or "refused", or
    "wrong". The messages are sent and received."""
    found: dict[str, bool | str] = {}
    with _pair() as (push, pull):
        for name, (message, reads, meaning) in ways.items():
            push.send(message)
            came = pull.recv()
            try:
                found[name] = reads(came) == meaning or "wrong"
            except (KeyError, TypeError, ValueError):
                found[name] = "refused"
    return found


def returns(
    formats: Mapping[str, tuple[Callable[[Any], bytes], Reads]], values: Mapping[str, Any]
) -> dict[str, dict[str, bool | str]]:
    """For each value and each format (who writes, who reads): whether it comes back as it went (True), or is
    "refused" by either, or comes as "another"."""
    found: dict[str, dict[str, bool | str]] = {name: {} for name in values}
    with _pair() as (push, pull):
        for name, value in values.items():
            for format, (writes, reads) in formats.items():
                try:
                    push.send(writes(value))
                    found[name][format] = reads(pull.recv()) == value or "another"
                except (TypeError, ValueError, OverflowError):
                    found[name][format] = "refused"
    return found
