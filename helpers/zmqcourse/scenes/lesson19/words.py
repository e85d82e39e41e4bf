"""What is said in MDP 0.2 (RFC 18), and where it is found in a record."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from zmqlive import Stage
from zmqlive.trace import Message, Trace

Role = Callable[..., Any]
Policy = Callable[..., Any]
CLIENT, WORKER = b"MDPC02", b"MDPW02"
C_REQUEST, C_FINAL = b"\1", b"\3"
READY, REQUEST, W_FINAL, HEARTBEAT = b"\1", b"\2", b"\4", b"\5"


def said(trace: Trace, protocol: bytes, command: bytes, *, by: str = "", to: str = "") -> list[Message]:
    """The commands of this kind in the record, of roles whose names begin so."""
    return [
        m
        for m in trace.messages
        if trace.role_of(m.source).startswith(by)
        and (not to or trace.role_of(m.target).startswith(to))
        and [protocol, command] in (list(m.frames[:2]), list(m.frames[1:3]))
    ]


def registered(count: int) -> Callable[[Stage], bool]:
    return lambda stage: len(said(stage.trace(), WORKER, READY, to="broker")) >= count
